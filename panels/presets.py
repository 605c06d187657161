"""Lists of presets, in the headers of the panels whose settings they keep."""

import bpy
from bl_ui.utils import PresetPanel


class HEADROOM_PT_speak_presets(PresetPanel, bpy.types.Panel):  # noqa: N801
    """Presets of how the mouth moves."""

    bl_label = "Fine-Tuning Presets"
    preset_subdir = "headroom/speak"
    preset_operator = "script.execute_preset"
    preset_add_operator = "headroom.speak_preset"


class HEADROOM_PT_stabilize_presets(PresetPanel, bpy.types.Panel):  # noqa: N801
    """Presets of how captures are stabilized."""

    bl_label = "Stabilize Presets"
    preset_subdir = "headroom/stabilize"
    preset_operator = "script.execute_preset"
    preset_add_operator = "headroom.stabilize_preset"
