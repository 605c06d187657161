"""Takes of Live Link Face for tests, made by rule, and what a head makes of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np


def write(part: Callable, perform: Callable, path: Path, extra: tuple[str, ...] = ()) -> Path:
    """Write two seconds at 60 frames a second: the jaw opens and closes, a brow rises, the head turns."""
    seconds = np.arange(121) / 60
    columns = {
        ("jawOpen", "lips"): jaw(seconds), ("browInnerUp", "brows"): seconds / 2, ("headYaw", "head"): seconds / 10,
    }  # fmt: skip
    columns |= {(name, "lips"): seconds / 4 for name in extra}
    part("core.formats.livelink").write(path, perform(columns))
    return path


def jaw(seconds: Any) -> Any:
    """How far the jaw is open."""
    return 0.5 - 0.5 * np.cos(np.pi * seconds)


def track(body: bpy.types.Object, layer: str) -> bpy.types.NlaTrack:
    """Give the track of a layer."""
    return body.data.shape_keys.animation_data.nla_tracks[f"Headroom {layer}"]


def value(body: bpy.types.Object, key: str, frame: int) -> float:
    """Give a key's value at a frame."""
    bpy.context.scene.frame_set(frame)
    return body.data.shape_keys.key_blocks[key].value
