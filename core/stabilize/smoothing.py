"""Takes jitter out of a rigid motion without lag, and without touching what moves further than the jitter does."""

from __future__ import annotations

import numpy as np
from scipy.linalg import solveh_banded

from .rigid import motion_onto

ARM = 0.08
"""Metres from the middle of the head at which motion is watched: about where the face is."""
ROUNDS = 12
STIFF = 30.0
"""How much a bend of the path (third difference) weighs against leaving what was measured."""


def smooth(
    rotation: np.ndarray, translation: np.ndarray, middle: np.ndarray, arm: float, most: float
) -> tuple[np.ndarray, np.ndarray]:
    """Smooth the motion `rotation` (F, 3, 3), `translation` (F, 3) of a head around `middle` (3,).

    Watched are points an `arm` away from the middle, in the unit of the translation: each follows the smoothest path
    that stays within `most` of where it was measured. Fast motion leaves that tube at once and is kept whole; being
    symmetric in time the path cannot lag. Frames before the first and after the last are never asked for.
    """
    if most <= 0 or len(rotation) < 4:
        return rotation, translation
    points = middle + arm * np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], float)
    measured = np.einsum("fij,pj->fpi", rotation, points) + translation[:, None]
    path = within_tube(measured.reshape(len(measured), -1), most, len(points)).reshape(measured.shape)
    return motion_onto(points, path)


def within_tube(measured: np.ndarray, most: float, points: int) -> np.ndarray:
    """Give the smoothest paths (F, 3 * points) of points within `most` of the measured ones."""
    weight = np.full(len(measured), 1.0)
    path = measured
    for _ in range(ROUNDS):
        path = _whittaker(measured, weight)
        off = np.linalg.norm((path - measured).reshape(len(path), points, 3), axis=2).max(axis=1)
        over = off / most
        if (over <= 1.01).all():
            break
        weight *= np.where(over > 1, np.minimum(over**2, 100.0), 1.0)
    off = np.linalg.norm((path - measured).reshape(len(path), points, 3), axis=2)
    share = np.minimum(1.0, most / np.maximum(off, 1e-12))[..., None]
    return (measured.reshape(*off.shape, 3) + share * (path - measured).reshape(*off.shape, 3)).reshape(measured.shape)


def _whittaker(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Least squares of leaving values (F, N), weight (F,), and of third differences (Whittaker, 1923)."""
    count, kernel = len(values), np.array([-1.0, 3.0, -3.0, 1.0])
    band = np.zeros((4, count))
    for k in range(4):  # the upper diagonals of D'D, row by row of D
        for j in range(k, 4):
            column = np.arange(count - 3) + j
            np.add.at(band[3 - (j - k)], column, STIFF * kernel[k] * kernel[j])
    band[3] += weight
    return solveh_banded(band, weight[:, None] * values)
