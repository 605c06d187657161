"""Places the inside of the mouth, which is too deep a pocket to be relaxed with the rest."""

from __future__ import annotations

import numpy as np

from .domain import BAG_CHART, Domain
from .layout import LIP_INNER, Layout


def bag_places(layout: Layout, domain: Domain) -> dict[int, np.ndarray]:
    """Places inside the bag, evenly deep along rays of its chart.

    Relaxing would fail here: a pocket is deeper than its mouth is wide, and an even mesh would slip off its back.
    """
    rings = layout.rings["mouth"][LIP_INNER:]
    fill = layout.fills["mouth"]
    width, height = fill.shape[0] - 1, fill.shape[1] - 1
    depth = len(rings) - 1 + height // 2
    spots: dict[int, tuple[float, float]] = {}  # share of the way in, angle
    for k, ring in enumerate(rings[1:], 1):
        for v, angle in zip(ring, np.linspace(-np.pi / 2, np.pi / 2, len(ring)), strict=True):
            spots[int(v)] = (k / depth, angle)
    for i in range(width):
        for j in range(1, height):
            x, y = i / width, 2 * j / height - 1
            size = max(x, abs(y))
            spots[int(fill[i, j])] = ((len(rings) - 1 + (1 - size) * height / 2) / depth, _turn(x, y, size))
    places = {}
    for v, (share, angle) in spots.items():
        ray = np.outer(np.linspace(1, 0, 300), [np.cos(angle), np.sin(angle)]) * 0.9999 + [BAG_CHART + 1e-9, 0]
        space = domain.lift(*domain.locate(ray))
        length = np.r_[0, np.cumsum(np.linalg.norm(np.diff(space, axis=0), axis=1))]
        at = np.interp(share * length[-1], length, np.arange(300))
        places[v] = ray[0] + (ray[-1] - ray[0]) * at / 299
    return places


def _turn(x: float, y: float, size: float) -> float:
    """Angle of a point of the half grid, spread along its square as vertices are along a ring: bottom, side, top."""
    if size == 0:
        return 0.0
    x, y = x / size, y / size
    share = x if y == -1 else 1 + (y + 1) / 2 if x == 1 else 3 - x
    return np.pi * (share / 3 - 0.5)
