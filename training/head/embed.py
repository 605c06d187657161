"""Places the layout on the scanned surface: features are pinned to their curves, everything else relaxes evenly.

Placement starts as a Tutte embedding in the flattened domain and is then relaxed on the surface itself: each free
vertex moves towards the mean of its neighbours in space, the move being carried back into the domain through the
triangle that it stands on, so that no vertex ever leaves the surface, ears and nostrils included.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import spsolve

from .bag import bag_places
from .curves import pins
from .domain import WIDTH, Domain
from .layout import NOSE_BASE_ROW, NOSE_TIP_ROW, Layout, edges_of
from .midline import midline_of

PINNED_ROWS = (NOSE_BASE_ROW, NOSE_TIP_ROW)
"""Rows fixed on the front midline."""


@dataclass(frozen=True)
class Placement:
    """Where each half-head vertex stands: indices (V, 3) into the domain's vertices and weights (V, 3)."""

    indices: np.ndarray
    weights: np.ndarray


def place(layout: Layout, domain: Domain, rounds: int = 250) -> Placement:
    """Pin, embed and relax the half layout; give each vertex as a barycentric point of the scan."""
    midline = midline_of(domain)
    pinned = pins(layout, domain)
    along = midline.starts(layout, pinned)
    neck = {v: np.array([x, 0.0]) for v, x in zip(layout.neck, np.linspace(0, WIDTH, len(layout.neck)), strict=True)}
    on_midline = {v: midline.at(s) for v, s in along.items()}
    points = _tutte(layout, pinned | {v: p for v, p in on_midline.items() if p[0] < WIDTH + 1} | neck)
    bag = bag_places(layout, domain)
    still = {int(layout.grid[0, row]): on_midline[int(layout.grid[0, row])] for row in PINNED_ROWS}
    fixed = on_midline | still | pinned | bag | neck
    sliding = [v for v in layout.midline if v not in still | pinned | bag | neck]
    free = np.setdiff1d(np.arange(layout.count), list(fixed))
    for v, point in fixed.items():
        points[v] = point
    graph = _neighbours(layout)
    mean = (sparse.diags(1 / np.asarray(graph.sum(axis=1)).ravel()) @ graph).tocsr()
    for _ in range(rounds):
        triangle, weights = domain.locate(points)
        space = domain.lift(triangle, weights)
        move = mean @ space - space
        points[free] += _carried(domain, triangle[free], move[free])
        points[free] = domain.flat(*domain.locate(points[free]))  # back inside, where a step left a chart
        for v in sliding:
            along[v] += 0.5 * move[v] @ midline.tangent(along[v])
            points[v] = midline.at(along[v])
    triangle, weights = domain.locate(points)
    return Placement(domain.triangles[triangle], weights)


def _carried(domain: Domain, triangle: np.ndarray, move: np.ndarray) -> np.ndarray:
    """Turn moves in space (P, 3) into steps in the domain (P, 2) through the triangles (P,) that they start from."""
    corners2, corners3 = domain.points[domain.triangles[triangle]], domain.surface[domain.triangles[triangle]]
    flat = np.stack([corners2[:, 1] - corners2[:, 0], corners2[:, 2] - corners2[:, 0]], axis=2)
    lifted = np.stack([corners3[:, 1] - corners3[:, 0], corners3[:, 2] - corners3[:, 0]], axis=2)
    step = np.einsum("pij,pj->pi", np.linalg.pinv(lifted @ np.linalg.inv(flat)), move)
    # a move longer than its triangle would leave the map that carries it
    size = np.sqrt(np.linalg.norm(np.cross(lifted[:, :, 0], lifted[:, :, 1]), axis=1))
    reach = np.minimum(0.5, 0.35 * size / np.maximum(np.linalg.norm(move, axis=1), 1e-12))
    return reach[:, None] * step


def _neighbours(layout: Layout) -> sparse.csr_matrix:
    """Adjacency of the half mesh; across the midline a neighbour counts twice, as its mirror image does too."""
    edges = edges_of(layout.faces)
    on = np.isin(np.arange(layout.count), layout.midline)
    both = np.concatenate([edges, edges[:, ::-1]])
    weight = np.where(on[both[:, 0]] & ~on[both[:, 1]], 2.0, 1.0)
    return sparse.coo_matrix((weight, both.T), (layout.count, layout.count)).tocsr()


def _tutte(layout: Layout, known: dict[int, np.ndarray]) -> np.ndarray:
    edges = edges_of(layout.faces)
    graph = sparse.coo_matrix((np.ones(len(edges)), edges.T), (layout.count, layout.count)).tocsr()
    graph = graph + graph.T
    laplacian = (sparse.diags(np.asarray(graph.sum(axis=1)).ravel()) - graph).tocsr()
    fixed = np.array(sorted(known))
    free = np.setdiff1d(np.arange(layout.count), fixed)
    points = np.zeros((layout.count, 2))
    points[fixed] = [known[v] for v in fixed]
    points[free] = spsolve(laplacian[free][:, free].tocsc(), -(laplacian[free][:, fixed] @ points[fixed]))
    return points
