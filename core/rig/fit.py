"""Who a head would be if it were one of ours: place, size and identity from landmarks and the surface."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from .. import weights
from ..errors import InputError
from ..head.decode import motions
from ..head.head import PARTS, REGIONS
from ..head.population import population
from ..progress import Progress, silent
from .frame import Frame, similarity, steady
from .landmarks import NAMES, reference, template_vertices
from .surface import Mesh, Nearest, triangles_of

FACE = ("forehead", "temple", "brow", "eyelid_upper", "eyelid_lower", "nose", "cheek", "lip_upper", "lip_lower", "chin",
        "jaw")  # fmt: skip
"""Regions whose surface counts; hair and collars hide the others."""
PLACES = (-1.0, -0.5, 0.0)
"""Where between two populations a head is looked for (`head.population`)."""
ROUNDS = 12
STIFF = 2e-5
"""Square metres that one standard deviation of a number weighs, against distances summed over a scan's vertices."""
STIFF_AJAR = 2e-3
NEAR = 0.008
"""Metres beyond which a closest point is not believed."""
FACING = 0.01
ASIDE = 0.15
"""How much of a vertex's way along the surface counts, beside that along the normal."""
CLOSED, WIDEST = 0.08, 0.8
"""How far a mouth may seem open and is shut, and how far it may stand open, in `jawOpen`."""
LIKELY = 2.5
"""Standard deviations that a number of a code keeps within: nobody's shapes are known beyond."""
FEWEST = 12
"""Landmarks that must be known."""
FARTHEST = 0.35
"""How far off a template's landmarks, in heights of a head, those of a head may lie in the median."""


@dataclass(frozen=True)
class Person:
    """Who a head would be: code (C,), coefficients (K,), vertices (V, 3) in the template's frame with the mouth shut,
    `ajar`, how much of `jawOpen` (V, 3) opens it, and the frame."""

    code: np.ndarray
    coefficients: np.ndarray
    vertices: np.ndarray
    opened: np.ndarray
    ajar: float
    frame: Frame

    @property
    def posed(self) -> np.ndarray:
        """Vertices (V, 3) with the mouth as open as the head's."""
        return self.vertices + self.ajar * self.opened


def place(marks: np.ndarray) -> Frame:
    """Say where a head lies by its landmarks (54, 3), NaN where unknown; those that stay off count less.

    Raises `InputError` when they are not those of a head.
    """
    known = check(marks)
    rest, high = reference()
    rest, goal = rest[known], marks[known]
    frame = steady(rest, goal, np.ones(len(rest)), 6)
    off = np.linalg.norm(frame.outward(rest) - goal, axis=1) / frame.scale
    if not np.isfinite(frame.scale) or frame.scale <= 0 or np.median(off) > FARTHEST * high:
        raise InputError("the landmarks do not make a face: find them again, or place them one by one")
    return frame


def check(marks: np.ndarray) -> np.ndarray:
    """Tell which landmarks (54,) are known. Raises `InputError` when they are too few, or the wrong ones."""
    if marks.shape != (len(NAMES), 3):
        raise InputError(f"landmarks: {len(NAMES)} points are needed, in the order of headroom's landmark names")
    known = np.isfinite(marks).all(axis=1)
    if known.sum() < FEWEST or np.ptp(marks[known], axis=0).max() <= 0:
        raise InputError(f"landmarks: at least {FEWEST} of {len(NAMES)} must be known")
    return known


@cache
def surface() -> np.ndarray:
    """Triangles (T, 3) of the template's skin with the inside of the mouth; its vertices come first."""
    fixed = weights.load("template").arrays
    soft = np.isin(np.array(PARTS)[fixed["part"]], ("skin", "mouth"))
    return triangles_of(fixed["faces"].astype(np.int64)[soft])


@cache
def skin_size() -> int:
    """How many vertices the template's skin has; other parts follow them."""
    return int(surface().max()) + 1


@cache
def front() -> np.ndarray:
    """Vertices (N,) of the face's front that are looked at: every second."""
    fixed = weights.load("template").arrays
    named = np.array([name.split(".")[0] in FACE for name in REGIONS])
    inside = np.flatnonzero((fixed["mask_hollow"] > 0.1) | (fixed["mask_bag"] > 0.1))
    return np.setdiff1d(np.unique(fixed["faces"][named[fixed["region"]]]).astype(np.int64), inside)[::2]


def fit(target: Mesh, marks: np.ndarray, usable: np.ndarray, progress: Progress = silent) -> Person:
    """Fit the population to a mesh in its own unit, by landmarks (54, 3; NaN where unknown) and by the triangles that
    are `usable` (T,): skin, not eyes."""
    first = place(marks)
    mesh = Mesh(first.inward(target.vertices), target.triangles)
    inner = first.inward(marks)
    usable = usable & near_head(mesh, target.triangles)
    if not usable.any():
        raise InputError("there is no skin at the landmarks: find them again, or place them one by one")
    nearest = Nearest(mesh, FACING, 0.003, usable)
    tried = []
    for k, where in enumerate(PLACES):
        tried.append(_fit_at(where, mesh, nearest, inner))
        progress((k + 1) / len(PLACES), "Fitting a face")
    person, _ = min(tried, key=lambda one: one[1])
    moved = person.frame
    scale, turn = first.scale * moved.scale, first.turn @ moved.turn
    whole = Frame(scale, turn, first.outward(moved.shift))
    return Person(person.code, person.coefficients, person.vertices, person.opened, person.ajar, whole)


def near_head(mesh: Mesh, triangles: np.ndarray) -> np.ndarray:
    """Which triangles (T,) of a mesh in the template's frame lie where a head is."""
    low, high = weights.load("template").arrays["rest"].astype(float).min(axis=0) - 0.1, 0.25
    inside = ((mesh.vertices > low) & (mesh.vertices < -low + high)).all(axis=1)
    return inside[triangles].any(axis=1)


def _fit_at(where: float, mesh: Mesh, nearest: Nearest, marks: np.ndarray) -> tuple[Person, float]:
    """Fit with the first number of the code fixed; give the person and the mean distance of its face."""
    heads, seen = population(), front()
    known = np.flatnonzero(np.isfinite(marks).all(axis=1))
    table = np.concatenate([seen, template_vertices()[known]])
    start, basis = heads.basis(where)
    opened = jaw_opened(start)
    moves = np.concatenate([np.tensordot(basis, heads.at(table), 1), opened[table][None]]).astype(np.float64)
    rest = (heads.mean[table] + np.tensordot(start, heads.at(table), 1)).astype(np.float64)
    wide = mouth_weight(known)
    goal_marks, count = marks[known], len(seen)
    triangles = surface()
    numbers, now = np.zeros(len(moves)), rest
    stiff = np.full(len(moves), STIFF * len(table) / 6000)
    stiff[-1] = STIFF_AJAR
    frame = similarity(now[count:], goal_marks, wide)
    whole = heads.mean.astype(np.float64)
    for step in range(ROUNDS):
        whole = heads.vertices(start + (numbers[:-1] @ basis)).astype(np.float64) + numbers[-1] * opened
        normals = Mesh(whole, triangles).normals[seen] @ frame.turn.T
        index, _, goal, distance = nearest(frame.outward(now[:count]), normals)
        near = NEAR * (3 if step < 4 else 1)
        agree = (normals * nearest.mesh.facing[index]).sum(axis=1).clip(0, 1)
        trust = agree * (distance < near) / (1 + (distance / 0.002) ** 2)
        mark = np.full(len(known), 0.5 if step < 5 else 0.1) * wide
        weight = np.concatenate([trust, mark])
        wish = np.concatenate([goal, goal_marks])
        frame = similarity(now, wish, weight)
        left, root = frame.inward(wish) - rest, np.sqrt(weight)
        normal = np.zeros_like(rest)
        normal[:count] = nearest.mesh.facing[index] @ frame.turn
        along = np.concatenate([
            np.einsum("cnd,nd->cn", moves, normal) * root,
            ASIDE * (moves * root[:, None]).reshape(len(moves), -1),
            (moves[:, count:] * root[count:, None]).reshape(len(moves), -1),
        ], axis=1)  # fmt: skip
        right = np.concatenate([
            (left * normal).sum(axis=1) * root, ASIDE * (left * root[:, None]).ravel(),
            (left[count:] * root[count:, None]).ravel(),
        ])  # fmt: skip
        system, side = along @ along.T + np.diag(stiff), along @ right
        numbers = np.linalg.solve(system, side)
        if not 0 <= numbers[-1] <= WIDEST:
            numbers[-1] = np.clip(numbers[-1], 0, WIDEST)
            numbers[:-1] = np.linalg.solve(system[:-1, :-1], side[:-1] - system[:-1, -1] * numbers[-1])
        numbers[:-1] = numbers[:-1].clip(-LIKELY, LIKELY)
        now = rest + np.tensordot(numbers, moves, 1)
    distance = nearest(frame.outward(now[:count]))[3]
    code = np.r_[where, numbers[:-1]]
    coefficients = start + numbers[:-1] @ basis
    vertices = heads.vertices(coefficients).astype(np.float64)
    ajar = float(numbers[-1]) if numbers[-1] > CLOSED else 0.0
    return Person(code, coefficients, vertices, opened, ajar, frame), float(np.minimum(distance, NEAR).mean())


def mouth_weight(known: np.ndarray) -> np.ndarray:
    """How much each of some landmarks counts (N,): those of the ears and the chin's underside less, found less well."""
    return np.where(known >= 51, 0.3, 1.0)


@cache
def _opened(key: bytes) -> np.ndarray:
    fixed = weights.load("template").arrays
    moved = np.zeros((len(population().mean), 3))
    some = fixed["entry_shape"] == weights.load("shapes").config["shapes"].index("jawOpen")
    moved[fixed["entry_vertex"][some]] = motions(np.frombuffer(key, np.float32).copy())[some]
    return moved


def jaw_opened(coefficients: np.ndarray) -> np.ndarray:
    """What `jawOpen` adds (V, 3) to the head of coefficients (K,)."""
    return _opened(np.asarray(coefficients, np.float32).tobytes())
