"""The sidebar's panel that gives shapes to a head that has none."""

import bpy

from ..addon.properties import hand_over
from ..addon.rig_properties import settings_of
from .layout import Tab, button, columns


class HEADROOM_PT_shapes(Tab, bpy.types.Panel):  # noqa: N801
    """Giving shapes to any head."""

    bl_label = "Rig Any Head"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        """Landmarks to look at, what to give, and the button."""
        layout, settings = columns(self.layout), settings_of(context.scene)
        row = self.layout.row(align=True)
        button(row, context, "headroom.find_landmarks", "VIEWZOOM", scale=1.2)
        row.operator("headroom.clear_landmarks", text="", icon="X")
        for name in ("shapes", "bones", "correctives"):
            line = layout.row()
            line.active = name != "correctives" or settings.shapes == "all"
            line.prop(settings, name)
        operator = button(self.layout, context, "headroom.give_shapes", "SHAPEKEY_DATA")
        if operator is not None:
            hand_over(settings, operator)
