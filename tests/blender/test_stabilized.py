"""What comes after Stabilize: graphs, marks, solving to shapes; and what happens when something is wrong."""

from __future__ import annotations

import json

import bpy
import numpy as np
import pytest
from captures import (  # noqa: F401 - fixtures
    FIRST,
    FRAMES,
    animated,
    choose,
    fingerprint,
    head,
    motion,
    played,
    press,
    seen,
    still,
    take,
    values,
)


def test_graphs_are_on_the_face(part, played):
    choose(played("pc2"))
    face = press()
    compat = part("addon.compat")
    curves = {curve.data_path: curve for curve in compat.fcurves(face.animation_data.action)}
    assert set(curves) == {'["residual_mm"]', '["confidence"]'}
    assert all(len(curve.keyframe_points) == FRAMES for curve in curves.values())
    bpy.context.scene.frame_set(FIRST + 4)
    bpy.context.view_layer.update()
    assert face["confidence"] == pytest.approx(curves['["confidence"]'].evaluate(FIRST + 4))
    found = json.loads(face["headroom_capture"])
    assert found["frames"] == FRAMES and len(found["bars"]["confidence"]) == FRAMES


def test_unsure_frames_are_marked_and_cleared(part, played, monkeypatch):
    import dataclasses

    stabilizing = part("core.stabilize.stabilize")
    real = stabilizing.stabilize

    def unsure(*given):
        result = real(*given)
        sure = np.where(np.isin(np.arange(FRAMES), (2, 3, 6)), 0.1, 0.9)
        return dataclasses.replace(result, track=dataclasses.replace(result.track, confidence=sure))

    monkeypatch.setattr(stabilizing, "stabilize", unsure)
    scene = bpy.context.scene
    choose(played("pc2"))
    scene.timeline_markers.new("my own", frame=1)
    press()
    marks = {marker.name: marker.frame for marker in scene.timeline_markers}
    assert marks == {"my own": 1, "unsure (2 frames)": FIRST + 2, "unsure": FIRST + 6}
    assert bpy.ops.headroom.clear_marks() == {"FINISHED"}
    assert [marker.name for marker in scene.timeline_markers] == ["my own"]
    assert not bpy.ops.headroom.clear_marks.poll()


def test_solving_makes_the_shapes_play_it(part, animated, head):
    before = fingerprint(part, animated)
    face = press()
    assert bpy.ops.headroom.solve_capture() == {"FINISHED"}
    solved = bpy.context.active_object
    assert solved.name == "Head solved" and fingerprint(part, animated) == before
    tracks = solved.data.shape_keys.animation_data.nla_tracks.keys()
    assert {"Headroom lips", "Headroom brows", "Headroom blinks"} <= set(tracks)
    for frame in (0, 3, 7):
        moved = seen(part, solved, frame) - seen(part, face, frame)
        assert 1000 * np.linalg.norm(moved, axis=1).mean() < 1.0
        assert solved.data.shape_keys.key_blocks["jawOpen"].value == pytest.approx(values(frame)["jawOpen"], abs=0.15)
    assert "solve_error_mm" in face.keys()


def test_solving_plays_on_a_chosen_head(part, played, head):
    other = part("addon.bridge.heads").add_head(head, name="Actor")
    choose(played("pc2"))
    face = press()
    choose(face)
    assert bpy.ops.headroom.solve_capture(head="Actor") == {"FINISHED"}
    assert bpy.context.active_object == other and other.parent.type != "EMPTY"
    bpy.context.scene.frame_set(FIRST + 3)
    assert other.data.shape_keys.key_blocks["jawOpen"].value == pytest.approx(values(3)["jawOpen"], abs=0.15)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"frame": 99}, "reference frame 99: the frames are 5 to 13"),
        ({"motion": "BONE"}, "choose an armature"),
        ({"motion": "BONE", "rig": "Take"}, "choose an armature"),
    ],
)
def test_bad_wishes_are_one_line_and_change_nothing(played, settings, words):
    choose(played("pc2"))
    before = sorted(bpy.data.objects.keys())
    with pytest.raises(RuntimeError, match=words):
        press(**settings)
    assert sorted(bpy.data.objects.keys()) == before


def test_bad_frames_are_named_and_change_nothing(part, played, take, tmp_path):
    body = played("pc2")
    points = take.vertices.copy()
    points[4, 17] = np.nan
    path = tmp_path / "take.pc2"
    part("core.formats.sequences").write(path, part("core.sequence").MeshSequence(points, 24.0))
    choose(body)
    with pytest.raises(RuntimeError, match=r"Take: frame 4 \(scene frame 9\): vertex 17 is not a number"):
        press()
    assert "Take stabilized" not in bpy.data.objects and not body.hide_get()


def test_an_empty_folder_is_named(tmp_path):
    with pytest.raises(RuntimeError, match="Choose a folder"):
        bpy.ops.headroom.stabilize_folder()
    with pytest.raises(RuntimeError, match=r"has no \.obj and no \.ply"):
        bpy.ops.headroom.stabilize_folder(folder=str(tmp_path))


def test_a_gray_button_says_why(part, played):
    why_not = part("addon.bridge.captures").why_not
    assert "Select a captured face" in why_not(None) and not bpy.ops.headroom.stabilize.poll()
    bpy.ops.mesh.primitive_monkey_add()
    assert "does not move" in why_not(bpy.context.active_object)
    body = played("pc2")
    choose(body)
    assert not why_not(body) and bpy.ops.headroom.stabilize.poll()
    body.hide_set(True)
    assert "is hidden" in why_not(body)
    assert not bpy.ops.headroom.solve_capture.poll()


def test_reading_leaves_the_scene_as_it_was(part, animated):
    captures, sequences = part("addon.bridge.captures"), part("addon.bridge.sequences")
    with captures.same_frame(bpy.context.scene):
        sequence = sequences.of_object(animated)
    shares = []
    for share in captures.fetch(sequence, bpy.context.scene.name):
        shares.append(share)
        assert bpy.context.scene.frame_current == FIRST + 3
    assert shares[-1] == 1.0
    assert sequence.frame_count == FRAMES


def test_a_capture_that_goes_while_it_is_read_is_one_line(part, animated):
    captures, sequences = part("addon.bridge.captures"), part("addon.bridge.sequences")
    sequence = sequences.of_object(animated)
    bpy.data.objects.remove(animated)
    with pytest.raises(part("core.errors").InputError, match="has gone meanwhile"):
        list(captures.fetch(sequence, bpy.context.scene.name))


def test_stopped_work_leaves_no_file(part, played, take, tmp_path):
    def stop(done, stage):
        raise part("core.errors").Cancelled("stopped")

    pending = part("addon.bridge.captures").PendingCache(tmp_path / "caches")
    with pytest.raises(part("core.errors").Cancelled):
        pending.write(take, stop)
    assert list((tmp_path / "caches").iterdir()) == []
    dropped = part("addon.bridge.captures").PendingCache(tmp_path / "caches")
    dropped.write(take, lambda done, stage: None)
    del dropped
    assert list((tmp_path / "caches").iterdir()) == []


def test_too_many_frames_for_shape_keys_change_nothing(part, played, monkeypatch):
    monkeypatch.setattr(part("addon.bridge.stabilized"), "MOST", 1000)
    choose(played("pc2"))
    before = sorted(bpy.data.objects.keys()), sorted(bpy.data.meshes.keys())
    with pytest.raises(RuntimeError, match="too many for shape keys; choose Cache"):
        press(face="KEYS")
    assert (sorted(bpy.data.objects.keys()), sorted(bpy.data.meshes.keys())) == before
