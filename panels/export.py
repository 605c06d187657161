"""The sidebar's panel for exporting a head and seeing what arrived."""

import bpy

from ..addon.gate import settings_of, state_of, why_not
from .layout import Tab, button, columns, letters, lines

MOST = 8
"""Lines of a report that are shown, the worst."""


class HEADROOM_PT_export(Tab, bpy.types.Panel):  # noqa: N801
    """Exporting."""

    bl_label = "Export"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        """The format, the place, the button, and what the last check said."""
        layout, settings = columns(self.layout), settings_of(context.scene)
        for name in ("format", "folder", "clips", "check"):
            layout.prop(settings, name)
        button(layout, context, "headroom.export_check", "EXPORT", scale=1.2)
        wide, state = letters(context), state_of(context)
        if why := why_not(context):
            lines(self.layout, why, wide, "INFO")
        if not state.file:
            return
        box = self.layout.box().column(align=True)
        lines(box, f"{state.file}: {state.summary}", wide, "CHECKMARK" if state.passed else "ERROR")
        for item in list(state.lines)[:MOST]:
            lines(box, item.why, wide, "CANCEL" if item.lost else "INFO")
        if len(state.lines) > MOST:
            lines(box, f"and {len(state.lines) - MOST} more", wide)
