"""PC2, the point cache of 3ds Max, Maya and Blender's Mesh Cache modifier: points in time, no faces, no frame rate."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..progress import Progress, silent
from ..sequence import MeshSequence
from .atomic import whole
from .frames import Raw, blocks

HEADER = struct.Struct("<12siiffi")
"""Magic, version, points, first frame, frames per sample, samples."""
MAGIC, VERSION = b"POINTCACHE2\0", 1
FPS = 24.0
"""Frames per second, which the format does not hold: what a new scene of Blender has."""


def beside(path: Path) -> Path:
    """Name the cache that a .blend plays its sequence from."""
    return path.with_name(f"{path.stem}_stabilized.pc2")


def read(path: Path) -> MeshSequence:
    """Open a cache; its samples are taken for frames of `FPS`. Raises `InputError`."""
    with path.open("rb") as file:
        head = file.read(HEADER.size)
    if len(head) < HEADER.size or not head.startswith(MAGIC[:11]):
        raise InputError("is no PC2 point cache")
    _, version, points, _, _, samples = HEADER.unpack(head)
    if version != VERSION or points < 1 or samples < 1:
        raise InputError(f"its header tells of version {version}, {samples} frames and {points} vertices; export again")
    return MeshSequence(Raw(path, HEADER.size, (samples, points, 3), "<f4"), FPS)


def write(path: Path, sequence: MeshSequence, progress: Progress = silent) -> None:
    """Write a cache that begins at frame 0. Raises `OutputError`."""
    with whole(path) as file:
        file.write(HEADER.pack(MAGIC, VERSION, sequence.vertex_count, 0.0, 1.0, sequence.frame_count))
        for block in blocks(sequence, progress):
            file.write(np.ascontiguousarray(block, "<f4").data)
