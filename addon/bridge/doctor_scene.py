"""What may be wrong with objects: hidden, a rig at rest, modifiers that are off, missing, astray or in the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy

from ...core.rig.doctor import EXPORT, few
from .doctor_case import Case, Trouble, setting, trouble

FOLLOWERS = ("MESH_CACHE", "MESH_SEQUENCE_CACHE", "SURFACE_DEFORM", "MESH_DEFORM", "LATTICE")
"""Modifiers that alone may move a mesh which has no animation of its own."""

RESHAPING = (
    "ARRAY", "BEVEL", "BOOLEAN", "BUILD", "DECIMATE", "EDGE_SPLIT", "MASK", "MIRROR", "MULTIRES", "NODES", "REMESH",
    "SCREW", "SKIN", "SOLIDIFY", "SUBSURF", "TRIANGULATE", "WELD", "WIREFRAME",
)  # fmt: skip
"""Modifiers that change the number of vertices: exporters that apply them leave shape keys out."""


def check(case: Case) -> Iterator[Trouble]:
    """Look for what hides a mesh, and what is wrong with its rig and its modifiers."""
    yield from _hidden(case)
    yield from _rest(case)
    yield from _armature(case)
    yield from _modifiers(case)


def _hidden(case: Case) -> Iterator[Trouble]:
    body = case.body
    if not body.visible_get(view_layer=case.layer):
        name = body.name
        yield trouble("hidden", body, f"{name} is hidden in the viewport", "Show", lambda: show(body, case.layer))


def show(body: bpy.types.Object, layer: bpy.types.ViewLayer) -> None:
    """Show an object: by its own switches, then by those of one collection that it is in."""
    body.hide_viewport = False
    for chain in _chains(layer.layer_collection, body):
        for one in chain:
            one.exclude = one.hide_viewport = False
            one.collection.hide_viewport = False
        break
    layer.update()
    if body.name in layer.objects:
        body.hide_set(False, view_layer=layer)


def _chains(top: Any, body: bpy.types.Object, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the collections that lead to an object, from below the scene's own on."""
    if any(thing == body for thing in top.collection.objects):
        yield above
    for child in top.children:
        yield from _chains(child, body, (*above, child))


def _rest(case: Case) -> Iterator[Trouble]:
    if case.rig is not None and case.rig.data.pose_position == "REST":
        yield trouble(
            "rest_position", case.rig, f"{case.rig.name} is set to Rest Position: no bone moves", "Pose Position",
            setting(case.rig.data, pose_position="POSE"),
        )  # fmt: skip


def _armature(case: Case) -> Iterator[Trouble]:
    """The modifier that lets bones move the mesh: missing, without a rig or with another one, or off."""
    body, rig = case.body, _fitting_rig(case)
    found: list[Any] = [one for one in body.modifiers if one.type == "ARMATURE"]
    if not found:
        if rig is not None and rig == case.rig and case.poses and body.parent_type not in ("ARMATURE", "BONE"):
            yield trouble(
                "armature_missing", body, f"{body.name} has no Armature modifier: bones of {rig.name} do not move it",
                "Add Modifier", lambda: _add_armature(body, rig),
            )  # fmt: skip
        return
    for one in found:
        if (one.object is None or not _fits(body, one.object)) and rig is not None:
            where = f"points to {one.object.name}" if one.object is not None else "has no rig"
            yield trouble(
                "armature_wrong", body, f"The Armature modifier of {body.name} {where}; its groups are of {rig.name}",
                f"Use {rig.name}", setting(one, object=rig), detail=one.name,
            )  # fmt: skip
        elif one.object is not None and not one.show_viewport and case.poses:
            yield trouble(
                "armature_off", body, f"The Armature modifier of {body.name} is off in the viewport", "Switch On",
                setting(one, show_viewport=True), detail=one.name,
            )  # fmt: skip


def _add_armature(body: bpy.types.Object, rig: bpy.types.Object) -> None:
    modifier: Any = body.modifiers.new("Armature", "ARMATURE")
    modifier.object = rig
    if len(body.modifiers) > 1:
        body.modifiers.move(len(body.modifiers) - 1, 0)


def _fits(body: bpy.types.Object, rig: bpy.types.Object) -> bool:
    return rig.type == "ARMATURE" and any(group.name in rig.data.bones for group in body.vertex_groups)


def _fitting_rig(case: Case) -> Any:
    """Give the rig whose bones have vertex groups here: a parent at best, else one in the scene."""
    above, rigs = case.body.parent, []
    while above is not None:
        rigs.append(above)
        above = above.parent
    rigs += [case.rig] if case.rig is not None else []
    rigs += [thing for thing in case.scene.objects if thing.type == "ARMATURE"]
    return next((rig for rig in rigs if _fits(case.body, rig)), None)


def _modifiers(case: Case) -> Iterator[Trouble]:
    body = case.body
    off = [one for one in body.modifiers if one.type in FOLLOWERS and not one.show_viewport]
    if off and not case.wanted and not case.poses:
        names = few(one.name for one in off)
        yield trouble(
            "deformer_off", body, f"Modifier {names} of {body.name} is off in the viewport", "Switch On",
            setting(*off, show_viewport=True),
        )  # fmt: skip
    over = [one for one in body.modifiers if one.show_viewport and _overwrites(one)]
    if over and case.wanted:
        names = few(one.name for one in over)
        yield trouble(
            "overwritten", body, f"Modifier {names} puts a cache in the place of what shape keys of {body.name} do",
            "Switch Off", setting(*over, show_viewport=False), ask=True,
        )  # fmt: skip
    drops = [one.name for one in body.modifiers if one.show_render and one.type in RESHAPING]
    if drops and case.keys is not None:
        yield trouble(
            "drops_on_export", body, f"Export with modifiers applied drops the shape keys of {body.name}: {few(drops)}",
            where=EXPORT,
        )  # fmt: skip


def _overwrites(modifier: Any) -> bool:
    """Tell whether a modifier gives every vertex a place of its own, whatever shape keys did."""
    if modifier.type == "MESH_CACHE":
        whole = modifier.factor > 0.99 and not modifier.vertex_group and modifier.deform_mode == "OVERWRITE"
        return whole and Path(bpy.path.abspath(modifier.filepath)).is_file()
    return modifier.type == "MESH_SEQUENCE_CACHE" and modifier.cache_file is not None and "VERT" in modifier.read_data
