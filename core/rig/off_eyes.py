"""Keeps closing lids of a head off its own eyes, however these are shaped."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse

from ..head.correctives import SHAPE_NAMES
from .shapes import Ball
from .surface import Mesh

OFF = 0.0004
"""Metres of a head of usual size that skin stays off an eye, where it does so at rest."""
REACH = 2.2
"""Radii of an eye within which skin may be in its way."""
MOVES = 1e-4
SPREAD = 3
"""How often a push spreads to what lies beside it."""
FALL = 0.8
OUTWARD = 0.3
"""Least cosine from the way out at which skin is the front of a lid."""


def off_eyes(
    shapes: np.ndarray, target: Mesh, skin: np.ndarray, beside: sparse.csr_matrix, ball: Ball, side: str
) -> None:
    """Push the skin of a target, its vertices `skin` (M,), out of an eye in the blinks of shapes (S, V, 3), in place.

    Only the front of the lids is pushed, what lies before the eye at rest; flat faces between vertices are allowed
    for. beside (M, M): which of the skin share an edge.
    """
    lack, way = lacking(target.vertices[skin], ball)
    near = np.linalg.norm(target.vertices[skin] - ball.center, axis=1) < REACH * ball.radius
    near = np.flatnonzero(near & (lack < 0) & ((target.normals[skin] * way).sum(axis=1) > OUTWARD))
    if not len(near):
        return
    rows, rest = skin[near], target.vertices[skin[near]]
    edges = beside[near][:, near].tocoo()
    count = np.maximum(np.bincount(edges.row, minlength=len(near)), 1)
    size = np.bincount(edges.row, np.linalg.norm(rest[edges.row] - rest[edges.col], axis=1), len(near)) / count
    keep = np.minimum(-lack[near], np.minimum(OFF + size**2 / (8 * ball.radius), 3 * OFF))
    blink = shapes[SHAPE_NAMES.index(f"eyeBlink{side}"), rows]
    still = np.linalg.norm(blink, axis=1) < MOVES
    for name, base in ((f"eyeBlink{side}", 0.0), (f"eyeBlink{side}_half", 0.5)):
        row = SHAPE_NAMES.index(name)
        moved = shapes[row, rows] + base * shapes[SHAPE_NAMES.index(f"eyeBlink{side}"), rows]
        deep, way = lacking(rest + moved, ball)
        push = np.where(still, 0, np.maximum(deep + keep, 0))
        for _ in range(SPREAD):  # or skin would crease where some vertices were in the way and those beside them not
            wide = push.copy()
            np.maximum.at(wide, edges.row, FALL * push[edges.col])
            push = np.where(still, 0, wide)
        shapes[row, rows] += (push[:, None] * way).astype(shapes.dtype)


def lacking(points: np.ndarray, ball: Ball) -> tuple[np.ndarray, np.ndarray]:
    """How far points (N, 3) must go outward to lie on an eye that looks straight ahead, negative outside, and the way
    out (N, 3); nothing is asked of what lies behind its middle."""
    away = points - ball.center
    distance = np.maximum(np.linalg.norm(away, axis=1), 1e-9)
    angle = np.arccos(np.clip(-away[:, 1] / distance, -1, 1))
    floor = np.interp(angle, ball.angle, ball.reach) if len(ball.angle) > 1 else np.full(len(points), ball.radius)
    lack = np.where(angle < np.pi / 2, np.maximum(floor, ball.radius) - distance, -np.inf)
    return lack, away / distance[:, None]
