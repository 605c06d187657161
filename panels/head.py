"""The sidebar's first panel: heads, and making new ones. Other panels about heads are inside it."""

import bpy

from ..addon import active
from ..addon.properties import settings_of
from .layout import Tab, button, columns, hint


class HEADROOM_PT_head(Tab, bpy.types.Panel):  # noqa: N801
    """Which head is meant."""

    bl_label = "Head"
    bl_idname = "HEADROOM_PT_head"

    def draw(self, context: bpy.types.Context) -> None:
        """The active head, or how to get one."""
        body = active.head(context)
        if body is not None:
            self.layout.label(text=body.name, icon="USER", translate=False)
        elif active.is_variant(context):
            button(self.layout, context, "headroom.keep_variant", "CHECKMARK")
        else:
            hint(self.layout, context, "Generate a head or select one")


class HEADROOM_PT_generate(Tab, bpy.types.Panel):  # noqa: N801
    """Making heads."""

    bl_label = "Generate"
    bl_idname = "HEADROOM_PT_generate"
    bl_parent_id = "HEADROOM_PT_head"

    def draw(self, context: bpy.types.Context) -> None:
        """Seed, what is fixed, and the button."""
        layout, settings = columns(self.layout), settings_of(context.scene)
        row = layout.row(align=True)
        row.prop(settings, "seed")
        row.operator("headroom.new_seed", text="", icon="FILE_REFRESH")
        layout.prop(settings, "variety", slider=True)
        layout.prop(settings, "level")
        button(layout, context, "headroom.generate_head", "MONKEY")


class HEADROOM_PT_wishes(Tab, bpy.types.Panel):  # noqa: N801
    """What the next heads shall have."""

    bl_label = "Fixed Attributes"
    bl_parent_id = "HEADROOM_PT_generate"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        """Presets, and what is fixed."""
        layout, settings = columns(self.layout), settings_of(context.scene)
        layout.operator_menu_enum("headroom.preset", "name", icon="PRESET")
        for index, item in enumerate(settings.attributes):
            row = layout.row(align=True)
            if hasattr(settings.wishes, item.name):
                row.prop(settings.wishes, item.name, slider=True)
            row.operator("headroom.remove_attribute", text="", icon="X").index = index
        layout.operator_menu_enum("headroom.add_attribute", "name", icon="ADD")


class HEADROOM_PT_crowd(Tab, bpy.types.Panel):  # noqa: N801
    """Making many heads at once."""

    bl_label = "Crowd"
    bl_parent_id = "HEADROOM_PT_generate"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        """How many, and the button."""
        layout, settings = columns(self.layout), settings_of(context.scene)
        layout.prop(settings, "count")
        button(layout, context, "headroom.generate_crowd", "COMMUNITY")
