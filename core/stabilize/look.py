"""Reads a capture at the anchors: finds the face in one frame, and goes through all frames once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .. import weights
from ..errors import InputError
from ..progress import Progress
from ..sequence import MeshSequence
from .anchors import readout
from .checks import check_alike, check_finite, check_size, moves
from .place import Place
from .place import place as find

SLICE = 64
"""Frames that are looked at together."""
POINTS = 12
"""Vertices about each anchor that are kept as they are."""
FEWEST_ANCHORS = 20


@dataclass(frozen=True)
class Seen:
    """Some frames of a capture, as many as are looked at together, in the unit of the mesh.

    place: where the face stands in the reference frame. anchors (N, K, 3) and whether each is known (N, K);
    still_anchors (K, 3) the same in the reference; noise (K,): what averaging leaves of a vertex' noise.
    points (N, P, 3): vertices about the anchors, still (P, 3) those of the reference.
    """

    place: Place
    anchors: np.ndarray
    known: np.ndarray
    still_anchors: np.ndarray
    noise: np.ndarray
    points: np.ndarray
    still: np.ndarray


def look(sequence: MeshSequence, reference: int, progress: Progress) -> Iterator[Seen]:
    """Find the face in the reference frame and go through all frames, some at a time.

    Raises `InputError` for meshes that are broken, all alike, not in correspondence, or no face.
    """
    check_size(sequence)
    progress(0.0, "Finding the face")
    still = np.asarray(sequence.vertices[reference : reference + 1][0], np.float64)
    check_finite(sequence, still[None], reference)
    place = find(still)
    read = readout(anchors(), place(still))
    if read.covered.sum() < FEWEST_ANCHORS:
        raise InputError(f"{sequence.name(reference)}: no face found; give a mesh that shows most of one")
    moved = False
    for first, frames in sequence.chunks():
        check_finite(sequence, frames, first)
        if not first:
            read = read.trusting(frames, still)
            seen, height = read.covered, anchors()[read.covered, 2]
            rest, used = read.of(still[None])[0], read.nearest(POINTS)
        for k in range(0, len(frames), SLICE):
            progress((first + k) / sequence.frame_count, "Finding the skull")
            made, known = read.without_strays(frames[k : k + SLICE], still)
            check_alike(sequence, made[:, seen], first + k, rest[seen], height, reference)
            moved |= moves(made[:, seen], rest[seen])
            points = frames[k : k + SLICE, used].astype(np.float64)
            yield Seen(place, made, known & seen, rest, read.averaging, points, still[used])
    if not moved:
        raise InputError("all frames are the same; there is nothing to stabilize")


def anchors() -> np.ndarray:
    """Where faces are read (K, 3), metres in the canonical frame."""
    return weights.load("skull").arrays["anchors"].astype(np.float64) / 1000 + middle()


def middle() -> np.ndarray:
    """The middle of the face (3,) that networks measure from, metres in the canonical frame."""
    return np.array(weights.load("skull").config["middle"])
