# mypy: disable-error-code="valid-type"
"""Choices of the Export panel, stored with the scene, and what the last check said, which is never saved."""

from pathlib import Path
from typing import Any

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from .speaking import RELATIVE

NAME = "headroom_export"

FORMATS = (
    ("glb", "glTF", "For games and the web: keys, bones and all clips in one .glb"),
    ("fbx", "FBX", "For Unity, Unreal and Maya: keys and bones, one clip"),
    ("usdc", "USD", "For film: keys and bones at the scene's frames"),
    ("abc", "Alembic", "For film: every vertex at every frame, all modifiers applied, no keys"),
    ("csv", "Live Link Face", "For Unreal: ARKit's curves and the head's turns alone"),
)
CLIPS = (
    ("scene", "Scene", "All that the scene plays, as one clip"),
    ("actions", "Actions", "Every action of the head by itself"),
)

LIMITS = (
    ("fail", "Fail", "It is a loss"),
    ("tell", "Tell", "It is told, as what cannot be otherwise"),
)


class ExportProperties:
    """The fields of `core.formats.gate.ExportOptions` as Blender properties, with the format and the place."""

    format: EnumProperty(name="Format", description="What kind of file is written", items=FORMATS)
    folder: StringProperty(
        name="Folder", description="Where the file goes", default="//", subtype="DIR_PATH", options=RELATIVE
    )
    check: BoolProperty(
        name="Check", description="Read the file back and compare it with what moves here", default=True
    )
    clips: EnumProperty(name="Clips", description="What becomes a clip", items=CLIPS, default="scene")
    tolerance: FloatProperty(
        name="Tolerance mm",
        description="Millimetres that a vertex of the file may be from where it is here",
        default=0.1,
        min=0.0,
        max=100.0,
        soft_max=1.0,
        precision=3,
    )
    samples: IntProperty(
        name="Frames", description="How many frames of every clip are compared", default=24, min=2, max=10_000
    )
    limits: EnumProperty(
        name="Limits",
        description="What to do about motion that is seen and that the format cannot hold",
        items=LIMITS,
        default="fail",
    )
    sound: BoolProperty(
        name="Sound",
        description="Write the scene's sound as a .wav beside the file, which cannot hold it",
        default=True,
    )


class HeadroomExport(ExportProperties, bpy.types.PropertyGroup):
    """Choices of the Export panel."""


class HeadroomGateLine(bpy.types.PropertyGroup):
    """One line of the last check."""

    why: StringProperty()
    lost: BoolProperty()


class HeadroomGate(bpy.types.PropertyGroup):
    """The last check: what was written and what is in it."""

    file: StringProperty()
    summary: StringProperty()
    passed: BoolProperty()
    lines: CollectionProperty(type=HeadroomGateLine)


def settings_of(scene: bpy.types.Scene) -> Any:
    """Give a scene's choices."""
    return getattr(scene, NAME)


def state_of(context: bpy.types.Context) -> Any:
    """Give what the last check said."""
    return getattr(context.window_manager, NAME)


def why_not(context: bpy.types.Context) -> str:
    """Say in one line why nothing can be exported, or nothing when it can; cheap."""
    from .bridge.heads import instanced

    thing = context.active_object
    if thing is None or thing.type not in ("MESH", "ARMATURE"):
        return instanced(thing) or "Select a head, one of its parts, or its rig"
    return "" if context.mode == "OBJECT" else "Switch to Object Mode first"


def keep(context: bpy.types.Context, path: Path, report: Any) -> None:
    """Keep what a check said, for the panel."""
    from ..core.formats.gate import LOST, summary

    state = state_of(context)
    state.file, state.summary, state.passed = path.name, summary(report), report.passed
    state.lines.clear()
    for line in report.lines:
        item = state.lines.add()
        item.name, item.why, item.lost = line.what, line.why, line.level == LOST


def attach() -> None:
    """Hang the groups onto scenes and the window manager; after their classes are registered."""
    setattr(bpy.types.Scene, NAME, PointerProperty(type=HeadroomExport))  # type: ignore[func-returns-value]
    setattr(bpy.types.WindowManager, NAME, PointerProperty(type=HeadroomGate))  # type: ignore[func-returns-value]


def detach() -> None:
    """Undo `attach`."""
    delattr(bpy.types.WindowManager, NAME)
    delattr(bpy.types.Scene, NAME)
