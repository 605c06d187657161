"""The two verbs as scripts and the sidebar call them."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import bpy
import numpy as np
import pytest


def sounds_placed() -> list[str]:
    editor = bpy.context.scene.sequence_editor
    return [strip.name for strip in editor.strips_all] if editor is not None else []


def speak(**settings) -> set[str]:
    return bpy.ops.headroom.lip_sync(**settings)


def test_generate_adds_a_head_at_the_cursor(models, part):
    bpy.context.scene.cursor.location = (1, 2, 3)
    assert bpy.ops.headroom.generate_head(seed=7, set="nose_width=1.5, skin_tone=0.5") == {"FINISHED"}
    body = bpy.context.active_object
    assert not part("addon.bridge.heads").why_not(body)
    assert models[-1].seed == 7
    assert models[-1].set == {"nose_width": 1.5, "skin_tone": 0.5}
    bpy.context.view_layer.update()
    assert tuple(body.matrix_world.translation) == (1, 2, 3)


def test_generate_is_one_undo_step(models):
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.headroom.generate_head()
    bpy.ops.ed.undo_push(message="after")
    assert "Head" in bpy.data.objects
    bpy.ops.ed.undo()
    assert not bpy.data.objects
    assert not bpy.data.collections
    assert not bpy.data.meshes


def test_wrong_attributes_are_one_line_and_change_nothing(models):
    with pytest.raises(RuntimeError) as caught:
        bpy.ops.headroom.generate_head(set="nose_width")
    assert "NAME=NUMBER" in str(caught.value)
    assert not bpy.data.objects


@pytest.mark.parametrize(("fps", "base", "start"), [(24, 1.0, 1), (30, 1.0, 100), (24, 1.001, 10), (60, 1.0, 5)])
def test_lips_and_sound_start_together(models, body, wave, fps, base, start):
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = fps, base
    assert speak(filepath=str(wave(2.0)), start=start) == {"FINISHED"}
    strip = next(iter(scene.sequence_editor.strips_all))
    assert strip.frame_final_start == start
    true_fps = fps / base
    assert strip.frame_final_duration == pytest.approx(2.0 * true_fps, abs=1)
    keys = body.data.shape_keys
    assert models[-1].fps == pytest.approx(true_fps, rel=1e-5)
    curve_range = keys.animation_data.nla_tracks["Headroom lips"].strips[0].action.frame_range
    assert curve_range[0] == start
    assert curve_range[1] == pytest.approx(start + 2.0 * true_fps - 1, abs=1)
    half = start + round(true_fps)
    scene.frame_set(half)
    ramp = np.linspace(0, 1, 120)
    want = np.interp((half - start) / true_fps, np.arange(120) / 60, ramp)
    assert keys.key_blocks["jawOpen"].value == pytest.approx(want, abs=1e-4)
    assert scene.frame_start <= start
    assert scene.frame_end >= curve_range[1]


def test_speaking_again_replaces_lips_and_sound(models, body, wave):
    speak(filepath=str(wave(2.0, "one.wav")), start=1)
    speak(filepath=str(wave(1.0, "two.wav")), start=20)
    strips = list(bpy.context.scene.sequence_editor.strips_all)
    assert [strip.name for strip in strips] == ["two"]
    lips = body.data.shape_keys.animation_data.nla_tracks["Headroom lips"]
    assert len(lips.strips) == 1
    assert lips.strips[0].action.frame_range[0] == 20
    assert len([action for action in bpy.data.actions if "lips" in action.name]) == 1


def test_lip_sync_is_one_undo_step(models, body, wave):
    bpy.ops.ed.undo_push(message="before")
    speak(filepath=str(wave()))
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    assert not bpy.data.actions
    assert not sounds_placed()
    assert bpy.data.objects["Head"].data.shape_keys.animation_data.nla_tracks.keys() == []


def test_a_strip_speaks_from_where_it_is_cut(models, body, wave, part):
    scene = bpy.context.scene
    scene.render.fps = 24
    strips = part("addon.compat").sequence_strips(scene, create=True)
    strip = strips.new_sound("line", str(wave(4.0)), 1, 11)
    strip.frame_offset_start = 24
    assert speak(source="STRIP", strip="line") == {"FINISHED"}
    action = body.data.shape_keys.animation_data.nla_tracks["Headroom lips"].strips[0].action
    assert action.frame_range[0] == 35
    assert action.frame_range[1] == pytest.approx(35 + 3 * 24 - 1, abs=1)
    assert len(list(scene.sequence_editor.strips_all)) == 1


def test_a_speaker_speaks(models, body, wave):
    speaker = bpy.data.objects.new("Mouth", bpy.data.speakers.new("Mouth"))
    bpy.context.scene.collection.objects.link(speaker)
    speaker.data.sound = bpy.data.sounds.load(str(wave(1.0)))
    assert speak(source="SPEAKER", speaker="Mouth", start=7) == {"FINISHED"}
    action = body.data.shape_keys.animation_data.nla_tracks["Headroom lips"].strips[0].action
    assert action.frame_range[0] == 7
    assert not sounds_placed()


def test_a_hidden_channel_is_found_on_the_sequencer(models, body, wave, part):
    strips = part("addon.compat").sequence_strips(bpy.context.scene, create=True)
    strips.new_sound("music", str(wave(9.0, "music.wav")), 1, 1)
    speak(filepath=str(wave(1.0, "line.wav")), start=10)
    channels = {strip.name: strip.channel for strip in strips}
    assert channels == {"music": 1, "line": 2}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"filepath": ""}, "Choose a sound file"),
        ({"filepath": "/nowhere/line.wav"}, "no such file"),
        ({"source": "STRIP", "strip": "gone"}, "no sound strip called 'gone'"),
        ({"source": "SPEAKER", "speaker": "gone"}, "choose a speaker"),
    ],
)
def test_bad_sound_is_one_line_and_changes_nothing(models, body, settings, words):
    with pytest.raises(RuntimeError) as caught:
        speak(**settings)
    assert words in str(caught.value)
    assert len(str(caught.value).strip().splitlines()) == 1
    assert not bpy.data.actions
    assert not sounds_placed()


def test_phones_and_a_dictionary_may_come_from_files(models, body, wave, tmp_path, part, monkeypatch):
    lipsync, known = part("core.speech.lipsync"), []
    fake = lipsync.lipsync
    monkeypatch.setattr(lipsync, "lipsync", lambda *given: known.append(given[3:]) or fake(*given))
    shapes, names = tmp_path / "line.tsv", tmp_path / "names.dict"
    shapes.write_text("0.00\tX\n0.50\tA\n1.50\tD\n2.00\tX\n")
    names.write_text("ZORBLAX  Z AO R B L AE K S\n")
    assert speak(filepath=str(wave(2.0)), phones=str(shapes), dictionary=str(names)) == {"FINISHED"}
    assert known[0][0].label == ("SIL", "M", "AA")
    assert models[-1].dictionary == str(names)
    strip = part("addon.compat").sequence_strips(bpy.context.scene, create=True)
    cut = strip.new_sound("cut", str(wave(2.0, "cut.wav")), 3, 1)
    cut.frame_offset_start = bpy.context.scene.render.fps  # the first second is cut off
    assert speak(source="STRIP", strip="cut", phones=str(shapes)) == {"FINISHED"}
    assert known[1][0].label == ("M", "AA")
    np.testing.assert_allclose(known[1][0].end, [0.5, 1.0], atol=1e-6)


def test_bad_phones_are_one_line_and_change_nothing(models, body, wave, tmp_path):
    bad = tmp_path / "line.tsv"
    bad.write_text("0.00\tQ\n")
    with pytest.raises(RuntimeError, match=r"line\.tsv: line 1: mouth shape 'Q'"):
        speak(filepath=str(wave()), phones=str(bad))
    assert not bpy.data.actions


@pytest.mark.parametrize("make", ["nothing", "no shapes", "other shapes"])
def test_a_gray_button_says_why(part, make):
    if make != "nothing":
        mesh = bpy.data.meshes.new("Box")
        mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
        box = bpy.data.objects.new("Box", mesh)
        bpy.context.scene.collection.objects.link(box)
        bpy.context.view_layer.objects.active = box
        if make == "other shapes":
            box.shape_key_add(name="Basis")
            box.shape_key_add(name="Fat")
    assert not bpy.ops.headroom.lip_sync.poll()
    words = {"nothing": "Select a head", "no shapes": "Box has no shape keys", "other shapes": "such as jawOpen"}[make]
    assert words in part("addon.bridge.heads").why_not(bpy.context.active_object)
    with pytest.raises(RuntimeError, match=words):
        speak(filepath="x.wav")


@pytest.mark.parametrize(
    ("operator", "module", "options_class", "elsewhere"),
    [
        ("generate_head", "core.head.generate", "GenerateOptions", set()),
        ("lip_sync", "core.speech.lipsync", "LipsyncOptions", {"fps"}),
        ("lip_sync", "core.curves.reduce", "ReduceOptions", set()),
        ("reduce_keys", "core.curves.reduce", "ReduceOptions", set()),
        ("stabilize", "core.stabilize.stabilize", "StabilizeOptions", {"reference"}),
        ("stabilize_folder", "core.stabilize.stabilize", "StabilizeOptions", {"reference"}),
        ("solve_capture", "core.stabilize.solve", "SolveOptions", set()),
        ("export_check", "core.formats.gate", "ExportOptions", set()),
        ("give_shapes", "core.rig.rig_options", "RigOptions", set()),
    ],
)
def test_properties_are_those_of_the_options(part, operator, module, options_class, elsewhere):
    """Names, defaults and ranges of an operator and of its options cannot drift apart; fps is the scene's,
    the reference a frame of it."""
    kind = getattr(part(module), options_class)
    properties = getattr(bpy.ops.headroom, operator).get_rna_type().properties
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for name, field in fields.items():
        if name in elsewhere:
            continue
        assert name in properties.keys(), f"{operator} lacks {name}"
        made = properties[name]
        if made.type in ("INT", "FLOAT"):
            assert made.default == pytest.approx(field.default)
            if field.metadata["low"] is not None:
                assert made.hard_min == pytest.approx(field.metadata["low"])
            if field.metadata["high"] is not None:
                assert made.hard_max == pytest.approx(field.metadata["high"])
        elif made.type == "ENUM":
            assert [item.identifier for item in made.enum_items] == list(field.metadata["choices"])
            assert made.default == field.default
        elif made.type == "BOOLEAN":
            assert made.default == field.default
        else:
            assert (
                made.default == (field.default or "") if field.default is not dataclasses.MISSING else not made.default
            )


def test_the_ends_of_a_slider_are_allowed(models, body, wave):
    """0.2 has no exact 32-bit number; the options must not refuse what the slider offers."""
    assert speak(filepath=str(wave(0.5)), smoothing=0.2, lead=-0.5) == {"FINISHED"}
    assert (models[-1].smoothing, models[-1].lead) == (0.2, -0.5)


def test_the_panel_hands_everything_over(part):
    """Every setting that an operator takes stands in the sidebar's memory under the same name."""
    known = set(bpy.context.scene.headroom.bl_rna.properties.keys())
    generate = set(bpy.ops.headroom.generate_head.get_rna_type().properties.keys()) - {"rna_type"}
    speak_properties = set(bpy.ops.headroom.lip_sync.get_rna_type().properties.keys()) - {"rna_type"}
    reduce_properties = set(bpy.ops.headroom.reduce_keys.get_rna_type().properties.keys()) - {"rna_type"}
    asked = {"filter_glob"}  # by the file browser
    assert generate | speak_properties | reduce_properties <= known | {"set"} | asked
    stabilize = set(bpy.context.scene.headroom.stabilize.bl_rna.properties.keys())
    for operator in ("stabilize", "stabilize_folder", "solve_capture"):
        properties = getattr(bpy.ops.headroom, operator).get_rna_type().properties.keys()
        assert set(properties) <= stabilize | {"rna_type", "directory"}


def test_attributes_are_chosen_one_by_one(models, part):
    """The list in the sidebar becomes the operator's text, and that becomes the options."""
    attributes = part("core.head.attributes").ATTRIBUTES
    names = ["nose_width", "skin_tone"]
    assert set(names) <= set(attributes)
    for name in (*names, names[0]):
        assert bpy.ops.headroom.add_attribute(name=name) == {"FINISHED"}
    settings = bpy.context.scene.headroom
    assert settings.attributes.keys() == names
    setattr(settings.wishes, names[0], 1.5)
    bpy.ops.headroom.remove_attribute(index=1)
    text = part("addon.properties").attributes_text(settings)
    assert bpy.ops.headroom.generate_head(set=text) == {"FINISHED"}
    assert models[-1].set == {names[0]: 1.5}


def test_enabling_brings_nothing_heavy(installed):
    """In a fresh process, as at Blender's start; how long it takes is measured by `make bench`."""
    source = str(Path(installed.__file__).parent)
    code = f"""
import os, sys
import bpy, addon_utils
import importlib.util
places = dict(submodule_search_locations=[{source!r}])
spec = importlib.util.spec_from_file_location("headroom_fresh", {source + "/__init__.py"!r}, **places)
package = importlib.util.module_from_spec(spec)
sys.modules["headroom_fresh"] = package
spec.loader.exec_module(package)
package.register()
heavy = sorted({{"torch", "scipy", "soundfile", "safetensors"}} & set(sys.modules))
package.unregister()
left = [name for name in dir(bpy.types) if "HEADROOM" in name]
print("RESULT", heavy, left, flush=True)
os._exit(0)
"""
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    line = next((line for line in made.stdout.splitlines() if line.startswith("RESULT")), made.stderr)
    assert line == "RESULT [] []", line


def test_meshes_may_be_dropped_on_the_viewport():
    handler = bpy.types.FileHandler.bl_rna_get_subclass_py("HEADROOM_FH_meshes")
    assert handler.bl_import_operator == "headroom.stabilize_folder"


def test_a_sound_may_be_dropped_on_the_viewport():
    handler = bpy.types.FileHandler.bl_rna_get_subclass_py("HEADROOM_FH_sound")
    assert handler.bl_import_operator == "headroom.drop_sound"
    assert ".wav" in handler.bl_file_extensions.split(";")


def test_presets_fix_attributes(part, models):
    presets = part("core.head.presets").PRESETS
    name = next(iter(presets))
    assert bpy.ops.headroom.preset(name=name) == {"FINISHED"}
    settings = bpy.context.scene.headroom
    assert dict(zip(settings.attributes.keys(), presets[name][1], strict=True))
    text = part("addon.properties").attributes_text(settings)
    assert bpy.ops.headroom.generate_head(set=text) == {"FINISHED"}
    assert models[-1].set == pytest.approx(presets[name][1], rel=1e-3)


def test_every_preset_is_of_known_attributes(part):
    attributes = part("core.head.attributes")
    for _, values in part("core.head.presets").PRESETS.values():
        attributes.check(values)


def test_keys_are_reduced_in_one_undo_step(models, body, wave, part):
    bpy.ops.headroom.lip_sync(filepath=str(wave()), keys_error=0.0)
    lips = lambda: part("addon.compat").fcurves(bpy.data.actions["Head lips"])  # noqa: E731
    bpy.ops.ed.undo_push(message="before")
    assert bpy.ops.headroom.reduce_keys(layer="lips", keys_error=0.5) == {"FINISHED"}
    bpy.ops.ed.undo_push(message="after")
    assert [len(curve.keyframe_points) for curve in lips()] == [2, 2]
    bpy.ops.ed.undo()
    assert [len(curve.keyframe_points) for curve in lips()] == [48, 48]


def test_lip_sync_writes_few_keys_or_poses(models, body, wave, part):
    lips = lambda: part("addon.compat").fcurves(bpy.data.actions["Head lips"])  # noqa: E731
    bpy.ops.headroom.lip_sync(filepath=str(wave()))
    assert [len(curve.keyframe_points) for curve in lips()] == [2, 2]
    bpy.ops.headroom.lip_sync(filepath=str(wave()), stepped=True, step=8)
    assert {key.interpolation for curve in lips() for key in curve.keyframe_points} == {"CONSTANT"}


def test_reducing_says_what_is_missing(models, body, wave):
    assert not bpy.ops.headroom.reduce_keys.poll()
    with pytest.raises(RuntimeError, match="let it speak first"):
        bpy.ops.headroom.reduce_keys()
    bpy.ops.headroom.lip_sync(filepath=str(wave()))
    with pytest.raises(RuntimeError, match="no keys on layer brows"):
        bpy.ops.headroom.reduce_keys(layer="brows")


def test_the_layers_to_choose_from_are_those_of_a_performance(part):
    layers = bpy.ops.headroom.reduce_keys.get_rna_type().properties["layer"].enum_items
    performance = part("core.performance")
    assert tuple(item.identifier for item in layers) == (*performance.LAYERS, performance.CAPTURE)
