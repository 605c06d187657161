"""The sidebar's panel for editing phones, and the same in the Marker menus of all editors with a timeline."""

from typing import Any

import bpy

from ..addon import active
from ..addon.translate import iface_
from .layout import Tab, button


class HEADROOM_PT_phones(Tab, bpy.types.Panel):  # noqa: N801
    """Phones and words as markers on the timeline."""

    bl_label = "Phones"
    bl_parent_id = "HEADROOM_PT_speak"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only for a head that speaks, and while phones are shown."""
        return active.speaks(context)

    def draw(self, context: bpy.types.Context) -> None:
        """What is said around the playhead, and what can be done to it."""
        layout, found = self.layout, active.phones(context)
        state: Any = context.scene.headroom_phones  # type: ignore[attr-defined]
        if not found["shown"]:
            layout.operator("headroom.show_phones", icon="MARKER_HLT")
            return
        button(layout, context, "headroom.update_lips", "FILE_REFRESH")
        row = layout.row()
        row.prop(state, "live")
        row.operator("headroom.hide_phones", text="Hide", icon="MARKER")
        layout.label(text=found["shown"], icon="OUTLINER_OB_MESH", translate=False)
        if found["problem"]:
            layout.label(text=iface_(found["problem"]), icon="ERROR", translate=False)
        box = layout.box().column(align=True)
        for _, name, word, seconds, lasts, now in found["rows"]:
            row = box.row()
            row.active = now or word
            line = row.row()
            line.label(text=name, icon="PLAY" if now else "BLANK1", translate=False)
            line.label(text=f"{seconds:.2f} s")
            line.label(text="" if word else iface_(f"{lasts} fr"))
        row = layout.row(align=True)
        row.prop(state, "phone", text="")
        row.operator("headroom.add_phone", text="Add", icon="ADD").phone = state.phone
        row = layout.row(align=True)
        row.operator("headroom.retype_phone", text="Retype", icon="GREASEPENCIL")
        row.operator("headroom.delete_phone", text="Delete", icon="X")
        if found["other"]:
            layout.operator("headroom.show_phones", text="Show This Head's", icon="MARKER_HLT")


class HEADROOM_MT_phones(bpy.types.Menu):  # noqa: N801
    """What can be done to phones where their markers are."""

    bl_label = "Headroom Phones"
    bl_idname = "HEADROOM_MT_phones"

    def draw(self, context: bpy.types.Context) -> None:
        """The same as in the sidebar."""
        layout = self.layout
        layout.operator("headroom.show_phones", icon="MARKER_HLT")
        layout.operator("headroom.update_lips", icon="FILE_REFRESH")
        layout.separator()
        layout.operator_menu_enum("headroom.add_phone", "phone", icon="ADD")
        layout.operator("headroom.retype_phone", icon="GREASEPENCIL")
        layout.operator("headroom.delete_phone", icon="X")
        layout.separator()
        layout.operator("headroom.hide_phones", icon="MARKER")


def draw_menu(self: Any, context: bpy.types.Context) -> None:
    """Add the menu to a Marker menu."""
    self.layout.separator()
    self.layout.menu(HEADROOM_MT_phones.bl_idname)
