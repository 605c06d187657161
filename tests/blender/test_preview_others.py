"""A preview beside what else moves a head, and on heads of other makers and other files: seen as it is baked."""

import bpy
import numpy as np
import pytest
import test_bones
import test_linked
from previewing import FRAMES, everything, now, preview, settings, values


def test_other_layers_are_added_and_keys_by_hand_win(part, body, said, perform):
    """A head that spoke before: its old lips are not seen, brows and smile are, and a key by hand holds."""
    keys, curve = body.data.shape_keys, np.linspace(0, 0.4, 400)
    write = part("addon.bridge.actions").write
    write(perform({("jawOpen", "lips"): curve, ("mouthFunnel", "lips"): curve}), body, 1, 24)
    write(perform({("browInnerUp", "brows"): curve, ("jawOpen", "emotion"): curve / 4}), body, 1, 24)
    keys.key_blocks["mouthPucker"].value = 0.9
    keys.key_blocks["mouthPucker"].keyframe_insert("value", frame=1)
    before = values(body)
    preview()
    shown = values(body)
    assert not np.allclose(before, shown)
    names = keys.key_blocks.keys()
    assert shown[:, names.index("mouthPucker")] == pytest.approx(0.9)
    np.testing.assert_allclose(shown[:, names.index("browInnerUp")], before[:, names.index("browInnerUp")])
    settings().strength = 0.0
    assert now(body)[names.index("jawOpen")] == pytest.approx(0.1 * 129 / 399 * 60 / 24, abs=1e-3)
    settings().strength = 1.0
    bpy.ops.headroom.stop_preview()
    np.testing.assert_allclose(values(body), before, atol=1e-6)
    preview()
    bpy.ops.headroom.bake_preview()
    np.testing.assert_allclose(values(body), shown, atol=1e-5)


def test_old_lips_that_were_cut_off_at_a_keys_end_take_nothing_with_them(part, body, said, perform):
    flat = np.full(400, 0.8)
    write = part("addon.bridge.actions").write
    write(perform({("jawOpen", "lips"): flat}), body, 1, 24)
    write(perform({("jawOpen", "emotion"): flat / 2}), body, 1, 24)
    preview()
    shown = values(body)
    bpy.ops.headroom.bake_preview()
    np.testing.assert_allclose(values(body), shown, atol=1e-5)


def test_a_layer_that_is_muted_meanwhile_is_gone_at_once(part, body, said, perform):
    flat = np.full(400, 0.3)
    part("addon.bridge.actions").write(perform({("jawOpen", "emotion"): flat}), body, 1, 24)
    preview()
    bpy.context.scene.frame_set(2)
    jaw = body.data.shape_keys.key_blocks["jawOpen"]
    assert jaw.value == pytest.approx(0.3)
    body.data.shape_keys.animation_data.nla_tracks["Headroom emotion"].mute = True
    body.data.shape_keys.update_tag(refresh={"TIME"})
    bpy.context.view_layer.update()
    assert jaw.value == pytest.approx(0.0)
    bpy.context.scene.frame_set(17)
    shown = jaw.value
    body.data.shape_keys.update_tag(refresh={"TIME"})
    bpy.context.view_layer.update()
    assert jaw.value == pytest.approx(shown)


def test_a_head_of_another_maker_with_other_names_is_seen_as_baked(part, said, small_head):
    """Keys by another name, of two objects, one of them turned around and halved by a map."""
    keymaps, heads = part("addon.bridge.keymaps"), part("addon.bridge.heads")
    body = heads.add_head(small_head, name="Face")
    teeth = heads.add_head(small_head, name="Teeth")
    for one in (body, teeth):
        for number, key in enumerate(list(one.data.shape_keys.key_blocks)[1:]):
            key.name = f"k{number:03}"
    keymap = part("core.rig.keymap")
    answers = (
        ("Face", "k010", "jawOpen", 1.0), ("Face", "k011", "mouthFunnel", 0.5), ("Face", "k011", "mouthPucker", 0.5),
        ("Teeth", "k003", "jawOpen", 0.7),
    )  # fmt: skip
    entries = tuple(keymap.Entry(*one, 1.0, "hand") for one in answers)
    keymaps.store(body, keymap.KeyMap(entries), [body, teeth])
    preview(body)
    shown, theirs = values(body), values(teeth)
    assert shown.any() and theirs.any()
    bpy.ops.headroom.bake_preview()
    np.testing.assert_allclose(values(body), shown, atol=1e-5)
    np.testing.assert_allclose(values(teeth), theirs, atol=1e-5)


@pytest.mark.parametrize("way", ["blender", "doctor"])
def test_an_overridden_head_of_another_file_is_previewed_and_left_as_it_was(part, body, said, wave, tmp_path, way):
    sound, linked = settings().filepath, test_linked.link(tmp_path, "Head")
    head = test_linked.overridden(linked, "Head", way)
    settings().filepath, settings().keys_error = sound, 0.0
    before = values(head)
    assert preview(head) == {"FINISHED"}
    shown = values(head)
    assert shown.any()
    bpy.ops.headroom.stop_preview()
    np.testing.assert_array_equal(values(head), before)
    preview(head)
    bpy.ops.headroom.bake_preview()
    np.testing.assert_allclose(values(head), shown, atol=1e-5)


def test_a_bone_that_turns_another_way_is_turned_back(part, said):
    """The jaw of a rig without keys, by a quaternion."""
    body, rig, _ = test_bones.character(test_bones.CC, keys=[])
    bone = rig.pose.bones[test_bones.CC["jaw"]]
    bone.rotation_mode = "QUATERNION"
    bone.rotation_quaternion = (0.98, 0.2, 0.0, 0.0)
    bpy.context.view_layer.update()
    before = everything()
    preview(body)
    shown = []
    for frame in FRAMES:
        bpy.context.scene.frame_set(frame)
        shown.append(tuple(bone.rotation_euler))
    assert np.ptp(np.array(shown), axis=0).max() > 0.01
    bpy.ops.headroom.stop_preview()
    assert everything() == before
    preview(body)
    bpy.ops.headroom.bake_preview()
    for frame, turn in zip(FRAMES, shown, strict=True):
        bpy.context.scene.frame_set(frame)
        assert tuple(bone.rotation_euler) == pytest.approx(turn, abs=1e-5)


def test_drivers_keep_their_keys(body, said):
    keys = body.data.shape_keys
    keys.key_blocks["jawOpen"].driver_add("value").driver.expression = "0.35"
    bpy.context.view_layer.update()
    preview()
    values(body)
    assert keys.key_blocks["jawOpen"].value == pytest.approx(0.35)
