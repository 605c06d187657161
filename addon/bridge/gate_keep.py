"""Values that were changed and not keyed, kept while another scene is shown: what comes back is evaluated anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bpy

from .. import compat

Place = tuple[Any, str, int]
"""Data-block, data path, array index."""


@contextmanager
def unkeyed(scene: bpy.types.Scene) -> Iterator[None]:
    """Give everything animated in the file the value that it had before, once the scene is shown again."""
    before = {place: value for place in _animated() if (value := _read(place)) is not None}
    try:
        yield
    finally:
        for layer in scene.view_layers:
            layer.update()  # what is evaluated now will not be at the next redraw
        for place, value in before.items():
            if _read(place) not in (value, None):
                _write(place, value)
        for layer in scene.view_layers:
            layer.update()


def _animated() -> Iterator[Place]:
    names = [rule.identifier for rule in bpy.types.BlendData.bl_rna.properties if rule.type == "COLLECTION"]
    for one in (thing for name in names for thing in getattr(bpy.data, name)):
        for owner in (one, getattr(one, "node_tree", None)):
            data = getattr(owner, "animation_data", None)
            if data is None or one.library is not None:
                continue
            strips = (strip for track in data.nla_tracks for strip in track.strips)
            for holder in (data, *strips):
                if holder.action is not None:
                    for curve in compat.fcurves_in(holder.action, compat.slot_of(holder)):
                        yield owner, curve.data_path, curve.array_index


def _holder(owner: Any, path: str) -> tuple[Any, str, bool]:
    """Split a data path: gives what has the property, its name, and whether it is a custom one."""
    if path.endswith('"]'):
        at = path.rfind('["')
        return (owner.path_resolve(path[:at]) if at else owner), path[at + 2 : -2], True
    above, _, name = path.rpartition(".")
    return (owner.path_resolve(above) if above else owner), name, False


def _read(place: Place) -> Any:
    owner, path, index = place
    try:
        value = owner.path_resolve(path)
        return value[index] if hasattr(value, "__getitem__") and not isinstance(value, str) else value
    except (ValueError, IndexError, KeyError):  # a curve of something that is not there
        return None


def _write(place: Place, value: Any) -> None:
    owner, path, index = place
    holder, name, custom = _holder(owner, path)
    now = holder[name] if custom else getattr(holder, name)
    if hasattr(now, "__getitem__") and not isinstance(now, str):
        now[index] = value
    elif custom:
        holder[name] = value
    else:
        setattr(holder, name, value)
