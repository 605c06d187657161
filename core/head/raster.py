"""Finds what a texture's pixels show: the triangle under each, and how its corners mix there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt


@dataclass(frozen=True)
class Texels:
    """The covered pixels of a square texture, P of them.

    face (P,) quad, vertex (P, 3) and weight (P, 3) float32: corners that mix there. pixel (H, W): which of the P each
    pixel shows, uncovered ones the nearest (so that no seam shows when a renderer blends pixels); row 0 is v = 1.
    """

    face: np.ndarray
    vertex: np.ndarray
    weight: np.ndarray
    pixel: np.ndarray

    def mix(self, values: np.ndarray) -> np.ndarray:
        """Give values (V, ...) of vertices at the pixels (P, ...)."""
        return np.einsum("pk,pk...->p...", self.weight, values[self.vertex])


def texels(faces: np.ndarray, uv: np.ndarray, size: int) -> Texels:
    """Lay a mesh of quads (F, 4) with texture coordinates (F, 4, 2) onto a texture of size by size pixels."""
    split = np.array([[0, 1, 2], [0, 2, 3]])
    triangles, places = faces[:, split].reshape(-1, 3), uv[:, split].reshape(-1, 3, 2).astype(np.float64)
    spots = places * [size, -size] + [0, size] - 0.5  # column, row of pixel centers
    low, high = np.ceil(spots.min(axis=1)), np.floor(spots.max(axis=1))
    extent = (high - low + 1).max(axis=1)
    owner = np.full((size, size), -1)
    share = np.zeros((size, size, 3), np.float32)
    for limit, below in ((4, 0), (8, 4), (16, 8), (32, 16), (64, 32), (size, 64)):
        some = np.flatnonzero((extent <= limit) & (extent > below))
        if not len(some):
            continue
        side = np.arange(int(extent[some].max()))
        for part in np.array_split(some, max(1, len(some) * len(side) ** 2 // 2_000_000)):
            x = low[part, 0, None, None] + side[None, None, :]
            y = low[part, 1, None, None] + side[None, :, None]
            weight = _barycentric(spots[part], x, y)
            inside = (weight > -1e-6).all(axis=-1) & (x >= 0) & (y >= 0) & (x < size) & (y < size)
            which, _, _ = np.nonzero(inside)
            columns = np.broadcast_to(x, inside.shape)[inside].astype(int)
            rows = np.broadcast_to(y, inside.shape)[inside].astype(int)
            owner[rows, columns], share[rows, columns] = part[which], weight[inside]
    covered = owner >= 0
    number = np.cumsum(covered).reshape(size, size) - 1
    rows, columns = distance_transform_edt(~covered, return_distances=False, return_indices=True)
    hit = owner[covered]
    weight = share[covered].clip(0)
    return Texels(
        hit // 2, triangles[hit], weight / weight.sum(axis=1, keepdims=True), number[rows, columns].astype(np.int32)
    )


def _barycentric(corners: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Weights (T, H, W, 3) of points in triangles (T, 3, 2)."""
    (ax, ay), (bx, by), (cx, cy) = (corners[:, k, :, None, None].transpose(1, 0, 2, 3) for k in range(3))
    area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    area = np.where(np.abs(area) < 1e-12, np.inf, area)
    v = ((x - ax) * (cy - ay) - (y - ay) * (cx - ax)) / area
    w = ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / area
    return np.stack([1 - v - w, v, w], axis=-1)
