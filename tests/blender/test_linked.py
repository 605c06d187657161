"""Characters of another file: linked, instanced, overridden; what an artist does to them is there when the shot is
opened again, and what cannot be done is said in one line."""

from __future__ import annotations

import bpy
import livetakes
import numpy as np
import pytest
from captures import FIRST, FRAMES, animated, head, motion  # noqa: F401 - fixtures
from talking import keys_of, lips, marker, show, shown, update, values


def reopen(tmp_path) -> None:
    path = str(tmp_path / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)


def activate(body) -> None:
    bpy.context.view_layer.update()
    for one in bpy.context.view_layer.objects:
        one.select_set(one == body)
    bpy.context.view_layer.objects.active = body


def local(name: str) -> bpy.types.Object:
    return next(one for one in bpy.data.objects if one.name == name and one.library is None)


def link(tmp_path, collection: str):
    """Save the open file as a character and link one of its collections into a new shot."""
    path = str(tmp_path / "character.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(path, link=True) as (_, wanted):
        wanted.collections = [collection]
    return wanted.collections[0]


def instance(collection) -> bpy.types.Object:
    """Show a collection by an empty, as Blender's own Link does."""
    empty = bpy.data.objects.new(f"{collection.name} Instance", None)
    empty.instance_type, empty.instance_collection = "COLLECTION", collection
    bpy.context.scene.collection.objects.link(empty)
    activate(empty)
    return empty


@pytest.fixture
def ours(body, tmp_path):
    """Our head, linked."""
    return link(tmp_path, "Head")


def foreign_head() -> bpy.types.Object:
    """A face with teeth, on a rig, none of it ours."""
    own = bpy.data.collections.new("Anna")
    bpy.context.scene.collection.children.link(own)
    armature = bpy.data.armatures.new("Anna Rig")
    rig = bpy.data.objects.new("Anna Rig", armature)
    own.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    bone = armature.edit_bones.new("head")
    bone.tail = (0, 0, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    for name, keys in (("Face", ("jawOpen", "Mouth_Close", "mouthPucker")), ("Teeth", ("jawOpen",))):
        mesh = bpy.data.meshes.new(name)
        mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
        thing = bpy.data.objects.new(name, mesh)
        own.objects.link(thing)
        thing.shape_key_add(name="Basis")
        for key in keys:
            thing.shape_key_add(name=key).value = 0.0
        thing.parent = rig
        modifier = thing.modifiers.new("Armature", "ARMATURE")
        modifier.object = rig
    activate(bpy.data.objects["Face"])
    return bpy.data.objects["Face"]


SPEAKING = ("lip_sync", "import_live_link", "recognize_keys", "reduce_keys", "show_phones")


def why_grey(name: str) -> str:
    """Press a button and give what it says."""
    with pytest.raises(RuntimeError) as refused:
        getattr(bpy.ops.headroom, name)()
    return str(refused.value)


@pytest.mark.parametrize("name", SPEAKING)
def test_a_linked_head_says_what_to_do(ours, name):
    bpy.context.scene.collection.children.link(ours)
    activate(ours.objects["Head"])
    assert "linked from another file; press Why Is Nothing Moving? and Override" in why_grey(name)


@pytest.mark.parametrize("name", ("vary_head", "randomize_head", "rebuild_head", "variants"))
def test_a_linked_person_is_changed_in_its_own_file(models, tmp_path, name):
    bpy.ops.headroom.generate_head(seed=1)
    name_of_head = bpy.context.active_object.name
    collection = link(tmp_path, name_of_head)
    bpy.context.scene.collection.children.link(collection)
    activate(collection.objects[name_of_head])
    assert "is of another file; change it there" in why_grey(name)


@pytest.mark.parametrize(
    "name", [*SPEAKING, "vary_head", "stabilize", "examine", "export_check", "give_shapes", "find_landmarks"]
)
def test_an_instance_says_what_to_do(ours, name):
    instance(ours)
    said = why_grey(name)
    assert "Head Instance is an instance of a collection" in said and "Library Override > Make" in said


def test_a_local_instance_says_what_to_do(body):
    instance(body.users_collection[0])
    assert "Make Instances Real" in why_grey("lip_sync")


def overridden(collection, name: str, way: str) -> bpy.types.Object:
    """Make an override as artists do: by Blender's button on the instance or by the doctor alone."""
    if way == "blender":
        instance(collection)
        assert bpy.ops.object.make_override_library() == {"FINISHED"}
        activate(local(name))
        assert "Override under Doctor" in why_grey("lip_sync")
    else:
        bpy.context.scene.collection.children.link(collection)
        activate(collection.objects[name])
    assert bpy.ops.headroom.examine() == {"FINISHED"}
    findings = bpy.context.window_manager.headroom_doctor.findings
    linked = next(one for one in findings if one.fix == "Override")
    assert bpy.ops.headroom.fix(finding=linked.name) == {"FINISHED"}
    here = bpy.context.view_layer.objects.active
    assert here.name == name and here.library is None and here.visible_get()
    assert not [one for one in bpy.context.view_layer.objects if one.type == "MESH" and one.library is not None]
    return here


@pytest.mark.parametrize("way", ["blender", "doctor"])
def test_an_override_speaks_and_goes_on_after_reopening(ours, part, speak, spoken, tmp_path, perform, way):
    ours_here = overridden(ours, "Head", way)
    take = speak(ours_here)
    show()
    marker("M").frame -= 4
    before, jaw = shown(), values(ours_here, "jawOpen", range(1, 120, 7))
    assert jaw.max() > 0.05
    reopen(tmp_path)
    ours_here = local("Head")
    assert values(ours_here, "jawOpen", range(1, 120, 7)) == pytest.approx(jaw)
    assert shown() == before and spoken(ours_here)[5] == ("M", 1.7)
    assert update() == {"FINISHED"}
    assert spoken(ours_here)[5] == ("M", round((marker("M").frame - 1) / take.options.fps, 3))
    curves = keys_of(part, lips(ours_here))
    file = livetakes.write(part, perform, tmp_path / "take.csv")
    bpy.context.scene.frame_set(1)
    activate(ours_here)
    assert bpy.ops.headroom.import_live_link(filepath=str(file)) == {"FINISHED"}
    assert bpy.ops.headroom.reduce_keys(layer="capture", stepped=True, step=4) == {"FINISHED"}
    assert bpy.ops.headroom.solo_layer(layer="lips") == {"FINISHED"}
    assert bpy.ops.headroom.solo_layer(layer="lips") == {"FINISHED"}
    reopen(tmp_path)
    ours_here = local("Head")
    assert all((keys_of(part, lips(ours_here))[path] == table).all() for path, table in curves.items())
    assert livetakes.value(ours_here, "browInnerUp", 25) == pytest.approx(0.5, abs=0.1)
    turn = ours_here.parent.pose.bones["head"].matrix_basis.to_quaternion().angle
    assert turn > 0.01
    assert bpy.ops.headroom.hide_phones() == {"FINISHED"}


@pytest.mark.parametrize("way", ["blender", "doctor"])
def test_the_key_map_of_an_override_stays(part, perform, tmp_path, monkeypatch, way):
    find = part("core.rig.face.find")

    def nobody(*_, **__):
        raise part("core.errors").InputError("no face found on this mesh: pick a head")

    monkeypatch.setattr(find, "find_one", nobody)
    foreign_head()
    face = overridden(link(tmp_path, "Anna"), "Face", way)
    keymaps = part("addon.bridge.keymaps")
    assert bpy.ops.headroom.recognize_keys() == {"FINISHED"}
    keymaps.answer(face, "Mouth_Close", {"mouthPucker": 0.5})
    reopen(tmp_path)
    face = local("Face")
    activate(face)
    assert {one.name for one in keymaps.members(face)} >= {"Face"}
    assert keymaps.map_of(face).for_object("Face")["mouthPucker"] == [("mouthPucker", 1.0), ("Mouth_Close", 0.5)]
    part("addon.bridge.actions").write(perform({("mouthPucker", "lips"): np.ones(30)}), face, 1, 60)
    assert values(face, "Mouth_Close", [5]) == 0.5
    assert bpy.ops.headroom.forget_keys() == {"FINISHED"}
    reopen(tmp_path)
    assert not keymaps.has_map(local("Face"))


def test_an_overridden_person_is_changed_in_its_own_file(models, tmp_path):
    bpy.ops.headroom.generate_head(seed=1)
    name_of_head = bpy.context.active_object.name
    overridden(link(tmp_path, name_of_head), name_of_head, "doctor")
    for name in ("vary_head", "rebuild_head"):
        assert "is of another file; change it there" in why_grey(name)


def test_shapes_are_given_in_the_file_of_the_mesh(ours):
    bpy.context.scene.collection.children.link(ours)
    activate(ours.objects["Head"])
    assert "make it local first" in why_grey("give_shapes")


@pytest.mark.parametrize("override", [False, True], ids=["linked", "overridden"])
def test_a_linked_capture_is_stabilized_and_solved(part, animated, tmp_path, override):  # noqa: F811
    """What is made of it is local, and is there when the shot is opened again."""
    collection = link(tmp_path, animated.users_collection[0].name)
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = FIRST, FIRST + FRAMES - 1
    if override:
        body = overridden(collection, "Head", "doctor")
    else:
        scene.collection.children.link(collection)
        body = collection.objects["Head"]
    activate(body)
    assert bpy.ops.headroom.stabilize(neutral=False, frame=FIRST) == {"FINISHED"}
    face = bpy.context.active_object
    assert face.library is None and face.data.library is None and face.visible_get()
    assert bpy.ops.headroom.solve_capture() == {"FINISHED"}
    before = values(bpy.context.active_object, "jawOpen", range(FIRST, FIRST + FRAMES))
    assert np.ptp(before) > 0.2
    reopen(tmp_path)
    solved = bpy.context.view_layer.objects.active
    assert solved.library is None and solved.data.library is None and solved.data.override_library is None
    assert values(solved, "jawOpen", range(FIRST, FIRST + FRAMES)) == pytest.approx(before)
    assert not [one for one in solved.modifiers if one.type == "ARMATURE"]


@pytest.mark.parametrize("override", [False, True], ids=["linked", "overridden"])
def test_a_linked_head_is_exported(part, perform, body, tmp_path, override):
    part("addon.bridge.actions").write(perform({("jawOpen", "lips"): np.linspace(0, 1, 24)}), body, 1, 24)
    collection = link(tmp_path, "Head")
    bpy.context.scene.frame_end = 10
    if override:
        overridden(collection, "Head", "doctor")
    else:
        bpy.context.scene.collection.children.link(collection)
        activate(collection.objects["Head"])
    assert bpy.ops.headroom.export_check(folder=str(tmp_path), format="glb") == {"FINISHED"}
    assert bpy.context.window_manager.headroom_export.passed


def test_an_override_of_a_head_that_spoke_in_its_own_file(body, part, speak, spoken, perform, tmp_path):
    """Tracks of the library cannot be changed in a shot: what the shot says has to win over them, and be saved."""
    speak(body)
    ours_here = overridden(link(tmp_path, "Head"), "Head", "doctor")
    speak(ours_here, 11, (("SIL", 0.5), ("OW", 0.5), ("SIL", 1.0)), ())
    frames = range(11, 60, 2)
    before = values(ours_here, "mouthPucker", frames), values(ours_here, "jawOpen", frames)
    said = spoken(ours_here)
    rest = values(ours_here, "jawOpen", [100])
    reopen(tmp_path)
    ours_here = local("Head")
    assert spoken(ours_here) == said
    for name, table in zip(("mouthPucker", "jawOpen"), before, strict=True):
        assert values(ours_here, name, frames) == pytest.approx(table), name
    assert np.ptp(before[0]) > 0.05
    assert rest == values(ours_here, "jawOpen", [100]) == [0.0]
