"""Shuts the last slits of a blink: what is still seen of an eye from the front, lids close over."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..head.correctives import SHAPE_NAMES
from .lids import PIXEL, SPAN, depth
from .off_eyes import lacking
from .shapes import Ball
from .surface import Mesh

ROUNDS = 4
LEAST = 4
"""Pixels that may stay open."""
OVERLAP = 0.0003
"""Metres by which lids come together more than the slit is high."""
FULL, FADED = 0.0015, 0.009
"""Metres from a slit within which skin goes all the way with it, and from which on it stays."""
UPPER = 0.75
"""How much of a slit the upper lid closes, the lower one the rest."""
TALLEST = 0.6
"""Radii of the eye beyond which a slit is no slit: then a lid was not found, and nothing is moved."""


def seal(shapes: np.ndarray, target: Mesh, skin: np.ndarray, eyeball: np.ndarray, ball: Ball, side: str) -> None:
    """Close what a blink of shapes (S, V, 3) leaves open, in place; skin and eyeball (V,) say which vertices of the
    target are which."""
    row = SHAPE_NAMES.index(f"eyeBlink{side}")
    size = max(ball.radius, 0.006)
    count = int(2 * SPAN * size / PIXEL) + 1
    low, back = ball.center[[0, 2]] - SPAN * size, ball.center[1] + size
    some = [kind[target.triangles].all(axis=1) for kind in (skin, eyeball)]
    behind = depth(target, some[1], low, count, back)
    near = np.flatnonzero(skin & (np.linalg.norm(target.vertices - ball.center, axis=1) < 2 * SPAN * size))
    rest, outside = target.vertices[near], lacking(target.vertices[near], ball)[0] < 0
    for _ in range(ROUNDS):
        posed = target.vertices + shapes[row]
        front = depth(Mesh(posed, target.triangles), some[0], low, count, back)
        slit = behind < front
        if slit.sum() <= LEAST:
            return
        columns = np.flatnonzero(slit.any(axis=1))
        top = np.array([np.flatnonzero(slit[k]).max() + 1 for k in columns]) * PIXEL + low[1]
        bottom = np.array([np.flatnonzero(slit[k]).min() for k in columns]) * PIXEL + low[1]
        height = np.zeros(count)
        height[columns] = np.minimum(top - bottom, TALLEST * size) + OVERLAP
        height = ndimage.maximum_filter1d(height, 5)
        height = np.maximum(ndimage.gaussian_filter1d(height, 2), height * (height > 0))
        middle = np.interp(np.arange(count), columns, (top + bottom) / 2)
        at = posed[near]
        cell = np.clip((at[:, 0] - low[0]) / PIXEL, 0, count - 1)
        wide = np.interp(cell, np.arange(count), height)
        off = at[:, 2] - np.interp(cell, np.arange(count), middle)
        away = np.maximum(np.abs(off) - wide / 2, 0)
        part = np.clip((FADED - away) / (FADED - FULL), 0, 1)
        part = np.where(at[:, 1] < ball.center[1], part * part * (3 - 2 * part), 0)
        shift = np.zeros_like(rest)
        shift[:, 2] = np.where(off > 0, -UPPER, 1 - UPPER) * wide * part
        lack, way = lacking(at + shift, ball)
        push = np.where((part > 0) & outside, np.maximum(lack + OVERLAP, 0), 0)
        shapes[row, near] += (shift + push[:, None] * way).astype(shapes.dtype)
