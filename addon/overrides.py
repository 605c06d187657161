"""A registered property of objects for what Headroom keeps on library overrides (see `bridge.kept`)."""

import bpy
from bpy.props import StringProperty

NAME = "headroom_over"


def attach() -> None:
    """Hang it onto objects."""
    made = StringProperty(options={"HIDDEN"}, override={"LIBRARY_OVERRIDABLE"})
    setattr(bpy.types.Object, NAME, made)  # type: ignore[func-returns-value]


def detach() -> None:
    """Undo `attach`."""
    delattr(bpy.types.Object, NAME)
