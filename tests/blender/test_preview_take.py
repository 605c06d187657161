"""See a take before it is written: face and head follow frames and sliders, and baking is importing."""

import bpy
import livetakes
import numpy as np
import pytest
import test_bones
import test_livelink
import test_visemes
from previewing import FRAMES, activate, everything, now, preview, settings, values

SLIDERS = {"strength": 0.8, "jaw": 1.4, "lips": 0.5, "head": 1.7}


@pytest.fixture
def take(part, tmp_path, perform, body):
    """Choose a take of two seconds under Speak; gives its path."""
    path = livetakes.write(part, perform, tmp_path / "take.csv", ["mouthFunnel", "mouthClose"])
    settings().source, settings().take = "TAKE", str(path)
    settings().keys_error = 0.0  # a key at every frame: what is baked can be compared at any
    yield path
    part("addon.preview").stop_all()


def slide(**sliders) -> None:
    for name, value in sliders.items():
        setattr(settings(), name, value)


def turns(rig) -> np.ndarray:
    """Give how the head bone is turned at frames, (F, 3)."""
    found = []
    for frame in FRAMES:
        bpy.context.scene.frame_set(frame)
        found.append(tuple(rig.pose.bones["head"].rotation_euler))
    return np.array(found)


def imported(path, **given):
    return bpy.ops.headroom.import_live_link(filepath=str(path), at="SPEAK", keys_error=0.0, **given)


@pytest.mark.parametrize("sliders", [{}, SLIDERS])
def test_baking_is_importing_what_was_seen(body, another, take, sliders):
    slide(**sliders)
    settings().start = 5
    assert preview(body) == {"FINISHED"}
    shown, turned = values(body), turns(body.parent)
    assert np.ptp(shown, axis=0).max() > 0.3 and np.ptp(turned, axis=0).max() > 0.05
    assert not bpy.data.actions
    assert bpy.ops.headroom.bake_preview() == {"FINISHED"}
    assert "Headroom capture" in body.data.shape_keys.animation_data.nla_tracks
    np.testing.assert_allclose(values(body), shown, atol=1e-5)
    np.testing.assert_allclose(turns(body.parent), turned, atol=1e-5)
    other = another()
    activate(other)
    assert imported(take, **sliders) == {"FINISHED"}
    np.testing.assert_array_equal(values(other), values(body))
    np.testing.assert_array_equal(turns(other.parent), turns(body.parent))


def test_sliders_move_what_they_say_at_once(body, take):
    preview(body)
    bpy.context.scene.frame_set(17)
    keys, head = body.data.shape_keys.key_blocks, body.parent.pose.bones["head"]
    usual = {name: keys[name].value for name in ("jawOpen", "mouthFunnel", "browInnerUp")}
    turn = head.rotation_euler.y
    assert all(usual.values()) and turn
    slide(head=1.5)
    assert head.rotation_euler.y == pytest.approx(1.5 * turn, abs=1e-5)
    assert keys["jawOpen"].value == pytest.approx(usual["jawOpen"])
    slide(jaw=0.5, lips=2.0)
    assert keys["jawOpen"].value == pytest.approx(usual["jawOpen"] / 2, abs=1e-5)
    assert keys["mouthFunnel"].value == pytest.approx(usual["mouthFunnel"] * 2, abs=1e-5)
    assert keys["browInnerUp"].value == pytest.approx(usual["browInnerUp"])
    slide(strength=0.0)
    assert not now(body).any() and head.rotation_euler.y == pytest.approx(1.5 * turn, abs=1e-5)


def test_stop_puts_face_and_head_back(body, take):
    body.data.shape_keys.key_blocks["browInnerUp"].value = 0.4
    body.parent.pose.bones["head"].rotation_euler.x = 0.1
    bpy.context.view_layer.update()
    before = everything()
    preview(body)
    values(body)
    slide(head=1.4)
    assert everything()["turns"] != before["turns"] and not bpy.data.actions
    assert bpy.ops.headroom.stop_preview() == {"FINISHED"}
    assert everything() == before


def test_an_earlier_take_is_not_seen_and_lips_are_added(part, body, take, perform):
    imported(take)
    flat = np.full(400, 0.25)
    part("addon.bridge.actions").write(perform({("jawOpen", "lips"): flat, ("headRoll", "head"): flat}), body, 1, 24)
    slide(**SLIDERS)
    preview(body)
    shown, turned = values(body), turns(body.parent)
    bpy.ops.headroom.bake_preview()
    np.testing.assert_allclose(values(body), shown, atol=1e-5)
    np.testing.assert_allclose(turns(body.parent), turned, atol=1e-5)
    assert turned[:, 2] == pytest.approx(0.25, abs=1e-5)


def test_a_rig_of_others_turns_its_jaw_and_head(part, take):
    body, rig, _ = test_bones.character(test_bones.CC, keys=[])
    jaw, head = (rig.pose.bones[test_bones.CC[name]] for name in ("jaw", "head"))
    before = everything()
    preview(body)
    bpy.context.scene.frame_set(17)
    shown = [tuple(bone.rotation_euler) for bone in (jaw, head)]
    assert all(np.abs(turn).max() > 0.01 for turn in shown)
    bpy.ops.headroom.bake_preview()
    bpy.context.scene.frame_set(18)
    bpy.context.scene.frame_set(17)
    for bone, turn in zip((jaw, head), shown, strict=True):
        assert tuple(bone.rotation_euler) == pytest.approx(turn, abs=1e-5)
    assert everything()["marks"] == before["marks"] == []


@pytest.mark.parametrize("rate", [30, 60])
def test_another_frame_rate_is_followed(part, body, take, rate):
    preview(body)
    bpy.context.scene.render.fps = rate
    shown = values(body)
    bpy.ops.headroom.bake_preview()
    np.testing.assert_allclose(values(body), shown, atol=1e-5)


def test_baking_is_one_step_of_undo(part, body, take):
    name, before = body.name, everything()
    bpy.ops.ed.undo_push(message="before")
    preview(body)
    bpy.ops.headroom.bake_preview("EXEC_DEFAULT", True)
    assert bpy.data.actions
    bpy.ops.ed.undo()
    assert everything() == before | {"marks": []}
    bpy.ops.ed.redo()
    assert bpy.data.actions and "Headroom capture" in bpy.data.objects[name].parent.animation_data.nla_tracks


def test_importing_ends_the_preview(body, take):
    preview(body)
    imported(take)
    assert not bpy.ops.headroom.bake_preview.poll() and not everything()["marks"]


def test_sliders_of_the_panel_leave_a_take_from_the_menu_alone(body, take):
    slide(**SLIDERS)
    bpy.ops.headroom.import_live_link(filepath=str(take), keys_error=0.0)
    assert livetakes.value(body, "jawOpen", 1 + 24) == pytest.approx(livetakes.jaw(1.0), abs=2e-3)


def test_another_take_is_noticed(part, body, take):
    preview(body)
    stale = part("addon.active").preview
    assert stale(bpy.context) == {"head": "Head", "mine": True, "take": True, "stale": False}
    settings().take += "x"
    assert stale(bpy.context)["stale"]


def test_what_cannot_be_previewed_says_why(body, take):
    settings().take = ""
    with pytest.raises(RuntimeError, match="Choose a take first"):
        preview(body)
    settings().take = str(take) + "x"
    with pytest.raises(RuntimeError, match="no such file"):
        preview(body)
    with pytest.raises(RuntimeError, match="A take is chosen under Speak"):
        bpy.ops.headroom.lip_sync(source="TAKE")
    head = test_livelink.foreign(test_visemes.RPM)
    settings().take = str(take)
    with pytest.raises(RuntimeError, match="no key or bone for any of the channels"):
        preview(head)
    assert not everything()["marks"]
