"""A registered property of objects for what Headroom keeps on library overrides (see `bridge.kept`)."""

from typing import Any

import bpy
from bpy.props import StringProperty

NAME = "headroom_over"


def attach() -> None:
    """Hang it onto objects."""
    made: Any = StringProperty(  # type: ignore[func-returns-value]
        options={"HIDDEN"}, override={"LIBRARY_OVERRIDABLE"}
    )
    setattr(bpy.types.Object, NAME, made)


def detach() -> None:
    """Undo `attach`."""
    delattr(bpy.types.Object, NAME)
