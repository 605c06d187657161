"""Builds the tongue by rule, lying between the scan's lower teeth, and the shapes it takes in speech."""

from __future__ import annotations

import numpy as np

from headroom.core.performance import TONGUE

from .ict import LOWER_TEETH, Ict
from .pieces import Piece, closed_disc, disc_points, grid_faces, outward, planar
from .teeth import LOWER_TEETH_STARTS

TONGUE_STATIONS, TONGUE_AROUND = 18, 20


def tongue(ict: Ict) -> Piece:
    """A tongue from root to tip, lying between the lower teeth; stations run along its length."""
    lower = ict.neutral[LOWER_TEETH]
    arch_top = np.percentile(lower[:, 2], 97)
    tip_y = ict.neutral[LOWER_TEETH_STARTS[6] : LOWER_TEETH_STARTS[7], 1].max() - 0.001
    u = np.linspace(0, 1, TONGUE_STATIONS) ** 0.9
    y = np.interp(u, [0, 0.25, 1], [-0.034, -0.046, tip_y])
    top = arch_top + np.interp(u, [0, 0.15, 0.4, 0.75, 1], [-0.016, -0.002, 0.0035, -0.002, -0.0065])
    bottom = arch_top + np.interp(u, [0, 0.3, 0.7, 1], [-0.040, -0.024, -0.0150, -0.0100])
    width = np.interp(u, [0, 0.2, 0.55, 0.8, 0.93, 1], [0.015, 0.0185, 0.0170, 0.0135, 0.0095, 0.0055])
    turn = np.linspace(0, 2 * np.pi, TONGUE_AROUND, endpoint=False) + np.pi / 4 + np.pi
    across, up = np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** 0.8, np.sin(turn)
    middle, half = (top + bottom) / 2, (top - bottom) / 2
    groove = 0.0012 * np.exp(-((across / 0.25) ** 2)) * (up > 0.3)
    rings = np.stack(
        [
            np.outer(width, across),
            np.repeat(y[:, None], TONGUE_AROUND, 1),
            middle[:, None] + np.outer(half, up) - groove[None] * (u[:, None] < 0.95),
        ],
        -1,
    )
    points = rings.reshape(-1, 3)
    faces = [grid_faces(TONGUE_STATIONS, TONGUE_AROUND, closed=True)]
    for station, bulge in ((0, 0.0), (TONGUE_STATIONS - 1, -0.0035)):
        ends = np.arange(TONGUE_AROUND) + station * TONGUE_AROUND
        _, new_faces, _ = closed_disc(ends, len(points))
        inside = disc_points(TONGUE_AROUND // 4)[1:-1, 1:-1].reshape(-1, 2)
        dome = np.sqrt(np.clip(1 - (inside**2).sum(1), 0, 1))
        inner = np.stack(
            [inside[:, 0] * width[station], y[station] + bulge * dome, middle[station] + inside[:, 1] * half[station]],
            1,
        )
        points = np.concatenate([points, inner])
        faces.append(new_faces[:, ::-1] if station == 0 else new_faces)
    all_faces = outward(points, np.concatenate(faces))
    colors = np.tile([0.50, 0.17, 0.16, 1.0], (len(points), 1))
    return Piece(points, all_faces, planar(points, (0, 1))[all_faces], colors, "tongue")


def tongue_shapes(points: np.ndarray) -> dict[str, np.ndarray]:
    """Give each shape's delta (N, 3) on tongue vertices `points` (N, 3), by rule.

    `u` runs from the root (0) to the tip (1); moves fade towards the root.
    """
    front, back = points[:, 1].min(), points[:, 1].max()
    u = (back - points[:, 1]) / (back - front)
    tip, body = _ease((u - 0.45) / 0.5), np.exp(-(((u - 0.38) / 0.22) ** 2))
    top = _ease((points[:, 2] - np.percentile(points[:, 2], 30)) / 0.012)
    across = points[:, 0]
    zero = np.zeros_like(points)
    moves = {name: zero.copy() for name in ("tongueOut", *TONGUE)}
    moves["tongueOut"][:, 1] = -0.034 * _ease((u - 0.1) / 0.8)
    moves["tongueOut"][:, 2] = 0.006 * _ease((u - 0.2) / 0.5) - 0.016 * _ease((u - 0.72) / 0.3)
    moves["tongueOut"][:, 0] = -0.12 * across * tip
    moves["tongueTipUp"][:, 2] = 0.0105 * tip
    moves["tongueTipUp"][:, 1] = 0.002 * tip
    moves["tongueTipTeeth"][:, 1] = -0.010 * tip
    moves["tongueTipTeeth"][:, 2] = 0.0065 * tip
    moves["tongueBackUp"][:, 2] = 0.011 * body * (0.35 + 0.65 * top)
    moves["tongueBackUp"][:, 1] = 0.004 * body
    moves["tongueNarrow"][:, 0] = -0.22 * across * _ease(u / 0.5)
    moves["tongueNarrow"][:, 1] = 0.004 * tip
    moves["tongueWide"][:, 0] = 0.13 * across * _ease(u / 0.5)
    moves["tongueWide"][:, 2] = 0.002 * body
    return moves


def _ease(t: np.ndarray) -> np.ndarray:
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)
