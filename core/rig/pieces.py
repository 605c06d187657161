"""Tells what the separate pieces of a mesh are: skin, eyes, teeth, tongue, what grows on skin and what is only worn."""

from __future__ import annotations

from functools import cache

import numpy as np

from .. import weights
from ..head.head import PARTS
from .fit import front
from .landmarks import NAMES
from .shapes import Ball, own_faces
from .surface import Mesh, Nearest

KINDS = ("skin", "eye_left", "eye_right", "teeth_upper", "teeth_lower", "tongue", "on_skin", "worn")
"""Names a piece may have: skin takes the template's shapes, eyes and teeth move as a whole, what is on skin (lashes,
brows, a beard) follows its roots, what is worn (glasses, hair, a hat) goes with the skull."""

LEAST = 0.06
"""Share of the face's front that the nearest surface must be of a piece that is skin."""
CLOSE = 0.012
"""Metres within which the roots of what grows on skin lie from it."""
REACH = 0.015
"""Metres within which most of what grows on skin lies from it."""


def eyes_of(mesh: Mesh, marks: np.ndarray) -> np.ndarray:
    """Tell which pieces are eyes, by their place and roundness alone: 0 none, 1 left, 2 right for each piece (P,).

    The mesh and its landmarks (54, 3; NaN where unknown) are in the template's frame.
    """
    kind = np.zeros(mesh.piece.max(initial=-1) + 1, np.int64)
    low, high = boxes(mesh)
    for number, side in ((1, "L"), (2, "R")):
        points = marks[[k for k, name in enumerate(NAMES) if name.startswith(f"eye.{side}")]]
        points = points[np.isfinite(points).all(axis=1)]
        if len(points) < 2:
            continue
        wide = float(max(np.ptp(points, axis=0)[0], 0.012))
        middle = points.mean(axis=0)
        size, away = high - low, (low + high) / 2 - middle
        round_ = np.minimum(size[:, 0], size[:, 2]) > 0.65 * np.maximum(size[:, 0], size[:, 2])
        large = (size[:, [0, 2]].max(axis=1) > 0.15 * wide) & (size[:, [0, 2]].max(axis=1) < 2.2 * wide)
        here = (np.abs(away[:, 0]) < 0.5 * wide) & (np.abs(away[:, 2]) < 0.5 * wide)
        deep = (away[:, 1] > -0.4 * wide) & (away[:, 1] < 1.3 * wide)
        kind[round_ & large & here & deep & (size[:, 1] < 2.5 * wide)] = number
    return kind


def boxes(mesh: Mesh) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and highest corner (P, 3) of each piece."""
    count = mesh.piece.max(initial=-1) + 1
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    np.minimum.at(low, mesh.piece, mesh.vertices)
    np.maximum.at(high, mesh.piece, mesh.vertices)
    return low, high


def ball_of(points: np.ndarray) -> Ball | None:
    """Fit a ball to the points (N, 3) of an eye; none where they are too flat or too few to tell."""
    if len(points) < 8:
        return None
    table = np.c_[2 * points, np.ones(len(points))]
    for _ in range(2):  # once more without the cornea
        solved, *_ = np.linalg.lstsq(table, (points**2).sum(axis=1), rcond=None)
        center, square = solved[:3], solved[3] + solved[:3] @ solved[:3]
        if square <= 0:
            return None
        radius = float(np.sqrt(square))
        off = np.linalg.norm(points - center, axis=1) - radius
        table, points = table[off < 0.05 * radius], points[off < 0.05 * radius]
        if len(points) < 8:
            return None
    extent = float(np.ptp(points, axis=0)[[0, 2]].max())
    return Ball(center, radius) if 0.3 * extent < radius < 1.2 * extent else None


def balls_of(mesh: Mesh, kind: np.ndarray) -> dict[str, Ball]:
    """The eyes by side, "Left" and "Right", of pieces whose kinds (P,) `eyes_of` gave; the largest ball of each."""
    found = {}
    for number, side in ((1, "Left"), (2, "Right")):
        made = [ball_of(mesh.vertices[mesh.piece == k]) for k in np.flatnonzero(kind == number)]
        best = [ball for ball in made if ball is not None]
        if best:
            found[side] = max(best, key=lambda ball: ball.radius)
    return found


def skin_of(mesh: Mesh, face: np.ndarray, triangles: np.ndarray, eyes: np.ndarray) -> np.ndarray:
    """Tell which pieces (P,) are skin: the face's front (V, 3) with its triangles lies on them."""
    count = len(eyes)
    usable = (eyes == 0)[mesh.piece[mesh.triangles[:, 0]]]
    if not usable.any():
        return np.zeros(count, bool)
    seen = front()
    normals = Mesh(face, triangles).normals[seen]
    index, _, _, distance = Nearest(mesh, 0.01, 0.004, usable)(face[seen], normals)
    near = (distance < 0.02) & ((mesh.facing[index] * normals).sum(axis=1) > 0.3)
    votes = np.bincount(mesh.piece[mesh.triangles[index, 0]][near], minlength=count)
    return votes > LEAST * max(votes.sum(), 1)


def kinds_of(mesh: Mesh, template: np.ndarray, skin: np.ndarray, eyes: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Give the kind of each piece (P,), as numbers of KINDS, of a mesh that the template (V, 3) was laid over."""
    kind = np.where(skin, 0, np.where(eyes > 0, eyes, KINDS.index("worn")))
    surface = Mesh(template[: triangles.max() + 1], triangles)
    near_skin = Nearest(surface, 0.0)
    inner = inner_rows()
    mouth = np.concatenate([template[rows] for rows in inner.values()])
    low, high = mouth.min(axis=0) - 0.012, mouth.max(axis=0) + 0.012
    first, last = boxes(mesh)
    for number in np.flatnonzero((kind == KINDS.index("worn"))):
        points = mesh.vertices[mesh.piece == number]
        some = points[:: max(1, len(points) // 400)]
        index, _, place, distance = near_skin(some)
        if (first[number] > low).all() and (last[number] < high).all():
            outside = ((some - place) * surface.facing[index]).sum(axis=1) > 0.001
            if outside.mean() < 0.4:
                kind[number] = KINDS.index(_inner_name(some, template, inner))
                continue
        if np.percentile(distance, 15) < CLOSE and np.percentile(distance, 70) < REACH:
            kind[number] = KINDS.index("on_skin")
    return kind


@cache
def inner_rows() -> dict[str, np.ndarray]:
    """The template's vertices of each row of teeth with its gums, and of the tongue."""
    part = np.array(PARTS)[weights.load("template").arrays["part"]]
    part = part[~np.isin(part, ("lashes", "brows"))]
    parts = {"teeth_upper": ("teeth_upper", "gums_upper"), "teeth_lower": ("teeth_lower", "gums_lower"),
             "tongue": ("tongue",)}  # fmt: skip
    return {name: np.unique(own_faces()[np.isin(part, those)]) for name, those in parts.items()}


def _inner_name(points: np.ndarray, template: np.ndarray, inner: dict[str, np.ndarray]) -> str:
    """Name what lies in the mouth: a tongue lies in the middle, a row of teeth before it and aside."""
    middle, size = (points.min(axis=0) + points.max(axis=0)) / 2, np.ptp(points, axis=0)
    boxes_ = {name: (template[rows].min(axis=0), template[rows].max(axis=0)) for name, rows in inner.items()}
    tongue = np.ptp(np.stack(boxes_["tongue"]), axis=0)
    rows = np.ptp(np.stack(boxes_["teeth_lower"]), axis=0)
    hollow = (np.abs(points[:, 0] - middle[0]) < 0.15 * size[0]) & (points[:, 1] > middle[1])
    narrow = size[0] < (tongue[0] + rows[0]) / 2
    if narrow and hollow.mean() > 0.05 and size[1] > 0.8 * size[0]:
        return "tongue"
    parting = (boxes_["teeth_upper"][0][2] + boxes_["teeth_lower"][1][2]) / 2
    return "teeth_upper" if middle[2] > parting else "teeth_lower"
