"""Refuses sequences that cannot be stabilized, each with one line that names the frame and what to do."""

from __future__ import annotations

import numpy as np

from ..errors import InputError
from ..sequence import MeshSequence

FEWEST, MOST = 50, 2_000_000
SAME = 1e-7
"""Parts of the face's size below which nothing moves."""
APART = 0.22
"""Parts of the face's size that anchors are from where they were, at the median, when frames do not belong together."""
GROWN, GROWN_JAW = 1.15, 1.4
"""How much larger or smaller the upper half of a face, or what else there is of it, may be than in the reference."""
UPPER = 0.01
"""Metres in the canonical frame above which the upper half is: eyes, brows, temples, forehead."""
ENOUGH = 12
"""Anchors that make an upper half."""
PAIRS = 400


def check_size(sequence: MeshSequence) -> None:
    """Refuse meshes of too few or too many vertices and single frames. Raises `InputError`."""
    count = sequence.vertex_count
    if not FEWEST <= count <= MOST:
        raise InputError(f"{count} vertices: a face needs {FEWEST} to {MOST:,}; give the mesh of a face")
    if sequence.frame_count < 2:
        raise InputError("one frame alone has no motion; give two frames or more")


def check_finite(sequence: MeshSequence, frames: np.ndarray, first: int) -> None:
    """Refuse frames (N, V, 3), the first of them numbered `first`, that hold anything but numbers."""
    good = np.isfinite(frames).all(axis=(1, 2))
    if not good.all():
        frame = first + int(np.argmin(good))
        vertex = int(np.argmin(np.isfinite(frames[frame - first]).all(axis=1)))
        raise InputError(f"{sequence.name(frame)}: vertex {vertex} is not a number; export that frame again")


def check_motion(sequence: MeshSequence, anchors: np.ndarray, height: np.ndarray, reference: int) -> None:
    """Refuse anchors (F, K, 3), covered ones only, that do not move, are mirrored, jump in scale or do not belong
    together. height (K,): of each in the canonical frame, metres."""
    centered = anchors - anchors.mean(axis=1, keepdims=True)
    size = np.sqrt((centered**2).sum(axis=2).mean(axis=1))[:, None, None]
    if size[reference] == 0 or np.ptp(anchors, axis=0).max() < SAME * size[reference]:
        raise InputError("all frames are the same; there is nothing to stabilize")
    unit = centered / np.maximum(size, 1e-12)
    left, _, right = np.linalg.svd(np.einsum("fki,kj->fij", unit, unit[reference]))
    handed = np.ones((len(unit), 3))
    handed[:, 2] = np.sign(np.linalg.det(left @ right))
    apart, as_mirrored = (
        np.median(np.linalg.norm(unit @ turn - unit[reference], axis=2), axis=1)
        for turn in ((left * handed[:, None]) @ right, left @ right)
    )
    mirrored = (handed[:, 2] < 0) & (as_mirrored < np.minimum(APART, 0.5 * apart))
    upper = height > UPPER
    whole = upper.sum() >= ENOUGH
    grown = _growth(anchors[:, upper] if whole else anchors, reference)
    known = sequence.name(reference)
    for bad, text in (
        (mirrored, "is mirrored; flip it as the others are, or leave it out"),
        (
            apart > APART,
            f"is not in correspondence with {known}: give one mesh that is deformed, as a tracker writes it",
        ),
        (
            np.maximum(grown, 1 / grown) > (GROWN if whole else GROWN_JAW),
            f"has another scale than {known}; export all frames in one unit",
        ),
    ):
        if bad.any():
            raise InputError(f"{sequence.name(int(np.argmax(bad)))} {text}")


def _growth(anchors: np.ndarray, reference: int) -> np.ndarray:
    """How much larger each frame (F,) is than the reference: the median over pairs of anchors far from each other,
    most of which no expression moves apart."""
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, anchors.shape[1], (2, PAIRS))
    apart = np.linalg.norm(anchors[:, a] - anchors[:, b], axis=2)
    far = apart[reference] > np.median(apart[reference])
    return np.maximum(np.median(apart[:, far] / apart[reference, far], axis=1), 1e-9)
