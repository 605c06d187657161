"""The sidebar tab "Headroom" of the 3D viewport."""

from typing import Any

import bpy

from ..addon.properties import attributes_text, hand_over, settings_of, status_of


class _Tab:
    bl_space_type: Any = "VIEW_3D"
    bl_region_type: Any = "UI"
    bl_category = "Headroom"


class HEADROOM_PT_head(_Tab, bpy.types.Panel):  # noqa: N801
    """Making heads."""

    bl_label = "Head"

    def draw(self, context: bpy.types.Context) -> None:
        """Seed, attributes and the button."""
        layout, settings = _columns(self.layout), settings_of(context.scene)
        layout.prop(settings, "seed")
        layout.prop(settings, "variety", slider=True)
        for index, item in enumerate(settings.attributes):
            row = layout.row(align=True)
            row.prop(item, "value", text=item.name.replace("_", " ").title(), slider=True)
            row.operator("headroom.remove_attribute", text="", icon="X").index = index
        layout.operator_menu_enum("headroom.add_attribute", "name", icon="ADD")
        operator = _button(layout, context, "headroom.generate_head", "MONKEY")
        hand_over(settings, operator)
        operator.set = attributes_text(settings)
        _progress(self.layout, context, "Generate Head")


class HEADROOM_PT_speak(_Tab, bpy.types.Panel):  # noqa: N801
    """Letting heads speak."""

    bl_label = "Speak"

    def draw(self, context: bpy.types.Context) -> None:
        """The sound, what is said in it, and the button."""
        layout, settings = _columns(self.layout), settings_of(context.scene)
        layout.prop(settings, "source", expand=True)
        if settings.source == "FILE":
            layout.prop(settings, "filepath")
            layout.prop(settings, "start")
        elif settings.source == "STRIP":
            editor = context.scene.sequence_editor
            if editor is None:
                layout.label(text="No sequencer in this scene yet", icon="INFO")
            else:
                layout.prop_search(settings, "strip", editor, "strips" if hasattr(editor, "strips") else "sequences")
        else:
            layout.prop(settings, "speaker")
        layout.prop(settings, "transcript")
        row = layout.row()
        row.active = bool(settings.transcript)
        row.prop(settings, "language")
        operator = _button(layout, context, "headroom.lip_sync", "PLAY_SOUND")
        hand_over(settings, operator)
        _progress(self.layout, context, "Lip Sync")


class HEADROOM_PT_speak_tuning(_Tab, bpy.types.Panel):  # noqa: N801
    """How the mouth moves."""

    bl_label = "Fine-Tuning"
    bl_parent_id = "HEADROOM_PT_speak"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        """The sliders of lip sync."""
        layout = _columns(self.layout)
        for name in ("strength", "jaw", "lips", "tongue", "smoothing", "lead"):
            layout.prop(settings_of(context.scene), name, slider=True)


def _columns(layout: bpy.types.UILayout) -> bpy.types.UILayout:
    column = layout.column()
    column.use_property_split, column.use_property_decorate = True, False
    return column


def _button(
    layout: bpy.types.UILayout, context: bpy.types.Context, name: str, icon: Any
) -> bpy.types.OperatorProperties:
    row = layout.row()
    row.scale_y, row.enabled = 1.4, not status_of(context).running
    return row.operator(name, icon=icon)


def _progress(layout: bpy.types.UILayout, context: bpy.types.Context, title: str) -> None:
    """Show how far the running work is, and a way to stop it."""
    status = status_of(context)
    if status.running and status.title == title:
        row = layout.row(align=True)
        row.progress(factor=status.done, text=f"{status.stage} {status.done:.0%}")
        row.operator("headroom.stop", text="", icon="X")
