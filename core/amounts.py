"""How far a recorded performance moves: louder or softer as a whole, and its jaw, lips and head by themselves."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from .options import check, option
from .performance import POSE, Performance, between


@dataclass(frozen=True)
class Amounts:
    """How far what was recorded moves; 1 everywhere leaves it as it is. Raises `InputError` outside 0..2."""

    strength: float = option(1.0, "how far the face moves", low=0.0, high=2.0)
    jaw: float = option(1.0, "how far the jaw moves", low=0.0, high=2.0)
    lips: float = option(1.0, "how far the lips move", low=0.0, high=2.0)
    head: float = option(1.0, "how far the head turns", low=0.0, high=2.0)

    def __post_init__(self) -> None:
        check(self)

    def of(self, channel: str) -> float:
        """Give what a channel is multiplied by.

        mouthClose goes with the jaw, which it takes back where lips touch: so they go on closing.
        """
        if channel.startswith("head"):
            return self.head
        if channel.startswith("jaw") or channel == "mouthClose":
            return self.strength * self.jaw
        return self.strength * (self.lips if channel.startswith("mouth") else 1.0)


def scaled(performance: Performance, amounts: Amounts) -> Performance:
    """Give a performance that moves as far as asked for; shapes are held within 0..1, but where nothing is asked for.

    mouthClose is above jawOpen only where it was, by as much in proportion: capped, lips would jump off 1.
    """
    if amounts == Amounts():
        return performance
    factors = np.array([amounts.of(name) for name in performance.channels], np.float32)
    values = performance.values * factors
    shapes = [column for column, name in enumerate(performance.channels) if name not in POSE]
    values[:, shapes] = values[:, shapes].clip(0.0, 1.0)
    return replace(performance, values=values)


class Frames:
    """Gives single frames of what `scaled` and `resample` give as a whole, so that no slider waits for all of it."""

    def __init__(self, performance: Performance) -> None:
        """Keep the performance, as it is and at its own rate."""
        self.performance, self.amounts, self.fps = performance, Amounts(), performance.fps

    @property
    def frame_count(self) -> int:
        """Frames at `fps`."""
        return max(1, round(self.performance.duration * self.fps))

    def at(self, frame: float) -> Performance:
        """Give one frame, or what lies between two; before the first and after the last every channel is 0."""
        whole = self.performance
        if not 0 <= frame <= self.frame_count - 1:
            return replace(whole, fps=self.fps, values=np.zeros((1, len(whole.channels)), np.float32))
        low = math.floor(frame)
        ends = np.array([low, low + 1]) * (whole.fps / self.fps)
        first, last = np.minimum(ends, whole.frame_count - 1).astype(int)
        piece = scaled(replace(whole, values=whole.values[first : last + 2]), self.amounts)
        two = between(piece.values, ends - first)
        return replace(piece, fps=self.fps, values=between(two, np.array([frame - low])))
