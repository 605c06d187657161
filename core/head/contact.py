"""Keeps what must touch touching: lips at rest, lids in a blink, lips again under `mouthClose`.

A network hits a contact to within a fraction of a millimetre, and an eye sees less than that. These three steps are
exact instead, for every identity: they look at pairs of vertices that face each other and close the gap that is left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

CLEARANCE = 0.0008
"""Metres that a closed lid stays off the eyeball: its thickness, and what the straight way of a shape key cuts off."""


@dataclass(frozen=True)
class Seam:
    """Two edges that meet, and how the skin beside them follows.

    lower, upper (P,) vertices that face each other. vertex (N,), pair (N,), weight (N,): each listed vertex moves by
    `weight` times the gap `upper - lower` of its pair; lower ones towards the upper (+), upper ones the other way (-).
    outer (M,): those of them that can be seen, or that slide over what lies below.
    """

    lower: np.ndarray
    upper: np.ndarray
    vertex: np.ndarray
    pair: np.ndarray
    weight: np.ndarray
    outer: np.ndarray

    def close(self, vertices: np.ndarray) -> np.ndarray:
        """Give displacements (V, 3) that bring the pairs of `vertices` (V, 3) together."""
        gap = vertices[self.upper] - vertices[self.lower]
        moved = np.zeros_like(vertices)
        moved[self.vertex] = self.weight[:, None] * gap[self.pair]
        return moved


def close_mouth(jaw_open: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Make `mouthClose` from `jawOpen` (V, 3): where `share` (V,) is 1, the lips, it takes back all that the jaw opens.

    Being a multiple of `jawOpen` it closes the lips at every opening, and can never close more than was opened.
    """
    return -share[:, None] * jaw_open


def close_lid(neutral: np.ndarray, blink: np.ndarray, seam: Seam, eye: np.ndarray) -> np.ndarray:
    """Correct a blink (V, 3) so that the lids meet and no lid skin dips into the eyeball.

    eye: (first, last + 1) vertex of the eyeball, whose cornea stands out from the ball; lids stay CLEARANCE off it.
    """
    ball = neutral[eye[0] : eye[1]]
    center = (ball.max(axis=0) + ball.min(axis=0)) / 2
    reach = np.linalg.norm(ball - center, axis=1)
    tree = cKDTree((ball - center) / reach[:, None])
    posed = neutral + blink
    posed += seam.close(posed)
    outward = posed[seam.outer] - center
    distance = np.linalg.norm(outward, axis=1)
    floor = reach[tree.query(outward / distance[:, None], k=4)[1]].max(axis=1) + CLEARANCE
    posed[seam.outer] += outward * np.maximum(floor / distance - 1, 0)[:, None]
    posed[seam.lower] = posed[seam.upper]
    return posed - neutral
