"""How far channels move a face, in millimetres: what an error of a curve is measured in.

The numbers are those of Headroom's own mean head, stored by `training/head/reach.py`.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from .. import weights
from ..performance import POSE

LEVER = {"head": 100.0, "eye": 30.0}
"""Millimetres that a turn by one radian moves what is looked at: a head turns about its neck, lips 10 cm away; of eyes
one sees where they look, half a degree at the most."""

METRE = 1000.0
STRANGE = 15.0
"""Millimetres that a shape of unknown name may move the lips: a wide viseme."""


def at_lips(channels: tuple[str, ...]) -> np.ndarray:
    """Give what each channel at 1 moves places on lips and chin by, (C, L, 3) float32 millimetres.

    Channels that no head of ours answers with a shape are 0. Raises `WeightsError` on a damaged table.
    """
    names, lips, _ = _table()
    return np.stack([lips[names[name]] if name in names else np.zeros_like(lips[0]) for name in channels])


def anywhere(channels: tuple[str, ...]) -> np.ndarray:
    """Give how far each channel at 1 (a shape, a radian, a metre) moves anything at all, (C,) float32 millimetres."""
    names, _, reach = _table()
    return np.array([reach[names[name]] if name in names else _unshaped(name) for name in channels], np.float32)


def _unshaped(name: str) -> float:
    if name not in POSE:
        return STRANGE
    if name in ("headX", "headY", "headZ"):
        return METRE
    return LEVER["head" if name.startswith("head") else "eye"]


@cache
def _table() -> tuple[dict[str, int], np.ndarray, np.ndarray]:
    stored = weights.load("reach")
    names = {name: row for row, name in enumerate(stored.config["channels"])}
    return names, stored.arrays["lips"].astype(np.float32), stored.arrays["reach"].astype(np.float32)
