"""Hear phones in a sound: a first pass measures the level, a second one scores every 10 ms, a path is chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from .. import weights
from ..progress import Progress, silent
from . import features
from .path import best_path
from .phones import BILABIAL, INVENTORY, LABIODENTAL, NUMBER, Phones, from_frames
from .sound import Sound

if TYPE_CHECKING:
    from .phones_net.net import PhoneNet

LEVEL = 0.1
"""The root mean square (of 50 ms) that loud speech is brought to before it is listened to."""

QUIET = 1e-4  # below this level (-80 dBFS) a sound counts as digital silence and is not blown up
CHUNK = 1600  # frames scored at a time: 16 s
FAVOUR = 1.5
"""What p b m and f v are favoured by, in nats: lips that miss a contact are what an eye sees first."""

SURE = 10
"""Frames from a phone's start on that tell its confidence; so it is known before a long phone ends."""


@dataclass(frozen=True)
class Heard:
    """What the phone network says: `scores` (T, 44) float32 log-probabilities and `loudness` (T,) float32, both at
    100 frames a second. Loudness is a root mean square with loud speech at `LEVEL`.

    In half the bits, pieces of a sound would round to other likelihoods than the whole now and then.
    """

    scores: np.ndarray
    loudness: np.ndarray


@cache
def network() -> PhoneNet:
    """Load the phone network once. Raises `WeightsError`."""
    from .phones_net.net import PhoneNet

    stored = weights.load("phones")
    return stored.fill(PhoneNet(**stored.config))


def listen(sound: Sound, progress: Progress = silent, gain: float | None = None) -> Heard:
    """Score the phones of a sound, piece by piece: memory grows by 180 bytes a frame, whatever the length.

    `gain` brings loud speech to `LEVEL`; without one the whole sound is measured. Raises `InputError` when the sound
    breaks off, `WeightsError` when the network cannot be loaded.
    """
    stage = "Listening"
    loudness = _loudness(sound, lambda done: progress(0.15 * done, stage))
    gain = level_gain(loudness) if gain is None else gain
    net = network()
    total = len(loudness)
    scores = np.empty((total, len(INVENTORY)), np.float32)
    for start, mel in _mel_chunks(sound, gain, total, net.reach):
        end = min(total, start + CHUNK)
        scores[start:end] = score(net, mel)[: end - start]
        progress(0.15 + 0.85 * end / total, stage)
    return Heard(scores, loudness * gain)


def score(net: PhoneNet, mel: np.ndarray) -> np.ndarray:
    """Give the log-probabilities of features (reach + T + reach, 64) without their context, (T, 44)."""
    from .phones_net.net import infer

    return infer(net, mel).numpy()[net.reach : len(mel) - net.reach]


def loudness_of(sound: Sound, progress: Progress = silent, gain: float | None = None) -> np.ndarray:
    """Measure a sound without listening for phones: `Heard.loudness`, (T,). Raises `InputError` as `listen` does."""
    loudness = _loudness(sound, lambda done: progress(done, "Listening"))
    return loudness * (level_gain(loudness) if gain is None else gain)


def gain_of(sound: Sound) -> float:
    """Measure how a microphone is set, for `listen` and for `stream.Stream`. Raises `InputError` as `listen` does."""
    return level_gain(_loudness(sound, lambda _: None))


def level_gain(loudness: np.ndarray) -> float:
    """Give the factor that brings loud speech to `LEVEL`; 1 for silence. `loudness` is (T,) per 10 ms."""
    count = len(loudness) // 5
    if count == 0:
        return 1.0
    level = float(np.percentile(np.sqrt((loudness[: count * 5].reshape(count, 5) ** 2).mean(axis=1)), 95))
    return LEVEL / level if level > QUIET else 1.0


def _loudness(sound: Sound, progress: Callable[[float], None]) -> np.ndarray:
    """Measure every 10 ms, (T,) float32; a last part of a frame counts as one."""
    parts, rest, seen = [], np.zeros(0, np.float32), 0
    expected = max(1.0, sound.duration * features.RATE)
    for block in sound.blocks():
        rest = np.concatenate([rest, block])
        whole = len(rest) // features.HOP * features.HOP
        parts.append(features.rms(rest[:whole]))
        rest, seen = rest[whole:], seen + len(block)
        progress(min(1.0, seen / expected))
    if len(rest):
        parts.append(features.rms(np.pad(rest, (0, features.HOP - len(rest)))))
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


class Windows:
    """Cut a stream of sound into features of `chunk` frames at a time with `reach` frames of context on both sides.

    Silence lies around the sound. `start` is the first frame that comes next.
    """

    def __init__(self, reach: int, chunk: int) -> None:
        """Start before the first sample; both numbers are even, as the network works on pairs of frames."""
        self.reach, self.chunk, self.start = reach, chunk, 0
        self.samples = np.zeros(reach * features.HOP + features.MARGIN, np.float32)
        self.mel = np.zeros((0, features.BANDS), np.float32)  # from frame `start - reach` on

    def feed(self, samples: np.ndarray, gain: float) -> Iterator[np.ndarray]:
        """Take samples, (N,), and give the features of all whole chunks, (chunk + 2 reach, 64) each."""
        self._extend(np.clip(samples * np.float32(gain), -1, 1))
        need = self.chunk + 2 * self.reach
        while len(self.mel) >= need:
            yield self._next(need)

    def finish(self, total: int) -> Iterator[np.ndarray]:
        """Give the rest of `total` frames; the last chunk may have one more, to be even."""
        self._extend(np.zeros((self.chunk + 2 * self.reach) * features.HOP, np.float32))
        while self.start < total:
            frames = min(self.chunk, total - self.start)
            yield self._next(frames + frames % 2 + 2 * self.reach)

    def _extend(self, samples: np.ndarray) -> None:
        """Add the features of all frames whose samples are there."""
        self.samples = np.concatenate([self.samples, samples])
        mel = features.log_mel(self.samples)
        self.mel, self.samples = np.concatenate([self.mel, mel]), self.samples[len(mel) * features.HOP :]

    def _next(self, size: int) -> np.ndarray:
        """Give the next features and go on by a chunk."""
        mel, self.mel = self.mel[:size], self.mel[self.chunk :]
        self.start += self.chunk
        return mel


def _mel_chunks(sound: Sound, gain: float, total: int, reach: int) -> Iterator[tuple[int, np.ndarray]]:
    """Give (first frame, features with `reach` frames of context on both sides) for every `CHUNK` frames."""
    windows = Windows(reach, CHUNK)
    for block in sound.blocks():
        for mel in windows.feed(block, gain):
            yield windows.start - CHUNK, mel
    for mel in windows.finish(total):
        yield windows.start - CHUNK, mel


def favour() -> np.ndarray:
    """Give what every phone's scores are raised by, (44,) float32."""
    raised = np.zeros(len(INVENTORY), np.float32)
    raised[[NUMBER[label] for label in (*BILABIAL, *LABIODENTAL)]] = FAVOUR
    return raised


def hear_frames(heard: Heard, progress: Progress = silent) -> np.ndarray:
    """Choose the likeliest phone of every frame, (T,) places in `INVENTORY`; p b m and f v are favoured."""
    return best_path(heard.scores, favour=favour(), progress=progress)


def recognise(heard: Heard, progress: Progress = silent) -> Phones:
    """Turn scores into phones that follow one another without gaps, silence included."""
    path = hear_frames(heard, progress)
    phones = from_frames(path, features.FRAME_RATE)
    starts = np.flatnonzero(np.diff(path, prepend=-1))
    return replace(phones, confidence=confidence(heard.scores, path, starts))


def confidence(scores: np.ndarray, path: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Give how sure phones are that start at frames (P,) of `path` (T,), (P,): below 1, as nobody chose them."""
    ends = np.minimum(np.r_[starts[1:], len(path)], starts + SURE)[: len(starts)]
    sure = np.exp(scores[np.arange(len(path)), path].astype(np.float64))
    means = [sure[start:end].mean() for start, end in zip(starts, ends, strict=True)]
    return np.minimum(np.array(means, np.float64), 0.999)
