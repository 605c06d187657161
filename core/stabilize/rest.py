"""Brings a face with shapes to where a capture of the same mesh stands, so that one can be solved for the other."""

from __future__ import annotations

import numpy as np

from ..errors import InputError
from ..sequence import MeshSequence
from .place import place
from .stabilize import StabilizeOptions, StabilizeResult, stabilize

ALIKE = 1e-6
"""Parts of the face's size below which two faces are the same, and there is nothing to find."""


def at_rest(
    sequence: MeshSequence, result: StabilizeResult, neutral: np.ndarray, shapes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give neutral (V, 3) and shapes (S, V, 3) in the unit of a capture and on the skull of its reference frame.

    They may be in any unit and place, as long as the vertices are those of the capture. Raises `InputError`.
    """
    if len(neutral) != sequence.vertex_count:
        raise InputError(
            f"the capture has {sequence.vertex_count} vertices and the head {len(neutral)}; give the same mesh"
        )
    still = np.asarray(sequence.vertices[result.reference : result.reference + 1][0], np.float64)
    unit = place(neutral).metres / result.metres
    neutral, shapes = unit * neutral.astype(np.float64), unit * shapes.astype(np.float64)
    if np.abs(neutral - still).max() < ALIKE * np.ptp(still):
        return neutral, shapes
    pair = MeshSequence(np.stack([still, neutral]), names=("of the capture", "of the head"))
    track = stabilize(pair, StabilizeOptions(reference=0)).track
    return track.apply(neutral[None], 1)[0], shapes @ track.rotation[1].T
