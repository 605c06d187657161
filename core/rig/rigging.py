"""What every vertex of a head does when a shape or a bone moves: skin by the template, pieces each in their own way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import scipy.sparse as sparse
from scipy.spatial import cKDTree

from .. import weights
from ..head.clearance import LID_FRONT, Eye
from ..head.correctives import SHAPE_NAMES
from ..head.decode import openings
from ..head.gaze import look
from ..head.mending import DIAGONALS
from ..progress import Progress, silent
from .bind import Filling, between, bind
from .fit import skin_size, surface
from .lids import Opening
from .off_eyes import off_eyes
from .pieces import KINDS, inner_rows
from .seal import seal
from .shapes import Ball, Fitted
from .slide import RAGGED, ragged, slide
from .surface import Mesh, Nearest, unit

LOOKS = {
    side: (*(f"eyeLook{way}{side}" for way in ("Up", "Down", "In", "Out")), *DIAGONALS[side])
    for side in ("Left", "Right")
}
"""Shapes that turn an eye."""
ROOTS = 24
"""Vertices of the skin that tell how a root turns."""
HEAD = 0.2
"""Metres around the middle of a head within which it matters how well skin was found."""
SPIKE, ALONE, USUAL = 0.8, 1.4, 0.013
"""How far from the mean of its neighbors a vertex may move in a blink, in lengths of its edges, where lids move by the
metres that are usual; and how many times further than its neighbors from theirs, since edges of lids do it together."""
AT_ONCE = 12
"""Shapes that skin is given at a time."""
MOVES = 1e-5
ON_BALL = 0.15
"""Radii of an eye within which what lies between its lids (tears, a shadow) is drawn together when they close."""


@dataclass(frozen=True)
class Moved:
    """shapes (S, V, 3) and weights (V, J), in the template's frame; doubtful: share of skin that was filled in."""

    shapes: np.ndarray
    weights: np.ndarray
    doubtful: float


def move(
    target: Mesh,
    kind: np.ndarray,
    fitted: Fitted,
    own: Mapping[str, Ball],
    holes: Mapping[str, Opening],
    fused: tuple[str, ...],
    progress: Progress = silent,
) -> Moved:
    """Give what the vertices of a target in the template's frame do; `kind` (V,) is the number of KINDS of each, `own`
    its eyes and `holes` what is seen of them, by side, and `fused` what has no opening (`bind.bind`)."""
    count, names = len(target.vertices), weights.load("template").config["joints"]
    shapes = np.zeros((len(SHAPE_NAMES), count, 3), np.float32)
    joints = np.zeros((count, len(names)), np.float32)
    skin = np.flatnonzero(kind == 0)
    bound, trust = bind(target, skin, fitted, fused)
    bound = bound.astype(np.float32)
    progress(0.3, "Binding the skin")
    beside = target.beside[skin][:, skin]
    trust = (trust * ~spikes(blinks(bound, fitted), target.vertices[skin], beside, fused)).astype(np.float32)
    progress(0.4, "Binding the skin")
    fill = Filling(trust, beside)
    for first in range(0, len(shapes), AT_ONCE):  # a head of a million vertices fits into memory
        flat = np.moveaxis(fitted.shapes[first : first + AT_ONCE], 0, 1).reshape(len(fitted.vertices), -1)
        values = fill(bound @ flat).reshape(len(skin), -1, 3)
        for row in range(values.shape[1]):
            shapes[first + row, skin] = values[:, row]
        progress(0.4 + 0.3 * first / len(shapes), "Binding the skin")
    joints[skin] = fill(bound @ fitted.weights)
    for side, number in (("Left", 1), ("Right", 2)):
        some = np.flatnonzero(kind == number)
        if len(some) and side in own:
            ball = own[side]
            for name in LOOKS[side]:
                shapes[SHAPE_NAMES.index(name), some] = look(name, target.vertices[some], ball.center)
            joints[some, names.index(f"eye.{side[0]}")] = 1
            off_eyes(shapes, target, skin, beside, ball, side)
            if side in holes and ragged(shapes, target, kind == 0, ball, side) > RAGGED:
                slide(shapes, target, skin, beside, ball, side, holes[side])
            seal(shapes, target, kind == 0, kind == number, ball, side)
    _in_the_mouth(target, kind, fitted, shapes, joints)
    _on_skin(target, np.flatnonzero(kind == KINDS.index("on_skin")), fitted, shapes, joints)
    _worn(target, np.flatnonzero(kind == KINDS.index("worn")), fitted, joints)
    joints /= np.maximum(joints.sum(axis=1, keepdims=True), 1e-9)
    near = np.linalg.norm(target.vertices[skin] - fitted.joints[names.index("skull")], axis=1) < HEAD
    return Moved(shapes, joints, float((trust[near] < 0.5).mean()) if near.any() else 0.0)


def blinks(bound: sparse.csr_matrix, fitted: Fitted) -> dict[str, np.ndarray]:
    """What bound skin does when an eye closes, by side, (M, 3)."""
    return {side: bound @ fitted.shapes[SHAPE_NAMES.index(f"eyeBlink{side}")] for side in ("Left", "Right")}


def spikes(
    closing: Mapping[str, np.ndarray], points: np.ndarray, beside: sparse.csr_matrix, fused: tuple[str, ...]
) -> np.ndarray:
    """Tell which vertices (M,) do something else than all beside them when lids close: found on the wrong side."""
    table = beside.tocoo()
    length = np.linalg.norm(points[table.row] - points[table.col], axis=1)
    count = np.maximum(np.bincount(table.row, minlength=len(points)), 1)
    size = np.bincount(table.row, length, len(points)) / count
    found = np.zeros(len(points), bool)
    for side, blink in closing.items():
        if side in fused:
            continue
        off = np.linalg.norm(blink - (beside @ blink) / count[:, None], axis=1)
        usual = (beside @ off) / count
        far = max(1.0, float(np.linalg.norm(blink, axis=1).max(initial=0)) / USUAL)
        found |= (off > SPIKE * far * np.maximum(size, 0.001)) & (off > ALONE * usual)
    return found


def _in_the_mouth(target: Mesh, kind: np.ndarray, fitted: Fitted, shapes: np.ndarray, joints: np.ndarray) -> None:
    """Let rows of teeth move as the template's do, as a whole, and a tongue bend as its tongue does."""
    names = weights.load("template").config["joints"]
    for name, rows in inner_rows().items():
        some = np.flatnonzero(kind == KINDS.index(name))
        if not len(some):
            continue
        model, points = fitted.vertices[rows], target.vertices[some]
        if name == "tongue":
            stretch = np.ptp(model, axis=0) / np.maximum(np.ptp(points, axis=0), 1e-9)
            like = (points - points.min(axis=0)) * stretch + model.min(axis=0)
            distance, near = cKDTree(model).query(like, k=4)
            mix = 1 / (distance + 1e-4)
            mix /= mix.sum(axis=1, keepdims=True)
            shapes[:, some] = np.einsum("nk,snkd->snd", mix.astype(np.float32), fitted.shapes[:, rows][:, near])
            joints[some] = np.einsum("nk,nkj->nj", mix, fitted.weights[rows][near])
            continue
        table = np.c_[model, np.ones(len(model))]
        pose = np.linalg.pinv(table) @ fitted.shapes[:, rows]  # (S, 4, 3)
        shapes[:, some] = np.c_[points, np.ones(len(points))] @ pose
        joints[some, names.index("skull" if name == "teeth_upper" else "jaw")] = 1


def _on_skin(target: Mesh, some: np.ndarray, fitted: Fitted, shapes: np.ndarray, joints: np.ndarray) -> None:
    """Let lashes, brows and beards follow: each vertex goes with the root nearest to it, and turns as the skin there
    does."""
    if not len(some):
        return
    count = skin_size()
    laid = Mesh(fitted.laid, surface())
    points = target.vertices[some]
    _, _, _, distance = Nearest(laid, 0.0, 0.002)(points)
    root = roots(points, distance, target.piece[some])
    foot, number = np.unique(root, return_inverse=True)
    number = number.ravel()
    index, mix_of, _, _ = Nearest(laid, 0.0, 0.002)(points[foot])
    near = around()[laid.triangles[index, mix_of.argmax(axis=1)]]
    mix = 1 / (np.linalg.norm(fitted.laid[near] - points[foot][:, None], axis=2) + 0.001) ** 2
    mix /= mix.sum(axis=1, keepdims=True)
    rest = fitted.vertices[:count][near]
    middle = np.einsum("nk,nkd->nd", mix, rest)
    own = rest - middle[:, None]
    arm = points - middle[number]
    turner = [(*lashes(foot, laid.triangles[index, mix_of.argmax(axis=1)], eye, points), eye) for eye in openings()[1:]]
    for row in range(len(shapes)):
        moved = fitted.shapes[row][near]
        if np.abs(moved).max() < MOVES:
            continue
        shift = np.einsum("nk,nkd->nd", mix, moved)
        turn = turned(own + moved - shift[:, None], own)
        for lid, away, eye in turner:
            center = fitted.balls[eye.side].center
            turn[lid] = least_turn(away - center, away - center + shift[lid])
        shapes[row, some] = shift[number] + np.einsum("nab,nb->na", turn[number], arm) - arm
    joints[some] = np.einsum("nk,nkj->nj", mix, fitted.weights[near])[number]
    for eye in openings()[1:]:
        film, table = between(points, fitted, eye, ON_BALL)
        rows = some[film]
        if len(rows):
            flat = np.moveaxis(fitted.shapes, 0, 1).reshape(len(fitted.vertices), -1)
            shapes[:, rows] = np.moveaxis((table[film] @ flat).reshape(len(rows), -1, 3), 1, 0)


def _worn(target: Mesh, some: np.ndarray, fitted: Fitted, joints: np.ndarray) -> None:
    """Let hair, hats and glasses go with the skull, and what mostly lies lower, such as a body of its own or its
    clothes, with the neck and chest beside it."""
    names, count = weights.load("template").config["joints"], skin_size()
    skull = names.index("skull")
    above = [skull, *(k for k, name in enumerate(names) if name.startswith(("jaw", "eye.")))]
    nearest = cKDTree(fitted.vertices[:count]).query(target.vertices[some], workers=2)[1]
    found = fitted.weights[nearest]
    on_head = found[:, above].sum(axis=1)
    found[:, above] = 0
    found[:, skull] = on_head
    piece = np.unique(target.piece[some], return_inverse=True)[1].ravel()
    share = np.bincount(piece, on_head > 0.5) / np.maximum(np.bincount(piece), 1)
    high = share[piece] > 0.5
    found[high] = 0
    found[high, skull] = 1
    joints[some] = found


def lashes(foot: np.ndarray, vertex: np.ndarray, eye: Eye, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which roots stand on the lids of an eye, and where (N, 3): foot (N,) rows of points, vertex (N,) of the skin."""
    lid = np.flatnonzero(np.isin(vertex, eye.rings[LID_FRONT - 2 :]))
    return lid, points[foot[lid]]


def turned(posed: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """The rotations (N, 3, 3) nearest to what brings clouds (N, K, 3) about their middles from rest to a pose."""
    u, _, vt = np.linalg.svd(np.einsum("nka,nkb->nab", posed, rest) + 1e-12 * np.eye(3))
    u[:, :, 2] *= np.sign(np.linalg.det(u @ vt))[:, None]
    return u @ vt


def least_turn(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The smallest rotations (N, 3, 3) that bring one direction (N, 3) into another: lids slide about their eye."""
    a, b = unit(before), unit(after)
    axis = np.cross(a, b)
    cosine = (a * b).sum(axis=1)
    cross = np.zeros((len(a), 3, 3))
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        cross[:, j, i], cross[:, i, j] = axis[:, k], -axis[:, k]
    return np.eye(3) + cross + cross @ cross / np.maximum(1 + cosine, 1e-6)[:, None, None]


@cache
def around() -> np.ndarray:
    """The ROOTS vertices of the template's skin that are fewest edges away from each, (N, ROOTS), itself first: not
    those of the other lid or lip, however near."""
    beside = Mesh(np.zeros((skin_size(), 3)), surface()).plain
    near = np.empty((beside.shape[0], ROOTS), np.int64)
    for vertex in range(len(near)):
        found, last = [vertex], [vertex]
        while len(found) < ROOTS:
            last = [n for v in last for n in beside.indices[beside.indptr[v] : beside.indptr[v + 1]].tolist()]
            last = [n for n in dict.fromkeys(last) if n not in found]
            if not last:
                break
            found += last
        near[vertex] = (found + [vertex] * ROOTS)[:ROOTS]
    return near


def roots(points: np.ndarray, distance: np.ndarray, piece: np.ndarray) -> np.ndarray:
    """For each of points (N, 3), `distance` (N,) off the skin, the index of the vertex of its piece (N,) that it grows
    from: the nearest of those that lie closest to the skin."""
    found = np.empty(len(points), np.int64)
    order = np.argsort(piece, kind="stable")
    bounds = np.flatnonzero(np.diff(piece[order], prepend=-1, append=-2))
    for first, last in zip(bounds[:-1], bounds[1:], strict=True):
        rows = order[first:last]
        low = rows[distance[rows] <= np.percentile(distance[rows], 25) + 1e-6]
        found[rows] = low[cKDTree(points[low]).query(points[rows])[1]]
    return found
