"""The rig: controls move the joints as anatomy has them, and go on doing so without Headroom and without scripts."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import bpy
import numpy as np
import pytest


@pytest.fixture
def rig(part, body):
    return part("addon.bridge.heads").rig_of(body)


def update() -> None:
    bpy.context.view_layer.update()


def turned(rig, name: str) -> float:
    """Give by what angle a bone stands turned from where it rests."""
    bone = rig.pose.bones[name]
    return (bone.bone.matrix_local.inverted() @ bone.matrix).to_quaternion().angle


def test_every_joint_has_a_deform_bone_and_a_group(small_head, body, rig):
    deforming = [bone.name for bone in rig.data.bones if bone.use_deform]
    assert sorted(deforming) == sorted(f"DEF-{name}" for name in small_head.joint_names)
    assert set(deforming) <= set(body.vertex_groups.keys())
    np.testing.assert_allclose(rig.data.bones["DEF-jaw"].head_local, small_head.joints[9], atol=1e-6)
    for joint, name in enumerate(small_head.joint_names):
        parent, above = rig.data.bones[f"DEF-{name}"].parent, small_head.joint_parents[joint]
        assert (parent.name if parent else None) == (f"DEF-{small_head.joint_names[above]}" if above >= 0 else None)


def test_the_controls_are_those_that_riggers_know(rig):
    shown = {bone.name for bone in rig.data.collections["Controls"].bones}
    assert shown == {
        "root", "chest", "neck", "head", "jaw_master", "larynx", "eyes", "eye.L", "eye.R", "master_eye.L",
        "master_eye.R",
    }  # fmt: skip
    assert [group.name for group in rig.data.collections if group.is_visible] == ["Controls"]
    assert all(rig.pose.bones[name].custom_shape for name in shown)


def test_a_fresh_rig_rests(part, small_head, body, rig):
    update()
    for bone in rig.pose.bones:
        np.testing.assert_allclose(bone.matrix, bone.bone.matrix_local, atol=1e-5)
    np.testing.assert_allclose(part("addon.bridge.meshes").evaluated_points(body), small_head.neutral, atol=1e-5)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_skull_turns_as_the_head_control_and_every_vertebra_its_share(part, rig, axis):
    anatomy = part("core.head.anatomy")
    rig.pose.bones["head"].rotation_euler[axis] = 0.5
    update()
    assert turned(rig, "DEF-skull") == pytest.approx(0.5, abs=1e-4)
    share = anatomy.share(("flexion", "axial", "lateral")[axis])
    angles = [turned(rig, f"DEF-{name}") for name in anatomy.SPINE[:-1]]
    want = np.cumsum([0.5 * share[name] for name in anatomy.SPINE[:-1]])
    np.testing.assert_allclose(angles, want, atol=0.03)
    assert all(below < above for below, above in zip(angles, angles[1:], strict=False))


def test_the_neck_control_bends_the_lower_neck(rig):
    rig.pose.bones["neck"].rotation_euler[0] = 0.3
    update()
    assert turned(rig, "DEF-C3") == pytest.approx(0.3, abs=1e-3)
    assert turned(rig, "DEF-skull") == pytest.approx(0.3, abs=1e-3)
    assert 0 < turned(rig, "DEF-C7") < turned(rig, "DEF-C5") < turned(rig, "DEF-C3")


def test_limits_hold_and_can_be_switched_off(part, rig):
    anatomy = part("core.head.anatomy")
    rig.pose.bones["head"].rotation_euler[1] = 3.0
    rig.pose.bones["jaw_master"].rotation_euler[0] = 1.5
    update()
    assert turned(rig, "DEF-skull") == pytest.approx(anatomy.limit("axial"), abs=1e-3)
    assert turned(rig, "DEF-jaw") > 0
    rig["limits"] = 0.0
    rig.update_tag()
    update()
    assert turned(rig, "DEF-skull") == pytest.approx(3.0, abs=1e-3)


def test_the_jaw_opens_about_a_hinge_that_slides(part, rig):
    anatomy, jaw = part("core.head.anatomy"), rig.pose.bones["DEF-jaw"]
    update()
    before = np.array(jaw.matrix.translation)
    rig.pose.bones["jaw_master"].rotation_euler[0] = 0.4
    update()
    assert jaw.tail.z < jaw.bone.tail_local.z - 0.02
    np.testing.assert_allclose(np.array(jaw.matrix.translation) - before, 0.4 * anatomy.JAW_SLIDE, atol=1e-5)


def test_eyes_look_at_their_target_and_lids_follow(body, rig):
    keys = body.data.shape_keys.key_blocks
    rig.pose.bones["eyes"].location = (0, 0, 0.1)
    update()
    angle = math.atan2(0.1, 0.35)
    assert turned(rig, "DEF-eye.L") == pytest.approx(angle, abs=1e-3)
    assert keys["lidFollowUpLeft"].value == pytest.approx(angle / math.radians(22.0), abs=1e-3)
    assert keys["lidFollowDownLeft"].value == 0
    rig["eyes_aim"] = 0.0
    rig.update_tag()
    rig.pose.bones["master_eye.R"].rotation_euler = (-0.2, 0, 0)
    update()
    assert turned(rig, "DEF-eye.L") == pytest.approx(0.0, abs=1e-4)
    assert keys["lidFollowDownRight"].value == pytest.approx(0.2 / math.radians(26.0), abs=1e-3)


def test_skin_follows_jaw_and_neck(part, body, rig):
    keys, follow = body.data.shape_keys.key_blocks, part("core.head.correctives").FOLLOW
    rig.pose.bones["jaw_master"].rotation_euler[0] = 0.3
    rig.pose.bones["head"].rotation_euler[1] = 0.4
    update()
    assert keys["jawFollowOpen"].value == pytest.approx(0.3 / follow["jawFollowOpen"].angle, abs=1e-3)
    share = part("core.head.anatomy").share("axial")["C4"]
    assert keys["neckFollowTurnLeft"].value == pytest.approx(0.4 * share / follow["neckFollowTurnLeft"].angle, abs=1e-3)
    assert keys["neckFollowTurnRight"].value == 0
    rig.pose.bones["head"].rotation_euler = (0.3, 0, 0)
    update()
    assert keys["neckFollowFlexion"].value > 0.1
    assert keys["neckFollowExtension"].value == 0


def test_eyes_follow_the_head_or_stay_on_the_world(rig):
    rig.pose.bones["head"].rotation_euler[1] = 0.4
    update()
    assert turned(rig, "DEF-eye.L") == pytest.approx(0.4, abs=1e-3)
    rig["eyes_follow_head"] = 0.0
    rig.update_tag()
    update()
    assert turned(rig, "DEF-eye.L") < 0.25


def test_the_larynx_slides(rig):
    bone = rig.pose.bones["DEF-larynx"]
    rig.pose.bones["larynx"].location = (0, 0.01, 0)
    update()
    assert bone.head.z == pytest.approx(bone.bone.head_local.z + 0.01, abs=1e-5)


def test_correctives_follow_what_they_mend(part, body):
    keys, correctives = body.data.shape_keys.key_blocks, part("core.head.correctives").CORRECTIVES
    values = {"jawOpen": 0.8, "mouthSmileLeft": 0.5, "mouthClose": 0.2, "eyeBlinkLeft": 0.5}
    for name, value in values.items():
        keys[name].value = value
    update()
    for name, rule in correctives.items():
        assert keys[name].value == pytest.approx(rule.value(values), abs=1e-5), name
    assert keys["jawOpen_mouthSmileLeft"].value == pytest.approx(0.3)


def test_every_driver_is_simple(body, rig):
    drivers = [*rig.animation_data.drivers, *body.data.shape_keys.animation_data.drivers]
    assert len(drivers) > 60
    for curve in drivers:
        assert curve.driver.is_simple_expression and curve.driver.is_valid, curve.data_path


def test_it_works_without_headroom_and_without_scripts(part, body, rig, tmp_path):
    """Another Blender, as it comes from the factory, opens the file."""
    path = tmp_path / "head.blend"
    part("addon.bridge.exports").export(path, body)
    code = f"""
import os
import bpy
bpy.context.preferences.filepaths.use_scripts_auto_execute = False
bpy.ops.wm.open_mainfile(filepath={str(path)!r}, use_scripts=False)
assert not hasattr(bpy.types.Scene, "headroom")
body, rig = bpy.data.objects["Head"], bpy.data.objects["Head Rig"]
keys = body.data.shape_keys.key_blocks
keys["jawOpen"].value = keys["mouthSmileLeft"].value = 0.5
rig.pose.bones["head"].rotation_euler[1] = 0.4
rig.pose.bones["eyes"].location = (0, 0, 0.1)
bpy.context.view_layer.update()
vertebra = rig.pose.bones["DEF-C2"]
turn = (vertebra.bone.matrix_local.inverted() @ vertebra.matrix).to_quaternion().angle
print("RESULT", keys["jawOpen_mouthSmileLeft"].value, turn, keys["lidFollowUpLeft"].value, flush=True)
os._exit(0)
"""
    environment = {"BLENDER_USER_RESOURCES": str(tmp_path / "factory"), "PATH": "/usr/bin:/bin"}
    made = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60, env=environment, cwd=Path("/")
    )
    line = next((line for line in made.stdout.splitlines() if line.startswith("RESULT")), made.stderr)
    corrective, turn, lid = map(float, line.split()[1:])
    assert corrective == pytest.approx(0.25)
    assert 0.1 < turn < 0.3
    assert lid > 0.5
