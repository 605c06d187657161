"""Finds where a face stands: any orientation, unit and part of a face, from its vertices alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from .. import device, weights

POINTS = 192
"""Vertices that the network looks at."""
CHOICES, TRIED = 2, 4
"""Different choices of vertices, and orientations of each that are followed to the end."""
AGREE = 0.012
"""Metres within which two answers are the same."""
DENSE, CELLS = 20_000, 80
"""Vertices from which on a mesh is thinned, to one in each cell of a grid with so many along its longest side."""
NEIGHBORS, LONELY = 6, 1.8
"""A vertex is a stray when its third nearest one lies this many times further off than that of so many beside it."""
ALONE = 4.0
"""The same, compared with all vertices: no mesh of a face is that uneven where much of it lies."""
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
    """Find the place of a face, vertices (V, 3), whatever their order.

    Several choices of vertices are placed from several sides each; the answer is the mean of those that agree with the
    one that trusts itself most.
    """
    import torch

    points = np.asarray(points, np.float64)
    order = spread_out(without_strays(points), CHOICES * POINTS)
    turns = torch.from_numpy(_starts()).float()
    answers = []
    for k in range(CHOICES):
        few = order[k::CHOICES] if len(order) >= CHOICES * POINTS else order
        middle = few.mean(axis=0)
        size = np.sqrt(((few - middle) ** 2).sum(axis=1).mean())
        unit = torch.from_numpy((few - middle) / size).float() @ turns.transpose(1, 2)
        with torch.inference_mode():
            best = device.run(network(), unit, rounds=2)[-1][2].topk(TRIED, largest=False).indices
            matrix, shift, error = (x.double().numpy() for x in device.run(network(), unit[best], rounds=5)[-1])
        made = matrix @ turns[best].double().numpy() * (0.1 / size)
        answers += [(m, s * 0.1 + _face() - m @ middle, e * 100) for m, s, e in zip(made, shift, error, strict=True)]
        if few is order:
            break
    matrices, shifts, errors = (np.array(one) for one in zip(*answers, strict=True))
    seen = order[::CHOICES]
    placed = seen @ matrices.transpose(0, 2, 1) + shifts[:, None]
    best = int(errors.argmin())
    agree = np.linalg.norm(placed - placed[best], axis=2).mean(axis=1) < AGREE
    left, stretch, right = np.linalg.svd(matrices[agree].mean(axis=0))
    matrix = left @ right * stretch.mean()
    middle = seen.mean(axis=0)
    return Place(matrix, placed[agree].mean(axis=(0, 1)) - matrix @ middle, float(errors[agree].mean()))


def without_strays(points: np.ndarray) -> np.ndarray:
    """Leave out points (V, 3) that lie far from all others; thin dense meshes."""
    if len(points) > DENSE:
        cell = np.floor(points / (np.ptp(points, axis=0).max() / CELLS)).astype(np.int64)
        points = points[np.unique(cell, axis=0, return_index=True)[1]]
    for _ in range(2):  # strays may hide behind each other
        away, beside = cKDTree(points).query(points, min(NEIGHBORS, len(points) - 1) + 1)
        third = away[:, min(3, away.shape[1] - 1)]
        lonely = (third > LONELY * np.median(third[beside[:, 1:]], axis=1)) | (third > ALONE * np.median(third))
        points = points[~lonely]
    return points


def spread_out(points: np.ndarray, count: int) -> np.ndarray:
    """Choose `count` of points (V, 3) that lie far apart, in that order, the same ones in whatever order they come."""
    away = ((points - points.mean(axis=0)) ** 2).sum(axis=1)
    chosen = [int(away.argmax())]
    away = ((points - points[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < min(count, len(points)):
        chosen.append(int(away.argmax()))
        away = np.minimum(away, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
    return points[chosen]


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
    """Rotations (24, 3, 3): those of a cube."""
    from scipy.spatial.transform import Rotation

    return Rotation.create_group("O").as_matrix()
