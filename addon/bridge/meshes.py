"""A head's geometry as a Blender mesh, and arrays back out of one; everything in bulk."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from ...core.head.head import PARTS, Head
from .skeleton import DEFORM

COLOR = "Color"
"""Name of the color attribute, which Blender and the exporters also use by default."""


def new_mesh(name: str, head: Head) -> bpy.types.Mesh:
    """Make the mesh of a head: faces, one material slot per part, texture coordinates and colors per vertex.

    The slots are left empty, in the order of `parts_of(head)`.
    """
    mesh = bpy.data.meshes.new(name)
    faces, sides = np.ascontiguousarray(head.faces, dtype=np.int32), head.faces.shape[1]
    mesh.vertices.add(len(head.neutral))
    mesh.loops.add(faces.size)
    mesh.polygons.add(len(faces))
    mesh.vertices.foreach_set("co", np.ascontiguousarray(head.neutral, dtype=np.float32).ravel())
    mesh.polygons.foreach_set("loop_start", np.arange(0, faces.size, sides, dtype=np.int32))
    mesh.loops.foreach_set("vertex_index", faces.ravel())
    parts = parts_of(head)
    slots = np.array([parts.index(part) for part in head.part], dtype=np.int32)
    mesh.polygons.foreach_set("material_index", slots)
    mesh.update(calc_edges=True)
    mesh.shade_smooth()
    layer = mesh.uv_layers.new(name="UVMap", do_init=False)
    layer.uv.foreach_set("vector", np.ascontiguousarray(head.uv, dtype=np.float32).ravel())
    colors: Any = mesh.color_attributes.new(COLOR, "FLOAT_COLOR", "POINT")
    colors.data.foreach_set("color", np.ascontiguousarray(head.colors, dtype=np.float32).ravel())
    mesh.color_attributes.active_color = colors
    mesh.color_attributes.render_color_index = mesh.color_attributes.active_color_index
    mesh.validate()
    return mesh


def parts_of(head: Head) -> list[str]:
    """Name the parts that a head has, in the order of its material slots."""
    present = set(head.part.tolist())
    return [part for part in PARTS if part in present]


def tints(head: Head) -> dict[str, np.ndarray]:
    """Give the mean color (4,) of every part, in the order of its material slots."""
    return {part: head.colors[head.faces[head.part == part].ravel()].mean(axis=0) for part in parts_of(head)}


def add_shapes(mesh_object: bpy.types.Object, head: Head) -> None:
    """Give the object a shape key per shape of the head, all at rest, plus the basis."""
    mesh_object.shape_key_add(name="Basis", from_mix=False).value = 0.0  # Blender 5.0 starts keys at 1
    for name, delta in zip(head.shape_names, head.shapes, strict=True):
        key = mesh_object.shape_key_add(name=name, from_mix=False)
        key.value = 0.0
        key.points.foreach_set("co", np.ascontiguousarray(head.neutral + delta, dtype=np.float32).ravel())


def add_skin_weights(mesh_object: bpy.types.Object, head: Head) -> None:
    """Give the object a vertex group per joint, named like its deform bone.

    Vertices are added by equal weight, rounded to 1/1000: a few hundred calls instead of one per vertex.
    The armature modifier makes the rows sum to 1 again.
    """
    for joint, name in enumerate(head.joint_names):
        _fill(mesh_object.vertex_groups.new(name=DEFORM + name), head.skin_weights[:, joint])


def add_part_groups(mesh_object: bpy.types.Object, head: Head) -> None:
    """Give the object a vertex group per part and per region, "part_…" and "region_…", for selecting and masking."""
    for prefix, names in (("part", head.part), ("region", head.region)):
        if len(names) != len(head.faces):
            continue
        for name in dict.fromkeys(names.tolist()):
            if name:
                group = mesh_object.vertex_groups.new(name=f"{prefix}_{name}")
                group.add(np.unique(head.faces[names == name]).tolist(), 1.0, "REPLACE")


def points_of(holder: Any) -> np.ndarray:
    """Read the points (V, 3) of a shape key or of a mesh's vertices, metres."""
    points = holder.points if hasattr(holder, "points") else holder
    read = np.empty(len(points) * 3, dtype=np.float32)
    points.foreach_get("co", read)
    return read.reshape(-1, 3)


def write_shapes(mesh_object: bpy.types.Object, head: Head, sculpted: np.ndarray | float = 0.0) -> list[str]:
    """Give an object's shape keys another person's shapes, all of them; missing ones are added at rest and named.

    sculpted (V, 3) is what an artist added to the basis, and stays. So do keys that are not Headroom's, as what they
    add to the basis.
    """
    mesh = mesh_object.data
    keys, before = mesh.shape_keys, points_of(mesh.shape_keys.reference_key)
    neutral = head.neutral + sculpted
    for key in keys.key_blocks:
        if key != keys.reference_key and key.name not in head.shape_names:
            key.points.foreach_set("co", (points_of(key) - before + neutral).ravel())
    missing = [name for name in head.shape_names if name not in keys.key_blocks]
    for name in missing:
        mesh_object.shape_key_add(name=name, from_mix=False).value = 0.0
    for name, delta in zip(head.shape_names, head.shapes, strict=True):
        keys.key_blocks[name].points.foreach_set("co", np.ascontiguousarray(neutral + delta, dtype=np.float32).ravel())
    write_basis(mesh, neutral)
    return missing


def write_basis(mesh: Any, points: np.ndarray) -> None:
    """Put the basis and the mesh itself at `points` (V, 3)."""
    flat = np.ascontiguousarray(points, dtype=np.float32).ravel()
    mesh.shape_keys.reference_key.points.foreach_set("co", flat)
    mesh.attributes["position"].data.foreach_set("vector", flat)  # a copy; through `vertices` it is vertex by vertex
    mesh.update()


def write_colors(mesh_object: bpy.types.Object, head: Head) -> None:
    """Give the color attribute another person's colors, when it is still there."""
    colors: Any = mesh_object.data.color_attributes.get(COLOR)
    if colors is not None and len(colors.data) == len(head.colors):
        colors.data.foreach_set("color", np.ascontiguousarray(head.colors, dtype=np.float32).ravel())


def replace_geometry(mesh_object: bpy.types.Object, head: Head) -> None:
    """Give an object another topology, keeping its mesh data-block with materials, shape keys and their animation.

    Vertex groups of Headroom's are made again; others go over from the nearest vertex of the old surface.
    """
    from scipy.spatial import cKDTree

    mesh = mesh_object.data
    keys, before = mesh.shape_keys, points_of(mesh.shape_keys.reference_key)
    own_keys = {key.name: points_of(key) - before for key in keys.key_blocks
                if key != keys.reference_key and key.name not in head.shape_names}  # fmt: skip
    nearest = cKDTree(before).query(head.neutral)[1]
    ours = [group.name for group in mesh_object.vertex_groups if group.name.startswith((DEFORM, "part_", "region_"))]
    kept = {group.name: _weights(mesh_object, group)[nearest] for group in mesh_object.vertex_groups
            if group.name not in ours}  # fmt: skip
    fresh = new_mesh("fresh", head)
    _pour(fresh, mesh)
    bpy.data.meshes.remove(fresh)
    for name, delta in own_keys.items():
        keys.key_blocks[name].points.foreach_set("co", (head.neutral + delta[nearest]).ravel())
    mesh.vertices.foreach_set("co", head.neutral.ravel())
    keys.reference_key.points.foreach_set("co", head.neutral.ravel())
    for name in ours:
        mesh_object.vertex_groups.remove(mesh_object.vertex_groups[name])
    for name, weights in kept.items():
        _fill(mesh_object.vertex_groups[name], weights)
    add_skin_weights(mesh_object, head)
    add_part_groups(mesh_object, head)


def _pour(source: bpy.types.Mesh, target: Any) -> None:
    """Replace a mesh's geometry; its shape keys grow or shrink with it and keep their animation."""
    slots = list(target.materials)
    import bmesh

    builder = bmesh.new()
    try:
        builder.from_mesh(source)
        for key in target.shape_keys.key_blocks:
            builder.verts.layers.shape.new(key.name)
        builder.to_mesh(target)
    finally:
        builder.free()
    for index, material in enumerate(slots):
        if index >= len(target.materials):
            target.materials.append(material)
    colors = target.color_attributes
    if COLOR in colors:
        colors.active_color = colors[COLOR]
    target.update()


def _weights(mesh_object: bpy.types.Object, group: bpy.types.VertexGroup) -> np.ndarray:
    weights = np.zeros(len(mesh_object.data.vertices), dtype=np.float32)
    for vertex in mesh_object.data.vertices:
        for entry in vertex.groups:
            if entry.group == group.index:
                weights[vertex.index] = entry.weight
    return weights


def _fill(group: bpy.types.VertexGroup, weights: np.ndarray) -> None:
    steps = np.rint(weights * 1000).astype(int)
    for step in np.unique(steps[steps > 0]).tolist():
        group.add(np.flatnonzero(steps == step).tolist(), step / 1000, "REPLACE")


def evaluated_points(mesh_object: bpy.types.Object) -> np.ndarray:
    """Give where the vertices stand now in world space, (V, 3) metres, shape keys and modifiers applied."""
    evaluated = mesh_object.evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = evaluated.to_mesh()
    points = np.empty(len(mesh.vertices) * 3, dtype=np.float32)
    mesh.vertices.foreach_get("co", points)
    evaluated.to_mesh_clear()
    world = np.array(mesh_object.matrix_world, dtype=np.float32)
    return points.reshape(-1, 3) @ world[:3, :3].T + world[:3, 3]
