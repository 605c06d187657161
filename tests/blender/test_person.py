"""A head can be changed after it was made: by sliders, by dice, to another level; what artists added stays."""

from __future__ import annotations

import json
import time

import bpy
import numpy as np
import pytest


@pytest.fixture
def born(models, part):
    """A head as the button makes it."""
    bpy.ops.headroom.generate_head(seed=1)
    return bpy.context.active_object


@pytest.fixture
def settle(part):
    return lambda body: part("addon.editing").settle(body)


def basis(body) -> np.ndarray:
    points = np.empty(len(body.data.vertices) * 3, dtype=np.float32)
    body.data.shape_keys.reference_key.points.foreach_get("co", points)
    return points.reshape(-1, 3)


def shape(body, name: str) -> np.ndarray:
    points = np.empty(len(body.data.vertices) * 3, dtype=np.float32)
    body.data.shape_keys.key_blocks[name].points.foreach_get("co", points)
    return points.reshape(-1, 3) - basis(body)


def expected(part, body, level: str = "standard"):
    """Make the head anew that the sliders describe."""
    return part("core.head.generate").decode(part("addon.bridge.heads").drawn_of(body), level)


def matches(part, body, level: str = "standard") -> None:
    """See that everything on a head is of the person that it remembers."""
    heads = part("addon.bridge.heads")
    head, rig = expected(part, body, level), heads.rig_of(body)
    np.testing.assert_allclose(basis(body), head.neutral, atol=1e-6)
    for name in ("jawOpen", "tongueOut", "jawOpen_mouthSmileLeft"):
        np.testing.assert_allclose(shape(body, name), head.shapes[head.shape_names.index(name)], atol=1e-6)
    joint = head.joint_names.index("C4")
    np.testing.assert_allclose(rig.data.bones["DEF-C4"].head_local, head.joints[joint], atol=1e-6)
    assert not part("addon.editing").stale(body)


def test_a_head_remembers_who_it_is(part, born):
    heads = part("addon.bridge.heads")
    identity = heads.identity_of(born)
    assert set(identity.attributes) == set(part("core.head.attributes").ATTRIBUTES)
    assert born["headroom_nose_width"] == pytest.approx(identity.attributes["nose_width"])
    assert born["headroom_level"] == "standard"
    stored = json.loads(born["headroom"])
    assert {"identity", "born", "attributes", "provenance", "level"} <= set(stored)
    assert born.headroom_person.nose_width == pytest.approx(identity.attributes["nose_width"])
    assert heads.head_of(heads.rig_of(born)) == born


def test_a_slider_moves_what_is_seen_at_once_and_the_rest_afterwards(part, born, settle):
    keys = born.data.shape_keys.key_blocks
    keys["jawOpen"].value = 0.5
    before, jaw, tongue = basis(born), shape(born, "jawOpen"), shape(born, "tongueOut")
    born.headroom_person.nose_width = 2.0
    head = expected(part, born)
    np.testing.assert_allclose(basis(born), head.neutral, atol=1e-6)
    np.testing.assert_allclose(shape(born, "jawOpen"), jaw, atol=1e-6)
    assert np.abs(basis(born) - before).max() > 0.001
    assert part("addon.editing").stale(born)
    settle(born)
    matches(part, born)
    assert np.abs(shape(born, "tongueOut") - tongue).max() > 1e-5
    assert keys["jawOpen"].value == 0.5


def test_a_slider_keeps_what_an_artist_did(part, born, settle, perform):
    heads = part("addon.bridge.heads")
    part("addon.bridge.actions").write(perform({("jawOpen", "lips"): np.linspace(0, 1, 30)}, 30.0), born, 1, 30)
    own = bpy.data.materials.new("Own")
    born.data.materials[0] = own
    born.modifiers.new("Subdivision", "SUBSURF")
    born.vertex_groups.new(name="mask").add([1, 2, 3], 0.5, "REPLACE")
    born.shape_key_add(name="Fat").value = 0.0
    fat = basis(born).copy()
    fat[5] += 0.01
    born.data.shape_keys.key_blocks["Fat"].points.foreach_set("co", fat.ravel())
    sculpted = basis(born)
    sculpted[7] += [0.0, 0.02, 0.0]
    born.data.shape_keys.reference_key.points.foreach_set("co", sculpted.ravel())
    rig = heads.rig_of(born)
    rig.pose.bones["head"].rotation_euler[0] = 0.2
    born.headroom_person.nose_width = 2.0
    settle(born)
    head = expected(part, born)
    moved = basis(born) - head.neutral
    np.testing.assert_allclose(moved[7], [0, 0.02, 0], atol=1e-6)
    assert np.abs(np.delete(moved, 7, axis=0)).max() < 1e-6
    np.testing.assert_allclose(shape(born, "Fat")[5], [0.01, 0.01, 0.01], atol=1e-6)
    assert born.data.materials[0] == own
    assert [modifier.type for modifier in born.modifiers] == ["ARMATURE", "SUBSURF"]
    assert born.vertex_groups["mask"].weight(2) == 0.5
    assert rig.pose.bones["head"].rotation_euler[0] == pytest.approx(0.2)
    bpy.context.scene.frame_set(30)
    assert born.data.shape_keys.key_blocks["jawOpen"].value == pytest.approx(1.0)
    born.headroom_person.nose_width = -1.0
    np.testing.assert_allclose((basis(born) - expected(part, born).neutral)[7], [0, 0.02, 0], atol=1e-6)


def test_attributes_that_a_head_is_too_old_for_wait_until_they_are_set(part, born):
    heads, sliders = part("addon.bridge.heads"), born.headroom_person
    identity = heads.drawn_of(born)
    born[heads.DRAWN] = type(identity)(identity.code, {"nose_width": 0.0, "skin_tone": 0.5}).to_json()
    sliders.property_unset("ear_size")
    sliders.nose_width = 1.0
    assert "ear_size" not in heads.drawn_of(born).attributes
    sliders.ear_size = 2.0
    assert heads.drawn_of(born).attributes["ear_size"] == 2.0


def test_undo_takes_a_drag_back_whole(part, born, settle):
    """The step of undo is taken when the mouse lets go, before all shapes are made."""
    bpy.ops.ed.undo_push(message="made")
    name, start = born.name, basis(born)
    born.headroom_person.nose_width = 2.0
    bpy.ops.ed.undo_push(message="dragged")
    settle(born)
    bpy.ops.ed.undo()
    body = bpy.data.objects[name]
    np.testing.assert_allclose(basis(body), start, atol=1e-6)
    settle(body)
    matches(part, body)
    bpy.ops.ed.redo()
    body = bpy.data.objects[name]
    assert body.headroom_person.nose_width == pytest.approx(2.0)
    settle(body)
    matches(part, body)


def colors(part, body) -> tuple[int, float, float]:
    """Tell the size of a head's image, its mean red, and the red of its skin in solid view, in hundredths."""
    image = part("addon.bridge.materials").images_of(body.data)[0]
    red = np.array(image.pixels[:]).reshape(-1, 4)[:, 0].mean()
    return image.size[0], round(100 * red), round(100 * body.data.materials[0].diffuse_color[0])


def test_colors_are_sketched_at_once_and_painted_afterwards(part, born, settle):
    before = basis(born)
    born.headroom_person.skin_tone = 0.8
    assert colors(part, born) == (8, 80, 80)
    assert np.array_equal(basis(born), before)
    assert part("addon.editing").stale(born)
    settle(born)
    assert colors(part, born) == (16, 80, 80)
    assert part("addon.bridge.materials").images_of(born.data)[0].packed_file


def test_undo_takes_colors_back(part, born, settle):
    """Blender's undo knows what is packed in an image, not what it shows."""
    name, start = born.name, colors(part, born)
    bpy.ops.ed.undo_push(message="made")
    for settled in (False, True):
        bpy.data.objects[name].headroom_person.skin_tone = 0.9
        bpy.ops.ed.undo_push(message="dragged")
        if settled:
            settle(bpy.data.objects[name])
        bpy.ops.ed.undo()
        settle(bpy.data.objects[name])
        assert colors(part, bpy.data.objects[name]) == start
        bpy.ops.ed.redo()
        settle(bpy.data.objects[name])
        assert colors(part, bpy.data.objects[name]) == (16, 90, 90)
        bpy.ops.ed.undo()


def tick(part, seconds: float) -> None:
    """Let the timer run until it has nothing to do, so many seconds at the most."""
    until = time.monotonic() + seconds
    while part("addon.editing").tick() is not None and time.monotonic() < until:
        time.sleep(0.02)


def test_the_timer_finishes_what_a_drag_began(part, born):
    born.headroom_person.nose_width = 1.0
    tick(part, 5)
    matches(part, born)


def test_what_a_drag_began_waits_while_vertices_are_edited(part, born, tmp_path):
    born.headroom_person.nose_width = 1.0
    bpy.ops.object.mode_set(mode="EDIT")
    tick(part, 0.5)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "head.blend"), copy=True)
    assert part("addon.editing").stale(born)
    bpy.ops.object.mode_set(mode="OBJECT")
    tick(part, 5)
    matches(part, born)


def test_saving_settles_first(part, born, tmp_path):
    born.headroom_person.nose_width = 1.5
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "head.blend"), copy=True)
    matches(part, born)


def test_randomize_and_reset(part, born):
    before, attributes = basis(born), part("addon.bridge.heads").identity_of(born).attributes
    assert bpy.ops.headroom.randomize_head(seed=8) == {"FINISHED"}
    matches(part, born)
    assert np.abs(basis(born) - before).max() > 0.001
    assert bpy.ops.headroom.reset_head() == {"FINISHED"}
    matches(part, born)
    np.testing.assert_allclose(basis(born), before, atol=1e-6)
    assert born.headroom_person.nose_width == pytest.approx(attributes["nose_width"])


def test_vary_keeps_what_is_locked(part, born):
    person = part("addon.person")
    names = person.groups()
    group = next(name for name, members in names.items() if "nose_width" in members)
    setattr(born.headroom_person, person.lock_name(group), True)
    before = part("addon.bridge.heads").identity_of(born)
    assert bpy.ops.headroom.vary_head(seed=4, amount=0.5) == {"FINISHED"}
    after = part("addon.bridge.heads").identity_of(born)
    assert after.attributes["nose_width"] == before.attributes["nose_width"]
    assert not np.array_equal(after.code, before.code)
    matches(part, born)


def test_rebuild_changes_the_level_and_keeps_the_animation(part, born, perform):
    part("addon.bridge.actions").write(perform({("jawOpen", "lips"): np.linspace(0, 1, 30)}, 30.0), born, 1, 30)
    born.vertex_groups.new(name="mask").add([0, 1, 2], 0.5, "REPLACE")
    own = bpy.data.materials.new("Own")
    born.data.materials[0] = own
    count, rig = len(born.data.vertices), part("addon.bridge.heads").rig_of(born)
    assert bpy.ops.headroom.rebuild_head(level="game", set="nose_width=1") == {"FINISHED"}
    assert len(born.data.vertices) < count
    assert born["headroom_level"] == "game"
    matches(part, born, "game")
    assert born.headroom_person.nose_width == pytest.approx(1.0)
    assert born.vertex_groups["mask"].weight(1) == pytest.approx(0.5)
    assert born.data.materials[0] == own
    assert part("addon.bridge.heads").rig_of(born) == rig
    head = expected(part, born, "game")
    bpy.context.scene.frame_set(30)
    assert born.data.shape_keys.key_blocks["jawOpen"].value == pytest.approx(1.0)
    bpy.context.view_layer.update()
    points = part("addon.bridge.meshes").evaluated_points(born)
    np.testing.assert_allclose(points, head.pose({"jawOpen": 1.0}), atol=1e-5)
    assert bpy.ops.headroom.rebuild_head(level="standard") == {"FINISHED"}
    assert len(born.data.vertices) == count
    matches(part, born)


def test_sculpting_goes_along_to_another_level(part, born):
    sculpted = basis(born)
    sculpted[7] += [0.0, 0.02, 0.0]
    born.data.shape_keys.reference_key.points.foreach_set("co", sculpted.ravel())
    for level in ("game", "standard"):
        assert bpy.ops.headroom.rebuild_head(level=level) == {"FINISHED"}
        head = expected(part, born, level)
        moved = basis(born) - head.neutral
        np.testing.assert_allclose(moved[7], [0, 0.02, 0], atol=1e-6)
        assert np.abs(np.delete(moved, 7, axis=0)).max() < 1e-6
        np.testing.assert_allclose(shape(born, "jawOpen"), head.shapes[head.shape_names.index("jawOpen")], atol=1e-6)


def test_a_grid_is_light_and_one_of_it_is_kept(part, born):
    name = born.name
    assert bpy.ops.headroom.variants(seed=5, amount=0.5) == {"FINISHED"}
    previews = [thing for thing in bpy.data.objects if "headroom_variant" in thing]
    assert len(previews) == 9
    assert all(
        thing.data.shape_keys is None and thing.data.materials[0] == born.data.materials[0] for thing in previews
    )
    chosen = previews[2]
    wanted = np.empty(len(chosen.data.vertices) * 3, dtype=np.float32)
    chosen.data.vertices.foreach_get("co", wanted)
    bpy.context.view_layer.objects.active = chosen
    assert bpy.ops.headroom.keep_variant() == {"FINISHED"}
    assert bpy.context.active_object.name == name
    np.testing.assert_allclose(basis(bpy.data.objects[name]), wanted.reshape(-1, 3), atol=1e-6)
    matches(part, bpy.data.objects[name])
    assert not [thing for thing in bpy.data.objects if "headroom_variant" in thing]
    assert not [group for group in bpy.data.collections if "Variants" in group.name]
    assert len([mesh for mesh in bpy.data.meshes if "Variant" in mesh.name]) == 0


def test_a_crowd_is_one_undo_step(part, models):
    bpy.ops.ed.undo_push(message="before")
    assert bpy.ops.headroom.generate_crowd(count=5, seed=20, set="skin_tone=0.5") == {"FINISHED"}
    bodies = [thing for thing in bpy.data.objects if "headroom" in thing]
    assert len(bodies) == 5
    assert [options.seed for options in models[-5:]] == [20, 21, 22, 23, 24]
    assert all(options.set == {"skin_tone": 0.5} for options in models[-5:])
    places = {tuple(body.parent.location) for body in bodies}
    assert len(places) == 5
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    assert not bpy.data.objects


def test_gray_buttons_say_why(part, born):
    cube = bpy.data.objects.new("Cube", bpy.data.meshes.new("Cube"))
    bpy.context.scene.collection.objects.link(cube)
    bpy.context.view_layer.objects.active = cube
    for name in ("randomize_head", "vary_head", "variants", "rebuild_head", "reset_head", "keep_variant"):
        operator = getattr(bpy.ops.headroom, name)
        assert not operator.poll(), name
        with pytest.raises(RuntimeError, match="Select"):
            operator()


def test_a_head_that_lost_its_memory_says_so(part, born):
    del born["headroom_drawn"]
    born["headroom"] = "{broken"
    assert not bpy.ops.headroom.vary_head.poll()
    with pytest.raises(RuntimeError, match="does not remember"):
        bpy.ops.headroom.vary_head(seed=1)
    before = basis(born)
    born.headroom_person.nose_width = 2.0
    assert np.array_equal(basis(born), before)


@pytest.fixture
def people(part):
    """The module that saves people; nobody is left afterwards."""
    module = part("addon.people")
    yield module
    for name in module.names():
        module.remove(name)


def test_a_person_is_saved_and_comes_back_on_another_head(part, born, people, perform):
    assert not bpy.ops.headroom.apply_person.poll()
    born.headroom_person.nose_width = 2.0
    saved = expected(part, born).neutral
    assert bpy.ops.headroom.save_person(name=" Anna/../Lena ") == {"FINISHED"}
    (name,) = people.names()
    assert bpy.ops.headroom.generate_head(seed=5) == {"FINISHED"}
    other = bpy.context.active_object
    part("addon.bridge.actions").write(perform({("jawOpen", "lips"): np.linspace(0, 1, 30)}, 30.0), other, 1, 30)
    bpy.ops.ed.undo_push(message="made")
    before = basis(other)
    assert bpy.ops.headroom.apply_person(name=name) == {"FINISHED"}
    matches(part, other)
    np.testing.assert_allclose(basis(other), saved, atol=1e-6)
    assert "Headroom lips" in other.data.shape_keys.animation_data.nla_tracks
    bpy.ops.ed.undo_push(message="applied")
    bpy.ops.ed.undo()
    np.testing.assert_allclose(basis(bpy.context.active_object), before, atol=1e-6)
    assert bpy.ops.headroom.remove_person(name=name) == {"FINISHED"}
    assert people.names() == [] and not bpy.ops.headroom.remove_person.poll()


def test_a_person_without_a_name_is_one_line(born, people):
    with pytest.raises(RuntimeError, match="name"):
        bpy.ops.headroom.save_person(name="  ")
    assert people.names() == []


@pytest.mark.parametrize(
    "text",
    ["", "import os", "[1]", '{"code": [1e999], "attributes": {}}', "[" * 20000, "\xff", '{"code": ' + "9" * 99999],
)
def test_a_file_that_is_no_person_is_one_line_and_changes_nothing(part, people, text):
    """With the real identities: the stand-in believes everything."""
    assert bpy.ops.headroom.generate_head(seed=1, level="game") == {"FINISHED"}
    body = bpy.context.active_object
    before = basis(body)
    bpy.ops.headroom.save_person(name="x")
    people._path("x").write_text(text, encoding="latin-1")
    with pytest.raises(RuntimeError, match="no person that Headroom saved"):
        bpy.ops.headroom.apply_person(name="x")
    assert np.array_equal(basis(body), before)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "", ".x", "a\\b"])
def test_names_lead_nowhere_else(part, people, name):
    with pytest.raises(part("core.errors").InputError):
        people.load(name)
