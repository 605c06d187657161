"""The shapes of a head that the template was laid over: those of the nearest person, made to its measure.

Deformation transfer (Sumner and Popović 2004) as a Poisson problem (Botsch et al. 2006): each triangle of the laid
skin deforms as the person's does. Teeth, tongue and eyes move with their surroundings as a whole; then lips and lids
are made to touch exactly, as for every head of the template (`head.mending`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import splu

from .. import weights
from ..head.clearance import LID_INNER, Eye, clear_lids
from ..head.contact import close_mouth
from ..head.correctives import SHAPE_NAMES
from ..head.decode import joints_of, motions, openings, risks
from ..head.following import follow_bones
from ..head.head import PARTS
from ..head.mending import mend
from ..head.solids import Eyeball
from ..progress import Progress, silent
from .fit import Person, similarity, skin_size, surface

STILL = 1e-5
"""Metres below which a shape moves nothing."""
MOUTH_REACH = 6
"""Rings of the mouth, from its middle, that teeth and tongue follow."""


@dataclass(frozen=True)
class Ball:
    """An eye of the target, in the template's frame: its center (3,) and radius."""

    center: np.ndarray
    radius: float


@dataclass(frozen=True)
class Fitted:
    """The template on a head: vertices (V, 3), shapes (S, V, 3) in the order of SHAPE_NAMES, joints then tails (2J, 3),
    weights (V, J); balls by side, "Left" and "Right"."""

    vertices: np.ndarray
    shapes: np.ndarray
    joints: np.ndarray
    weights: np.ndarray
    balls: Mapping[str, Ball]


def shape(person: Person, laid: np.ndarray, balls: Mapping[str, Ball], progress: Progress = silent) -> Fitted:
    """Give the whole template on a head, from its laid skin (N, 3) and those eyes that the head has of its own."""
    fixed, config = weights.load("template").arrays, weights.load("template").config
    count = skin_size()
    maps = inner_maps(person, laid)
    vertices = np.concatenate([laid, person.posed[count:]])
    for rows, (linear, shift) in maps:
        vertices[rows] = person.posed[rows] @ linear.T + shift
    mouth, *eyes = openings()
    found, placed = {}, []
    for eye in eyes:
        ball, own = seat(eye, vertices, person, balls.get(eye.side))
        vertices[slice(*eye.ball)] = ball
        sphere = Eyeball.of(ball)
        found[eye.side] = Ball(sphere.center, sphere.radius)
        vertices[eye.rings] += clear_lids(vertices[eye.rings], ball, sphere)
        placed.append(eye)
    progress(0.2, "Making its shapes")
    entries = motions(person.coefficients)
    source = np.zeros((len(SHAPE_NAMES), len(vertices), 3), np.float32)
    learned = np.array([SHAPE_NAMES.index(name) for name in weights.load("shapes").config["shapes"]])
    source[learned[fixed["entry_shape"]], fixed["entry_vertex"]] = entries
    shapes = np.zeros_like(source)
    for rows, (linear, _) in maps:
        shapes[:, rows] = source[:, rows] @ linear.T.astype(np.float32)
    shapes[:, :count] = transfer(surface(), person.vertices[:count], source[:, :count], laid)
    if person.ajar:
        shapes[SHAPE_NAMES.index("jawOpen")] *= 1 - person.ajar
    progress(0.6, "Making its lips and lids touch")
    joints = joints_of(fixed, vertices)
    at = dict(zip(config["joints"], joints, strict=False))
    for eye in placed:
        joint = config["joints"].index(f"eye.{eye.side[0]}")
        move = found[eye.side].center - joints[joint]
        joints[[joint, joint + len(config["joints"])]] += move
        at[f"eye.{eye.side[0]}"] = joints[joint]
    turning = [replace(eye, center=at[f"eye.{eye.side[0]}"]) for eye in placed]
    skin_weights = fixed["skin_weights"].astype(np.float32)[: len(vertices)]
    skin_weights /= skin_weights.sum(axis=1, keepdims=True)
    mend(vertices, shapes, mouth, turning, fixed["closing"].astype(np.float64), risks())
    follow_bones(vertices, own_faces(), shapes, at, skin_weights, turning)
    progress(1.0, "Shapes ready")
    return Fitted(vertices, shapes, joints, skin_weights, found)


@cache
def own_faces() -> np.ndarray:
    """Faces (F, 4) of the template without lashes and brows."""
    fixed = weights.load("template").arrays
    hairs = np.isin(np.array(PARTS)[fixed["part"]], ("lashes", "brows"))
    return fixed["faces"].astype(np.int64)[~hairs]


def inner_maps(person: Person, laid: np.ndarray) -> list[tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]]:
    """How teeth, gums and tongue come along: rows (N,) and the similarity (3, 3), (3,) of the lips around them."""
    mouth = openings()[0]
    near = np.unique(mouth.rings[:: max(1, len(mouth.rings) // MOUTH_REACH)])
    near = near[near < len(laid)]
    frame = similarity(person.posed[near], laid[near], np.ones(len(near)))
    faces, part = own_faces(), np.array(PARTS)[weights.load("template").arrays["part"]]
    part = part[: len(faces)] if len(part) == len(faces) else part[~np.isin(part, ("lashes", "brows"))]
    some = np.isin(part, ("teeth_upper", "teeth_lower", "gums_upper", "gums_lower", "tongue"))
    return [(np.unique(faces[some]), (frame.scale * frame.turn, frame.shift))]


def seat(eye: Eye, vertices: np.ndarray, person: Person, own: Ball | None) -> tuple[np.ndarray, bool]:
    """Give an eyeball (M, 3): where the head's own is, or else within its lids, and round like the template's."""
    model = weights.load("template").arrays["rest"][slice(*eye.ball)].astype(np.float64)
    sphere = Eyeball.of(model)
    if own is not None:
        return own.center + (model - sphere.center) * (own.radius / sphere.radius), True
    lids = eye.rings[: LID_INNER + 1].ravel()
    frame = similarity(person.posed[lids], vertices[lids], np.ones(len(lids)))
    ball = person.posed[slice(*eye.ball)]
    before = Eyeball.of(ball)
    center = frame.outward(before.center)
    # people's balls lie straight behind the lids: keep how far, in the ball's own size
    room, usual = vertices[eye.rings[LID_INNER]], before.radius * frame.scale
    radius = float(np.percentile(np.linalg.norm(room - center, axis=1), 15))
    return center + (model - sphere.center) * (np.clip(radius / usual, 0.94, 1.05) * usual / sphere.radius), False


def transfer(triangles: np.ndarray, source: np.ndarray, shapes: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Carry shapes (S, N, 3) of a source (N, 3) to a target (N, 3) with the same triangles; unmoved vertices stay."""
    moving = (np.abs(shapes).max(axis=(0, 2)) > STILL).nonzero()[0]
    near = triangles[np.isin(triangles, moving).any(axis=1)]
    free = np.intersect1d(moving, near)
    slot = np.full(len(target), -1)
    slot[free] = np.arange(len(free))
    wish, pull = _poisson(near, target, len(target))
    solve = splu(pull[free][:, free].tocsc()).solve
    rest = np.linalg.inv(_frames(source[near]))
    corners = target[near]
    edges = np.stack([corners[:, k] - corners[:, (k + 1) % 3] for k in range(3)], axis=2)  # columns
    result = np.zeros(shapes.shape, np.float32)
    onto = wish[free]
    for row in np.flatnonzero(np.abs(shapes).max(axis=(1, 2)) > STILL):
        gradient = _frames((source + shapes[row])[near]) @ rest
        change = (gradient @ edges - edges).transpose(2, 0, 1).reshape(-1, 3)  # corner by corner
        result[row, free] = solve(onto @ change)
    return result


def _poisson(triangles: np.ndarray, target: np.ndarray, count: int) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """What gathers changes of edges (3T, 3) at vertices (N, 3T), and the cotangent Laplacian (N, N)."""
    rows, columns, values = [], [], []
    laplacian = sparse.csr_matrix((count, count))
    total = len(triangles)
    for k in range(3):
        i, j, o = triangles[:, k], triangles[:, (k + 1) % 3], triangles[:, (k + 2) % 3]
        a, b = target[i] - target[o], target[j] - target[o]
        cot = (a * b).sum(1) / np.maximum(np.linalg.norm(np.cross(a, b), axis=1), 1e-12)
        weight = np.clip(cot, 0.05, 20) / 2
        at = k * total + np.arange(total)
        rows += [i, j]
        columns += [at, at]
        values += [weight, -weight]
        off = sparse.coo_matrix((weight, (i, j)), (count, count)).tocsr()
        off = off + off.T
        laplacian = laplacian + sparse.diags(np.asarray(off.sum(axis=1)).ravel()) - off
    gather = sparse.coo_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), (count, 3 * total)
    )
    return gather.tocsr(), laplacian.tocsr()


def _frames(corners: np.ndarray) -> np.ndarray:
    """Two edges and the scaled normal of each triangle as columns, (T, 3, 3)."""
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    normal = np.cross(a, b)
    normal /= np.sqrt(np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-16))
    return np.stack([a, b, normal], axis=2)
