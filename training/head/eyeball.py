"""Builds the eyeballs: the white with a recessed iris and the hole of the pupil, and the clear cornea over them."""

from __future__ import annotations

import numpy as np

from .patches import Patch, disc, evens, placed
from .pieces import Piece, disc_points

SEGMENTS, SIDE = 32, 8
IRIS = 0.39
"""Half-angle of the iris seen from the middle of the eye, radians: 11.5 mm of the scan's 30 mm eye."""
PUPIL = 0.36
"""Radius of the pupil as a share of the iris's."""
INSIDE = ((0.30, 0.085), (0.345, 0.060), (PUPIL, 0.040), (0.50, 0.037), (0.70, 0.033), (0.88, 0.029), (0.975, 0.024))
"""Rings from the floor of the pupil to the edge of the iris: radius as a share of the iris's, and depth behind the
plane of its edge as a share of the eye's radius."""
WHITE = (IRIS, IRIS + 0.03, IRIS + 0.1, 0.68, 0.92, 1.2, np.pi / 2, 1.98, 2.4, 2.8)
"""Rings of the white, as angles from the axis; the one at a quarter turn has the eye's centre in its middle."""
QUARTER = (len(INSIDE) + WHITE.index(np.pi / 2)) * SEGMENTS
"""First vertex of that ring."""
KEPT = (0, 2, 4, 7, 9, 11, 13, 16)
DOME = ((0.09, 0), (0.19, 0), (0.29, 0), (IRIS, 0), (IRIS + 0.05, 0), (IRIS + 0.1, -0.005))
DOME_KEPT = (0, 3, 5)
BULGE = 0.036
"""How far the cornea stands out from the ball at its top, as a share of the eye's radius."""


def eyeball(center: np.ndarray, radius: float) -> Piece:
    """The left eyeball, looking along -Y from `center`, with a flat-bottomed iris and no cornea."""
    edge, plane = np.sin(IRIS), np.cos(IRIS)
    rings = [(edge * share, plane - depth) for share, depth in INSIDE] + [(np.sin(a), np.cos(a)) for a in WHITE]
    points = np.concatenate([_ring(reach, front) for reach, front in rings])
    reach_in, front_in = rings[0]
    pupil = disc(np.arange(SEGMENTS), SIDE, SIDE, len(points))
    inner = disc_points(SIDE)[1:-1, 1:-1].reshape(-1, 2) * reach_in
    points = np.concatenate([points, np.c_[inner, np.full(len(inner), front_in)]])
    back = disc(np.arange(SEGMENTS) + (len(rings) - 1) * SEGMENTS, SIDE, SIDE, len(points))
    angle = np.pi - np.linalg.norm(disc_points(SIDE)[1:-1, 1:-1].reshape(-1, 2), axis=1) * (np.pi - WHITE[-1])
    turn = disc_points(SIDE)[1:-1, 1:-1].reshape(-1, 2)
    turn /= np.maximum(np.linalg.norm(turn, axis=1, keepdims=True), 1e-9)
    points = np.concatenate([points, np.c_[turn * np.sin(angle)[:, None], np.cos(angle)]])

    around = _around(len(rings))
    spread = np.interp(np.arange(len(rings)), [0, len(INSIDE), len(rings) - 1], [0.13, 0.50, 1.0])
    front = [
        Patch(around, KEPT, evens(SEGMENTS + 1), _polar(spread)).flipped(),
        Patch(pupil, evens(SIDE + 1), evens(SIDE + 1), disc_points(SIDE) * spread[0]).flipped(),
    ]
    patches = placed(front, (0.552, 0.862), (0.68, 0.99))
    patches += placed([Patch(back, evens(SIDE + 1), evens(SIDE + 1), disc_points(SIDE))], (0.667, 0.863), (0.68, 0.876))
    colors = _colors(len(points), around)
    colors[pupil.ravel(), :3] = 0.004
    return Piece(_stand(points, center, radius), patches, colors, "eye_left")


def cornea(center: np.ndarray, radius: float) -> Piece:
    """The clear shell over the left iris; its rim lies just under the white. Its colors are those of what it covers,
    for views that cannot see through it."""
    angles = np.array([angle for angle, _ in DOME])
    reach = 1.003 + BULGE * np.clip(1 - (angles / (IRIS + 0.06)) ** 2, 0, 1) ** 1.5 + [sink for _, sink in DOME]
    points = np.concatenate([_ring(r * np.sin(a), r * np.cos(a)) for a, r in zip(angles, reach, strict=True)])
    top = disc(np.arange(SEGMENTS), SIDE, SIDE, len(points))
    inner = disc_points(SIDE)[1:-1, 1:-1].reshape(-1, 2)
    angle = np.linalg.norm(inner, axis=1) * angles[0]
    height = 1.003 + BULGE * (1 - (angle / (IRIS + 0.06)) ** 2) ** 1.5
    turn = inner / np.maximum(np.linalg.norm(inner, axis=1, keepdims=True), 1e-9)
    points = np.concatenate([points, np.c_[turn * (height * np.sin(angle))[:, None], height * np.cos(angle)]])
    patches = [
        Patch(_around(len(DOME)), DOME_KEPT, evens(SEGMENTS + 1), _polar(angles)).flipped(),
        Patch(top, evens(SIDE + 1), evens(SIDE + 1), disc_points(SIDE) * angles[0]).flipped(),
    ]
    patches = placed(patches, (0.689, 0.93), (0.749, 0.99))
    colors = np.ones((len(points), 4))
    polar = np.arccos(points[:, 2] / np.linalg.norm(points, axis=1))
    colors[:, :3] = np.where(polar[:, None] > IRIS + 0.02, WHITE_COLOR, np.where(polar[:, None] < 0.15, 0.004, BROWN))
    return Piece(_stand(points, center, radius), patches, colors, "cornea_left")


WHITE_COLOR, BROWN = np.array([0.80, 0.76, 0.73]), np.array([0.13, 0.075, 0.035])


def _colors(count: int, around: np.ndarray) -> np.ndarray:
    """White, and an iris with spokes that darkens outwards; brown is the stand-in for its hue."""
    colors = np.ones((count, 4))
    colors[:, :3] = WHITE_COLOR
    spokes = 0.75 + 0.25 * np.cos(9 * np.linspace(0, 2 * np.pi, SEGMENTS, endpoint=False))
    for k, (share, _) in enumerate(INSIDE):
        ring = around[k, :-1]
        fade = np.clip((share - PUPIL) / (1 - PUPIL), 0, 1)
        colors[ring, :3] = 0.004 if share < PUPIL else BROWN * (1.3 - 0.8 * fade) * spokes[:, None]
    colors[around[len(INSIDE), :-1], :3] = 0.35 * WHITE_COLOR
    return colors


def _ring(reach: float, front: float) -> np.ndarray:
    """A ring of the eye (SEGMENTS, 3): right, up, front; its first vertex is lower left, where a disc has a corner."""
    turn = np.linspace(0, 2 * np.pi, SEGMENTS, endpoint=False) + 1.25 * np.pi
    return np.stack([reach * np.cos(turn), reach * np.sin(turn), np.full(SEGMENTS, front)], axis=-1)


def _around(rings: int) -> np.ndarray:
    index = np.arange(rings * SEGMENTS).reshape(rings, SEGMENTS)
    return np.concatenate([index, index[:, :1]], axis=1)


def _polar(reach: np.ndarray) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, SEGMENTS + 1) + 1.25 * np.pi
    return reach[:, None, None] * np.stack([np.cos(turn), np.sin(turn)], axis=-1)[None]


def _stand(points: np.ndarray, center: np.ndarray, radius: float) -> np.ndarray:
    x, up, front = (points * radius).T
    return center + np.stack([x, -front, up], axis=-1)
