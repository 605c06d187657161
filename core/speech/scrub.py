"""A mouth at any frame at once, while its sliders are moved: only a second around that frame is solved.

As a `Stream` does, and for the same reason: what decides how a mouth moves reaches only so far, so a window of a sound
that is solved by the very functions that solve all of it gives the same.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ..performance import Performance, between
from . import visemes
from .features import FRAME_RATE
from .lips import FPS
from .lipsync import LipsyncOptions, solve
from .phones import Phones
from .rate import rate_of
from .recognise import Heard
from .stream import MOVES, STEP, reaches

LENGTH = 1.0
"""Seconds that are solved together: few enough to be ready within a frame, and enough that playing seldom asks."""


class Scrub:
    """Gives single frames of what `lipsync.solve` gives as a whole, within 1e-5.

    What was solved is kept until `turn` takes other options. Raises `WeightsError` as `solve` does.
    """

    def __init__(self, phones: Phones, heard: Heard, options: LipsyncOptions) -> None:
        """Keep what is said and what was heard; nothing is solved yet."""
        self.phones, self.heard = phones, heard
        self.turn(options)

    def turn(self, options: LipsyncOptions) -> None:
        """Take other options; only what is asked for from now on is solved by them."""
        self.options, self.kind = options, visemes.set_of(options.visemes)
        self._windows: dict[int, Performance] = {}
        self._moments = visemes.moments(self.phones, options) if self.kind is not None else []

    @property
    def whole(self) -> int:
        """Frames at the network's rate."""
        return max(1, round(len(self.heard.loudness) / FRAME_RATE * FPS))

    @property
    def frame_count(self) -> int:
        """Frames at the options' rate."""
        return self.whole if self.options.fps == FPS else max(1, round(self.whole / FPS * self.options.fps))

    def at(self, frame: float) -> Performance:
        """Give one frame, or what lies between two; before the first and after the last every channel is 0."""
        if not 0 <= frame <= self.frame_count - 1:
            first = self._window(0)
            return replace(first, values=np.zeros((1, len(first.channels)), np.float32))
        low, length = math.floor(frame), self._length
        window, start = self._window(low // length), low // length * length
        rows = window.values
        if low - start == len(rows) - 1 and frame > low:
            rows = np.concatenate([rows, self._window(low // length + 1).values[:1]])
        return replace(window, values=between(rows, np.array([frame - start])))

    @property
    def _length(self) -> int:
        return max(1, round(LENGTH * self.options.fps))

    def _window(self, number: int) -> Performance:
        """Give the frames of one window, solved now or before."""
        if number not in self._windows:
            first = number * self._length
            self._windows[number] = self._solved(range(first, min(first + self._length, self.frame_count)))
        return self._windows[number]

    def _solved(self, frames: range) -> Performance:
        """Solve some frames: at the network's rate as far as they look, then at the options'."""
        fps = self.options.fps
        begin = max(0, math.floor((frames.start - 0.5) * FPS / fps) - 1)
        end = min(self.whole, math.ceil((frames.stop - 0.5) * FPS / fps) + 2)
        before, after = reaches(self.options)
        low = max(0, begin // MOVES * STEP - before)
        high = min(len(self.heard.loudness), -(-end // MOVES) * STEP + after)
        heard = Heard(self.heard.scores[low:high], self.heard.loudness[low:high])
        moved = solve(_cut(self.phones, low / FRAME_RATE, high / FRAME_RATE), heard, replace(self.options, fps=FPS))
        rows = moved.values[begin - low // STEP * MOVES : end - low // STEP * MOVES]
        made = rate_of(moved.channels, FPS, fps).piece(rows, begin, frames, self._moments)
        return replace(moved, fps=float(fps), values=made)


def _cut(phones: Phones, low: float, high: float) -> Phones:
    """Give what is said between two times, in seconds from the first of them."""
    there = (phones.end > low) & (phones.start < high)
    label = tuple(name for name, kept in zip(phones.label, there, strict=True) if kept)
    # rounded, so that a phone that began right on a frame still does
    start, end = ((np.clip(edge[there], low, high) - low).round(9) for edge in (phones.start, phones.end))
    return Phones(label, start, end, phones.confidence[there])
