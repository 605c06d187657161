"""Reads any mesh of a face at fixed places: what makes the stabilizer free of topology.

A face that stands in the canonical frame (Headroom's: metres, Z up, looking along -Y, as large as the mean head) is
averaged around each of a few anchors. Networks only see these averages, whatever mesh they came from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

REACH = 0.012
"""Metres around an anchor in which vertices count."""
WIDTH = 0.005
"""Metres at which a vertex counts exp(-1/2) as much as at the anchor itself."""
MEMBERS = 24
"""Vertices that an anchor reads at most."""
CROWD = 4
"""On dense meshes members are taken from this many times as many nearest ones, so that they spread over the reach."""


@dataclass(frozen=True)
class Readout:
    """How anchors read a mesh: vertices (K, M) and their weights (K, M), which add up to 1 where an anchor is covered.

    covered (K,) bool: whether any vertex lies in reach.
    """

    vertices: np.ndarray
    weights: np.ndarray

    @property
    def covered(self) -> np.ndarray:
        return self.weights.sum(axis=1) > 0.5

    @property
    def averaging(self) -> np.ndarray:
        """What remains of a vertex' independent noise in each anchor (K,), as a part of its standard deviation."""
        return np.sqrt((self.weights**2).sum(axis=1))

    def of(self, frames: np.ndarray) -> np.ndarray:
        """Average frames (F, V, 3) at the anchors: (F, K, 3) float32; 0 where an anchor is not covered."""
        frames = np.asarray(frames)
        read = np.empty((len(frames), len(self.weights), 3), np.float32)
        flat = self.vertices.ravel()
        for start in range(0, len(frames), 64):
            near = frames[start : start + 64, flat].reshape(-1, *self.vertices.shape, 3)
            read[start : start + 64] = np.einsum("fkmc,km->fkc", near, self.weights, optimize=True)
        return read


def readout(anchors: np.ndarray, points: np.ndarray) -> Readout:
    """Find what each of anchors (K, 3) reads of a face (V, 3), both in the canonical frame."""
    most = min(MEMBERS * CROWD, len(points))
    away, near = cKDTree(points).query(anchors, k=most, distance_upper_bound=REACH)
    away, near = away.reshape(len(anchors), -1), near.reshape(len(anchors), -1)
    count = np.isfinite(away).sum(axis=1)
    # every n-th of those in reach: the same ones in whatever order the vertices come
    step = np.maximum(count / MEMBERS, 1.0)[:, None] * np.arange(MEMBERS)
    rank = np.minimum(np.floor(step + 1e-9).astype(int), most - 1)
    taken = np.take_along_axis(away, rank, axis=1)
    valid = (step < count[:, None]) & np.isfinite(taken)
    vertices = np.where(valid, np.take_along_axis(near, rank, axis=1), 0)
    weights = np.where(valid, np.exp(-0.5 * (np.where(valid, taken, 0) / WIDTH) ** 2), 0)
    total = weights.sum(axis=1, keepdims=True)
    weights = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    return Readout(vertices.astype(np.int64), weights.astype(np.float32))
