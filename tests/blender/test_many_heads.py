"""Several heads in one file: each button changes the head that is meant and no other, copies are independent, and
names, collections and scenes make no difference."""

from __future__ import annotations

import bpy
import livetakes
import numpy as np
import pytest
from talking import keys_of, lips, marker, show, shown, update, values

ODD = ('Kopf "A"\n\\', "Голова-Köpfchen", "H" * 63, "頭" * 21)


def activate(*things) -> None:
    bpy.context.view_layer.update()
    for one in bpy.context.view_layer.objects:
        one.select_set(one in things)
    bpy.context.view_layer.objects.active = things[0]


def points(body) -> np.ndarray:
    blocks = body.data.shape_keys.key_blocks
    found = np.empty((len(blocks), len(body.data.vertices) * 3), np.float32)
    for row, key in zip(found, blocks, strict=True):
        key.points.foreach_get("co", row)
    return found


def print_of(part, body) -> dict[str, object]:
    """Everything of a head that another's buttons could harm."""
    keys, rig = body.data.shape_keys, part("addon.bridge.heads").rig_of(body)
    found: dict[str, object] = {
        "points": points(body).tobytes(),
        "properties": sorted(body.items(), key=str).__repr__(),
    }
    for thing in (keys, rig):
        data = thing.animation_data if thing is not None else None
        for track in data.nla_tracks if data is not None else ():
            for strip in track.strips:
                curves = keys_of(part, strip.action)
                table = sorted((path, values.tobytes()) for path, values in curves.items())
                found[f"{thing.name} {track.name}"] = (strip.action.name, strip.frame_start, track.mute, table)
    if rig is not None:
        found["bones"] = [tuple(bone.head_local) for bone in rig.data.bones]
    found["colors"] = [tuple(material.diffuse_color) for material in body.data.materials]
    found["images"] = [image.get("headroom_pixels") for image in part("addon.bridge.materials").images_of(body.data)]
    return found


@pytest.fixture
def three(part, small_head, speak):
    """Two heads that say other things from other frames on, and one without a rig; the first is active."""
    heads = part("addon.bridge.heads")
    first, second, bare = (heads.add_head(small_head, name=name) for name in ("First", "Second", "Bare"))
    rig = bare.parent
    bare.parent = None
    bare.modifiers.clear()
    for curve in list(bare.data.shape_keys.animation_data.drivers):
        bare.data.shape_keys.driver_remove(curve.data_path)
    bpy.data.objects.remove(rig)
    speak(first, 1)
    speak(second, 31, (("SIL", 0.5), ("OW", 0.5), ("SIL", 1.0)), ())
    activate(first)
    return first, second, bare


def pressed(part, perform, wave, tmp_path) -> list:
    """Every button for a head that speaks."""
    take = livetakes.write(part, perform, tmp_path / "take.csv")
    press = bpy.ops.headroom
    return [
        lambda: press.lip_sync(filepath=str(wave()), start=12),
        lambda: press.show_phones() and added() and update(),
        lambda: press.import_live_link(filepath=str(take)),
        lambda: press.import_live_link(filepath=str(take), layers="PARTS"),
        lambda: press.reduce_keys(layer="lips", stepped=True, step=3),
        lambda: press.hide_phones(),
        lambda: press.edit_layer(layer="lips") and press.edit_layer(layer="lips"),
        lambda: press.solo_layer(layer="lips"),
        lambda: press.recognize_keys(),
        lambda: press.forget_keys(),
        lambda: press.fix_all.poll() and press.examine(),
    ]


def added() -> bool:
    bpy.context.scene.frame_set(40)
    return bool(bpy.ops.headroom.add_phone(phone="AA"))


def test_each_button_acts_on_the_active_head_alone(models, part, perform, wave, tmp_path, three):
    for active in range(3):
        activate(three[active])
        others = [one for one in three if one != three[active]]
        before = [print_of(part, one) for one in others]
        for number, press in enumerate(pressed(part, perform, wave, tmp_path)):
            assert press() == {"FINISHED"}, number
            assert [print_of(part, one) for one in others] == before, number


def test_the_rig_of_a_head_stands_for_it(part, three, wave, models):
    first, second, _ = three
    before = print_of(part, first)
    activate(second.parent)
    show()
    assert ("OW", 43) in shown()
    bpy.ops.headroom.reduce_keys(layer="lips", stepped=True, step=3)
    bpy.ops.headroom.lip_sync(filepath=str(wave()), start=5)
    assert part("addon.bridge.takes").take_of(second).start == 5
    assert print_of(part, first) == before


@pytest.mark.parametrize("linked", [False, True], ids=["shift-d", "alt-d"])
def test_a_copy_speaks_for_itself(models, part, perform, wave, tmp_path, three, linked):
    """Blender lets copies share the actions on NLA tracks."""
    first, *_ = three
    activate(first, first.parent)
    bpy.ops.object.duplicate(linked=linked)
    if linked:
        bpy.ops.object.make_single_user(object=True, obdata=True)
    copy = next(one for one in bpy.context.selected_objects if one.type == "MESH")
    activate(copy)
    assert lips(copy) == lips(first)
    before = print_of(part, first)
    for number, press in enumerate(reversed(pressed(part, perform, wave, tmp_path))):
        if number != 5:  # no phones are shown yet
            assert press() == {"FINISHED"}, number
        assert print_of(part, first) == before, number
    assert lips(copy) != lips(first)


def test_keys_of_a_layer_of_a_copy_are_its_own(part, three):
    first, *_ = three
    activate(first, first.parent)
    bpy.ops.object.duplicate()
    copy = next(one for one in bpy.context.selected_objects if one.type == "MESH")
    activate(copy)
    before = print_of(part, first)
    assert bpy.ops.headroom.edit_layer(layer="lips") == {"FINISHED"}
    open_now = copy.data.shape_keys.animation_data.action
    for curve in part("addon.compat").fcurves(open_now):
        curve.keyframe_points.insert(40, 0.9)
    bpy.ops.headroom.edit_layer(layer="lips")
    assert print_of(part, first) == before and values(copy, "jawOpen", [40])[0] > 0.8
    bpy.ops.headroom.delete_layer(layer="lips")
    assert print_of(part, first) == before and "Headroom lips" not in copy.data.shape_keys.animation_data.nla_tracks


def test_phones_of_a_copy_leave_the_original(part, three, spoken):
    first, *_ = three
    activate(first, first.parent)
    bpy.ops.object.duplicate()
    copy = next(one for one in bpy.context.selected_objects if one.type == "MESH")
    activate(copy)
    before, said = print_of(part, first), spoken(first)
    show()
    marker("M").frame -= 4
    update()
    assert spoken(copy) != said and spoken(first) == said
    assert print_of(part, first) == before
    frames = range(30, 60)
    assert np.abs(values(copy, "jawOpen", frames) - values(first, "jawOpen", frames)).max() > 0.01


def test_a_copy_of_the_head_alone_leaves_the_parts_to_the_original(part, perform):
    """The copy still points at the teeth of the original; with its teeth copied too it moves those."""
    keymaps = part("addon.bridge.keymaps")
    face, teeth, brows = (foreign(name, ("jawOpen", "browInnerUp")) for name in ("Face", "Teeth", "Brows"))
    for one in (teeth, brows):
        one.parent = face
    activate(face, teeth, brows)
    found = part("core.rig.names").map_by_names({one.name: ("jawOpen", "browInnerUp") for one in (face, teeth, brows)})
    keymaps.store(face, found, [face, teeth, brows])
    write = part("addon.bridge.actions").write
    write(perform({("jawOpen", "lips"): np.full(60, 0.25)}), face, 1, 60)
    assert [values(one, "jawOpen", [9]) for one in (face, teeth, brows)] == [0.25] * 3
    activate(face)
    bpy.ops.object.duplicate()
    copy = bpy.context.active_object
    write(perform({("jawOpen", "lips"): np.full(60, 0.75)}), copy, 1, 60)
    assert [values(one, "jawOpen", [9]) for one in (copy, face, teeth, brows)] == [0.75, 0.25, 0.25, 0.25]
    activate(face, teeth, brows)
    bpy.ops.object.duplicate()
    second = bpy.context.active_object
    parts = [one for one in bpy.context.selected_objects if one != second]
    assert set(keymaps.members(second)) == {second, *parts}
    write(perform({("jawOpen", "lips"): np.full(60, 0.5)}), second, 1, 60)
    assert [values(one, "jawOpen", [9]) for one in (second, *parts)] == [0.5] * 3
    assert [values(one, "jawOpen", [9]) for one in (face, teeth, brows)] == [0.25] * 3
    activate(teeth)
    bpy.ops.object.duplicate()
    assert len(keymaps.members(face)) == 3


def foreign(name: str, keys) -> bpy.types.Object:
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    body = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(body)
    for key in ("Basis", *keys):
        body.shape_key_add(name=key).value = 0.0
    return body


@pytest.fixture
def born(models):
    bpy.ops.headroom.generate_head(seed=1)
    return bpy.context.active_object


def copied(body, *more) -> bpy.types.Object:
    activate(body, *more)
    bpy.ops.object.duplicate()
    return next(one for one in bpy.context.selected_objects if one.type == "MESH")


PERSON = ("vary_head", "randomize_head", "reset_head")


@pytest.mark.parametrize("whole", [True, False], ids=["with-rig", "mesh-alone"])
def test_a_copy_becomes_another_person_alone(part, born, whole):
    """Copies share materials and images, a copy of the mesh alone the rig too."""
    copy = copied(born, *([born.parent] if whole else []))
    before, editing = print_of(part, born), part("addon.editing")
    activate(copy)
    for name in PERSON[:2]:
        assert getattr(bpy.ops.headroom, name)(seed=5) == {"FINISHED"}
        assert print_of(part, born) == before
        assert not editing.stale(born) and not editing.stale(copy)
    part("addon.person").person_of(copy).skin_tone = 0.9
    editing.settle(copy)
    assert print_of(part, born) == before and print_of(part, copy)["colors"] != before["colors"]
    bpy.ops.headroom.rebuild_head(level="game")
    assert len(copy.data.vertices) != len(born.data.vertices) and print_of(part, born) == before
    assert not editing.stale(born) and not editing.stale(copy)


def test_two_objects_with_one_mesh_are_not_two_people(part, born):
    activate(born)
    bpy.ops.object.duplicate(linked=True)
    for name in ("vary_head", "variants", "rebuild_head"):
        with pytest.raises(RuntimeError, match=r"has one mesh with Head.*Make Single User"):
            getattr(bpy.ops.headroom, name)()
    before = points(born).tobytes()
    part("addon.person").person_of(bpy.context.active_object).nose_width = 2.0
    assert points(born).tobytes() == before
    assert "Make Single User" in part("addon.active").why_not_edit(bpy.context)
    bpy.ops.object.make_single_user(object=True, obdata=True)
    assert bpy.ops.headroom.vary_head(seed=2) == {"FINISHED"}
    assert points(born).tobytes() == before


def test_variants_of_a_copy_are_its_own(part, born):
    copy = copied(born, born.parent)
    activate(born)
    bpy.ops.headroom.variants(seed=1)
    activate(copy)
    bpy.ops.headroom.variants(seed=2)
    before = print_of(part, born)
    assert bpy.ops.headroom.keep_variant() == {"FINISHED"}
    assert bpy.context.active_object == copy and print_of(part, born) == before
    assert len([one for one in bpy.data.objects if "Variant" in one.name]) == 9
    born.name = "Renamed"
    activate(next(one for one in bpy.data.objects if "Variant" in one.name))
    assert bpy.ops.headroom.keep_variant() == {"FINISHED"}
    assert bpy.context.active_object == born
    assert not [one for one in bpy.data.objects if "Variant" in one.name]


@pytest.mark.parametrize("name", ODD)
def test_any_name_will_do(models, part, perform, wave, tmp_path, born, name):
    born.name = born.data.name = born.parent.name = name
    born.users_collection[0].name = name
    for press in (
        lambda: bpy.ops.headroom.vary_head(seed=2), lambda: bpy.ops.headroom.variants(seed=2),
        lambda: bpy.ops.headroom.keep_variant(), *pressed(part, perform, wave, tmp_path)[:5],
        lambda: bpy.ops.headroom.lip_sync(filepath=str(wave()), start=3),
    ):  # fmt: skip
        assert press() == {"FINISHED"}
    assert len(bpy.context.scene.sequence_editor.strips_all) == 1
    assert values(born, "jawOpen", [40])[0] > 0.1
    born.data.shape_keys.key_blocks["jawOpen"].name = name
    part("addon.bridge.keymaps").answer(born, born.data.shape_keys.key_blocks[name].name, {"jawOpen": 1.0})
    part("addon.bridge.actions").write(perform({("jawOpen", "lips"): np.full(60, 0.5)}), born, 1, 60)
    assert values(born, born.data.shape_keys.key_blocks[name].name, [9])[0] == 0.5


def test_a_renamed_head_keeps_one_sound(models, born, wave):
    bpy.ops.headroom.lip_sync(filepath=str(wave()))
    born.name = "Anna"
    bpy.ops.headroom.lip_sync(filepath=str(wave()), start=5)
    strips = bpy.context.scene.sequence_editor.strips_all
    assert [round(strip.frame_final_start) for strip in strips] == [5]


def test_heads_in_other_scenes_and_hidden_collections_stay(models, part, born, wave):
    other = bpy.data.scenes.new("Other")
    hidden = copied(born, born.parent)
    home = bpy.data.collections.new("Hidden")
    bpy.context.scene.collection.children.link(home)
    for thing in (hidden, hidden.parent):
        for holder in list(thing.users_collection):
            holder.objects.unlink(thing)
        home.objects.link(thing)
    bpy.context.view_layer.layer_collection.children["Hidden"].exclude = True
    away = copied(born, born.parent)
    for thing in (away, away.parent):
        for holder in list(thing.users_collection):
            holder.objects.unlink(thing)
        other.collection.objects.link(thing)
    before = [print_of(part, one) for one in (hidden, away)]
    activate(born)
    for press in (
        lambda: bpy.ops.headroom.vary_head(seed=3), lambda: bpy.ops.headroom.variants(seed=3),
        lambda: bpy.ops.headroom.keep_variant(), lambda: bpy.ops.headroom.lip_sync(filepath=str(wave())),
        lambda: bpy.ops.headroom.show_phones(), lambda: bpy.ops.headroom.generate_head(seed=4),
    ):  # fmt: skip
        assert press() == {"FINISHED"}
    assert [print_of(part, one) for one in (hidden, away)] == before
    part("addon.editing").look_again()
    assert [print_of(part, one) for one in (hidden, away)] == before


def test_a_head_whose_first_collection_is_excluded(models, part, born, wave):
    """It is seen through another collection; what is added lands where it is seen."""
    home = bpy.data.collections.new("Set")
    bpy.context.scene.collection.children.link(home)
    for thing in (born, born.parent):
        home.objects.link(thing)
    first = born.users_collection[0].name
    bpy.context.view_layer.layer_collection.children[first].exclude = True
    activate(born)
    assert bpy.ops.headroom.variants(seed=3) == {"FINISHED"}
    assert bpy.context.active_object.visible_get()
    assert bpy.ops.headroom.keep_variant() == {"FINISHED"}
    key = born.data.shape_keys.key_blocks["jawOpen"]
    for frame, value in ((1, 0.0), (9, 1.0)):
        key.value = value
        key.keyframe_insert("value", frame=frame)
    bpy.context.scene.frame_end = 9
    assert bpy.ops.headroom.stabilize() == {"FINISHED"}
    assert bpy.context.active_object != born and bpy.context.active_object.visible_get()
