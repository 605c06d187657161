"""Heads are as large as people whatever a scene counts in, and what is told in millimetres is millimetres."""

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
    head,
    motion,
    off_by,
    press,
    seen,
    still,
)
from exported import export, gate  # noqa: F401 - fixtures
from mathutils import Matrix

UNITS = {
    "metres": ("METRIC", 1.0, 1.0), "centimetres": ("METRIC", 0.01, 100.0), "feet": ("IMPERIAL", 1.0, 1.0),
    "a foot as unit": ("IMPERIAL", 0.3048, 1 / 0.3048), "none": ("NONE", 0.01, 1.0),
}  # fmt: skip


@pytest.fixture(params=UNITS)
def size(request) -> float:
    """Let the scene count in other units; gives how many a metre has."""
    system, scale, many = UNITS[request.param]
    bpy.context.scene.unit_settings.system = system
    bpy.context.scene.unit_settings.scale_length = scale
    return many


def corners(part, body) -> np.ndarray:
    points = part("addon.bridge.meshes").evaluated_points(body)
    return np.array([points.min(axis=0), points.max(axis=0)])


@pytest.fixture
def born(models, size):
    bpy.context.scene.cursor.location = (3.0, 0.0, 1.0)
    bpy.ops.headroom.generate_head(seed=1)
    return bpy.context.active_object


def test_a_head_is_as_large_as_a_head(part, small_head, born, size):
    tall = np.ptp(corners(part, born)[:, 2])
    meant = np.ptp(part("core.head.generate").decode(part("addon.bridge.heads").identity_of(born)).neutral[:, 2])
    assert tall == pytest.approx(meant * size, rel=1e-4)
    assert tuple((born.parent or born).location) == (3.0, 0.0, 1.0)


def test_sliders_and_levels_keep_the_size(part, born, size):
    editing, low = part("addon.editing"), corners(part, born)
    part("addon.person").person_of(born).nose_width = 1.0
    editing.settle(born)
    assert bpy.ops.headroom.vary_head(seed=4, amount=0.1) == {"FINISHED"}
    assert bpy.ops.headroom.rebuild_head(level="game") == {"FINISHED"}
    again = corners(part, born)
    assert np.ptp(again[:, 0]) == pytest.approx(np.ptp(low[:, 0]), rel=0.7)
    bone = born.parent.data.bones["DEF-C4"].head_local
    joint = part("core.head.generate").decode(part("addon.bridge.heads").identity_of(born), "game")
    np.testing.assert_allclose(bone, joint.joints[joint.joint_names.index("C4")], atol=1e-6)


def test_the_rig_turns_the_head(part, born, size):
    rig, before = born.parent, part("addon.bridge.meshes").evaluated_points(born)
    bone = rig.pose.bones["head"]
    bone.rotation_mode = "XYZ"
    bone.rotation_euler[1] = 0.5
    bpy.context.view_layer.update()
    after = part("addon.bridge.meshes").evaluated_points(born)
    off = np.linalg.norm(after - before, axis=1)
    assert 0.02 * size < off.max() < 0.3 * size
    born.data.shape_keys.key_blocks["jawOpen"].value = 1.0
    bpy.context.view_layer.update()
    far = np.linalg.norm(part("addon.bridge.meshes").evaluated_points(born) - after, axis=1).max()
    jaw = born.data.shape_keys.key_blocks["jawOpen"]
    meshes = part("addon.bridge.meshes")
    meant = np.abs(meshes.points_of(jaw) - meshes.points_of(jaw.relative_key)).max()
    assert far == pytest.approx(meant * size, rel=0.1)


@pytest.mark.parametrize("turned", [False, True])
def test_variants_stand_beside_the_head_as_large_as_it(part, born, size, turned):
    if turned:
        born.parent.rotation_euler = (0.0, 0.0, 1.2)
        bpy.context.view_layer.update()
    tall = np.ptp(corners(part, born)[:, 2])
    bpy.ops.headroom.variants(seed=2, amount=0.0)
    bpy.context.view_layer.update()
    grid = [one for one in bpy.data.objects if "Variant" in one.name]
    places = np.array([born.parent.matrix_world.inverted() @ one.matrix_world.translation for one in grid])
    assert np.unique(places[:, 0].round(4)).size == 3 and np.unique(places[:, 2].round(4)).size == 3
    assert np.abs(places[:, 1]).max() < 1e-5
    assert np.diff(np.unique(places[:, 0].round(4))).min() > 0.2  # metres: they do not stand in each other
    for one in grid:
        assert np.ptp(corners(part, one)[:, 2]) == pytest.approx(tall, rel=0.5)


def test_a_crowd_stands_apart(part, models, size):
    bpy.ops.headroom.generate_crowd(count=4, seed=3, spacing=0.5)
    bodies = [one for one in bpy.context.scene.objects if one.type == "MESH" and one.get("headroom") is not None]
    places = np.array([one.matrix_world.translation for one in bodies])
    apart = np.linalg.norm(places[:, None] - places, axis=2) + np.eye(4) * 1e9
    np.testing.assert_allclose(apart.min(axis=1), 0.5 * size, rtol=1e-4)


@pytest.mark.parametrize("ending", [".glb", ".fbx", ".usdc", ".abc"])
def test_the_gate_counts_millimetres(part, models, export, perform, ending):  # noqa: F811
    """The same head in a scene of centimetres and in one of metres is off by the same millimetres."""
    scene, errors = bpy.context.scene, []
    scene.frame_start, scene.frame_end = 1, 8
    for scale in (1.0, 0.01):
        scene.unit_settings.system, scene.unit_settings.scale_length = "METRIC", scale
        bpy.ops.headroom.generate_head(seed=1)
        body = bpy.context.active_object
        columns = {("jawOpen", "lips"): np.linspace(0, 1, 8), ("headYaw", "head"): np.linspace(0, 0.5, 8)}
        part("addon.bridge.actions").write(perform(columns, 24.0), body, 1, 24.0)
        report = export(ending, body)
        assert report.passed, report.lines
        errors.append(report.error_mm)
    assert errors[1] == pytest.approx(errors[0], abs=0.02)


@pytest.mark.parametrize(
    "placed",
    [
        Matrix.Scale(100.0, 4), Matrix.Scale(0.01, 4),
        Matrix.Rotation(np.pi / 2, 4, "X") @ Matrix.Scale(0.01, 4), Matrix.Rotation(-np.pi / 2, 4, "X"),
    ],
    ids=["x100", "x0.01", "y-up-x0.01", "y-up"],
)  # fmt: skip
def test_a_capture_of_any_size_is_held_to_the_same_millimetres(part, animated, still, placed):  # noqa: F811
    holder = bpy.data.objects.new("Imported", None)
    bpy.context.scene.collection.objects.link(holder)
    holder.matrix_world = placed
    animated.parent.parent = holder
    scale = placed.to_scale()[0]
    choose(animated)
    originals = [seen(part, animated, frame) for frame in range(FRAMES)]
    face = press()
    info = part("addon.bridge.stabilized").info(face)
    assert info["metres"] * scale == pytest.approx(1.0, rel=0.1)
    held = (cached(part, face) - np.array(placed)[:3, 3]) @ np.linalg.inv(np.array(placed)[:3, :3]).T
    assert off_by(held, still).max() < 1.2
    for frame in range(FRAMES):
        np.testing.assert_allclose(seen(part, face, frame), originals[frame], atol=3e-5 * scale)
    assert bpy.ops.headroom.solve_capture() == {"FINISHED"}
    solved = bpy.context.active_object
    error = np.array([point.co[1] for curve in part("addon.compat").fcurves(face.animation_data.action)
                      if "solve_error" in curve.data_path for point in curve.keyframe_points])  # fmt: skip
    assert solved != face and error.mean() < 1.0
    assert bpy.ops.headroom.solve_capture.poll() is False
    choose_again(face)
    assert bpy.ops.headroom.solve_capture() == {"FINISHED"}


def choose_again(face) -> None:
    """Select a face that was put aside."""
    face.hide_set(False)
    choose(face)


def test_lips_of_a_scaled_head_are_the_same(part, models, perform, small_head):
    """Objects scaled to 100 or 0.01, under Y-up parents: keys have no size."""
    for scale in (100.0, 0.01):
        body = part("addon.bridge.heads").add_head(small_head)
        holder = bpy.data.objects.new("Imported", None)
        bpy.context.scene.collection.objects.link(holder)
        holder.matrix_world = Matrix.Rotation(np.pi / 2, 4, "X") @ Matrix.Scale(scale, 4)
        body.parent.parent = holder
        columns = {("jawOpen", "lips"): np.ones(30), ("headYaw", "head"): np.full(30, 0.4)}
        part("addon.bridge.actions").write(perform(columns), body, 1, 24)
        bpy.context.scene.frame_set(3)
        assert body.data.shape_keys.key_blocks["jawOpen"].value == 1.0
        turn = body.parent.pose.bones["head"].matrix_basis.to_euler()
        assert turn[1] == pytest.approx(0.4, abs=1e-3)
