"""What the doctor finds about sound and about time against it: a head that speaks a wave file, spoiled and mended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import bpy
import pytest
from patients import (  # noqa: F401 - fixtures
    doctor,
    fix,
    look,
)


@pytest.fixture
def talker(part, body, speak, wave):
    """A head that speaks from frame 11, with its sound on the sequencer."""
    scene = bpy.context.scene
    scene.render.fps = 24
    take = speak(body, 11)
    path = wave(5.0, "line.wav")
    part("addon.bridge.takes").store(body, replace(take, sound=str(path)))
    part("addon.bridge.sound").place(scene, path, 11, body)
    return body


@pytest.fixture
def loud(part, talker):
    """The same with a speaker in the place of the sequencer's strip."""
    scene = bpy.context.scene
    strip = placed(part)
    speaker = bpy.data.objects.new("Mouth", bpy.data.speakers.new("Mouth"))
    scene.collection.objects.link(speaker)
    speaker.data.sound = strip.sound
    part("addon.compat").sequence_strips(scene).remove(strip)
    bpy.context.view_layer.objects.active = talker
    return speaker


def placed(part):
    return part("addon.compat").sequence_strips(bpy.context.scene)[0]


def lips(body):
    return body.data.shape_keys.animation_data.nla_tracks["Headroom lips"].strips[0]


def test_a_head_that_is_heard_has_no_findings(look, talker):
    assert not look()


def test_so_has_one_with_a_speaker(look, loud):
    assert not look()


def mute_strip(scene, strip):
    strip.mute = True


def silence(scene, strip):
    strip.volume = 0.0


def mute_channel(scene, strip):
    scene.sequence_editor.channels[strip.channel].mute = True


def mute_scene(scene, strip):
    scene.use_audio = False


def play_every_frame(scene, strip):
    scene.sync_mode = "NONE"


@pytest.mark.parametrize(
    ("what", "spoil"),
    [
        ("muted_strip", mute_strip), ("muted_strip", silence), ("muted_channel", mute_channel),
        ("muted_scene", mute_scene), ("sync", play_every_frame),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)  # fmt: skip
def test_what_keeps_the_sound_from_being_heard(part, talker, look, fix, what, spoil):
    scene, strip = bpy.context.scene, placed(part)
    spoil(scene, strip)
    assert list(look()) == [what]
    fix(look()[what])
    assert not look()
    assert not strip.mute and strip.volume == 1 and scene.use_audio and scene.sync_mode == "AUDIO_SYNC"


def test_a_muted_speaker(loud, look, fix):
    loud.data.muted = True
    assert list(look()) == ["muted_speaker"]
    fix(look()["muted_speaker"])
    assert not look() and not loud.data.muted


def test_a_speaker_whose_strip_is_muted(loud, look, fix):
    """The strip on a speaker's NLA is what starts its sound."""
    bpy.ops.object.select_all(action="DESELECT")
    bpy.ops.object.speaker_add()
    added = bpy.context.active_object
    added.data.sound = loud.data.sound
    bpy.data.objects.remove(loud)
    strip = added.animation_data.nla_tracks[0].strips[0]
    assert strip.type == "SOUND"
    strip.mute = True
    bpy.context.view_layer.objects.active = bpy.data.objects["Head"]
    assert list(look()) == ["silent_speaker"]
    fix(look()["silent_speaker"])
    assert not look() and not strip.mute


def test_a_missing_file_is_told_and_found_where_it_is_known(part, talker, look, fix):
    strip = placed(part)
    known = Path(strip.sound.filepath)
    strip.sound.filepath = "/nowhere/line.wav"
    found = look()
    assert list(found) == ["missing_sound"] and found["missing_sound"].fix
    fix(found["missing_sound"])
    assert not look() and Path(strip.sound.filepath) == known
    known.unlink()
    assert "Find Missing Files" in look()["missing_sound"].why and not look()["missing_sound"].fix


def test_a_sound_that_was_moved_is_moved_back(part, talker, look, fix):
    strip = placed(part)
    strip.frame_start += 30
    found = look()
    assert list(found) == ["offset"] and "30 frames early" in found["offset"].why
    fix(found["offset"])
    assert not look() and strip.frame_start == 11


@pytest.mark.parametrize("frames", [40, -7])
def test_keys_that_were_moved_are_moved_back(part, talker, look, fix, frames):
    strip = lips(talker)
    length = strip.frame_end - strip.frame_start
    if frames > 0:
        strip.frame_end += frames
    strip.frame_start += frames
    strip.frame_end = strip.frame_start + length
    found = look()
    assert list(found) == ["offset"] and ("late" if frames > 0 else "early") in found["offset"].why
    fix(found["offset"])
    assert not look() and strip.frame_start == strip.action_frame_start
    assert strip.frame_end - strip.frame_start == pytest.approx(length)


def test_sound_and_keys_that_moved_together_are_fine(part, talker, look):
    strip = lips(talker)
    strip.frame_end += 20
    strip.frame_start += 20
    placed(part).frame_start += 20
    assert not look()


def test_stretched_keys(talker, look, fix):
    strip = lips(talker)
    strip.scale = 1.5
    assert list(look()) == ["stretched"]
    fix(look()["stretched"])
    assert not look()


@pytest.mark.parametrize("fps", [24.0, 23.976, 30.0])
def test_another_frame_rate(part, talker, look, fix, speak, fps):
    scene = bpy.context.scene
    part("addon.bridge.doctor_time").set_rate(scene.render, fps)
    take = speak(talker, 11)
    assert not look()
    scene.render.fps, scene.render.fps_base = 25, 1.0
    found = look()
    assert list(found) == ["fps"] and f"{fps:.5g}" in found["fps"].why and found["fps"].ask
    fix(found["fps"])
    assert not look()
    assert scene.render.fps / scene.render.fps_base == pytest.approx(take.options.fps, rel=1e-5)
