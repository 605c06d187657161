"""What the doctor makes of clips in other names than a head's own: it knows them by the head's key map."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from patients import by_hand, curves, data, doctor, fix, look, moves  # noqa: F401 - fixtures

ENDS = ((1, 0.0), (31, 1.0))


@pytest.fixture
def foreign(part, body):
    """Make a head of other names: `foreign({"MouthOpen": ("jawOpen", 1.0)})` renames the key and stores the map.

    Its other keys lose their names.
    """
    keymap, keymaps = part("core.rig.keymap"), part("addon.bridge.keymaps")

    def make(names, stored=True):
        keys = body.data.shape_keys
        keys.animation_data_clear()
        for number, key in enumerate(keys.key_blocks[1:]):
            own = next((name for name, (channel, _) in names.items() if channel == key.name), None)
            key.name = own or f"Key {number}"
        entries = [keymap.Entry(body.name, key, channel, weight) for key, (channel, weight) in names.items()]
        if stored:
            keymaps.store(body, keymap.KeyMap(tuple(entries)), [body])
        return body

    return make


def clip(part, thing, name, *keys):
    """Give shape keys an action in which names go from 0 to 1 between frames 1 and 31."""
    compat = part("addon.compat")
    action = bpy.data.actions.new(name)
    for key in keys:
        curve = compat.fcurve(action, "KEY", f'key_blocks["{key}"].value')
        for frame, value in ENDS:
            curve.keyframe_points.insert(frame, value)
    if thing is not None:
        compat.play(thing.data.shape_keys.animation_data_create(), action)
    return action


def value(body, key, frame=31):
    bpy.context.scene.frame_set(frame)
    graph = bpy.context.evaluated_depsgraph_get()
    return body.data.shape_keys.evaluated_get(graph).key_blocks[key].value


def test_a_clip_of_arkit_names_on_a_head_of_its_own(part, foreign, look, fix):
    head = foreign({"MouthOpen": ("jawOpen", 1.0)})
    clip(part, head, "talk", "jawOpen")
    assert not moves(head)
    found = look()
    assert list(found) == ["all_lost"]
    assert found["all_lost"].why == "Action talk keys jawOpen, which Head calls MouthOpen"
    assert found["all_lost"].fix == "Use MouthOpen"
    fix(found["all_lost"])
    assert not look() and moves(head)
    assert value(head, "MouthOpen") == pytest.approx(1.0)


def test_weights_count(part, foreign, look, fix):
    """A head that counts in other amounts gets a copy of the clip, half as large; the artist's own is kept."""
    head = foreign({"MouthOpen": ("jawOpen", 0.5)})
    action = clip(part, head, "talk", "jawOpen", "hornWiggle")
    fix(look()["all_lost"])
    assert moves(head) and value(head, "MouthOpen") == pytest.approx(0.5)
    assert list(look()) == ["some_lost"] and "hornWiggle" in look()["some_lost"].why
    assert data(head).action != action and action.name in bpy.data.actions and action.use_fake_user
    assert action.name.startswith("talk") and len(part("addon.compat").fcurves(action)) == 2


def test_both_sides_of_one_key_are_added_up(part, foreign, look, fix):
    keymap, keymaps = part("core.rig.keymap"), part("addon.bridge.keymaps")
    head = foreign({"Smile": ("mouthSmileLeft", 0.5)})
    sides = [keymap.Entry(head.name, "Smile", f"mouthSmile{side}", 0.5) for side in ("Left", "Right")]
    keymaps.store(head, keymap.KeyMap(tuple(sides)), [head])
    action = clip(part, head, "smile", "mouthSmileLeft", "mouthSmileRight")
    part("addon.compat").fcurves(action)[1].keyframe_points.insert(16, 0.0)
    fix(look()["all_lost"])
    assert not look()
    assert value(head, "Smile") == pytest.approx(1.0)
    assert value(head, "Smile", 16) == pytest.approx(0.25, abs=0.01)


def test_a_clip_that_nobody_plays_is_known_by_the_map(part, foreign, doctor, look):
    head = foreign({"MouthOpen": ("jawOpen", 1.0)})
    clip(part, None, "other", "hornWiggle", "tailWag")
    clip(part, None, "talk", "jawOpen").use_fake_user = True
    assert list(look()) == ["unassigned"] and "talk" in look()["unassigned"].why
    done, left = doctor.fix_all(bpy.context)
    assert [one.what for one in done] == ["unassigned", "all_lost"] and not left
    assert moves(head)


def test_correctives_of_any_name_are_no_motion_of_their_own(part, foreign, look):
    """They follow keys that nothing moves."""
    head = foreign({"MouthOpen": ("jawOpen", 1.0)})
    driver = head.data.shape_keys.key_blocks["Key 3"].driver_add("value").driver
    driver.type = "AVERAGE"
    variable = driver.variables.new()
    variable.targets[0].id_type, variable.targets[0].id = "KEY", head.data.shape_keys
    variable.targets[0].data_path = 'key_blocks["MouthOpen"].value'
    clip(part, None, "talk", "jawOpen").use_fake_user = True
    assert list(look()) == ["unassigned"]


def test_a_head_that_nothing_is_known_of_is_to_be_recognized(part, foreign, look):
    head = foreign({}, stored=False)
    clip(part, head, "talk", "jawOpen")
    found = look()["all_lost"]
    assert found.why == "Action talk moves jawOpen, which Head lacks; press Recognize Keys in Key Map first"
    assert not found.fix
    for curve in curves(part, data(head)):
        curve.data_path = 'key_blocks["hornWiggle"].value'
    assert "Recognize" not in look()["all_lost"].why, "that would not help"


def test_the_animation_of_another_head_is_copied_in_own_names(part, foreign, another, look, fix):
    head, other = foreign({"MouthOpen": ("jawOpen", 0.5)}), another()
    action = clip(part, other, "talk", "jawOpen", "cheekPuff")
    bpy.context.view_layer.objects.active = head
    other.select_set(False)
    found = look()
    assert list(found) == ["elsewhere"] and "Other" in found["elsewhere"].why
    fix(found["elsewhere"])
    assert moves(head) and value(head, "MouthOpen") == pytest.approx(0.5)
    assert data(other).action == action and value(other, "jawOpen") == pytest.approx(1.0)


def test_a_part_of_other_names_follows_its_head(part, by_hand, look, fix):
    """Teeth whose key is called otherwise, by drivers that need no scripts."""
    keymap, keymaps = part("core.rig.keymap"), part("addon.bridge.keymaps")
    mesh = bpy.data.meshes.new("Teeth")
    mesh.from_pydata([(0, 0, 0), (0, 0, 0.1), (0, 0.1, 0)], [], [(0, 1, 2)])
    teeth = bpy.data.objects.new("Teeth", mesh)
    bpy.context.scene.collection.objects.link(teeth)
    teeth.parent = by_hand.parent
    for name, far in (("Basis", 0.0), ("Lower", 0.05)):
        key = teeth.shape_key_add(name=name, from_mix=False)
        key.value = 0.0
        key.points[0].co = (0, 0, far)
    keymaps.store(teeth, keymap.KeyMap((keymap.Entry("Teeth", "Lower", "jawOpen", 0.8),)), [teeth])
    by_hand.select_set(False)
    bpy.context.view_layer.objects.active = teeth
    found = look()
    if "elsewhere" not in found:  # the head moves and is looked at along with its teeth
        teeth_alone = part("addon.bridge.doctor").examine([teeth], bpy.context.scene, bpy.context.view_layer)
        found = {one.what: one for one in teeth_alone.findings}
    part("addon.bridge.doctor").fix([teeth], bpy.context.scene, bpy.context.view_layer, found["elsewhere"].ident)
    assert value(teeth, "Lower") == pytest.approx(0.8)
    assert all(curve.driver.is_simple_expression for curve in teeth.data.shape_keys.animation_data.drivers)


def test_a_key_of_another_name_that_is_empty_here_does_its_work_there(part, by_hand, look):
    """The same channel by another name on another part is no reason to complain."""
    keymap, keymaps = part("core.rig.keymap"), part("addon.bridge.keymaps")
    lashes = by_hand.copy()
    lashes.data = by_hand.data.copy()
    lashes.name = "Lashes"
    by_hand.users_collection[0].objects.link(lashes)
    rest = part("addon.bridge.meshes").points_of(lashes.data.shape_keys.reference_key)
    lashes.data.shape_keys.key_blocks["jawOpen"].points.foreach_set(
        "co", np.ascontiguousarray(rest, np.float32).ravel()
    )
    by_hand.data.shape_keys.key_blocks["jawOpen"].name = "MouthOpen"
    keymaps.store(by_hand, keymap.KeyMap((keymap.Entry(by_hand.name, "MouthOpen", "jawOpen"),)), [by_hand])
    clip(part, lashes, "blink", "jawOpen")
    assert "empty_keys" not in look()
