"""Landmarks of a face as empties that an artist can drag."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from ...core.rig.landmarks import NAMES

TAG = "headroom_landmark"
"""Custom property of an empty: which landmark it is."""
COLLECTION = "Headroom Landmarks"


def show(marks: np.ndarray, scene: bpy.types.Scene, size: float) -> None:
    """Put an empty, `size` metres large, at each of the landmarks (54, 3) in world space that is known, in place of
    those that are there."""
    clear(scene)
    collection = bpy.data.collections.new(COLLECTION)
    scene.collection.children.link(collection)
    for number, (name, point) in enumerate(zip(NAMES, marks, strict=True)):
        if np.isfinite(point).all():
            made: Any = bpy.data.objects.new(name, None)
            made.empty_display_type, made.empty_display_size = "SPHERE", size
            made.show_in_front = True
            made.location = point.tolist()
            made[TAG] = number
            collection.objects.link(made)


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
