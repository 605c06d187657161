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


def moves(anchors: np.ndarray, still: np.ndarray) -> bool:
    """Tell whether anything of anchors (N, K, 3) is elsewhere than in the still frame (K, 3)."""
    return bool(np.abs(anchors - still).max() > SAME * np.ptp(still, axis=0).max())


def check_alike(
    sequence: MeshSequence, anchors: np.ndarray, first: int, still: np.ndarray, height: np.ndarray, reference: int
) -> None:
    """Refuse frames, the first of them numbered `first`, that are mirrored, of another scale, or of other vertices than
    the reference frame.

    anchors (N, K, 3) of the frames and still (K, 3) of the reference, covered ones only; height (K,): of each in the
    canonical frame, metres.
    """
    unit = _unit(anchors)
    left, _, right = np.linalg.svd(np.einsum("fki,kj->fij", unit, _unit(still)))
    handed = np.ones((len(unit), 3))
    handed[:, 2] = np.sign(np.linalg.det(left @ right))
    apart, as_mirrored = (
        np.median(np.linalg.norm(unit @ turn - _unit(still), axis=2), axis=1)
        for turn in ((left * handed[:, None]) @ right, left @ right)
    )
    mirrored = (handed[:, 2] < 0) & (as_mirrored < np.minimum(APART, 0.5 * apart))
    upper = height > UPPER
    whole = upper.sum() >= ENOUGH
    grown = _growth(anchors[:, upper], still[upper]) if whole else _growth(anchors, still)
    scaled = np.maximum(grown, 1 / grown) > (GROWN if whole else GROWN_JAW)
    known = sequence.name(reference)
    other = f"is not in correspondence with {known}: give one mesh that is deformed, as a tracker writes it"
    for bad, text in (
        (mirrored, "is mirrored; flip it as the others are, or leave it out"),
        (apart > APART, other),
        (scaled, f"has another scale than {known}; export all frames in one unit"),
    ):
        if bad.any():
            raise InputError(f"{sequence.name(first + int(np.argmax(bad)))} {text}")


def _unit(points: np.ndarray) -> np.ndarray:
    """Points (..., K, 3) about their middle, of unit root mean square size."""
    centered = points - points.mean(axis=-2, keepdims=True)
    size = np.sqrt((centered**2).sum(axis=-1).mean(axis=-1))[..., None, None]
    return centered / np.maximum(size, 1e-12)


def _growth(anchors: np.ndarray, still: np.ndarray) -> np.ndarray:
    """How much larger each frame (N,) is than the still one: the median over pairs of anchors far from each other,
    most of which no expression moves apart."""
    a, b = np.random.default_rng(0).integers(0, len(still), (2, PAIRS))
    before = np.linalg.norm(still[a] - still[b], axis=1)
    far = before > np.median(before)
    now = np.linalg.norm(anchors[:, a[far]] - anchors[:, b[far]], axis=2)
    return np.maximum(np.median(now / before[far], axis=1), 1e-9)
