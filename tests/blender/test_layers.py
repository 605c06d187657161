"""Mixing a head's layers: mute, strength, solo, edit, delete; from the mesh or its rig, on all that a layer moves."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

FRAMES = 25


@pytest.fixture
def moving(part, body, perform):
    """The head with lips and brows on its keys, and turns on its rig."""
    ramp = np.linspace(0, 1, FRAMES)
    columns = {("jawOpen", "lips"): ramp, ("browInnerUp", "brows"): ramp / 2, ("headYaw", "head"): ramp / 4}
    part("addon.bridge.actions").write(perform(columns, 24.0), body, 1.0, 24.0)
    bpy.context.scene.frame_set(FRAMES)
    return body


@pytest.fixture
def rig(part, moving):
    return part("addon.bridge.heads").rig_of(moving)


def values(body, rig, frame: int = FRAMES) -> tuple[float, float, float]:
    """Give how far jaw, brows and head have gone."""
    bpy.context.scene.frame_set(frame)
    keys = body.data.shape_keys.key_blocks
    turned = abs(rig.pose.bones["head"].rotation_euler[1])
    return round(keys["jawOpen"].value, 3), round(keys["browInnerUp"].value, 3), round(turned, 3)


def tracks(thing) -> set[str]:
    return set(thing.animation_data.nla_tracks.keys())


@pytest.fixture(params=["mesh", "rig"])
def chosen(request, moving, rig):
    """The head is active, itself or by its rig."""
    bpy.context.view_layer.objects.active = moving if request.param == "mesh" else rig
    return moving


def test_the_panel_lists_layers_from_the_topmost(part, chosen):
    shown = part("addon.active").layers(bpy.context)
    assert (shown["head"], shown["names"], shown["edited"]) == (chosen, ["head", "brows", "lips"], "")


def test_a_muted_layer_moves_nothing_and_keeps_its_keys(moving, rig):
    before = values(moving, rig)
    moving.headroom_mix.lips_shown = moving.headroom_mix.head_shown = False
    assert values(moving, rig) == (0.0, before[1], 0.0)
    moving.headroom_mix.lips_shown = moving.headroom_mix.head_shown = True
    assert values(moving, rig) == before


def test_strength_scales_a_layer_and_one_is_as_before(moving, rig):
    before = values(moving, rig)
    moving.headroom_mix.lips_strength = moving.headroom_mix.head_strength = 0.5
    assert values(moving, rig) == pytest.approx((before[0] / 2, before[1], before[2] / 2), abs=2e-3)
    assert values(moving, rig, 13)[0] == pytest.approx(0.25, abs=0.02)
    assert moving.headroom_mix.lips_strength == pytest.approx(0.5)
    moving.headroom_mix.lips_strength = moving.headroom_mix.head_strength = 1.0
    assert values(moving, rig) == before
    strips = [strip for track in moving.data.shape_keys.animation_data.nla_tracks for strip in track.strips]
    assert not any(strip.use_animated_influence for strip in strips)


def test_what_is_written_again_keeps_mute_and_strength(part, moving, perform, rig):
    moving.headroom_mix.lips_strength, moving.headroom_mix.brows_shown = 0.5, False
    ones = np.ones(FRAMES)
    columns = {("jawOpen", "lips"): ones, ("browInnerUp", "brows"): ones}
    part("addon.bridge.actions").write(perform(columns, 24.0), moving, 1.0, 24.0)
    assert values(moving, rig)[:2] == (0.5, 0.0)
    assert not moving.headroom_mix.brows_shown


def test_one_layer_alone(chosen, rig):
    before = values(chosen, rig)
    assert bpy.ops.headroom.solo_layer(layer="brows") == {"FINISHED"}
    assert values(chosen, rig) == (0.0, before[1], 0.0)
    assert bpy.ops.headroom.solo_layer(layer="lips") == {"FINISHED"}
    assert values(chosen, rig) == (before[0], 0.0, 0.0)
    assert bpy.ops.headroom.solo_layer(layer="lips") == {"FINISHED"}
    assert values(chosen, rig) == before


def test_keys_are_edited_in_place(part, chosen, rig):
    """As an artist sees them: the layer's own action is the active one, what it moves is selected, and a key that is
    set beyond its end is played afterwards."""
    before = values(chosen, rig)
    chosen.select_set(False)
    assert bpy.ops.headroom.edit_layer(layer="lips") == {"FINISHED"}
    data = chosen.data.shape_keys.animation_data
    assert data.use_tweak_mode and data.action.name == "Head lips" and chosen.select_get()
    assert part("addon.active").layers(bpy.context)["edited"] == "lips"
    curve = next(one for one in part("addon.compat").fcurves(data.action) if "jawOpen" in one.data_path)
    curve.keyframe_points.insert(FRAMES + 10, 0.25)
    assert bpy.ops.headroom.edit_layer(layer="lips") == {"FINISHED"}
    assert not data.use_tweak_mode and data.action is None
    assert values(chosen, rig)[1:] == before[1:]
    assert values(chosen, rig, FRAMES + 10)[0] == 0.25


def test_editing_another_layer_closes_the_first(chosen, rig):
    bpy.ops.headroom.edit_layer(layer="lips")
    bpy.ops.headroom.edit_layer(layer="head")
    assert not chosen.data.shape_keys.animation_data.use_tweak_mode
    assert rig.animation_data.use_tweak_mode and rig.animation_data.action.name == f"{rig.name} head"
    bone = rig.pose.bones["head"]
    assert bone.select if hasattr(bone, "select") else bone.bone.select


def test_editing_a_muted_layer_shows_it(chosen, rig):
    chosen.headroom_mix.lips_shown = False
    bpy.ops.headroom.edit_layer(layer="lips")
    assert chosen.headroom_mix.lips_shown


def test_a_deleted_layer_is_gone_everywhere_and_others_stay(chosen, rig):
    before = values(chosen, rig)
    assert bpy.ops.headroom.delete_layer(layer="lips") == {"FINISHED"}
    assert values(chosen, rig) == (0.0, *before[1:])
    assert "Head lips" not in bpy.data.actions and "Headroom lips" not in tracks(chosen.data.shape_keys)
    assert {"Headroom Rest", "Headroom brows"} <= tracks(chosen.data.shape_keys)


def test_with_the_last_layer_all_is_at_rest_and_nothing_is_left(chosen, rig):
    bpy.ops.headroom.edit_layer(layer="brows")
    for layer in ("lips", "brows", "head"):
        assert bpy.ops.headroom.delete_layer(layer=layer) == {"FINISHED"}
    assert not tracks(chosen.data.shape_keys) and not tracks(rig) and not bpy.data.actions
    assert values(chosen, rig) == (0.0, 0.0, 0.0)
    assert not bpy.ops.headroom.delete_layer.poll()


def test_keys_made_by_hand_survive_what_is_done_to_layers(chosen, rig):
    key = chosen.data.shape_keys.key_blocks["mouthSmileLeft"]
    key.value = 0.7
    key.keyframe_insert("value", frame=3)
    mine = chosen.data.shape_keys.animation_data.action
    bpy.ops.headroom.edit_layer(layer="lips")
    bpy.ops.headroom.edit_layer(layer="lips")
    bpy.ops.headroom.delete_layer(layer="lips")
    assert chosen.data.shape_keys.animation_data.action == mine


@pytest.mark.parametrize("verb", ["solo_layer", "edit_layer", "delete_layer"])
def test_each_is_one_undo_step(part, moving, verb):
    def state() -> list[tuple]:
        data = bpy.data.objects["Head"].data.shape_keys.animation_data
        return [(track.name, track.mute, data.use_tweak_mode) for track in data.nla_tracks]

    before = state()
    bpy.ops.ed.undo_push(message="before")
    getattr(bpy.ops.headroom, verb)(layer="lips")
    bpy.ops.ed.undo_push(message="after")
    assert state() != before
    bpy.ops.ed.undo()
    assert state() == before


def test_what_is_missing_is_said(body, part):
    with pytest.raises(RuntimeError, match="let it speak first"):
        bpy.ops.headroom.edit_layer(layer="lips")
    bpy.context.view_layer.objects.active = None
    with pytest.raises(RuntimeError, match="Select a head or its rig"):
        bpy.ops.headroom.edit_layer(layer="lips")


def test_a_layer_that_is_not_there_is_said(chosen):
    with pytest.raises(RuntimeError, match="it has lips, brows, head"):
        bpy.ops.headroom.delete_layer(layer="gaze")


def test_a_part_of_the_family_stands_for_the_whole(part, moving, another):
    """Eyes that a head's map moves too: mixing is of all, whichever is active."""
    other, keymaps = another(), part("addon.bridge.keymaps")
    other.modifiers.clear()
    other.parent = moving.parent
    moving[keymaps.FAMILY] = {"000": other}
    assert part("addon.bridge.stack").owner(other) == moving
