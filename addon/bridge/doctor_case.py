"""What the doctor looks at: one mesh with shape keys, all animation that could move it, and what that wants to move."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import bpy
import numpy as np

from ...core.rig.doctor import PLAYBACK, Finding
from .. import compat
from . import heads, kept, layers

STILL = 1e-4
"""Values that differ by less are one: a curve with no other values holds still."""
ALWAYS = (-1e9, 1e9)
"""Frames of what has no end."""

_KEY = re.compile(r'(?:(?:data\.)?shape_keys\.)?key_blocks\[(?:"((?:[^"\\]|\\.)*)"|(\d+))\]\.value')
_NAME = re.compile(r'\["((?:[^"\\]|\\.)*)"\]')


@dataclass(frozen=True)
class Trouble:
    """A finding and what ends it."""

    finding: Finding
    cure: Callable[[], Any] | None = None


def trouble(
    what: str, thing: Any, why: str, fix: str = "", cure: Callable[[], Any] | None = None, *,
    ask: bool = False, detail: str = "", where: str = PLAYBACK,
) -> Trouble:  # fmt: skip
    """Describe a trouble of a data-block, in the order that one tells it."""
    return Trouble(Finding(what, thing.name, why, fix if cure else "", ask, detail, where), cure)


def setting(*things: Any, **values: Any) -> Callable[[], None]:
    """Give what sets properties of things when it is called."""

    def put() -> None:
        for thing in things:
            for name, value in values.items():
                setattr(thing, name, value)

    return put


@dataclass(frozen=True)
class Source:
    """An action that is put onto a data-block: as its active one, or by a strip of a track.

    thing   the data-block that is animated: the shape keys, their mesh, the object or the rig
    holder  its `AnimData`, or the strip
    track   None for the active action
    """

    thing: Any
    holder: Any
    track: Any = None

    @property
    def action(self) -> Any:
        return self.holder.action

    @property
    def data(self) -> Any:
        return self.thing.animation_data

    @property
    def name(self) -> str:
        """Name it as an animator sees it."""
        return f"action {self.action.name}" if self.track is None else f"NLA track {self.track.name}"

    @cached_property
    def curves(self) -> list[Any]:
        return compat.fcurves_in(self.action, compat.slot_of(self.holder))

    @property
    def action_curves(self) -> list[Any]:
        """Every curve of the action, of whatever slot."""
        return compat.fcurves(self.action)

    @cached_property
    def moving(self) -> list[Any]:
        """Curves with more than one value, of what is there."""
        return [curve for curve in self.curves if resolves(self.thing, curve) and moves(curve)]

    @property
    def extent(self) -> tuple[float, float]:
        """Scene frames in which it says something, with what it holds before and after."""
        if self.track is None:
            return ALWAYS if self.data.action_extrapolation == "HOLD" else tuple(self.action.frame_range)
        first, last = self.holder.frame_start, self.holder.frame_end
        return {"HOLD": ALWAYS, "HOLD_FORWARD": (first, ALWAYS[1])}.get(self.holder.extrapolation, (first, last))

    def frames(self, curves: Iterable[Any]) -> tuple[float, float] | None:
        """Give the first and last scene frame of some of its curves' keys; None without curves."""
        ends = [curve.range() for curve in curves]
        if not ends:
            return None
        first, last = min(end[0] for end in ends), max(end[1] for end in ends)
        strip = self.holder
        if self.track is None:
            return first, last
        low, high = max(first, strip.action_frame_start), min(last, strip.action_frame_end)
        start, rate = strip.frame_start, strip.scale
        until = strip.frame_end if strip.repeat > 1 else start + (high - strip.action_frame_start) * rate
        return start + (low - strip.action_frame_start) * rate, until

    @property
    def plays(self) -> bool:
        """Tell whether nothing in Blender's animation editors keeps it from being heard."""
        data = self.data
        if self.track is None:
            return not (data.use_nla and data.action_influence == 0 and any_strip(data))
        if not data.use_nla or self.track.mute or self.holder.mute or is_weak(self.holder):
            return False
        return self.track.is_solo or not any(track.is_solo for track in data.nla_tracks)


class Case:
    """One mesh, and whatever could move it or keep it still, in a scene as one view layer shows it.

    `family` are the meshes that are looked at with it: a key that is empty on the teeth may do its work on the skin.
    """

    def __init__(
        self, body: bpy.types.Object, scene: bpy.types.Scene, layer: bpy.types.ViewLayer,
        family: Iterable[bpy.types.Object] = (),
    ) -> None:  # fmt: skip
        self.body, self.scene, self.layer = body, scene, layer
        self.others = [other for other in family if other != body and other.data.shape_keys is not None]
        self.mesh: Any = body.data
        self.keys: Any = body.data.shape_keys
        self.rig = heads.rig_of(body) or parent_rig(body)

    @property
    def is_linked(self) -> bool:
        """Tell whether it comes from another file, without an override that lets it be changed."""
        return any(one is not None and kept.is_linked(one) for one in (self.body, self.mesh, self.keys))

    @cached_property
    def sources(self) -> list[Source]:
        """Every action on the keys, the mesh, the object or the rig; on each the lowest first."""
        things = [thing for thing in (self.rig, self.body, self.mesh, self.keys) if thing is not None]
        return [source for thing in things for source in sources_of(thing)]

    @cached_property
    def wanted(self) -> dict[str, list[tuple[Source, Any]]]:
        """What animation moves which shape key, whether it plays or not: name -> (source, curve)."""
        found: dict[str, list[tuple[Source, Any]]] = {}
        for source in self.sources:
            for curve in source.moving:
                name = self.key_of(source.thing, curve)
                if name:
                    found.setdefault(name, []).append((source, curve))
        return found

    @property
    def asked(self) -> list[str]:
        """Shape keys that somebody wants to move: those with animation, or all where there is none."""
        if self.keys is None:
            return []
        return list(self.wanted) or [key.name for key in self.keys.key_blocks if key != self.keys.reference_key]

    def key_of(self, thing: Any, curve: Any) -> str:
        """Name the shape key of this mesh that a curve moves; nothing when it moves anything else."""
        if thing == self.rig or self.keys is None:
            return ""
        found = _KEY.fullmatch(curve.data_path)
        if found is None or not resolves(thing, curve):
            return ""
        return self.keys.key_blocks[int(found[2])].name if found[2] else bpy.utils.unescape_identifier(found[1])

    @cached_property
    def drivers(self) -> dict[str, Any]:
        """The F-curve of each shape key's driver, by the key's name."""
        if self.keys is None or self.keys.animation_data is None:
            return {}
        named = {self.key_of(self.keys, curve): curve for curve in self.keys.animation_data.drivers}
        return {name: curve for name, curve in named.items() if name}

    @property
    def motion(self) -> tuple[float, float] | None:
        """First and last scene frame of all that moves and plays; None when nothing does."""
        ends = [source.frames(source.moving) for source in self.sources if source.plays and source.moving]
        known = [end for end in ends if end is not None]
        return (min(end[0] for end in known), max(end[1] for end in known)) if known else None

    @cached_property
    def poses(self) -> bool:
        """Tell whether somebody moves the rig: by animation, or by hand."""
        if self.rig is None:
            return False
        if any(source.moving for source in self.sources if source.thing == self.rig):
            return True
        return any(not is_identity(bone.matrix_basis) for bone in self.rig.pose.bones)


def sources_of(thing: Any) -> Iterator[Source]:
    """Give what is put onto a data-block, the lowest first."""
    data = thing.animation_data
    if data is None:
        return
    for track in data.nla_tracks:
        yield from (Source(thing, strip, track) for strip in track.strips if strip.action is not None)
    if data.action is not None and not data.use_tweak_mode:
        yield Source(thing, data)


def named_key(curve: Any) -> str:
    """Name the shape key that a curve is meant for, whether it exists or not; nothing for other paths."""
    found = _KEY.fullmatch(curve.data_path)
    return bpy.utils.unescape_identifier(found[1]) if found is not None and found[1] is not None else ""


def meant(curve: Any) -> str:
    """Say what a curve moves, for a message: the last name in its path."""
    names = _NAME.findall(curve.data_path)
    return bpy.utils.unescape_identifier(names[-1]) if names else curve.data_path


def resolves(thing: Any, curve: Any) -> bool:
    """Tell whether what a curve moves exists on a data-block."""
    try:
        thing.path_resolve(curve.data_path)
    except ValueError:
        return False
    return True


def values_of(curve: Any) -> np.ndarray:
    """Give the frames and values of a curve's keys, (K, 2)."""
    points = curve.keyframe_points if len(curve.keyframe_points) else curve.sampled_points
    found = np.empty(2 * len(points), dtype=np.float32)
    points.foreach_get("co", found)
    return found.reshape(-1, 2)


def moves(curve: Any) -> bool:
    """Tell whether a curve has more than one value; one with a modifier may have."""
    values = values_of(curve)[:, 1]
    return bool(len(values) and np.ptp(values) > STILL) or any(not modifier.mute for modifier in curve.modifiers)


def any_strip(data: Any) -> bool:
    """Tell whether an `AnimData` has a strip that is not muted."""
    return any(not strip.mute for track in data.nla_tracks if not track.mute for strip in track.strips)


def is_weak(strip: Any) -> bool:
    """Tell whether a strip's influence, where it is keyed, is zero throughout; a plain one Blender works out anew."""
    if not strip.use_animated_influence:
        return False
    curves = [curve for curve in strip.fcurves if curve.data_path == "influence"]
    return any(len(curve.keyframe_points) and not values_of(curve)[:, 1].any() for curve in curves)


def is_identity(matrix: Any) -> bool:
    """Tell whether a 4x4 matrix moves nothing."""
    return bool(np.abs(np.array(matrix) - np.eye(4)).max() < 1e-5)


def parent_rig(body: bpy.types.Object) -> Any:
    """Give the armature among an object's parents; None when there is none."""
    above = body.parent
    while above is not None and above.type != "ARMATURE":
        above = above.parent
    return above


def is_ours(action: bpy.types.Action) -> bool:
    """Tell whether Headroom wrote an action as a layer."""
    return isinstance(action.get(heads.TAG), str)


def layer_of(action: bpy.types.Action) -> str:
    """Give the layer that an action of ours was written for."""
    return str(action.get(heads.TAG))


def is_layer(track: Any) -> bool:
    """Tell whether a track is one of Headroom's layers."""
    return track.name.startswith(layers.track_name(""))
