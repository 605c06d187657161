"""Presets of fine-tuning and of stabilizing: kept as Blender keeps its own, used, and removed."""

from __future__ import annotations

import dataclasses

import bpy


def test_fine_tuning_is_kept_used_and_removed():
    settings = bpy.context.scene.headroom
    settings.strength, settings.articulation, settings.transcript = 0.4, "sung", "hello"
    assert bpy.ops.headroom.speak_preset(name="Opera") == {"FINISHED"}
    path = bpy.utils.preset_find("Opera", "headroom/speak")
    settings.strength, settings.articulation, settings.transcript = 1.0, "neutral", "other"
    bpy.ops.script.execute_preset(filepath=path, menu_idname="HEADROOM_PT_speak_presets")
    assert (round(settings.strength, 3), settings.articulation, settings.transcript) == (0.4, "sung", "other")
    bpy.ops.headroom.speak_preset(name="Opera", remove_name=True)
    assert not bpy.utils.preset_find("Opera", "headroom/speak")


def test_stabilizing_is_kept_and_used():
    settings = bpy.context.scene.headroom.stabilize
    settings.smoothing, settings.face = 0.5, "KEYS"
    assert bpy.ops.headroom.stabilize_preset(name="Jitter") == {"FINISHED"}
    path = bpy.utils.preset_find("Jitter", "headroom/stabilize")
    settings.smoothing, settings.face = 0.0, "CACHE"
    bpy.ops.script.execute_preset(filepath=path, menu_idname="HEADROOM_PT_stabilize_presets")
    assert (round(settings.smoothing, 3), settings.face) == (0.5, "KEYS")


def test_all_that_is_not_of_one_sound_is_kept(part):
    names = {field.name for field in dataclasses.fields(part("core.speech.lipsync").LipsyncOptions)}
    of_one_sound = {"fps", "transcript", "language", "dictionary"}
    assert names - of_one_sound <= set(part("addon.properties").TUNING)
