"""MDD, LightWave's point cache, which Blender, Maya and Houdini write too: times and points, no faces."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..progress import Progress, silent
from ..sequence import MeshSequence
from .atomic import whole
from .frames import MOST_FRAMES, Raw, blocks

HEADER = struct.Struct(">ii")
"""Frames, points."""
FPS = 24.0
"""Frames per second of a cache whose times say nothing, or a set of expressions in no order."""


def read(path: Path) -> MeshSequence:
    """Open a cache; its times tell the frame rate. Raises `InputError`."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEADER.size)
        frames, points = HEADER.unpack(head) if len(head) == HEADER.size else (0, 0)
        if frames < 1 or points < 1 or HEADER.size + 4 * frames > size:
            raise InputError("is no MDD point cache")
        times = np.fromfile(file, ">f4", min(frames, MOST_FRAMES)).astype(np.float64)
    return MeshSequence(Raw(path, HEADER.size + 4 * frames, (frames, points, 3), ">f4"), _rate(times))


def _rate(times: np.ndarray) -> float:
    """Give the frames per second that times (F,), in seconds, tell of; whole ones where they are nearly so."""
    steps = np.diff(times)
    if not len(steps) or not np.isfinite(steps).all() or not (1e-4 < np.median(steps) < 10):
        return FPS
    fps = float(len(steps) / (times[-1] - times[0]) if (steps > 0).all() else 1 / np.median(steps))
    return float(round(fps)) if abs(fps - round(fps)) < 0.005 and round(fps) else fps


def write(path: Path, sequence: MeshSequence, progress: Progress = silent) -> None:
    """Write a cache that begins at 0 s. Raises `OutputError`."""
    times = np.arange(sequence.frame_count) / (sequence.fps or FPS)
    with whole(path) as file:
        file.write(HEADER.pack(sequence.frame_count, sequence.vertex_count))
        file.write(times.astype(">f4").data)
        for block in blocks(sequence, progress):
            file.write(np.ascontiguousarray(block, ">f4").data)
