"""Cuts faces as captures do, and meshes them anew: regions, halves, holes, any density."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .sources import INSIDE, Source

FACE = np.array([0.0, -0.085, -0.005])
"""Metres: about the middle of a face in Headroom's frame."""


@dataclass(frozen=True)
class Sample:
    """A mesh of part of a face: each of N points is a mix of a triangle's corners (N, 3) by weights (N, 3)."""

    corners: np.ndarray
    weights: np.ndarray

    def of(self, field: np.ndarray) -> np.ndarray:
        """Read a field (..., V, 3) at the points, (..., N, 3)."""
        return np.einsum("...ncd,nc->...nd", field[..., self.corners, :], self.weights, optimize=True)


def sample(source: Source, rng: np.random.Generator, low: int = 300, high: int = 12000) -> Sample:
    """Draw a capture's mesh: a crop of the face with `low` to `high` points, on vertices or anywhere on the surface."""
    kept = np.ones(len(source.triangles), bool)
    for kind, often in INSIDE.items():
        if rng.random() > often:
            kept &= ~source.inside[kind]
    triangles = source.triangles[kept]
    inside = region(source.neutral[triangles].mean(axis=1), rng)
    triangles = triangles[inside]
    count = int(np.exp(rng.uniform(np.log(low), np.log(high))))
    if rng.random() < 0.5:
        vertices = np.unique(triangles)
        if len(vertices) > count:
            vertices = rng.choice(vertices, count, replace=False, p=_uneven(source.neutral[vertices], rng))
        return Sample(np.repeat(vertices[:, None], 3, axis=1), np.tile([1.0, 0.0, 0.0], (len(vertices), 1)))
    a, b, c = np.moveaxis(source.neutral[triangles], 1, 0)
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) + 1e-12
    even = area * _uneven((a + b + c) / 3, rng)
    chosen = rng.choice(len(triangles), count, p=even / even.sum())
    return Sample(triangles[chosen], rng.dirichlet([1.0, 1.0, 1.0], count))


def region(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Tell which points (N, 3) a capture covers: a face, a head, a half, with or without ears, neck, scalp, holes."""
    while True:
        kept = np.ones(len(points), bool)
        if rng.random() < 0.75:  # the face region alone
            middle = FACE + rng.normal(size=3) * 0.007
            radii = np.array([rng.uniform(0.06, 0.1), rng.uniform(0.05, 0.11), rng.uniform(0.075, 0.13)])
            kept &= (((points - middle) / radii) ** 2).sum(axis=1) < 1
        else:
            if rng.random() < 0.6:
                kept &= points[:, 2] > rng.uniform(-0.15, -0.07)  # no neck
            if rng.random() < 0.6:
                kept &= points[:, 2] < rng.uniform(0.06, 0.12)  # no scalp
            if rng.random() < 0.6:
                kept &= np.abs(points[:, 0]) < rng.uniform(0.062, 0.08)  # no ears
            if rng.random() < 0.5:
                kept &= points[:, 1] < rng.uniform(-0.04, 0.04)  # no back
        if rng.random() < 0.2:  # one side, or a piece
            away = rng.normal(size=3) * [1.0, 0.3, 0.4]
            kept &= (points - FACE) @ (away / np.linalg.norm(away)) > rng.uniform(-0.04, 0.005)
        for _ in range(rng.integers(0, 6) if rng.random() < 0.4 else 0):
            hole = points[rng.integers(len(points))]
            kept &= np.linalg.norm(points - hole, axis=1) > rng.uniform(0.005, 0.025)
        if kept.sum() > 0.12 * len(points):
            return kept


def _uneven(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Chances (N,) of points to be taken: densities drift over a face by up to three times."""
    slope = rng.normal(size=3) * rng.uniform(0, 15)
    chance = np.exp(np.clip((points - points.mean(axis=0)) @ slope, -1, 1))
    return chance / chance.sum()
