"""A performance as few keys: cubic curves that Blender's F-curves hold exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..performance import Performance

LONE = 0.1
"""Seconds between a key that has no neighbor and its handles."""


@dataclass(frozen=True)
class Curve:
    """One column: `value` (K,) at `time` (K,) seconds, rising, passed with `slope` (K,) per second; all float64.

    Between two keys the curve is a cubic Hermite, which is a Bezier with handles at a third of the span; outside it
    holds. A stepped curve keeps each value until the next key instead, and its slopes mean nothing. Raises `InputError`
    when the parts do not fit together.
    """

    time: np.ndarray
    value: np.ndarray
    slope: np.ndarray
    stepped: bool = False

    def __post_init__(self) -> None:
        if not self.time.shape == self.value.shape == self.slope.shape == (len(self.time),):
            raise InputError("a curve needs a time, a value and a slope for every key")
        if np.any(np.diff(self.time) <= 0):
            raise InputError("the keys of a curve must follow each other in time")

    def at(self, times: np.ndarray) -> np.ndarray:
        """Give the curve's values at times (T,) in seconds, (T,); 0 when it has no keys."""
        if not len(self.time):
            return np.zeros(len(times))
        before = np.clip(np.searchsorted(self.time, times, side="right") - 1, 0, len(self.time) - 1)
        if self.stepped or len(self.time) == 1:
            return self.value[before]
        before = np.minimum(before, len(self.time) - 2)
        after = before + 1
        span = self.time[after] - self.time[before]
        u = np.clip((times - self.time[before]) / span, 0, 1)
        v = 1 - u
        rise = self.value[after] - self.value[before]
        lean = v * self.slope[before] - u * self.slope[after]
        return self.value[before] + rise * u * u * (3 - 2 * u) + span * u * v * lean

    def handles(self) -> tuple[np.ndarray, np.ndarray]:
        """Give where the Bezier handles before and after each key lie, (K, 2) each, as time and value."""
        third = np.diff(self.time) / 3
        ends = third if len(third) else np.full(1, LONE)
        before, after = np.append(ends[:1], third), np.append(third, ends[-1:])
        before, after = before[: len(self.time)], after[: len(self.time)]
        left = np.stack([self.time - before, self.value - before * self.slope], axis=1)
        right = np.stack([self.time + after, self.value + after * self.slope], axis=1)
        return left, right


@dataclass(frozen=True)
class Keys:
    """What a face does over time, as an animator would key it: `curves[c]` is `channels[c]` on layer `layers[c]`.

    All keys lie on frames, at whole multiples of 1 / `fps` seconds, and within the first `frame_count` of them. Raises
    `InputError` when the parts do not fit together.
    """

    fps: float
    frame_count: int
    channels: tuple[str, ...]
    layers: tuple[str, ...]
    curves: tuple[Curve, ...]

    def __post_init__(self) -> None:
        if not len(self.channels) == len(self.layers) == len(self.curves):
            raise InputError(f"{len(self.channels)} channels cannot have {len(self.curves)} curves")

    @property
    def key_count(self) -> int:
        """How many keys there are on all curves together."""
        return sum(len(curve.time) for curve in self.curves)

    def at(self, times: np.ndarray) -> np.ndarray:
        """Give every column's values at times (T,) in seconds, (T, C) float64."""
        if not self.curves:
            return np.zeros((len(times), 0))
        return np.stack([curve.at(np.asarray(times, float)) for curve in self.curves], axis=1)

    def sample(self, fps: float | None = None) -> Performance:
        """Give the motion frame by frame, at the keys' own rate or another, as long as what was reduced."""
        rate = self.fps if fps is None else float(fps)
        count = round(self.frame_count / self.fps * rate)
        if self.frame_count:
            count = max(1, count)
        values = self.at(np.arange(count) / rate).astype(np.float32)
        return Performance(rate, self.channels, self.layers, values)
