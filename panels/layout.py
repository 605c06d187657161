"""What the sidebar's panels share: the tab, aligned columns, long lines, and buttons that show the progress of their
work."""

import textwrap
from typing import Any

import bpy

from ..addon.properties import status_of
from ..addon.translate import iface_

LETTER = 6.6
"""Pixels that a letter takes, at a scale of 1."""


class Tab:
    """Puts a panel into the tab "Headroom" of the 3D viewport."""

    bl_space_type: Any = "VIEW_3D"
    bl_region_type: Any = "UI"
    bl_category = "Headroom"


def columns(layout: bpy.types.UILayout) -> bpy.types.UILayout:
    """Set names and fields in two columns."""
    column = layout.column()
    column.use_property_split, column.use_property_decorate = True, False
    return column


def letters(context: bpy.types.Context) -> int:
    """Give how many letters fit into a line beside an icon."""
    scale = context.preferences.system.ui_scale
    width = context.region.width if context.region is not None else 250
    return max(20, int((width / scale - 60) / LETTER))


def lines(layout: bpy.types.UILayout, text: str, wide: int, icon: Any = "BLANK1") -> None:
    """Write a line, on as many as it needs."""
    column = layout.column(align=True)
    column.scale_y = 0.8
    for number, line in enumerate(textwrap.wrap(iface_(text), wide)):
        column.label(text=line, icon=icon if number == 0 else "BLANK1", translate=False)


def hint(layout: bpy.types.UILayout, context: bpy.types.Context, text: str) -> None:
    """Say what is to be done next, or why nothing can be; nothing when there is nothing to say."""
    if text:
        lines(layout, text, letters(context), "INFO")


def button(layout: bpy.types.UILayout, context: bpy.types.Context, name: str, icon: Any, scale: float = 1.4) -> Any:
    """Draw an operator's button and give its properties; while it works there is its progress instead, and None.

    Blender keeps drawing a button that is under the mouse as it was before; one that comes back is drawn anew.
    """
    status = status_of(context)
    if status.running and status.title == _label(name):
        column = layout.column(align=True)
        row = column.row(align=True)
        row.scale_y = scale
        row.progress(factor=status.done, text=status.how_far(), translate=False)
        row.operator("headroom.stop", text="", icon="X")
        column.label(text=iface_(status.stage), translate=False)
        return None
    row = layout.row()
    row.scale_y, row.active = scale, not status.running  # whoever presses it meanwhile is told what goes on
    return row.operator(name, icon=icon)


def _label(name: str) -> str:
    category, _, verb = name.partition(".")
    return getattr(getattr(bpy.ops, category), verb).get_rna_type().name
