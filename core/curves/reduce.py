"""Many frames become few keys that an animator can edit, off by no more than so many millimetres at the lips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..options import check, option
from ..performance import Performance
from . import extremes, hermite, reach
from .keys import Curve, Keys
from .stepped import hold

ELSEWHERE = 0.5
"""A millimetre away from the lips, on lids, brows and tongue or of a head that turns, counts as so many at the lips."""
AT_CONTACT = 0.5
"""Share of the error that is allowed while lips touch."""
BLAME = 0.9
"""Channels that push the lips off at least so far as the worst of them get a key too."""


@dataclass(frozen=True)
class ReduceOptions:
    """How few keys an animator gets."""

    keys_error: float = option(
        0.3, "How far few keys may leave the motion, measured at the lips; 0 keys every frame", low=0, high=5, unit="mm"
    )
    stepped: bool = option(False, "Hold every pose for some frames, for 2D")
    step: int = option(2, "How many frames a pose is held with --stepped", low=1, high=24, unit="frames")

    def __post_init__(self) -> None:
        """Refuse what is out of range."""
        check(self)


def reduce(
    performance: Performance,
    options: ReduceOptions,
    anchors: Sequence[float] = (),
    ends: np.ndarray | None = None,
) -> Keys:
    """Lay few keys through a performance, on its frames.

    All channels of all layers together move no place on lips or chin further off than `options.keys_error` at any
    frame (the shapes of the mean head added up, without correctives); what moves elsewhere stays within twice that at
    its own place. Turning points above noise, rests at 0 or 1, both ends, the contacts of the lips and the frames at
    `anchors` (seconds) are keys with the very value; nothing overshoots. `ends` (2, C): slopes per second that first
    and last keys should have. Stepped keys hold poses instead and have no such bound. Raises `InputError` for values
    that are no finite numbers.
    """
    values = np.ascontiguousarray(performance.values.T, dtype=np.float64)
    if not np.isfinite(values).all():
        raise InputError("a performance with values that are no numbers cannot be reduced")
    count, frames = values.shape
    noise = options.keys_error / weight(performance.channels)
    touch = contacts(performance)
    if options.stepped and frames:
        keyed, values = hold(values, extremes.turning_points(values, noise), touch, options.step, noise)
        slope = np.zeros_like(values)
    else:
        keyed, slope = np.ones(values.shape, bool), np.zeros_like(values)
        if frames > 1 and count:
            joints = np.zeros((0, 2), int)
            if options.keys_error > 0:
                keyed, joints = _anchors(values, noise, performance.channels, touch)
                keyed[:, _frames(anchors, performance)] |= (np.ptp(values, axis=1) >= noise)[:, None]
            scaled = None if ends is None else np.asarray(ends, float) / performance.fps
            fitted = _refine(performance.channels, values, keyed, joints, noise, touch, options.keys_error, scaled)
            slope.ravel()[fitted.at] = fitted.slope * performance.fps
    time = np.arange(frames) / performance.fps
    curves = tuple(
        Curve(time[row], value[row], lean[row], options.stepped)
        for row, value, lean in zip(keyed, values, slope, strict=True)
    )
    return Keys(performance.fps, frames, performance.channels, performance.layers, curves)


def weight(channels: tuple[str, ...]) -> np.ndarray:
    """Give how many millimetres each channel at 1 counts, (C,): at the lips, or less where it moves elsewhere."""
    if not channels:
        return np.zeros(0)
    lips = np.linalg.norm(reach.at_lips(channels), axis=2).max(axis=1)
    return np.maximum(lips, ELSEWHERE * reach.anywhere(channels)).astype(np.float64)


def off_at_lips(performance: Performance, keys: Keys) -> np.ndarray:
    """Give how far keys leave lips and chin from where a performance has them, (F,) millimetres."""
    error = keys.at(np.arange(performance.frame_count) / performance.fps) - performance.values
    if not performance.channels:
        return np.zeros(performance.frame_count)
    return np.linalg.norm(np.tensordot(error, reach.at_lips(performance.channels), axes=1), axis=2).max(axis=1)


def contacts(performance: Performance) -> np.ndarray:
    """Tell in which frames the lips touch although the jaw is open, all layers together, (F,) bool."""
    return extremes.touching(performance.channel("jawOpen"), performance.channel("mouthClose"))


def _frames(anchors: Sequence[float], performance: Performance) -> np.ndarray:
    frames = np.rint(np.asarray(anchors, float) * performance.fps).astype(int)
    return frames[(frames >= 0) & (frames < performance.frame_count)]


def _jaw(channels: tuple[str, ...]) -> np.ndarray:
    """Columns whose sum is the contact of the lips."""
    return np.array([row for row, name in enumerate(channels) if name in ("jawOpen", "mouthClose")], int)


def _anchors(
    values: np.ndarray, noise: np.ndarray, channels: tuple[str, ...], touch: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mark what must be a key, (C, F) bool; also gives where rests were joined, as `extremes.rests` does."""
    keyed, joints = extremes.rests(values, noise)
    keyed |= extremes.turning_points(values, noise)
    keyed[_jaw(channels)] |= extremes.run_ends(touch)
    return keyed, joints


def _refine(
    channels: tuple[str, ...],
    values: np.ndarray,
    keyed: np.ndarray,
    joints: np.ndarray,
    noise: np.ndarray,
    touch: np.ndarray,
    error: float,
    ends: np.ndarray | None,
) -> hermite.Fit:
    """Add keys to `keyed`, in place, until every column and all of them together are near enough; gives the curves.

    In a contact the columns of the jaw and the lips' answer to it have the same keys and slopes, so that they part
    nowhere in it. Rests that a key parts after all begin and end with keys again.
    """
    jaw, frames = _jaw(channels), values.shape[1]
    same = np.unique(values, axis=0, return_inverse=True)[1].ravel()
    twins = [rows for rows in (np.flatnonzero(same == k) for k in range(same.max() + 1)) if len(rows) > 1]
    shape = reach.at_lips(channels).astype(np.float64)
    moving = np.flatnonzero(shape.any(axis=(1, 2)))
    limit = np.where(touch, AT_CONTACT, 1.0) * error
    while True:
        shared = np.flatnonzero(keyed[jaw].any(axis=0) & touch) if len(jaw) else np.zeros(0, int)
        keyed[np.ix_(jaw, shared)] = True
        before = np.cumsum(keyed.ravel())
        parted = joints[before[joints[:, 1]] > before[joints[:, 0]]]
        keyed.ravel()[parted] = True
        tied = shared[:, None] + jaw * frames if len(shared) else None
        fitted = hermite.fit(values, keyed, tied, ends)
        found = _worst(np.abs(fitted.error) > noise[:, None], fitted)
        if not len(found[0]):
            found = _together(fitted.error[moving], shape[moving], limit)
            found = moving[found[0]], found[1]
        if not len(found[0]) or keyed[found].all():
            return fitted
        keyed[found] = True
        for rows in twins:  # left and right often are the same, and stay so
            keyed[rows] = keyed[rows].any(axis=0)


def _worst(over: np.ndarray, fitted: hermite.Fit) -> tuple[np.ndarray, np.ndarray]:
    """Find in every piece of curve with samples that are `over` (C, F) the worst one: columns, frames."""
    off = np.where(over, np.abs(fitted.error), 0).ravel()
    most = np.maximum.reduceat(off, fitted.at)
    piece = np.repeat(np.arange(len(most)), np.diff(np.append(fitted.at, len(off))))
    hits = np.flatnonzero((off > 0) & (off == most[piece]))
    hits = hits[np.unique(piece[hits], return_index=True)[1]]
    return np.divmod(hits, over.shape[1])


def _together(error: np.ndarray, shape: np.ndarray, limit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find where the columns together leave the lips too far off, and which of them are most to blame there.

    error (C, F), shape (C, L, 3), limit (F,) millimetres; gives columns and frames.
    """
    places = shape.shape[1]
    moved = (error.T @ shape.reshape(len(shape), places * 3)).reshape(-1, places, 3)
    off = np.linalg.norm(moved, axis=2)
    ratio = off.max(axis=1) / np.maximum(limit, 1e-12)
    peak = np.flatnonzero((ratio > 1) & (ratio >= np.append(ratio[1:], 0)) & (ratio > np.append(0, ratio[:-1])))
    place = off[peak].argmax(axis=1)
    way = moved[peak, place] / off[peak, place][:, None]
    push = error[:, peak] * np.einsum("cpk,pk->cp", shape[:, place], way)
    columns, which = np.nonzero(push >= BLAME * push.max(axis=0, initial=0))
    return columns, peak[which]
