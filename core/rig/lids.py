"""Where the lids of a head end: the outline of what is seen of each eye, looked at from the front."""

from __future__ import annotations

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


def outline(mesh: Mesh, skin: np.ndarray, eyeball: np.ndarray, ball: Ball, eye: Eye, like: np.ndarray) -> np.ndarray:
    """Give where the vertices of the template's lids that meet, `eye.rings[LID_FRONT]` (N,), lie on a mesh (N, 3), NaN
    where no eye is to be seen.

    skin, eyeball (T,): triangles of each. like (V, 3): a template that lies about right; vertices keep their places
    between the corners of the eye.
    """
    ring = eye.rings[LID_FRONT]
    goal = np.full((len(ring), 3), np.nan)
    size = max(ball.radius, 0.006)
    count = int(2 * SPAN * size / PIXEL) + 1
    low = ball.center[[0, 2]] - SPAN * size
    front, behind = (depth(mesh, some, low, count, ball.center[1] + size) for some in (skin, eyeball))
    label, parts = ndimage.label(behind < front)
    if not parts:
        return goal
    seen = label == 1 + np.argmax(np.bincount(label[label > 0])[1:])
    columns = np.flatnonzero(seen.any(axis=1))
    if seen.sum() < LEAST or columns[0] == 0 or columns[-1] == count - 1 or len(columns) < 5:
        return goal
    top = np.array([np.flatnonzero(seen[k]).max() for k in columns])
    bottom = np.array([np.flatnonzero(seen[k]).min() for k in columns])
    top, bottom = (ndimage.median_filter(edge.astype(float), 5, mode="nearest") for edge in (top, bottom))
    lids = like[ring]
    upper, lower = np.isin(ring, eye.seam.upper), np.isin(ring, eye.seam.lower)
    corner = np.flatnonzero(~upper & ~lower)
    first, last = (lids[corner, 0].min(), lids[corner, 0].max()) if len(corner) == 2 else (0.0, 0.0)
    if last - first < 1e-4:
        return goal
    along = columns[0] + np.clip((lids[:, 0] - first) / (last - first), 0, 1) * (columns[-1] - columns[0])
    height = np.where(upper, np.interp(along, columns, top) + 0.5, np.interp(along, columns, bottom) - 0.5)
    height[corner] = [np.interp(along[k], columns, (top + bottom) / 2) for k in corner]
    goal[:, 0], goal[:, 2] = low[0] + (along + 0.5) * PIXEL, low[1] + (height + 0.5) * PIXEL
    # how far forward: the skin just beyond the outline
    where = np.stack([along.round().astype(int), height.round().astype(int)], axis=1)
    goal[:, 1] = [_about(front, seen, *spot) for spot in where]
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
        cell = np.floor((points[:, [0, 2]] - low) / PIXEL).astype(int)
        there = ((cell >= 0) & (cell < count)).all(axis=1) & (points[:, 1] < back)
        np.minimum.at(grid, (cell[there, 0], cell[there, 1]), points[there, 1])
    return grid
