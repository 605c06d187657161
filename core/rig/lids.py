"""Where the lids of a head end: the outline of what is seen of each eye, looked at from the front."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..head.clearance import LID_FRONT, Eye
from .shapes import Ball
from .surface import Mesh

PIXEL = 0.0003
"""Metres of a head of usual size."""
SPAN = 1.6
"""How much of the eye's surroundings is looked at, in its radii to each side."""
LEAST = 40
"""Pixels of an eye that must be seen."""


@dataclass(frozen=True)
class Opening:
    """The hole in which an eye is seen from the front: `top` and `bottom` (C,) as Z at columns `x` (C,), all in the
    mesh's unit; `front` (count, count), how far forward the skin is over a grid from `low` (2,), and what is `seen`."""

    x: np.ndarray
    top: np.ndarray
    bottom: np.ndarray
    low: np.ndarray
    front: np.ndarray
    seen: np.ndarray


def opening(mesh: Mesh, skin: np.ndarray, eyeball: np.ndarray, ball: Ball) -> Opening | None:
    """Look for an eye's hole from the front; none where no eye is to be seen. skin, eyeball (T,): triangles of each."""
    size = max(ball.radius, 0.006)
    count = int(2 * SPAN * size / PIXEL) + 1
    low = ball.center[[0, 2]] - SPAN * size
    front, behind = (depth(mesh, some, low, count, ball.center[1] + size) for some in (skin, eyeball))
    label, parts = ndimage.label(behind < front)
    if not parts:
        return None
    seen = label == 1 + np.argmax(np.bincount(label[label > 0])[1:])
    columns = np.flatnonzero(seen.any(axis=1))
    if seen.sum() < LEAST or columns[0] == 0 or columns[-1] == count - 1 or len(columns) < 5:
        return None
    top = np.array([np.flatnonzero(seen[k]).max() for k in columns])
    bottom = np.array([np.flatnonzero(seen[k]).min() for k in columns])
    top, bottom = (ndimage.median_filter(edge.astype(float), 5, mode="nearest") for edge in (top, bottom))
    x, top, bottom = low[0] + (columns + 0.5) * PIXEL, low[1] + (top + 1) * PIXEL, low[1] + bottom * PIXEL
    return Opening(x, top, bottom, low, front, seen)


def outline(hole: Opening, eye: Eye, like: np.ndarray) -> np.ndarray:
    """Give where the vertices of the template's lids that meet, `eye.rings[LID_FRONT]` (N,), lie at the hole of an eye
    (N, 3); NaN where that is not known. like (V, 3): a template that lies about right; vertices keep their places
    between the corners of the eye.
    """
    ring = eye.rings[LID_FRONT]
    goal = np.full((len(ring), 3), np.nan)
    lids = like[ring]
    upper, lower = np.isin(ring, eye.seam.upper), np.isin(ring, eye.seam.lower)
    corner = np.flatnonzero(~upper & ~lower)
    first, last = (lids[corner, 0].min(), lids[corner, 0].max()) if len(corner) == 2 else (0.0, 0.0)
    if last - first < 1e-4:
        return goal
    along = hole.x[0] + np.clip((lids[:, 0] - first) / (last - first), 0, 1) * (hole.x[-1] - hole.x[0])
    height = np.interp(along, hole.x, hole.bottom)
    height[upper] = np.interp(along[upper], hole.x, hole.top)
    height[corner] = np.interp(along[corner], hole.x, (hole.top + hole.bottom) / 2)
    goal[:, 0], goal[:, 2] = along, height
    # how far forward: the skin just beyond the outline
    where = ((goal[:, [0, 2]] - hole.low) / PIXEL).astype(int)
    goal[:, 1] = [_about(hole.front, hole.seen, *spot) for spot in where]
    return goal


def _about(front: np.ndarray, seen: np.ndarray, x: int, z: int) -> float:
    """How far forward the skin beside a pixel lies, the median of a small window; NaN where there is none."""
    window = slice(max(x - 4, 0), x + 5), slice(max(z - 4, 0), z + 5)
    found = front[window][~seen[window] & np.isfinite(front[window])]
    return float(np.median(found)) if len(found) else float("nan")


def depth(mesh: Mesh, some: np.ndarray, low: np.ndarray, count: int, back: float) -> np.ndarray:
    """How far forward (count, count) the triangles `some` (T,) reach over a grid of X and Z from `low`, as Y; infinite
    where there are none before `back`."""
    corners = mesh.vertices[mesh.triangles[some]]
    first, last = corners.min(axis=1), corners.max(axis=1)
    high = low + count * PIXEL
    near = (last[:, 0] > low[0]) & (first[:, 0] < high[0]) & (last[:, 2] > low[1]) & (first[:, 2] < high[1])
    corners = corners[near & (first[:, 1] < back)]
    grid = np.full((count, count), np.inf)
    wide = np.ptp(corners[:, :, [0, 2]], axis=1).max(axis=1, initial=0)
    cuts = np.ceil(wide / (0.7 * PIXEL)).clip(1, 200).astype(int)
    for cut in np.unique(cuts):
        i, j = np.meshgrid(np.arange(cut + 1), np.arange(cut + 1), indexing="ij")
        inside = i + j <= cut
        u, v = i[inside] / cut, j[inside] / cut
        points = (np.stack([1 - u - v, u, v], axis=1) @ corners[cuts == cut]).reshape(-1, 3)
        cell = np.floor(np.clip((points[:, [0, 2]] - low) / PIXEL, -1, count)).astype(int)
        there = ((cell >= 0) & (cell < count)).all(axis=1) & (points[:, 1] < back)
        np.minimum.at(grid, (cell[there, 0], cell[there, 1]), points[there, 1])
    return grid
