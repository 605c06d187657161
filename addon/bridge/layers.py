"""Headroom's layers: one NLA track and one action each, above a track that holds everything at rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import bpy
import numpy as np

from ...core.performance import LAYERS, Performance
from .. import compat
from . import keyframes, keymaps
from .heads import TAG, rig_of

REST = "Rest"


@dataclass(frozen=True)
class Target:
    """What has channels as its properties: `paths` says of each the data path, the array index and a factor.

    Where a property is not one channel's alone, its name in `paths` is not a channel's either, and `mixes` says of it
    which channels it adds up, with their weights.
    """

    thing: Any  # a `bpy.types.ID`, of those kinds that can be animated
    id_type: str
    paths: dict[str, tuple[str, int, float]]
    mixes: dict[str, tuple[tuple[str, float], ...]] = field(default_factory=dict)

    def take(self, performance: Performance) -> Performance:
        """Give what a performance does to this target: a column per name in `paths` that it moves."""
        columns: dict[tuple[str, str], np.ndarray] = {}
        rows = _rows(performance)
        for name in self.paths:
            for channel, weight in self.mixes.get(name, ((name, 1.0),)):
                for row in rows.get(channel, ()):
                    key = (name, performance.layers[row])
                    column = performance.values[:, row] * np.float32(weight)
                    columns[key] = columns[key] + column if key in columns else column
        kept = {(channel, layer): None for channel, layer in zip(performance.channels, performance.layers, strict=True)}
        order = [key for key in kept if key in columns] + [key for key in columns if key not in kept]
        values = np.stack([columns[key] for key in order], axis=1) if order else np.zeros((performance.frame_count, 0))
        names, on = (tuple(one) for one in zip(*order, strict=True)) if order else ((), ())
        return Performance(performance.fps, names, on, values.astype(np.float32))


def new_action(thing: bpy.types.ID, layer: str) -> bpy.types.Action:
    """Make an empty action for a layer, marked as ours."""
    action = bpy.data.actions.new(_action_name(thing, layer))
    action[TAG] = layer
    return action


def strip_of(thing: Any, layer: str) -> bpy.types.NlaStrip | None:
    """Find the strip on a layer's track whose action is ours; None when there is none."""
    data = thing.animation_data
    track = data.nla_tracks.get(track_name(layer)) if data is not None else None
    strips = track.strips if track is not None else ()
    return next((strip for strip in strips if strip.action is not None and strip.action.get(TAG) is not None), None)


def own_strip(thing: Any, layer: str) -> bpy.types.NlaStrip | None:
    """Find the strip on a layer's track as `strip_of` does, to change its keys: copies of a head share its actions, so
    one that others play too is copied first."""
    leave_tweak_mode(thing)
    strip = strip_of(thing, layer)
    if strip is not None and strip.action.users - strip.action.use_fake_user > 1:
        slot, ends = compat.slot_of(strip), (strip.action_frame_start, strip.action_frame_end)
        strip.action = strip.action.copy()
        strip.action.name = _action_name(thing, layer)
        compat.choose_slot(strip, next((one for one in compat.slots(strip.action) if one.handle == slot.handle), None))
        strip.action_frame_start, strip.action_frame_end = ends
    return strip


def leave_tweak_mode(thing: Any) -> None:
    """Let all tracks of a thing be heard again, and its active action be the artist's, not that of a strip."""
    data = thing.animation_data
    if data is not None and data.use_tweak_mode:
        data.use_tweak_mode = False


def curves_of(target: Target, layer: str) -> dict[bpy.types.FCurve, str]:
    """Give the F-curves on a layer that are channels of a target, each with its channel; those with keys alone."""
    strip = strip_of(target.thing, layer)
    names = {(path, index): name for name, (path, index, _) in target.paths.items()}
    curves = compat.fcurves(strip.action) if strip is not None else []
    return {
        curve: names[curve.data_path, curve.array_index]
        for curve in curves
        if (curve.data_path, curve.array_index) in names and len(curve.keyframe_points)
    }


def things(body: bpy.types.Object) -> list[Any]:
    """Give what may carry a head's layers: the shape keys of its family, and its rig."""
    keys = [one.data.shape_keys for one in keymaps.members(body) if one.data.shape_keys is not None]
    rig = rig_of(body)
    return list(dict.fromkeys(keys)) + ([rig] if rig is not None else [])


def names_of(thing: Any) -> list[str]:
    """Name the layers that one thing has, from the lowest, with that which holds everything at rest."""
    data = thing.animation_data
    names = [track.name.removeprefix(track_name("")) for track in data.nla_tracks] if data is not None else []
    return [name for name in names if strip_of(thing, name)]


def names_on(body: bpy.types.Object) -> list[str]:
    """Name the layers that a head has, on its shape keys or on its rig, from the lowest."""
    found = dict.fromkeys(name for thing in things(body) for name in names_of(thing))
    return [name for name in found if name != REST]


def track_name(layer: str) -> str:
    """Give the name of a layer's track."""
    return f"Headroom {layer}"


def strength_of(strip: bpy.types.NlaStrip) -> float:
    """Give how much of a strip is played now, 0 to 1."""
    return float(strip.influence) if strip.use_animated_influence else 1.0


def set_strength(strip: bpy.types.NlaStrip, share: float) -> None:
    """Play that much of a strip throughout, 0 to 1; Blender wants a key for it, and none to play all of it."""
    strip.use_animated_influence = share < 1.0
    curve = strip.fcurves.find("influence")
    if share >= 1.0 or curve is None:
        return
    curve.keyframe_points.clear()
    curve.keyframe_points.insert(strip.frame_start, share)
    strip.influence = share


def replace_track(
    data: bpy.types.AnimData, layer: str, action: bpy.types.Action, blend: Literal["ADD", "REPLACE"] = "ADD"
) -> None:
    """Put an action on its layer's track in place of the one there; the track keeps its place and its mute, and
    the strip its strength.

    A strip that is being tweaked is left first: it may be the one that goes, and would hide what lies above it.
    """
    leave_tweak_mode(data.id_data)
    name = track_name(layer)
    track: bpy.types.NlaTrack | None = data.nla_tracks.get(name)
    if track is None:
        track = data.nla_tracks.new(prev=_track_below(data, layer))
        track.name = name
    share = 1.0
    for strip in list(track.strips):
        old, share = strip.action, strength_of(strip)
        track.strips.remove(strip)
        if old is not None and old.get(TAG) is not None and old.users == 0:
            bpy.data.actions.remove(old)
    action.name = _action_name(data.id_data, layer)
    strip = compat.nla_strip(track, action.name, int(np.floor(action.frame_range[0])), action)
    strip.frame_start = action.frame_range[0]
    strip.blend_type = blend
    strip.extrapolation = "HOLD" if layer == REST else "NOTHING"
    set_strength(strip, share)


def ensure_rest(target: Target, channels: set[str], frame: float) -> None:
    """Hold every channel at zero below the layers; without it 5.0 adds them to a shape key's default of 1."""
    data = target.thing.animation_data_create()
    track: bpy.types.NlaTrack | None = data.nla_tracks.get(track_name(REST))
    held = {target.paths[name][:2] for name in channels}
    if track is not None and track.strips and track.strips[0].action is not None:
        held |= {(curve.data_path, curve.array_index) for curve in compat.fcurves(track.strips[0].action)}
    action = new_action(target.thing, REST)
    for path, index in sorted(held):
        keyframes.fill(
            compat.fcurve(action, target.id_type, path, index), keyframes.linear(np.array([frame]), np.zeros(1))
        )
    replace_track(data, REST, action, "REPLACE")


def _rows(performance: Performance) -> dict[str, list[int]]:
    """Say in which columns a channel is."""
    found: dict[str, list[int]] = {}
    for row, channel in enumerate(performance.channels):
        found.setdefault(channel, []).append(row)
    return found


def _action_name(thing: bpy.types.ID, layer: str) -> str:
    owner = thing.user.name if isinstance(thing, bpy.types.Key) else thing.name
    return f"{owner} {layer}"


def _track_below(data: bpy.types.AnimData, layer: str) -> bpy.types.NlaTrack | None:
    """Find the topmost track of ours that belongs under `layer`; None puts a track on top of all others."""
    order = [REST, *LAYERS]
    under = order[: order.index(layer)] if layer in order else order
    return next(
        (data.nla_tracks[track_name(name)] for name in reversed(under) if track_name(name) in data.nla_tracks), None
    )
