"""Frames of a mesh sequence that lie in files: read on demand, so that memory does not grow with their number."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from math import prod
from pathlib import Path

import numpy as np

from ..errors import InputError, OutputError
from ..progress import Progress
from ..sequence import Frames, MeshSequence, RigidTrack

CHUNK = 3_000_000
"""Coordinates that are written at a time."""
MOST_WORDS, MOST_CORNERS = 32_000_000, 64_000_000
"""Of one frame as text, and of the table of its faces."""
MOST_VERTICES, MOST_FRAMES = 4_000_000, 1_000_000
"""Of a sequence: one frame is always in memory, a few numbers of every frame are too."""


class Raw:
    """Frames (F, V, 3) that lie in a file as plain numbers, one after the other, from `offset` on."""

    def __init__(self, path: Path, offset: int, shape: tuple[int, int, int], dtype: np.dtype | str) -> None:
        self.path, self.offset, self.shape, self.dtype = Path(path), offset, shape, np.dtype(dtype)
        refuse_crowd(shape)
        left = self.path.stat().st_size - offset
        if left != prod(shape) * self.dtype.itemsize:
            frame = max(left, 0) // max(1, shape[1] * 3 * self.dtype.itemsize)
            raise InputError(
                f"its header tells of {shape[0]} frames of {shape[1]} vertices, "
                + (f"but it breaks off in frame {frame}" if frame < shape[0] else "but it is longer")
                + "; copy or export it again"
            )

    def __getitem__(self, frames: slice) -> np.ndarray:
        first, last = span(frames, self.shape[0])
        one = self.shape[1] * 3
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset + first * one * self.dtype.itemsize)
                read = np.fromfile(file, self.dtype, (last - first) * one)
        except OSError as error:
            raise InputError(f"frame {first}: cannot be read ({error.strerror or error})") from error
        if len(read) < (last - first) * one:
            raise InputError(f"frame {first + len(read) // one}: the file breaks off; copy or export it again")
        return read.reshape(-1, *self.shape[1:]).astype(self.dtype.newbyteorder("="), copy=False)


class Spool:
    """Frames (F, V, 3) float32 that are slow to come by: each is loaded once and then kept in a temporary file."""

    def __init__(self, shape: tuple[int, int, int], load: Callable[[int], np.ndarray]) -> None:
        self.shape, self._load = shape, load
        self._file = tempfile.TemporaryFile(prefix="headroom-")  # noqa: SIM115 - goes with the object
        self._there = np.zeros(shape[0], bool)

    def __getitem__(self, frames: slice) -> np.ndarray:
        first, last = span(frames, self.shape[0])
        made = np.empty((last - first, *self.shape[1:]), np.float32)
        for frame in range(first, last):
            self._frame(frame, made[frame - first])
        return made

    def _frame(self, frame: int, into: np.ndarray) -> None:
        """Copy a frame into an array (V, 3)."""
        try:
            self._file.seek(frame * into.nbytes)
            if self._there[frame]:
                self._file.readinto(into.data)  # type: ignore[attr-defined]
                return
            into[:] = self._load(frame)
            self._file.seek(frame * into.nbytes)
            self._file.write(into.data)
            self._there[frame] = True
        except OSError as error:
            raise OutputError(
                f"{tempfile.gettempdir()}: frames cannot be kept there ({error.strerror or error}); "
                "make room, or let TMPDIR name another folder"
            ) from error


class Moved:
    """Frames (F, V, 3) with a skull's motion taken out of them."""

    def __init__(self, frames: Frames, track: RigidTrack) -> None:
        self.shape, self._frames, self._track = frames.shape, frames, track

    def __getitem__(self, frames: slice) -> np.ndarray:
        first, last = span(frames, self.shape[0])
        read = self._frames[first:last]
        return self._track.apply(read, first).astype(read.dtype, copy=False)


def refuse_crowd(shape: tuple[int, int, int]) -> None:
    """Refuse frames (F, V, 3) that are none, or more or larger than any capture's. Raises `InputError`."""
    if not (1 <= shape[0] <= MOST_FRAMES and 1 <= shape[1] <= MOST_VERTICES):
        raise InputError(
            f"its shape is {shape[0]} frames of {shape[1]} vertices; needed are 1 to {MOST_FRAMES:,} frames "
            f"of 1 to {MOST_VERTICES:,} vertices"
        )


def refuse_texts(data: bytes) -> None:
    """Refuse a text with more lines or words than a mesh of a face: each word takes ten times its room. Raises
    `InputError`."""
    if data.count(b"\n") + data.count(b"\r") + data.count(b" ") + data.count(b"\t") > MOST_WORDS:
        raise InputError(f"has more than {MOST_WORDS:,} words in it; give a mesh of a face")


def refuse_polygons(faces: int, corners: int) -> None:
    """Refuse faces whose table, as wide as the largest of them, would be huge. Raises `InputError`."""
    if faces * corners > MOST_CORNERS:
        raise InputError(f"has {faces:,} faces and one of {corners:,} corners; cut that one up")


def span(frames: slice, count: int) -> tuple[int, int]:
    """Give the first of the frames that a slice means, and the one after the last of them."""
    first, last, step = frames.indices(count)
    if step != 1:
        raise ValueError("frames are read one after the other")
    return first, max(first, last)


def blocks(sequence: MeshSequence, progress: Progress) -> Iterator[np.ndarray]:
    """Read a sequence for a writer, some frames (N, V, 3) at a time."""
    step = max(1, CHUNK // (3 * sequence.vertex_count))
    for first in range(0, sequence.frame_count, step):
        progress(first / sequence.frame_count, "Writing frames")
        yield sequence.vertices[first : first + step]
