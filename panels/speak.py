"""The sidebar's panels for letting heads speak."""

import bpy

from ..addon import active
from ..addon.properties import hand_over, settings_of
from .layers import how_few
from .layout import Tab, button, columns, hint
from .presets import HEADROOM_PT_speak_presets
from .preview import preview_button, sliders


class HEADROOM_PT_speak(Tab, bpy.types.Panel):  # noqa: N801
    """Letting heads speak."""

    bl_label = "Speak"

    def draw(self, context: bpy.types.Context) -> None:
        """The sound, what is said in it, and the button; or the take."""
        hint(self.layout, context, active.why_not_speak(context))
        settings = settings_of(context.scene)
        sources = self.layout.grid_flow(row_major=True, columns=2, even_columns=True, align=True)  # names have room
        sources.prop(settings, "source", expand=True)
        layout = columns(self.layout)
        if settings.source == "FILE":
            layout.prop(settings, "filepath")
            layout.prop(settings, "start")
        elif settings.source == "STRIP":
            _strips(layout, context.scene)
        elif settings.source == "SPEAKER":
            layout.prop(settings, "speaker")
        else:
            layout.prop(settings, "take")
            layout.prop(settings, "start")
            preview_button(layout, context)
            _take_button(layout, context)
            return
        layout.prop(settings, "transcript")
        row = layout.row()
        row.active = bool(settings.transcript)
        row.prop(settings, "language")
        preview_button(layout, context)
        button(layout, context, "headroom.lip_sync", "PLAY_SOUND")


def _strips(layout: bpy.types.UILayout, scene: bpy.types.Scene) -> None:
    """Draw the strips to choose from; those of another scene where there is one, such as an edit."""
    settings = settings_of(scene)
    if len(bpy.data.scenes) > 1:
        layout.prop_search(settings, "strip_scene", bpy.data, "scenes")
    editor = bpy.data.scenes.get(settings.strip_scene, scene).sequence_editor
    if editor is None:
        layout.label(text="No sequencer in this scene yet", icon="INFO")
    else:
        layout.prop_search(settings, "strip", editor, "strips" if hasattr(editor, "strips") else "sequences")


def _take_button(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the button that lets the active head play the take that is chosen, as the panel says."""
    settings = settings_of(context.scene)
    operator = button(layout, context, "headroom.import_live_link", "IMPORT")
    if operator is not None:
        hand_over(settings, operator)
        operator.filepath, operator.at = settings.take, "SPEAK"


class HEADROOM_PT_speak_known(Tab, bpy.types.Panel):  # noqa: N801
    """What is known already about what is said."""

    bl_label = "Dictionary and Phones"
    bl_parent_id = "HEADROOM_PT_speak"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only for sound."""
        return settings_of(context.scene).source != "TAKE"

    def draw(self, context: bpy.types.Context) -> None:
        """Files that make the next lip sync more exact."""
        layout, settings = columns(self.layout), settings_of(context.scene)
        row = layout.row()
        row.active = bool(settings.transcript) and not settings.phones
        row.prop(settings, "dictionary")
        layout.prop(settings, "phones")


class HEADROOM_PT_speak_tuning(Tab, bpy.types.Panel):  # noqa: N801
    """How the mouth moves."""

    bl_label = "Fine-Tuning"
    bl_parent_id = "HEADROOM_PT_speak"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        """Presets, at the right of the header."""
        HEADROOM_PT_speak_presets.draw_panel_header(self.layout)

    def draw(self, context: bpy.types.Context) -> None:
        """The sliders of lip sync, or of a take."""
        layout, settings = columns(self.layout), settings_of(context.scene)
        take = settings.source == "TAKE"
        if not take:
            layout.prop(settings, "visemes")
        sliders(layout, settings, take)


class HEADROOM_PT_speak_keys(Tab, bpy.types.Panel):  # noqa: N801
    """How many keys the next lip sync writes."""

    bl_label = "Keys"
    bl_parent_id = "HEADROOM_PT_speak"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        """As few as the motion allows, or poses that are held."""
        how_few(columns(self.layout), settings_of(context.scene))
