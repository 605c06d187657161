"""Bones of anybody's rig that answer channels where a head has no shape keys for them: head, jaw and eyes, by name.

Which way a bone turns is worked out from where bones rest, since every program rolls its bones in its own way.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import bpy
import numpy as np

from .. import compat
from .bone_roles import Turns, axes_of, free, roles_of
from .heads import TAG
from .layers import Target

SMALL = 0.02
"""Share of the largest part of a turn below which an axis of a bone takes none: rolls are never exact."""


def target(rig: bpy.types.Object, answered: Collection[str]) -> Target | None:
    """Give what a performance moves on a rig: bones for all channels of TURNS but those that keys have `answered`.

    Bones that drivers or keys of the artist's hold in another way are left out. None when nothing is left.
    """
    paths: dict[str, tuple[str, int, float]] = {}
    mixes: dict[str, tuple[tuple[str, float], ...]] = {}
    for bone, turns in free(rig, answered):
        if not (_is_driven(rig, bone) or (_turned_otherwise(rig, bone) and _keyed(rig, bone, True))):
            _add(paths, mixes, rig.pose.bones[bone].path_from_id("rotation_euler"), _parts(rig, bone, turns))
    return Target(rig, "OBJECT", paths, mixes) if paths else None


def hidden(rig: bpy.types.Object, answered: Collection[str]) -> list[str]:
    """Name the channels of bones that keys made by hand turn."""
    found = []
    for bone, turns in free(rig, answered):
        if _keyed(rig, bone, _turned_otherwise(rig, bone)):
            found += list(turns)
    return found


def driven(rig: bpy.types.Object, answered: Collection[str]) -> dict[str, list[str]]:
    """Name the bones that drivers turn, each with its channels: they are left to their drivers."""
    return {bone: list(turns) for bone, turns in free(rig, answered) if _is_driven(rig, bone)}


def let_turn(target: Target, names: Collection[str]) -> None:
    """Have the bones behind some `names` of a target's paths turn by Euler angles; their pose stays."""
    paths = {target.paths[name][0] for name in names}
    for bone in target.thing.pose.bones if target.id_type == "OBJECT" else ():
        if bone.path_from_id("rotation_euler") in paths and _turned_otherwise(target.thing, bone.name):
            bone.rotation_mode = "XYZ"


def _parts(rig: bpy.types.Object, bone: str, turns: Turns) -> list[list[tuple[str, float]]]:
    """Say of each of a bone's three angles which channels turn it, and how far.

    Angles of several axes are added up, which is exact for small turns, and for any turn about one axis of the bone.
    """
    roles = roles_of(tuple(rig.data.bones.keys()))
    into = np.array(rig.data.bones[bone].matrix_local.to_3x3()).T
    axes = axes_of(rig, roles) @ into.T
    found: list[list[tuple[str, float]]] = [[], [], []]
    for channel, (axis, radians) in turns.items():
        most = np.abs(axes[axis]).max()
        for angle in range(3):
            if abs(axes[axis, angle]) > SMALL * most:
                found[angle].append((channel, round(float(radians * axes[axis, angle]), 6)))
    return found


def _add(paths: dict[str, Any], mixes: dict[str, Any], path: str, parts: list[list[tuple[str, float]]]) -> None:
    """Write down which channels move a bone's angles: by the channel's own name where that is possible."""
    for angle, some in enumerate(parts):
        if len(some) == 1 and some[0][0] not in paths:
            paths[some[0][0]] = (path, angle, some[0][1])
        elif some:
            name, most = f"{path}[{angle}]", max(abs(weight) for _, weight in some)
            paths[name] = (path, angle, most)
            mixes[name] = tuple((channel, weight / most) for channel, weight in some)


def _turned_otherwise(rig: bpy.types.Object, bone: str) -> bool:
    return rig.pose.bones[bone].rotation_mode in ("QUATERNION", "AXIS_ANGLE")


def _is_driven(rig: bpy.types.Object, bone: str) -> bool:
    data = rig.animation_data
    return data is not None and any(one.data_path.startswith(_path(bone)) and not one.mute for one in data.drivers)


def _path(bone: str) -> str:
    """What the paths of a bone's turns begin with, in whichever way it turns."""
    return f'pose.bones["{bpy.utils.escape_identifier(bone)}"].rotation_'


def _keyed(rig: bpy.types.Object, bone: str, anywhere: bool) -> bool:
    """Tell whether an artist's keys turn a bone: those of the active action, or `anywhere` on the tracks."""
    data = rig.animation_data
    if data is None:
        return False
    found = [data.action] if data.action is not None else []
    if anywhere:
        strips = [strip for track in data.nla_tracks for strip in track.strips]
        found += [one.action for one in strips if one.action is not None and one.action.get(TAG) is None]
    return any(curve.data_path.startswith(_path(bone)) for action in found for curve in compat.fcurves(action))
