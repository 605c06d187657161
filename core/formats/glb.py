"""When the keys of a binary glTF lie: what Blender needs to know to read every one of them, and no more."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

from ..errors import InputError
from .frames import MOST_FRAMES
from .text import parse_json
from .times import Times, even

HEADER = struct.Struct("<4sIIII")
"""Magic, version, length of the file, length of the first chunk, its kind."""
MAGIC, VERSION, JSON = b"glTF", 2, 0x4E4F534A
DENSE, USUAL = 10.0, 24.0
"""Keys a second from which on they are frames, and frames a second where they are fewer."""
LONGEST = 3600.0
"""Seconds."""
LARGEST, MOST_VALUES = 64 << 20, 4_000_000
"""Bytes and values of the part that tells what is in the file; numbers of points and pictures lie elsewhere."""


def times(path: Path) -> Times | None:
    """Find when the keys lie, those of the densest channel; None when nothing in the file moves.

    Raises `InputError` when it is no whole glTF file.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEADER.size)
        magic, version, length, first, kind = HEADER.unpack(head) if len(head) == HEADER.size else (b"", 0, 0, 0, 0)
        if magic != MAGIC or version != VERSION or kind != JSON:
            raise InputError("is no .glb file of glTF 2.0")
        if length > size or first > size:
            raise InputError("breaks off; copy or export it again")
        if first > LARGEST:
            raise InputError(f"tells of its content in {first >> 20} MB; {LARGEST >> 20} MB are the most")
        text = file.read(first)
    try:
        return _densest(parse_json(text.decode(), MOST_VALUES))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, ArithmeticError) as error:
        raise InputError("is damaged; copy or export it again") from error


def _densest(content: dict[str, Any]) -> Times | None:
    found = []
    for animation in content.get("animations", []):
        for channel in animation["channels"]:
            keys = content["accessors"][animation["samplers"][channel["sampler"]]["input"]]
            first, last, count = float(keys["min"][0]), float(keys["max"][0]), int(keys["count"])
            if not -LONGEST <= first <= last <= LONGEST:
                raise ValueError(first, last)
            if count > 1 and last > first:
                fps = even((count - 1) / (last - first))
                fps = fps if DENSE <= fps <= 1000 else USUAL
                found.append(Times(first, fps, round((last - first) * fps) + 1))
                if found[-1].count > MOST_FRAMES:
                    raise ValueError(found[-1].count)
    return max(found, key=lambda one: (one.count, one.fps), default=None)
