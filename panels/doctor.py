"""The sidebar's panel that says why nothing moves."""

import bpy

from ..addon.doctor import state_of, why_not
from ..addon.translate import iface_
from .layout import Tab, button, letters, lines


class HEADROOM_PT_doctor(Tab, bpy.types.Panel):  # noqa: N801
    """Finding out why nothing moves."""

    bl_label = "Doctor"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        """The button, what was found by the last look, and how to end it."""
        layout, state = self.layout, state_of(context)
        wide, found = letters(context), [item for item in state.findings if not item.note]
        button(layout, context, "headroom.examine", "VIEWZOOM", scale=1.2)
        if why := why_not(context):
            lines(layout, why, wide, "INFO")
        if not state.looked:
            return
        if sum(bool(item.fix) and not item.ask for item in found) > 1:  # above the list, which may be a long one
            button(layout, context, "headroom.fix_all", "TOOL_SETTINGS", scale=1.2)
        if not found:
            lines(
                layout,
                f"Nothing is in the way of {state.whom}" if state.whom else "Nothing with shape keys is selected",
                wide,
                "CHECKMARK",
            )
            for line in filter(None, state.plays.split("\n")):
                lines(layout, line, wide)
        for item in found:
            box = layout.box().column(align=True)
            lines(box, item.why, wide, "ERROR")
            if item.fix:
                box.separator(factor=0.5)
                box.operator("headroom.fix", text=iface_(item.fix), icon="NONE", translate=False).finding = item.name
        for item in state.findings:
            if item.note:
                lines(layout, item.why, wide, "INFO")
            if item.note and item.fix:
                layout.operator("headroom.fix", text=item.fix, icon="NONE").finding = item.name
