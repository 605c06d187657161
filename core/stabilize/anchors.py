"""Reads any mesh of a face at fixed places: what makes the stabilizer free of topology.

A face that stands in the canonical frame (Headroom's: metres, Z up, looking along -Y, as large as the mean head) is
averaged around each of a few anchors. Networks only see these averages, whatever mesh they came from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import cKDTree

from .rigid import motion_onto

REACH = 0.012
"""Metres around an anchor in which vertices count."""
WIDTH = 0.005
"""Metres at which a vertex counts exp(-1/2) as much as at the anchor itself."""
MEMBERS = 24
"""Vertices that an anchor reads at most."""
CROWD = 4
"""On dense meshes members are taken from this many times as many nearest ones, so that they spread over the reach."""


BESIDE = 4
"""Members that a member is compared with, the nearest of the same anchor."""
STRAY, STRETCH = 6.0, 0.5
"""A member is a stray when it leaves all those beside it by more than so many times what members usually do, plus this
part of what they move themselves."""
GLANCE, OFTEN = 32, 0.4
"""Frames that tell strays of the still face, and the part of them in which those stray."""


@dataclass(frozen=True)
class Readout:
    """How anchors read a mesh: vertices (K, M) and their weights (K, M), which add up to 1 where an anchor is covered;
    beside (K * M, BESIDE): the nearest other members of each, of any anchor, as places in `vertices` laid flat."""

    vertices: np.ndarray
    weights: np.ndarray
    beside: np.ndarray

    @property
    def covered(self) -> np.ndarray:
        """Tell which anchors (K,) have a vertex in reach."""
        return self.weights.sum(axis=1) > 0.5

    @property
    def averaging(self) -> np.ndarray:
        """What remains of a vertex' independent noise in each anchor (K,), as a part of its standard deviation."""
        return np.sqrt((self.weights**2).sum(axis=1))

    def of(self, frames: np.ndarray) -> np.ndarray:
        """Average frames (F, V, 3) at the anchors: (F, K, 3) float64; 0 where an anchor is not covered."""
        near = frames[:, self.vertices.ravel()].reshape(len(frames), *self.vertices.shape, 3)
        return np.einsum("fkmc,km->fkc", near, self.weights, optimize=True)

    def nearest(self, count: int) -> np.ndarray:
        """Give the vertices (P,) that lie nearest to anchors, up to `count` of each, each vertex once."""
        first = np.zeros(self.weights.shape, bool)
        first[:, :count] = True
        return np.unique(self.vertices[first & (self.weights > 0)])

    def without_strays(self, frames: np.ndarray, still: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Average frames as `of` does, but leave out vertices that fly away from all those beside them.

        still (V, 3): the face that frames are compared with, wherever they lie. Gives the averages (F, K, 3), and where
        any vertex is left to tell them (F, K).
        """
        turn, shift, moved = self._moved(frames, still)
        kept = ~self._strays(moved).reshape(len(frames), *self.vertices.shape)
        weights = self.weights * kept
        total = weights.sum(axis=2, keepdims=True)
        weights = weights / np.maximum(total, 1e-9)
        change = np.einsum("fkmc,fkm->fkc", moved.reshape(*kept.shape, 3), weights, optimize=True)
        cleaned = (self.of(still[None]) + change - shift) @ turn.transpose(0, 2, 1)
        known = total[..., 0] > 0
        return np.where(known[..., None], cleaned, self.of(frames)), known

    def trusting(self, frames: np.ndarray, still: np.ndarray) -> Readout:
        """Give the readout without vertices that are strays in the still face itself: they are so in most frames."""
        frames = frames[:GLANCE]
        strays = self._strays(self._moved(frames, still)[2]).mean(axis=0) > OFTEN
        weights = self.weights * ~strays.reshape(self.vertices.shape)
        total = weights.sum(axis=1, keepdims=True)
        return replace(self, weights=np.where(total > 0, weights / np.maximum(total, 1e-9), self.weights))

    def _moved(self, frames: np.ndarray, still: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """How members move (F, K * M, 3) once frames lie about where the still face does, by `@ turn + shift`."""
        rotation, shift = motion_onto(self.of(frames)[:, self.covered], self.of(still[None])[0, self.covered])
        turn, shift, flat = rotation.transpose(0, 2, 1), shift[:, None], self.vertices.ravel()
        return turn, shift, (frames[:, flat] @ turn + shift - still[flat]).astype(np.float32)

    def _strays(self, moved: np.ndarray) -> np.ndarray:
        """Tell which members (F, K * M) move, `moved` (F, K * M, 3), unlike every member beside them."""
        apart = _length(moved - moved[:, self.beside[:, 0]])
        usual = STRAY * np.median(apart, axis=1)
        frame, member = np.nonzero(apart > usual[:, None])
        suspect = np.ones(len(frame), bool)
        for other in self.beside[member].T:
            beside = moved[frame, other]
            suspect &= _length(moved[frame, member] - beside) > usual[frame] + STRETCH * _length(beside)
        strays = np.zeros(apart.shape, bool)
        strays[frame[suspect], member[suspect]] = True
        return strays


def _length(vectors: np.ndarray) -> np.ndarray:
    return np.sqrt(np.einsum("...d,...d->...", vectors, vectors))


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
    # places that are left over repeat the first member, with no weight
    vertices = np.where(valid, np.take_along_axis(near, rank, axis=1), np.where(count, near[:, 0], 0)[:, None])
    weights = np.where(valid, np.exp(-0.5 * (np.where(valid, taken, 0) / WIDTH) ** 2), 0)
    total = weights.sum(axis=1, keepdims=True)
    weights = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    return Readout(vertices.astype(np.int64), weights.astype(np.float32), _beside(points, vertices))


def _beside(points: np.ndarray, vertices: np.ndarray) -> np.ndarray:
    """The nearest other members (K * M, BESIDE) of members `vertices` (K, M) of a face (V, 3), whatever anchor reads
    them."""
    unique, place, row = np.unique(vertices, return_index=True, return_inverse=True)
    count = min(BESIDE + 1, len(unique))
    nearest = cKDTree(points[unique]).query(points[unique], count)[1].reshape(len(unique), count)[:, 1:]
    return place[nearest[row.ravel()]]
