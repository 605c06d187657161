"""The 3D view that an artist works in, turned to what was just made where that would not be seen."""

from __future__ import annotations

from itertools import product
from typing import Any

import bpy
from bpy_extras.view3d_utils import location_3d_to_region_2d
from mathutils import Vector

from .studio import face_box

LEAST = 0.15
"""Share of the view's height below which a head is too small to work on: the one in Blender's default cube has 0.06."""


def show(context: bpy.types.Context, body: bpy.types.Object) -> None:
    """Bring a selected head closer when the view shows it tiny or not at all; views through cameras stay."""
    area = context.area
    if bpy.app.background or area is None or area.type != "VIEW_3D":
        return
    space: Any = area.spaces.active
    region = next(region for region in area.regions if region.type == "WINDOW")
    if space.region_3d.view_perspective == "CAMERA" or _height(body, region, space.region_3d) >= LEAST:
        return
    with context.temp_override(area=area, region=region):
        bpy.ops.view3d.view_selected()


def _height(body: bpy.types.Object, region: bpy.types.Region, seen: bpy.types.RegionView3D) -> float:
    """Give how much of a view's height a head takes, 0 when not all of it is in the view."""
    low, high = face_box(body)
    corners = product(*zip(low.tolist(), high.tolist(), strict=True))
    places = [location_3d_to_region_2d(region, seen, Vector(corner)) for corner in corners]
    if any(place is None or not (0 <= place.x <= region.width and 0 <= place.y <= region.height) for place in places):
        return 0.0
    return (max(place.y for place in places) - min(place.y for place in places)) / region.height
