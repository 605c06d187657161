"""Finds where a face stands: any orientation, unit and part of a face, from its vertices alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from .. import weights

POINTS = 192
"""Vertices that the network looks at."""
STARTS = 24
"""Orientations it starts from; the answer that it trusts most counts."""
KNOWN = {"m": 1.0, "dm": 0.1, "in": 0.0254, "cm": 0.01, "mm": 0.001}
"""Metres in the units that faces come in."""
UNIT_RANGE = 1.35
"""Faces are up to this many times larger or smaller than the mean one."""


@dataclass(frozen=True)
class Place:
    """`points @ matrix.T + shift` lies in the canonical frame: metres, Z up, looking along -Y, as large as the mean.

    error_mm: how far off that is expected to be.
    """

    matrix: np.ndarray
    shift: np.ndarray
    error_mm: float

    def __call__(self, points: np.ndarray) -> np.ndarray:
        return points @ self.matrix.T + self.shift

    @property
    def scale(self) -> float:
        """Canonical metres per unit of the mesh."""
        return float(np.cbrt(np.linalg.det(self.matrix)))

    @property
    def metres(self) -> float:
        """Metres per unit of the mesh: of the known units the one that makes a face about as large as faces are."""
        known = np.array(list(KNOWN.values()))
        ratio = np.abs(np.log(self.scale / known))
        return float(known[ratio.argmin()]) if ratio.min() < np.log(UNIT_RANGE) else self.scale


def place(points: np.ndarray) -> Place:
    """Find the place of a face, vertices (V, 3), whatever their order."""
    import torch

    points = np.asarray(points, np.float64)
    few = points[spread_out(points, POINTS)]
    middle = few.mean(axis=0)
    size = np.sqrt(((few - middle) ** 2).sum(axis=1).mean())
    unit = torch.from_numpy((few - middle) / size).float()
    turns = torch.from_numpy(_starts()).float()
    with torch.inference_mode():
        matrix, shift, error = network()(unit @ turns.transpose(1, 2), rounds=5)[-1]
    best = int(error.argmin())
    made = matrix[best].double().numpy() @ turns[best].double().numpy() * 0.1 / size
    return Place(made, shift[best].double().numpy() * 0.1 + _face() - made @ middle, float(error[best]) * 100)


def spread_out(points: np.ndarray, count: int) -> np.ndarray:
    """Choose `count` of points (V, 3) that lie far apart, the same ones in whatever order they come."""
    away = ((points - points.mean(axis=0)) ** 2).sum(axis=1)
    chosen = [int(away.argmax())]
    away = ((points - points[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < min(count, len(points)):
        chosen.append(int(away.argmax()))
        away = np.minimum(away, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
    return np.array(chosen)


@cache
def network() -> Any:
    """Load the network once. Raises `WeightsError`."""
    from .net import Placer

    stored = weights.load("place")
    return stored.fill(Placer(stored.config))


def _face() -> np.ndarray:
    return np.array(weights.load("skull").config["middle"])


@cache
def _starts() -> np.ndarray:
    """Rotations (STARTS, 3, 3): those of a cube."""
    from scipy.spatial.transform import Rotation

    return Rotation.create_group("O").as_matrix()[:STARTS]
