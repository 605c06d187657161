"""Every trouble that the doctor knows: made on a head that moves, found, ended by its fix, and the head moves again.

`moves` looks at the evaluated mesh, as the viewport shows it. Actions, rigs and sound have tests of their own.
"""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from patients import (  # noqa: F401 - fixtures
    by_hand,
    cover,
    curves,
    data,
    doctor,
    drive,
    fix,
    jaw,
    look,
    mouth,
    moves,
    mute_key,
    one_key_by_hand,
    points,
    strip,
)


def test_a_healthy_head_has_no_findings(look, mouth, doctor):
    assert moves(mouth)
    assert not look()
    report = doctor.examine([mouth], bpy.context.scene, bpy.context.view_layer)
    assert report.plays == ("Head: 1 shape key, frames 1 to 31, by NLA track Headroom lips",)


def test_so_has_one_with_keys_by_hand(look, by_hand):
    assert moves(by_hand)
    assert not look()


def test_and_one_that_spoke(look, body, speak):
    speak(body)
    assert not look()


def hide(body, part):
    body.hide_viewport = True


def hide_eye(body, part):
    body.hide_set(True)


def hide_collection(body, part):
    body.users_collection[0].hide_viewport = True


def exclude(body, part):
    bpy.context.view_layer.layer_collection.children[body.users_collection[0].name].hide_viewport = True


def edit(body, part):
    bpy.ops.object.mode_set(mode="EDIT")


def pin(body, part):
    body.show_only_shape_key = True


def nla_off(body, part):
    data(body).use_nla = False


def solo(body, part):
    data(body).nla_tracks["Headroom Rest"].is_solo = True


def mute_track(body, part):
    data(body).nla_tracks["Headroom lips"].mute = True


def mute_strip(body, part):
    strip(body).mute = True


def mute_curve(body, part):
    for curve in curves(part, strip(body)):
        curve.mute = True


def absolute(body, part):
    body.data.shape_keys.use_relative = False


def clip(body, part):
    jaw(body).slider_max = 0.0


def outside(body, part):
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 100, 250


def preview(body, part):
    scene = bpy.context.scene
    scene.use_preview_range, scene.frame_preview_start, scene.frame_preview_end = True, 100, 250


def cover_by_length(body, part):
    made = cover(body, part)
    made.action_frame_end, made.extrapolation = 60, "NOTHING"
    made.frame_end = 60


def weak(body, part):
    one = strip(body)
    one.use_animated_influence = True
    one.fcurves[0].keyframe_points.insert(1, 0.0)


def no_slot(body, part):
    strip(body).action_slot = None


def no_slot_in_action(body, part):
    data(body).action_slot = None


def other_slot(body, part):
    action = strip(body).action
    strip(body).action_slot = action.slots.new(id_type="KEY", name="Empty")


def relative_to_itself(body, part):
    jaw(body).relative_key = jaw(body)


def mask(body, part):
    body.vertex_groups.new(name="nothing")
    jaw(body).vertex_group = "nothing"


def respell(body, part):
    jaw(body).name = "Jaw_Open"
    for curve in curves(part, strip(body)):
        curve.data_path = 'key_blocks["jawOpen"].value'


def cut(body, part):
    for curve in curves(part, strip(body)):
        curve.keyframe_points.insert(40, 1.0)
    strip(body).action_frame_start = 31
    strip(body).action_frame_end = 40
    strip(body).extrapolation = "HOLD"
    strip(body).frame_start = 1


def unassign(body, part):
    action = strip(body).action
    action.use_fake_user = True
    data(body).nla_tracks.remove(data(body).nla_tracks["Headroom lips"])


def unassign_by_hand(body, part):
    data(body).action.use_fake_user = True
    data(body).action = None


def remap(body, part):
    bpy.context.scene.render.frame_map_new = 400


def tweak(body, part):
    """Tweak a strip below the lips."""
    animation = data(body)
    rest = animation.nla_tracks["Headroom Rest"]
    animation.nla_tracks.active = rest
    for track in animation.nla_tracks:
        for one in track.strips:
            one.select = track == rest
        track.select = track == rest
    animation.use_tweak_mode = True


STILL = [
    ("hidden", hide), ("hidden", hide_eye), ("hidden", hide_collection), ("hidden", exclude), ("edit_mode", edit),
    ("pinned", pin), ("nla_off", nla_off), ("solo", solo), ("tweak_mode", tweak), ("muted_tracks", mute_track),
    ("muted_strips", mute_strip), ("muted_curves", mute_curve), ("muted_keys", mute_key), ("absolute", absolute),
    ("clipped", clip), ("driven", drive), ("covered", one_key_by_hand), ("covered", cover),
    ("covered", cover_by_length), ("weak_strips", weak), ("unslotted", no_slot), ("wrong_slot", other_slot),
    ("relative_to", relative_to_itself), ("masked", mask), ("all_lost", respell), ("cut_strips", cut),
    ("unassigned", unassign),
]  # fmt: skip


@pytest.mark.parametrize(("what", "spoil"), STILL, ids=[spoil.__name__ for _, spoil in STILL])
def test_what_keeps_layers_still_is_found_and_ended(part, mouth, look, fix, what, spoil):
    assert moves(mouth)
    spoil(mouth, part)
    assert not moves(mouth), "this is no trouble at all"
    assert list(look()) == [what]
    fix(look()[what])
    assert not look()
    assert moves(mouth)


BY_HAND = [
    ("unslotted", no_slot_in_action), ("unassigned", unassign_by_hand), ("muted_keys", mute_key), ("driven", drive),
    ("clipped", clip), ("relative_to", relative_to_itself),
]  # fmt: skip


@pytest.mark.parametrize(("what", "spoil"), BY_HAND, ids=[spoil.__name__ for _, spoil in BY_HAND])
def test_what_keeps_an_action_still_is_found_and_ended(part, by_hand, look, fix, what, spoil):
    spoil(by_hand, part)
    assert not moves(by_hand), "this is no trouble at all"
    assert list(look()) == [what]
    fix(look()[what])
    assert not look()
    assert moves(by_hand)


@pytest.mark.parametrize(("what", "spoil"), [("range", outside), ("range", preview), ("remapped", remap)])
def test_what_is_played_another_time(part, mouth, look, fix, what, spoil):
    spoil(mouth, part)
    assert list(look()) == [what]
    fix(look()[what])
    assert not look()
    scene = bpy.context.scene
    assert (scene.frame_start, scene.frame_end) == ((1, 250))
    assert moves(mouth) and not scene.use_preview_range


def test_several_things_come_to_light_and_are_all_fixed(part, mouth, look):
    for spoil in (mute_track, mute_key, absolute, hide, outside, mute_curve):
        spoil(mouth, part)
    bpy.context.view_layer.objects.active = mouth
    assert bpy.ops.headroom.examine() == {"FINISHED"}
    assert len(bpy.context.window_manager.headroom_doctor.findings) >= 5
    assert bpy.ops.headroom.fix_all() == {"FINISHED"}
    assert not look() and moves(mouth)
    assert not bpy.context.window_manager.headroom_doctor.findings


def test_fix_all_leaves_decisions_to_the_artist(part, mouth, look):
    drive(mouth, part)
    mute_key(mouth, part)
    bpy.ops.headroom.fix_all()
    assert list(look()) == ["driven"]
    finding = look()["driven"]
    assert finding.ask and bpy.ops.headroom.fix(finding=finding.ident) == {"FINISHED"}
    assert moves(mouth)
    assert data(mouth).drivers.find('key_blocks["jawOpen"].value').mute, "muted, not removed"


def test_a_trimmed_strip_gets_its_beginning_back_where_it_was(part, mouth, look, fix):
    cut(mouth, part)
    strip(mouth).frame_start = 31
    assert not moves(mouth, 32, 38)
    fix(look()["cut_strips"])
    assert not look() and moves(mouth)
    assert strip(mouth).frame_start == strip(mouth).action_frame_start == 1


def test_an_undo_brings_the_finding_back(part, mouth):
    state = bpy.context.window_manager.headroom_doctor
    mute_key(mouth, part)
    bpy.ops.ed.undo_push(message="Mute")
    bpy.ops.headroom.examine()
    bpy.ops.headroom.fix(finding=state.findings[0].name)
    bpy.ops.ed.undo_push(message="Fix")
    assert not state.findings
    bpy.ops.ed.undo()
    state = bpy.context.window_manager.headroom_doctor
    assert [item.why for item in state.findings] == ["jawOpen is muted on Head"]
    bpy.ops.ed.redo()
    assert not bpy.context.window_manager.headroom_doctor.findings


def test_another_file_begins_without_findings(part, mouth):
    mute_key(mouth, part)
    bpy.ops.headroom.examine()
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    assert not bpy.context.window_manager.headroom_doctor.looked


def test_a_fix_that_is_not_needed_any_more_says_so(part, mouth, look):
    mute_key(mouth, part)
    ident = look()["muted_keys"].ident
    jaw(mouth).mute = False
    with pytest.raises(RuntimeError, match="not in the way any more"):
        bpy.ops.headroom.fix(finding=ident)


def test_the_likeliest_stands_first(part, mouth, look):
    for spoil in (clip, mute_track, hide):
        spoil(mouth, part)
    assert list(look()) == ["hidden", "muted_tracks", "clipped"]


def test_nothing_is_said_of_what_is_not_in_the_way(part, mouth, look):
    """Keys, curves and tracks that would move nothing may be off as they like."""
    keys = mouth.data.shape_keys.key_blocks
    keys["cheekPuff"].mute = True
    keys["mouthLeft"].slider_max = 0.1
    track = data(mouth).nla_tracks.new()
    track.mute = True
    for scene_setting in ("use_preview_range",):
        setattr(bpy.context.scene, scene_setting, False)
    bpy.context.scene.frame_end = 20
    assert not look()


def test_empty_keys_are_named(part, mouth, look):
    keys = mouth.data.shape_keys
    rest = part("addon.bridge.meshes").points_of(keys.reference_key)
    jaw(mouth).points.foreach_set("co", rest.ravel())
    assert not moves(mouth)
    found = look()["empty_keys"]
    assert "jawOpen" in found.why and not found.fix


def test_an_edited_basis_is_given_to_the_keys(part, look, fix):
    """Twelve keys, each moving its own place; then the basis alone is edited elsewhere."""
    grid = np.stack([*np.meshgrid(np.arange(20.0), np.arange(20.0)), np.zeros((20, 20))], -1).reshape(-1, 3) / 100
    mesh = bpy.data.meshes.new("Face")
    mesh.from_pydata(grid.tolist(), [], [])
    face = bpy.data.objects.new("Face", mesh)
    bpy.context.scene.collection.objects.link(face)
    bpy.context.view_layer.objects.active = face
    for name in ("Basis", *part("core.performance").ARKIT_52[:12]):
        key = face.shape_key_add(name=name, from_mix=False)
        key.value = 0.0
        if name != "Basis":
            shape = grid.copy()
            at = 10 * len(mesh.shape_keys.key_blocks)
            shape[at : at + 10, 2] += 0.01
            key.points.foreach_set("co", shape.astype(np.float32).ravel())
    key.keyframe_insert("value", frame=1)
    key.value = 1.0
    key.keyframe_insert("value", frame=16)
    assert not look()
    before = points(face, 16)
    keys, meshes = mesh.shape_keys, part("addon.bridge.meshes")
    rest = meshes.points_of(keys.reference_key)
    rest[350:370, 2] += 0.02
    meshes.write_basis(mesh, rest)
    assert np.abs(points(face, 16) - before).max() < 1e-6, "the edit is seen though the key is on"
    fix(look()["edited_basis"])
    assert not look()
    change = points(face, 16) - before
    assert (
        np.allclose(change[350:370, 2], 0.02, atol=1e-6) and np.abs(np.delete(change, np.s_[350:370], 0)).max() < 1e-6
    )


def test_an_action_that_holds_still_is_named(body, look):
    jaw(body).keyframe_insert("value", frame=1)
    assert list(look()) == ["flat"]


def test_no_animation_at_all(body, look):
    assert list(look()) == ["no_animation"]
    assert "Lip Sync" in look()["no_animation"].why


def test_a_mesh_without_keys(look):
    mesh = bpy.data.meshes.new("Bust")
    bust = bpy.data.objects.new("Bust", mesh)
    bpy.context.scene.collection.objects.link(bust)
    bpy.context.view_layer.objects.active = bust
    assert list(look()) == ["no_keys"]
