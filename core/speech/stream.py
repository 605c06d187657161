"""Lip sync while sound comes in: pieces of any size give, 1.4 s later, what the whole sound gives at once.

Everything that `lipsync` does reaches only so far: the phone network, the look-ahead of the path, the lips network, the
time in which a mouth comes to rest, smoothing. So a `Stream` solves short windows of what is decided with the very
functions that solve a whole sound, keeps of each what its edges cannot change, and forgets what is behind.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import InputError
from ..performance import Performance
from . import visemes
from .ear import Ear
from .features import FRAME_RATE
from .lips import FPS
from .lipsync import LipsyncOptions, solve
from .path import AHEAD, PathFinder
from .phones import INVENTORY, Phones, from_frames
from .rate import rate_of
from .recognise import Heard, confidence, favour

REACH = 55
"""Hundredths of a second to either side that decide how a mouth moves: the lips network sees 0.4 s of likely phones and
of loudness, which are averages over 0.05 s; how sure a phone is shows 0.1 s after its start; and whether a mouth comes
to rest after a phone 0.5 s after its end."""

STEP, MOVES = 5, 3  # as many hundredths of a second are as many frames of the mouth: windows begin and end there
NO_TEXT = "live lip sync follows the sound alone: leave the transcript out"
NO_GAIN = "a gain of {} makes nothing audible: give a factor above 0, or none to follow the sound"
NO_SOUND = "live lip sync takes samples as floating-point numbers in one row, mono, 16000 a second"


class Stream:
    """Lip-syncs sound that is fed piece by piece: `feed` gives the frames that are final now, `finish` the rest.

    Together they are what `lipsync` gives for the whole sound at the same gain, whatever the sizes of the pieces:
    within 1e-5, as sums are rounded otherwise. `gain` brings loud speech to `recognise.LEVEL` (`recognise.gain_of`
    tells it for a recording of the microphone); without one it follows what was heard so far (`Level`). Memory stays
    the same however long a stream goes on. Raises `InputError` for a transcript or a gain that is no factor,
    `WeightsError` as `lipsync` does.
    """

    def __init__(self, options: LipsyncOptions, gain: float | None = None) -> None:
        """Load the networks and start before the first sample."""
        if options.transcript.strip():
            raise InputError(NO_TEXT)
        if gain is not None and not 0 < gain < np.inf:
            raise InputError(NO_GAIN.format(gain))
        self.options, self.full = options, replace(options, fps=FPS)  # windows are solved at the network's rate
        self.kind = visemes.set_of(options.visemes)
        self.before, self.after = reaches(options)
        self.ear, self.path = Ear(gain), PathFinder(len(INVENTORY), favour=favour())
        # what was heard, and phones as far as they are decided, per hundredth of a second from frame `begin` on
        self.loudness = np.zeros(0, np.float32)
        self.scores = np.zeros((0, len(INVENTORY)), np.float32)
        self.phones = np.zeros(0, np.int16)
        self.begin = 0
        self.sure: float | None = None  # confidence of the first of these phones, where it began before
        self.solved = 0  # frames of the mouth
        self.ended = False
        # nothing said in no time: the channels, and the mouth at rest
        nothing = Phones((), np.zeros(0), np.zeros(0), np.zeros(0))
        self.still = solve(nothing, Heard(self.scores, self.loudness), self.full)
        self.rate = rate_of(self.still.channels, FPS, options.fps)

    @property
    def delay(self) -> float:
        """Seconds of sound after a frame's time that have to be fed until the frame comes out, at the most.

        With the default options 1.52: the phone network sees 0.62 and goes on in steps of 0.1, the path looks 0.2
        ahead, and 0.55 is what the mouth's motion depends on. Smoothing adds four times itself, a lead itself, a frame
        rate other than 60 half a frame and 0.02, and a level that is followed 0.04.
        """
        return self.ear.delay + (AHEAD + self.after) / FRAME_RATE + self.rate.delay

    def feed(self, samples: np.ndarray) -> Performance | None:
        """Take the next samples, (N,) within -1..1, mono at 16 kHz (see `sound.Resampler`), and give the next frames
        that are final, or None. Raises `InputError` for what is no such row of numbers."""
        if self.ended:
            raise ValueError("a stream that is finished takes no more sound")
        row = np.asarray(samples)
        if row.ndim != 1 or row.dtype.kind != "f" or not np.isfinite(row).all():
            raise InputError(NO_SOUND)
        made = []
        for heard in self.ear.feed(row.astype(np.float32)):
            self._take(heard, self.path.feed(heard.scores))
            end = (self.begin + len(self.phones) - self.after) // STEP * MOVES
            if end > self.solved:
                made.append(self.rate.feed(*self._solve(end)))
        values = np.concatenate(made) if made else self.still.values[:0]
        return self._performance(values) if len(values) else None

    def finish(self) -> Performance:
        """Give the rest of the frames; a stream of any length has one."""
        self.ended = True
        heard = self.ear.finish()
        decided = self.path.feed(heard.scores)
        self._take(heard, np.concatenate([decided, self.path.finish()]))
        end = max(1, round((self.begin + len(self.phones)) / FRAME_RATE * FPS))
        made = [self.rate.feed(*self._solve(end))] if end > self.solved else []
        return self._performance(np.concatenate([*made, self.rate.finish()]))

    def _performance(self, values: np.ndarray) -> Performance:
        """Name the channels of values, (F, C)."""
        return replace(self.still, fps=float(self.options.fps), values=values)

    def _take(self, heard: Heard, decided: np.ndarray) -> None:
        """Keep what was heard and decided next."""
        self.loudness = np.concatenate([self.loudness, heard.loudness])
        self.scores = np.concatenate([self.scores, heard.scores])
        self.phones = np.concatenate([self.phones, decided])

    def _solve(self, end: int) -> tuple[np.ndarray, list[float]]:
        """Move the mouth up to its frame `end`: gives values (F, C) and, for visemes, the moments of contacts there."""
        count = len(self.phones)
        starts = np.flatnonzero(np.diff(self.phones, prepend=-1))
        sure = confidence(self.scores[:count], self.phones, starts)
        if self.sure is not None:
            sure[0] = self.sure
        phones = replace(from_frames(self.phones, FRAME_RATE), confidence=sure)
        moved = solve(phones, Heard(self.scores[:count], self.loudness[:count]), self.full)
        first = self.begin // STEP * MOVES
        values = moved.values[self.solved - first : end - first]
        moments = [] if self.kind is None else self._moments(phones, starts, end)
        self.solved = end
        self._forget(starts, sure)
        return values, moments

    def _moments(self, phones: Phones, starts: np.ndarray, end: int) -> list[float]:
        """List the moments of contacts from frame `solved` to frame `end`, in time of the whole."""
        edges = (np.append(starts, len(self.phones)) + self.begin) / FRAME_RATE
        whole = replace(phones, start=edges[:-1], end=edges[1:])
        return [at for at in visemes.moments(whole, self.options) if self.solved <= at * FPS < end]

    def _forget(self, starts: np.ndarray, sure: np.ndarray) -> None:
        """Drop what no later frame depends on."""
        cut = self.solved // MOVES * STEP - self.before - self.begin
        if cut <= 0:
            return
        first = int(np.searchsorted(starts, cut, side="right")) - 1
        self.sure = float(sure[first]) if starts[first] < cut else None
        self.loudness, self.scores, self.phones = self.loudness[cut:], self.scores[cut:], self.phones[cut:]
        self.begin += cut


def reaches(options: LipsyncOptions) -> tuple[int, int]:
    """Give how far before and after a frame lies what decides about it, in hundredths of a second, whole steps."""
    blur = _steps(4 * options.smoothing * FPS + 1) if options.smoothing else 0  # where scipy cuts a Gaussian off
    shift = _steps(round(options.lead * FPS))
    return REACH + blur + max(0, -shift + STEP), REACH + blur + shift


def _steps(frames: float) -> int:
    """Round frames of the mouth up to whole steps, in hundredths of a second."""
    return int(np.ceil(frames / MOVES)) * STEP
