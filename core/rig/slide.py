"""Closes the eyes of heads that have no lids to speak of, as cartoons: the rim of the hole slides over the eye.

All turns about a level axis through the middle of the eye, as lids do, and skin above and below follows less and less.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse
from scipy import ndimage

from ..head.correctives import SHAPE_NAMES
from .lids import PIXEL, Opening
from .off_eyes import lacking
from .shapes import Ball
from .surface import Mesh

LIDS = {
    "eyeBlink{}": (0.75, 0.25), "eyeSquint{}": (0.15, 0.25), "eyeWide{}": (-0.15, -0.05),
    "eyeLookDown{}": (0.25, -0.1), "eyeLookUp{}": (-0.1, 0.05), "eyeLookIn{}": (0.0, 0.0), "eyeLookOut{}": (0.0, 0.0),
}  # fmt: skip
"""How much of the way to one another the upper and the lower lid go in each shape."""
FOLLOWS = 0.7
"""How far from the rim skin follows, in how far the rim goes in a blink."""
FADES = 1.5
"""How fast it follows less."""
OVERLAP = np.radians(2.0)
"""By how much each lid goes beyond where they meet."""
AWAY, BEHIND = 0.1, 0.02
"""Radii by which sliding skin stays off the eye, and what lies behind the rim: faces are flat between vertices."""
SUNK = 0.25
"""Radii that skin may lie in the eye at rest, and yet comes before it."""
FRONT = 0.3
"""Least cosine from the way out at which skin is before the rim."""
REACH = 2.5
"""Radii of the eye within which skin follows."""
RAGGED = 0.12
"""Share of the lids' area that may turn over in a blink, before they are no lids."""
STRETCHED = 4.0
"""Times an edge may grow there."""
EVENED = 3
CORNER = 0.06
"""Widths of the hole over which lids end at its corners, as a deviation."""
ON = 0.3
"""Share of the way to the other lid after which skin lies on the eye."""


def ragged(shapes: np.ndarray, target: Mesh, skin: np.ndarray, ball: Ball, side: str) -> float:
    """Give the share of what moves in the blink of shapes (S, V, 3) that turns over or is torn wide, 0..1; skin (V,)
    tells which vertices are."""
    blink = shapes[SHAPE_NAMES.index(f"eyeBlink{side}")]
    some = target.triangles[skin[target.triangles].all(axis=1)]
    middle = target.vertices[some].mean(axis=1) - ball.center
    length = np.linalg.norm(blink[some], axis=2).max(axis=1)
    front = (np.linalg.norm(middle, axis=1) < REACH * ball.radius) & (middle[:, 1] < 0)
    some = some[front & (length > 0.1 * length.max(initial=0))]
    before, after = Mesh(target.vertices, some), Mesh(target.vertices + blink, some)
    out = (before.facing * (target.vertices[some].mean(axis=1) - ball.center)).sum(axis=1) > 0.3 * ball.radius
    if not out.any():
        return 0.0
    over = (before.facing * after.facing).sum(axis=1) < 0
    sides = [np.diff(mesh.vertices[some][:, [0, 1, 2, 0]], axis=1) for mesh in (before, after)]
    wide = (np.linalg.norm(sides[1], axis=2) > STRETCHED * np.linalg.norm(sides[0], axis=2)).any(axis=1)
    area = np.linalg.norm(np.cross(sides[1][:, 0], sides[1][:, 1]), axis=1)
    return float((area * (over | wide))[out].sum() / area[out].sum())


def slide(
    shapes: np.ndarray, target: Mesh, skin: np.ndarray, beside: sparse.csr_matrix, ball: Ball, side: str,
    opening: Opening,
) -> None:  # fmt: skip
    """Replace what lids do in shapes (S, V, 3), in place, by skin that slides over the eye where its hole is.

    skin (M,): vertices of the skin; beside (M, M): which of them share an edge.
    """
    distance = np.linalg.norm(target.vertices[skin] - ball.center, axis=1) / ball.radius
    near = np.flatnonzero((distance < REACH) & (target.vertices[skin, 1] < ball.center[1] + 0.5 * ball.radius))
    rows, some = skin[near], beside[near][:, near]
    here = np.clip(2 * (REACH - distance[near]) / (REACH - 1), 0, 1)
    points, normals = target.vertices[rows], target.normals[rows]
    follows = _following(points, ball, opening, some) * here[:, None]
    lack, way = lacking(points, ball)
    away = np.where((normals * way).sum(axis=1) > FRONT, AWAY, BEHIND) * ball.radius
    most = float(np.abs(follows).max(initial=0))
    for name, shares in LIDS.items():
        row = SHAPE_NAMES.index(name.format(side))
        shapes[row, rows] *= (1 - here)[:, None]
        angles = follows @ shares
        shapes[row, rows] += _turned(points, angles, most, -lack, away, ball)
        if name == "eyeBlink{}":
            half = SHAPE_NAMES.index(f"eyeBlink{side}_half")
            shapes[half, rows] *= (1 - here)[:, None]
            shapes[half, rows] += _turned(points, angles / 2, most, -lack, away, ball) - 0.5 * shapes[row, rows]


def _following(points: np.ndarray, ball: Ball, opening: Opening, beside: sparse.csr_matrix) -> np.ndarray:
    """Give by how much skin at points (N, 3) turns, in radians, when the upper and when the lower lid goes all the way
    to the other, (N, 2)."""
    rest = points - ball.center
    height = np.arctan2(rest[:, 2], -rest[:, 1])
    top, bottom = (_angles(edge, opening, ball) for edge in (opening.top, opening.bottom))
    x = opening.x - ball.center[0]
    beyond = len(x) // 4  # columns beside the hole, over which nothing may end all at once
    wide = ndimage.gaussian_filter1d(np.pad(np.maximum(top - bottom, 0), beyond), CORNER * len(x))
    columns = x[0] + PIXEL * (np.arange(len(wide)) - beyond)
    gap = np.interp(rest[:, 0], columns, wide, left=0, right=0)
    goes = gap + OVERLAP * (gap > 0)
    meet = np.interp(rest[:, 0], x, bottom + LIDS["eyeBlink{}"][1] * (top - bottom))
    found = np.zeros((len(points), 2))
    for column, (edge, way) in enumerate(((top, 1), (bottom, -1))):
        beyond = way * (height - np.interp(rest[:, 0], x, edge))
        reach = np.maximum(FOLLOWS * goes, np.radians(10))
        found[:, column] = np.where(way * (height - meet) > 0, -way * goes, 0)
        found[:, column] *= np.clip(1 - np.maximum(beyond, 0) / reach, 0, 1) ** FADES
    count = np.maximum(np.asarray(beside.sum(axis=1)).ravel(), 1)[:, None]
    for _ in range(EVENED):
        found = 0.5 * found + 0.5 * (beside @ found) / count
    return found


def _turned(
    points: np.ndarray, angles: np.ndarray, most: float, floor: np.ndarray, away: np.ndarray, ball: Ball
) -> np.ndarray:  # fmt: skip
    """Give how points (N, 3) move (N, 3) that turn by angles (N,), up to `most`, about the level axis of an eye, and
    come to lie by `away` (N,) before it; they rest `floor` (N,) before it."""
    rest = points - ball.center
    cos, sin = np.cos(angles), np.sin(angles)
    moved = rest.copy()
    moved[:, 2] = rest[:, 2] * cos - rest[:, 1] * sin
    moved[:, 1] = rest[:, 2] * sin + rest[:, 1] * cos
    deep, way = lacking(moved + ball.center, ball)
    part = np.clip(np.abs(angles) / max(ON * most, 1e-6), 0, 1)
    part = part * (2 - part)
    wanted = floor * (1 - part) + away * part
    there = np.isfinite(floor) & (floor > -SUNK * ball.radius) & np.isfinite(deep)
    some = there & (angles != 0)
    moved[some] += (wanted[some] + deep[some])[:, None] * way[some]
    return moved - rest


def _angles(edge: np.ndarray, opening: Opening, ball: Ball) -> np.ndarray:
    """Give how high the edge of a hole stands in each of its columns, seen from the middle of the eye, in radians."""
    points = np.stack([opening.x, np.full(len(edge), ball.center[1]), edge], axis=1) - ball.center
    radius = max(ball.radius, float(ball.reach.max(initial=0)))
    return np.arctan2(points[:, 2], np.sqrt(np.maximum(radius**2 - points[:, 0] ** 2 - points[:, 2] ** 2, 1e-8)))
