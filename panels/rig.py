"""The sidebar's panel, inside Head, that gives shapes to a head that has none."""

from typing import Any

import bpy

from ..addon import active
from ..addon.rig_properties import settings_of
from .layout import Tab, button, columns, letters, lines


class HEADROOM_PT_shapes(Tab, bpy.types.Panel):  # noqa: N801
    """Giving shapes to any head."""

    bl_label = "Rig Any Head"
    bl_parent_id = "HEADROOM_PT_head"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        """Landmarks to look at, what to give, and the button."""
        shown, settings = active.landmarks(context), settings_of(context.scene)
        row = self.layout.row(align=True)
        button(row, context, "headroom.find_landmarks", "VIEWZOOM", scale=1.2)
        more = row.row(align=True)
        more.scale_y = 1.2
        if shown["count"]:
            more.operator("headroom.clear_landmarks", text="", icon="TRASH")
            self._landmarks(context, shown)
        else:
            more.operator("headroom.place_landmarks", text="", icon="EMPTY_ARROWS")
        layout = columns(self.layout)
        for name in ("shapes", "bones", "correctives"):
            line = layout.row()
            line.active = name != "correctives" or settings.shapes == "all"
            line.prop(settings, name)
        button(self.layout, context, "headroom.give_shapes", "SHAPEKEY_DATA")

    def _landmarks(self, context: bpy.types.Context, shown: dict[str, Any]) -> None:
        """Say whose the landmarks are, and which one is being dragged."""
        wide = letters(context)
        whose = f" of {', '.join(shown['whose'])}" if shown["whose"] else ""
        lines(self.layout, f"{shown['count']} landmarks{whose}; drag those that are off", wide, "EMPTY_AXIS")
        if shown["place"]:
            lines(self.layout, shown["place"].capitalize(), wide, "RESTRICT_SELECT_OFF")
