"""Meshes over time and the rigid motion in them: what captures are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .errors import InputError

CHUNK = 3_000_000
"""Coordinates that are read at a time."""


class Frames(Protocol):
    """Vertices (F, V, 3) that can be read some frames at a time: an array, or a file that is too large for memory."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __getitem__(self, frames: slice, /) -> np.ndarray: ...


@dataclass(frozen=True)
class MeshSequence:
    """One mesh in many frames: vertices (F, V, 3) in any unit, the same vertex in the same place of every frame.

    faces (P, C) with -1 where a face has fewer corners, or None; names: where each frame comes from, for messages.
    fps is None for a set of expressions in no order. Raises `InputError` when the parts do not fit together.
    """

    vertices: Frames
    fps: float | None = None
    faces: np.ndarray | None = None
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        shape = self.vertices.shape
        if len(shape) != 3 or shape[2] != 3 or not shape[0]:
            raise InputError(f"a mesh sequence needs vertices of shape (frames, vertices, 3), not {tuple(shape)}")
        if self.fps is not None and not self.fps > 0:
            raise InputError(f"a mesh sequence cannot run at {self.fps} frames per second")

    @property
    def frame_count(self) -> int:
        return self.vertices.shape[0]

    @property
    def vertex_count(self) -> int:
        return self.vertices.shape[1]

    def chunks(self) -> Iterator[tuple[int, np.ndarray]]:
        """Read the frames some at a time: the number of the first, and the frames (N, V, 3)."""
        step = max(1, CHUNK // (3 * self.vertex_count))
        for first in range(0, self.frame_count, step):
            yield first, np.asarray(self.vertices[first : first + step])

    def name(self, frame: int) -> str:
        """Tell a user which frame is meant."""
        return f"frame {frame} ({self.names[frame]})" if self.names else f"frame {frame}"


@dataclass(frozen=True)
class RigidTrack:
    """The motion of a skull: `vertices @ rotation.T + translation` is a frame as if the head had not moved.

    rotation (F, 3, 3), translation (F, 3) in the sequence's unit. residual_mm (F,): what neither motion nor a likely
    expression explains; error_mm (F,): how far off the skull is expected to be; confidence (F,) 0..1.
    """

    rotation: np.ndarray
    translation: np.ndarray
    residual_mm: np.ndarray
    error_mm: np.ndarray
    confidence: np.ndarray

    @property
    def unsure(self) -> np.ndarray:
        """Frames (N,) that should be looked at: more likely than not off by more than is expected of a capture."""
        return np.flatnonzero(self.confidence < 0.5)

    def apply(self, frames: np.ndarray, first: int = 0) -> np.ndarray:
        """Take the skull's motion out of frames (N, V, 3) that begin at frame `first`."""
        here = slice(first, first + len(frames))
        rotation = self.rotation[here].transpose(0, 2, 1).astype(frames.dtype)
        turned = frames @ rotation
        turned += self.translation[here, None].astype(frames.dtype)
        return turned
