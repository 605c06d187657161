"""Expressions as actions: written as assets, read out of any file, and put onto any head through its key map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ...core.errors import InputError
from ...core.performance import ARKIT_52, Performance
from ...core.rig import expressions, names
from ...core.rig.keymap import CHANNELS
from ...core.speech.viseme_tables import SETS
from .. import compat
from . import actions, bones, keyframes, keymaps, layers, paths, stack
from .layers import Target
from .sound import frames_per_second

LAYER = "emotion"
VISEME = "headroom_viseme"
"""Custom property of an action: which of Oculus' visemes it shows."""

SMALL = 1e-4
"""Change of a value that nobody sees."""


@dataclass(frozen=True)
class Pose:
    """Values of channels, or of keys that are no channel's; `viseme` is one of Oculus', or empty."""

    values: dict[str, float]
    viseme: str = ""


def new_action(expression: expressions.Expression) -> bpy.types.Action:
    """Make an action of an expression: a key at frame 1 for every channel that it sets."""
    action = bpy.data.actions.new(expression.title)
    for channel, value in expression.channels.items():
        curve = compat.fcurve(action, "KEY", f'key_blocks["{channel}"].value')
        keyframes.fill(curve, keyframes.linear(np.array([1.0]), np.array([value])))
    if expression.viseme:
        action[VISEME] = expression.viseme
    return action


def read(path: str, name: str) -> Pose:
    """Read an action out of a .blend, or of the open file when `path` is empty; nothing is added to that.

    Raises `InputError` when it is not there or moves no shape keys.
    """
    if not path:
        here: bpy.types.Action | None = bpy.data.actions.get(name)
        if here is None:
            raise InputError(f"{name}: this file has no such action; refresh the Asset Browser")
        return pose_of(here)
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file; refresh the Asset Browser")
    data: Any = bpy.data
    with data.temp_data() as away:
        try:
            with away.libraries.load(path) as (there, wanted):
                wanted.actions = [one for one in there.actions if one == name]
        except OSError as error:
            raise InputError(f"{path}: is no .blend file that this Blender can read") from error
        if not wanted.actions or wanted.actions[0] is None:
            raise InputError(f"{path}: has no action {name} any more; refresh the Asset Browser")
        return pose_of(wanted.actions[0])


def pose_of(action: bpy.types.Action) -> Pose:
    """Read the first values of an action's shape keys, by channels where their names say which.

    Raises `InputError` when it moves none.
    """
    keys: dict[str, float] = {}
    for curve in compat.fcurves(action):
        found = keymaps.DRIVEN.fullmatch(curve.data_path)
        if found is not None and len(curve.keyframe_points):
            keys[bpy.utils.unescape_identifier(found.group(1))] = float(curve.keyframe_points[0].co[1])
    if not keys:
        raise InputError(f"{action.name} moves no shape keys, so it is no expression; choose another")
    meant = {one.key: one for one in names.by_names(keys) if one.weight == 1 and one.key not in CHANNELS}
    values = {meant[key].channel if key in meant else key: value for key, value in keys.items()}
    return Pose(values, str(action.get(VISEME, "")))


def wear(body: bpy.types.Object, pose: Pose, amount: float, frame: float | None = None) -> int:
    """Bring a head from what it shows to a pose, by an `amount` of 0..1, on all that its key map moves; gives how many
    properties the pose sets.

    What drivers move is left alone. With a scene `frame`, what changes gets a key there, and so does what has keys made
    by hand.
    """
    wanted = fitted(body, pose)
    performance = Performance(
        1.0, tuple(wanted), (LAYER,) * len(wanted), np.array([list(wanted.values())], np.float32).reshape(1, -1)
    )
    count = 0
    for target in actions.targets_of(body):
        part = target.take(performance)
        bones.let_turn(target, part.channels)
        keyed = _keyed(target)
        for name, value in zip(part.channels, part.values[0].tolist(), strict=True):
            path, index, factor = target.paths[name]
            changed = _set(target.thing, path, index, value * factor, amount)
            if frame is not None and (changed or (path, index) in keyed):
                index = index if target.id_type == "OBJECT" else -1
                target.thing.keyframe_insert(path, index=index, frame=frame)
            count += 1
    body.data.update_tag()
    return count


def play(body: bpy.types.Object, pose: Pose, amount: float, scene: bpy.types.Scene) -> int:
    """Lay a pose over what a head plays, through all frames of a scene: on the layer "emotion", which can be muted,
    mixed and deleted like any other; gives how many channels it sets.

    Channels that lips close and shape vowels with are left to speech. What is on the layer already is brought to the
    pose by an `amount` of 0..1; a layer that sets nothing any more goes.
    """
    values = dict(_played(body, scene.frame_current))
    wanted = {name: value for name, value in fitted(body, pose).items() if name not in expressions.SPOKEN}
    for name, value in wanted.items():
        values[name] = (1 - amount) * values.get(name, 0.0) + amount * value
    values = {name: value for name, value in values.items() if value > SMALL}
    if not values:
        stack.delete(body, LAYER)
        return len(wanted)
    frames = max(2, scene.frame_end - scene.frame_start + 1)
    held = np.tile(np.array([list(values.values())], np.float32), (frames, 1))
    fps = frames_per_second(scene)
    performance = Performance(fps, tuple(values), (LAYER,) * len(values), held)
    actions.write(performance, body, scene.frame_start, fps)
    return len(wanted) if any(target.take(performance).channels for target in actions.targets_of(body)) else 0


def _played(body: bpy.types.Object, frame: float) -> dict[str, float]:
    """Give what the layer of expressions holds at a frame, by channel."""
    return {
        name: curve.evaluate(frame) / target.paths[name][2]
        for target in actions.targets_of(body)
        for curve, name in layers.curves_of(target, LAYER).items()
    }


def fitted(body: bpy.types.Object, pose: Pose) -> Mapping[str, float]:
    """Give the channels that a head answers a pose with: a head of visemes shows its own instead of ARKit's shapes."""
    kind = SETS.get(keymaps.speaks(body))
    if kind is None or not pose.viseme:
        return pose.values
    others = {name: value for name, value in pose.values.items() if name not in ARKIT_52}
    return others | expressions.shown_by(pose.viseme, kind)


def is_played(body: bpy.types.Object) -> bool:
    """Tell whether layers of ours move a head, which set its values anew at every frame."""
    return bool(layers.names_on(body))


def _set(thing: Any, path: str, index: int, wanted: float, amount: float) -> bool:
    """Move a property to a value by an amount; tells whether that changes it."""
    holder, name = paths.owner_of(thing, path)
    old = paths.read(holder, name, index)
    new = old + amount * (wanted - old)
    paths.put(holder, name, index, new)
    return abs(new - old) > SMALL


def _keyed(target: Target) -> set[tuple[str, int]]:
    """Give the properties that have keys made by hand."""
    data = target.thing.animation_data
    curves = compat.fcurves(data.action) if data is not None and data.action is not None else []
    return {(curve.data_path, curve.array_index) for curve in curves}
