"""Lines of a face whose places on a head are known before the template is laid on: the edges of lids, and open lips."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..head.clearance import LID_FRONT
from ..head.decode import openings
from .fit import Person
from .landmarks import NAMES
from .lids import Opening, opening, outline
from .shapes import Ball
from .surface import Mesh

INNER = [NAMES.index(f"mouth.inner.{k}") for k in range(8)]
"""From the right corner over the upper lip, and back below."""
APART = 0.006
"""Metres that lips must be apart at landmarks, beyond where a jaw has opened them, to be laid there."""


def holes_of(target: Mesh, skin: np.ndarray, eyes: np.ndarray, balls: Mapping[str, Ball]) -> dict[str, Opening]:
    """The holes of those eyes that are seen, by side; skin (T,) and eyes (T,), 1 left and 2 right, say what its
    triangles are."""
    numbers = {"Left": 1, "Right": 2}
    found = {side: opening(target, skin, eyes == numbers[side], ball) for side, ball in balls.items()}
    return {side: hole for side, hole in found.items() if hole is not None}


def lid_lines(holes: Mapping[str, Opening], like: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Vertices (M,) of the template's edges of lids and where they lie on the target (M, 3), of eyes that are seen;
    like (V, 3): a template that lies about right."""
    rows, goals = [np.zeros(0, np.int64)], [np.zeros((0, 3))]
    for eye in openings()[1:]:
        if eye.side in holes:
            goal = outline(holes[eye.side], eye, like)
            known = np.isfinite(goal).all(axis=1)
            rows.append(eye.rings[LID_FRONT][known])
            goals.append(goal[known])
    return np.concatenate(rows), np.concatenate(goals)


def lip_lines(marks: np.ndarray, person: Person) -> tuple[np.ndarray, np.ndarray]:
    """Vertices (M,) of the template where its lips touch, and their places (M, 3) at landmarks (54, 3) of a mouth that
    is open, but not because a jaw is: what is drawn with an open mouth."""
    lips, seam = marks[INNER], openings()[0].seam
    rows = np.concatenate([seam.upper, seam.lower])
    like = person.posed[rows]
    model = person.vertices
    if not np.isfinite(lips).all() or person.ajar:
        return np.zeros(0, np.int64), np.zeros((0, 3))
    upper, lower = lips[[0, 1, 2, 3, 4]], lips[[0, 7, 6, 5, 4]]
    if np.median((upper - lower)[1:4, 2]) < APART:
        return np.zeros(0, np.int64), np.zeros((0, 3))
    x = model[rows, 0]
    first, last = x.min(), x.max()
    along = lips[0, 0] + (x - first) / (last - first) * (lips[4, 0] - lips[0, 0])
    goal = np.empty_like(like)
    top = np.arange(len(rows)) < len(seam.upper)
    for some, edge in ((top, upper), (~top, lower)):
        order = np.argsort(edge[:, 0])
        for axis in range(3):
            goal[some, axis] = np.interp(along[some], edge[order, 0], edge[order, axis])
    rows, once = np.unique(rows, return_index=True)
    return rows, goal[once]
