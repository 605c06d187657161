"""The sidebar's panels for changing the active head: the person it is, its attributes, its rig."""

import re
from typing import Any

import bpy

from ..addon import active, person
from ..addon.properties import settings_of
from .layout import Tab, button, columns, hint


class HEADROOM_PT_person(Tab, bpy.types.Panel):  # noqa: N801
    """Changing the active head."""

    bl_label = "Person"
    bl_idname = "HEADROOM_PT_person"
    bl_parent_id = "HEADROOM_PT_head"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only for our heads."""
        return active.head(context) is not None

    def draw(self, context: bpy.types.Context) -> None:
        """What can be done with the whole head."""
        layout, settings = columns(self.layout), settings_of(context.scene)
        row = layout.row(align=True)
        if active.is_anyone_saved():
            row.operator_menu_enum("headroom.apply_person", "name", icon="PRESET")
            row.operator("headroom.save_person", text="", icon="ADD")
            row.operator_menu_enum("headroom.remove_person", "name", text="", icon="REMOVE")
        else:
            row.operator("headroom.save_person", icon="ADD")
        layout.prop(settings, "amount", slider=True)
        row = layout.row(align=True)
        for name in ("headroom.vary_head", "headroom.variants"):
            operator = button(row, context, name, "NONE", scale=1.0)
            if operator is not None:
                operator.amount = settings.amount
        row = layout.row(align=True)
        button(row, context, "headroom.randomize_head", "NONE", scale=1.0)
        button(row, context, "headroom.reset_head", "NONE", scale=1.0)
        row = layout.row(align=True)
        row.prop(settings, "level", text="")
        operator = button(row, context, "headroom.rebuild_head", "NONE", scale=1.0)
        if operator is not None:
            operator.level = settings.level


class HEADROOM_PT_attributes(Tab, bpy.types.Panel):  # noqa: N801
    """The attributes of the active head, in groups."""

    bl_label = "Attributes"
    bl_idname = "HEADROOM_PT_attributes"
    bl_parent_id = "HEADROOM_PT_head"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only for our heads."""
        return active.head(context) is not None

    def draw(self, context: bpy.types.Context) -> None:
        """Say why the sliders do nothing, when they do not."""
        hint(self.layout, context, active.why_not_edit(context))


class _Group(Tab):
    """Attributes that belong together, as sliders of the active head; the lock keeps them when the head is varied."""

    bl_parent_id = "HEADROOM_PT_attributes"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012
    group = ""

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        """Draw the lock, at the right of the header."""
        sliders, lock = _sliders(context), person.lock_name(self.group)
        self.layout.prop(  # type: ignore[attr-defined]
            sliders, lock, text="", icon="LOCKED" if getattr(sliders, lock) else "UNLOCKED", emboss=False
        )

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the sliders."""
        column = columns(self.layout).column(align=True)  # type: ignore[attr-defined]
        column.enabled = not active.why_not_edit(context)
        for name in person.groups()[self.group]:
            column.prop(_sliders(context), name, slider=True)


def _sliders(context: bpy.types.Context) -> Any:
    return person.person_of(active.head(context))


def _panel(group: str) -> type:
    name = f"HEADROOM_PT_person_{re.sub('[^a-z]', '_', group.lower())}"
    return type(name, (_Group, bpy.types.Panel), {"bl_label": group, "bl_idname": name, "group": group})


GROUPS = tuple(_panel(group) for group in person.groups())
"""One panel per group of attributes."""


class HEADROOM_PT_rig(Tab, bpy.types.Panel):  # noqa: N801
    """Switches of the active head's rig."""

    bl_label = "Rig"
    bl_parent_id = "HEADROOM_PT_head"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only for heads with a rig of ours."""
        return active.rig(context) is not None

    def draw(self, context: bpy.types.Context) -> None:
        """Limits, and what the eyes do."""
        layout, rig = columns(self.layout), active.rig(context)
        for name, text in (("limits", "Limits"), ("eyes_aim", "Eyes Aim"), ("eyes_follow_head", "Eyes Follow Head")):
            if rig.get(name) is not None:
                layout.prop(rig, f'["{name}"]', text=text, slider=True)
