"""Keeps what must touch touching: lips at rest, lids in a blink, lips again under `mouthClose`.

A network hits a contact to within a fraction of a millimetre, and an eye sees less than that. These steps are exact
instead, for every identity: they look at pairs of vertices that face each other and close the gap that is left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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


def part_lips(neutral: np.ndarray, gap: np.ndarray, seam: Seam) -> np.ndarray:
    """Give what must be added (..., N, 3) to the seam's `vertex` so that neither lip goes through the other in shapes
    that move the upper from the lower one by gap (..., P, 3): where they would, both give way by half.

    Lips touch at rest and shapes are linear, so what holds for every single shape at full holds for all of them
    together at any values, as long as "apart" means the same for all: along the line from lower to upper lip at rest.
    """
    way = apart(neutral, seam)
    crossing = np.minimum(np.einsum("...nd,nd->...n", gap, way), 0)
    return (seam.weight * crossing[..., seam.pair])[..., None] * way[seam.pair]


def apart(neutral: np.ndarray, seam: Seam) -> np.ndarray:
    """Give the unit direction (P, 3) from the skin of the lower lip to that of the upper one, per pair of a seam."""
    side = np.sign(-seam.weight)[:, None] * neutral[seam.vertex]
    way = np.stack([np.bincount(seam.pair, side[:, k], len(seam.lower)) for k in range(3)], axis=1)
    alone = np.linalg.norm(way, axis=1) < 1e-6
    way[alone] = [0, 0, 1]
    return way / np.linalg.norm(way, axis=1, keepdims=True)
