"""Keeps the lids of a head off its own eyes, however these are shaped, in every shape that moves lids."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse

from ..head.correctives import FOLLOW, SHAPE_NAMES
from ..head.gaze import LOOK_DEGREES, look
from .shapes import Ball

OFF = 0.0004
"""Metres of a head of usual size that skin stays off an eye, where it does so at rest."""
REACH = 2.2
"""Radii of an eye within which skin may be in its way."""
MOVES = 1e-4
SPREAD = 4
"""How often a push spreads to what lies beside it."""
FALL = 0.8
WAYS = ("eyeBlink", "eyeSquint", "eyeWide", "cheekSquint", *(f"eyeLook{way}" for way in LOOK_DEGREES))


def off_eyes(
    shapes: np.ndarray, points: np.ndarray, skin: np.ndarray, beside: sparse.csr_matrix, ball: Ball, side: str
) -> None:
    """Push the skin, vertices `skin` (M,) of points (V, 3), out of an eye in shapes (S, V, 3), in place.

    What dips into the eye at rest may do so as deep in a shape; flat faces between vertices are allowed for. beside
    (M, M): which of the skin share an edge.
    """
    near = np.flatnonzero(np.linalg.norm(points[skin] - ball.center, axis=1) < REACH * ball.radius)
    if not len(near):
        return
    rows, rest = skin[near], points[skin[near]]
    beside = beside[near][:, near].tocoo()
    count = np.maximum(np.bincount(beside.row, minlength=len(near)), 1)
    size = np.bincount(beside.row, np.linalg.norm(rest[beside.row] - rest[beside.col], axis=1), len(near)) / count
    keep = np.minimum(OFF + size**2 / (8 * ball.radius), 3 * OFF)
    allowed = np.maximum(lacking(rest, ball, straight(""))[0], -keep)
    names = [f"{way}{side}" for way in WAYS] + [name for name in FOLLOW if name.startswith("lid") and side in name]
    for name in (*names, f"eyeBlink{side}_half"):
        row = SHAPE_NAMES.index(name)
        base = 0.5 * shapes[SHAPE_NAMES.index(f"eyeBlink{side}"), rows] if name.endswith("_half") else 0.0
        if np.abs(shapes[row, rows]).max() < MOVES:
            continue
        axis = straight(name.replace("lidFollow", "eyeLook") if "Look" in name or "Follow" in name else "")
        lack, way = lacking(rest + base + shapes[row, rows], ball, axis)
        push = np.maximum(lack - allowed, 0)
        if not push.any():
            continue
        wide = push.copy()
        for _ in range(SPREAD):  # or skin would crease where some vertices were in the way and those beside them not
            np.maximum.at(wide, beside.row, FALL * wide[beside.col])
            wide[np.linalg.norm(shapes[row, rows], axis=1) < MOVES] = 0
        shapes[row, rows] += (np.maximum(push, wide)[:, None] * way).astype(shapes.dtype)


def straight(name: str) -> np.ndarray:
    """The direction (3,) that an eye looks in, turned by the look shape of that name."""
    ahead = np.array([[0.0, -1.0, 0.0]])
    return (ahead + (look(name, ahead, np.zeros(3)) if name else 0.0))[0]


def lacking(points: np.ndarray, ball: Ball, axis: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far points (N, 3) must go outward to lie on an eye that looks along `axis` (3,), negative outside, and the
    way out (N, 3); nothing is asked of what lies behind its middle."""
    away = points - ball.center
    distance = np.maximum(np.linalg.norm(away, axis=1), 1e-9)
    angle = np.arccos(np.clip(away @ axis / distance, -1, 1))
    floor = np.interp(angle, ball.angle, ball.reach) if len(ball.angle) > 1 else np.full(len(points), ball.radius)
    lack = np.where(angle < np.pi / 2, np.maximum(floor, ball.radius) - distance, -np.inf)
    return lack, away / distance[:, None]
