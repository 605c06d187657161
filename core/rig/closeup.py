"""Where on a large mesh a small head most likely is: modelers spend their vertices on faces."""

from __future__ import annotations

import numpy as np

CELLS = 16
"""Cells along the longest side among which the fullest is looked for."""
DENSER = 3.0
"""How many times more vertices than in the mean cell there must be: else they are spread evenly, and tell nothing."""
AROUND = 1 / 6
"""Sides of the mesh that a close-up reaches from there."""
MOST = 0.9
"""Share of the longest side beyond which a close-up would show nothing that the whole does not."""


def closeup(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray | None:
    """Give the triangles (T',) of T that lie about the place where vertices (V, 3) lie densest, as indices; none where
    they lie evenly, or these are as large as the mesh."""
    used = vertices[np.unique(triangles)]
    if not len(used):
        return None
    low, side = used.min(axis=0), float(np.ptp(used, axis=0).max())
    cell = ((used - low) / max(side, 1e-30) * (CELLS - 1e-6)).astype(np.int64)
    number = (cell[:, 0] * CELLS + cell[:, 1]) * CELLS + cell[:, 2]
    filled = np.bincount(number)
    if filled.max() < DENSER * filled[filled > 0].mean():
        return None
    fullest = number == filled.argmax()
    middle = np.median(used[fullest], axis=0)
    near = np.abs(vertices - middle).max(axis=1) < AROUND * side
    some = np.flatnonzero(near[triangles].all(axis=1))
    if not len(some) or np.ptp(vertices[triangles[some]].reshape(-1, 3), axis=0).max() > MOST * side:
        return None
    return some
