"""Whether a mesh can be taken for a head at all, before anything looks for a face: what is wrong, in plain words.

Heads have open borders and several pieces (eyes, teeth, lashes): neither is a flaw.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from ..errors import InputError

MOST = 1_000_000
"""Vertices beyond which nothing is tried: every shape stores them all, and so does Blender; about six gigabytes."""
FEWEST = 100
"""Vertices in faces; with fewer there are no lips and lids to move. Suzanne has 507."""
THINNEST = 1e-3
"""A mesh whose thinnest side is less than this share of its longest is a sheet."""
SKIN = 0.1
"""Share of all area that one piece must have to be a head's skin; how many others there are says nothing: lashes and
hair may be hundreds."""
FAR, FEW = 30.0, 0.01
"""Distances of the median vertex from the middle beyond which vertices lie there by mistake, and the share of all that
these are less than."""
SAME = 1e-6
"""Share of the size within which two vertices are at one place."""
UNEVEN = 1e-3
"""Share by which the scales of three axes may differ, and sine by which axes may be turned or skewed."""


@dataclass(frozen=True)
class Flaw:
    """One thing that is wrong with a mesh.

    what      which one: a key of `check`'s list
    why       one line: what is wrong, and what to do
    fatal     nothing can be done with the mesh until that is mended; others are put up with
    vertices  (N,) where it is, as numbers of vertices; empty where it is everywhere
    """

    what: str
    why: str
    fatal: bool = False
    vertices: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64), compare=False)


def check(vertices: np.ndarray, faces: np.ndarray, matrix: np.ndarray | None = None) -> list[Flaw]:
    """Find what is wrong with a mesh that should be a head; fatal flaws first, none for a good mesh.

    vertices (V, 3) in any unit, faces (P, C) with -1 where a face has fewer corners, matrix (4, 4) that places the mesh
    in the world. Fatal: those of `fatal`, and "zero_size" and "non_finite" of the matrix. Others: "mirrored", "scaled",
    "rotated", "non_manifold", "flipped", "degenerate", "unwelded", "loose_vertices", "far_off", "in_pieces".
    """
    flaws = fatal(vertices, faces)
    if any(flaw.what in ("empty", "damaged", "non_finite", "too_many") for flaw in flaws):
        return flaws
    vertices, faces = np.asarray(vertices, dtype=np.float64), np.asarray(faces)
    flaws += [*_placed(matrix)]
    if not any(flaw.what in ("zero_size", "non_finite") for flaw in flaws):
        used = np.unique(faces[faces >= 0])
        flaws += [*_surface(vertices, faces), *_far(vertices, used), *_pieces(vertices, faces, used)]
    return sorted(flaws, key=lambda flaw: not flaw.fatal)


def fatal(vertices: np.ndarray, faces: np.ndarray) -> list[Flaw]:
    """Find, in little time, why a mesh as in `check` cannot be rigged: "empty", "damaged" (faces of vertices that are
    not there), "non_finite", "zero_size", "flat", "too_few", "too_many"."""
    vertices, faces = np.asarray(vertices, dtype=np.float64), np.asarray(faces)
    if not vertices.size or not faces.size:
        missing = "vertices" if not vertices.size else "faces"
        return [Flaw("empty", f"the mesh has no {missing}; choose the mesh of a head", fatal=True)]
    if vertices.ndim != 2 or vertices.shape[1] != 3 or faces.ndim != 2 or faces.shape[1] < 3:
        return [Flaw("damaged", "the mesh is no list of points and faces; export it again", fatal=True)]
    if faces.min() < -1 or faces.max() >= len(vertices) or (faces[:, :3] < 0).any():
        return [Flaw("damaged", "the mesh has faces of vertices that are not there; export it again", fatal=True)]
    wrong = np.flatnonzero(~np.isfinite(vertices).all(axis=1))
    if len(wrong):
        why = f"{len(wrong)} vertices have coordinates that are no numbers, the first is {wrong[0]}; delete them"
        return [Flaw("non_finite", why, fatal=True, vertices=wrong)]
    if len(vertices) > MOST:
        why = f"the mesh has {len(vertices):,} vertices, more than {MOST:,}; decimate or remesh it first"
        return [Flaw("too_many", why, fatal=True)]
    used = np.unique(faces[faces >= 0])
    if len(used) < FEWEST:
        why = f"the mesh has {len(used)} vertices in faces, too few for a head; choose the head, or subdivide it"
        return [Flaw("too_few", why, fatal=True), *_extent(vertices[used])]
    return list(_extent(vertices[used][~far_off(vertices[used])]))


def far_off(points: np.ndarray) -> np.ndarray:
    """Tell which points (N, 3) lie so far from nearly all others that they are there by mistake, (N,)."""
    if not len(points):
        return np.zeros(0, bool)
    away = np.abs(points - np.median(points, axis=0)).max(axis=1)
    far = away > FAR * np.median(away)
    return far if far.mean() < FEW else np.zeros(len(points), bool)


def refuse(flaws: Iterable[Flaw], name: str) -> None:
    """Raise `InputError` for the first fatal flaw of a mesh, object or file that is called `name`."""
    for flaw in flaws:
        if flaw.fatal:
            raise InputError(f"{name}: {flaw.why}")


def _extent(points: np.ndarray) -> Iterable[Flaw]:
    """Tell a point and a sheet from a solid thing, however it is turned."""
    spread = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    if spread[0] <= np.finfo(np.float32).eps * max(1.0, np.abs(points).max()):
        yield Flaw("zero_size", "all vertices are at one place; choose the mesh of a head", fatal=True)
    elif len(spread) < 3 or spread[2] < THINNEST * spread[0]:
        yield Flaw("flat", "the mesh is flat; choose the mesh of a head", fatal=True)


def _placed(matrix: np.ndarray | None) -> Iterable[Flaw]:
    """Read a transform that was not applied: what it does to the three axes."""
    if matrix is None:
        return
    if not np.isfinite(matrix).all():
        yield Flaw("non_finite", "the object's transform is no number; clear it (Object > Clear)", fatal=True)
        return
    axes = np.asarray(matrix, dtype=np.float64)[:3, :3]
    scales = np.linalg.norm(axes, axis=0)
    if scales.max() <= 0 or abs(np.linalg.det(axes)) <= 1e-12 * scales.max() ** 3:
        yield Flaw("zero_size", "the object is scaled to nothing; clear its scale (Alt S)", fatal=True)
        return
    if np.linalg.det(axes) < 0:
        yield Flaw("mirrored", "the object's scale mirrors it: left is right; apply the scale (Ctrl A) to be sure")
    unit = axes / scales
    skew = np.abs(unit.T @ unit - np.eye(3)).max()
    if np.ptp(scales) > UNEVEN * scales.max() or skew > UNEVEN:
        why = "the object is stretched along an axis; apply the scale (Ctrl A), or shapes are stretched the same way"
        yield Flaw("scaled", why)
    elif abs(scales.mean() - 1) > UNEVEN:
        yield Flaw("scaled", f"the object is scaled by {scales.mean():.4g}; apply the scale (Ctrl A) before export")
    if np.abs(np.abs(unit) - np.eye(3)).max() > UNEVEN:
        yield Flaw("rotated", "the object is rotated; apply the rotation (Ctrl A) before export")


def _edges(faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give each side of each face: from and to which vertex, (E, 2), and of which face, (E,)."""
    after = np.roll(faces, -1, axis=1)
    after = np.where(after < 0, faces[:, :1], after)
    there = faces >= 0
    return np.stack([faces[there], after[there]], axis=1).astype(np.int64), np.nonzero(there)[0]


def _surface(vertices: np.ndarray, faces: np.ndarray) -> Iterable[Flaw]:
    """Look at the sides that faces share."""
    edges, _ = _edges(faces)
    bare = edges[edges[:, 0] != edges[:, 1]]
    number = len(vertices)
    _, sides = np.unique(bare.min(axis=1) * number + bare.max(axis=1), return_counts=True)
    crowded = np.unique(bare.min(axis=1) * number + bare.max(axis=1))[sides > 2]
    if len(crowded):
        where = np.unique(np.stack([crowded // number, crowded % number]))
        why = f"{len(crowded)} edges have more than two faces (Select > All by Trait > Non Manifold)"
        yield Flaw("non_manifold", why, vertices=where)
    directed, times = np.unique(bare[:, 0] * number + bare[:, 1], return_counts=True)
    twice = directed[(times == 2) & ~np.isin(directed // number + (directed % number) * number, directed)]
    if len(twice):
        where = np.unique(np.stack([twice // number, twice % number]))
        why = f"{len(twice)} edges have faces that look to opposite sides; recalculate normals (Shift N in Edit Mode)"
        yield Flaw("flipped", why, vertices=where)
    empty = np.flatnonzero(_areas(vertices, faces) <= (SAME * _size(vertices)) ** 2)
    if len(empty):
        why = f"{len(empty)} faces have no area; merge by distance (M in Edit Mode)"
        yield Flaw("degenerate", why, vertices=np.unique(faces[empty][faces[empty] >= 0]))


def _areas(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Give each face's area (P,), for a bent one that of its shadow: half its fan's vector area."""
    total = np.zeros((len(faces), 3))
    origin = vertices[faces[:, 0]]
    for corner in range(1, faces.shape[1] - 1):
        there = faces[:, corner + 1] >= 0
        sides = (vertices[faces[there][:, corner + k]] - origin[there] for k in (0, 1))
        total[there] += np.cross(*sides)
    return np.linalg.norm(total, axis=1) / 2


def _far(vertices: np.ndarray, used: np.ndarray) -> Iterable[Flaw]:
    where = used[far_off(vertices[used])]
    if len(where):
        why = f"{len(where)} vertices lie far away from all others, the first is {where[0]}; delete them"
        yield Flaw("far_off", why, vertices=where)


def _pieces(vertices: np.ndarray, faces: np.ndarray, used: np.ndarray) -> Iterable[Flaw]:
    """Count what hangs together, with vertices at one place taken as one."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    if len(used) < len(vertices):
        loose = np.setdiff1d(np.arange(len(vertices)), used)
        why = f"{len(loose)} vertices are in no face; delete them (Mesh > Clean Up > Delete Loose)"
        yield Flaw("loose_vertices", why, vertices=loose)
    step = SAME * _size(vertices)
    _, place = np.unique(np.round(vertices / step).astype(np.int64), axis=0, return_inverse=True)
    place = place.ravel()
    edges, _ = _edges(faces)
    borders = _border_vertices(edges, len(vertices))
    _, first, times = np.unique(place[borders], return_index=True, return_counts=True)
    if len(borders) and (times > 1).sum() > 0.01 * len(used):
        where = borders[np.isin(place[borders], place[borders][first[times > 1]])]
        why = f"{len(where)} vertices lie on others at borders: the mesh is split; merge by distance (M) to join it"
        yield Flaw("unwelded", why, vertices=where)
    joined = place[edges]
    count = int(place.max()) + 1
    graph = coo_matrix((np.ones(len(joined)), (joined[:, 0], joined[:, 1])), shape=(count, count))
    _, part = connected_components(graph, directed=False)
    share = np.bincount(part[place[faces[:, 0]]], weights=_areas(vertices, faces))
    if share.max() < SKIN * share.sum():
        why = f"the mesh is in {np.count_nonzero(share)} pieces, none large enough for a head's skin; join or choose it"
        yield Flaw("in_pieces", why)


def _border_vertices(edges: np.ndarray, number: int) -> np.ndarray:
    """Give the vertices of edges that have one face."""
    sides = edges.min(axis=1) * number + edges.max(axis=1)
    names, times = np.unique(sides, return_counts=True)
    alone = names[times == 1]
    return np.unique(np.stack([alone // number, alone % number]))


def _size(vertices: np.ndarray) -> float:
    return float(np.linalg.norm(np.ptp(vertices, axis=0)))
