"""Tells what the separate pieces of a mesh are: skin, eyes, teeth, tongue, what grows on skin and what is only worn."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.spatial import cKDTree

from .. import weights
from ..head.head import PARTS
from .bind import behind
from .fit import front
from .landmarks import NAMES
from .shapes import Ball, own_faces
from .surface import Mesh, Nearest

KINDS = ("skin", "eye_left", "eye_right", "teeth_upper", "teeth_lower", "tongue", "on_skin", "worn")
"""Names a piece may have: skin takes the template's shapes, eyes and teeth move as a whole, what is on skin (lashes,
brows, a beard) follows its roots, what is worn (glasses, hair, a hat) goes with the skull."""

WORN = KINDS.index("worn")

LEAST = 0.06
"""Share of the face's front that the nearest surface must be of a piece that is skin."""
CLOSE = 0.012
"""Metres within which the roots of what grows on skin lie from it."""
CELL, STANDS_OUT = np.radians(4.0), 1.35
"""Width of the rings about an eye's middle in which its reach is read; how far a cornea reaches at most, in radii."""
ROUND = (0.5, 0.65)
"""Least ratio of height and width of an eye: of those with a depth, since cartoons' are no balls, and of flat ones."""
FILLS = 0.4
"""Share of its box that a round thing covers at least, seen from the front."""
ALIGNED = 8
"""Steps in which what is in the mouth is brought over the template's teeth."""
REACH = 0.015
"""Metres within which most of what grows on skin lies from it."""


def eyes_of(mesh: Mesh, marks: np.ndarray) -> np.ndarray:
    """Tell which pieces are eyes, by their place and roundness alone: 0 none, 1 left, 2 right for each piece (P,).

    The mesh and its landmarks (54, 3; NaN where unknown) are in the template's frame.
    """
    kind = np.zeros(mesh.piece.max(initial=-1) + 1, np.int64)
    low, high = boxes(mesh)
    area = np.bincount(mesh.piece[mesh.triangles[:, 0]], np.abs(mesh.areas[:, 1]), len(kind))
    broad = area > FILLS * np.prod((high - low)[:, [0, 2]], axis=1)  # a single lash is not
    for number, side in ((1, "L"), (2, "R")):
        points = marks[[k for k, name in enumerate(NAMES) if name.startswith(f"eye.{side}")]]
        points = points[np.isfinite(points).all(axis=1)]
        if len(points) < 2:
            continue
        wide = float(max(np.ptp(points, axis=0)[0], 0.012))
        middle = points.mean(axis=0)
        size, away = high - low, (low + high) / 2 - middle
        widest = np.maximum(size[:, 0], size[:, 2])
        least = np.where(size[:, 1] > 0.75 * widest, *ROUND)
        round_ = np.minimum(size[:, 0], size[:, 2]) > least * widest
        large = (size[:, [0, 2]].max(axis=1) > 0.15 * wide) & (size[:, [0, 2]].max(axis=1) < 2.2 * wide)
        here = (np.abs(away[:, 0]) < 0.5 * wide) & (np.abs(away[:, 2]) < 0.5 * wide)
        deep = (away[:, 1] > -0.4 * wide) & (away[:, 1] < 1.3 * wide)
        kind[round_ & large & here & deep & broad & (size[:, 1] < 2.5 * wide)] = number
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
            whole = mesh.vertices[(kind == number)[mesh.piece]]
            found[side] = profile(max(best, key=lambda ball: ball.radius), whole)
    return found


def profile(ball: Ball, points: np.ndarray) -> Ball:
    """Give a ball that knows how far the points (N, 3) of its eye stand out in front, cornea and all."""
    away = points - ball.center
    reach = np.maximum(np.linalg.norm(away, axis=1), 1e-9)
    cell = (np.arccos(np.clip(-away[:, 1] / reach, -1, 1)) / CELL).astype(int)
    some = (reach < STANDS_OUT * ball.radius) & (cell < int(np.pi / 2 / CELL))
    out = np.zeros(int(np.pi / 2 / CELL))
    np.maximum.at(out, cell[some], reach[some])
    out = np.maximum(np.maximum(out, np.append(0, out[:-1])), np.append(out[1:], 0))
    return Ball(ball.center, ball.radius, (np.arange(len(out)) + 0.5) * CELL, np.maximum(out, ball.radius))


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
    """Give the kind of each vertex (V,), as numbers of KINDS, of a mesh that the template (V', 3) was laid over."""
    kind = np.where(skin, 0, np.where(eyes > 0, eyes, WORN))
    skin_points = template[: triangles.max() + 1]
    near_skin = Nearest(Mesh(skin_points, triangles), 0.0, which=~behind("mouth")[triangles].all(axis=1))
    inner = inner_rows()
    mouth = np.concatenate([template[rows] for rows in inner.values()])
    low, high = mouth.min(axis=0) - 0.015, mouth.max(axis=0) + [0.015, 0.04, 0.015]  # tongues reach far back
    part = np.repeat(list(inner), [len(rows) for rows in inner.values()])
    tree = cKDTree(mouth)
    of_vertex = kind[mesh.piece]
    in_mouth = []
    for number in np.flatnonzero(kind == WORN):
        own = np.flatnonzero(mesh.piece == number)
        some = mesh.vertices[own[:: max(1, len(own) // 400)]]
        distance = near_skin(some)[3]
        within = ((some > low) & (some < high)).all(axis=1) & (tree.query(some)[0] < distance)
        if within.mean() > 0.6:
            in_mouth.append(own)
        elif np.percentile(distance, 15) < CLOSE and np.percentile(distance, 70) < REACH:
            of_vertex[own] = KINDS.index("on_skin")
    if in_mouth:
        points = mesh.vertices[np.concatenate(in_mouth)]
        shift = np.zeros(3)
        for _ in range(ALIGNED):  # teeth do not stand behind the lips as the template's do
            shift += np.median(points - shift - mouth[tree.query(points - shift)[1]], axis=0)
        for own in in_mouth:
            points = mesh.vertices[own]
            votes = np.array([KINDS.index(name) for name in part[tree.query(points - shift)[1]]])
            tall = np.ptp(points[:, 2]) > 0.75 * np.ptp(mouth[:, 2])  # one piece of all that is in a mouth
            of_vertex[own] = votes if tall else np.bincount(votes).argmax()
    return of_vertex


@cache
def inner_rows() -> dict[str, np.ndarray]:
    """The template's vertices of each row of teeth with its gums, and of the tongue."""
    part = np.array(PARTS)[weights.load("template").arrays["part"]]
    part = part[~np.isin(part, ("lashes", "brows"))]
    parts = {"teeth_upper": ("teeth_upper", "gums_upper"), "teeth_lower": ("teeth_lower", "gums_lower"),
             "tongue": ("tongue",)}  # fmt: skip
    return {name: np.unique(own_faces()[np.isin(part, those)]) for name, those in parts.items()}
