"""A `Performance` as keys: one action per layer, on NLA tracks that an animator can mute, edit and redo one by one.

Blender's own place for stacked animation is the NLA, so each layer is a track there: "Headroom Rest" at the bottom
(every channel at zero), then "Headroom lips", "Headroom brows" and so on, added up. Keys made by hand live in the
active action on top of the stack; Headroom never touches that one, and it wins over the tracks where it has keys.
"""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from ...core.curves.reduce import ReduceOptions
from ...core.errors import InputError
from ...core.performance import LAYERS, POSE, Performance
from ...core.rig.keymap import CHANNELS, KeyMap
from ...core.speech.viseme_tables import RESTS
from .. import compat
from . import bones, keyframes, keymaps, layers, splicing
from .bone_roles import channels
from .heads import rig_of
from .layers import Target

HEAD_TURNS = {"headPitch": (0, -1.0), "headYaw": (1, 1.0), "headRoll": (2, 1.0)}
"""Live Link channel -> axis and sign of the rotation of our rigs' head bone (its Y runs up, its Z to the front)."""

REDUCED = ReduceOptions()


@dataclass(frozen=True)
class Ready:
    """The keys of every column of a performance, whose first frame is the scene frame `start` at a rate of `fps`; of no
    use where the scene's rate was changed meanwhile."""

    start: float
    fps: float
    points: list[keyframes.Points]


def write(
    performance: Performance,
    body: bpy.types.Object,
    start: float,
    fps: float,
    reduction: ReduceOptions | None = REDUCED,
    span: tuple[float, float] | None = None,
    ready: Ready | None = None,
) -> list[bpy.types.Action]:
    """Write a performance onto a head's shape keys, frame 0 at scene frame `start`, for a scene of `fps`.

    Layers that the performance holds replace what Headroom wrote on them before; other layers and all hand-made keys
    stay. A head's key map says which keys of which of its objects move (`keymaps`); without one the names of its own
    keys do. Channels without a key turn the bones that are known by name (`bones`): the head's turns the head, those of
    jaw and eyes their bones where no key does. Other channels are left out, and so is what drivers move. `reduction`
    says how few keys there are; None, or an error of 0, writes a straight-lined key at every frame. With `span` (scene
    frames, first and last) only keys within it are replaced on layers that are there, and the new motion grows out of
    the old at both ends. `ready` are its keys, where they were made beforehand. Gives the actions that were written.
    """
    performance = performance.resample(fps)
    for thing in layers.things(body):
        layers.leave_tweak_mode(thing)
    targets = targets_of(body)
    actions: list[bpy.types.Action] = []
    if span is not None:
        own = []
        for target in targets:
            changed, rest = splicing.write(target.take(performance), [target], start, reduction, span)
            actions += changed
            own.append(rest)
    else:
        own = [target.take(performance) for target in targets]
    made = ready.points if ready is not None and (ready.start, ready.fps) == (start, fps) else None
    points = _points(performance, own, start, reduction, made)
    for target, part in zip(targets, own, strict=True):
        actions += _write_layers(part, points, target)
    for target in targets:
        bones.let_turn(target, target.take(performance).channels)
    return actions


def keys_of(performance: Performance, start: float, fps: float, reduction: ReduceOptions | None = REDUCED) -> Ready:
    """Make the keys of a performance beforehand: nearly all of the time that `write` takes, and no Blender in it, so
    that a worker can do it."""
    return Ready(start, fps, keyframes.points_of(performance.resample(fps), start, reduction))


def targets_of(body: bpy.types.Object) -> list[Target]:
    """Give what a performance moves: the shape keys, those of the head's family after its own, and bones of its rig."""
    found = keymaps.map_of(body)
    targets = [_keys_target(body, found)] if body.data.shape_keys is not None else []
    for other in keymaps.members(body)[1:]:
        if not keymaps.why_not(other) and other.data.shape_keys not in [target.thing for target in targets]:
            targets.append(_keys_target(other, found))
    rig = rig_of(body)
    turned = bones.target(rig, found.channels) if rig is not None else None
    return [*targets, turned] if turned is not None else targets


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
    """Name the shape channels that move in a performance but have neither shape key nor bone on this head."""
    keys = body.data.shape_keys
    own = keys.key_blocks.keys() if keys is not None else []
    answered = keymaps.channels_of(body)
    there = {*answered, *channels(rig_of(body), answered), *(key for key in own if key not in CHANNELS), *RESTS}
    moving = performance.channels if not performance.frame_count else [
        name for name, column in zip(performance.channels, performance.values.T, strict=True) if np.any(column != 0)
    ]  # fmt: skip
    return [name for name in dict.fromkeys(moving) if name not in there and name not in POSE]


def overridden(body: bpy.types.Object) -> list[str]:
    """Name the channels with hand-made keys (in the active action), which win over Headroom's layers."""
    rig, keys = rig_of(body), body.data.shape_keys
    data = keys.animation_data if keys is not None else None
    turned = bones.hidden(rig, keymaps.channels_of(body)) if rig is not None else []
    if data is None or data.action is None:
        return turned
    moved = {curve.data_path for curve in compat.fcurves(data.action)}
    target = _keys_target(body, keymaps.map_of(body))
    found = [name for name, (path, _, _) in target.paths.items() if path in moved]
    keyed = (channel for name in found for channel, _ in target.mixes.get(name, ((name, 1.0),)))
    return list(dict.fromkeys((*keyed, *turned)))


def driven(performance: Performance, body: bpy.types.Object) -> dict[str, list[str]]:
    """Name the keys and bones that a performance would move but drivers do: object -> keys. They are left to them."""
    found = {}
    for one in keymaps.members(body):
        answered = keymaps.map_of(body).for_object(one.name)
        meant = {key for channel in performance.channels for key, _ in answered.get(channel, ())}
        if held := sorted(meant & keymaps.driven(one)):
            found[one.name] = held
    rig = rig_of(body)
    turned = bones.driven(rig, keymaps.channels_of(body)) if rig is not None else {}
    if rig is not None and (held := [bone for bone, names in turned.items() if set(names) & set(performance.channels)]):
        found[rig.name] = held
    return found


def write_curve(curve: bpy.types.FCurve, frames: np.ndarray, values: np.ndarray) -> None:
    """Fill a new F-curve in bulk with straight-lined keys, one per frame."""
    keyframes.fill(curve, keyframes.linear(frames, values))


def reduce_layer(body: bpy.types.Object, layer: str, options: ReduceOptions) -> tuple[int, int]:
    """Lay few keys through what is on a layer of a head now, hand edits included; gives its keys before and after.

    The motion is read at every frame from the layer's first. Curves with modifiers, and those of other things than a
    performance holds, stay. Raises `InputError` when there is no such layer.
    """
    before = after = 0
    for target in targets_of(body):
        layers.own_strip(target.thing, layer)
        curves = layers.curves_of(target, layer).items()
        found = [(curve, name, target.paths[name][2]) for curve, name in curves if not curve.modifiers]
        if found:
            before += sum(len(curve.keyframe_points) for curve, *_ in found)
            _thin(found, layer, options)
            after += sum(len(curve.keyframe_points) for curve, *_ in found)
    if not before:
        raise InputError(f"{body.name} has no keys on layer {layer}; choose another, or let it speak first")
    return before, after


def _thin(found: list[tuple[bpy.types.FCurve, str, float]], layer: str, options: ReduceOptions) -> None:
    """Lay few keys through (curve, name, factor) of one target."""
    start = min(curve.range()[0] for curve, _, _ in found)
    frames = np.arange(start, max(curve.range()[1] for curve, _, _ in found) + 0.5)
    # rounded, so that a rest at 1 that Blender computes is one again
    values = np.stack([[curve.evaluate(f) / factor for f in frames] for curve, _, factor in found], axis=1).round(6)
    names = tuple(name for _, name, _ in found)
    # one frame is one second here: keys are wanted on frames, and nothing asks for seconds
    performance = Performance(1.0, names, (layer,) * len(names), values.astype(np.float32))
    points = keyframes.points_of(performance, start, options)
    for (curve, _, factor), new in zip(found, points, strict=True):
        keyframes.fill(curve, keyframes.scaled(new, factor))


def _keys_target(thing: bpy.types.Object, found: KeyMap) -> Target:
    """Give what is to be moved on one object's keys. Keys that are no channel's go by their own names."""
    left, answered = keymaps.driven(thing), found.for_object(thing.name)
    meant: dict[str, list[tuple[str, float]]] = {}
    for channel, pairs in answered.items():
        for key, weight in pairs:
            meant.setdefault(key, []).append((channel, weight))
    for key in thing.data.shape_keys.key_blocks.keys():
        if key not in meant and key not in CHANNELS:
            meant[key] = [(key, 1.0)]
    paths: dict[str, tuple[str, int, float]] = {}
    mixes: dict[str, tuple[tuple[str, float], ...]] = {}
    for key, parts in meant.items():
        if key in left:
            continue
        path, (channel, weight) = f'key_blocks["{bpy.utils.escape_identifier(key)}"].value', parts[0]
        if len(parts) == 1 and abs(weight) == 1 and channel not in paths:
            paths[channel] = (path, 0, weight)
        else:
            paths[path] = (path, 0, 1.0)
            mixes[path] = tuple(parts)
    return Target(thing.data.shape_keys, "KEY", paths, mixes)


def _points(
    performance: Performance,
    own: list[Performance],
    start: float,
    reduction: ReduceOptions | None,
    ready: list[keyframes.Points] | None = None,
) -> dict[tuple[str, str], keyframes.Points]:
    """Make the keys of every (name, layer) that targets take: of channels all together, so that lips that touch do so
    on all objects at once; of mixtures by themselves."""
    columns = list(zip(performance.channels, performance.layers, strict=True))
    asked = {key: one for one in own for key in zip(one.channels, one.layers, strict=True)}
    points = {}
    if any(key in asked for key in columns):
        ready = keyframes.points_of(performance, start, reduction) if ready is None else ready
        points = dict(zip(columns, ready, strict=True))
    for one in own:
        mixed = [row for row, key in enumerate(zip(one.channels, one.layers, strict=True)) if key not in points]
        part = splicing.columns_of(one, mixed)
        keys = zip(part.channels, part.layers, strict=True)
        points |= dict(zip(keys, keyframes.points_of(part, start, reduction), strict=True)) if mixed else {}
    return points


def _write_layers(
    performance: Performance, points: dict[tuple[str, str], keyframes.Points], target: Target
) -> list[bpy.types.Action]:
    """Write what a target takes onto tracks of it."""
    if not performance.channels or not performance.frame_count:
        return []
    data = target.thing.animation_data_create()
    columns = list(zip(performance.channels, performance.layers, strict=True))
    layers.ensure_rest(target, set(performance.channels), float(points[columns[0]]["co"][0, 0]))
    actions = []
    for layer in _ordered(performance.layers):
        action = layers.new_action(target.thing, layer)
        for name, on in columns:
            if on == layer:
                path, index, factor = target.paths[name]
                curve = compat.fcurve(action, target.id_type, path, index)
                keyframes.fill(curve, keyframes.scaled(points[name, on], factor))
        layers.replace_track(data, layer, action)
        actions.append(action)
    return actions


def _ordered(names: tuple[str, ...]) -> list[str]:
    known = [layer for layer in LAYERS if layer in names]
    return known + [layer for layer in dict.fromkeys(names) if layer not in LAYERS]
