"""Mouth and sound go together at any frame rate and from any frame on, and the scene's own range is respected."""

from __future__ import annotations

import bpy
import livetakes
import numpy as np
import pytest

RATES = {
    "12": (12, 1.0), "23.976": (24, 1.001), "24": (24, 1.0), "25": (25, 1.0), "29.97": (30, 1.001), "30": (30, 1.0),
    "50": (50, 1.0), "60": (60, 1.0), "120": (120, 1.0), "25, by base": (100, 4.0),
}  # fmt: skip
STARTS = (1, 0, 101, -10, 1001)


@pytest.fixture(params=RATES)
def fps(request) -> float:
    render = bpy.context.scene.render
    render.fps, render.fps_base = RATES[request.param]
    return render.fps / render.fps_base


def value_at(body, key: str, frame: float) -> float:
    whole = int(np.floor(frame))
    bpy.context.scene.frame_set(whole, subframe=frame - whole)
    return body.data.shape_keys.key_blocks[key].value


@pytest.mark.parametrize("start", STARTS)
def test_lips_and_sound_begin_together(models, part, body, wave, fps, start):
    """The stand-in for the model opens the jaw evenly over two seconds."""
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 1001, 1002
    scene.use_preview_range, scene.frame_preview_start, scene.frame_preview_end = True, 7, 9
    assert bpy.ops.headroom.lip_sync(filepath=str(wave(2.0)), start=start) == {"FINISHED"}
    strip = next(iter(scene.sequence_editor.strips_all))
    assert strip.frame_final_start == start
    assert strip.frame_final_duration == pytest.approx(2 * fps, abs=1)
    for seconds in (0.25, 1.0, 1.75):
        found = value_at(body, "jawOpen", start + seconds * fps)
        assert abs(found - seconds / 2) * 2 * fps <= 0.5 + 0.02 * fps, seconds  # half a frame, and the keys' tolerance
    assert part("addon.bridge.takes").take_of(body).start == start
    assert scene.frame_start == max(0, min(start, 1001))
    assert scene.frame_end >= start + int(2 * fps) - 1
    assert (scene.use_preview_range, scene.frame_preview_start, scene.frame_preview_end) == (True, 7, 9)
    scene.use_preview_range = False
    bpy.ops.headroom.examine()
    assert not list(bpy.context.window_manager.headroom_doctor.findings)


def test_a_cut_strip_is_heard_where_it_lies(models, part, body, wave, fps):
    """A second is cut off the sound's beginning and the strip is moved before the scene."""
    scene = bpy.context.scene
    strips = part("addon.compat").sequence_strips(scene, create=True)
    strip = strips.new_sound("line", str(wave(3.0)), 1, -90)
    strip.frame_offset_start = round(fps)
    assert bpy.ops.headroom.lip_sync(source="STRIP", strip="line") == {"FINISHED"}
    first = -90 + round(fps)
    assert part("addon.bridge.takes").take_of(body).start == first
    assert value_at(body, "jawOpen", first + fps) == pytest.approx(0.5, abs=0.05)


def test_a_take_lasts_as_long_as_it_was_recorded(part, body, perform, tmp_path, fps):
    take = livetakes.write(part, perform, tmp_path / "take.csv")
    scene = bpy.context.scene
    scene.frame_set(-20)
    assert bpy.ops.headroom.import_live_link(filepath=str(take)) == {"FINISHED"}
    for seconds in (0.3, 1.0, 1.6):
        found = value_at(body, "jawOpen", -20 + seconds * fps)
        steep = np.pi / 2 * np.sin(np.pi * seconds) / fps / 2
        assert abs(found - livetakes.jaw(seconds)) <= abs(steep) + 0.03
    scene.frame_start, scene.frame_end = 1001, 1002
    assert bpy.ops.headroom.import_live_link(filepath=str(take), at="SCENE") == {"FINISHED"}
    assert value_at(body, "jawOpen", 1001 + fps) == pytest.approx(livetakes.jaw(1.0), abs=0.05)
    assert scene.frame_start == 1001 and scene.frame_end == 1001 + int(np.ceil(121 / 60 * fps)) - 1


def test_phones_are_dragged_before_frame_0(body, speak, spoken, fps):
    take = speak(body, -100)
    assert bpy.ops.headroom.show_phones() == {"FINISHED"}
    marker = next(one for one in bpy.context.scene.timeline_markers if one.name == "UW")
    marker.frame += max(1, round(fps / 12))
    assert bpy.ops.headroom.update_lips() == {"FINISHED"}
    assert spoken()[8] == ("UW", pytest.approx((marker.frame + 100) / take.options.fps, abs=2e-3))


def test_what_no_scene_plays_is_said(models, body, wave):
    assert bpy.ops.headroom.lip_sync(filepath=str(wave(1.0)), start=-100) == {"FINISHED"}
    bpy.ops.headroom.examine()
    found = list(bpy.context.window_manager.headroom_doctor.findings)
    assert [(one.why, one.fix) for one in found] == [
        ("Head moves in frames -100 to -77; no scene plays frames before 0", "")
    ]


@pytest.mark.parametrize("press", ["lip_sync", "import_live_link"])
def test_stretched_time_is_said(models, part, body, perform, wave, tmp_path, capfd, press):
    """Blender stretches animation by Old and New, but no sound."""
    bpy.context.scene.render.frame_map_new = 50
    take = livetakes.write(part, perform, tmp_path / "take.csv")
    path = wave() if press == "lip_sync" else take
    assert getattr(bpy.ops.headroom, press)(filepath=str(path)) == {"FINISHED"}
    assert "Scene plays at 50% time: it is remapped, but its sound is not" in capfd.readouterr().out
    bpy.ops.headroom.examine()
    findings = bpy.context.window_manager.headroom_doctor.findings
    assert bpy.ops.headroom.fix(finding=next(one for one in findings if "remapped" in one.why).name) == {"FINISHED"}
    assert bpy.context.scene.render.frame_map_new == 100
