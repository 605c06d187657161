"""The sidebar's panel that says why nothing moves."""

import textwrap
from typing import Any

import bpy

from ..addon.doctor import state_of
from .layout import Tab, button

LETTER = 6.6
"""Pixels that a letter takes, at a scale of 1."""


class HEADROOM_PT_doctor(Tab, bpy.types.Panel):  # noqa: N801
    """Finding out why nothing moves."""

    bl_label = "Doctor"
    bl_parent_id = "HEADROOM_PT_speak"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        """The button, what was found by the last look, and how to end it."""
        layout, state = self.layout, state_of(context)
        button(layout, context, "headroom.examine", "VIEWZOOM", scale=1.2)
        if not state.looked:
            return
        wide = _letters(context)
        found = [item for item in state.findings if not item.note]
        if not found:
            _lines(
                layout,
                f"Nothing is in the way of {state.whom}" if state.whom else "Nothing with shape keys is selected",
                wide,
                "CHECKMARK",
            )
            for line in filter(None, state.plays.split("\n")):
                _lines(layout, line, wide)
        for item in found:
            box = layout.box().column(align=True)
            _lines(box, item.why, wide, "ERROR")
            if item.fix:
                box.operator("headroom.fix", text=item.fix, icon="NONE").finding = item.name
        if sum(bool(item.fix) and not item.ask for item in found) > 1:
            button(layout, context, "headroom.fix_all", "TOOL_SETTINGS", scale=1.2)
        for item in state.findings:
            if item.note:
                _lines(layout, item.why, wide, "INFO")


def _letters(context: bpy.types.Context) -> int:
    """Give how many letters fit into a line beside an icon."""
    scale = context.preferences.system.ui_scale
    width = context.region.width if context.region is not None else 250
    return max(20, int((width / scale - 60) / LETTER))


def _lines(layout: bpy.types.UILayout, text: str, wide: int, icon: Any = "BLANK1") -> None:
    """Write a line, on as many as it needs."""
    column = layout.column(align=True)
    column.scale_y = 0.8
    for number, line in enumerate(textwrap.wrap(text, wide)):
        column.label(text=line, icon=icon if number == 0 else "BLANK1")
