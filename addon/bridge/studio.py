"""A camera and lights that show a head well, sized after the head."""

from __future__ import annotations

import math
from typing import Any

import bpy
import numpy as np
from mathutils import Vector

from .. import compat
from .heads import rig_of
from .meshes import evaluated_points

NAME = "Headroom Studio"

LIGHTS = (
    ("Key", (-1.2, -1.8, 0.9), 1.0, 5.0, (1.0, 0.96, 0.92)),
    ("Fill", (0.9, -2.0, -0.15), 1.6, 1.8, (0.88, 0.94, 1.0)),
    ("Rim", (1.1, 1.5, 1.0), 0.8, 4.5, (1.0, 1.0, 1.0)),
)
"""Name, direction from the head in head heights, size in head heights, watts for a head of 0.25 m, color."""


def set_up(body: bpy.types.Object, scene: bpy.types.Scene | None = None) -> bpy.types.Object:
    """Light a head and aim a camera at its face, in a collection of its own; gives the camera, now the scene's."""
    scene = scene or bpy.context.scene
    collection = bpy.data.collections.new(NAME)
    scene.collection.children.link(collection)
    low, high = face_box(body)
    center, height = (low + high) / 2, float(high[2] - low[2])
    for name, direction, size, watts, color in LIGHTS:
        light: Any = bpy.data.lights.new(name, "AREA")
        light.energy, light.size, light.color = watts * (height / 0.25) ** 2, size * height, color
        _add(collection, name, light, center + np.array(direction) * height, center)
    lens = bpy.data.cameras.new("Camera")
    lens.lens, lens.sensor_width, lens.clip_start = 85.0, 36.0, 0.01
    distance = height * 1.14 * lens.lens / lens.sensor_width
    turn = math.radians(14.0)
    place = center + distance * np.array([math.sin(turn), -math.cos(turn), 0.03])
    camera = _add(collection, "Camera", lens, place, center)
    scene.camera = camera
    _backdrop(scene)
    return camera


def face_box(body: bpy.types.Object) -> tuple[np.ndarray, np.ndarray]:
    """Give the corners (3,) of the box that a portrait shows, in world space, metres.

    That is the mesh from a hand below the chin upwards, or all of it where no jaw bone tells where the chin is.
    """
    points, rig = evaluated_points(body), rig_of(body)
    if rig is not None and "DEF-jaw" in rig.pose.bones:
        chin, top = float((rig.matrix_world @ rig.pose.bones["DEF-jaw"].tail).z), float(points[:, 2].max())
        above = points[points[:, 2] > chin - 0.22 * (top - chin)]
        points = above if len(above) else points
    return points.min(axis=0), points.max(axis=0)


def _add(
    collection: bpy.types.Collection, name: str, data: bpy.types.ID, place: np.ndarray, aim: np.ndarray
) -> bpy.types.Object:
    made = bpy.data.objects.new(name, data)
    collection.objects.link(made)
    made.location = place.tolist()
    made.rotation_euler = (Vector(aim.tolist()) - made.location).to_track_quat("-Z", "Y").to_euler()
    return made


def _backdrop(scene: bpy.types.Scene) -> None:
    """A dim gray surrounding, only where the scene has no world yet."""
    if scene.world is None:
        scene.world = compat.node_world("Headroom Studio")
        background: Any = scene.world.node_tree.nodes.get("Background")
        if background is not None:
            background.inputs["Color"].default_value = (0.13, 0.14, 0.16, 1.0)
            background.inputs["Strength"].default_value = 0.6
