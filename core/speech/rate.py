"""Another frame rate, for a whole motion or piece by piece: slow frames show contacts that they would pass by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from ..performance import Performance, between

SLOW = 0.75  # below this part of the rate it had, frames of a motion pass contacts by
SHUT = 0.895  # of the jaw's opening that lips take back: from here on they touch
SAME = 1e-4  # frames that are shut alike


class Rate:
    """Turns frames at `source` a second into frames at `fps`: `feed` pieces, `finish` with the rest.

    Frame `f` stands for `f / fps` seconds, between the two frames around it. At slow rates each frame takes the most
    closed moment of its time, by the columns of jawOpen and mouthClose in `lips`, or those that `feed` is told.
    """

    def __init__(self, channels: int, source: float, fps: float, lips: tuple[int, int] | None = None) -> None:
        """Start before the first frame."""
        self.source, self.fps, self.ratio = source, fps, source / fps
        self.lips = lips if fps < source * SLOW else None
        self.values = np.zeros((0, channels), np.float32)  # those still needed, from frame `begin` on
        self.begin = self.made = 0
        self.moments: list[float] = []
        self.shown: dict[int, np.ndarray] = {}  # frames that are to come and show a moment as it was
        self.taken = -1

    @property
    def delay(self) -> float:
        """Seconds beyond a frame's time that the source has to reach before the frame is certain."""
        return 0.0 if self.ratio == 1 else 0.5 / self.fps + 1 / self.source

    def feed(self, values: np.ndarray, moments: Iterable[float] = ()) -> np.ndarray:
        """Take the next frames, (F, C), and give those that are certain now, (G, C).

        `moments` are seconds within these frames, in order; at slow rates the frame nearest to each shows it, or the
        next one where that shows another.
        """
        self.values = np.concatenate([self.values, values])
        if self.fps < self.source:
            self.moments += moments
        seen = self.begin + len(self.values)
        while self.moments and round(self.moments[0] * self.source) < seen:
            self._show(self.moments.pop(0), seen)
        end = seen if self.ratio == 1 else max(self.made, int((seen - 1) / self.ratio + 0.5))
        made = self._make(end)
        passed = min(max(0, int((self.made - 0.5) * self.ratio) - 1), seen) - self.begin
        if passed > 0:
            self.values, self.begin = self.values[passed:], self.begin + passed
        return made

    def finish(self) -> np.ndarray:
        """Give the frames that are left, (G, C); a motion of any length has one."""
        seen = self.begin + len(self.values)
        for moment in self.moments:
            self._show(moment, seen)
        count = max(1, round(seen / self.source * self.fps)) if seen else 0
        return self._make(count)

    def piece(self, values: np.ndarray, begin: int, frames: range, moments: Iterable[float] = ()) -> np.ndarray:
        """Give some frames out of the middle of a motion instead, (G, C): `values` are the source's from `begin` on,
        as far as these frames look, and `moments` those of the whole motion."""
        self.values, self.begin, self.made = values, begin, frames.start
        self.shown, self.taken = {}, -1
        for moment in moments if self.fps < self.source else ():
            frame = self._place(moment)
            if moment >= 0 and frame in frames:
                self.shown[frame] = values[np.clip(round(moment * self.source) - begin, 0, len(values) - 1)]
        return self._make(frames.stop)

    def _show(self, moment: float, seen: int) -> None:
        """Keep how it is at a moment for the frame that is to show it."""
        frame = self._place(moment)
        if moment >= 0:
            self.shown[frame] = self.values[min(round(moment * self.source), seen - 1) - self.begin]

    def _place(self, moment: float) -> int:
        """Find the frame that is to show a moment: the nearest, or the next that shows no other."""
        frame = max(round(moment * self.fps), self.taken + 1)
        if moment >= 0:
            self.taken = frame
        return frame

    def _make(self, end: int) -> np.ndarray:
        """Make the frames up to `end`."""
        frames = np.arange(self.made, end)
        self.made = max(self.made, end)
        if not len(frames):
            return self.values[:0]
        if self.ratio == 1:
            return self.values[frames[0] - self.begin : end - self.begin]
        made = between(self.values, frames * self.ratio - self.begin)
        if self.lips is not None:
            self._close(frames, made, self.lips)
        for place, frame in enumerate(frames.tolist()):
            if frame in self.shown:
                made[place] = self.shown.pop(frame)
        return made

    def _close(self, frames: np.ndarray, made: np.ndarray, lips: tuple[int, int]) -> None:
        """Let frames in whose time lips touch show that."""
        jaw, close = (self.values[:, column] for column in lips)
        shut = np.where(jaw > 1e-3, close / np.maximum(jaw, 1e-3), 0.0)
        for place, frame in enumerate(frames.tolist()):
            low, high = (frame - 0.5) * self.ratio, (frame + 0.5) * self.ratio
            first = max(0, int(np.ceil(low - 1e-6))) - self.begin
            last = int(np.floor(high + 1e-6)) + 1 - self.begin
            part = shut[first:last]
            if len(part) and part.max() > SHUT:
                made[place] = self.values[first + int((part > part.max() - SAME).argmax())]


def at_rate(performance: Performance, fps: float) -> Performance:
    """Give another frame rate. Slow rates take each frame's most closed moment, so that no p, b, m is lost."""
    return convert(performance, rate_of(performance.channels, performance.fps, fps))


def rate_of(channels: tuple[str, ...], source: float, fps: float) -> Rate:
    """Start a rate for these channels, ARKit's or visemes."""
    lips = ("jawOpen", "mouthClose")
    columns = (channels.index(lips[0]), channels.index(lips[1])) if set(lips) <= set(channels) else None
    return Rate(len(channels), source, fps, columns)


def convert(performance: Performance, rate: Rate, moments: Iterable[float] = ()) -> Performance:
    """Turn a whole motion into another rate, see `Rate.feed`."""
    values = np.concatenate([rate.feed(performance.values, moments), rate.finish()])
    return replace(performance, fps=float(rate.fps), values=values)
