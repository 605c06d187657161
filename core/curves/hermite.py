"""Cubic Hermite curves through few keys, many columns at once: their best slopes, and how far they are off.

Columns lie one after the other in one flat array, so that a minute of sixty channels is a handful of numpy calls.
Every slope is held to what keeps its curve between the values of the two keys around it (the box of Fritsch and
Carlson, Monotone Piecewise Cubic Interpolation, 1980): nothing overshoots, and Bezier handles lie between the keys.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STEEP = 3.0
"""A curve is monotone when both its slopes lie between 0 and so many times its chord's."""
LEAN = 0.01
"""How much the samples' own slope counts where a key has few samples around it."""
SWEEPS = 8
"""Half-sweeps over the keys' slopes; neighbors hardly pull at each other, so that few settle them."""


@dataclass(frozen=True)
class Fit:
    """Keys at flat positions `at` (N,) with `slope` (N,) per frame; `error` (C, F) is curve minus samples."""

    at: np.ndarray
    slope: np.ndarray
    error: np.ndarray


def fit(
    values: np.ndarray,
    keyed: np.ndarray,
    tied: np.ndarray | None = None,
    ends: np.ndarray | None = None,
) -> Fit:
    """Lay curves through the keyed samples, with the slopes that miss the other samples least.

    values (C, F), F at least 2; keyed (C, F) bool, true at both ends of every column. The slopes are the least squares
    within their boxes. Keys at flat positions of one row of `tied` (G, K) get one slope; `ends` (2, C) are slopes per
    frame that first and last keys should have.
    """
    count, frames = values.shape
    flat, at = values.ravel(), np.flatnonzero(keyed)
    length = np.append(np.diff(at), 1)
    rise = np.append(np.diff(flat[at]), 0)
    last = at % frames == frames - 1  # from here to the start of the next column there is no curve
    low, high = _box(STEEP * rise / length, last)
    if ends is not None:
        first = np.append(True, last[:-1])
        low[first] = high[first] = np.clip(ends[0], low[first], high[first])
        low[last] = high[last] = np.clip(ends[1], low[last], high[last])

    segment = np.repeat(np.arange(len(at)), length)
    span = length[segment].astype(flat.dtype)
    u = (np.arange(len(flat)) - at[segment]) / span
    v = 1 - u
    leave, arrive = span * u * v * v, -span * u * u * v  # what a slope of 1 at either key adds
    missed = flat - (flat[at][segment] + rise[segment] * (u * u * (3 - 2 * u)))

    # tridiagonal normal equations, solved by turns for even and odd keys
    both = np.add.reduceat(leave * arrive, at)[:-1]
    own = np.add.reduceat(leave * leave, at) + LEAN
    own[1:] += np.add.reduceat(arrive * arrive, at)[:-1]
    guess = _slopes(values).ravel()[at]
    pull = np.add.reduceat(leave * missed, at) + LEAN * guess
    pull[1:] += np.add.reduceat(arrive * missed, at)[:-1]
    slope = np.clip(guess, low, high)
    for sweep in range(SWEEPS):
        turn = slice(sweep % 2, None, 2)
        beside = np.append(both * slope[1:], 0)
        beside[1:] += both * slope[:-1]
        slope[turn] = np.clip((pull - beside) / own, low, high)[turn]
    if tied is not None and tied.size:
        rows = np.searchsorted(at, tied)
        slope[rows] = _common(slope[rows])[:, None]
    error = leave * slope[segment] + arrive * np.append(slope[1:], 0)[segment] - missed
    return Fit(at, slope, error.reshape(count, frames))


def _box(steepest: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the least and the greatest slope of every key (N,) from the steepest of the segment that it starts."""
    low, high = np.minimum(steepest, 0), np.maximum(steepest, 0)
    low[last], high[last] = -np.inf, np.inf
    low[1:], high[1:] = np.maximum(low[1:], low[:-1]), np.minimum(high[1:], high[:-1])
    return low, high


def _slopes(values: np.ndarray) -> np.ndarray:
    """Give the samples' own slopes (C, F), central where there are two neighbors."""
    step = np.diff(values, axis=1)
    return np.concatenate([step[:, :1], (step[:, 1:] + step[:, :-1]) / 2, step[:, -1:]], axis=1)


def _common(slopes: np.ndarray) -> np.ndarray:
    """Give for each row (G, K) the slope nearest to zero where all agree in sign, else zero."""
    agree = (slopes > 0).all(axis=1) | (slopes < 0).all(axis=1)
    least = np.take_along_axis(slopes, np.abs(slopes).argmin(axis=1)[:, None], axis=1)[:, 0]
    return np.where(agree, least, 0)
