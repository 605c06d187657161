"""The 3D view that an artist works in, brought to what was just made where that would not be seen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import bpy
import numpy as np
from bpy_extras.view3d_utils import location_3d_to_region_2d
from mathutils import Vector

from .studio import face_box

LEAST = 0.15
"""Share of a view below which something is too small to work on: in Blender's default cube a head has 0.06."""

FULL = 0.7
"""Share of the view's height that it gets then."""


def show(context: bpy.types.Context, bodies: Sequence[bpy.types.Object]) -> None:
    """Bring heads closer when the view shows them tiny or not at all; views through cameras stay."""
    area = context.area
    if bpy.app.background or area is None or area.type != "VIEW_3D":
        return
    space: Any = area.spaces.active
    region, seen = next(region for region in area.regions if region.type == "WINDOW"), space.region_3d
    boxes = [face_box(body) for body in bodies]
    low, high = np.min([low for low, _ in boxes], axis=0), np.max([high for _, high in boxes], axis=0)
    if seen.view_perspective == "CAMERA" or _share(low, high, region, seen) >= LEAST:
        return
    seen.view_location = ((low + high) / 2).tolist()
    seen.view_distance = 8 * float(np.linalg.norm(high - low))
    for _ in range(3):  # what is closer grows faster than it comes closer
        seen.update()
        seen.view_distance *= max(_share(low, high, region, seen), 0.01) / FULL
    area.tag_redraw()


def _share(low: np.ndarray, high: np.ndarray, region: bpy.types.Region, seen: bpy.types.RegionView3D) -> float:
    """Give how much of a view a box takes, in the direction in which that is more; 0 when not all of it is in there."""
    corners = product(*zip(low.tolist(), high.tolist(), strict=True))
    places = [location_3d_to_region_2d(region, seen, Vector(corner)) for corner in corners]
    if any(place is None for place in places):
        return 0.0
    points = np.array(places) / (region.width, region.height)
    return float(np.ptp(points, axis=0).max()) if points.min() >= 0 and points.max() <= 1 else 0.0
