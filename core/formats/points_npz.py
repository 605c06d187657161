"""Mesh sequences as NumPy's .npz: read and written some frames at a time, and never trusted.

An .npz is a zip of .npy members. Its arrays may be larger than memory, its headers may lie, and it may hold pickles,
which run code: so members are read by their checked headers (see `npz`) instead of by `numpy.load`.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import IO

import numpy as np

from ..errors import InputError
from ..progress import Progress, silent
from ..sequence import MeshSequence
from . import npz
from .atomic import whole
from .frames import blocks, refuse_crowd, span

VERTICES = ("vertices", "stabilized")
"""What the frames may be called: in captures, and in what `headroom stabilize` wrote."""
SMALL = 256 << 20
"""Bytes that any other array may have."""
DENSEST = 200
"""How many times smaller than its content a compressed member may be: floats of a real capture reach 10."""
MOST_FPS = 10_000
SKIP = 8 << 20
"""Bytes that are passed over at a time."""


def read(path: Path) -> MeshSequence:
    """Open a sequence: `vertices` (F, V, 3), and as far as they are there `fps`, `faces` (P, C), `names` (F,).

    The frames stay in the file until they are asked for. Raises `InputError`.
    """
    archive = npz.Archive(path)
    there = set(archive.names)
    found = next((name for name in VERTICES if name in there), None)
    if found is None:
        raise InputError(f"has no array `vertices`, only {', '.join(sorted(there)[:8]) or 'nothing'}")
    frames = Packed(archive, found)
    fps = faces = None
    if "fps" in there:
        fps = _rate(archive.read("fps", SMALL))
    if "faces" in there:
        faces = checked_faces(archive.read("faces", SMALL), frames.shape[1])
    names = archive.read("names", SMALL) if "names" in there else np.array([], str)
    if names.dtype.kind != "U" or names.shape not in ((frames.shape[0],), (0,)):
        raise InputError("its `names` must be one text per frame")
    return MeshSequence(frames, fps, faces, tuple(names.tolist()))


def write(
    path: Path,
    sequence: MeshSequence,
    arrays: dict[str, np.ndarray] | None = None,
    name: str = "vertices",
    progress: Progress = silent,
) -> None:
    """Write a sequence under `name` with its fps, faces and names, and other arrays beside it.

    Frames are written as they are read, uncompressed, so that others can map them. Raises `OutputError`.
    """
    beside = dict(arrays or {})
    if sequence.fps is not None:
        beside["fps"] = np.array(sequence.fps, np.float64)
    if sequence.faces is not None:
        beside["faces"] = np.asarray(sequence.faces, np.int32)
    if sequence.names:
        beside["names"] = np.array(sequence.names, np.str_)
    with whole(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for key, array in beside.items():
            with archive.open(zipfile.ZipInfo(f"{key}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.ascontiguousarray(array).reshape(array.shape), allow_pickle=False)
        with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
            _write_frames(member, sequence, progress)


def _write_frames(member: IO[bytes], sequence: MeshSequence, progress: Progress) -> None:
    dtype = np.dtype("<f8" if sequence.vertices[0:1].dtype.itemsize > 4 else "<f4")
    header = {"descr": dtype.str, "fortran_order": False, "shape": tuple(sequence.vertices.shape)}
    np.lib.format.write_array_header_1_0(member, header)
    for block in blocks(sequence, progress):
        member.write(np.ascontiguousarray(block, dtype).data)


class Packed:
    """Frames (F, V, 3) in a member of a zip, compressed or not; read forwards, and from the start when asked to go
    back."""

    def __init__(self, archive: npz.Archive, name: str) -> None:
        self._archive, self._name = archive, name
        self._member, header = archive.open(name)
        self._at, shape, dtype = 0, header.shape, header.dtype
        if len(shape) != 3 or shape[2] != 3:
            raise InputError(f"its `{name}` must have the shape (frames, vertices, 3), not {shape}")
        if dtype.kind != "f" or dtype.itemsize not in (2, 4, 8):
            raise InputError(f"its `{name}` must be float32 or float64, not {dtype}")
        if header.fortran:
            raise InputError(f"its `{name}` lie in Fortran's order; save numpy.ascontiguousarray({name})")
        if header.size > DENSEST * max(archive.packed_size(name), 1 << 20):
            raise InputError(f"its `{name}` unpack to {header.size >> 20:,} MB of nearly nothing; that is no capture")
        refuse_crowd(shape)
        self.shape, self.dtype = shape, dtype

    def __getitem__(self, frames: slice) -> np.ndarray:
        first, last = span(frames, self.shape[0])
        size = self.shape[1] * 3 * self.dtype.itemsize
        if first < self._at:
            self._member, self._at = self._archive.open(self._name)[0], 0
        made = np.empty((last - first, *self.shape[1:]), self.dtype)
        try:
            self._skip((first - self._at) * size)
            self._at = first
            for frame in made:
                npz.fill(self._member, frame)
                self._at += 1
        except npz.BROKEN as error:
            raise InputError(f"frame {self._at}: the file is damaged there; copy or export it again") from error
        return made.astype(np.float64 if self.dtype.itemsize > 4 else np.float32, copy=False)

    def _skip(self, count: int) -> None:
        while count:
            read = len(self._member.read(min(count, SKIP)))
            if not read:
                raise EOFError
            count -= read


def _rate(fps: np.ndarray) -> float:
    if fps.size != 1 or fps.dtype.kind not in "fiu" or not 0 < float(fps.reshape(-1)[0]) <= MOST_FPS:
        raise InputError(f"its `fps` must be one number from 0 to {MOST_FPS}, or left out for expressions in no order")
    return float(fps.reshape(-1)[0])


def checked_faces(faces: np.ndarray, count: int) -> np.ndarray:
    """Give faces (P, C) int32 of `count` vertices, -1 where one has fewer corners than others. Raises `InputError`."""
    if faces.ndim != 2 or faces.dtype.kind not in "iu" or faces.shape[1] < 3:
        raise InputError(f"its `faces` must be whole numbers (faces, corners), not {faces.dtype} {faces.shape}")
    wrong = (faces >= count) | (faces < -1)
    wrong[:, :3] |= faces[:, :3] < 0
    if wrong.any():
        face = int(np.argmax(wrong.any(axis=1)))
        raise InputError(f"face {face} names vertices that are not there: {faces[face].tolist()[:8]}")
    return faces.astype(np.int32)
