"""Entries in Blender's own menus: right-click on a head, its shape keys or a sound strip, and File > Import.

Each is an operator that says itself why it is grey.
"""

from typing import Any

import bpy

from ..addon import active
from ..addon.properties import hand_over, settings_of
from .assets import draw_asset


class HEADROOM_MT_head(bpy.types.Menu):  # noqa: N801
    """What can be done to a head, where artists look for it first."""

    bl_label = "Headroom"
    bl_idname = "HEADROOM_MT_head"

    def draw(self, context: bpy.types.Context) -> None:
        """The same buttons as in the sidebar, with its settings."""
        layout = self.layout
        layout.operator("headroom.lip_sync", icon="PLAY_SOUND")
        layout.operator("headroom.import_live_link", icon="IMPORT")
        layout.separator()
        layout.operator("headroom.give_shapes", icon="SHAPEKEY_DATA")
        layout.operator("headroom.recognize_keys", icon="VIEWZOOM")
        layout.separator()
        layout.operator("headroom.examine", icon="QUESTION")


def draw_head(self: Any, context: bpy.types.Context) -> None:
    """Add the menu to one of objects or shape keys."""
    self.layout.separator()
    self.layout.menu(HEADROOM_MT_head.bl_idname, icon="USER")


def draw_strip(self: Any, context: bpy.types.Context) -> None:
    """Let the active head speak the active strip; only where that is a sound, as Blender's own entries for sounds.

    What is known about another sound (its transcript, its phones) is not handed on.
    """
    strip, scene = active.sound_strip(context)
    if not strip:
        return
    settings = settings_of(context.scene)
    self.layout.separator()
    operator = self.layout.operator("headroom.lip_sync", text="Let the Head Speak This", icon="PLAY_SOUND")
    hand_over(settings, operator)
    if (settings.source, settings.strip, settings.strip_scene) != ("STRIP", strip, scene):
        operator.transcript = operator.phones = ""
    operator.source, operator.strip, operator.strip_scene = "STRIP", strip, scene


def draw_import(self: Any, context: bpy.types.Context) -> None:
    """Add what Headroom reads to File > Import."""
    self.layout.operator_context = "INVOKE_DEFAULT"  # opened by itself, the menu would ask for no file
    self.layout.operator("headroom.import_live_link", text="Live Link Face (.csv)")
    self.layout.operator("headroom.import_head", text="Headroom Head (.npz)")


MENUS = (
    ("VIEW3D_MT_object_context_menu", draw_head),
    ("MESH_MT_shape_key_context_menu", draw_head),
    ("SEQUENCER_MT_strip", draw_strip),
    ("SEQUENCER_MT_context_menu", draw_strip),
    ("TOPBAR_MT_file_import", draw_import),
    ("ASSETBROWSER_MT_context_menu", draw_asset),
)
"""Where each belongs; Blender 4.2 to 5.2 call these menus alike."""


def attach() -> None:
    """Put all entries into their menus."""
    for name, draw in MENUS:
        getattr(bpy.types, name).append(draw)


def detach() -> None:
    """Undo `attach`."""
    for name, draw in MENUS:
        getattr(bpy.types, name).remove(draw)
