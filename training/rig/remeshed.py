"""Our own heads in other topology, by Blender's modifiers; what their shapes do is read off the nearest surface."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from headroom.core.head.head import Head
from headroom.core.rig.surface import Mesh, Nearest, triangles_of

WAYS = ("decimated", "remeshed", "voxels")
VOXEL = {"remeshed": 0.003, "voxels": 0.0045}
"""Metres; of skin alone, the other parts keep their mesh."""


def remeshed(head: Head, way: str) -> tuple[Mesh, np.ndarray]:
    """Give a head's mesh made anew in one of WAYS, eyes and teeth as they are, and rows (V', 4) of `mixed`: vertices of
    the head's triangles in columns 0 to 2, whether it is skin in the last."""
    skin = np.isin(head.part, ("skin", "mouth"))
    old = Mesh(head.neutral.astype(np.float64), triangles_of(head.faces[skin].astype(np.int64)))
    used, corner = np.unique(old.triangles, return_inverse=True)
    points, triangles = _modified(old.vertices[used], corner.reshape(-1, 3), way)
    rest = head.faces[~skin].astype(np.int64)
    others, corner = np.unique(rest, return_inverse=True)
    whole = Mesh(
        np.concatenate([points, head.neutral[others].astype(np.float64)]),
        np.concatenate([triangles, triangles_of(corner.reshape(-1, 4)) + len(points)]),
    )
    return whole, others


def true_shapes(head: Head, mesh: Mesh, others: np.ndarray) -> np.ndarray:
    """Give what the shapes of a head do to the vertices (S, V', 3) of `mesh`, as `remeshed` gave it."""
    skin = np.isin(head.part, ("skin", "mouth"))
    old = Mesh(head.neutral.astype(np.float64), triangles_of(head.faces[skin].astype(np.int64)))
    count = len(mesh.vertices) - len(others)
    index, mix, *_ = Nearest(old, 0.004, 0.0015)(mesh.vertices[:count], mesh.normals[:count])
    corners = old.triangles[index]
    found = np.einsum("nk,snkd->snd", mix.astype(np.float32), head.shapes[:, corners])
    return np.concatenate([found, head.shapes[:, others]], axis=1)


def _modified(points: np.ndarray, triangles: np.ndarray, way: str) -> tuple[np.ndarray, np.ndarray]:
    import bpy  # noqa: TID251  # its modifiers make the meshes that are judged on

    mesh = bpy.data.meshes.new("skin")
    mesh.from_pydata(points.tolist(), [], triangles.tolist())
    body = bpy.data.objects.new("skin", mesh)
    scene: Any = bpy.context.scene
    scene.collection.objects.link(body)
    if way == "decimated":
        fewer: Any = body.modifiers.new("Decimate", "DECIMATE")
        fewer.ratio = 0.35
    else:
        one: Any = body.modifiers.new("Remesh", "REMESH")
        one.mode, one.voxel_size = "VOXEL", VOXEL[way]
        _closed(mesh)
    shown = body.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
    shown.calc_loop_triangles()
    made = np.empty(len(shown.vertices) * 3, np.float32)
    corners = np.empty(len(shown.loop_triangles) * 3, np.int32)
    shown.vertices.foreach_get("co", made)
    shown.loop_triangles.foreach_get("vertices", corners)
    bpy.data.objects.remove(body)
    new, faces = made.reshape(-1, 3).astype(np.float64), corners.reshape(-1, 3).astype(np.int64)
    if way == "decimated":
        return new, faces
    near = cKDTree(points).query(new)[0] < 0.006  # voxels close the open ends
    return new, faces[near[faces].all(axis=1)]


def _closed(mesh: object) -> None:
    """Fill the holes, since voxels need an inside."""
    import bmesh

    builder = bmesh.new()
    builder.from_mesh(mesh)  # type: ignore[arg-type]
    bmesh.ops.holes_fill(builder, edges=[edge for edge in builder.edges if edge.is_boundary], sides=0)
    builder.to_mesh(mesh)  # type: ignore[arg-type]
    builder.free()
