"""A `Head` as an artist wants to find it in a scene, and the way back to what it was made from."""

from __future__ import annotations

import json
from typing import Any

import bpy

from ...core.head.head import Head
from ...core.performance import SHAPES
from . import armatures, correctives, materials, meshes

TAG = "headroom"
"""Custom property that marks what Headroom made; on a head it holds the attributes and provenance as JSON."""


def add_head(head: Head, name: str = "Head", scene: bpy.types.Scene | None = None) -> bpy.types.Object:
    """Put a head into a scene, in a collection of its own, and give its mesh object.

    It is *one* mesh for skin, eyes, teeth and tongue, with a material slot per part: the shape keys then exist once,
    so one action moves all of it, drivers have one target, and a game engine gets one skinned mesh with morph targets.
    Jaw and eyes move by shape keys; the jaw and eye bones carry weights for posing by hand on top of that, and
    nothing that Headroom writes turns them, so no motion is ever counted twice.
    """
    scene = scene or bpy.context.scene
    collection = bpy.data.collections.new(name)
    scene.collection.children.link(collection)
    mesh = meshes.new_mesh(name, head)
    materials.fill_slots(mesh, meshes.tints(head))
    body = bpy.data.objects.new(name, mesh)
    collection.objects.link(body)
    meshes.add_shapes(body, head)
    if head.joint_names:
        rig = armatures.new_armature(f"{name} Rig", head, collection, scene)
        meshes.add_skin_weights(body, head)
        body.parent = rig
        modifier: Any = body.modifiers.new("Armature", "ARMATURE")
        modifier.object = rig
    correctives.connect(body, rig_of(body))
    body[TAG] = json.dumps({"attributes": head.attributes, "provenance": head.provenance}, default=str)
    select_only(body)
    return body


def select_only(body: bpy.types.Object) -> None:
    """Make an object the active and only selected one, as after adding it by hand."""
    for other in bpy.context.view_layer.objects:
        other.select_set(other == body)
    bpy.context.view_layer.objects.active = body


def rig_of(body: bpy.types.Object) -> bpy.types.Object | None:
    """Give the armature that deforms a mesh object, or None."""
    modifiers: Any = body.modifiers
    return next((one.object for one in modifiers if one.type == "ARMATURE" and one.object), None)


def recipe(body: bpy.types.Object) -> dict[str, Any]:
    """Tell what a head was made from (`attributes`, `provenance`); empty for a mesh that is not ours."""
    try:
        return json.loads(body.get(TAG, "{}"))
    except (TypeError, ValueError):
        return {}


def why_not(body: bpy.types.Object | None) -> str:
    """Say in one line why a mesh cannot speak, or nothing when it can."""
    if body is None or body.type != "MESH":
        return "Select a head: a mesh with shape keys"
    if body.data.shape_keys is None or len(body.data.shape_keys.key_blocks) < 2:
        return f"{body.name} has no shape keys; generate a head or add ARKit shapes to it"
    if not set(SHAPES) & set(body.data.shape_keys.key_blocks.keys()):
        return f"{body.name} has no shape key with an ARKit name such as jawOpen"
    if body.library is not None or body.data.library is not None:
        return f"{body.name} is linked from another file; make a library override of it first"
    return ""
