"""A `Performance` as keys: one action per layer, on NLA tracks that an animator can mute, edit and redo one by one.

Blender's own place for stacked animation is the NLA, so each layer is a track there: "Headroom Rest" at the bottom
(every channel at zero), then "Headroom lips", "Headroom brows" and so on, added up. Keys made by hand live in the
active action on top of the stack; Headroom never touches that one, and it wins over the tracks where it has keys.
"""

from __future__ import annotations

import bpy
import numpy as np

from ...core.curves.reduce import ReduceOptions
from ...core.errors import InputError
from ...core.performance import LAYERS, POSE, Performance
from ...core.rig import viseme_names
from ...core.speech.viseme_tables import RESTS
from .. import compat
from . import keyframes, layers, splicing
from .heads import rig_of
from .layers import Target

HEAD_TURNS = {"headPitch": (0, -1.0), "headYaw": (1, 1.0), "headRoll": (2, 1.0)}
"""Live Link channel -> axis and sign of the head bone's rotation (its Y runs up, its Z to the front)."""

REDUCED = ReduceOptions()


def write(
    performance: Performance,
    body: bpy.types.Object,
    start: float,
    fps: float,
    reduction: ReduceOptions | None = REDUCED,
    span: tuple[float, float] | None = None,
) -> list[bpy.types.Action]:
    """Write a performance onto a head's shape keys, frame 0 at scene frame `start`, for a scene of `fps`.

    Layers that the performance holds replace what Headroom wrote on them before; other layers and all hand-made keys
    stay. Channels without a shape key (as `core.rig.viseme_names` reads their names) are left out. Head channels turn
    the bone called "head", when there is one. `reduction` says how few keys there are; None, or an error of 0, writes a
    straight-lined key at every frame. With `span` (scene frames, first and last) only keys within it are replaced on
    layers that are there, and the new motion grows out of the old at both ends. Gives the actions that were written.
    """
    performance = performance.resample(fps)
    targets = targets_of(body)
    actions: list[bpy.types.Action] = []
    if span is not None:
        actions, performance = splicing.write(performance, targets, start, reduction, span)
    points = keyframes.points_of(performance, start, reduction)
    for target in targets:
        actions += _write_layers(performance, points, target)
    if set(HEAD_TURNS) & set(performance.channels):
        for target in targets[1:]:
            target.thing.pose.bones["head"].rotation_mode = "XYZ"
    return actions


def targets_of(body: bpy.types.Object) -> list[Target]:
    """Give what a performance moves: the shape keys, and the head bone when there is one."""
    keys = body.data.shape_keys
    named = viseme_names.key_of(keys.key_blocks.keys())
    targets = [Target(keys, "KEY", {name: (f'key_blocks["{key}"].value', 0, 1.0) for name, key in named.items()})]
    rig = rig_of(body)
    if rig is not None and "head" in rig.pose.bones:
        path = rig.pose.bones["head"].path_from_id("rotation_euler")
        targets.append(Target(rig, "OBJECT", {name: (path, axis, sign) for name, (axis, sign) in HEAD_TURNS.items()}))
    return targets


def replace_layer(
    target: bpy.types.ID, id_type: str, layer: str, frames: np.ndarray, curves: dict[tuple[str, int], np.ndarray]
) -> bpy.types.Action:
    """Write curves (data path, array index) -> values (F,) as one layer that replaces what lies below it.

    For rotations, which cannot be added up curve by curve. What Headroom wrote on that layer before goes.
    """
    action = layers.new_action(target, layer)
    for (path, index), values in curves.items():
        write_curve(compat.fcurve(action, id_type, path, index), frames, values)
    layers.replace_track(target.animation_data_create(), layer, action, "REPLACE")
    return action


def unanswered(performance: Performance, body: bpy.types.Object) -> list[str]:
    """Name the shape channels that move in a performance but have no shape key on this mesh."""
    there = {*viseme_names.key_of(body.data.shape_keys.key_blocks.keys()), *RESTS}
    moving = performance.channels if not performance.frame_count else [
        name for name, column in zip(performance.channels, performance.values.T, strict=True) if np.any(column != 0)
    ]  # fmt: skip
    return [name for name in dict.fromkeys(moving) if name not in there and name not in POSE]


def overridden(body: bpy.types.Object) -> list[str]:
    """Name the channels with hand-made keys (in the active action), which win over Headroom's layers."""
    data = body.data.shape_keys.animation_data
    if data is None or data.action is None:
        return []
    moved = {curve.data_path for curve in compat.fcurves(data.action)}
    named = viseme_names.key_of(body.data.shape_keys.key_blocks.keys())
    return [name for name, key in named.items() if f'key_blocks["{key}"].value' in moved]


def write_curve(curve: bpy.types.FCurve, frames: np.ndarray, values: np.ndarray) -> None:
    """Fill a new F-curve in bulk with straight-lined keys, one per frame."""
    keyframes.fill(curve, keyframes.linear(frames, values))


def reduce_layer(body: bpy.types.Object, layer: str, options: ReduceOptions) -> tuple[int, int]:
    """Lay few keys through what is on a layer of a head now, hand edits included; gives its keys before and after.

    The motion is read at every frame from the layer's first. Curves with modifiers, and those of other things than a
    performance holds, stay. Raises `InputError` when there is no such layer.
    """
    found = [
        (curve, channel, target.paths[channel][2])
        for target in targets_of(body)
        for curve, channel in layers.curves_of(target, layer).items()
        if not curve.modifiers
    ]
    if not found:
        raise InputError(f"{body.name} has no keys on layer {layer}; choose another, or let it speak first")
    before = sum(len(curve.keyframe_points) for curve, _, _ in found)
    start = min(curve.range()[0] for curve, _, _ in found)
    frames = np.arange(start, max(curve.range()[1] for curve, _, _ in found) + 0.5)
    # rounded, so that a rest at 1 that Blender computes is one again
    values = np.stack([[curve.evaluate(f) * factor for f in frames] for curve, _, factor in found], axis=1).round(6)
    names = tuple(channel for _, channel, _ in found)
    # one frame is one second here: keys are wanted on frames, and nothing asks for seconds
    performance = Performance(1.0, names, (layer,) * len(names), values.astype(np.float32))
    points = keyframes.points_of(performance, start, options)
    for (curve, _, factor), new in zip(found, points, strict=True):
        keyframes.fill(curve, keyframes.scaled(new, factor))
    return before, sum(len(curve.keyframe_points) for curve, _, _ in found)


def _write_layers(performance: Performance, points: list[keyframes.Points], target: Target) -> list[bpy.types.Action]:
    """Write the channels that a target has onto tracks of it."""
    wanted = [i for i, name in enumerate(performance.channels) if name in target.paths]
    if not wanted or not performance.frame_count:
        return []
    data = target.thing.animation_data_create()
    layers.ensure_rest(target, {performance.channels[i] for i in wanted}, float(points[wanted[0]]["co"][0, 0]))
    actions = []
    for layer in _ordered(tuple(performance.layers[i] for i in wanted)):
        action = layers.new_action(target.thing, layer)
        for i in wanted:
            if performance.layers[i] == layer:
                path, index, factor = target.paths[performance.channels[i]]
                curve = compat.fcurve(action, target.id_type, path, index)
                keyframes.fill(curve, keyframes.scaled(points[i], factor))
        layers.replace_track(data, layer, action)
        actions.append(action)
    return actions


def _ordered(names: tuple[str, ...]) -> list[str]:
    known = [layer for layer in LAYERS if layer in names]
    return known + [layer for layer in dict.fromkeys(names) if layer not in LAYERS]
