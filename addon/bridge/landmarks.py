"""Landmarks of a face as empties that an artist can drag."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np
from mathutils import Vector

from ...core.rig.landmarks import NAMES, reference

TAG = "headroom_landmark"
"""Custom property of an empty: which landmark it is."""
COLLECTION = "Headroom Landmarks"
BODIES = "headroom_bodies"
"""Custom property of the collection: the meshes whose face it is, since dragging a landmark selects it instead."""
NEAR = 0.5
"""Sizes of an empty within which a landmark lies on the skin."""


def show(
    marks: np.ndarray,
    scene: bpy.types.Scene,
    size: float,
    bodies: Sequence[bpy.types.Object] = (),
    near: float = NEAR,
) -> None:
    """Put an empty, `size` metres large, at each of the landmarks (54, 3) in world space that is known, in place of
    those that are there. With `bodies`, the meshes whose face it is, those within `near` sizes of its skin stick to it
    as they are dragged."""
    clear(scene)
    collection = bpy.data.collections.new(COLLECTION)
    scene.collection.children.link(collection)
    collection[BODIES] = {f"{number:03}": body for number, body in enumerate(bodies)}
    off = np.array([_distances(body, marks) for body in bodies]).reshape(-1, len(marks))
    skin = int(np.argmax((off < max(NEAR * size, np.median(off.min(axis=0)))).sum(axis=1))) if len(bodies) else -1
    for number, (name, point) in enumerate(zip(NAMES, marks, strict=True)):
        if np.isfinite(point).all():
            made: Any = bpy.data.objects.new(name, None)
            made.empty_display_type, made.empty_display_size = "SPHERE", size
            made.show_in_front = True
            made.location = point.tolist()
            made[TAG] = number
            collection.objects.link(made)
            if skin >= 0 and off[skin, number] < near * size:
                hold: Any = made.constraints.new("SHRINKWRAP")
                hold.target, hold.shrinkwrap_type = bodies[skin], "NEAREST_SURFACE"


def usual(bodies: Sequence[bpy.types.Object]) -> np.ndarray:
    """Give where the landmarks (54, 3) of a usual face would lie if meshes were a head alone that looks along -Y."""
    corners = np.array([body.matrix_world @ Vector(corner) for body in bodies for corner in body.bound_box])
    low, high = corners.min(axis=0), corners.max(axis=0)
    marks, height = reference()
    scale = float(high[2] - low[2]) / height
    marks = (marks - marks[NAMES.index("menton")]) * scale
    return marks + [(low[0] + high[0]) / 2, low[1] - marks[:, 1].min(), low[2]]


def _distances(body: bpy.types.Object, marks: np.ndarray) -> np.ndarray:
    """Metres of landmarks (54, 3) in world space from a mesh as it is shown, infinite where one is not known."""
    world, found = body.matrix_world, np.full(len(marks), np.inf)
    back = world.inverted()
    for number in np.flatnonzero(np.isfinite(marks).all(axis=1)).tolist():
        point = Vector(marks[number].tolist())
        there, near, _, _ = body.closest_point_on_mesh(back @ point)
        if there:
            found[number] = (world @ near - point).length
    return found


def bodies_of(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """Give the meshes whose face the landmarks of a scene are; none without landmarks, or when they have gone."""
    for collection in scene.collection.children:
        stored = collection.get(BODIES)
        if stored is not None and hasattr(stored, "keys"):
            found = [stored[name] for name in stored.keys()]
            return [one for one in found if isinstance(one, bpy.types.Object) and one.name in scene.objects]
    return []


def shown(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """Give the empties of a scene that are landmarks."""
    return [thing for thing in scene.objects if thing.type == "EMPTY" and thing.get(TAG) is not None]


def read(scene: bpy.types.Scene) -> np.ndarray | None:
    """Read where the landmarks (54, 3) stand in world space, NaN where one is missing; None when there are none."""
    there = shown(scene)
    if not there:
        return None
    marks = np.full((len(NAMES), 3), np.nan)
    for thing in there:
        number = thing[TAG]
        if isinstance(number, int) and 0 <= number < len(NAMES):
            marks[number] = np.array(thing.matrix_world)[:3, 3]
    return marks


def clear(scene: bpy.types.Scene) -> None:
    """Take the empties away, and their collection."""
    for thing in shown(scene):
        bpy.data.objects.remove(thing)
    for collection in list(scene.collection.children):
        if collection.name.startswith(COLLECTION) and not collection.all_objects:
            bpy.data.collections.remove(collection)
