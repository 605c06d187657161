"""Heads as .npz files: the plain arrays that the design promises, and the rest of what a `Head` holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import InputError
from ..core.formats import npz
from ..core.head.head import Head

ARRAYS = (
    "neutral", "faces", "uv", "part", "region", "colors", "shapes", "joints", "joint_tails", "skin_weights",
)  # fmt: skip
NAMES = ("shape_names", "joint_names")
WORDS = ("part", "region")
TEXTURE = "texture_"
"""What the names of textures begin with in the file."""
LARGEST = 1 << 30
"""Bytes that all arrays may have together."""


def save(path: Path, head: Head) -> None:
    """Write a head: arrays in metres as `Head` documents them; attributes and provenance as JSON text."""
    np.savez_compressed(
        path,
        **{name: getattr(head, name) for name in ARRAYS if name not in WORDS},
        **{name: np.array(getattr(head, name), dtype=np.str_) for name in (*NAMES, *WORDS)},
        **{TEXTURE + name: picture for name, picture in head.textures.items()},
        joint_parents=np.array(head.joint_parents, dtype=np.int32),
        attributes=np.array(json.dumps(head.attributes, default=str)),
        provenance=np.array(json.dumps(head.provenance, default=str)),
    )


def load(path: Path) -> Head:
    """Read a head that `save` wrote.

    Raises `InputError` when the file is missing, something else or holds arrays that do not fit together.
    """
    from .headcheck import checked

    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        found = npz.arrays(path, LARGEST)
        names = {name: tuple(found[name].tolist()) for name in NAMES}
        pictures = {name.removeprefix(TEXTURE): found[name] for name in found if name.startswith(TEXTURE)}
        fields: dict[str, Any] = {name: found[name] for name in ARRAYS} | names
        head = Head(
            **fields,
            textures=pictures,
            joint_parents=tuple(found["joint_parents"].tolist()),
            attributes=json.loads(str(found["attributes"])),
            provenance=json.loads(str(found["provenance"])),
        )
    except (InputError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{path}: is no head file; make one with: headroom generate -o {path.name}") from error
    return checked(head, path)
