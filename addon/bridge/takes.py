"""What a head speaks, stored on its mesh object, so that its phones can be edited after the file was loaded again."""

from __future__ import annotations

import dataclasses
import json
from functools import lru_cache
from typing import TYPE_CHECKING

import bpy

from ...core.curves.reduce import ReduceOptions
from ...core.errors import InputError
from ...core.speech.features import FRAME_RATE
from . import heads, kept

if TYPE_CHECKING:
    from ...core.speech.lipsync import LipsyncOptions, LipsyncResult
    from ...core.speech.take import Take
    from .sound import Cue

TAKE = "headroom_take"
"""Custom property of a head with its packed take."""

KEYS = "headroom_keys"
"""Custom property of a head that says how few keys its lips have, as JSON."""


def speaker(thing: bpy.types.Object | None) -> bpy.types.Object | None:
    """Give the mesh that an active object lets speak: itself, or the head that it carries as an armature, of a click on
    whose controls nobody knows that it chose them."""
    if thing is not None and thing.type == "ARMATURE":
        carried = (child for child in thing.children if child.type == "MESH" and not heads.why_not(child))
        return heads.head_of(thing) or next(carried, None)
    return thing if thing is not None and thing.type == "MESH" else None


def why_not(thing: bpy.types.Object | None) -> str:
    """Say in one line why an active object cannot speak, itself or as a rig, or nothing when it can; cheap."""
    return heads.why_not(speaker(thing) or thing)


def store(body: bpy.types.Object, take: Take) -> None:
    """Keep on a head what it speaks."""
    kept.put(body, TAKE, take.pack())


def spoken(result: LipsyncResult, options: LipsyncOptions, cue: Cue) -> Take:
    """Give as a take what a head speaks after a lip sync."""
    from ...core.speech.take import Take, filled

    duration = len(result.heard.loudness) / FRAME_RATE
    return Take(filled(result.phones, duration), result.heard, options, float(cue.start), str(cue.path))


def has(body: bpy.types.Object | None) -> bool:
    """Tell whether a head remembers what it speaks."""
    return body is not None and kept.get(body, TAKE) is not None


def take_of(body: bpy.types.Object) -> Take:
    """Give what a head speaks. Raises `InputError` when that is not stored, or damaged."""
    stored = kept.get(body, TAKE)
    if not isinstance(stored, str):
        raise InputError(f"{body.name} does not remember what it speaks; press Lip Sync first")
    return _unpacked(stored)


def remember_keys(body: bpy.types.Object, options: ReduceOptions) -> None:
    """Keep on a head how few keys its lips have, for what is written among them later."""
    kept.put(body, KEYS, json.dumps(dataclasses.asdict(options)))


def keys_of(body: bpy.types.Object) -> ReduceOptions:
    """Give how few keys a head's lips have; as many as usual where that is not known."""
    try:
        return ReduceOptions(**kept.table_of(body, KEYS))
    except (ValueError, TypeError, InputError):
        return ReduceOptions()


@lru_cache(maxsize=4)
def _unpacked(text: str) -> Take:
    from ...core.speech.take import unpack

    return unpack(text)
