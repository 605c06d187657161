"""Lays the scan's surface over MakeHuman's average adult, so that MakeHuman's people become people of the template.

Non-rigid registration in the manner of Amberg et al. 2007 ("Optimal step nonrigid ICP"): closest points with agreeing
normals pull, displacements stay smooth, and the smoothness is loosened step by step. Lid margins, the line between
the lips and the rims of the nostrils are loops of edges in both meshes and are matched by arc length. It is the scan's
surface that is laid, not the template's: the template follows the scan whatever its layout.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import igl
import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import SuperLU, splu

from headroom.core.head.macros import AVERAGE, shares
from headroom.core.rig.frame import similarity as fitted

from .ict import EYE_LEFT, EYE_RIGHT, GUMS, LOWER_TEETH, SCLERA, SKIN, SURFACE, TEETH, UPPER_TEETH, Ict
from .layout import LID_FRONT, LIP_CONTACT, NOSTRIL_RIM, edges_of
from .loops import matched, matched_lines, walk
from .makehuman import MakeHuman
from .template import Template

LID_MARGIN, LIP_LINE, NOSTRIL = (6784, 6785), (523, 7264), (7084, 7085)
"""Edges of MakeHuman's mesh that begin a loop: along the left lids, from the middle of the lower lip to the left,
around the left nostril."""
MARKS = {4857: 297, 1147: 343, 978: 132, 966: 5225}
"""Vertices on the midline, scan and MakeHuman: tip and base of the nose, its root, under the chin."""
STIFFNESS = (300.0, 100.0, 30.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.5, 0.5)
AGREE = 0.5
"""Least cosine between the normals of corresponding points."""
FARTHEST = 0.015
FILL = 0.15
"""How smooth carried displacements are where correspondences are weak."""


@dataclass(frozen=True)
class Registration:
    """How MakeHuman's people reach the scan's vertices.

    average (S, 3): the scan on MakeHuman's average adult, in the scan's place and size. places (N, 3) and weights
    (N, 3): where on MakeHuman's mesh each surface vertex lies; trust (N,) in 0..1; turn (3, 3): MakeHuman's frame to
    the scan's, scale included; still: vertices that say where the head is; triangles (T, 3) of the surface; inside:
    part of the scan, MakeHuman's helpers and the table that carries these to that.
    """

    average: np.ndarray
    places: np.ndarray
    weights: np.ndarray
    trust: np.ndarray
    turn: np.ndarray
    still: np.ndarray
    triangles: np.ndarray
    inside: tuple[tuple[slice, np.ndarray, np.ndarray], ...]

    @cached_property
    def _solver(self) -> SuperLU:
        bend = _bending(self.average[:SURFACE], self.triangles)
        loose = _membrane(self.triangles, 1 - self.trust)
        return splu((sparse.diags(self.trust + 1e-6) + FILL * bend.T @ bend + FILL * loose).tocsc())

    def carry(self, deltas: np.ndarray) -> np.ndarray:
        """Turn displacements of MakeHuman's vertices (V, 3) into displacements of the scan's (S, 3), linearly.

        Places without a counterpart are filled in smoothly; what moves the head as a whole is taken out.
        """
        deltas = deltas @ self.turn.T
        moved = np.zeros_like(self.average)
        found = np.einsum("nk,nkd->nd", self.weights, deltas[self.places])
        moved[:SURFACE] = self._solver.solve(self.trust[:, None] * found)
        for part, helpers, table in self.inside:
            moved[part] = table @ deltas[helpers]
        return self._steadied(moved)

    @cached_property
    def _rigid(self) -> tuple[np.ndarray, np.ndarray]:
        motions = np.concatenate([np.tile(np.eye(3), (len(self.average), 1, 1)), _cross(self.average * 10)], axis=2)
        return motions, np.linalg.pinv(motions[self.still].reshape(-1, 6))

    def _steadied(self, moved: np.ndarray) -> np.ndarray:
        """Take out the small rigid motion (three shifts, three turns) that the skull and middle of the face share."""
        motions, inverse = self._rigid
        return moved - motions @ (inverse @ moved[self.still].ravel())


def register(ict: Ict, template: Template, mh: MakeHuman) -> Registration:
    """Lay the scan's mean over MakeHuman's average adult; takes about ten seconds."""
    adult = mh.corner(shares(AVERAGE))
    corners = adult[mh.quads]
    quads = mh.quads[(corners[:, :, 2].min(axis=1) > 0.5) & (np.abs(corners[:, :, 0]).max(axis=1) < 0.2)]
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    scan = ict.neutral[:SURFACE]
    rows, goal = _landmarks(ict, template, mh, adult)
    turn, shift = similarity(goal, rows @ scan)
    adult, goal = adult @ turn.T + shift, goal @ turn.T + shift
    placed = _lay(ict, adult, triangles, rows, goal)
    still = np.flatnonzero((scan[:, 2] > -0.03) & (np.arange(SURFACE) < SKIN.stop))
    again, shift = similarity(placed[still], scan[still])
    placed, adult = placed @ again.T + shift, adult @ again.T + shift
    places, weights, trust = _correspond(ict, placed, adult, triangles, 0.002)
    average = ict.neutral.copy()
    average[:SURFACE] = placed
    inside = _insides(ict, template, mh, adult, average)
    return Registration(average, places, weights, trust, again @ turn, still, ict.triangles, inside)


def similarity(source: np.ndarray, goal: np.ndarray, weight: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The best `source @ turn.T + shift` for `goal`, both (N, 3): turn scales and rotates. Points count by weight."""
    frame = fitted(source, goal, np.ones(len(source)) if weight is None else weight)
    return frame.scale * frame.turn, frame.shift


def _lay(ict: Ict, adult: np.ndarray, triangles: np.ndarray, rows: sparse.csr_matrix, goal: np.ndarray) -> np.ndarray:
    """Give the surface's vertices (N, 3) laid on `adult`, mirror-symmetric."""
    scan = ict.neutral[:SURFACE]
    bend = _bending(scan, ict.triangles)
    smooth, pull = (bend.T @ bend).tocsr(), (rows.T @ rows).tocsr()
    placed = scan
    for step, stiffness in enumerate(STIFFNESS):
        places, weights, trust = _correspond(ict, placed, adult, triangles, FARTHEST)
        wish = trust[:, None] * (np.einsum("nk,nkd->nd", weights, adult[places]) - scan)
        mark = 20.0 if step < len(STIFFNESS) - 3 else 3.0
        wish += mark * rows.T @ (goal - rows @ scan)
        loose = _membrane(ict.triangles, (1 - trust) * (np.arange(SURFACE) >= SKIN.stop))
        system = sparse.diags(trust + 1e-7) + stiffness * (smooth + loose) + mark * pull
        moved = splu(system.tocsc()).solve(wish)
        placed = scan + (moved + moved[ict.mirror] * [-1, 1, 1]) / 2
    return placed


def _correspond(
    ict: Ict, placed: np.ndarray, adult: np.ndarray, triangles: np.ndarray, near: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Closest points on `adult` of the surface's vertices: corners (N, 3), weights (N, 3), and trust (N,) by distance
    and by how the normals agree; the inside of mouth and eye sockets has no counterpart."""
    distance, index, point = igl.point_mesh_squared_distance(placed, adult, triangles)
    corners = [np.ascontiguousarray(adult[triangles[index, k]]) for k in range(3)]
    weights = igl.barycentric_coordinates(np.ascontiguousarray(point), *corners)
    facing = np.cross(corners[1] - corners[0], corners[2] - corners[0])
    normal = _normals(placed, ict.triangles)
    agree = (normal * facing).sum(axis=1) / np.maximum(np.linalg.norm(facing, axis=1), 1e-15)
    trust = np.clip((agree - AGREE) / 0.25, 0, 1) * np.exp(-distance / near**2)
    trust[SKIN.stop :] = 0
    return triangles[index], weights, np.minimum(trust, trust[ict.mirror])


def _landmarks(ict: Ict, template: Template, mh: MakeHuman, adult: np.ndarray) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Rows (M, N) that pick places on the scan's surface, and the points (M, 3) of `adult` where they belong."""
    rings, follow = template.layout.rings, template.follow[:, :SURFACE].tocsr()
    lids, lips, nostril = rings["eye"][LID_FRONT], rings["mouth"][LIP_CONTACT], rings["nostril"][NOSTRIL_RIM]
    line = adult[walk(mh.quads, *LIP_LINE)]
    line = line[: np.flatnonzero(np.abs(line[:, 0]) < 1e-6)[1] + 1]
    picked = [follow[lids], follow[lips], follow[nostril]]
    points = [
        matched(template.vertices[lids], adult[walk(mh.quads, *LID_MARGIN)], 0),
        matched_lines(template.vertices[lips], line, 0),
        matched(template.vertices[nostril], adult[walk(mh.quads, *NOSTRIL)], 1),
    ]
    ear = np.concatenate(rings["ear"][3:])
    vertices, moves = mh.targets["ears/l-ear-wing-incr"]
    size = np.linalg.norm(moves, axis=1)
    ours, theirs = template.vertices[ear], adult[vertices[size > 0.1 * size.max()]]
    for axis, sign in ((2, 1), (2, -1), (1, 1), (0, 1)):
        picked.append(follow[[ear[np.argmax(sign * ours[:, axis])]]])
        points.append(theirs[[np.argmax(sign * theirs[:, axis])]])
    picked.append(sparse.identity(SURFACE, format="csr")[list(MARKS)])
    points.append(adult[list(MARKS.values())])
    rows, goal = sparse.vstack(picked).tocsr(), np.concatenate(points)
    return sparse.vstack([rows, rows[:, ict.mirror]]).tocsr(), np.concatenate([goal, goal * [-1, 1, 1]])


def _insides(
    ict: Ict, template: Template, mh: MakeHuman, adult: np.ndarray, average: np.ndarray
) -> tuple[tuple[slice, np.ndarray, np.ndarray], ...]:
    """Put eyes, teeth and gums into `average` (changed in place), and give what carries their displacements."""
    inside = []
    lids = template.follow[:, :SURFACE].tocsr()[template.layout.rings["eye"][LID_FRONT]]
    for part, side, rows in ((EYE_LEFT, "l", lids), (EYE_RIGHT, "r", lids[:, ict.mirror])):
        helpers = mh.groups[f"helper-{side}-eye"]
        white = slice(part.start, part.start + SCLERA)
        old, new = ict.neutral[white].mean(axis=0), adult[helpers].mean(axis=0)
        before, after = (np.linalg.norm(rows @ at[:SURFACE] - middle, axis=1).mean()
                         for at, middle in ((ict.neutral, old), (average, new)))  # fmt: skip
        average[part] = new + (ict.neutral[part] - old) * after / before
        inside.append((part, helpers, _gentle(adult[helpers], average[part])))
    front = np.linalg.norm(ict.neutral[: SKIN.stop] - ict.neutral[TEETH].mean(axis=0), axis=1) < 0.05
    turn, shift = similarity(ict.neutral[: SKIN.stop][front], average[: SKIN.stop][front])
    rows = [mh.groups[f"helper-{row}-teeth"] for row in ("upper", "lower")]
    both = np.concatenate(rows)
    for part, own in ((UPPER_TEETH, rows[0]), (LOWER_TEETH, rows[1]), (GUMS, both)):
        average[part] = ict.neutral[part] @ turn.T + shift
        inside.append((part, both, _gentle(adult[both], average[part], np.isin(both, own))))
    return tuple(inside)


def _gentle(helpers: np.ndarray, points: np.ndarray, own: np.ndarray | None = None) -> np.ndarray:
    """A table (P, N) like that of `affine_follow`, its stretch held back where thin helpers (N, 3) tell little of it.

    The place comes from the `own` helpers (all by default), the stretch from all.
    """
    own = np.ones(len(helpers), bool) if own is None else own
    spread = (helpers - helpers.mean(axis=0)) / 0.05
    stretch = np.linalg.solve(spread.T @ spread + 0.02 * len(helpers) * np.eye(3), spread.T)
    return own / own.sum() + (points - helpers[own].mean(axis=0)) / 0.05 @ stretch


def _bending(points: np.ndarray, triangles: np.ndarray) -> sparse.csr_matrix:
    """A Laplacian (N, N) with weights by inverse edge length, rows summing to 0 and scaled to 1 on the diagonal."""
    edges = edges_of(triangles)
    weight = 1 / np.maximum(np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1), 2e-4)
    graph = sparse.coo_matrix((weight, edges.T), (len(points),) * 2).tocsr()
    graph = graph + graph.T
    return (sparse.identity(len(points)) - sparse.diags(1 / np.asarray(graph.sum(axis=1)).ravel()) @ graph).tocsr()


def _membrane(triangles: np.ndarray, share: np.ndarray) -> sparse.csr_matrix:
    """A graph Laplacian (N, N) over edges whose both ends have a share: a fill that cannot shoot off its border."""
    edges = edges_of(triangles)
    weight = share[edges[:, 0]] * share[edges[:, 1]]
    graph = sparse.coo_matrix((weight, edges.T), (len(share),) * 2).tocsr()
    graph = graph + graph.T
    return (sparse.diags(np.asarray(graph.sum(axis=1)).ravel()) - graph).tocsr()


def _normals(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = (points[triangles[:, k]] for k in range(3))
    face = np.cross(b - a, c - a)
    normal = np.zeros_like(points)
    for k in range(3):
        np.add.at(normal, triangles[:, k], face)
    return normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-15)


def _cross(points: np.ndarray) -> np.ndarray:
    """Matrices (N, 3, 3) that turn a small rotation vector into the motion of points (N, 3)."""
    x, y, z = points.T
    zero = np.zeros_like(x)
    return np.stack([np.stack(row, -1) for row in ((zero, z, -y), (-z, zero, x), (y, -x, zero))], axis=1)
