"""The key map of a character on its objects: each mesh keeps what its own keys answer, the head knows its family.

So the map survives renaming, appending and another file, and needs no registered property.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import bpy
import numpy as np

from ...core.errors import InputError
from ...core.rig import names, viseme_names
from ...core.rig.keymap import CHANNELS, Entry, KeyMap
from . import kept
from .bone_roles import channels

if TYPE_CHECKING:
    from ...core.rig.recognise import Piece

MAP = "headroom_keymap"
"""Custom property of a mesh object: its own part of the map as JSON."""

FAMILY = "headroom_family"
"""Custom property of a head: the other objects that its map moves."""

HEADS = "headroom_heads"
"""Custom property of an object that a head's map moves: the heads that do."""

DRIVEN = re.compile(r'key_blocks\["((?:[^"\\]|\\.)*)"\]\.value')
"""The path of a shape key's value."""


def family_of(body: bpy.types.Object, chosen: Iterable[bpy.types.Object] = ()) -> list[bpy.types.Object]:
    """Give the meshes with shape keys that belong to a head, it first: on its rig, parented to it or beside it, in a
    collection of its own, or `chosen` by hand."""
    rig = _rig_of(body)
    found = [body, *chosen]
    for scene in body.users_scene:
        for other in scene.objects:
            beside = other.parent is not None and other.parent in (body, body.parent)
            if beside or (rig is not None and _rig_of(other) == rig):
                found.append(other)
    own = [one for one in body.users_collection if all(one != scene.collection for scene in body.users_scene)]
    found += [other for collection in own if _one_character(collection, rig) for other in collection.objects]
    meshes = [one for one in found if one.type == "MESH" and one.data.shape_keys is not None]
    return list({one.name_full: one for one in meshes}.values())


def members(body: bpy.types.Object) -> list[bpy.types.Object]:
    """Give the objects that a head's map moves, it first; itself alone when there is no map.

    A copy of a head still points at the parts of the original, which do not know the copy and stay that one's.
    """
    others = [one for one in kept.objects(body, FAMILY) if _has_keys(one) and one != body]
    return [body, *(one for one in others if body in kept.objects(one, HEADS) or kept.get(one, HEADS) is None)]


def map_of(body: bpy.types.Object) -> KeyMap:
    """Give the map of a head and its family: what is stored, or what the names of its own keys say."""
    if not has_map(body):
        return names.map_by_names({body.name: _keys(body)})
    return KeyMap(tuple(entry for one in members(body) for entry in own_map(one).entries))


def own_map(thing: bpy.types.Object) -> KeyMap:
    """Give what is stored on one object, for keys that are still there; nothing where it is damaged."""
    stored = kept.get(thing, MAP)
    return _read(stored, thing.name, _keys(thing)) if isinstance(stored, str) else KeyMap()


def table(thing: bpy.types.Object) -> tuple[Entry, ...]:
    """Give the entries of one object's keys: what is stored, or what their names say."""
    return (own_map(thing) if has_map(thing) else names.map_by_names({thing.name: _keys(thing)})).entries


def has_map(body: bpy.types.Object) -> bool:
    """Tell whether a map is stored on an object."""
    return isinstance(kept.get(body, MAP), str)


def channels_of(body: bpy.types.Object) -> tuple[str, ...]:
    """Give every channel that a head answers."""
    return map_of(body).channels if _has_keys(body) else ()


def speaks(body: bpy.types.Object) -> str:
    """Give the set in which a head speaks, as `viseme_names.speaks` does, by its map; by its jaw bone where no key
    speaks."""
    jaw = viseme_names.ARKIT if "jawOpen" in channels(_rig_of(body)) else ""
    return viseme_names.speaks(_spoken(body)) or jaw


def chosen(target: str, body: bpy.types.Object) -> str:
    """Give what moves on a head: `target`, or what it speaks in when that is "auto"."""
    return speaks(body) or viseme_names.ARKIT if target == "auto" else target


def _spoken(body: bpy.types.Object) -> tuple[str, ...]:
    """Give the channels of a head that say something of its kind: a key called "Smile" alone does not speak."""
    sure = (one for one in map_of(body).entries if one.how != "name" or one.score > names.COARSE)
    return tuple(dict.fromkeys(one.channel for one in sure))


def store(body: bpy.types.Object, found: KeyMap, family: Iterable[bpy.types.Object]) -> None:
    """Keep a map on a head and its family. Keys that go both ways get a range that lets them."""
    others = [one for one in family if one != body]
    for one in (body, *others):
        entries = tuple(entry for entry in found.entries if entry.object == one.name)
        _keep(one, entries)
    kept.put(body, FAMILY, _numbered(others))
    for one in others:
        kept.put(one, HEADS, _numbered(dict.fromkeys((*kept.objects(one, HEADS), body))))


def fitted(found: KeyMap, family: Iterable[bpy.types.Object]) -> tuple[KeyMap, int]:
    """Give a preset of another character for this family: objects by their names, else by their keys; and how many of
    its entries are for keys that nobody here has."""
    family = list(family)
    there = {one.name: set(_keys(one)) for one in family}
    renamed: dict[str, str] = {}
    for name in found.objects:
        keys = {entry.key for entry in found.entries if entry.object == name}
        alike = {one: len(keys & own) for one, own in there.items()}
        best = max(alike, key=lambda one: (alike[one], one == name), default=name)
        renamed[name] = name if alike.get(name) else best
    entries = [one for one in found.renamed(renamed).entries if one.key in there.get(one.object, ())]
    return KeyMap(tuple(dict.fromkeys(entries))), len(found.entries) - len(entries)


def forget(body: bpy.types.Object) -> None:
    """Take the map off a head and its family; names alone are read again."""
    for one in members(body):
        kept.put(one, MAP, None)
    kept.put(body, FAMILY, None)


def answer(thing: bpy.types.Object, key: str, pairs: dict[str, float]) -> None:
    """Let a key of an object answer channels with weights, set by hand; none lets it rest.

    An object without a map gets what its names say first. Raises `InputError` on unknown channels.
    """
    if wrong := [channel for channel in pairs if channel not in CHANNELS]:
        raise InputError(f"{wrong[0]} is no channel; choose one of ARKit's shapes or a viseme")
    if key not in _keys(thing):
        raise InputError(f"{thing.name} has no shape key {key}; choose one in the table")
    kept = tuple(one for one in table(thing) if one.key != key)
    made = tuple(Entry(thing.name, key, channel, weight, 1.0, "hand") for channel, weight in pairs.items())
    _keep(thing, (*kept, *made))


def driven(thing: bpy.types.Object) -> set[str]:
    """Name the keys of an object that drivers move: those are left to their drivers."""
    data = thing.data.shape_keys.animation_data if thing.data.shape_keys is not None else None
    paths = [curve.data_path for curve in data.drivers if not curve.mute] if data is not None else []
    found = (DRIVEN.fullmatch(path) for path in paths)
    return {bpy.utils.unescape_identifier(one.group(1)) for one in found if one is not None}


def is_locked(thing: bpy.types.Object) -> bool:
    """Tell whether an object or its keys are linked from another file, where nothing that is written would be saved."""
    return any(kept.is_linked(block) for block in (thing, thing.data, thing.data.shape_keys) if block is not None)


def why_not(thing: bpy.types.Object) -> str:
    """Say in one line why nothing can be written onto an object's keys, or nothing when it can."""
    if is_locked(thing):
        return f"{thing.name} is linked from another file; press Why Is Nothing Moving? and Override under Doctor"
    return ""


def pieces(family: Iterable[bpy.types.Object]) -> Iterator[Piece]:
    """Read the objects of a family into arrays, in world space, one at a time."""
    from ...core.rig.recognise import Piece

    for one in family:
        turn = np.array(one.matrix_world, np.float64)
        blocks = one.data.shape_keys.key_blocks
        rest = _points(one.data.shape_keys.reference_key)
        moved = {key.name: _points(key) - _points(key.relative_key) for key in blocks if key.name in _keys(one)}
        triangles = _triangles(one.data)
        keys = {name: (delta @ turn[:3, :3].T).astype(np.float32) for name, delta in moved.items()}
        yield Piece(one.name, rest @ turn[:3, :3].T + turn[:3, 3], triangles, keys)


def _triangles(mesh: Any) -> np.ndarray:
    mesh.calc_loop_triangles()
    read = np.empty(len(mesh.loop_triangles) * 3, np.int32)
    mesh.loop_triangles.foreach_get("vertices", read)
    return read.reshape(-1, 3)


def _points(key: Any) -> np.ndarray:
    read = np.empty(len(key.points) * 3, np.float32)
    key.points.foreach_get("co", read)
    return read.reshape(-1, 3).astype(np.float64)


def _keep(thing: bpy.types.Object, entries: tuple[Entry, ...]) -> None:
    kept.put(thing, MAP, KeyMap(entries).to_json())
    blocks = thing.data.shape_keys.key_blocks
    for entry in entries:
        if entry.weight < 0 and entry.key in blocks:
            blocks[entry.key].slider_min = min(blocks[entry.key].slider_min, max(entry.weight, -10))


def _numbered(things: Iterable[bpy.types.Object]) -> dict[str, bpy.types.Object]:
    return {f"{number:03}": one for number, one in enumerate(things)}


def _keys(thing: bpy.types.Object) -> tuple[str, ...]:
    """Name an object's keys but the one at rest."""
    keys = thing.data.shape_keys
    if keys is None:
        return ()
    rest = keys.reference_key
    return tuple(key.name for key in keys.key_blocks if key != rest)


def _has_keys(thing: bpy.types.Object) -> bool:
    return thing.type == "MESH" and thing.data is not None and thing.data.shape_keys is not None


def _rig_of(thing: bpy.types.Object) -> bpy.types.Object | None:
    modifiers: Any = thing.modifiers
    return next((one.object for one in modifiers if one.type == "ARMATURE" and one.object), None)


def _one_character(collection: bpy.types.Collection, rig: bpy.types.Object | None) -> bool:
    """Tell whether a collection holds one character: no rig but its own."""
    rigs = {_rig_of(one) for one in collection.objects if one.type == "MESH"} - {None, rig}
    return not rigs and sum(one.type == "ARMATURE" for one in collection.objects) <= 1


@lru_cache(maxsize=32)
def _read(text: str, name: str, keys: tuple[str, ...]) -> KeyMap:
    try:
        entries = KeyMap.from_json(text).entries
    except InputError:
        return KeyMap()
    return KeyMap(tuple(replace(one, object=name) for one in entries if one.key in keys))
