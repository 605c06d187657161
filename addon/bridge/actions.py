"""A `Performance` as keys: one action per layer, on NLA tracks that an animator can mute, edit and redo one by one.

Blender's own place for stacked animation is the NLA, so each layer is a track there: "Headroom Rest" at the bottom
(every channel at zero), then "Headroom lips", "Headroom brows" and so on, added up. Keys made by hand live in the
active action on top of the stack; Headroom never touches that one, and it wins over the tracks where it has keys.
"""

from __future__ import annotations

from typing import Literal

import bpy
import numpy as np

from ...core.performance import LAYERS, POSE, Performance
from .. import compat
from .heads import TAG, rig_of

HEAD_TURNS = {"headPitch": (0, -1.0), "headYaw": (1, 1.0), "headRoll": (2, 1.0)}
"""Live Link channel -> axis and sign of the head bone's rotation (its Y runs up, its Z to the front)."""

REST = "Rest"
_LINEAR = 1  # index of LINEAR in the enum of keyframe interpolations; foreach_set takes numbers


def write(performance: Performance, body: bpy.types.Object, start: float, fps: float) -> list[bpy.types.Action]:
    """Write a performance onto a head's shape keys, frame 0 at scene frame `start`, for a scene of `fps`.

    Layers that the performance holds replace what Headroom wrote on them before; other layers and all hand-made keys
    stay. Channels without a shape key of that name are left out. Head channels turn the bone called "head", when
    there is one. Gives the new actions.
    """
    performance = performance.resample(fps)
    frames = start + np.arange(performance.frame_count)
    keys = body.data.shape_keys
    paths = {name: f'key_blocks["{name}"].value' for name in keys.key_blocks.keys()}
    actions = _write_layers(performance, frames, keys, "KEY", {name: (path, 0, 1.0) for name, path in paths.items()})
    rig = rig_of(body)
    if rig is not None and "head" in rig.pose.bones:
        bone = rig.pose.bones["head"]
        turns = {name: (bone.path_from_id("rotation_euler"), axis, sign) for name, (axis, sign) in HEAD_TURNS.items()}
        if set(turns) & set(performance.channels):
            bone.rotation_mode = "XYZ"
        actions += _write_layers(performance, frames, rig, "OBJECT", turns)
    return actions


def replace_layer(
    target: bpy.types.ID, id_type: str, layer: str, frames: np.ndarray, curves: dict[tuple[str, int], np.ndarray]
) -> bpy.types.Action:
    """Write curves (data path, array index) -> values (F,) as one layer that replaces what lies below it.

    For rotations, which cannot be added up curve by curve. What Headroom wrote on that layer before goes.
    """
    action = _new_action(target, layer)
    for (path, index), values in curves.items():
        write_curve(compat.fcurve(action, id_type, path, index), frames, values)
    _replace_track(target.animation_data_create(), layer, action, "REPLACE")
    return action


def unanswered(performance: Performance, body: bpy.types.Object) -> list[str]:
    """Name the shape channels that move in a performance but have no shape key on this mesh."""
    there = set(body.data.shape_keys.key_blocks.keys())
    moving = performance.channels if not performance.frame_count else [
        name for name, column in zip(performance.channels, performance.values.T, strict=True) if np.any(column != 0)
    ]  # fmt: skip
    return [name for name in dict.fromkeys(moving) if name not in there and name not in POSE]


def overridden(body: bpy.types.Object) -> list[str]:
    """Name the shape keys with hand-made keys (in the active action), which win over Headroom's layers."""
    data = body.data.shape_keys.animation_data
    if data is None or data.action is None:
        return []
    moved = {curve.data_path for curve in compat.fcurves(data.action)}
    return [name for name in body.data.shape_keys.key_blocks.keys() if f'key_blocks["{name}"].value' in moved]


def _write_layers(
    performance: Performance,
    frames: np.ndarray,
    target: bpy.types.ID,
    id_type: str,
    paths: dict[str, tuple[str, int, float]],
) -> list[bpy.types.Action]:
    """Write the channels that `paths` knows (data path, array index, factor) onto tracks of `target`."""
    wanted = [i for i, name in enumerate(performance.channels) if name in paths]
    layers = [layer for layer in _ordered(performance.layers) if any(performance.layers[i] == layer for i in wanted)]
    if not layers or not len(frames):
        return []
    data = target.animation_data_create()
    _ensure_rest(data, target, id_type, {paths[performance.channels[i]] for i in wanted}, frames)
    actions = []
    for layer in layers:
        columns = [i for i in wanted if performance.layers[i] == layer]
        action = _new_action(target, layer)
        for i in columns:
            path, index, factor = paths[performance.channels[i]]
            write_curve(compat.fcurve(action, id_type, path, index), frames, performance.values[:, i] * factor)
        _replace_track(data, layer, action)
        actions.append(action)
    return actions


def _ordered(layers: tuple[str, ...]) -> list[str]:
    known = [layer for layer in LAYERS if layer in layers]
    return known + [layer for layer in dict.fromkeys(layers) if layer not in LAYERS]


def _new_action(target: bpy.types.ID, layer: str) -> bpy.types.Action:
    action = bpy.data.actions.new(_action_name(target, layer))
    action[TAG] = layer
    return action


def _action_name(target: bpy.types.ID, layer: str) -> str:
    owner = target.user.name if isinstance(target, bpy.types.Key) else target.name
    return f"{owner} {layer}"


def write_curve(curve: bpy.types.FCurve, frames: np.ndarray, values: np.ndarray) -> None:
    """Fill a new F-curve in bulk with linear keys, one per frame."""
    points = np.empty((len(frames), 2), dtype=np.float32)
    points[:, 0], points[:, 1] = frames, values
    curve.keyframe_points.add(len(frames))
    curve.keyframe_points.foreach_set("co", points.ravel())
    curve.keyframe_points.foreach_set("interpolation", np.full(len(frames), _LINEAR, dtype=np.int32))
    curve.update()


def _track_name(layer: str) -> str:
    return f"Headroom {layer}"


def _replace_track(
    data: bpy.types.AnimData, layer: str, action: bpy.types.Action, blend: Literal["ADD", "REPLACE"] = "ADD"
) -> None:
    """Put an action on its layer's track in place of the one there; the track keeps its place and its mute."""
    name = _track_name(layer)
    track: bpy.types.NlaTrack | None = data.nla_tracks.get(name)
    if track is None:
        track = data.nla_tracks.new(prev=_track_below(data, layer))
        track.name = name
    for strip in list(track.strips):
        old = strip.action
        track.strips.remove(strip)
        if old is not None and old.get(TAG) is not None and old.users == 0:
            bpy.data.actions.remove(old)
    action.name = _action_name(data.id_data, layer)
    strip = compat.nla_strip(track, action.name, int(np.floor(action.frame_range[0])), action)
    strip.frame_start = action.frame_range[0]
    strip.blend_type = blend
    strip.extrapolation = "HOLD" if layer == REST else "NOTHING"


def _track_below(data: bpy.types.AnimData, layer: str) -> bpy.types.NlaTrack | None:
    """Find the topmost track of ours that belongs under `layer`; None puts a track on top of all others."""
    order = [REST, *LAYERS]
    under = order[: order.index(layer)] if layer in order else order
    return next(
        (data.nla_tracks[_track_name(name)] for name in reversed(under) if _track_name(name) in data.nla_tracks), None
    )


def _ensure_rest(
    data: bpy.types.AnimData,
    target: bpy.types.ID,
    id_type: str,
    places: set[tuple[str, int, float]],
    frames: np.ndarray,
) -> None:
    """Hold every channel at zero below the layers; without it 5.0 adds them to a shape key's default of 1."""
    track: bpy.types.NlaTrack | None = data.nla_tracks.get(_track_name(REST))
    held = {(path, index) for path, index, _ in places}
    if track is not None and track.strips and track.strips[0].action is not None:
        held |= {(curve.data_path, curve.array_index) for curve in compat.fcurves(track.strips[0].action)}
    action = _new_action(target, REST)
    for path, index in sorted(held):
        write_curve(compat.fcurve(action, id_type, path, index), frames[:1], np.zeros(1))
    _replace_track(data, REST, action, "REPLACE")
