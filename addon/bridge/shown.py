"""A performance shown on a head without keys: its properties are set, and what they were is kept beside them.

It is kept in a custom property of the very data-block whose properties are set. So no step of undo, no copy that was
saved by itself and no crash has the one without the other, and all can be put back from what is in the file alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np

from ...core.performance import Performance
from .. import compat
from . import actions, kept, keymaps, layers, paths
from .heads import TAG

MARK = "headroom_preview"
"""Custom property of what is shown: as JSON, path -> [what it was, what was set where only that is taken back]."""

SAME = 1e-6
"""Values that differ by less are one."""

Place = tuple[str, int]
"""A data path and an array index."""


@dataclass
class Held:
    """One data-block that is moved, by name and id: never as itself, as an undo makes another of it.

    Row c of `matrix` (C, P) says how far channel c moves each of `places`, with factors; `moved` (P,) which of them
    the channels move at all. `plain` is what Blender made of a place itself, `below` that without Headroom's own layer.
    """

    kind: str
    name: str
    uid: int
    places: list[Place]
    matrix: np.ndarray
    moved: np.ndarray
    marked: set[str] = field(default_factory=set)
    plain: dict[Place, float] = field(default_factory=dict)
    below: dict[Place, float] = field(default_factory=dict)
    written: dict[Place, float] = field(default_factory=dict)

    @property
    def thing(self) -> Any:
        """The data-block; None when it has gone."""
        things = getattr(bpy.data, self.kind)
        found = things.get(self.name)
        if found is None or found.session_uid != self.uid:  # renamed, or called like one of a library
            found = next((one for one in things if one.session_uid == self.uid), None)
        return found


def hold(body: bpy.types.Object, channels: tuple[str, ...], layer: str) -> list[Held]:
    """Find what channels on a layer move of a head and its family."""
    each = Performance(1.0, channels, (layer,) * len(channels), np.eye(len(channels), dtype=np.float32))
    found = []
    for target in actions.targets_of(body):
        part = target.take(each)
        matrix = np.zeros((len(channels), len(target.paths)), np.float32)
        column = {name: number for number, name in enumerate(target.paths)}
        for name, values in zip(part.channels, part.values.T, strict=True):
            matrix[:, column[name]] = values * target.paths[name][2]
        places = [(path, index) for path, index, _ in target.paths.values()]
        kind = "shape_keys" if target.id_type == "KEY" else "objects"
        moved = np.array([name in part.channels for name in target.paths])
        found.append(Held(kind, target.thing.name, target.thing.session_uid, places, matrix, moved))
    return found


def signature(body: bpy.types.Object) -> tuple[Any, ...]:
    """Give what differs when a head's keys, drivers or map were changed so that it has to be held anew; cheap."""
    keys = body.data.shape_keys
    data = keys.animation_data if keys is not None else None
    return (
        len(keys.key_blocks) if keys is not None else 0, len(data.drivers) if data is not None else 0,
        kept.get(body, keymaps.MAP), len(kept.get(body, keymaps.FAMILY) or ()), body.data.session_uid,
    )  # fmt: skip


def is_still(held: Held) -> bool:
    """Tell whether Blender moves nothing of a data-block by itself: what is set before a new frame is seen in it."""
    data = held.thing.animation_data if held.thing is not None else None
    return data is None or (data.action is None and not len(data.nla_tracks))


def show(held: Held, layer: str, row: np.ndarray, frame: float, evaluated: bool) -> None:
    """Let a data-block have the channels of `row` (C,) at a scene frame, as it would if they were keys on a layer.

    Keys by hand win, other layers are added, and what is on that layer now is not seen. `evaluated` says that Blender
    has made its values for this frame itself, since they were set here.
    """
    thing = held.thing
    if thing is None:
        return
    by_hand, stacked, old = _animated(thing, layer, frame)
    values = row @ held.matrix
    for place, value, moved in zip(held.places, values.tolist(), held.moved, strict=True):
        if place in by_hand or not (moved or place in old):
            continue
        owner, name = paths.owner_of(thing, place[0])
        if owner is None:
            continue
        if place[0] not in held.marked:
            _remember(thing, place[0], owner, name)
            held.marked.add(place[0])
        _turnable(owner, name)
        now = paths.read(owner, name, place[1])
        if place in stacked:
            if evaluated or place not in held.below:
                held.plain[place] = now
                held.below[place] = _without(thing, layer, frame, place, owner, now, old.get(place, 0.0))
            value += held.below[place]
        if abs(value - now) > SAME:
            paths.put(owner, name, place[1], value)
        if place in stacked:
            held.written[place] = paths.read(owner, name, place[1])


def disturbed(held: Held) -> bool:
    """Tell whether Blender has made its own values of a data-block anew since they were set here."""
    thing = held.thing
    for (path, index), value in held.written.items() if thing is not None else ():
        owner, name = paths.owner_of(thing, path)
        if owner is not None and abs(paths.read(owner, name, index) - value) > SAME:
            return True
    return False


def evaluate_again(held: Held) -> None:
    """Have Blender make its own values of a data-block at the next update."""
    if held.thing is not None and not is_still(held):
        held.thing.update_tag(refresh={"TIME"})


def lend(thing: bpy.types.ID, values: dict[str, Any]) -> None:
    """Set properties of a data-block until it is put back; who changed them meanwhile keeps that."""
    kept = _kept(thing)
    for name, value in values.items():
        if getattr(thing, name) != value:
            kept[name] = [kept[name][0] if name in kept else getattr(thing, name), value]
            setattr(thing, name, value)
    if kept:
        thing[MARK] = json.dumps(kept)


def marked() -> Iterator[Any]:
    """Give every data-block on which something is shown that is not its own."""
    for things in (bpy.data.shape_keys, bpy.data.objects, bpy.data.scenes):
        yield from [thing for thing in things if thing.get(MARK) is not None and thing.library is None]


def put_back(thing: Any, plain: dict[Place, float] | None = None) -> None:
    """Give a data-block back what it had; `plain` are values that Blender made itself for the current frame."""
    for path, (before, lent) in _kept(thing).items():
        owner, name = paths.owner_of(thing, path)
        if owner is not None and (lent is None or getattr(owner, name) == lent):
            setattr(owner, name, before)
    for (path, index), value in (plain or {}).items():
        owner, name = paths.owner_of(thing, path)
        if owner is not None:
            paths.put(owner, name, index, value)
    if thing.get(MARK) is not None:
        del thing[MARK]
    if thing.id_type != "SCENE" and thing.animation_data is not None:
        thing.update_tag(refresh={"TIME"})  # the mark may be of another frame


def _animated(thing: Any, layer: str, frame: float) -> tuple[set[Place], set[Place], dict[Place, float]]:
    """Tell the places that keys by hand hold, those that layers are added up for, and what a layer adds now."""
    data = thing.animation_data
    if data is None:
        return set(), set(), {}
    action = data.action if data.action is not None and data.action.get(TAG) is None else None
    curves = compat.fcurves_in(action, compat.slot_of(data)) if action is not None and data.action_influence else []
    held = {(one.data_path, one.array_index) for one in curves if not one.mute}
    replaces = data.action_blend_type == "REPLACE"
    by_hand, stacked = (held, set()) if replaces else (set(), held)
    if data.use_nla:
        stacked |= {(one.data_path, one.array_index) for one in _curves(thing, layers.REST, None)}
    return by_hand, stacked, _added(thing, layer, frame)


def _curves(thing: Any, layer: str, frame: float | None) -> list[bpy.types.FCurve]:
    """Give the curves of a layer that is heard: neither muted nor beside a solo, and at a frame where one is given."""
    data, strip = thing.animation_data, layers.strip_of(thing, layer)
    if strip is None or strip.mute or not data.use_nla:
        return []
    track = data.nla_tracks[layers.track_name(layer)]
    if track.mute or (not track.is_solo and any(one.is_solo for one in data.nla_tracks)):
        return []
    if frame is not None and not strip.frame_start <= frame <= strip.frame_end:
        return []
    return [one for one in compat.fcurves(strip.action) if not one.mute]


def _added(thing: Any, layer: str, frame: float) -> dict[Place, float]:
    """Give what a layer adds to each place at a scene frame."""
    curves = _curves(thing, layer, frame)
    if not curves:
        return {}
    strip = layers.strip_of(thing, layer)
    time = strip.action_frame_start + (frame - strip.frame_start) / strip.scale
    far = layers.strength_of(strip)
    return {(one.data_path, one.array_index): one.evaluate(time) * far for one in curves}


def _without(thing: Any, layer: str, frame: float, place: Place, owner: Any, now: float, old: float) -> float:
    """Give a value without what a layer adds to it. Where it was cut off at a key's range, it is added up anew."""
    cut = old and isinstance(owner, bpy.types.ShapeKey) and not owner.slider_min < now < owner.slider_max
    if not cut:
        return now - old
    others = (name for name in layers.names_of(thing) if name not in (layer, layers.REST))
    return sum(_added(thing, name, frame).get(place, 0.0) for name in others)


def _kept(thing: Any) -> dict[str, list[Any]]:
    try:
        kept = json.loads(thing.get(MARK) or "{}")
    except (ValueError, TypeError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _remember(thing: Any, path: str, owner: Any, name: str) -> None:
    """Keep what a property is, for `put_back`; of a bone all of its turn."""
    kept = _kept(thing)
    if path not in kept:
        kept[path] = [_plain(getattr(owner, name)), None]
        if isinstance(owner, bpy.types.PoseBone):
            stem = path.removesuffix(name)
            ways = ("rotation_mode", "rotation_quaternion", "rotation_axis_angle")
            kept = {stem + one: [_plain(getattr(owner, one)), None] for one in ways} | kept
        thing[MARK] = json.dumps(kept)


def _turnable(owner: Any, name: str) -> None:
    """Have a bone turn by Euler angles where those are to be set, as `bones.let_turn` does."""
    if name == "rotation_euler" and owner.rotation_mode in ("QUATERNION", "AXIS_ANGLE"):
        owner.rotation_mode = "XYZ"


def _plain(value: Any) -> Any:
    return value if isinstance(value, float | str) else list(value)
