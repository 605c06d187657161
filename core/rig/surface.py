"""Any triangle mesh as a surface to look things up on: normals, pieces, the nearest point that faces alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

TRIED = 6
"""Triangles that are looked at for each nearest point."""
MOST_SAMPLES = 400_000
WELD = 1e-6
"""Parts of a mesh's extent within which vertices count as one: seams of UVs split them in many files."""


@dataclass(frozen=True)
class Mesh:
    """vertices (V, 3) in any unit, triangles (T, 3) of any winding, loose vertices and holes allowed."""

    vertices: np.ndarray
    triangles: np.ndarray

    @cached_property
    def welded(self) -> np.ndarray:
        """The first vertex (V,) of those that are one: where open edges lie on each other, as those do that a seam of
        UVs or a file format split. Lashes that only touch the skin stay apart."""
        count = len(self.vertices)
        names, uses = self._sides
        ends = np.stack(np.divmod(names[uses == 1], max(count, 1)), axis=1)
        border = np.unique(ends)
        if not len(border):
            return np.arange(count)
        place = np.zeros(count, np.int64)
        place[border] = _places(self.vertices[border], WELD * self.extent)
        both = np.sort(place[ends], axis=1)
        edge, uses = np.unique(both[:, 0] * count + both[:, 1], return_inverse=True, return_counts=True)[1:]
        shared = (uses[edge.ravel()] > 1) & (both[:, 0] != both[:, 1])
        vertex = ends[shared].ravel()
        knot = np.unique(np.repeat(edge.ravel()[shared], 2) * count + place[vertex], return_inverse=True)[1].ravel()
        total = count + knot.max(initial=-1) + 1
        table = sparse.coo_matrix((np.ones(len(vertex)), (vertex, count + knot)), (total, total))
        label = connected_components(table, directed=False)[1][:count]
        first = np.full(label.max(initial=-1) + 1, count)
        np.minimum.at(first, label, np.arange(count))
        return first[label]

    @cached_property
    def piece(self) -> np.ndarray:
        """The number of the connected piece of each vertex (V,), welded; the largest has the number 0."""
        count = len(self.vertices)
        ends = self.welded[self.edges]
        table = sparse.coo_matrix((np.ones(len(ends)), ends.T), (count, count))
        label = np.unique(connected_components(table, directed=False)[1][self.welded], return_inverse=True)[1].ravel()
        size = np.bincount(label)
        rank = np.empty(len(size), np.int64)
        rank[np.argsort(-size, kind="stable")] = np.arange(len(size))
        return rank[label]

    @cached_property
    def edges(self) -> np.ndarray:
        """Edges (E, 2) of the triangles, each once."""
        return np.stack(np.divmod(self._sides[0], max(len(self.vertices), 1)), axis=1)

    @cached_property
    def extent(self) -> float:
        """Length of the longest side of the box about the triangles, but for the odd vertex that lies far off."""
        used = self.vertices[self.triangles[:, 0]]
        low, high = np.percentile(used, (1, 99), axis=0) if len(used) else np.zeros((2, 3))
        return float((high - low).max()) or 1.0

    @cached_property
    def _sides(self) -> tuple[np.ndarray, np.ndarray]:
        """The edges as numbers (E,), low end times V plus high end, and how often triangles have them (E,)."""
        table, count = self.triangles.astype(np.int64), len(self.vertices)
        ends = np.stack([table, np.roll(table, -1, axis=1)])
        names, uses = np.unique(ends.min(axis=0) * count + ends.max(axis=0), return_counts=True)
        return names, uses

    @cached_property
    def facing(self) -> np.ndarray:
        """Unit normals (T, 3), zero where a triangle has no area."""
        return unit(self._cross)

    @cached_property
    def areas(self) -> np.ndarray:
        """Areas (T, 3) of the triangles' shadows along X, Y and Z, with signs."""
        return self._cross / 2

    @cached_property
    def normals(self) -> np.ndarray:
        """Unit normals of vertices (V, 3), by area, welded; zero where there is no face."""
        corner = self.welded[self.triangles]
        total = np.zeros_like(self.vertices, dtype=np.float64)
        for axis in range(3):
            for k in range(3):
                total[:, axis] += np.bincount(corner[:, k], self._cross[:, axis], len(total))
        return unit(total)[self.welded]

    @cached_property
    def _cross(self) -> np.ndarray:
        a, b, c = (self.vertices[self.triangles[:, k]] for k in range(3))
        return np.cross(b - a, c - a)

    @cached_property
    def plain(self) -> sparse.csr_matrix:
        """Which vertices share an edge (V, V), not welded."""
        count, ends = len(self.vertices), self.edges
        table = sparse.coo_matrix((np.ones(len(ends)), ends.T), (count, count)).tocsr()
        return table + table.T

    @cached_property
    def beside(self) -> sparse.csr_matrix:
        """Which vertices share an edge (V, V), welded ones all of their neighbors."""
        count = len(self.vertices)
        same = sparse.coo_matrix((np.ones(count), (np.arange(count), self.welded)), (count, count)).tocsr()
        joined = same.T @ self.plain @ same
        joined.data[:] = 1
        whole = (same @ joined @ same.T).tocsr()
        whole.setdiag(0)
        whole.eliminate_zeros()
        whole.data[:] = 1
        return whole


def _places(points: np.ndarray, step: float) -> np.ndarray:
    """Number points (N, 3) so that those in one cell of a grid have the same number (N,)."""
    cells = np.clip(np.round(points / step), -(2.0**62), 2.0**62).astype(np.int64)
    number = np.zeros(len(points), np.int64)
    for axis in cells.T:
        part = np.unique(axis, return_inverse=True)[1].ravel()
        number = np.unique(number * (int(part.max(initial=0)) + 1) + part, return_inverse=True)[1].ravel()
    return number


class Nearest:
    """Finds the nearest point of a surface to many points, of those that face about the same way."""

    def __init__(self, mesh: Mesh, facing: float, spacing: float = 0.0, which: np.ndarray | None = None) -> None:
        """`facing`: the distance that a normal turned by 60 degrees counts for; 0 leaves normals out. `spacing`: how
        close samples lie, 0 for about three a triangle; `which` (T,) mask of the triangles that are meant."""
        self.mesh, self.facing = mesh, facing
        area = np.linalg.norm(mesh._cross, axis=1) / 2
        usable = (area > 0) if which is None else (area > 0) & which
        self.triangle = np.flatnonzero(usable)
        corners = mesh.vertices[mesh.triangles[self.triangle]].astype(np.float64)
        longest = np.sqrt(((corners - np.roll(corners, 1, axis=1)) ** 2).sum(axis=2).max(axis=1, initial=0))
        spacing = spacing or float(np.median(longest)) if len(longest) else 1.0
        cuts = np.ceil(longest / max(spacing, 1e-12)).clip(1, 40).astype(int)
        while (cuts * (cuts + 1) // 2).sum() > MOST_SAMPLES and cuts.max() > 1:
            cuts = np.maximum(cuts - np.maximum(cuts // 4, 1), 1)
        rows, points = [], []
        for cut in np.unique(cuts):
            some = np.flatnonzero(cuts == cut)
            mix = _spread(int(cut))
            rows.append(np.repeat(some, len(mix)))
            points.append((mix @ corners[some]).reshape(-1, 3))
        self.row = np.concatenate(rows) if rows else np.zeros(0, int)
        self.corners = corners
        samples = np.concatenate(points) if points else np.zeros((0, 3))
        self.tree = cKDTree(np.hstack([samples, facing * mesh.facing[self.triangle[self.row]]]) if facing else samples)

    def __call__(self, points: np.ndarray, normals: np.ndarray | None = None) -> tuple[np.ndarray, ...]:
        """Give the triangle (N,), weights of its corners (N, 3), the point (N, 3) and the distance (N,) of the nearest
        place to each of `points` (N, 3) with unit `normals` (N, 3)."""
        query = np.hstack([points, self.facing * normals]) if self.facing and normals is not None else points
        if self.facing and normals is None:
            query = np.hstack([points, np.zeros_like(points)])
        count = min(TRIED, len(self.row))
        _, found = self.tree.query(query, k=count, workers=2)
        rows = self.row[found.reshape(len(points), count)]
        best = np.full(len(points), np.inf)
        row, weights = np.zeros(len(points), int), np.zeros((len(points), 3))
        for k in range(count):
            w = closest(points, self.corners[rows[:, k]])
            off = (((w[:, :, None] * self.corners[rows[:, k]]).sum(axis=1) - points) ** 2).sum(axis=1)
            if self.facing and normals is not None:
                turned = self.mesh.facing[self.triangle[rows[:, k]]] - normals
                off = off + self.facing**2 * (turned**2).sum(axis=1)
            better = off < best
            best[better], row[better], weights[better] = off[better], rows[better, k], w[better]
        place = (weights[:, :, None] * self.corners[row]).sum(axis=1)
        return self.triangle[row], weights, place, np.linalg.norm(place - points, axis=1)


def closest(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Give the weights (N, 3) of the point of each triangle (N, 3, 3) that is nearest to each point (N, 3).

    The regions of Ericson, Real-Time Collision Detection (2005), 5.1.5.
    """
    a, b, c = (corners[:, k] for k in range(3))
    ab, ac = b - a, c - a
    d1, d2 = _dot(ab, points - a), _dot(ac, points - a)
    d3, d4 = _dot(ab, points - b), _dot(ac, points - b)
    d5, d6 = _dot(ab, points - c), _dot(ac, points - c)
    va, vb, vc = d3 * d6 - d5 * d4, d5 * d2 - d1 * d6, d1 * d4 - d3 * d2
    total = np.where(np.abs(va + vb + vc) < 1e-30, 1, va + vb + vc)
    v, w = vb / total, vc / total
    on_ab = (vc <= 0) & (d1 >= 0) & (d3 <= 0)
    on_ac = (vb <= 0) & (d2 >= 0) & (d6 <= 0)
    on_bc = (va <= 0) & (d4 - d3 >= 0) & (d5 - d6 >= 0)
    along = _share(d4 - d3, d5 - d6)
    v = np.where(on_bc, 1 - along, v)
    w = np.where(on_bc, along, w)
    v, w = np.where(on_ac, 0, v), np.where(on_ac, _share(d2, -d6), w)
    v, w = np.where(on_ab, _share(d1, -d3), v), np.where(on_ab, 0, w)
    for at, (one, two) in (
        ((d6 >= 0) & (d5 <= d6), (0, 1)), ((d3 >= 0) & (d4 <= d3), (1, 0)), ((d1 <= 0) & (d2 <= 0), (0, 0)),
    ):  # fmt: skip
        v, w = np.where(at, one, v), np.where(at, two, w)
    return np.stack([1 - v - w, v, w], axis=1)


def _share(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    total = one + other
    return np.clip(one / np.where(np.abs(total) < 1e-30, 1, total), 0, 1)


def _spread(cut: int) -> np.ndarray:
    """Weights (N, 3) of the middles of the cells when each side of a triangle is cut into so many."""
    i, j = np.meshgrid(np.arange(cut), np.arange(cut), indexing="ij")
    some = i + j < cut
    u, v = (i[some] + 1 / 3) / cut, (j[some] + 1 / 3) / cut
    return np.stack([1 - u - v, u, v], axis=1)


def solver(matrix: sparse.spmatrix) -> Callable[[np.ndarray], np.ndarray]:
    """Give what solves a symmetric positive definite system (N, N) for right sides (N, K)."""
    return splu(matrix.tocsc(), "MMD_AT_PLUS_A", 0.0, options={"SymmetricMode": True}).solve


def unit(vectors: np.ndarray) -> np.ndarray:
    """Give vectors (..., 3) of length 1, zero ones left."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-30)


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a * b).sum(axis=1)


def triangles_of(quads: np.ndarray) -> np.ndarray:
    """Cut quads (F, 4) into triangles (2F, 3), the halves of a quad side by side."""
    return np.stack([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]], axis=1).reshape(-1, 3)


def scatter(
    vertices: np.ndarray, triangles: np.ndarray, count: int, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scatter `count` points evenly over triangles (T, 3): the triangle of each (N,), how much its corners share
    (N, 3), and unit normals (N, 3)."""
    corners = vertices[triangles]
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(flat, axis=1)
    summed = np.cumsum(area)
    drawn = np.searchsorted(summed, (np.arange(count) + random.random(count)) * (summed[-1] / count))
    drawn = np.minimum(drawn, len(area) - 1)
    one, two = random.random((2, count))
    one, two = np.where(one + two > 1, [1 - one, 1 - two], [one, two])
    share = np.column_stack([1 - one - two, one, two])
    return drawn, share, flat[drawn] / np.maximum(area[drawn], 1e-30)[:, None]
