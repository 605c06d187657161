"""Stands a stabilized capture up as Headroom's heads stand: Z up, looking along -Y, metres."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..formats.frames import span
from ..sequence import Frames, MeshSequence
from .place import Place
from .stabilize import StabilizeResult


class Turned:
    """Frames (F, V, 3) turned and scaled: `vertices @ matrix.T`."""

    def __init__(self, frames: Frames, matrix: np.ndarray) -> None:
        self.shape, self._frames, self._matrix = frames.shape, frames, matrix

    def __getitem__(self, frames: slice) -> np.ndarray:
        read = np.asarray(self._frames[slice(*span(frames, self.shape[0]))])
        return read @ self._matrix.T.astype(read.dtype)


def stand(sequence: MeshSequence, result: StabilizeResult) -> tuple[MeshSequence, StabilizeResult]:
    """Give a capture, and what was found in it, in metres and upright.

    It is turned by right angles only: files differ in which axis they call up, and how a head was held is not theirs.
    """
    turn = nearest_axes(result.place.matrix / result.place.scale)
    matrix = result.metres * turn
    track, place = result.track, result.place
    moved = replace(
        track, rotation=turn @ track.rotation @ turn.T, translation=track.translation @ matrix.T
    )  # fmt: skip
    stood = Place(place.matrix @ np.linalg.inv(matrix), place.shift, place.error_mm)
    made = replace(sequence, vertices=Turned(sequence.vertices, matrix))
    return made, replace(result, track=moved, place=stood, metres=1.0)


def nearest_axes(rotation: np.ndarray) -> np.ndarray:
    """Give that of the 24 turns by right angles which is nearest to a rotation (3, 3)."""
    from scipy.spatial.transform import Rotation

    turns = np.rint(Rotation.create_group("O").as_matrix())
    return turns[np.einsum("nij,ij->n", turns, rotation).argmax()]
