"""Settings that an artist keeps as presets, in Blender's own way: files in the folder of user presets."""

import bpy
from bl_operators.presets import AddPresetBase

from ..addon.properties import SKULL, TUNING


class HEADROOM_OT_speak_preset(AddPresetBase, bpy.types.Operator):  # noqa: N801
    """Keep how the mouth moves, or forget it again."""

    bl_idname = "headroom.speak_preset"
    bl_label = "Add Fine-Tuning Preset"
    bl_description = "Keep how the mouth moves as a preset, or remove a preset"
    preset_menu = "HEADROOM_PT_speak_presets"
    preset_subdir = "headroom/speak"
    preset_defines = ("settings = bpy.context.scene.headroom",)
    preset_values = tuple(f"settings.{name}" for name in TUNING)


class HEADROOM_OT_stabilize_preset(AddPresetBase, bpy.types.Operator):  # noqa: N801
    """Keep how captures are stabilized, or forget it again."""

    bl_idname = "headroom.stabilize_preset"
    bl_label = "Add Stabilize Preset"
    bl_description = "Keep how captures are stabilized as a preset, or remove a preset"
    preset_menu = "HEADROOM_PT_stabilize_presets"
    preset_subdir = "headroom/stabilize"
    preset_defines = ("settings = bpy.context.scene.headroom.stabilize",)
    preset_values = tuple(f"settings.{name}" for name in SKULL)
