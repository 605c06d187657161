"""Evens out what is left of faces that shapes turn over, anywhere on the skin and at the game level as well.

Rings of lips and lids are evened first (`folds`), which keeps most shapes whole; this looks at every face that a shape
may turn, and at those of the game level, which are made of the same vertices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .surface import Surface, turned

WIDER = ((3, 6), (5, 8), (8, 12), (12, 24))
"""Within how many rings of a fold skin is evened, and how often at most, as long as the fold persists."""
FALL = 0.8
"""How much of it the next ring takes."""
MARGIN = 0.04
"""How near to turning over, as a cosine, still counts for what is evened, unless it is so at rest."""
WEAK = 0.6
"""The same for what counts as nearly turned over at rest."""
STRAIN, FAINT = 0.05, 1e-5
"""How much the sides of a face must be stretched or turned for it to be looked at; the second if it is weak at rest."""
SHORT = 2e-4
"""Metres that a side of a face counts at least."""

Pairs = tuple[np.ndarray, np.ndarray]
"""Rows of shapes, and faces that they turn over (M,)."""


@dataclass(frozen=True)
class Skin:
    """The skin: its faces at all levels that share vertices (F, 4), and V, how many vertices there are.

    near (V, K), padded with the vertex itself: those an edge of any level away. touching (V, J), padded with -1:
    faces of a vertex.
    """

    surface: Surface
    count: int
    near: np.ndarray
    touching: np.ndarray

    @staticmethod
    def of(count: int, *levels: np.ndarray) -> Skin:
        """Make one of quads of the standard level and of coarser ones on the same vertices."""
        surface, faces = Surface.of(*levels), np.concatenate(levels).astype(np.int64)
        sides = np.concatenate([faces[:, [k, (k + 1) % 4]] for k in range(4)])
        sides = np.unique(np.concatenate([sides, sides[:, ::-1]]), axis=0)
        near = _table(sides[:, 0], sides[:, 1], count)
        touching = _table(faces.ravel(), np.repeat(np.arange(len(faces)), 4), count)
        return Skin(surface, count, np.where(near < 0, np.arange(count)[:, None], near), touching)

    @cached_property
    def real(self) -> np.ndarray:
        """Which of `near` are others (V, K)."""
        return self.near != np.arange(self.count)[:, None]


def _table(rows: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """Values by row (count, most of any), padded with -1."""
    order = np.argsort(rows, kind="stable")
    rows, values = rows[order], values[order]
    place = np.arange(len(rows)) - np.searchsorted(rows, rows)
    table = np.full((count, place.max(initial=0) + 1), -1)
    table[rows, place] = values
    return table


@dataclass(frozen=True)
class Spots:
    """Faces of poses, to be tested: nodes (N,) are pose * V + vertex, ascending, and count is V; corners (U, 4) of
    faces, in nodes; tested (M,) of these and beside (M, 4) them; pose (M,) and face (M,) say which they are."""

    count: int
    nodes: np.ndarray
    corners: np.ndarray
    tested: np.ndarray
    beside: np.ndarray
    pose: np.ndarray
    face: np.ndarray

    @staticmethod
    def of(skin: Skin, pose: np.ndarray, face: np.ndarray, also: np.ndarray | None = None) -> Spots:
        """Gather what testing pairs of a pose and a face takes; also: further nodes."""
        faces, beside = skin.surface.faces, skin.surface.beside
        count = len(faces)
        cells = np.unique(np.concatenate([pose * count + face, (pose[:, None] * count + beside[face]).ravel()]))
        vertices = (cells // count * skin.count)[:, None] + faces[cells % count]
        nodes = np.unique(vertices if also is None else np.concatenate([vertices.ravel(), also]))
        return Spots(skin.count, nodes, np.searchsorted(nodes, vertices), np.searchsorted(cells, pose * count + face),
                     np.searchsorted(cells, pose[:, None] * count + beside[face]), pose, face)  # fmt: skip

    def of_poses(self, poses: np.ndarray) -> Spots:
        """Give those of some poses alone."""
        wanted = np.zeros(max(self.pose.max(initial=0), poses.max(initial=0)) + 1, bool)
        wanted[poses] = True
        nodes, tested = wanted[self.at[0]], wanted[self.pose]
        cells = nodes[self.corners[:, 0]]
        node, cell = (np.cumsum(some) - 1 for some in (nodes, cells))
        return Spots(self.count, self.nodes[nodes], node[self.corners[cells]], cell[self.tested[tested]],
                     cell[self.beside[tested]], self.pose[tested], self.face[tested])  # fmt: skip

    @cached_property
    def at(self) -> tuple[np.ndarray, np.ndarray]:
        """Pose and vertex (N,) of each node."""
        return self.nodes // self.count, self.nodes % self.count

    def points(self, rest: np.ndarray, shapes: np.ndarray, part: float = 1.0) -> np.ndarray:
        """Where nodes are (N, 3) on a rest (V, 3) that a part of shapes (S, V, 3) poses."""
        pose, vertex = self.at
        return (rest.astype(np.float32)[vertex] + part * shapes[pose, vertex]).astype(np.float32, copy=False)

    def turned(self, points: np.ndarray, margin: np.ndarray | float) -> np.ndarray:
        """Tell which pairs have turned over (M,), the nodes being at points (N, 3)."""
        return turned(points, self.corners, self.beside, self.tested, margin)


@dataclass(frozen=True)
class Risk:
    """Which faces shapes may turn over: strain (S, F) of each, as moves of the ends of its sides relative to each other
    as a part of their length, and those pairs whose strain is more than STRAIN as spots to test."""

    skin: Skin
    strain: np.ndarray
    spots: Spots

    @staticmethod
    def of(skin: Skin, rest: np.ndarray, poses: Mapping[int, np.ndarray]) -> Risk:
        """Read off what shapes do to one head: poses (V, 3) by their row, on its rest (V, 3)."""
        faces = skin.surface.faces
        rest = rest.astype(np.float32)
        length = np.maximum([_length(rest[faces[:, k]] - rest[faces[:, k - 1]]) for k in range(4)], SHORT)
        strain = np.zeros((max(poses) + 1, len(faces)), np.float16)
        for row, pose in poses.items():
            moved = pose.astype(np.float32)
            sides = [_length(moved[faces[:, k]] - moved[faces[:, k - 1]]) / length[k] for k in range(4)]
            strain[row] = np.max(sides, axis=0)
        return Risk(skin, strain, Spots.of(skin, *np.nonzero(strain > STRAIN)))

    def folded(
        self, rest: np.ndarray, shapes: np.ndarray, state: np.ndarray, rows: np.ndarray | None = None, part: float = 1.0
    ) -> Pairs:
        """Give rows and faces that a part of shapes (S, V, 3) turns over; state (F,): as of `lying`; rows: these."""
        weak, every = np.flatnonzero(state == 1), np.arange(len(self.strain)) if rows is None else rows
        strain = self.strain[np.ix_(every, weak)]
        row, which = np.nonzero((strain > FAINT) & (strain <= STRAIN))
        found = []
        spots = self.spots if rows is None else self.spots.of_poses(rows)
        for some in (spots, Spots.of(self.skin, every[row], weak[which])):
            over = some.turned(some.points(rest, shapes, part), 0.0) & (state[some.face] > 0)
            found.append(np.stack([some.pose[over], some.face[over]]))
        row, face = np.concatenate(found, axis=1)
        return row, face


def lying(skin: Skin, rest: np.ndarray) -> np.ndarray:
    """How faces (F,) lie at rest (V, 3): 0 turned over, 1 near it, 2 well."""
    points = rest.astype(np.float32)
    return 2 - skin.surface.turned(points, WEAK).astype(np.int8) - skin.surface.turned(points)


def even(
    skin: Skin, rest: np.ndarray, shapes: np.ndarray, folded: Pairs, state: np.ndarray,
    still: np.ndarray, part: float = 1.0, tries: int = len(WIDER),
) -> None:  # fmt: skip
    """Even shapes (P, V, 3) out in place around pairs (pose, face) (M,) `folded`, wider and wider, until no face there
    is turned over or it does not help. state (F,): as of `lying`; still (P, V): what stays; part: how much of a shape
    is on; tries: of WIDER, how many."""
    for reach, rounds in WIDER[:tries]:
        if not len(folded[0]):
            return
        folded = _even(skin, rest, shapes, folded, state, still, reach, range(rounds), part)


def _even(
    skin: Skin, rest: np.ndarray, shapes: np.ndarray, folded: Pairs, state: np.ndarray,
    still: np.ndarray, reach: int, rounds: range, part: float,
) -> Pairs:  # fmt: skip
    """Even out within so many rings, in so many rounds, and give what is left."""
    pose, face = folded
    poses = len(np.unique(pose))
    total = len(skin.surface.faces)
    moving = np.unique(pose[:, None] * skin.count + skin.surface.faces[face])
    for _ in range(reach):
        moving = np.unique(_beside(skin, moving))
    around = _beside(skin, moving)
    touched = skin.touching[moving % skin.count]
    pairs = np.unique(((moving // skin.count)[:, None] * total + touched)[touched >= 0])
    watched = Spots.of(skin, pairs // total, pairs % total, around.ravel())
    nodes, here, beside = watched.nodes, *(np.searchsorted(watched.nodes, x) for x in (moving, around[:, 1:]))
    points, neutral = watched.points(rest, shapes, part), rest[watched.at[1]].astype(np.float32)
    begun = points[here]
    real = skin.real[moving % skin.count]
    close = real / np.maximum(_length(neutral[beside] - neutral[here][:, None]), SHORT)
    close, level = ((w / w.sum(axis=1, keepdims=True)).astype(np.float32)[..., None] for w in (close, real))
    free = ~still[moving // skin.count, moving % skin.count]
    tested = state[watched.face] > 0
    margin = np.where(state == 2, MARGIN, 0.0).astype(np.float32)[watched.face]
    corners = watched.corners[watched.tested]
    for k in rounds:
        bad = watched.turned(points, margin) & tested
        if len(np.unique(watched.pose[bad])) <= poses // 2:
            break  # go on with the others alone
        share = np.zeros(len(nodes), np.float32)
        share[corners[bad]] = 1
        for _ in range(max(1, reach - 2)):
            share[here] = np.maximum(share[here], FALL * share[beside].max(axis=1))
        by = (share[here] * free)[:, None]
        if k < rounds.stop // 2:
            shape = points - neutral
            points[here] += 0.8 * by * ((close * shape[beside]).sum(axis=1) - shape[here])
        else:  # even out where the skin itself lies
            points[here] += 0.5 * by * ((level * points[beside]).sum(axis=1) - points[here])
    else:
        k, bad = rounds.stop, watched.turned(points, 0.0) & tested
    shapes[moving // skin.count, moving % skin.count] += (points[here] - begun) / part
    left = watched.pose[bad], watched.face[bad]
    if k == rounds.stop or not bad.any():
        return left
    return _even(skin, rest, shapes, left, state, still, reach, range(k, rounds.stop), part)


def _beside(skin: Skin, nodes: np.ndarray) -> np.ndarray:
    """Nodes (N, 1 + K): pose * V + vertex, and those an edge away."""
    vertex = nodes % skin.count
    return (nodes - vertex)[:, None] + np.concatenate([vertex[:, None], skin.near[vertex]], axis=1)


def _length(vectors: np.ndarray) -> np.ndarray:
    return np.sqrt(np.einsum("...d,...d->...", vectors, vectors))
