"""Light previews of people beside a head: one still mesh each, with the head's own materials."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import bpy
import numpy as np

from . import meshes
from .kept import table_of

if TYPE_CHECKING:
    from ...core.head.identity import Identity

VARIANT = "headroom_variant"
"""Custom property of a preview: whom it shows and of which head it is a variant, as JSON."""


def add_grid(body: bpy.types.Object, people: list[tuple[Identity, np.ndarray]], columns: int = 3) -> bpy.types.Object:
    """Hang previews of people (identity, points (V, 3)) beside a head, in rows; gives the middle one, selected."""
    from .heads import select_only

    collection = bpy.data.collections.new(f"{body.name} Variants")
    body.users_collection[0].children.link(collection)
    rig = body.parent or body
    across, up = np.ptp(people[0][1][:, 0]) * 1.15, np.ptp(people[0][1][:, 2]) * 1.1
    rows = -(-len(people) // columns)
    made = []
    for k, (identity, points) in enumerate(people):
        mesh = still(body.data, points, f"{body.name} Variant")
        preview = bpy.data.objects.new(f"{body.name} Variant {k + 1}", mesh)
        collection.objects.link(preview)
        column, row = k % columns, k // columns
        preview.location = rig.location
        preview.location.x += across * (column + 1)
        preview.location.z += up * ((rows - 1) / 2 - row)
        preview[VARIANT] = json.dumps({"head": body.name, "identity": identity.to_json()})
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
    """Tell whom a preview shows ("identity") and of which head it is a variant ("head"); empty for anything else."""
    return table_of(thing, VARIANT)


def remove_grid(head: str) -> None:
    """Take away all previews of a head, with their meshes and collections."""
    for thing in [thing for thing in bpy.data.objects if variant_of(thing).get("head") == head]:
        holders, mesh = list(thing.users_collection), cast(bpy.types.Mesh, thing.data)
        bpy.data.objects.remove(thing)
        bpy.data.meshes.remove(mesh)
        for holder in holders:
            if not holder.all_objects and not holder.children:
                bpy.data.collections.remove(holder)


def _copy(source: Any, target: Any, name: str, buffer: np.ndarray) -> None:
    source.foreach_get(name, buffer)
    target.foreach_set(name, buffer)
