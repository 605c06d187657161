"""Takes of Live Link Face, played by the active head."""

from __future__ import annotations

from pathlib import Path

import bpy
import livetakes
import numpy as np
import pytest
from livetakes import jaw, track, value

SHORT = Path(__file__).parents[3] / "shared" / "samples" / "mocap" / "livelink_short.csv"


def import_take(path: Path, **given) -> set[str]:
    return bpy.ops.headroom.import_live_link(filepath=str(path), **given)


@pytest.fixture
def take(part, tmp_path, perform):
    """Write a take: `take("name.csv", extra=["mouthPucker"])`."""
    return lambda name="take.csv", extra=(): livetakes.write(part, perform, tmp_path / name, extra)


@pytest.mark.parametrize(("fps", "base"), [(24, 1.0), (30, 1.001), (60, 1.0)])
@pytest.mark.parametrize(("at", "first"), [("CURRENT", 37), ("SCENE", 11)])
def test_a_take_keeps_its_time_at_any_rate(body, take, fps, base, at, first):
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base, scene.frame_start, scene.frame_end = fps, base, 11, 20
    scene.frame_set(37)
    assert import_take(take(), at=at, keys_error=0) == {"FINISHED"}
    rate = fps / base
    for seconds in (0.0, 0.5, 1.0, 1.5):
        frame = first + round(seconds * rate)
        assert value(body, "jawOpen", frame) == pytest.approx(jaw((frame - first) / rate), abs=2e-3)
    assert track(body, "capture").strips[0].frame_start == first
    assert scene.frame_end == pytest.approx(first + 2 * rate, abs=1.5)
    scene.frame_set(first + round(1.5 * rate))
    assert body.parent.pose.bones["head"].rotation_euler.y == pytest.approx(0.15, abs=2e-3)


def test_few_keys_that_follow_the_take(body, take, part):
    import_take(take())
    action = track(body, "capture").strips[0].action
    curves = part("addon.compat").fcurves(action)
    keys = {curve.data_path: len(curve.keyframe_points) for curve in curves}
    assert keys['key_blocks["jawOpen"].value'] < 12
    scene = bpy.context.scene
    rate = scene.render.fps
    for frame in range(scene.frame_current, rate * 2, 5):
        assert value(body, "jawOpen", frame) == pytest.approx(jaw((frame - 1) / rate), abs=0.05)


def test_a_take_has_a_layer_of_its_own_and_leaves_the_lips(models, body, take, wave):
    bpy.ops.headroom.lip_sync(filepath=str(wave()))
    lips = track(body, "lips").strips[0].action
    import_take(take())
    assert track(body, "lips").strips[0].action == lips
    tracks = body.data.shape_keys.animation_data.nla_tracks.keys()
    assert tracks.index("Headroom capture") > tracks.index("Headroom lips")
    once = value(body, "jawOpen", 40)
    track(body, "lips").mute = True
    assert value(body, "jawOpen", 40) < once


def test_what_moves_the_face_twice_is_said(models, body, take, wave, part):
    bpy.ops.headroom.lip_sync(filepath=str(wave()))
    read, played = part("core.formats.livelink").read, part("addon.bridge.played")
    found = played.on_one_layer(read(take()))
    import_take(take())
    assert any("Headroom lips is added to the take" in line for line in played.unseen(found, body))
    track(body, "lips").mute = True
    assert not played.unseen(found, body)


def test_a_take_may_replace_the_layers_of_lip_sync(models, body, take, wave):
    bpy.ops.headroom.lip_sync(filepath=str(wave()))
    import_take(take(), layers="PARTS")
    tracks = body.data.shape_keys.animation_data.nla_tracks.keys()
    assert "Headroom capture" not in tracks
    assert {"Headroom lips", "Headroom brows"} <= set(tracks)
    assert value(body, "jawOpen", 1 + 24) == pytest.approx(jaw(1.0), abs=0.05)


def test_another_take_replaces_the_first(body, take):
    import_take(take())
    bpy.context.scene.frame_set(50)
    import_take(take("again.csv"))
    assert len(track(body, "capture").strips) == 1
    assert track(body, "capture").strips[0].frame_start == 50
    assert len([action for action in bpy.data.actions if action.name.startswith("Head capture")]) == 1


def test_a_strip_that_is_tweaked_is_left_first(body, take):
    import_take(take())
    data = body.data.shape_keys.animation_data
    data.nla_tracks.active = track(body, "capture")
    track(body, "capture").strips[0].select = True
    data.use_tweak_mode = True
    assert data.action is not None
    bpy.context.scene.frame_set(1)
    assert import_take(take("again.csv")) == {"FINISHED"}
    assert not data.use_tweak_mode
    assert data.action is None
    assert value(body, "jawOpen", 1 + 24) == pytest.approx(jaw(1.0), abs=0.05)
    assert len([action for action in bpy.data.actions if action.name.startswith("Head capture")]) == 1


def test_a_take_is_one_undo_step(body, take):
    bpy.ops.ed.undo_push(message="before")
    import_take(take())
    bpy.ops.ed.undo_push(message="after")
    assert bpy.data.actions
    bpy.ops.ed.undo()
    assert not bpy.data.actions
    assert not bpy.data.objects["Head"].data.shape_keys.animation_data.nla_tracks
    bpy.ops.ed.redo()
    assert "Headroom capture" in bpy.data.objects["Head"].data.shape_keys.animation_data.nla_tracks


def test_the_rig_stands_for_its_head(body, take):
    bpy.context.view_layer.objects.active = body.parent
    assert import_take(take()) == {"FINISHED"}
    assert track(body, "capture")


def foreign(keys) -> bpy.types.Object:
    mesh = bpy.data.meshes.new("Anna")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    body = bpy.data.objects.new("Anna", mesh)
    bpy.context.scene.collection.objects.link(body)
    body.shape_key_add(name="Basis")
    for key in keys:
        body.shape_key_add(name=key).value = 0.0  # 5.0 adds them at 1
    bpy.context.view_layer.objects.active = body
    return body


def test_a_foreign_head_plays_by_its_key_map(take, part):
    body = foreign(["Mund auf", "Braue"])
    part("addon.bridge.keymaps").answer(body, "Mund auf", {"jawOpen": 0.5})
    part("addon.bridge.keymaps").answer(body, "Braue", {"browInnerUp": 1.0})
    assert import_take(take(extra=["mouthPucker"]), keys_error=0) == {"FINISHED"}
    assert value(body, "Mund auf", 1 + 24) == pytest.approx(0.5, abs=2e-3)
    assert value(body, "Braue", 1 + 24) == pytest.approx(0.5, abs=2e-3)
    played = part("addon.bridge.played")
    found = played.on_one_layer(part("core.formats.livelink").read(take(extra=["mouthPucker"])))
    assert played.unseen(found, body) == ["Anna has no shape key for mouthPucker"]


def test_a_head_of_visemes_alone_is_told_what_to_do(take):
    foreign(["viseme_PP", "viseme_aa", "viseme_O"])
    with pytest.raises(RuntimeError, match="press Recognize Keys"):
        import_take(take())
    assert not bpy.data.actions


def test_no_head_is_said(take):
    with pytest.raises(RuntimeError, match="Select a head"):
        import_take(take())
    foreign([])
    with pytest.raises(RuntimeError, match="has no shape keys"):
        import_take(take())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "no such file"),
        ("", "first column must be Timecode"),
        ("a,b\n1,2\n", "first column must be Timecode"),
        ("Timecode,BlendShapeCount,JawOpen\n00:00:00:00.0,61,x\n", "row 2 cannot be read"),
        ("Timecode,BlendShapeCount,JawOpen\n", "holds no frames"),
        ("\udcff\udcfe", "is not a Live Link Face CSV"),
    ],
)
def test_a_bad_take_is_one_line_and_changes_nothing(body, tmp_path, text, words):
    path = tmp_path / "bad.csv"
    if text is not None:
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(RuntimeError) as caught:
        import_take(path)
    assert words in str(caught.value)
    assert "Traceback" not in str(caught.value)
    assert not bpy.data.actions


@pytest.mark.skipif(not SHORT.is_file(), reason="the samples are not here")
def test_a_real_take(body, part):
    scene = bpy.context.scene
    scene.render.fps = 24
    found = part("core.formats.livelink").read(SHORT)
    assert import_take(SHORT) == {"FINISHED"}
    open_ = found.channel("jawOpen")
    frames = range(1, int(found.duration * 24), 7)
    seen = [value(body, "jawOpen", frame) for frame in frames]
    want = [np.interp((frame - 1) / 24, np.arange(len(open_)) / found.fps, open_) for frame in frames]
    assert np.abs(np.subtract(seen, want)).max() < 0.03
