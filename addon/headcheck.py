"""What a head out of a file must be before Blender sees it: arrays that fit together, and who it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..core.errors import InputError
from ..core.head import identity
from ..core.head.head import LEVELS, Head


def checked(head: Head, path: Path) -> Head:
    """Give back a head whose arrays fit together; raises `InputError` for those that Blender would choke on."""
    wrong = _wrong(head)
    if wrong:
        raise InputError(
            f"{path}: its {wrong} do not fit the rest; write it again with: headroom generate -o {path.name}"
        )
    return head


def identity_of(head: Head) -> identity.Identity | None:
    """Give who a head is, so that it can be changed; None where its file does not know, or tells wrongly."""
    stored = head.provenance.get("identity")
    try:
        return identity.Identity.from_json(stored) if isinstance(stored, str) else None
    except InputError:
        return None


def _wrong(head: Head) -> str:
    """Name an array that does not fit the others; empty when all do."""
    points, faces, bones = len(head.neutral), len(head.faces), len(head.joint_names)
    shapes = {
        "neutral": (points, 3), "faces": (faces, 4), "uv": (faces, 4, 2), "colors": (points, 4),
        "shapes": (len(head.shape_names), points, 3), "joints": (bones, 3), "joint_tails": (bones, 3),
        "skin_weights": (points, bones),
    }  # fmt: skip
    for name, wanted in shapes.items():
        array = getattr(head, name)
        if array.shape != wanted or array.dtype.kind not in "iuf" or not np.isfinite(array).all():
            return name
    corners, parents = head.faces, head.joint_parents
    if not points or not faces or corners.dtype.kind not in "iu" or corners.min() < 0 or corners.max() >= points:
        return "faces"
    if len(parents) != bones or any(parent not in range(-1, place) for place, parent in enumerate(parents)):
        return "joint_parents"
    if head.part.shape != (faces,) or head.region.shape not in ((0,), (faces,)):
        return "part and region"
    if any(one.ndim != 3 or one.shape[2] != 4 or one.dtype != np.uint8 for one in head.textures.values()):
        return "textures"
    if not isinstance(head.attributes, dict) or not isinstance(head.provenance, dict):
        return "attributes and provenance"
    return "" if head.provenance.get("level", LEVELS[1]) in LEVELS else "provenance"
