"""Keeps what must touch touching: lips at rest, lids in a blink, lips again under `mouthClose`.

A network hits a contact to within a fraction of a millimetre, and an eye sees less than that. These three steps are
exact instead, for every identity: they look at pairs of vertices that face each other and close the gap that is left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Seam:
    """Two edges that meet, and how the skin beside them follows.

    lower, upper (P,) vertices that face each other. vertex (N,), pair (N,), weight (N,): each listed vertex moves by
    `weight` times the gap `upper - lower` of its pair; lower ones towards the upper (+), upper ones the other way (-).
    """

    lower: np.ndarray
    upper: np.ndarray
    vertex: np.ndarray
    pair: np.ndarray
    weight: np.ndarray

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


def close_lid(neutral: np.ndarray, blink: np.ndarray, seam: Seam, center: np.ndarray, radius: float) -> np.ndarray:
    """Correct a blink (V, 3) so that the lids meet and no lid skin dips into the eyeball (`center`, `radius`)."""
    posed = neutral + blink
    posed += seam.close(posed)
    outward = posed[seam.vertex] - center
    distance = np.linalg.norm(outward, axis=1, keepdims=True)
    posed[seam.vertex] += outward / distance * np.maximum(radius - distance, 0)
    return posed - neutral
