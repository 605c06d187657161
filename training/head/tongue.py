"""Builds the tongue by rule, lying between the scan's lower teeth."""

from __future__ import annotations

import numpy as np

from .ict import LOWER_TEETH, Ict
from .patches import Patch, disc, evens, placed
from .pieces import Piece, disc_points, outward
from .teeth import LOWER_TEETH_STARTS

TONGUE_STATIONS, TONGUE_AROUND = 19, 16
BULGE = 0.0035
"""Metres by which the rounded tip stands out before the last station."""
BEHIND = 0.0008
"""Metres that the last station lies behind the hindmost point of the incisors, which are thinner where the tip is."""


def tongue(ict: Ict) -> Piece:
    """A tongue from root to tip, lying between the lower teeth; stations run along its length."""
    lower = ict.neutral[LOWER_TEETH]
    arch_top = np.percentile(lower[:, 2], 97)
    tip_y = ict.neutral[LOWER_TEETH_STARTS[6] : LOWER_TEETH_STARTS[7], 1].max() + BEHIND
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
    index = np.arange(len(points)).reshape(TONGUE_STATIONS, TONGUE_AROUND)
    seam = np.roll(index, -TONGUE_AROUND // 8, axis=1)  # below, on the midline
    flat = np.stack(np.meshgrid(np.arange(TONGUE_AROUND + 1.0), np.arange(TONGUE_STATIONS)), axis=-1)
    kept = evens(TONGUE_AROUND + 1)
    patches = [Patch(np.concatenate([seam, seam[:, :1]], axis=1), evens(TONGUE_STATIONS), kept, flat)]
    side = TONGUE_AROUND // 4
    for station, bulge in ((0, 0.0), (TONGUE_STATIONS - 1, -BULGE)):
        fill = disc(index[station], side, side, len(points))
        inside = disc_points(side)[1:-1, 1:-1].reshape(-1, 2)
        dome = np.sqrt(np.clip(1 - (inside**2).sum(1), 0, 1))
        inner = np.stack(
            [inside[:, 0] * width[station], y[station] + bulge * dome, middle[station] + inside[:, 1] * half[station]],
            1,
        )
        points = np.concatenate([points, inner])
        cap = Patch(fill, evens(side + 1), evens(side + 1), disc_points(side))
        patches.append(cap if station == 0 else cap.flipped())
    strip, root, tip = outward(points, patches)
    patches = placed([strip], (0.456, 0.932), (0.544, 0.992))
    patches += placed([root], (0.491, 0.890), (0.509, 0.908)) + placed([tip], (0.491, 0.911), (0.509, 0.929))
    colors = np.tile([0.50, 0.17, 0.16, 1.0], (len(points), 1))
    return Piece(points, patches, colors, "tongue")
