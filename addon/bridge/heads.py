"""A `Head` as an artist wants to find it in a scene, and the way back to what it was made from."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import bpy
import numpy as np

from ...core.errors import InputError
from ...core.head.head import Head
from . import armatures, correctives, kept, keymaps, materials, meshes

if TYPE_CHECKING:
    from ...core.head.identity import Identity

TAG = "headroom"
"""Custom property that marks what Headroom made; on a head it holds as JSON what the head was made from."""

STAMP = "headroom_made"
"""Custom property of what is made for one person (rig, images): says which, so that undo cannot mix two people."""

DRAWN = "headroom_drawn"
"""Custom property of a head: the identity that its basis shows."""

SCULPTED = 1e-4
"""Metres; what differs less than this from the model was not sculpted."""


def add_head(
    head: Head, identity: Identity | None = None, level: str = "standard", name: str = "Head",
    scene: bpy.types.Scene | None = None,
) -> bpy.types.Object:  # fmt: skip
    """Put a head into a scene, in a collection of its own, and give its mesh object.

    It is *one* mesh for skin, eyes, teeth and tongue, with a material slot per part: the shape keys then exist once,
    so one action moves all of it, drivers have one target, and a game engine gets one skinned mesh with morph targets.
    Jaw and eyes move by shape keys; the jaw and eye bones carry weights for posing by hand on top of that, and
    nothing that Headroom writes turns them, so no motion is ever counted twice.

    With its identity stored, the head can be changed later or made again.
    """
    scene = scene or bpy.context.scene
    collection = bpy.data.collections.new(name)
    scene.collection.children.link(collection)
    mesh = meshes.new_mesh(name, head)
    materials.fill_slots(mesh, head)
    body = bpy.data.objects.new(name, mesh)
    collection.objects.link(body)
    meshes.add_shapes(body, head)
    if head.joint_names:
        rig = armatures.new_armature(f"{name} Rig", head, collection, scene)
        meshes.add_skin_weights(body, head)
        body.parent = rig
        modifier: Any = body.modifiers.new("Armature", "ARMATURE")
        modifier.object = rig
    meshes.add_part_groups(body, head)
    correctives.connect(body, rig_of(body), head.shape_names)
    remember(body, head, identity, level)
    select_only(body)
    return body


def units_per_metre(scene: bpy.types.Scene) -> float:
    """Give how many of a scene's units a metre has: 100 where the scene counts centimetres."""
    units = scene.unit_settings
    return 1.0 if units.system == "NONE" else 1.0 / units.scale_length


def stand(body: bpy.types.Object, scene: bpy.types.Scene, place: Any) -> None:
    """Put a new head at a place of a scene, as large as people are there: its mesh and bones keep to metres, which
    sliders and shapes are made in, and the objects have the scene's scale."""
    top, size = body.parent or body, units_per_metre(scene)
    top.location, top.scale = place, (size, size, size)
    if size != 1.0:
        materials.grow(body.data, size)


def reshape(body: bpy.types.Object, head: Head, identity: Identity, level: str) -> None:
    """Turn a head that is there into another person, or another level of detail.

    The objects stay, with their animation, modifiers, materials, constraints, own vertex groups and own shape keys, and
    what was sculpted onto the basis.
    """
    from ...core.head import generate

    added, before = sculpted(body), level_of(body)
    if len(body.data.vertices) != len(head.neutral):
        meshes.replace_geometry(body, head)
        if isinstance(added, np.ndarray):
            added = generate.carry(added, before, level)
    correctives.connect(body, rig_of(body), meshes.write_shapes(body, head, added))
    meshes.write_colors(body, head)
    own_looks(body)
    materials.repaint(body.data, head)
    rig = own_rig(body)
    if rig is not None:
        armatures.refit(rig, head)
    remember(body, head, identity, level)


def sculpted(body: bpy.types.Object) -> np.ndarray | float:
    """Give what an artist added to a head's basis, (V, 3) metres; 0 when that is nothing."""
    from ...core.head import generate

    try:
        drawn = generate.neutral(drawn_of(body), level_of(body))
    except InputError:
        return 0.0
    points = meshes.points_of(body.data.shape_keys.reference_key)
    if len(points) != len(drawn):
        return 0.0
    added = points - drawn
    added[np.abs(added).max(axis=1) < SCULPTED] = 0.0
    return added if added.any() else 0.0


def remember(body: bpy.types.Object, head: Head, identity: Identity | None, level: str) -> None:
    """Store on a head what it was made from: all of it as JSON, and what people want to read one by one."""
    before = recipe(body)
    stored: dict[str, Any] = {
        "attributes": {**before.get("attributes", {}), **head.attributes}, "provenance": head.provenance,
        "level": level, "vertices": len(head.neutral),
    }  # fmt: skip
    if identity is not None:
        stored["identity"] = identity.to_json()
        stored["born"] = before.get("born", stored["identity"])
        for name, value in identity.attributes.items():
            body[f"{TAG}_{name}"] = float(f"{value:.4g}")
    body[TAG] = json.dumps(stored, default=str)
    if identity is not None:
        body[DRAWN] = stored["identity"]
    body[f"{TAG}_level"] = level
    if "seed" in head.attributes:
        body[f"{TAG}_seed"] = head.attributes["seed"]
    for thing in made_for(body):
        thing[STAMP] = stamp(body)


def stamp(body: bpy.types.Object) -> str:
    """Give a short mark of the person and level that a head's shapes were made for."""
    stored = recipe(body)
    return hashlib.sha256(json.dumps([stored.get("identity"), stored.get("level")]).encode()).hexdigest()[:16]


def made_for(body: bpy.types.Object) -> list[bpy.types.ID]:
    """Give what belongs to one head besides its mesh and is made for its person: the rig and its images."""
    rig = own_rig(body)
    return [*([rig] if rig is not None else []), *materials.images_of(body.data)]


def own_rig(body: bpy.types.Object) -> bpy.types.Object | None:
    """Give a head's rig when it is nobody else's too: a copy of a mesh alone stays on the rig of the original."""
    rig = rig_of(body)
    if rig is None or kept.is_linked(rig) or kept.is_linked(rig.data):
        return None
    shared = rig.data.users - rig.data.use_fake_user > 1 and any(
        other != rig and other.data == rig.data for other in bpy.data.objects
    )
    return None if shared or any(rig_of(other) == rig for other in _others(body)) else rig


def own_looks(body: bpy.types.Object) -> None:
    """Give a head materials of its own where a copy of it has the same: colors are one person's."""
    meshes_there = {other.data for other in _others(body)} - {body.data}
    materials.part_from(body.data, meshes_there)


def why_not_change(body: bpy.types.Object) -> str:
    """Say in one line why a head cannot become another person, or nothing when it can."""
    if not recipe(body).get("identity"):
        return f"{body.name} does not remember what it was made from; generate a new head"
    if any(block.library is not None or block.override_library is not None for block in (body, body.data)):
        return f"{body.name} is of another file; change it there, or make it local (Object > Relations > Make Local)"
    mesh = body.data
    twin = None
    if mesh.users - mesh.use_fake_user > 1:
        twin = next((other for other in bpy.data.objects if other.data == mesh and other != body), None)
    if twin is not None:
        return (
            f"{body.name} has one mesh with {twin.name}; give it its own first "
            "(Object > Relations > Make Single User > Object & Data)"
        )
    return ""


def _others(body: bpy.types.Object) -> list[bpy.types.Object]:
    return [other for other in bpy.data.objects if other != body and is_head(other)]


def identity_of(body: bpy.types.Object) -> Identity:
    """Give who a head is; raises `InputError` when that is not stored or damaged."""
    from ...core.head.identity import Identity

    stored = recipe(body).get("identity")
    if stored is None:
        raise InputError(f"{body.name} does not remember what it was made from; generate a new head")
    return Identity.from_json(stored)


def drawn_of(body: bpy.types.Object) -> Identity:
    """Give whom a head's basis shows right now: while sliders are moved that runs ahead of its other shapes."""
    from ...core.head.identity import Identity

    return Identity.from_json(body[DRAWN]) if body.get(DRAWN) else identity_of(body)


def level_of(body: bpy.types.Object) -> str:
    """Give a head's level of detail."""
    return str(recipe(body).get("level", "standard"))


def head_of(thing: bpy.types.Object | None) -> bpy.types.Object | None:
    """Give the Headroom head that an object is, or that an armature carries; None for anything else."""
    if thing is None:
        return None
    if thing.type == "ARMATURE":
        return next((child for child in thing.children if is_head(child)), None)
    return thing if is_head(thing) else None


def is_head(thing: bpy.types.Object) -> bool:
    """Tell whether an object is the mesh of a head that Headroom made."""
    return thing.type == "MESH" and thing.get(TAG) is not None


def select_only(body: bpy.types.Object) -> None:
    """Make an object the active and only selected one, as after adding it by hand."""
    bpy.context.view_layer.update()  # objects that were just removed still stand in its list
    for other in bpy.context.view_layer.objects:
        other.select_set(other == body)
    bpy.context.view_layer.objects.active = body


def home(body: bpy.types.Object) -> bpy.types.Collection:
    """Give the collection for what is added beside an object: of its own one that can be changed and is seen in the
    open view layer, else the scene's."""
    waiting = [bpy.context.view_layer.layer_collection]
    while waiting:
        shown = waiting.pop()
        holder = shown.collection
        own = holder.library is None and holder.override_library is None  # to an override nothing can be added
        if own and shown.is_visible and not shown.exclude and body.name in holder.objects:
            return holder
        waiting += shown.children
    return bpy.context.scene.collection


def rig_of(body: bpy.types.Object) -> bpy.types.Object | None:
    """Give the armature that deforms a mesh object, or None."""
    modifiers: Any = body.modifiers
    return next((one.object for one in modifiers if one.type == "ARMATURE" and one.object), None)


def recipe(body: bpy.types.Object) -> dict[str, Any]:
    """Tell what a head was made from (`attributes`, `provenance`); empty for a mesh that is not ours."""
    return kept.table_of(body, TAG)


def instanced(thing: bpy.types.Object | None) -> str:
    """Say in one line what to do about an instance of a collection, in which nothing can be changed; else nothing."""
    if thing is None or thing.instance_type != "COLLECTION" or thing.instance_collection is None:
        return ""
    way = "make a library override of it first (Object > Library Override > Make)"
    if thing.instance_collection.library is None:
        way = "select the head itself, or make it real first (Object > Apply > Make Instances Real)"
    return f"{thing.name} is an instance of a collection; {way}"


def why_not(body: bpy.types.Object | None) -> str:
    """Say in one line why a mesh cannot speak, or nothing when it can."""
    if body is None or body.type != "MESH":
        return instanced(body) or "Select a head: a mesh with shape keys"
    speaks = keymaps.speaks(body)
    if not speaks and (body.data.shape_keys is None or len(body.data.shape_keys.key_blocks) < 2):
        return (
            f"{body.name} has no shape keys and no jaw bone; generate a head, or press Give Shapes under Rig Any Head"
        )
    if not speaks:
        return (
            f"{body.name} has no shape keys with names of ARKit such as jawOpen, or of visemes such as viseme_PP; "
            "press Recognize Keys when they do the same under other names"
        )
    return keymaps.why_not(body)
