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
    """Give the meshes of the open scene that are meant: those of these names, or every head that is seen.

    Raises `InputError` when there are none.
    """
    layer = bpy.context.view_layer
    there = [thing for thing in layer.objects if thing.type == "MESH"]
    if names:
        missing = [name for name in names if name not in {thing.name for thing in there}]
        if missing:
            raise InputError(f"--object {missing[0]}: no mesh of that name in scene {bpy.context.scene.name}")
        return [thing for thing in there if thing.name in set(names)]
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
    return sorted(dict.fromkeys(found), key=lambda thing: thing.data.shape_keys is None)
