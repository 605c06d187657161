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
    steps = np.rint(head.skin_weights * 1000).astype(int)
    for joint, name in enumerate(head.joint_names):
        group, column = mesh_object.vertex_groups.new(name=DEFORM + name), steps[:, joint]
        for step in np.unique(column[column > 0]).tolist():
            group.add(np.flatnonzero(column == step).tolist(), step / 1000, "REPLACE")


def evaluated_points(mesh_object: bpy.types.Object) -> np.ndarray:
    """Give where the vertices stand now in world space, (V, 3) metres, shape keys and modifiers applied."""
    evaluated = mesh_object.evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = evaluated.to_mesh()
    points = np.empty(len(mesh.vertices) * 3, dtype=np.float32)
    mesh.vertices.foreach_get("co", points)
    evaluated.to_mesh_clear()
    world = np.array(mesh_object.matrix_world, dtype=np.float32)
    return points.reshape(-1, 3) @ world[:3, :3].T + world[:3, 3]
