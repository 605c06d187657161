"""What every vertex of a head does when a shape or a bone moves: skin by the template, pieces each in their own way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from .. import weights
from ..head.correctives import SHAPE_NAMES
from ..head.decode import openings
from ..head.gaze import look
from ..head.mending import DIAGONALS
from ..progress import Progress, silent
from .bind import bind, filled, fine_skin
from .fit import skin_size
from .pieces import KINDS, inner_rows
from .shapes import Fitted
from .surface import Mesh, Nearest

LOOKS = {
    side: (*(f"eyeLook{way}{side}" for way in ("Up", "Down", "In", "Out")), *DIAGONALS[side])
    for side in ("Left", "Right")
}
"""Shapes that turn an eye."""
ROOTS = 24
"""Vertices of the skin that tell how a root turns."""
MOVES = 1e-5


@dataclass(frozen=True)
class Moved:
    """shapes (S, V, 3) and weights (V, J), in the template's frame; doubtful: share of skin that was filled in."""

    shapes: np.ndarray
    weights: np.ndarray
    doubtful: float


def move(target: Mesh, kind: np.ndarray, fitted: Fitted, fused: tuple[str, ...], progress: Progress = silent) -> Moved:
    """Give what the vertices of a target in the template's frame do; `kind` (V,) is the number of KINDS of each."""
    count, names = len(target.vertices), weights.load("template").config["joints"]
    shapes = np.zeros((len(SHAPE_NAMES), count, 3), np.float32)
    joints = np.zeros((count, len(names)), np.float32)
    skin = np.flatnonzero(kind == 0)
    bound, trust = bind(target, skin, fitted, fused)
    progress(0.3, "Binding the skin")
    flat = np.moveaxis(fitted.shapes, 0, 1).reshape(len(fitted.vertices), -1)
    values = np.hstack([bound.astype(np.float32) @ flat, bound.astype(np.float32) @ fitted.weights])
    values = filled(values, trust.astype(np.float32), target.beside[skin][:, skin])
    progress(0.6, "Binding the skin")
    split = flat.shape[1]
    shapes[:, skin] = np.moveaxis(values[:, :split].reshape(len(skin), -1, 3), 1, 0)
    joints[skin] = values[:, split:]
    for side, number in (("Left", 1), ("Right", 2)):
        some = np.flatnonzero(kind == number)
        if len(some):
            ball = fitted.balls[side]
            for name in LOOKS[side]:
                shapes[SHAPE_NAMES.index(name), some] = look(name, target.vertices[some], ball.center)
            joints[some, names.index(f"eye.{side[0]}")] = 1
    _in_the_mouth(target, kind, fitted, shapes, joints)
    _on_skin(target, np.flatnonzero(kind == KINDS.index("on_skin")), fitted, shapes, joints)
    joints[kind == KINDS.index("worn"), names.index("skull")] = 1
    joints /= np.maximum(joints.sum(axis=1, keepdims=True), 1e-9)
    return Moved(shapes, joints, float((trust < 0.5).mean()) if len(skin) else 0.0)


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
    count, skin = skin_size(), fine_skin()
    surface = Mesh(skin.points(fitted.vertices), skin.triangles)
    points = target.vertices[some]
    _, _, _, distance = Nearest(surface, 0.0, 0.002)(points)
    root = roots(points, distance, target.piece[some])
    tree = cKDTree(fitted.vertices[:count])
    foot, number = np.unique(root, return_inverse=True)
    away, near = tree.query(points[foot], k=ROOTS)
    mix = 1 / (away + 0.001) ** 2
    mix /= mix.sum(axis=1, keepdims=True)
    rest = fitted.vertices[:count][near]
    middle = np.einsum("nk,nkd->nd", mix, rest)
    own = rest - middle[:, None]
    arm = points - middle[number.ravel()]
    for row in range(len(shapes)):
        moved = fitted.shapes[row][near]
        if np.abs(moved).max() < MOVES:
            continue
        shift = np.einsum("nk,nkd->nd", mix, moved)
        posed = own + moved - shift[:, None]
        u, _, vt = np.linalg.svd(np.einsum("nk,nka,nkb->nab", mix, posed, own) + 1e-9 * np.eye(3))
        u[:, :, 2] *= np.sign(np.linalg.det(u @ vt))[:, None]
        turn = u @ vt
        shapes[row, some] = shift[number.ravel()] + np.einsum("nab,nb->na", turn[number.ravel()], arm) - arm
    joints[some] = np.einsum("nk,nkj->nj", mix, fitted.weights[near])[number.ravel()]


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
