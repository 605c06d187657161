"""The points that say where a face is: the usual 51 of brows, nose, eyes and mouth, and three that frame it."""

from __future__ import annotations

from functools import cache

import numpy as np

from .. import weights

NAMES = (
    *(f"brow.R.{k}" for k in range(5)), *(f"brow.L.{k}" for k in range(5)),
    *(f"bridge.{k}" for k in range(4)), *(f"nostril.{k}" for k in range(5)),
    *(f"eye.R.{k}" for k in range(6)), *(f"eye.L.{k}" for k in range(6)),
    *(f"mouth.outer.{k}" for k in range(12)), *(f"mouth.inner.{k}" for k in range(8)),
    "menton", "tragion.R", "tragion.L",
)  # fmt: skip
"""The last 51 of the 68 points of iBUG (Sagonas et al. 2013) in their order: the person's right side first, eyes from
the right corner over the upper lid, the mouth from the right corner over the upper lip. Then the underside of the chin
and the front edges of the ears."""

MENTON, TRAGION_R, TRAGION_L, CROWN = 2911, 7388, 1567, 5582
"""Vertices of the template. From menton to crown is a head's height, which errors are measured by."""


def template_vertices() -> np.ndarray:
    """Give the vertices of the template that are `NAMES`, (54,). Raises `WeightsError`."""
    usual = weights.load("head").arrays["landmarks"].astype(np.int64)
    return np.concatenate([usual, [MENTON, TRAGION_R, TRAGION_L]])


@cache
def reference() -> tuple[np.ndarray, float]:
    """Give the landmarks of the template (54, 3) in metres, and the height of its head from chin to crown."""
    rest = weights.load("template").arrays["rest"].astype(np.float64)
    return rest[template_vertices()], float(rest[CROWN, 2] - rest[MENTON, 2])
