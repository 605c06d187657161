"""All of a file that Headroom's buttons may change, as plain values: to tell whether undo, redo and reopening bring
back exactly what was there."""

from __future__ import annotations

import zlib
from typing import Any

import bpy
import numpy as np
from talking import keys_of


def everything(part) -> dict[str, Any]:
    """Describe the open file; two files that an artist cannot tell apart give the same."""
    found: dict[str, Any] = {}
    for thing in bpy.data.objects:
        found[f"object {thing.name}"] = {
            "type": thing.type, "place": _rounded(thing.matrix_basis), "parent": _name(thing.parent),
            "kept": _kept(thing), "modifiers": [(one.type, one.name) for one in thing.modifiers],
            "hidden": (thing.hide_viewport, thing.hide_render), "homes": sorted(map(_name, thing.users_collection)),
            "groups": [group.name for group in thing.vertex_groups], "moves": _animation(part, thing),
            "bones": _pose(thing) if thing.type == "ARMATURE" else None,
        }  # fmt: skip
    for mesh in bpy.data.meshes:
        keys = mesh.shape_keys
        found[f"mesh {mesh.name}"] = {
            "points": _sum(mesh.vertices), "materials": [_name(one) for one in mesh.materials],
            "keys": [(key.name, round(key.value, 5), key.mute, key.slider_min, _sum(key.points))
                     for key in (keys.key_blocks if keys is not None else ())],
            "moves": _animation(part, keys),
        }  # fmt: skip
    for armature in bpy.data.armatures:
        found[f"armature {armature.name}"] = [(bone.name, _rounded(bone.matrix_local)) for bone in armature.bones]
    for material in bpy.data.materials:
        found[f"material {material.name}"] = _rounded(material.diffuse_color)
    for image in bpy.data.images:
        found[f"image {image.name}"] = (image.get("headroom_pixels"), tuple(image.size))
    for scene in bpy.data.scenes:
        found[f"scene {scene.name}"] = {
            "range": (scene.frame_start, scene.frame_end), "sync": scene.sync_mode,
            "markers": sorted((one.frame, one.name, one.headroom.kind) for one in scene.timeline_markers),
            "phones": (_name(scene.headroom_phones.head), scene.headroom_phones.problem),
            "sounds": [(one.name, one.channel, round(one.frame_final_start), round(one.frame_final_duration))
                       for one in part("addon.compat").sequence_strips_all(scene)],
        }  # fmt: skip
    return found


def differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Say what is not the same in two descriptions, for a test that fails."""
    names = sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
    return [f"{name}: {_apart(one.get(name), other.get(name))}" for name in names]


def _apart(one: Any, other: Any) -> str:
    if isinstance(one, dict) and isinstance(other, dict):
        return "; ".join(differing(one, other))
    return f"{str(one)[:120]} / {str(other)[:120]}"


def _animation(part, thing: Any) -> Any:
    data = thing.animation_data if thing is not None else None
    if data is None:
        return None
    tracks = [
        (
            track.name,
            track.mute,
            [(strip.frame_start, strip.mute, _curves(part, strip.action)) for strip in track.strips],
        )
        for track in data.nla_tracks
    ]
    drivers = sorted((curve.data_path, curve.mute, curve.driver.expression) for curve in data.drivers)
    return _curves(part, data.action), tracks, drivers


def _curves(part, action: Any) -> Any:
    if action is None:
        return None
    return action.name, sorted((path, zlib.crc32(table.tobytes())) for path, table in keys_of(part, action).items())


def _kept(thing: Any) -> dict[str, Any]:
    """The properties that are kept on an object; pointers by name."""
    return {name: _plain(thing[name]) for name in sorted(thing.keys()) if not name.startswith("cycles")}


def _plain(value: Any) -> Any:
    if isinstance(value, bpy.types.ID):
        return value.name
    if hasattr(value, "keys"):
        return {name: _plain(value[name]) for name in value.keys()}
    return round(value, 5) if isinstance(value, float) else str(value)


def _pose(rig: Any) -> list[Any]:
    return [(bone.name, bone.rotation_mode, _name(bone.custom_shape)) for bone in rig.pose.bones]


def _sum(points: Any) -> int:
    read = np.empty(len(points) * 3, np.float32)
    points.foreach_get("co", read)
    return zlib.crc32(read.tobytes())


def _name(thing: Any) -> str:
    return thing.name if thing is not None else ""


def _rounded(matrix: Any) -> list[float]:
    return np.round(np.array(matrix, float), 4).ravel().tolist()
