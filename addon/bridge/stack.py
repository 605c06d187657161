"""A head's layers as an artist mixes them: mute, strength, edit, delete; each on all objects that have the layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import bpy

from .. import compat
from . import keymaps, layers, paths
from .heads import TAG, head_of, instanced, rig_of


class Place(NamedTuple):
    """Where a layer is: the animation of a head's shape keys or of its rig."""

    data: bpy.types.AnimData
    track: bpy.types.NlaTrack
    strip: bpy.types.NlaStrip


def owner(thing: bpy.types.Object | None) -> bpy.types.Object | None:
    """Give the head whose layers are meant by an active object: it, the one that an armature carries, or the one whose
    key map moves it too."""
    if thing is None or thing.type not in ("ARMATURE", "MESH"):
        return None
    if thing.type == "ARMATURE":
        carried = [one for one in thing.children if one.type == "MESH" and rig_of(one) == thing]
        most = max(carried, key=lambda one: len(layers.names_on(one)), default=None)
        return head_of(thing) or most
    above = rig_of(thing) or thing.parent
    beside = above.children if above is not None else ()
    whole = (one for one in beside if one.type == "MESH" and thing != one and thing in keymaps.members(one))
    return next(whole, thing)


def why_not(body: bpy.types.Object | None) -> str:
    """Say in one line why a head has no layers to mix, or nothing when it has."""
    if body is None or body.type != "MESH":
        return instanced(body) or "Select a head or its rig"
    if reason := keymaps.why_not(body):
        return reason
    return "" if layers.names_on(body) else f"{body.name} has no layer of keys yet; let it speak first"


def places(body: bpy.types.Object, layer: str) -> Iterator[Place]:
    """Give every place where a head has a layer."""
    for thing in layers.things(body):
        strip, data = layers.strip_of(thing, layer), thing.animation_data
        if strip is not None and data is not None:
            yield Place(data, data.nla_tracks[layers.track_name(layer)], strip)


def is_shown(body: bpy.types.Object, layer: str) -> bool:
    """Tell whether a layer is not muted, at least somewhere."""
    return any(not place.track.mute for place in places(body, layer))


def show(body: bpy.types.Object, layer: str, shown: bool) -> None:
    """Mute a layer, or let it move the head again."""
    for place in places(body, layer):
        place.track.mute = not shown


def solo(body: bpy.types.Object, layer: str) -> bool:
    """Mute all other layers, or none any more where they are; tells whether the layer is alone now."""
    others = [name for name in layers.names_on(body) if name != layer]
    alone = not is_shown(body, layer) or any(is_shown(body, name) for name in others)
    show(body, layer, True)
    for name in others:
        show(body, name, not alone)
    return alone


def strength(body: bpy.types.Object, layer: str) -> float:
    """Give how much of a layer is played, 0 to 1."""
    return next((layers.strength_of(place.strip) for place in places(body, layer)), 1.0)


def set_strength(body: bpy.types.Object, layer: str, share: float) -> None:
    """Play that much of a layer, 0 to 1."""
    for place in places(body, layer):
        layers.set_strength(place.strip, share)


def edited(body: bpy.types.Object) -> str:
    """Name the layer whose keys are open to be edited, empty for none."""
    for layer in layers.names_on(body):
        if any(place.data.use_tweak_mode and place.data.action == place.strip.action for place in places(body, layer)):
            return layer
    return ""


def edit(body: bpy.types.Object, layer: str, view_layer: bpy.types.ViewLayer) -> None:
    """Open a layer's keys to be edited (NLA tweak mode), and select what the Dope Sheet shows them of.

    Blender does not play what lies above them meanwhile. A strip grows with keys that are set beyond its end.
    """
    leave(body)
    for thing in layers.things(body):
        layers.own_strip(thing, layer)  # the keys of a copy are not those of the original
    for place in places(body, layer):
        for track in place.data.nla_tracks:
            track.select = False
            for strip in track.strips:
                strip.select = strip == place.strip
        place.data.nla_tracks.active = place.track
        place.track.mute, place.strip.use_sync_length = False, True
        place.data.use_tweak_mode = True
        _select(place, body, view_layer)


def leave(body: bpy.types.Object) -> None:
    """Close the keys that are being edited; they stay as they are."""
    for thing in layers.things(body):
        layers.leave_tweak_mode(thing)


def delete(body: bpy.types.Object, layer: str) -> None:
    """Take a layer away; with the last one everything is left at rest."""
    leave(body)
    for place in list(places(body, layer)):
        _remove(place)
    for thing in layers.things(body):
        data, rest = thing.animation_data, layers.strip_of(thing, layers.REST)
        if rest is None or layers.names_of(thing) != [layers.REST]:
            continue
        for curve in compat.fcurves(rest.action):
            held, name = paths.owner_of(thing, curve.data_path)
            if held is not None:
                paths.put(held, name, curve.array_index, 0.0)
        _remove(Place(data, data.nla_tracks[layers.track_name(layers.REST)], rest))


def _remove(place: Place) -> None:
    """Take a strip away, its action when nobody else plays it, and the track when nothing else is on it."""
    action = place.strip.action
    place.track.strips.remove(place.strip)
    if not place.track.strips:
        place.data.nla_tracks.remove(place.track)
    if action.get(TAG) is not None and action.users == 0:
        bpy.data.actions.remove(action)


def _select(place: Place, body: bpy.types.Object, view_layer: bpy.types.ViewLayer) -> None:
    """Select the object, and the bones, that a place moves: editors of animation show keys of what is selected."""
    thing = place.data.id_data
    shown = [
        one
        for one in (rig_of(body), *keymaps.members(body))
        if one is not None and thing in (one, one.data.shape_keys if one.type == "MESH" else None)
    ]
    for one in shown:
        if one.name in view_layer.objects:
            one.select_set(True, view_layer=view_layer)
        if one.type == "ARMATURE":
            moved = {curve.data_path.rpartition(".")[0] for curve in compat.fcurves(place.strip.action)}
            for bone in one.pose.bones:
                if bone.path_from_id() in moved:
                    compat.select_bone(bone)
