"""Texture coordinates of the skin: one large island for what shows, small discs for what lies inside.

The large island (face, ears, scalp, neck) is cut down the back of the head only. It starts as a mean-value map onto a
circle, which cannot fold, and is then relaxed without ever folding (SLIM, Rabinovich et al. 2017, symmetric Dirichlet
energy), by libigl.
"""

from __future__ import annotations

import igl
import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import spsolve

from .domain import mean_value_laplacian
from .ict import boundary_loops
from .layout import CAP_LENGTH, LID_INNER, LIP_CONTACT, NOSTRIL_RIM, Layout

ISLANDS = {
    "mouth": (LIP_CONTACT, (0.5, 0.856), 0.029),
    "eye": (LID_INNER, (0.719, 0.903), 0.022),
    "nostril": (NOSTRIL_RIM + 1, (0.719, 0.854), 0.022),
}
"""First ring inside, center and radius in the texture; those of the right eye and nostril lie mirrored about 0.5."""
TOP = 0.825
"""Upper edge of the large island; the inside and the pieces lie above."""
FACE, MAGNIFIED, REACH = (0.0, 0.42), 0.7, 0.62
"""Around which point of the island (from its middle, and as a share of its height) the texture is enlarged, how much
there, and the distance where it becomes smaller; in sizes of the island's larger side."""


def unwrap(vertices: np.ndarray, layout: Layout, other: np.ndarray) -> np.ndarray:
    """Give texture coordinates (2F, 4, 2): of the left faces, then of the right ones, which run the other way round.

    vertices (V, 3): the whole skin; other (count,): mirror partner of each vertex of the left half.
    """
    left = np.full((len(layout.faces), 4, 2), np.nan)
    right = left.copy()
    shown = np.ones(len(layout.faces), bool)
    for name, (first, center, radius) in ISLANDS.items():
        inside = np.concatenate([layout.fills[name].ravel(), *layout.rings[name][first:]])
        faces = np.isin(layout.faces, inside).all(axis=1)
        shown &= ~faces
        half = layout.faces[faces]
        whole = np.concatenate([half, other[half][:, ::-1]]) if name == "mouth" else half
        disc = _disc(whole)
        left[faces] = np.add(center, radius * disc[half])
        if name == "mouth":
            right[faces] = np.add(center, radius * disc[other[half]])
        else:
            right[faces] = np.add(center, radius * disc[half]) * [-1, 1] + [1, 0]
    main = _large_island(vertices, layout, other, layout.faces[shown])
    left[shown], right[shown] = main
    return np.concatenate([left, right[:, ::-1]])


def _large_island(
    vertices: np.ndarray, layout: Layout, other: np.ndarray, half: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Unwrap what shows: coordinates (F, 4, 2) of the left faces and, corner by corner, of their mirror images."""
    crown = layout.midline.index(int(layout.cap[0, CAP_LENGTH // 2]))
    cut = np.array(layout.midline[crown + 1 :])
    twin = np.arange(len(vertices))
    twin[cut] = len(vertices) + np.arange(len(cut))
    points = np.concatenate([vertices, vertices[cut]])
    mirrored = twin[other[half]]
    triangles = np.concatenate([half[:, [0, 1, 2]], half[:, [0, 2, 3]], mirrored[:, [0, 2, 1]], mirrored[:, [0, 3, 2]]])
    used, compact = np.unique(triangles, return_inverse=True)
    triangles, points = compact.reshape(-1, 3), points[used]
    points = points / np.sqrt(_areas(points, triangles).sum())
    place = {int(v): k for k, v in enumerate(used)}
    first = place[int(layout.neck[0])]
    spanned, closed = _span_holes(points, triangles, first)
    start = _on_circle(spanned, closed, first)
    none = np.zeros(0, np.int32), np.zeros((0, 2))
    energy = igl.MappingEnergyType.SYMMETRIC_DIRICHLET
    state = igl.slim_precompute(spanned, closed.astype(np.int32), start, energy, *none, 0.0)
    flat = igl.slim_solve(state, 60)[: len(points)]
    partner = np.empty(len(used), int)  # left with right, and the two sides of the cut with one another
    for face, image in zip(half, mirrored, strict=True):
        for a, b in zip(face, image, strict=True):
            partner[place[int(a)]], partner[place[int(b)]] = place[int(b)], place[int(a)]
    front = [place[v] for v in layout.midline[: crown + 1] if v in place]
    up = flat[front[-1]] - flat[front[0]]
    angle = np.pi / 2 - np.arctan2(up[1], up[0])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    flat = (flat - flat[front].mean(axis=0)) @ turn.T
    flat = _magnified((flat + flat[partner] * [-1, 1]) / 2)
    low, high = flat.min(axis=0), flat.max(axis=0)
    scale = min(0.99 / (high[0] - low[0]), (TOP - 0.01) / (high[1] - low[1]))
    flat = (flat - [0, low[1]]) * scale + [0.5, 0.005]
    side = flat[[[place[int(v)] for v in face] for face in half]]
    return side, flat[[[place[int(v)] for v in face] for face in mirrored]]


def _magnified(flat: np.ndarray) -> np.ndarray:
    """Give the face more room than scalp and neck: distances from its middle are bent, so that nothing can fold."""
    low, high = flat.min(axis=0), flat.max(axis=0)
    middle = np.array([FACE[0], low[1] + FACE[1] * (high[1] - low[1])])
    away = flat - middle
    distance = np.linalg.norm(away, axis=1, keepdims=True) / (high - low).max() / REACH
    return middle + away * (1 + MAGNIFIED) / (1 + MAGNIFIED * distance)


def _span_holes(points: np.ndarray, triangles: np.ndarray, first: int) -> tuple[np.ndarray, np.ndarray]:
    """Close every hole but the outline (the one with vertex `first`) by a cone into the head, so that lips and lids
    keep apart in the texture; gives points with the tips at the end, and all triangles."""
    tips, fans = [], []
    for loop in map(np.array, boundary_loops(triangles)):
        if first in loop:
            continue
        rim = points[loop]
        radius = np.linalg.norm(rim - rim.mean(axis=0), axis=1).mean()
        fans.append(np.stack([np.roll(loop, -1), loop, np.full(len(loop), len(points) + len(tips))], axis=1))
        tips.append(rim.mean(axis=0) + [0, radius, 0])
    return np.concatenate([points, tips]), np.concatenate([triangles, *fans])


def _on_circle(points: np.ndarray, triangles: np.ndarray, first: int) -> np.ndarray:
    """Map a disc (V, 3) onto a circle of area 1, vertex `first` lowest."""
    (outer,) = [np.array(loop) for loop in boundary_loops(triangles)]
    outer = np.roll(outer, -int(np.flatnonzero(outer == first)[0]))
    step = np.linalg.norm(np.diff(points[np.r_[outer, outer[0]]], axis=0), axis=1)
    turn = -np.pi / 2 + 2 * np.pi * np.r_[0, np.cumsum(step)][:-1] / step.sum()
    flat = np.zeros((len(points), 2))
    flat[outer] = np.stack([np.cos(turn), np.sin(turn)], axis=1) / np.sqrt(np.pi)
    free = np.setdiff1d(np.arange(len(points)), outer)
    laplacian = mean_value_laplacian(points, triangles)
    flat[free] = spsolve(laplacian[free][:, free].tocsc(), -(laplacian[free][:, outer] @ flat[outer]))
    return flat


def _disc(faces: np.ndarray) -> np.ndarray:
    """Spread the vertices of a disc of quads evenly over the unit disc (V, 2); others stay zero."""
    (loop,) = boundary_loops(faces)
    turn = -np.pi / 2 + np.linspace(0, 2 * np.pi, len(loop), endpoint=False)
    count = faces.max() + 1
    flat = np.zeros((count, 2))
    flat[loop] = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    sides = np.concatenate([faces[:, [k, (k + 1) % 4]] for k in range(4)])
    graph = sparse.coo_matrix((np.ones(len(sides)), sides.T), (count, count)).tocsr()
    graph = ((graph + graph.T) > 0).astype(float)
    laplacian = (sparse.diags(np.asarray(graph.sum(axis=1)).ravel()) - graph).tocsr()
    free = np.setdiff1d(np.unique(faces), loop)
    flat[free] = spsolve(laplacian[free][:, free].tocsc(), -(laplacian[free][:, loop] @ flat[loop]))
    return flat


def _areas(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = np.moveaxis(points[triangles], 1, 0)
    return np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
