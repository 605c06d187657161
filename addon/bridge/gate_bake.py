"""Doubles made plain: no drivers, no constraints, every key relative to the basis, and all motion as keys per frame."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from ...core.formats import gate_compare
from .. import compat
from . import keyframes
from .gate_copy import Doubles
from .gate_sample import Motion, keys_of
from .meshes import points_of, write_basis

WIDE = 10.0
"""How far a key may go either way; Blender allows no more."""
STILL = 1e-7
"""Change below which a curve has keys at its ends alone."""


def plain(made: Doubles) -> set[bpy.types.Object]:
    """Take off the doubles what other programs do not know.

    Vertex groups of keys, keys that start from other keys, and a mesh that is not at its basis go into the keys.
    Gives the originals of those that now hang on nothing, and have to be put where they were.
    """
    loose = set()
    for thing, copy in made.of.items():
        free = thing.parent not in made.of or bool(thing.constraints) or moves_itself(thing)
        for owner in (copy, copy.data, getattr(copy.data, "shape_keys", None)):
            if owner is not None:
                owner.animation_data_clear()
        copy.constraints.clear()
        if free:
            copy.parent = None
            copy.rotation_mode = "QUATERNION"
            loose.add(thing)
        if copy.type == "ARMATURE":
            _plain_rig(copy)
        else:
            for modifier in [one for one in copy.modifiers if not _skins(one)]:
                copy.modifiers.remove(modifier)
            if copy.data.shape_keys is not None:
                _plain_keys(copy)
    return loose


def moves_itself(thing: bpy.types.Object) -> bool:
    """Tell whether a mesh has motion of its own, beside that of what it hangs on."""
    data = thing.animation_data
    return thing.type == "MESH" and data is not None and bool(data.action or data.nla_tracks or data.drivers)


def _skins(modifier: Any) -> bool:
    return modifier.type == "ARMATURE" and modifier.object is not None and modifier.show_viewport


def _plain_rig(copy: Any) -> None:
    copy.data.pose_position = "POSE"
    for bone in copy.data.bones:
        bone.use_inherit_rotation, bone.use_local_location, bone.inherit_scale = True, True, "FULL"
    for bone in copy.pose.bones:
        for constraint in list(bone.constraints):
            bone.constraints.remove(constraint)
        bone.rotation_mode = "QUATERNION"


def _plain_keys(copy: Any) -> None:
    keys = copy.data.shape_keys
    basis = points_of(keys.reference_key)
    changed = {}
    for key in keys_of(copy):
        if key.relative_key == keys.reference_key and not key.vertex_group:
            continue
        delta = points_of(key) - points_of(key.relative_key)
        if key.vertex_group in copy.vertex_groups:
            delta *= _weights(copy, copy.vertex_groups[key.vertex_group])[:, None]
        changed[key] = basis + delta
    for key, points in changed.items():
        key.points.foreach_set("co", np.ascontiguousarray(points, np.float32).ravel())
        key.relative_key, key.vertex_group = keys.reference_key, ""
    for key in keys_of(copy):
        key.mute, key.value = False, 0.0
        key.slider_min, key.slider_max = -WIDE, WIDE
    write_basis(copy.data, basis)


def _weights(copy: Any, group: bpy.types.VertexGroup) -> np.ndarray:
    weights = np.zeros(len(copy.data.vertices), np.float32)
    for vertex in copy.data.vertices:
        for entry in vertex.groups:
            if entry.group == group.index:
                weights[vertex.index] = entry.weight
    return weights


def play(
    made: Doubles, loose: set[bpy.types.Object], motions: list[Motion], start: int | None, tracks: bool,
    size: float = 1.0,
) -> None:  # fmt: skip
    """Write motions onto plain doubles, a key per frame for all that moves in any, one at both ends for the rest.

    `loose` is what `plain` gave. They begin at frame `start`, or at their own; with `tracks` each gets an NLA track of
    its name, without the one motion is the active action. All of it becomes `size` times as large.
    """
    moving = {
        thing: np.any([np.ptp(one.values[thing], axis=0) > STILL for one in motions], axis=0) for thing in made.of
    }
    turning = {rig: _turning(rig, motions) for rig in made.rigs}
    for motion in motions:
        first = motion.clip.first if start is None else start
        frames = np.arange(motion.frames) + float(first)
        for thing, copy in made.of.items():
            if motion.keys[thing]:
                curves = _key_curves(motion.values[thing], copy)
                _key(copy.data.shape_keys, curves, moving[thing], frames, motion.clip.name, tracks)
            curves = _place_curves(motion.places[thing], copy, size) if thing in loose else {}
            if thing in made.rigs:
                curves |= _bone_curves(motion, thing, copy, turning[thing])
            if curves:
                _key(copy, curves, np.ones(len(curves), bool), frames, motion.clip.name, tracks)


def rename(made: Doubles) -> None:
    """Give the keys of plain doubles names that every format takes; before anything plays on them."""
    for copy in made.meshes.values():
        blocks = keys_of(copy)
        for key, name in zip(blocks, gate_compare.legal([key.name for key in blocks]), strict=True):
            if key.name != name:
                key.name = name


def solo(made: Doubles, clip: str | None) -> None:
    """Let the tracks of one clip play alone, or none in particular."""
    for copy in made.of.values():
        for owner in (copy, getattr(copy.data, "shape_keys", None)):
            data = owner.animation_data if owner is not None else None
            for track in data.nla_tracks if data is not None else ():
                track.mute = clip is not None and track.name != clip


Curves = dict[tuple[str, int], np.ndarray]
"""Data path and array index -> values (F,)."""


def _key_curves(values: np.ndarray, copy: bpy.types.Object) -> Curves:
    paths = [f'key_blocks["{bpy.utils.escape_identifier(key.name)}"].value' for key in keys_of(copy)]
    return {(path, 0): column for path, column in zip(paths, values.T, strict=True)}


def _place_curves(places: np.ndarray, copy: Any, size: float) -> Curves:
    places = np.diag([size, size, size, 1.0]) @ places
    copy.matrix_parent_inverse = Matrix.Identity(4)
    copy.matrix_basis = Matrix(places[0].tolist())
    return _rigid("", places) if np.ptp(places, axis=0).max() > STILL else {}


def _turning(rig: bpy.types.Object, motions: list[Motion]) -> np.ndarray:
    """Tell which bones move against their parents in any motion, or stand elsewhere in one than in another."""
    every = np.concatenate([local_poses(rig, motion.poses[rig]) for motion in motions])
    return np.abs(every - every[:1]).max(axis=(0, 2, 3)) > STILL


def _bone_curves(motion: Motion, rig: bpy.types.Object, copy: Any, turning: np.ndarray) -> Curves:
    curves: Curves = {}
    local = local_poses(rig, motion.poses[rig])
    for number, bone in enumerate(copy.pose.bones):
        bone.matrix_basis = Matrix(local[0, number].tolist())
        kept = local[:, number] if turning[number] else local[:1, number].repeat(motion.frames, axis=0)
        curves |= _rigid(f'pose.bones["{bpy.utils.escape_identifier(bone.name)}"].', kept)
    return curves


def local_poses(rig: bpy.types.Object, poses: np.ndarray) -> np.ndarray:
    """Give the own motion (F, B, 4, 4) of bones that inherit everything, out of their places in the armature."""
    bones = list(rig.data.bones)
    number = {bone.name: index for index, bone in enumerate(bones)}
    local = np.empty_like(poses)
    for index, bone in enumerate(bones):
        rest = np.array(bone.matrix_local)
        if bone.parent is None:
            local[:, index] = np.linalg.inv(rest) @ poses[:, index]
            continue
        above = np.array(bone.parent.matrix_local)
        inside = np.linalg.inv(rest) @ above
        parent = poses[:, number[bone.parent.name]]
        local[:, index] = inside @ np.linalg.pinv(parent) @ poses[:, index]
    return local


def _rigid(prefix: str, places: np.ndarray) -> Curves:
    """Split matrices (F, 4, 4) into curves of location, rotation without jumps, and scale."""
    if np.ptp(places, axis=0).max() <= STILL:
        places = places[:1]
    parts = [Matrix(place.tolist()).decompose() for place in places]
    turns = [turn for _, turn, _ in parts]
    for before, turn in zip(turns, turns[1:], strict=False):
        turn.make_compatible(before)
    tables = {
        "location": [place for place, _, _ in parts], "rotation_quaternion": turns,
        "scale": [size for _, _, size in parts],
    }  # fmt: skip
    return {
        (prefix + name, index): column for name, rows in tables.items() for index, column in enumerate(np.array(rows).T)
    }


def _key(owner: Any, curves: Curves, moving: np.ndarray, frames: np.ndarray, name: str, tracks: bool) -> None:
    action = bpy.data.actions.new(name)
    kind = "KEY" if isinstance(owner, bpy.types.Key) else "OBJECT"
    for (path, index), whole in zip(curves, moving, strict=True):
        values = curves[path, index]
        if whole and len(values) > 1:
            times = frames
        else:
            times = frames[[0, -1]] if len(frames) > 1 else frames
            values = np.full(len(times), values[0])
        keyframes.fill(compat.fcurve(action, kind, path, index), keyframes.linear(times, values))
    data = owner.animation_data_create()
    if tracks:
        track = data.nla_tracks.new()
        track.name = name
        strip = compat.nla_strip(track, name, round(frames[0]), action)
        strip.name = name
    else:
        compat.play(data, action)
