"""Which meshes go into a file: a head with all that hangs on it."""

from __future__ import annotations

from collections.abc import Iterable

import bpy

from ...core.errors import InputError
from .gate_copy import rigs_of


def selected(context: bpy.types.Context) -> list[bpy.types.Object]:
    """Give what is active and selected with the rest of its head, of what is seen; those with shape keys first."""
    layer = context.view_layer
    chosen = [thing for thing in (layer.objects.active, *layer.objects.selected) if thing is not None]
    return _family([thing for thing in chosen if thing.type in ("MESH", "ARMATURE")], layer)


def in_file(names: Iterable[str] | None) -> list[bpy.types.Object]:
    """Give the meshes of the open scene that are meant: those of these names, seen or not, or every head that is seen.

    Raises `InputError` when there are none.
    """
    if names:
        there = [thing for thing in bpy.context.scene.objects if thing.type == "MESH"]
        return _keyed_first(thing for name in names for thing in _called(name, there))
    layer = bpy.context.view_layer
    there = [thing for thing in layer.objects if thing.type == "MESH"]
    heads = [thing for thing in there if thing.data.shape_keys is not None and thing.visible_get(view_layer=layer)]
    if not heads:
        raise InputError("no mesh with shape keys is seen in it; name the meshes that are meant with --object")
    return _family(heads, layer)


def _family(chosen: list[bpy.types.Object], layer: bpy.types.ViewLayer) -> list[bpy.types.Object]:
    """Add the meshes on the same armatures, and those parented to what was chosen or to these."""
    rigs = {thing for thing in chosen if thing.type == "ARMATURE"}
    rigs |= {rig for thing in chosen if thing.type == "MESH" for rig in rigs_of(thing)}
    above = rigs | set(chosen)
    found = [thing for thing in chosen if thing.type == "MESH"]
    for thing in layer.objects:
        belongs = thing.type == "MESH" and (thing.parent in above or rigs & set(rigs_of(thing)))
        if belongs and thing.visible_get(view_layer=layer):
            found.append(thing)
    return _keyed_first(found)


def _keyed_first(bodies: Iterable[bpy.types.Object]) -> list[bpy.types.Object]:
    return sorted(dict.fromkeys(bodies), key=lambda thing: thing.data.shape_keys is None)


def _called(name: str, there: list[bpy.types.Object]) -> list[bpy.types.Object]:
    """Find what a name means: with that of its library, `Head [props.blend]`, what is linked from there alone."""
    found = [thing for thing in there if thing.name_full == name] or [thing for thing in there if thing.name == name]
    if not found:
        raise InputError(f"--object {name}: no mesh of that name in scene {bpy.context.scene.name}")
    return found
