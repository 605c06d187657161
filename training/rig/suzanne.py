"""Blender's Suzanne, a head far from people, with landmarks placed by eye."""

from __future__ import annotations

from typing import Any

import numpy as np

from headroom.core.rig.surface import Mesh

HALF = (
    (-0.78, 0.42), (-0.60, 0.53), (-0.42, 0.64), (-0.27, 0.70), (-0.13, 0.55),
    (-0.56, 0.25), (-0.45, 0.39), (-0.29, 0.385), (-0.19, 0.25), (-0.28, 0.11), (-0.45, 0.10),
    (-0.11, -0.77), (-0.07, -0.745), (-0.03, -0.74), (-0.04, -0.885), (-0.08, -0.85),
    (-0.09, -0.78), (-0.045, -0.765), (-0.045, -0.85), (-0.10, -0.24), (-0.05, -0.28), (-0.79, 0.05),
)  # fmt: skip
"""Right and up of the landmarks on her right side, read off a picture of her front: brow, eye, lips, mouth, nostril,
ear."""

MIDDLE = (
    (0, 0.22), (0, 0.08), (0, -0.06), (0, -0.20), (0, -0.305), (0, -0.74), (0, -0.895), (0, -0.765), (0, -0.865),
    (0, -0.95),
)  # fmt: skip
"""Those in the middle: four of the bridge, below the nose, upper lip, lower lip, both from inside, chin."""

HEIGHT = 1.9
"""From chin to crown."""


def suzanne(levels: int) -> tuple[Mesh, np.ndarray]:
    """Give her mesh, subdivided so many times, and her landmarks (54, 3)."""
    import bpy  # noqa: TID251  # she is Blender's

    bpy.ops.mesh.primitive_monkey_add()
    body: Any = bpy.context.object
    if levels:
        body.modifiers.new("Subdivision", "SUBSURF").levels = levels
    shown = body.evaluated_get(bpy.context.evaluated_depsgraph_get())
    flat = _flat()
    marks = np.empty((54, 3))
    for number, (x, z) in enumerate(flat):
        hit, place, *_ = shown.ray_cast((x, -5, z), (0, 1, 0))
        marks[number] = place if hit else shown.closest_point_on_mesh((x, -0.3, z))[1]
    mesh = shown.to_mesh()
    mesh.calc_loop_triangles()
    points, corners = np.empty(len(mesh.vertices) * 3), np.empty(len(mesh.loop_triangles) * 3, np.int32)
    mesh.vertices.foreach_get("co", points)
    mesh.loop_triangles.foreach_get("vertices", corners)
    made = Mesh(points.reshape(-1, 3), corners.reshape(-1, 3).astype(np.int64))
    bpy.data.objects.remove(body)
    return made, marks


def _flat() -> np.ndarray:
    """Give right and up of all landmarks, (54, 2), in the order of `landmarks.NAMES`."""
    right, middle = np.array(HALF), np.array(MIDDLE)
    left = right * [-1, 1]
    brow, eye, lip, inner, nose, ear = np.split(np.arange(22), [5, 11, 16, 19, 21])
    upper, lower, within, below = lip[:3], lip[3:], inner[:2], inner[2:]
    return np.concatenate([
        right[brow], left[brow[::-1]], middle[:4], right[nose], middle[4:5], left[nose[::-1]], right[eye],
        left[eye[[3, 2, 1, 0, 5, 4]]],
        right[upper], middle[5:6], left[upper[::-1]], left[lower[::-1]], middle[6:7], right[lower],
        right[within], middle[7:8], left[within[::-1]], left[below], middle[8:9], right[below],
        middle[9:], right[ear], left[ear],
    ])  # fmt: skip
