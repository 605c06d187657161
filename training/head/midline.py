"""The scan's midline, along which the layout's midline slides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .domain import HEIGHT, WIDTH, Domain
from .layout import BLOCK, EYE_ROW, NOSE_BASE_ROW, NOSE_TIP_ROW, ROWS, THROAT_ROW, Layout

FRONT_ROWS = {
    0: 0.0, THROAT_ROW: 0.47, BLOCK["mouth"].bottom: 0.612, BLOCK["mouth"].top: 0.945, NOSE_BASE_ROW: 0.973,
    BLOCK["nostril"].top: 1.032, NOSE_TIP_ROW: 1.056, BLOCK["eye"].bottom: 1.09, EYE_ROW: 1.15, BLOCK["eye"].top: 1.215,
    ROWS: 1.50,
}  # fmt: skip
BACK_TOP = WIDTH + HEIGHT + 0.15
"""Where rows of the layout start on the midline: height in the domain in front, way around the domain at the back."""


@dataclass(frozen=True)
class Midline:
    """points (B, 2) in the domain and space (B, 3), from the front of the neck over the crown to its back; length (B,)
    runs along it in metres."""

    points: np.ndarray
    space: np.ndarray
    length: np.ndarray

    def at(self, s: float) -> np.ndarray:
        """Give the domain point (2,) at length `s`."""
        return np.array([np.interp(s, self.length, self.points[:, 0]), np.interp(s, self.length, self.points[:, 1])])

    def tangent(self, s: float) -> np.ndarray:
        """Give the direction (3,) at length `s`."""
        k = min(max(int(np.searchsorted(self.length, s)) - 1, 0), len(self.space) - 2)
        step = self.space[k + 1] - self.space[k]
        return step / np.linalg.norm(step)

    def starts(self, layout: Layout, pins: dict[int, np.ndarray]) -> dict[int, float]:
        """First lengths of the layout's midline vertices: pinned ones where they are, the others spread between."""
        known = {int(layout.grid[0, row]): height for row, height in FRONT_ROWS.items()}
        known |= {v: float(_around(pins[v])[0]) for v in layout.midline if v in pins}
        known[int(layout.grid[-1, ROWS])] = BACK_TOP
        known[int(layout.grid[-1, 0])] = 2 * HEIGHT + WIDTH
        outside = self.points[:, 0] < WIDTH + 1
        stops = [k for k, v in enumerate(layout.midline) if v in known]
        around = [known[layout.midline[k]] for k in stops]
        lengths = np.interp(around, _around(self.points[outside]), self.length[outside])
        spread = np.interp(np.arange(len(layout.midline)), stops, lengths)
        return dict(zip(layout.midline, spread.tolist(), strict=True))


def midline_of(domain: Domain) -> Midline:
    """Walk the scan's midline: up the front, through the bag's chart, on over the crown and down the back."""
    on = np.flatnonzero(~np.isnan(domain.points[:, 0]) & (domain.surface[:, 0] == 0))
    in_bag = domain.points[on, 0] > WIDTH + 1
    bag = on[in_bag][np.argsort(domain.points[on[in_bag], 1])]
    rest = on[~in_bag][np.argsort(_around(domain.points[on[~in_bag]]), kind="stable")]
    split = int(np.flatnonzero(rest == domain.origin[bag[0]])[0]) + 1
    border = np.concatenate([rest[:split], bag, rest[split:]])
    step = np.linalg.norm(np.diff(domain.surface[border], axis=0), axis=1)
    return Midline(domain.points[border], domain.surface[border], np.r_[0, np.cumsum(step)])


def _around(flat: np.ndarray) -> np.ndarray:
    x, y = np.atleast_2d(flat).T
    return np.where(x < 1e-9, y, np.where(y > HEIGHT - 1e-9, HEIGHT + x, 2 * HEIGHT + WIDTH - y))
