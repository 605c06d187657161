"""The Stabilize button: every kind of capture, with the shipped models, on a generated head that shakes."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from captures import (  # noqa: F401 - fixtures
    FIRST,
    FRAMES,
    animated,
    cached,
    choose,
    fingerprint,
    from_the_command_line,
    head,
    motion,
    off_by,
    played,
    press,
    seen,
    still,
    take,
)


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
