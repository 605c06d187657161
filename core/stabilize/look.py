"""Reads a capture at the anchors: finds the face in one frame, and goes through all frames once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import weights
from ..errors import InputError
from ..progress import Progress
from ..sequence import MeshSequence
from .anchors import readout
from .checks import check_alike, check_finite, check_moving, check_size
from .place import Place, place

SLICE = 64
"""Frames that are averaged at a time."""
FEWEST_ANCHORS = 20


@dataclass(frozen=True)
class Seen:
    """A capture as the network knows it: where the face stands in the reference frame, anchors (F, K, 3) in the
    unit of the mesh, whether each is known (F, K), and what averaging leaves of a vertex' noise (K,)."""

    place: Place
    reference: int
    anchors: np.ndarray
    known: np.ndarray
    noise: np.ndarray


def look(sequence: MeshSequence, reference: int, progress: Progress) -> Seen:
    """Find the face in the reference frame and read all frames there.

    Raises `InputError` for meshes that are broken, all alike, not in correspondence, or no face.
    """
    check_size(sequence)
    progress(0.0, "Finding the face")
    still = np.asarray(sequence.vertices[reference : reference + 1][0], np.float64)
    check_finite(sequence, still[None], reference)
    found = place(still)
    read = readout(anchors(), found(still))
    if read.covered.sum() < FEWEST_ANCHORS:
        raise InputError(f"{sequence.name(reference)}: no face found; give a mesh that shows most of one")
    rows = []
    for first, frames in sequence.chunks():
        progress(first / sequence.frame_count, "Reading frames")
        check_finite(sequence, frames, first)
        if not first:
            read = read.trusting(frames, still)
            seen, height = read.covered, anchors()[read.covered, 2]
            rest = read.of(still[None])[0, seen]
        for k in range(0, len(frames), SLICE):
            made, known = read.without_strays(frames[k : k + SLICE], still)
            check_alike(sequence, made[:, seen], first + k, rest, height, reference)
            rows.append((made, known))
    made, known = (np.concatenate(one) for one in zip(*rows, strict=True))
    check_moving(made[:, seen])
    return Seen(found, reference, made, known & known[reference], read.averaging)


def anchors() -> np.ndarray:
    """Where faces are read (K, 3), metres in the canonical frame."""
    return weights.load("skull").arrays["anchors"].astype(np.float64) / 1000 + middle()


def middle() -> np.ndarray:
    """The middle of the face (3,) that networks measure from, metres in the canonical frame."""
    return np.array(weights.load("skull").config["middle"])
