"""When the samples of an Alembic cache lie: what Blender needs to know to read every one of them, and no more.

Blender reads the meshes, but by scene frames; a cache of 30 frames a second in a scene of 24 loses every fifth. The
times stand in a block of their own in Ogawa files. Format: groups and data blocks by 64-bit positions, as in Alembic's
`lib/Alembic/Ogawa` and `AbcCoreOgawa/ReadUtil.cpp` (ReadTimeSamplesAndMax), BSD licence.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import IO

from ..errors import InputError
from .frames import MOST_FRAMES
from .times import Times, even

MAGIC, WHOLE = b"Ogawa", 0xFF
OLD = b"\x89HDF"
DATA = 1 << 63
"""Set in the position of a child that is data, not a group."""
TIMES, MOST, MOST_WALKED = 4, 1 << 20, 2_000_000
LATEST = 1e6
"""Seconds."""


def times(path: Path) -> Times | None:
    """Find when the samples lie, those of the densest sampling; None when nothing in the file moves.

    Raises `InputError` when it is no whole Alembic file.
    """
    with path.open("rb") as file:
        head = file.read(16)
        if head.startswith(OLD):
            raise InputError("is an Alembic file of the old kind (HDF5); export it again as Ogawa")
        if len(head) < 16 or not head.startswith(MAGIC):
            raise InputError("is no Alembic file")
        if head[5] != WHOLE:
            raise InputError("was not written to its end; export it again")
        try:
            root = struct.unpack("<Q", head[8:])[0]
            _walk(file, root)
            children = _group(file, root)
            blob = _data(file, children[TIMES])
        except (IndexError, struct.error, ValueError, OSError, OverflowError) as error:
            raise InputError("is damaged; copy or export it again") from error
    found = [one for one in _samplings(blob) if one.count > 1]
    if any(one.count > MOST_FRAMES for one in found):
        raise InputError(f"tells of more than {MOST_FRAMES:,} samples; export it again")
    return max(found, key=lambda one: (one.count, one.fps), default=None)


def _walk(file: IO[bytes], root: int) -> None:
    """Look whether groups and blocks lie within the file, the first millions of them: Blender's reader ends Blender
    where one does not. Raises ValueError or struct.error."""
    size, looked = file.seek(0, 2), 0
    seen, waiting = set(), [root]
    while waiting and looked < MOST_WALKED:
        place, looked = waiting.pop(), looked + 1
        at, data = place & ~DATA, bool(place & DATA)
        if not at or at in seen:  # an empty child is said to lie at 0
            continue
        if not data:
            seen.add(at)
        file.seek(at)
        room = struct.unpack("<Q", file.read(8))[0] * (1 if data else 8)
        if at + 8 + room > size or (not data and room > 8 * MOST):
            raise ValueError(place)
        if not data:
            waiting += struct.unpack(f"<{room // 8}Q", file.read(room))


def _group(file: IO[bytes], place: int) -> list[int]:
    file.seek(place)
    count = struct.unpack("<Q", file.read(8))[0]
    if not TIMES < count <= MOST:
        raise ValueError(count)
    return list(struct.unpack(f"<{count}Q", file.read(8 * count)))


def _data(file: IO[bytes], place: int) -> bytes:
    if not place & DATA:
        raise ValueError(place)
    file.seek(place & ~DATA)
    size = struct.unpack("<Q", file.read(8))[0]
    if size > MOST * 16:
        raise ValueError(size)
    blob = file.read(size)
    if len(blob) < size:
        raise ValueError(size)
    return blob


def _samplings(blob: bytes) -> list[Times]:
    """Read samplings: of how many samples, seconds of a cycle, the times within one."""
    found, at = [], 0
    while at + 16 <= len(blob):
        count, cycle, stored = struct.unpack_from("<IdI", blob, at)
        at += 16
        if not stored or at + 8 * stored > len(blob):
            break
        inside = struct.unpack_from(f"<{stored}d", blob, at)
        if not abs(inside[0]) <= LATEST:
            raise InputError("tells of times that are none; export it again")
        at += 8 * stored
        if 1e-4 < cycle < 10:  # every cycle alike; more times than one in it are those of a shutter
            fps, count = 1 / cycle, count // stored
        elif stored > 1 and 1e-4 < (inside[-1] - inside[0]) / (stored - 1) < 10:  # each sample by its own time
            fps = (stored - 1) / (inside[-1] - inside[0])
        else:
            continue
        found.append(Times(inside[0], even(fps), count))
    return found
