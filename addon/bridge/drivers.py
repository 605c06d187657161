"""Drivers of the kind that Blender evaluates without Python: they run with Auto Run off and without Headroom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import bpy


@dataclass(frozen=True)
class Property:
    """A driver's variable: a property of a data-block, by its path."""

    owner: bpy.types.ID
    path: str


@dataclass(frozen=True)
class Turn:
    """A driver's variable: a bone's own motion after its constraints: `kind` is ROT_X, ROT_Y, ROT_Z or LOC_X …"""

    rig: bpy.types.Object
    bone: str
    kind: Any


def drive(
    owner: bpy.types.ID, path: str, expression: str, variables: Mapping[str, Property | Turn], index: int = -1
) -> bpy.types.FCurve:
    """Drive a property by an expression of a few variables; replaces a driver that is there.

    The expression must be one of Blender's simple ones: names, numbers, + - * /, comparisons, min, max, clamp.
    """
    owner.driver_remove(path, index)
    curve: bpy.types.FCurve = owner.driver_add(path, index)  # type: ignore[assignment]
    for modifier in list(curve.modifiers):
        curve.modifiers.remove(modifier)
    driver = curve.driver
    driver.type = "SCRIPTED"
    for name, source in variables.items():
        variable = driver.variables.new()
        variable.name = name
        if isinstance(source, Property):
            variable.type = "SINGLE_PROP"
            variable.targets[0].id_type = _id_type(source.owner)
            variable.targets[0].id = source.owner
            variable.targets[0].data_path = source.path
        else:
            variable.type = "TRANSFORMS"
            target = variable.targets[0]
            target.id, target.bone_target = source.rig, source.bone
            target.transform_type, target.transform_space = source.kind, "LOCAL_SPACE"
            target.rotation_mode = "SWING_TWIST_Y"  # angles that mean the same whatever the bone's rotation mode
    driver.expression = expression
    return curve


def _id_type(owner: bpy.types.ID) -> Any:
    return "KEY" if isinstance(owner, bpy.types.Key) else "OBJECT"
