"""What becomes a clip: all that a scene plays, or each action of a head by itself."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import bpy

from ...core.errors import InputError
from .. import compat
from .gate_copy import Doubles
from .heads import TAG

KEY = re.compile(r'key_blocks\["(.*)"\]\.value$')
BONE = re.compile(r'pose\.bones\["(.*?)"\]\.')
MOST = 200
"""Clips of one file."""


@dataclass(frozen=True)
class Clip:
    """A stretch of frames with a name; `actions` says what plays on each owner of animation, None lets the scene."""

    name: str
    first: int
    last: int
    actions: dict[bpy.types.ID, tuple[bpy.types.Action, Any]] | None = field(default=None, hash=False)


def clips_of(things: Iterable[bpy.types.Object], scene: bpy.types.Scene, kind: str, name: str) -> list[Clip]:
    """Give the clips of a head: one called `name`, or one per action.

    Headroom's layers are no clips. Actions called after their owner, as "Head nod" and "Head Rig nod", are one clip.
    Raises `InputError` when there are none.
    """
    if kind == "scene":
        return [Clip(name, scene.frame_start, scene.frame_end)]
    owners = owners_of(things)
    found: dict[str, dict[bpy.types.ID, tuple[bpy.types.Action, Any]]] = {}
    for action in bpy.data.actions:
        if isinstance(action.get(TAG), str):
            continue
        for owner in owners:
            slot = slot_for(action, owner)
            if slot is not None:
                found.setdefault(_bare(action.name, owners), {}).setdefault(owner, (action, slot or None))
    if not found:
        raise InputError("no action moves this head; export what the scene plays instead")
    if len(found) > MOST:
        raise InputError(f"{len(found)} actions would become clips, more than {MOST}; delete those that nobody needs")
    return [Clip(clip, *_range(actions), actions) for clip, actions in found.items()]


def owners_of(things: Iterable[bpy.types.Object]) -> list[bpy.types.ID]:
    """Give what carries the animation of a head: shape keys and armatures."""
    owners: list[bpy.types.ID] = []
    for thing in things:
        if thing.type == "ARMATURE":
            owners.append(thing)
        elif thing.data.shape_keys is not None:
            owners.append(thing.data.shape_keys)
    return list(dict.fromkeys(owners))


def slot_for(action: bpy.types.Action, owner: Any) -> Any:
    """Give the slot of an action that moves an owner; True where there are no slots, None when nothing does."""
    kind = "KEY" if isinstance(owner, bpy.types.Key) else "OBJECT"
    slots = compat.slots(action)
    if not slots:
        moves = getattr(action, "id_root", kind) in (kind, "UNSPECIFIED") and moved_by(action, None, owner)
        return True if moves and not hasattr(action, "slots") else None
    fitting = [slot for slot in slots if slot.target_id_type in (kind, "UNSPECIFIED") and moved_by(action, slot, owner)]
    name = owner.user.name if kind == "KEY" else owner.name
    named = (slot for slot in fitting if slot.name_display in (owner.name, name))
    return next(named, fitting[0] if fitting else None)


def moved_by(action: bpy.types.Action, slot: Any, owner: Any) -> set[str]:
    """Name the keys or bones of an owner that an action has curves for."""
    pattern = KEY if isinstance(owner, bpy.types.Key) else BONE
    there = owner.key_blocks if isinstance(owner, bpy.types.Key) else owner.pose.bones
    matches = (pattern.match(curve.data_path) for curve in compat.fcurves_in(action, slot) if not curve.mute)
    return {match[1] for match in matches if match and bpy.utils.unescape_identifier(match[1]) in there}


def play(made: Doubles, clip: Clip, all_clips: Iterable[Clip]) -> None:
    """Let the copies play a clip alone: keys and bones that only other clips move are at rest."""
    if clip.actions is None:
        return
    for thing, copy in made.of.items():
        owner, double = (thing, copy) if thing.type == "ARMATURE" else (thing.data.shape_keys, copy.data.shape_keys)
        if owner is None:
            continue
        for other in all_clips:
            if other.actions and owner in other.actions:
                _rest(double, moved_by(*other.actions[owner], owner))
        data = double.animation_data_create()
        data.use_nla = False
        if owner in clip.actions:
            action, slot = clip.actions[owner]
            data.action = action
            if slot not in (None, True):
                compat.choose_slot(data, slot)
        else:
            data.action = None


def _rest(double: Any, names: set[str]) -> None:
    for name in map(bpy.utils.unescape_identifier, names):
        if isinstance(double, bpy.types.Key):
            double.key_blocks[name].value = 0.0
        else:
            bone = double.pose.bones[name]
            bone.location, bone.scale = (0, 0, 0), (1, 1, 1)
            bone.rotation_euler, bone.rotation_quaternion = (0, 0, 0), (1, 0, 0, 0)
            bone.rotation_axis_angle = (0, 0, 1, 0)


def _bare(name: str, owners: list[bpy.types.ID]) -> str:
    """Take an owner's name off the beginning of an action's, when something is left."""
    names = {owner.name for owner in owners} | {one.user.name for one in owners if isinstance(one, bpy.types.Key)}
    for start in sorted(names, key=len, reverse=True):
        rest = name.removeprefix(start)
        if rest != name and rest[:1] in " _-|." and rest[1:]:
            return rest[1:]
    return name


def _range(actions: dict[bpy.types.ID, tuple[bpy.types.Action, Any]]) -> tuple[int, int]:
    ranges: list[Any] = [action.frame_range for action, _ in actions.values()]
    return math.floor(min(first for first, _ in ranges)), math.ceil(max(last for _, last in ranges))
