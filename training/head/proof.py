"""What a head's mesh must hold to, as measures: its topology and its texture."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from headroom.core.head.head import Head

from .layout import GAME_RINGS, LID_INNER, LIP_INNER, Layout, edges_of
from .loops import follow, straight_on

LOOPS = {"mouth": LIP_INNER, "eye": LID_INNER, "nostril": None, "ear": None}
"""The last ring of each block that counts as a loop around lips, lids, nostril or ear; None: all of them."""
CLOSED = ("eye_left", "eye_right", "teeth_upper", "teeth_lower", "gums_upper", "gums_lower", "tongue")
"""Parts that are closed surfaces of their own; skin and mouth together are open at the neck alone."""


def topology(head: Head) -> dict[str, int]:
    """Count what should not be: faces that are no quads, edges of more than two faces or of two that run the same way,
    vertices of no face, open edges where a part should be closed, and outlines of the skin beyond the neck's."""
    faces = head.faces
    sides = np.concatenate([faces[:, [k, (k + 1) % 4]] for k in range(4)])
    uses = np.unique(np.sort(sides, axis=1), axis=0, return_counts=True)[1]
    loose = len(head.neutral) - len(np.unique(faces))
    skin = np.isin(head.part, ("skin", "mouth"))
    outlines = _open_edges(faces[skin])
    low = head.neutral[outlines.ravel(), 2].max() < np.percentile(head.neutral[np.unique(faces[skin]), 2], 12)
    return {
        "not quads": sum(len(set(face)) < 4 for face in faces.tolist()),
        "edges used wrongly": int((uses > 2).sum()) + len(sides) - len(np.unique(sides, axis=0)),
        "loose vertices": loose,
        "open edges inside": sum(len(_open_edges(faces[head.part == part])) for part in CLOSED),
        "outlines beyond the neck's": _loops(outlines) - 1 + (not low),
    }


def asymmetry(head: Head) -> dict[str, float]:
    """How far the mean is from its mirror image: metres, and faces without a mirrored partner."""
    points, count = head.neutral.astype(np.float64), len(head.neutral)
    opened = head.shapes[head.shape_names.index("jawOpen")] / 40  # lips that touch at rest must not be confused
    places = np.concatenate([points, opened], axis=1)
    mirrored = places * [-1, 1, 1, -1, 1, 1]
    away, partner = np.zeros(count), np.zeros(count, int)
    sided = np.char.replace(np.char.replace(head.part, "_left", "_LEFT"), "_right", "_left")
    other = np.char.replace(sided, "_LEFT", "_right")
    for part in np.unique(head.part):
        here, there = np.unique(head.faces[head.part == part]), np.unique(head.faces[other == part])
        partner[here] = there[cKDTree(places[there]).query(mirrored[here])[1]]
        away[here] = np.linalg.norm(points[partner[here]] - mirrored[here, :3], axis=1)
    known = {tuple(sorted(face)) for face in head.faces.tolist()}
    alone = sum(tuple(sorted(face)) not in known for face in partner[head.faces].tolist())
    return {"metres": float(away.max()), "faces": float(alone)}


def loops(head: Head, layout: Layout, level: str, kept: np.ndarray) -> dict[str, int]:
    """Count the closed loops of edges, free of poles, around the left lips, lids, nostril and ear.

    kept: the standard level's vertices that the level has, in its order. A ring counts when walking straight on from
    its first edge through vertices of four edges comes back to it.
    """
    skin = head.faces[np.isin(head.part, ("skin", "mouth"))]
    number = {int(v): k for k, v in enumerate(kept)}
    beside: dict[int, set[int]] = {}
    for a, b in edges_of(skin).tolist():
        beside.setdefault(a, set()).add(b)
        beside.setdefault(b, set()).add(a)
    step, found = straight_on(skin), {}
    for name, last in LOOPS.items():
        rings = range(1, len(layout.rings[name]) if last is None else last + 1)
        chosen = [k for k in rings if level != "game" or k in GAME_RINGS[name]]
        found[name] = 0
        for k in chosen:
            ring = layout.rings[name][k]
            first, second = number[int(ring[0])], number[int(ring[2 if level == "game" else 1])]
            if level == "film":
                (second,) = beside[first] & beside[second]
            try:
                loop = follow(step, first, second)
            except ValueError:
                continue
            found[name] += len(set(loop.tolist())) == len(loop)
    return found


def texture(head: Head, size: int = 2048) -> dict[str, float]:
    """Measure the texture: faces turned over, pixels that two faces cover, and on the skin the stretch (ratio of the
    largest to the smallest scale, median and 95th percentile) and density (95th over 5th percentile of scale)."""
    split = np.array([[0, 1, 2], [0, 2, 3]])
    uv = head.uv[:, split].reshape(-1, 3, 2).astype(np.float64)
    a, b = uv[:, 1] - uv[:, 0], uv[:, 2] - uv[:, 0]
    area = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).reshape(-1, 2).sum(axis=1)  # of quads
    space = head.neutral[head.faces[:, split].reshape(-1, 3)].astype(np.float64)
    skin = np.repeat(head.part == "skin", 2)
    large, small = _scales(uv[skin], space[skin])
    size_of = np.sqrt(large * small)
    return {
        "faces turned over": float((area <= 0).sum()),
        "pixels covered twice": float(_covered_twice(uv, size)),
        "outside": float((uv < 0).any() or (uv > 1).any()),
        "stretch median": float(np.median(large / small)),
        "stretch p95": float(np.percentile(large / small, 95)),
        "density p95/p5": float(np.percentile(size_of, 95) / np.percentile(size_of, 5)),
    }


def _scales(uv: np.ndarray, space: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The largest and smallest scale (T,) of the map from surface to texture, by triangle."""
    along, other = space[:, 1] - space[:, 0], space[:, 2] - space[:, 0]
    length = np.maximum(np.linalg.norm(along, axis=1), 1e-9)
    x = (other * along).sum(axis=1) / length
    y = np.maximum(np.linalg.norm(np.cross(along, other), axis=1) / length, 1e-9)
    flat = np.zeros((len(uv), 2, 2))
    flat[:, 0, 0], flat[:, 0, 1], flat[:, 1, 1] = length, x, y
    edges = np.stack([uv[:, 1] - uv[:, 0], uv[:, 2] - uv[:, 0]], axis=2)
    values = np.linalg.svd(edges @ np.linalg.inv(flat), compute_uv=False)
    return values[:, 0], np.maximum(values[:, 1], 1e-9)


def _covered_twice(uv: np.ndarray, size: int) -> int:
    """How many pixels have their center strictly inside of two triangles (T, 3, 2)."""
    spots = uv * size - 0.5
    low, high = np.ceil(spots.min(axis=1)).astype(int), np.floor(spots.max(axis=1)).astype(int)
    count = np.zeros((size, size), np.int32)
    for triangle, (x0, y0), (x1, y1) in zip(spots, low, high, strict=True):
        if x1 < x0 or y1 < y0:
            continue
        x, y = np.meshgrid(np.arange(x0, x1 + 1), np.arange(y0, y1 + 1))
        inside = np.ones(x.shape, bool)
        for k in range(3):
            (px, py), (qx, qy) = triangle[k], triangle[(k + 1) % 3]
            inside &= (qx - px) * (y - py) - (qy - py) * (x - px) > 1e-7
        count[y[inside] % size, x[inside] % size] += 1
    return int((count > 1).sum())


def _open_edges(faces: np.ndarray) -> np.ndarray:
    sides = np.sort(np.concatenate([faces[:, [k, (k + 1) % 4]] for k in range(4)]), axis=1)
    edges, uses = np.unique(sides, axis=0, return_counts=True)
    return edges[uses == 1]


def _loops(edges: np.ndarray) -> int:
    """How many loops edges (E, 2) make: their connected components."""
    group = {int(v): int(v) for v in np.unique(edges)}

    def top(v: int) -> int:
        while group[v] != v:
            v = group[v]
        return v

    for a, b in edges.tolist():
        group[top(a)] = top(b)
    return len({top(v) for v in group})
