"""Pictures of a surface from any side, made of points on it, so that neither its mesh nor its pieces matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import minimum_filter, uniform_filter

from ..surface import scatter

CHANNELS = 5
"""Of a picture: the normal's three parts, how far a pixel stands out from its surroundings, whether it is covered."""

STAND_OUT = 8.0  # pixels by which a point may stand out before the channel is full
THROUGH = 3.0  # pixels behind its neighbours from which on a point was seen through a gap between points


@dataclass(frozen=True)
class Cloud:
    """Points on a surface: `points` (N, 3) and `normals` (N, 3), which may face either way."""

    points: np.ndarray
    normals: np.ndarray


def sample(vertices: np.ndarray, triangles: np.ndarray, count: int, random: np.random.Generator) -> Cloud:
    """Scatter `count` points evenly over the triangles (F, 3) of `vertices` (V, 3)."""
    drawn, share, normals = scatter(vertices, triangles, count, random)
    points = np.einsum("nk,nkd->nd", share, vertices[triangles[drawn]])
    return Cloud(points.astype(np.float32), normals.astype(np.float32))


@dataclass(frozen=True)
class View:
    """Where a picture is taken from, without perspective.

    The rows of `turn` (3, 3) are, in the object's space, the picture's right, the way away from the viewer, and its
    up: what a face that looks at the viewer has as its left, its back and its up. `center` (3,) is in the middle, and
    `span` is what the picture is wide.
    """

    turn: np.ndarray
    center: np.ndarray
    span: float

    def project(self, points: np.ndarray) -> np.ndarray:
        """Give right, depth and up of points (N, 3) in widths of the picture from its middle, (N, 3)."""
        return (points - self.center) @ self.turn.T / self.span

    def picture(self, cloud: Cloud, size: int) -> np.ndarray:
        """Draw the cloud, (CHANNELS, size, size) float32; rows run down."""
        seen = self.project(cloud.points)
        row, column = np.floor((0.5 - seen[:, 2]) * size), np.floor((0.5 + seen[:, 0]) * size)
        inside = np.flatnonzero((row >= 0) & (row < size) & (column >= 0) & (column < size))
        image = np.zeros((CHANNELS, size * size), np.float32)
        if not len(inside):
            return image.reshape(CHANNELS, size, size)
        pixel = (row[inside] * size + column[inside]).astype(np.int64)
        far = np.argsort(-seen[inside, 1], kind="stable")
        inside, pixel = inside[far], pixel[far]
        front = np.full(size * size, -1)
        front[pixel] = inside  # of several points in a pixel the last one, which is nearest, stays
        depth = np.where(front >= 0, seen[front, 1] * size, np.inf).reshape(size, size)
        front = _closed(front.reshape(size, size), depth)
        depth = np.where(front >= 0, seen[front, 1] * size, np.inf)
        covered = front >= 0
        normal = cloud.normals[front[covered]] @ self.turn.T.astype(np.float32)
        normal *= -np.sign(normal[:, 1:2])  # what is seen faces the viewer, whichever way its mesh says
        image = image.reshape(CHANNELS, size, size)
        image[:3, covered] = normal.T
        image[3, covered] = _standing_out(depth, covered)[covered]
        image[4] = covered
        return image


def _closed(front: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Close gaps between points: a pixel that is empty, or far behind the nearest around it, shows that one."""
    nearest = minimum_filter(depth, 3, mode="constant", cval=np.inf)
    around = uniform_filter((front >= 0).astype(np.float32), 3, mode="constant")
    gap = np.where(front < 0, around > 0.55, depth > nearest + THROUGH)
    if not gap.any():
        return front
    rows, columns = np.nonzero(gap)
    result, size = front.copy(), len(front)
    best = np.full(len(rows), np.inf)
    for up in (-1, 0, 1):
        for right in (-1, 0, 1):
            r, c = np.clip(rows + up, 0, size - 1), np.clip(columns + right, 0, size - 1)
            better = depth[r, c] < best
            best = np.where(better, depth[r, c], best)
            result[rows, columns] = np.where(better, front[r, c], result[rows, columns])
    return result


def _standing_out(depth: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """Give how far each pixel lies before the mean of those within an eighth of the picture, in -1..1."""
    width = max(3, len(depth) // 8 | 1)
    share = uniform_filter(covered.astype(np.float64), width, mode="constant")
    mean = uniform_filter(np.where(covered, depth, 0.0), width, mode="constant") / np.maximum(share, 1e-6)
    away = np.where(covered, mean - np.where(covered, depth, 0), 0)
    return np.clip(away / STAND_OUT, -1, 1).astype(np.float32)
