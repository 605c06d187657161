"""What the doctor finds about actions, drivers and linked heads: animation that is there but plays elsewhere."""

from __future__ import annotations

import bpy
import pytest
from patients import (  # noqa: F401 - fixtures
    by_hand,
    cover,
    curves,
    data,
    doctor,
    fix,
    jaw,
    look,
    mouth,
    moves,
    mute_key,
    one_key_by_hand,
    strip,
)


def test_names_that_nothing_has_are_told_and_others_respelled(part, mouth, look, fix):
    """One curve of an action is of a key that is not there: the rest plays, and that is not fixed by guessing."""
    compat = part("addon.compat")
    curve = compat.fcurve(strip(mouth).action, "KEY", 'key_blocks["hornWiggle"].value')
    for frame, value in ((1, 0), (20, 1)):
        curve.keyframe_points.insert(frame, value)
    found = look()
    assert list(found) == ["some_lost"] and "hornWiggle" in found["some_lost"].why and not found["some_lost"].fix
    curve.data_path = 'key_blocks["MOUTH_LEFT"].value'
    assert look()["some_lost"].fix
    fix(look()["some_lost"])
    assert not look()
    bpy.context.scene.frame_set(20)
    assert mouth.data.shape_keys.key_blocks["mouthLeft"].value == pytest.approx(1.0)


def test_an_action_that_another_head_uses_too_is_copied_before_it_is_respelled(part, mouth, another, look, fix):
    other = another()
    compat = part("addon.compat")
    compat.play(other.data.shape_keys.animation_data_create(), strip(mouth).action)
    bpy.context.view_layer.objects.active = mouth
    jaw(mouth).name = "Jaw_Open"
    for curve in curves(part, strip(mouth)):
        curve.data_path = 'key_blocks["jawOpen"].value'
    shared = strip(mouth).action
    fix(look()["all_lost"])
    assert moves(mouth) and moves(other)
    assert strip(mouth).action != shared


def test_keys_on_the_object_are_copied_to_the_shape_keys(part, body, look, fix):
    compat = part("addon.compat")
    action = bpy.data.actions.new("Imported")
    curve = compat.fcurve(action, "OBJECT", 'key_blocks["jawOpen"].value')
    for frame, value in ((1, 0), (31, 1)):
        curve.keyframe_points.insert(frame, value)
    compat.play(body.animation_data_create(), action)
    assert not moves(body)
    assert list(look()) == ["wrong_owner"]
    fix(look()["wrong_owner"])
    assert not look() and moves(body)
    assert body.animation_data.action == action, "the artist's is still there"


def test_an_action_for_objects_on_shape_keys_is_copied(part, body, look, fix):
    compat = part("addon.compat")
    action = bpy.data.actions.new("Imported")
    curve = compat.fcurve(action, "OBJECT", 'key_blocks["jawOpen"].value')
    for frame, value in ((1, 0), (31, 1)):
        curve.keyframe_points.insert(frame, value)
    body.data.shape_keys.animation_data_create().action = action
    assert not moves(body)
    assert list(look()) == ["wrong_owner"]
    fix(look()["wrong_owner"])
    assert not look() and moves(body)
    assert action.name in bpy.data.actions and action.use_fake_user


def test_animation_on_another_head_is_copied(part, mouth, another, look, fix):
    other = another()
    bpy.context.view_layer.objects.active = other
    mouth.select_set(False)
    assert not moves(other)
    found = look()
    assert list(found) == ["elsewhere"] and "Head" in found["elsewhere"].why and found["elsewhere"].ask
    fix(found["elsewhere"])
    assert not look() and moves(other) and moves(mouth)
    assert strip(other).action != strip(mouth).action


def test_a_part_on_the_same_rig_follows_the_head(part, mouth, look, fix):
    """A beard with some of the head's keys and no animation of its own."""
    mesh = bpy.data.meshes.new("Beard")
    mesh.from_pydata([(0, 0, 0), (0, 0, 0.1), (0, 0.1, 0)], [], [(0, 1, 2)])
    beard = bpy.data.objects.new("Beard", mesh)
    bpy.context.scene.collection.objects.link(beard)
    beard.parent = mouth.parent
    for name in ("Basis", "jawOpen", "ownWave"):
        key = beard.shape_key_add(name=name, from_mix=False)
        key.value = 0.0
        if name != "Basis":
            key.points[0].co = (0, 0, -0.05)
    assert not moves(beard)
    found = look()
    assert list(found) == ["elsewhere"] and found["elsewhere"].thing == "Beard"
    fix(found["elsewhere"])
    assert not look() and moves(beard)


def test_other_layers_are_not_muted_with_the_hand(part, mouth, look, fix):
    """One key set by hand on the jaw covers the lips; its fix mutes that curve alone."""
    cheek = mouth.data.shape_keys.key_blocks["cheekPuff"]
    for frame, value in ((1, 0.0), (31, 1.0)):
        cheek.value = value
        cheek.keyframe_insert("value", frame=frame)
    one_key_by_hand(mouth, part)
    fix(look()["covered"])
    assert not look()
    muted = {curve.data_path: curve.mute for curve in curves(part, data(mouth))}
    assert muted == {'key_blocks["cheekPuff"].value': False, 'key_blocks["jawOpen"].value': True}


def test_an_action_without_influence_over_strips(part, by_hand, look, fix):
    cover(by_hand, part)
    data(by_hand).action_influence = 0.0
    assert not moves(by_hand)
    assert "weak_action" in look()
    fix(look()["weak_action"])
    assert not look() and moves(by_hand)


def test_drivers_of_correctives_that_are_broken_are_made_anew(part, mouth, look, fix):
    driver = next(curve for curve in data(mouth).drivers if len(curve.driver.variables) > 1)
    name = driver.data_path.split('"')[1]
    driver.driver.variables[0].targets[0].data_path = 'key_blocks["gone"].value'
    found = look()
    assert list(found) == ["broken_drivers"] and name in found["broken_drivers"].why
    fix(found["broken_drivers"])
    assert not look()


def test_a_muted_driver_is_found(part, mouth, look, fix):
    driver = data(mouth).drivers[0]
    driver.mute = True
    assert list(look()) == ["muted_drivers"]
    fix(look()["muted_drivers"])
    assert not look() and not driver.mute


def test_a_linked_head_is_overridden(part, mouth, look, fix, doctor, tmp_path):
    path = str(tmp_path / "library.blend")
    mute_key(mouth, part)
    bpy.data.libraries.write(path, {mouth})
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(path, link=True) as (_, wanted):
        wanted.objects = ["Head"]
    head = wanted.objects[0]
    bpy.context.scene.collection.objects.link(head)
    bpy.context.view_layer.objects.active = head
    found = look()
    assert list(found) == ["linked", "muted_keys"] and not found["muted_keys"].fix
    fix(found["linked"])
    here = bpy.context.view_layer.objects.active
    assert here.library is None and here.data.library is None
    assert not [thing for thing in bpy.context.scene.objects if thing.type == "MESH" and thing.library]
    fix(look()["muted_keys"])
    assert not look() and moves(here)
