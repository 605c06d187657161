"""Turns single faces that look the other way than those beside them; which way is out is not asked here."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.csgraph import connected_components

from .surface import Mesh


def consistent(mesh: Mesh) -> Mesh:
    """Give a mesh in which triangles that share an edge look to the same side, as most of their piece do.

    Every triangle is two nodes of a graph, as it is and turned; neighbors join those that agree. A piece falls apart
    into two parts then, either of which is a way to turn it; where it does not (a Möbius strip), it stays as it is.
    """
    count, number = len(mesh.triangles), len(mesh.vertices)
    corners = mesh.welded[mesh.triangles].astype(np.int64)
    start, end = corners.T.ravel(), np.roll(corners, -1, axis=1).T.ravel()
    row = np.tile(np.arange(count), 3)
    name = np.minimum(start, end) * number + np.maximum(start, end)
    order = np.argsort(name, kind="stable")
    name, row, forward = name[order], row[order], (start < end)[order]
    first = np.flatnonzero(np.diff(name, prepend=-1))
    pair = first[np.diff(first, append=len(name)) == 2]
    a, b, clash = row[pair], row[pair + 1], forward[pair] == forward[pair + 1]
    if not clash.any():
        return mesh
    ends = np.stack([np.r_[a, a + count], np.r_[b + clash * count, b + ~clash * count]])
    graph = sparse.coo_matrix((np.ones(ends.shape[1]), ends), (2 * count, 2 * count))
    label = connected_components(graph, directed=False)[1]
    as_is, turned = label[:count], label[count:]
    piece = np.minimum(as_is, turned)
    change = as_is != piece
    share = np.bincount(piece, change) / np.maximum(np.bincount(piece), 1)
    change ^= share[piece] > 0.5
    change &= as_is != turned
    triangles = mesh.triangles.copy()
    triangles[change] = triangles[change, ::-1]
    return Mesh(mesh.vertices, triangles)
