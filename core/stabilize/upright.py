"""Gives a stabilized capture in metres, and stands it up as Headroom's heads stand: Z up, looking along -Y."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..formats.frames import span
from ..sequence import Frames, MeshSequence
from .place import Place
from .stabilize import StabilizeResult

TILTED = np.radians(20)
"""Radians up to which a head is taken to be held so in a capture that stands upright."""


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
    return _turned(sequence, result, nearest_axes(result.place.matrix / result.place.scale))


def in_metres(sequence: MeshSequence, result: StabilizeResult) -> tuple[MeshSequence, StabilizeResult]:
    """Give a capture, and what was found in it, in metres, its axes as they are."""
    return _turned(sequence, result, np.eye(3))


def _turned(sequence: MeshSequence, result: StabilizeResult, turn: np.ndarray) -> tuple[MeshSequence, StabilizeResult]:
    matrix = result.metres * turn
    track, place = result.track, result.place
    moved = replace(
        track, rotation=turn @ track.rotation @ turn.T, translation=track.translation @ matrix.T
    )  # fmt: skip
    stood = Place(place.matrix @ np.linalg.inv(matrix), place.shift, place.error_mm)
    made = replace(sequence, vertices=Turned(sequence.vertices, matrix))
    return made, replace(result, track=moved, place=stood, metres=1.0)


def axes_of(place: Place) -> np.ndarray:
    """Give the rotation (3, 3) from a capture's axes to a head's own: right angles where it is near them.

    People hold their heads a little turned, and where a face stands is only found to a few degrees.
    """
    found = place.matrix / place.scale
    near = nearest_axes(found)
    return near if np.trace(found @ near.T) > 1 + 2 * np.cos(TILTED) else found


def nearest_axes(rotation: np.ndarray) -> np.ndarray:
    """Give that of the 24 turns by right angles which is nearest to a rotation (3, 3)."""
    from scipy.spatial.transform import Rotation

    turns = np.rint(Rotation.create_group("O").as_matrix())
    return turns[np.einsum("nij,ij->n", turns, rotation).argmax()]
