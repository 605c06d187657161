"""Light previews of people beside a head: one still mesh each, with the head's own materials."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import bpy
import numpy as np
from mathutils import Matrix, Vector

from . import meshes
from .kept import table_of

if TYPE_CHECKING:
    from ...core.head.identity import Identity

VARIANT, HEAD = "headroom_variant", "headroom_variant_of"
"""Custom properties of a preview: whom it shows, as JSON, and the head that it is a variant of."""


def add_grid(body: bpy.types.Object, people: list[tuple[Identity, np.ndarray]], columns: int = 3) -> bpy.types.Object:
    """Hang previews of people (identity, points (V, 3)) beside a head, in rows; gives the middle one, selected."""
    from .heads import home, select_only

    collection = bpy.data.collections.new(f"{body.name} Variants")
    home(body).children.link(collection)
    place = body.matrix_world
    across, up = np.ptp(people[0][1][:, 0]) * 1.15, np.ptp(people[0][1][:, 2]) * 1.1
    rows = -(-len(people) // columns)
    made = []
    for k, (identity, points) in enumerate(people):
        mesh = still(body.data, points, f"{body.name} Variant")
        preview = bpy.data.objects.new(f"{body.name} Variant {k + 1}", mesh)
        collection.objects.link(preview)
        column, row = k % columns, k // columns
        aside = Vector((across * (column + 1), 0.0, up * ((rows - 1) / 2 - row)))
        preview.matrix_world = place @ Matrix.Translation(aside)
        preview[VARIANT], preview[HEAD] = json.dumps({"identity": identity.to_json()}), body
        made.append(preview)
    select_only(made[len(made) // 2])
    return made[len(made) // 2]


def still(mesh: Any, points: np.ndarray, name: str) -> bpy.types.Mesh:
    """Copy a mesh with other points and without its shape keys: they are nearly all of its size."""
    made = bpy.data.meshes.new(name)
    sizes = len(mesh.vertices), len(mesh.loops), len(mesh.polygons)
    for target, count in zip((made.vertices, made.loops, made.polygons), sizes, strict=True):
        target.add(count)  # type: ignore[attr-defined]
    made.vertices.foreach_set("co", np.ascontiguousarray(points, dtype=np.float32).ravel())
    _copy(mesh.polygons, made.polygons, "loop_start", np.empty(sizes[2], np.int32))
    _copy(mesh.loops, made.loops, "vertex_index", np.empty(sizes[1], np.int32))
    _copy(mesh.polygons, made.polygons, "material_index", np.empty(sizes[2], np.int32))
    made.update(calc_edges=True)
    made.shade_smooth()
    if mesh.uv_layers.active is not None:
        layer = made.uv_layers.new(name=mesh.uv_layers.active.name, do_init=False)
        _copy(mesh.uv_layers.active.uv, layer.uv, "vector", np.empty(2 * sizes[1], np.float32))
    colors: Any = mesh.color_attributes.get(meshes.COLOR)
    if colors is not None:
        other: Any = made.color_attributes.new(meshes.COLOR, "FLOAT_COLOR", "POINT")
        _copy(colors.data, other.data, "color", np.empty(4 * sizes[0], np.float32))
        made.color_attributes.active_color = other
    for material in mesh.materials:
        made.materials.append(material)
    return made


def variant_of(thing: bpy.types.Object | None) -> dict[str, str]:
    """Tell whom a preview shows ("identity"); empty for anything else."""
    return table_of(thing, VARIANT)


def head_of(preview: bpy.types.Object) -> bpy.types.Object | None:
    """Give the head that a preview is a variant of, None when that is gone."""
    head = preview.get(HEAD)
    return head if isinstance(head, bpy.types.Object) and head.users_scene else None


def remove_grid(head: bpy.types.Object) -> None:
    """Take away all previews of a head, with their meshes and collections."""
    for thing in [thing for thing in bpy.data.objects if variant_of(thing) and thing.get(HEAD) == head]:
        holders, mesh = list(thing.users_collection), cast(bpy.types.Mesh, thing.data)
        bpy.data.objects.remove(thing)
        bpy.data.meshes.remove(mesh)
        for holder in holders:
            if not holder.all_objects and not holder.children:
                bpy.data.collections.remove(holder)


def _copy(source: Any, target: Any, name: str, buffer: np.ndarray) -> None:
    source.foreach_get(name, buffer)
    target.foreach_set(name, buffer)
