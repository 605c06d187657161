"""The sidebar's panels for the active head's layers: what is played, how much of it, and work on their keys."""

from typing import Any

import bpy

from ..addon import active, mixing
from ..addon.properties import settings_of
from .layout import Tab, button, columns, hint


class HEADROOM_PT_layers(Tab, bpy.types.Panel):  # noqa: N801
    """Mixing what moves a head."""

    bl_label = "Layers"
    bl_idname = "HEADROOM_PT_layers"

    def draw(self, context: bpy.types.Context) -> None:
        """A line per layer, the topmost first, and what can be done with the chosen one."""
        layout, shown, settings = self.layout, active.layers(context), settings_of(context.scene)
        if shown["why_not"]:
            hint(layout, context, shown["why_not"])
            return
        column = layout.column(align=True)
        for name in shown["names"]:
            self._line(column, mixing.mix_of(shown["head"]), settings, name, shown["edited"] == name)
        if shown["edited"]:
            hint(layout, context, "Edit the keys in Dope Sheet or Graph Editor; press the pen again when done")
        if settings.layer not in shown["names"]:
            hint(layout, context, "Choose a layer by its name")
            return
        row = layout.row(align=True)
        row.operator("headroom.solo_layer", icon="SOLO_ON").layer = settings.layer
        row.operator("headroom.delete_layer", text="Delete", icon="TRASH").layer = settings.layer

    def _line(self, column: bpy.types.UILayout, mix: Any, settings: Any, name: str, edited: bool) -> None:
        """The eye, the name to choose it, the strength, and the pen."""
        row = column.row(align=True)
        if not hasattr(mix, f"{name}_shown"):  # from a performance of others
            row.label(text=name, translate=False)
            return
        row.prop(
            mix, f"{name}_shown", text="", icon="HIDE_OFF" if getattr(mix, f"{name}_shown") else "HIDE_ON", emboss=False
        )
        part = row.split(factor=0.4, align=True)
        part.prop_enum(settings, "layer", name)
        part.prop(mix, f"{name}_strength", text="", slider=True)
        row.operator("headroom.edit_layer", text="", icon="GREASEPENCIL", depress=edited).layer = name


class HEADROOM_PT_layers_keys(Tab, bpy.types.Panel):  # noqa: N801
    """Thinning out the keys of the chosen layer."""

    bl_label = "Reduce Keys"
    bl_parent_id = "HEADROOM_PT_layers"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        """How few there shall be, as lip sync has it too, and the button."""
        layout, settings = columns(self.layout), settings_of(context.scene)
        layout.prop(settings, "layer")
        how_few(layout, settings)
        button(layout, context, "headroom.reduce_keys", "FCURVE", scale=1.0)


def how_few(layout: bpy.types.UILayout, settings: Any) -> None:
    """Draw how few keys there shall be."""
    layout.prop(settings, "keys_error")
    layout.prop(settings, "stepped")
    row = layout.row()
    row.active = settings.stepped
    row.prop(settings, "step")
