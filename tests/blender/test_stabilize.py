"""The Stabilize button: every kind of capture, with the shipped models, on a generated head that shakes."""

from __future__ import annotations

import json
from pathlib import Path

import bpy
import numpy as np
import pytest

FRAMES, FIRST = 9, 5
SLIDERS = {"jawOpen": 0.3, "mouthSmileLeft": 0.5, "mouthSmileRight": 0.4, "eyeBlinkLeft": 0.7, "browInnerUp": 1.1}
_heads: list[object] = []


@pytest.fixture
def head(part):
    """A generated head at the game level, made once."""
    if not _heads:
        generate = part("core.head.generate")
        _heads.append(generate.generate(generate.GenerateOptions(seed=5, level="game")))
    return _heads[0]


@pytest.fixture
def motion():
    """A shaking skull (FRAMES, 4, 4); it rests in the first frame."""
    from scipy.spatial.transform import Rotation

    rng = np.random.default_rng(2)
    made = np.tile(np.eye(4), (FRAMES, 1, 1))
    made[1:, :3, :3] = Rotation.from_rotvec(rng.normal(size=(FRAMES - 1, 3)) * 0.2).as_matrix()
    made[1:, :3, 3] = rng.normal(size=(FRAMES - 1, 3)) * 0.05
    return made


def values(frame: int) -> dict[str, float]:
    """The face that is made in a frame; none in the first."""
    return {name: max(0.0, float(np.sin(frame * pace))) * 0.8 for name, pace in SLIDERS.items()}


@pytest.fixture
def still(head):
    """The talking face on a skull that rests (FRAMES, V, 3)."""
    return np.stack([head.pose(values(frame)) for frame in range(FRAMES)])


@pytest.fixture
def take(part, head, still, motion):
    """The same as a capture: one mesh in world space."""
    frames = np.einsum("fij,fvj->fvi", motion[:, :3, :3], still) + motion[:, None, :3, 3]
    names = part("core.formats.times").scene_names(range(FIRST, FIRST + FRAMES))
    return part("core.sequence").MeshSequence(frames.astype(np.float32), 24.0, head.faces, names)


@pytest.fixture
def animated(part, head, motion):
    """A head whose shape keys and whose rig are animated."""
    from mathutils import Matrix

    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = FIRST, FIRST + FRAMES - 1
    body = part("addon.bridge.heads").add_head(head)
    keys = body.data.shape_keys.key_blocks
    for frame in range(FRAMES):
        for name, value in values(frame).items():
            keys[name].value = value
            keys[name].keyframe_insert("value", frame=FIRST + frame)
        body.parent.matrix_world = Matrix(motion[frame].tolist())
        body.parent.keyframe_insert("location", frame=FIRST + frame)
        body.parent.keyframe_insert("rotation_euler", frame=FIRST + frame)
    scene.frame_set(FIRST + 3)
    return body


@pytest.fixture
def played(part, take, tmp_path):
    """Make a mesh that plays the capture from a file of some kind."""

    def make(kind: str):
        scene = bpy.context.scene
        writer, sequences = part("addon.bridge.sequence_files"), part("core.formats.sequences")
        if kind == "abc":
            writer.write(tmp_path / "take.abc", take)
            bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
            bpy.ops.wm.alembic_import(filepath=str(tmp_path / "take.abc"))
            return next(one for one in bpy.context.scene.objects if one.type == "MESH")
        body = writer.add_mesh("Take", take)
        sequences.write(tmp_path / f"take.{kind}", take)
        writer.add_cache(body, tmp_path / f"take.{kind}", take)
        body.modifiers[0].cache_format = kind.upper()
        scene.frame_set(FIRST)
        return body

    return make


def choose(body) -> None:
    bpy.context.view_layer.update()
    body.select_set(True)
    bpy.context.view_layer.objects.active = body


def press(**settings):
    assert bpy.ops.headroom.stabilize(**({"neutral": False, "frame": FIRST} | settings)) == {"FINISHED"}
    return bpy.context.active_object


def cached(part, body) -> np.ndarray:
    """What a stabilized face plays, (F, V, 3)."""
    return part("addon.bridge.stabilized").sequence_of(body).vertices[:]


def seen(part, body, frame: int) -> np.ndarray:
    bpy.context.scene.frame_set(FIRST + frame)
    return part("addon.bridge.meshes").evaluated_points(body)


def fingerprint(part, body) -> str:
    """Everything of an object that a button could harm."""
    compat, meshes = part("addon.compat"), part("addon.bridge.meshes")
    keys = body.data.shape_keys
    owners = [one for one in (body, keys, body.parent) if one is not None and one.animation_data is not None]
    curves = [
        (curve.data_path, [tuple(point.co) for point in curve.keyframe_points])
        for owner in owners
        if owner.animation_data.action is not None
        for curve in compat.fcurves(owner.animation_data.action)
    ]
    points = [hash(meshes.points_of(key).tobytes()) for key in keys.key_blocks] if keys is not None else []
    mesh = hash(meshes.points_of(body.data.vertices).tobytes())
    tracks = [len(owner.animation_data.nla_tracks) for owner in owners]
    modifiers = [(one.type, one.name) for one in body.modifiers]
    properties = sorted(body.keys())
    return repr((curves, points, mesh, tracks, modifiers, properties, str(body.parent), str(body.matrix_basis)))


def from_the_command_line(part, path: Path, tmp_path: Path, *more: str) -> dict[str, np.ndarray]:
    code = part("addon.cli").run(["stabilize", str(path), "-o", str(tmp_path / "out.npz"), "--reference", "0", *more])
    assert code == 0
    with np.load(tmp_path / "out.npz") as stored:
        return dict(stored)


def off_by(frames: np.ndarray, still: np.ndarray) -> np.ndarray:
    return 1000 * np.linalg.norm(frames - still, axis=2).mean(axis=1)


def test_an_animated_head_comes_to_rest(part, animated, still, tmp_path):
    before = fingerprint(part, animated)
    originals = [seen(part, animated, frame) for frame in range(FRAMES)]
    bpy.context.scene.frame_set(FIRST + 3)
    face = press()
    assert bpy.context.scene.frame_current == FIRST + 3
    assert face.name == "Head stabilized" and face.parent.type == "EMPTY"
    assert fingerprint(part, animated) == before
    assert animated.hide_get() and animated.hide_render
    assert not off_by(cached(part, face), still).max() > 1.0
    for frame in range(FRAMES):  # face and motion together are the capture
        np.testing.assert_allclose(seen(part, face, frame), originals[frame], atol=2e-6)
    face.parent.animation_data.action = None
    stands = cached(part, face)
    animated.hide_set(False)
    for one in list(bpy.data.objects):
        if one not in (animated, animated.parent) and one.type != "EMPTY":
            bpy.data.objects.remove(one)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "take.blend"))
    line = from_the_command_line(part, tmp_path / "take.blend", tmp_path)
    np.testing.assert_allclose(stands, line["stabilized"], atol=1e-5)


@pytest.mark.parametrize("kind", ["pc2", "mdd", "abc"])
def test_caches_come_to_rest(part, played, take, still, tmp_path, kind):
    body = played(kind)
    choose(body)
    before = fingerprint(part, body)
    face = press()
    assert fingerprint(part, body) == before
    frames = cached(part, face)
    assert off_by(frames, still).max() < 1.0
    track = [np.array(face.parent.matrix_world) for frame in range(FRAMES) if seen(part, face, frame) is not None]
    held = np.linalg.inv(track[0])
    line = from_the_command_line(part, tmp_path / f"take.{kind}", tmp_path)
    np.testing.assert_allclose(frames, line["stabilized"], atol=1e-5)
    for frame, world in enumerate(track):
        moved = world @ held
        np.testing.assert_allclose(moved[:3, :3].T, line["rotation"][frame], atol=1e-5)
        np.testing.assert_allclose(-moved[:3, :3].T @ moved[:3, 3], line["translation"][frame], atol=1e-5)


def test_shape_keys_get_corrected_deltas(part, head, still, motion, tmp_path):
    """A set of expressions in no order, each of which moves the skull too."""
    writer = part("addon.bridge.sequence_files")
    names = ("Basis", *(f"face {number}" for number in range(1, FRAMES)))
    moved = np.einsum("fij,fvj->fvi", motion[:, :3, :3], still) + motion[:, None, :3, 3]
    made = part("core.sequence").MeshSequence(moved.astype(np.float32), None, head.faces, names)
    body = writer.add_mesh("Set", made)
    writer.add_keys(body, made, lambda *_: None)
    body.scale, body.location = (10, 10, 10), (1, 2, 3)
    choose(body)
    before = fingerprint(part, body)
    face = press(neutral=True)
    assert fingerprint(part, body) == before
    keys = face.data.shape_keys.key_blocks
    assert tuple(keys.keys()) == names and face.parent is None
    points = np.stack([part("addon.bridge.meshes").points_of(key) for key in keys])
    assert off_by(points, still).max() < 1.0
    np.testing.assert_allclose(points[0], still[0], atol=1e-6)
    bpy.data.objects.remove(face)
    body.hide_set(False)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "set.blend"))
    line = from_the_command_line(part, tmp_path / "set.blend", tmp_path)["stabilized"]
    np.testing.assert_allclose(points, (line - [1, 2, 3]) / 10, atol=1e-5)


@pytest.mark.parametrize("kind", ["obj", "ply"])
def test_a_folder_comes_to_rest_upright_and_in_metres(part, take, still, tmp_path, kind):
    folders, sequence = part("core.formats.folders"), part("core.sequence").MeshSequence
    up = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])  # Y up, looking along Z, millimetres
    given = sequence((take.vertices @ up.T * 1000).astype(np.float32), None, take.faces)
    folder = tmp_path / "scans"
    folder.mkdir()
    folders.write(folder, f".{kind}", given, "scan")
    bpy.context.scene.frame_start = FIRST
    assert bpy.ops.headroom.stabilize_folder(folder=str(folder), neutral=False, frame=FIRST) == {"FINISHED"}
    face = bpy.context.active_object
    frames = cached(part, face)
    assert face.name == "scans stabilized" and off_by(frames, still).max() < 1.0
    for frame in range(FRAMES):
        np.testing.assert_allclose(seen(part, face, frame), take.vertices[frame], atol=1e-5)
    line = from_the_command_line(part, folder, tmp_path, "--fps", "24")
    np.testing.assert_allclose(1000 * frames @ up.T, line["stabilized"], atol=1e-2)  # hundredths of a millimetre


def test_a_folder_without_order_becomes_shape_keys(part, take, still, tmp_path):
    part("core.formats.folders").write(tmp_path, ".obj", take, "smile")
    assert bpy.ops.headroom.stabilize_folder(directory=str(tmp_path), ordered=False, neutral=False, frame=0)
    keys = bpy.context.active_object.data.shape_keys.key_blocks
    assert len(keys) == FRAMES
    points = np.stack([part("addon.bridge.meshes").points_of(key) for key in keys])
    assert off_by(points, still).max() < 1.0


def test_it_is_one_undo_step(part, animated):
    bpy.ops.ed.undo_push(message="before")
    before = sorted(bpy.data.objects.keys()), sorted(bpy.data.actions.keys())
    press()
    bpy.ops.ed.undo_push(message="after")
    assert "Head stabilized" in bpy.data.objects
    bpy.ops.ed.undo()
    assert (sorted(bpy.data.objects.keys()), sorted(bpy.data.actions.keys())) == before
    assert not bpy.data.objects["Head"].hide_get()


def test_a_cache_lies_beside_the_blend(part, played, tmp_path):
    choose(played("pc2"))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    first = press()
    assert first.modifiers[0].filepath == "//Take_stabilized.pc2" and (tmp_path / "Take_stabilized.pc2").is_file()
    bpy.data.objects["Take"].hide_set(False)
    choose(bpy.data.objects["Take"])
    press()
    left = sorted(one.name for one in tmp_path.iterdir() if "stabilized" in one.name or one.name.startswith("."))
    assert left == ["Take_stabilized.pc2", "Take_stabilized_001.pc2"]


def test_short_captures_may_become_shape_keys(part, played, take):
    choose(played("pc2"))
    face = press(face="KEYS")
    assert len(face.data.shape_keys.key_blocks) == FRAMES and not face.modifiers
    for frame in range(FRAMES):
        np.testing.assert_allclose(seen(part, face, frame), take.vertices[frame], atol=1e-5)


def test_the_head_of_a_rig_is_turned(part, played, head, motion):
    """Headroom's own rig follows the turn of the capture; its keys stay mutable on a track."""
    rig = part("addon.bridge.heads").add_head(head).parent
    rig["limits"] = 0.0
    rig.location = (1, 0, 0)
    choose(played("pc2"))
    face = press(motion="BONE", rig=rig.name, bone="head")
    assert face.parent is None
    assert rig.animation_data.nla_tracks["Headroom head"].strips
    for frame in range(FRAMES):
        bpy.context.scene.frame_set(FIRST + frame)
        bone = rig.pose.bones["DEF-skull"]
        turn = np.array((bone.matrix @ bone.bone.matrix_local.inverted()).to_3x3())
        angle = np.degrees(np.arccos((np.trace(turn @ motion[frame, :3, :3].T) - 1) / 2))
        assert not angle > 1.0, (frame, angle)


def test_any_bone_moves_as_the_capture(part, played, motion):
    armature = bpy.data.armatures.new("Rig")
    rig = bpy.data.objects.new("Rig", armature)
    bpy.context.scene.collection.objects.link(rig)
    rig.rotation_euler, rig.location = (0.3, 0.2, 0.1), (0.5, 0, 0)
    choose(rig)
    bpy.ops.object.mode_set(mode="EDIT")
    bone = armature.edit_bones.new("skull")
    bone.head, bone.tail = (0, 0.1, 0.2), (0.1, 0.2, 0.5)
    bpy.ops.object.mode_set(mode="OBJECT")
    bpy.context.view_layer.update()
    rest = np.array(rig.matrix_world @ rig.pose.bones["skull"].matrix)
    choose(played("pc2"))
    press(motion="BONE", rig="Rig", bone="skull")
    for frame in range(FRAMES):
        bpy.context.scene.frame_set(FIRST + frame)
        world = np.array(rig.matrix_world @ rig.pose.bones["skull"].matrix)
        np.testing.assert_allclose(world, motion[frame] @ rest, atol=0.02)


def test_a_full_turn_stays_a_full_turn(part):
    """720 degrees in 24 steps: no sign flips, no way back, and linear between frames."""
    motions = part("addon.bridge.motions")
    angle = np.linspace(0, 4 * np.pi, 25)
    motion = np.tile(np.eye(4), (25, 1, 1))
    motion[:, 0, 0] = motion[:, 1, 1] = np.cos(angle)
    motion[:, 1, 0], motion[:, 0, 1] = np.sin(angle), -np.sin(angle)
    quaternion = motions.curves_of(motion, "QUATERNION")
    turns = np.stack([quaternion["rotation_quaternion", index] for index in range(4)], axis=1)
    assert ((turns[1:] * turns[:-1]).sum(axis=1) > 0.9).all()
    euler = motions.curves_of(motion, "XYZ")
    np.testing.assert_allclose(euler["rotation_euler", 2], angle, atol=1e-5)


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
