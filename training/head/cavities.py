"""Places what lies inside nostril and ear canal, and takes folds out of the skin around them.

The scan is closed there by crumpled pockets that no even mesh can lie on. A short tube with a flat end replaces them:
every vertex of it is a fixed mix of the rim's vertices and of one place that the tube runs towards, so it follows any
identity and any expression that the rim follows, and cannot fold.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import spsolve

from .layout import EAR_CANAL, EYE_ROW, NOSTRIL_RIM, Layout, edges_of

TUBES = {"nostril": (NOSTRIL_RIM, 0.24, 0.5), "ear": (EAR_CANAL, 1.0, 0.6)}
"""Ring that the tube starts from, how far it goes of the way to its goal, and how wide its end is. A nostril runs
towards the root of the nose, the ear canal to the bottom of the scan's pocket."""
ROUNDS = 60


def mend(layout: Layout, half: np.ndarray) -> sparse.csr_matrix:
    """Give the matrix (N, N) that takes the placed half head (N, 3) to one without folds; mirror images go with it."""
    mixed = _tubes(layout)
    for step in _unfolding(layout, mixed @ half):
        mixed = step @ mixed
    return mixed.tocsr()


def _tubes(layout: Layout) -> sparse.csr_matrix:
    table = sparse.identity(layout.count, format="lil")
    for name, (rim, length, width) in TUBES.items():
        start, inner = layout.rings[name][rim], layout.rings[name][rim + 1 :]
        goal = layout.grid[:1, EYE_ROW] if name == "nostril" else layout.fills[name].ravel()
        mean = np.full(len(start), 1 / len(start))
        for k, ring in enumerate(inner, 1):
            t = k / len(inner)
            shrink = (1 - width) * t**0.7
            for v, from_rim in zip(ring, start, strict=True):
                table[v] = 0
                table[v, start] = (shrink - t * length) * mean
                table[v, goal] = t * length / len(goal)
                table[v, from_rim] += 1 - shrink
    tubes = table.tocsr()
    ends = sparse.identity(layout.count, format="lil")
    for name in TUBES:
        border, free = layout.rings[name][-1], layout.fills[name][1:-1, 1:-1].ravel()
        laplacian = _laplacian(layout.faces[np.isin(layout.faces, layout.fills[name]).all(axis=1)], layout.count)
        flat = spsolve(laplacian[free][:, free].tocsc(), -laplacian[free][:, border].toarray())
        for v, row in zip(free, flat, strict=True):
            ends[v] = 0
            ends[v, border] = row
    return ends.tocsr() @ tubes


def _unfolding(layout: Layout, points: np.ndarray) -> Iterator[sparse.csr_matrix]:
    """Smooth the vertices of folded quads, and half as much those beside them, until none is folded."""
    on = np.isin(np.arange(layout.count), layout.midline)
    edges = edges_of(layout.faces)
    both = np.concatenate([edges, edges[:, ::-1]])
    weight = np.where(on[both[:, 0]] & ~on[both[:, 1]], 2.0, 1.0)  # across the midline stands the mirror image
    graph = sparse.coo_matrix((weight, both.T), (layout.count, layout.count)).tocsr()
    mean = sparse.diags(1 / np.asarray(graph.sum(axis=1)).ravel()) @ graph
    keep = np.isin(np.arange(layout.count), [*layout.neck])
    for _ in range(ROUNDS):
        bad = folded(points, layout.faces)
        if not bad.any():
            return
        mask = np.zeros(layout.count)
        mask[layout.faces[bad]] = 0.6
        mask = np.maximum(mask, 0.5 * np.minimum(1, graph @ mask))
        mask[keep] = 0
        step = sparse.diags(1 - mask) + sparse.diags(mask) @ mean
        points = step @ points
        points[layout.midline, 0] = 0
        yield step.tocsr()


def folded(points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Tell which quads (F,) have a corner that turns against the surface around it (points (V, 3), faces (F, 4))."""
    corners = points[faces]
    turn = np.cross(np.roll(corners, -1, axis=1) - corners, np.roll(corners, 1, axis=1) - corners)
    normal = np.zeros_like(points)
    np.add.at(normal, faces, turn.sum(axis=1, keepdims=True))
    around = normal[faces].sum(axis=1)
    around /= np.maximum(np.linalg.norm(around, axis=1, keepdims=True), 1e-12)
    size = np.linalg.norm(turn.sum(axis=1), axis=1) / 4
    return (np.einsum("fkd,fd->fk", turn, around) < 0.04 * size[:, None]).any(axis=1)


def _laplacian(faces: np.ndarray, count: int) -> sparse.csr_matrix:
    edges = edges_of(faces)
    graph = sparse.coo_matrix((np.ones(len(edges)), edges.T), (count, count)).tocsr()
    graph = graph + graph.T
    return (sparse.diags(np.asarray(graph.sum(axis=1)).ravel()) - graph).tocsr()
