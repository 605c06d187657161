# mypy: disable-error-code="valid-type"
"""Choices of giving shapes to a head, stored with the scene and taken by its operator."""

from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, PointerProperty

NAME = "headroom_rig"

SETS = (
    ("all", "All", "ARKit's 52, tongue, throat, and what mends and follows them"),
    ("arkit", "ARKit 52", "The 52 shapes of ARKit alone"),
)


class RigProperties:
    """The fields of `core.rig.rig_options.RigOptions` as Blender properties; a test holds them together."""

    shapes: EnumProperty(name="Shapes", description="Which shapes: all, or ARKit's 52 alone", items=SETS)
    bones: BoolProperty(name="Bones", description="Add bones for neck, jaw and eyes, with weights", default=True)
    correctives: BoolProperty(
        name="Correctives",
        description="Add shapes that mend others where they meet; they follow by drivers",
        default=True,
    )


class HeadroomRig(RigProperties, bpy.types.PropertyGroup):
    """Choices of the panel, stored with the scene."""


def settings_of(scene: bpy.types.Scene) -> Any:
    """Give a scene's settings."""
    return getattr(scene, NAME)


def attach() -> None:
    """Hang the group onto scenes; after its class is registered."""
    setattr(bpy.types.Scene, NAME, PointerProperty(type=HeadroomRig))  # type: ignore[func-returns-value]


def detach() -> None:
    """Undo `attach`."""
    delattr(bpy.types.Scene, NAME)
