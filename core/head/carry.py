"""Carries what an artist sculpted from one level of detail to another, as offsets of vertices."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import factorized

from .. import weights
from .levels import game_vertices, points_at_level


def carry(offsets: np.ndarray, before: str, after: str) -> np.ndarray:
    """Give offsets (V', 3) of the vertices of one level for those (V, 3) of another; names as in `head.LEVELS`.

    Vertices that both levels have keep theirs. What the film level adds follows as its places do; what the game level
    leaves out is filled as smoothly as can be (biharmonic), since nothing tells what lay between.
    """
    if before == after:
        return offsets
    if before == "film":
        offsets = offsets[: _roughness().shape[0]]
    elif before == "game":
        offsets = _filled(offsets)
    return np.asarray(points_at_level(offsets, after), np.float32)


def _filled(offsets: np.ndarray) -> np.ndarray:
    """Offsets (V, 3) of all vertices from those of the game level (G, 3)."""
    whole = np.zeros((_roughness().shape[0], 3))
    whole[game_vertices()] = offsets
    left, solve, known = _gaps()
    whole[left] = np.stack([solve(column) for column in (known @ offsets).T], axis=1)
    return whole


@cache
def _gaps() -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray], sparse.csr_matrix]:
    """The vertices (N,) that the game level leaves out, what solves for them, and how those it has pull at them."""
    rows, kept = _roughness(), game_vertices()
    left = np.setdiff1d(np.arange(rows.shape[0]), kept)
    inner = rows[left][:, left] + 1e-9 * sparse.identity(len(left))  # a part that is left out whole stays where it is
    return left, factorized(inner.tocsc()), -rows[left][:, kept]


@cache
def _roughness() -> sparse.csr_matrix:
    """The square (V, V) of the template's graph Laplacian: what a smooth field makes small."""
    faces = weights.load("template").arrays["faces"].astype(np.int64)
    ends = np.concatenate([faces[:, [k, (k + 1) % 4]] for k in range(4)])
    ends = np.unique(np.sort(ends, axis=1), axis=0)
    count = int(faces.max()) + 1
    beside = sparse.coo_matrix((np.ones(len(ends)), ends.T), (count, count))
    beside = beside + beside.T
    pull = sparse.diags(np.asarray(beside.sum(axis=1)).ravel()) - beside
    return (pull @ pull).tocsr()
