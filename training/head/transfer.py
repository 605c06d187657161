"""Deformation transfer: gives a shape made for the mean to another identity (Sumner and Popović 2004).

Solved as a Poisson problem (Botsch et al. 2006): each triangle of the new identity should deform as the mean's
triangle does; the least-squares vertices of that wish follow from one cotangent Laplacian per identity.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import splu


class Transfer:
    """Carries shapes of a source mesh to other meshes of the same topology.

    triangles (T, 3), source (V, 3), shapes (S, V, 3) deltas. Vertices that no shape moves stay fixed.
    """

    def __init__(self, triangles: np.ndarray, source: np.ndarray, shapes: np.ndarray) -> None:
        self.triangles = triangles
        moving = (np.abs(shapes).max(axis=(0, 2)) > 1e-5).nonzero()[0]
        touched = np.isin(triangles, moving).any(axis=1)
        self.triangles = triangles[touched]
        self.free = np.intersect1d(moving, np.unique(self.triangles))
        rest = np.linalg.inv(_frames(source[self.triangles]))
        self.gradients = [(_frames((source + shape)[self.triangles]) @ rest).astype(np.float32) for shape in shapes]

    def to(self, target: np.ndarray) -> np.ndarray:
        """Give the shapes (S, V, 3) as deltas on `target` (V, 3)."""
        tri = self.triangles
        corners = target[tri]
        laplacian = sparse.csr_matrix((len(target),) * 2)
        rows: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        for k in range(3):
            i, j, o = tri[:, k], tri[:, (k + 1) % 3], tri[:, (k + 2) % 3]
            a, b = target[i] - target[o], target[j] - target[o]
            cot = (a * b).sum(1) / np.maximum(np.linalg.norm(np.cross(a, b), axis=1), 1e-12)
            weight = np.clip(cot, 0.01, 20) / 2
            rows.append((i, j, weight))
            off = sparse.coo_matrix((weight, (i, j)), laplacian.shape)
            laplacian = laplacian + sparse.diags(np.asarray((off + off.T).sum(1)).ravel()) - off - off.T
        solve = splu(laplacian[self.free][:, self.free].tocsc()).solve
        result = np.zeros((len(self.gradients), len(target), 3))
        for s, gradient in enumerate(self.gradients):
            wish = np.zeros_like(target)
            for k, (i, j, weight) in enumerate(rows):
                edge = corners[:, k] - corners[:, (k + 1) % 3]
                change = weight[:, None] * (np.einsum("tij,tj->ti", gradient, edge) - edge)
                for c in range(3):
                    wish[:, c] += np.bincount(i, change[:, c], len(target)) - np.bincount(j, change[:, c], len(target))
            result[s, self.free] = solve(wish[self.free])
        return result


def _frames(corners: np.ndarray) -> np.ndarray:
    """Two edges and the scaled normal of each triangle as columns, (T, 3, 3)."""
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    normal = np.cross(a, b)
    normal /= np.sqrt(np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-16))
    return np.stack([a, b, normal], axis=2)
