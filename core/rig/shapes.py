"""The shapes of a head that the template was laid over: those of the nearest person, made to its measure.

Deformation transfer (Sumner and Popović 2004) as a Poisson problem (Botsch et al. 2006): each triangle of the laid
skin deforms as the person's does. Teeth, tongue and eyes move with their surroundings as a whole; then lips and lids
are made to touch exactly, as for every head of the template (`head.mending`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
import scipy.sparse as sparse
from scipy.spatial import cKDTree

from .. import weights
from ..head.clearance import LID_FRONT, LID_INNER, Eye, at_rest, clear_lids
from ..head.correctives import SHAPE_NAMES
from ..head.decode import joints_of, motions, openings, risks
from ..head.following import follow_bones
from ..head.head import PARTS
from ..head.mending import mend
from ..head.solids import Eyeball
from ..progress import Progress, silent
from .fit import Person, skin_size, surface
from .frame import similarity
from .surface import Mesh, solver, unit

STILL = 1e-5
"""Metres below which a shape moves nothing."""
ANCHOR = 0.03
"""How much displacements keep to the source's, against the pull of triangles: what matters beyond some ten edges."""
PUPIL = np.radians(15.0)
"""How far from straight ahead, seen from the middle of an eye, only closed lids come."""
CRUMPLED, FACES_ON = 10.0, 0.3
"""How much more where the laid skin is crumpled, and the cosine below which a triangle is."""
WIDE, SURROUNDINGS = 0.015, 100
"""Metres that surroundings reach, as a deviation; vertices that are looked at there."""
MOUTH_REACH = 6
"""Rings of the mouth, from its middle, that teeth and tongue follow."""


@dataclass(frozen=True)
class Ball:
    """An eye of the target, in the template's frame: its center (3,), radius, and how far its front reaches out (K,) at
    angles (K,) from straight ahead, where a cornea stands out."""

    center: np.ndarray
    radius: float
    angle: np.ndarray = field(default_factory=lambda: np.zeros(1))
    reach: np.ndarray = field(default_factory=lambda: np.zeros(1))


@dataclass(frozen=True)
class Fitted:
    """The template on a head: vertices (V, 3) and the skin as it was laid (N, 3), shapes (S, V, 3) in the order of
    SHAPE_NAMES, joints then tails (2J, 3), weights (V, J); balls by side, "Left" and "Right"."""

    vertices: np.ndarray
    laid: np.ndarray
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
        ball = seat(eye, vertices, person, balls.get(eye.side))
        vertices[slice(*eye.ball)] = ball
        sphere = Eyeball.of(ball)
        found[eye.side] = Ball(sphere.center, sphere.radius)
        vertices[eye.rings] += clear_lids(vertices[eye.rings], ball, sphere)
        placed.append(eye)
    progress(0.2, "Making its shapes")
    source = own_shapes(person)
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
    # a laid skin has creases of its own: evening out what folds there would do more harm than good
    mend(vertices, shapes, mouth, turning, fixed["closing"].astype(np.float64))
    follow_bones(vertices, own_faces(), shapes, at, skin_weights, turning)
    progress(1.0, "Shapes ready")
    return Fitted(vertices, laid, shapes, joints, skin_weights, found)


def own_shapes(person: Person) -> np.ndarray:
    """The shapes (S, V, 3) of the person that a head is nearest to, mended as those of any generated head."""
    fixed, config = weights.load("template").arrays, weights.load("template").config
    vertices = at_rest(person.vertices, *openings(), fixed["rest"])
    shapes = np.zeros((len(SHAPE_NAMES), len(vertices), 3), np.float32)
    learned = np.array([SHAPE_NAMES.index(name) for name in weights.load("shapes").config["shapes"]])
    shapes[learned[fixed["entry_shape"]], fixed["entry_vertex"]] = motions(person.coefficients)
    at = dict(zip(config["joints"], joints_of(fixed, vertices), strict=False))
    mouth, *eyes = openings()
    eyes = [replace(eye, center=at[f"eye.{eye.side[0]}"]) for eye in eyes]
    mend(vertices, shapes, mouth, eyes, fixed["closing"].astype(np.float64), risks())
    return shapes


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


def seat(eye: Eye, vertices: np.ndarray, person: Person, own: Ball | None) -> np.ndarray:
    """Give an eyeball (M, 3): where the head's own is, or else behind its lids, and round like the template's."""
    model = weights.load("template").arrays["rest"][slice(*eye.ball)].astype(np.float64)
    sphere = Eyeball.of(model)
    away = model - sphere.center
    if own is not None:
        reach = np.linalg.norm(away, axis=1)
        angle = np.arccos(np.clip(-away[:, 1] / reach, -1, 1))
        out = own.radius * np.minimum(reach / sphere.radius, 1)
        out = np.maximum(out, np.interp(angle, own.angle, own.reach, right=0))
        ball = own.center + away / reach[:, None] * out[:, None]
        # lids may dip into the eye at rest, unseen: what is not in front of the pupil gives way
        lack, _ = Eyeball.of(ball).lacking(vertices[eye.rings[LID_FRONT : LID_INNER + 1]], ball)
        out -= max(float(np.percentile(lack, 98)), 0.0) * np.clip((angle - PUPIL) / PUPIL, 0, 1)
        return own.center + away / reach[:, None] * out[:, None]
    around = np.unique(eye.rings[:LID_FRONT])
    frame = similarity(person.posed[around], vertices[around], np.ones(len(around)))
    before = Eyeball.of(person.posed[slice(*eye.ball)])
    size = before.radius * frame.scale / sphere.radius
    ball = frame.outward(before.center) + away * size
    lids = vertices[eye.rings[LID_FRONT : LID_INNER + 1]]
    lack, _ = Eyeball.of(ball).lacking(lids, ball)
    return ball + [0.0, max(float(np.percentile(lack, 90)), 0.0), 0.0]


def transfer(triangles: np.ndarray, source: np.ndarray, shapes: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Carry shapes (S, N, 3) of a source (N, 3) to a target (N, 3) with the same triangles; unmoved vertices stay.

    What triangles do decides about detail; over larger distances displacements keep to the source's, turned and scaled
    as the surroundings are (`local`), or the errors of many triangles would add up far from where they are made.
    """
    moving = (np.abs(shapes).max(axis=(0, 2)) > STILL).nonzero()[0]
    near = triangles[np.isin(triangles, moving).any(axis=1)]
    free = np.intersect1d(moving, near)
    gather, pull = _poisson(near, target, len(target))
    turn = local(source, target)
    anchor = (ANCHOR + CRUMPLED * folded(triangles, source, target, turn))[free]
    solve = solver(pull[free][:, free] + sparse.diags(anchor))
    rest = np.linalg.inv(_frames(source[near]))
    corners = target[near]
    edges = np.stack([corners[:, k] - corners[:, (k + 1) % 3] for k in range(3)], axis=2)  # columns
    turn = turn[free]
    result = np.zeros(shapes.shape, np.float32)
    onto = gather[free]
    for row in np.flatnonzero(np.abs(shapes).max(axis=(1, 2)) > STILL):
        gradient = _frames((source + shapes[row])[near]) @ rest
        change = (gradient @ edges - edges).transpose(2, 0, 1).reshape(-1, 3)  # corner by corner
        about = np.einsum("nab,nb->na", turn, shapes[row, free])
        result[row, free] = solve(onto @ change + anchor[:, None] * about)
    return result


def folded(triangles: np.ndarray, source: np.ndarray, target: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """Share of the triangles about each vertex (N,) that lie in another way on a target (N, 3) than on the source, also
    (N, 3), turned as its surroundings (N, 3, 3) are: there a laid skin is crumpled."""
    before, after = Mesh(source, triangles), Mesh(target, triangles)
    way = np.einsum("nab,nb->na", turn[triangles[:, 0]], before.facing)
    over = (unit(way) * after.facing).sum(axis=1) < FACES_ON
    corner = triangles.ravel()
    count = np.maximum(np.bincount(corner, minlength=len(source)), 1)
    share = np.bincount(corner, over.repeat(3), len(source)) / count
    return np.bincount(corner, share[triangles].mean(axis=1).repeat(3), len(source)) / count


def local(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """How the surroundings of each vertex are turned and scaled (N, 3, 3) from a source (N, 3) to a target (N, 3)."""
    some = np.arange(0, len(source), 8)
    away, near = cKDTree(source[some]).query(source, k=SURROUNDINGS)
    mix = np.exp(-((away / WIDE) ** 2) / 2)
    mix /= mix.sum(axis=1, keepdims=True)
    a, b = source[some][near], target[some][near]
    a = a - np.einsum("nk,nkd->nd", mix, a)[:, None]
    b = b - np.einsum("nk,nkd->nd", mix, b)[:, None]
    u, size, vt = np.linalg.svd(np.swapaxes(b * mix[:, :, None], 1, 2) @ a)
    sign = np.ones_like(size)
    sign[:, 2] = np.sign(np.linalg.det(u @ vt))
    scale = (size * sign).sum(axis=1) / np.einsum("nk,nkd,nkd->n", mix, a, a)
    return scale.clip(0.2, 5)[:, None, None] * ((u * sign[:, None, :]) @ vt)


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
