"""The sidebar's panel for seeing a head speak before it is baked: its sliders, Bake and Stop."""

import bpy

from ..addon import active
from ..addon.properties import PHONES, SLIDERS, TAKE_SLIDERS, HeadroomSettings, settings_of, status_of
from .layout import Tab, button, columns


class HEADROOM_PT_preview(Tab, bpy.types.Panel):  # noqa: N801
    """The sliders of what is previewed, right below the sound."""

    bl_label = "Preview"
    bl_parent_id = "HEADROOM_PT_speak"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while a head is previewed."""
        return bool(active.preview(context)["head"])

    def draw(self, context: bpy.types.Context) -> None:
        """Whose preview it is, the sliders that it follows, and how it ends."""
        layout, settings, found = columns(self.layout), settings_of(context.scene), active.preview(context)
        layout.label(text=found["head"], icon="OUTLINER_OB_MESH", translate=False)
        if found["stale"]:
            layout.label(text="Another sound, text or take was chosen", icon="INFO")
            button(layout, context, "headroom.preview", "FILE_REFRESH", scale=1.0)
        row = self.layout.row(align=True)  # above the sliders, which are many
        button(row, context, "headroom.bake_preview", "KEYFRAME_HLT")
        end = row.row(align=True)
        end.scale_y = 1.4
        end.operator("headroom.stop_preview", text="", icon="X")
        sliders(columns(self.layout), settings, found["take"])


def sliders(layout: bpy.types.UILayout, settings: HeadroomSettings, take: bool) -> None:
    """Draw how far a take moves, or how a mouth speaks."""
    if not take:
        layout.prop(settings, "articulation")
    column = layout.column(align=True)
    for name in TAKE_SLIDERS if take else SLIDERS:
        column.prop(settings, name, slider=True)
    if not take:
        column = layout.column(align=True, heading="Phones")
        for name in PHONES:
            column.prop(settings, name, slider=True)


def preview_button(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the switch that begins and ends the preview of the active head."""
    if status_of(context).running or not active.preview(context)["mine"]:
        button(layout, context, "headroom.preview", "HIDE_OFF")
        return
    row = layout.row()
    row.scale_y = 1.4
    row.operator("headroom.stop_preview", text="Preview", icon="HIDE_OFF", depress=True)
