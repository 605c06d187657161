"""Heads of other rigs, whose jaw, eyes and head are bones, are moved by them: whichever way these are rolled."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from mathutils import Matrix, Vector
from patients import doctor, look  # noqa: F401 - fixtures

LIPS = [
    "mouthFunnel",
    "mouthPucker",
    "mouthClose",
    "mouthSmileLeft",
    "mouthSmileRight",
    "eyeBlinkLeft",
    "eyeBlinkRight",
]
CHIN, CROWN, PUPILS = (0.0, -0.11, 1.54), (0.0, 0.0, 1.80), {"L": (0.032, -0.1, 1.68), "R": (-0.032, -0.1, 1.68)}
PLACES = {
    "neck": (0, 0.02, 1.5), "head": (0, 0, 1.6), "jaw": (0, -0.02, 1.62), "eye.L": (0.032, -0.09, 1.68),
    "eye.R": (-0.032, -0.09, 1.68),
}  # fmt: skip
CC = {
    "neck": "CC_Base_NeckTwist01", "head": "CC_Base_Head", "jaw": "CC_Base_JawRoot", "eye.L": "CC_Base_L_Eye",
    "eye.R": "CC_Base_R_Eye",
}  # fmt: skip
PLAIN = {"neck": "Neck", "head": "Head", "jaw": "Jaw"}


def character(names, roll=0.0, tilt=None, inside=None, keys=LIPS):
    """A head of four points, each moved by a bone. `roll` turns bones about themselves, `tilt` says where they point,
    `inside` how the armature's own space lies in the world, where the face looks along -Y."""
    inside = inside or Matrix()
    armature = bpy.data.armatures.new("Rig")
    rig = bpy.data.objects.new("Rig", armature)
    bpy.context.scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    back = inside.inverted()
    bpy.ops.object.mode_set(mode="EDIT")
    for role, name in names.items():
        bone = armature.edit_bones.new(name)
        ahead = {"jaw": (0, -0.09, -0.06), "neck": (0, 0, 0.1), "head": (0, 0, 0.2)}.get(role, (0, -0.02, 0))
        bone.head = back @ Vector(PLACES[role])
        bone.tail = bone.head + back.to_3x3() @ Vector(tilt or ahead)
        bone.roll = roll
        parent = {"neck": None, "head": "neck"}.get(role, "head")
        bone.parent = armature.edit_bones[names[parent]] if parent else None
    bpy.ops.object.mode_set(mode="OBJECT")
    rig.matrix_world = inside
    owners = {"jaw": CHIN, "head": CROWN} | {f"eye.{side}": place for side, place in PUPILS.items()}
    owners = {role: place for role, place in owners.items() if role in names}
    mesh = bpy.data.meshes.new("Face")
    mesh.from_pydata([*owners.values()], [], [(0, 1, 2)] if len(owners) > 2 else [])
    body = bpy.data.objects.new("Face", mesh)
    bpy.context.scene.collection.objects.link(body)
    for number, role in enumerate(owners):
        body.vertex_groups.new(name=names[role]).add([number], 1.0, "REPLACE")
    body.modifiers.new("Armature", "ARMATURE").object = rig
    for key in ["Basis", *keys] if keys else []:
        body.shape_key_add(name=key).value = 0.0
    bpy.context.view_layer.objects.active = body
    bpy.context.view_layer.update()
    return body, rig, list(owners)


def moved(body, roles, frame):
    """Where each bone's point goes at a frame."""
    bpy.context.scene.frame_set(frame)
    shown = body.evaluated_get(bpy.context.evaluated_depsgraph_get())
    rest = [vertex.co.copy() for vertex in body.data.vertices]
    return {role: np.array(shown.data.vertices[k].co - rest[k]) for k, role in enumerate(roles)}


def turned(place, pivot, axis, angle):
    arm = Vector(place) - Vector(pivot)
    return np.array(Matrix.Rotation(angle, 3, axis) @ arm - arm)


YUP = Matrix.Rotation(np.pi / 2, 4, "X")
"""Imported characters: Y up and the face along +Z inside, and an object that is turned."""

RIGS = [
    {"names": CC},
    {"names": CC, "roll": 1.5708},
    {"names": CC, "roll": 3.1},
    {"names": CC, "tilt": (0, 0, 0.05)},
    {"names": CC, "tilt": (0.05, 0, 0), "roll": 0.3},
    {"names": CC, "inside": YUP, "roll": -0.7},
    {"names": CC, "inside": Matrix.Scale(0.01, 4) @ Matrix.Rotation(np.pi, 4, "Z")},
    {"names": PLAIN},
    {"names": PLAIN, "inside": YUP, "roll": 1.0},
]


@pytest.mark.parametrize("rig", RIGS)
def test_a_jaw_bone_opens_where_no_key_does(part, perform, rig):
    body, _, roles = character(**rig)
    actions, opened = part("addon.bridge.actions"), part("core.head.anatomy").JAW_OPEN
    performance = perform({("jawOpen", "lips"): np.linspace(0, 1, 25), ("mouthFunnel", "lips"): np.ones(25)}, 24.0)
    assert actions.unanswered(performance, body) == []
    actions.write(performance, body, 1, 24, reduction=None)
    for frame, share in ((1, 0), (13, 0.5), (25, 1)):
        found = moved(body, roles, frame)
        np.testing.assert_allclose(
            found["jaw"], turned(CHIN, PLACES["jaw"], "X", share * opened), atol=0.0015 if rig.get("roll") else 1e-4
        )
        assert np.abs(found["head"]).max() < 1e-6
    assert found["jaw"][2] < -0.025
    assert body.data.shape_keys.key_blocks["mouthFunnel"].value == 1


@pytest.mark.parametrize("rig", [one for one in RIGS if one["names"] is CC])
def test_eyes_look_and_heads_turn_by_their_bones(part, perform, rig):
    body, _, roles = character(**rig)
    looks = ("eyeLookUpLeft", "eyeLookOutLeft", "eyeLookDownRight", "eyeLookInRight")
    columns = {(name, "gaze"): np.eye(4)[k] for k, name in enumerate(looks)}
    part("addon.bridge.actions").write(perform(columns, 24.0), body, 1, 24, reduction=None)
    found = [moved(body, roles, frame) for frame in (1, 2, 3, 4)]
    assert found[0]["eye.L"][2] > 0.003 and np.abs(found[0]["eye.R"]).max() < 1e-6
    assert found[1]["eye.L"][0] > 0.004 and found[2]["eye.R"][2] < -0.003 and found[3]["eye.R"][0] > 0.004
    part("addon.bridge.actions").write(perform({("headYaw", "head"): np.full(4, 0.3)}, 24.0), body, 11, 24)
    away = moved(body, roles, 12)["jaw"]
    np.testing.assert_allclose(away, turned(CHIN, PLACES["head"], "Z", 0.3), atol=0.002)


def test_a_key_that_opens_the_jaw_is_enough(part, perform):
    body, rig, roles = character(CC, keys=[*LIPS, "jawOpen"])
    part("addon.bridge.actions").write(perform({("jawOpen", "lips"): np.ones(9)}), body, 1, 60)
    assert np.abs(moved(body, roles, 5)["jaw"]).max() < 1e-6
    assert rig.animation_data is None or not rig.animation_data.nla_tracks
    assert rig.pose.bones[CC["jaw"]].rotation_mode == "QUATERNION"


def test_visemes_stay_visemes_though_there_is_a_jaw_bone(part):
    visemes = [
        f"viseme_{name}" for name in ("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "O")
    ]
    body, *_ = character(CC, keys=visemes)
    assert part("addon.bridge.keymaps").speaks(body) == "oculus"


def test_keys_and_drivers_of_the_artist_stay(part, perform):
    body, rig, roles = character(CC)
    actions, performance = part("addon.bridge.actions"), perform({("jawOpen", "lips"): np.ones(9)})
    jaw = rig.pose.bones[CC["jaw"]]
    jaw.keyframe_insert("rotation_quaternion", frame=1)
    actions.write(performance, body, 1, 60)
    assert jaw.rotation_mode == "QUATERNION" and np.abs(moved(body, roles, 5)["jaw"]).max() < 1e-6
    assert "jawOpen" in actions.overridden(body)
    rig.animation_data_clear()
    curve = jaw.driver_add("rotation_quaternion", 1)
    curve.driver.expression = "0.1"
    assert actions.driven(performance, body) == {"Rig": [CC["jaw"]]}
    actions.write(performance, body, 1, 60)
    assert jaw.rotation_mode == "QUATERNION"


def test_a_part_is_solved_again_and_thinned(part, perform):
    """Angles are no channels: their keys are in radians, what is compared is not."""
    body, _, roles = character(CC)
    actions, opened = part("addon.bridge.actions"), part("core.head.anatomy").JAW_OPEN
    wave = np.sin(np.arange(121) / 9) / 2 + 0.5
    actions.write(perform({("jawOpen", "lips"): wave}), body, 1, 60, reduction=None)
    before, after = actions.reduce_layer(body, "lips", part("core.curves.reduce").ReduceOptions())
    assert before == 121 and after < 40
    np.testing.assert_allclose(
        moved(body, roles, 30)["jaw"], turned(CHIN, PLACES["jaw"], "X", wave[29] * opened), atol=2e-3
    )
    actions.write(perform({("jawOpen", "lips"): np.full(121, 0.2)}), body, 1, 60, span=(40, 80))
    np.testing.assert_allclose(moved(body, roles, 60)["jaw"], turned(CHIN, PLACES["jaw"], "X", 0.2 * opened), atol=2e-3)
    np.testing.assert_allclose(
        moved(body, roles, 30)["jaw"], turned(CHIN, PLACES["jaw"], "X", wave[29] * opened), atol=2e-3
    )


def test_a_head_without_any_key_opens_its_mouth(part, perform):
    body, _, roles = character(CC, keys=[])
    actions, heads = part("addon.bridge.actions"), part("addon.bridge.heads")
    assert heads.why_not(body) == "" and part("addon.bridge.keymaps").chosen("auto", body) == "arkit"
    performance = perform({("jawOpen", "lips"): np.ones(9), ("mouthPucker", "lips"): np.ones(9)})
    assert actions.unanswered(performance, body) == ["mouthPucker"]
    assert actions.overridden(body) == [] and actions.driven(performance, body) == {}
    actions.write(performance, body, 1, 60)
    assert moved(body, roles, 5)["jaw"][2] < -0.025 and body.data.shape_keys is None
    assert part("addon.bridge.layers").names_on(body) == ["lips"]
    body.modifiers.clear()
    assert "no jaw bone" in heads.why_not(body)


def test_the_button_lets_a_head_without_any_key_speak(part, models, wave):
    body, _, roles = character(CC, keys=[])
    assert bpy.ops.headroom.lip_sync.poll()
    assert bpy.ops.headroom.lip_sync(source="FILE", filepath=str(wave(1.0))) == {"FINISHED"}
    frames = [moved(body, roles, frame)["jaw"][2] for frame in range(1, 25, 4)]
    assert min(frames) < -0.02
    assert part("addon.bridge.takes").has(body)


def test_the_command_line_takes_a_head_whose_jaw_alone_moves(part, tmp_path):
    character(CC, keys=[])
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "boned.blend"))
    body, warnings = part("addon.casting").put_head(tmp_path / "boned.blend", 24.0, lambda done, stage: None)
    assert body.name == "Face" and warnings == []


def test_the_doctor_does_not_miss_keys_where_bones_do_it(look):  # noqa: F811
    body, _, _ = character(CC, keys=[])
    bpy.context.view_layer.objects.active = body
    assert "no_keys" not in look()
    body.modifiers.clear()
    assert "Give Shapes" in look()["no_keys"].why
