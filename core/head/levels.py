"""Levels of detail: the same head for a game and for film, each with every shape.

The game level keeps a subset of the vertices (every second column, row and ring), so what touches keeps touching. The
film level adds vertices between the old ones, which stay: the four-point rule of Dyn, Gregory and Levin 1987, on quads
as Kobbelt 1996 ("Interpolatory Subdivision on Open Quadrilateral Nets with Arbitrary Topology") takes it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import scipy.sparse as sparse

from .. import weights
from .fine import smoothed
from .head import Head

INFLUENCES = 4
"""How many joints may move a vertex of the game level: what engines read."""


def at_level(head: Head, level: str) -> Head:
    """Give a generated head (of the standard level) at one of `head.LEVELS`. Raises KeyError and `WeightsError`."""
    if level == "game":
        return coarse(head, weights.load("template").arrays["game"].astype(np.int64))
    return {"standard": lambda: head, "film": lambda: smoothed(refined(head))}[level]()


def points_at_level(vertices: np.ndarray, level: str) -> np.ndarray:
    """Give where the vertices of a level are, for the generated head's vertices (V, 3): what a dragged slider needs."""
    if level == "game":
        return vertices[game_vertices()]
    return _film() @ vertices if level == "film" else vertices


@cache
def game_vertices() -> np.ndarray:
    """Give which vertices (G,) of the standard level the game level has, in its order."""
    fixed = weights.load("template").arrays
    return np.unique(fixed["faces"].ravel()[fixed["game"].astype(np.int64)])


@cache
def _film() -> sparse.csr_matrix:
    return subdivision(weights.load("template").arrays["faces"].astype(np.int64))[0]


def coarse(head: Head, corners: np.ndarray) -> Head:
    """Give the head with faces made of corners (G, 4) of its own, each 4 * face + corner."""
    faces = head.faces.ravel()[corners]
    kept, compact = np.unique(faces, return_inverse=True)
    face = corners[:, 0] // 4
    return replace(
        head,
        neutral=head.neutral[kept],
        faces=compact.reshape(faces.shape).astype(np.int32),
        uv=head.uv.reshape(-1, 2)[corners],
        part=head.part[face],
        region=head.region[face] if len(head.region) else head.region,
        colors=head.colors[kept],
        shapes=head.shapes[:, kept],
        skin_weights=_strongest(head.skin_weights[kept]),
    )


def _strongest(rows: np.ndarray) -> np.ndarray:
    """Keep the INFLUENCES largest of each row and let them add up to 1 again."""
    kept = rows.copy()
    np.put_along_axis(kept, np.argsort(rows, axis=1)[:, :-INFLUENCES], 0, axis=1)
    return kept / kept.sum(axis=1, keepdims=True)


def refined(head: Head) -> Head:
    """Give the head with every quad cut into four; old vertices keep their numbers and places."""
    smooth, plain, faces = subdivision(head.faces)
    flat = np.moveaxis(head.shapes, 0, 1).reshape(len(head.neutral), -1)  # one product for all shapes
    shapes = np.moveaxis((smooth @ flat).reshape(smooth.shape[0], -1, 3), 1, 0)
    uv = head.uv
    side, middle = (uv + np.roll(uv, -1, axis=1)) / 2, uv.mean(axis=1, keepdims=True).repeat(4, axis=1)
    return replace(
        head,
        neutral=smooth @ head.neutral,
        faces=faces.astype(np.int32),
        uv=np.stack([uv, side, middle, np.roll(side, 1, axis=1)], axis=2).reshape(-1, 4, 2),
        part=head.part.repeat(4),
        region=head.region.repeat(4),
        colors=plain @ head.colors,
        shapes=shapes,
        skin_weights=plain @ head.skin_weights,
    )


def subdivision(faces: np.ndarray) -> tuple[sparse.csr_matrix, sparse.csr_matrix, np.ndarray]:
    """Cut quads (F, 4) into four. Give the four-point matrix (V', V) for places, one of plain means for what must stay
    between its ends, and the new faces (4F, 4). New vertices are the old ones, then edges, then faces."""
    count, total = int(faces.max()) + 1, faces.size
    start, end = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
    onward = np.arange(total) // 4 * 4 + (np.arange(total) + 1) % 4  # the next side of the same face
    key, back = start.astype(np.int64) * count + end, end.astype(np.int64) * count + start
    order = np.argsort(key)
    found = order[np.searchsorted(key, back, sorter=order).clip(max=total - 1)]
    twin = np.where(key[found] == back, found, -1)

    first = (twin < 0) | (start < end)  # one of the two sides of each edge
    edge = np.cumsum(first) - 1
    edge = np.where(first, edge, edge[twin])
    edges = np.flatnonzero(first)
    regular = np.bincount(start, minlength=count) == 4
    border = np.zeros(count, bool)
    border[start[twin < 0]] = border[end[twin < 0]] = True
    regular &= ~border

    # straight on beyond the end of a side: over the next side into the face behind it, where its next side begins
    behind = twin[onward]
    ahead = np.where(regular[end] & (behind >= 0), end[onward[behind]], -1)
    before = np.where(twin >= 0, ahead[twin], -1)
    on_border = twin < 0
    straight = np.bincount(start, minlength=count) == 2  # a border runs on past these, and turns at others
    following, previous = np.full(count, -1), np.full(count, -1)
    following[start[on_border]] = end[on_border]
    previous[end[on_border]] = start[on_border]
    following[~straight] = previous[~straight] = -1
    ahead = np.where(on_border, following[end], ahead)
    before = np.where(on_border, previous[start], before)

    middle = _four_point(before[edges], start[edges], end[edges], ahead[edges], count)
    halves = _rows([(np.stack([start[edges], end[edges]], axis=1), np.full((len(edges), 2), 0.5))], count)

    # a face's point lies on the line from the edge points beside it, once each way
    opposite = onward[onward]
    across = twin[opposite]
    beyond = np.where(across >= 0, edge[opposite[across]], -1)
    sides = np.arange(total).reshape(-1, 4)
    both = []
    for k in (0, 1):
        one, other = sides[:, k], sides[:, k + 2]
        both.append(_four_point(beyond[other], edge[one], edge[other], beyond[one], len(edges)))
    center = ((both[0] + both[1]) / 2) @ middle
    mean = _rows([(faces, np.full(faces.shape, 0.25))], count)
    same = sparse.identity(count, format="csr")
    corner = start.reshape(-1, 4)
    side = count + edge.reshape(-1, 4)
    hub = np.repeat(count + len(edges) + np.arange(len(faces))[:, None], 4, axis=1)
    fine = np.stack([corner, side, hub, np.roll(side, 1, axis=1)], axis=2).reshape(-1, 4)
    smooth = sparse.vstack([same, middle, center]).tocsr().astype(np.float32)
    return smooth, sparse.vstack([same, halves, mean]).tocsr().astype(np.float32), fine


def _four_point(before: np.ndarray, a: np.ndarray, b: np.ndarray, after: np.ndarray, count: int) -> sparse.csr_matrix:
    """Rows (N, count) that put a point between a and b: by a cubic through four points, a parabola where one of the
    outer ones is missing (-1), or in the middle."""
    left, right = before >= 0, after >= 0
    weight = np.select(
        [(left & right)[:, None], left[:, None], right[:, None]],
        [np.array([-1, 9, 9, -1]) / 16, np.array([-1, 6, 3, 0]) / 8, np.array([0, 3, 6, -1]) / 8],
        np.array([0, 1, 1, 0]) / 2,
    )
    index = np.stack([np.where(left, before, a), a, b, np.where(right, after, b)], axis=1)
    return _rows([(index, weight)], count)


def _rows(parts: list[tuple[np.ndarray, np.ndarray]], count: int) -> sparse.csr_matrix:
    index = np.concatenate([i for i, _ in parts])
    weight = np.concatenate([w for _, w in parts])
    rows = np.arange(0, index.size + 1, index.shape[1])
    table = sparse.csr_matrix((weight.ravel(), index.ravel(), rows), (len(index), count))
    table.sum_duplicates()
    return table
