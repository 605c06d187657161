"""The key map in Blender: found, edited, kept with the file, and moving every object of a character."""

from __future__ import annotations

import json

import bpy
import numpy as np
import pytest

FACE = [
    "Jaw_Open", "Mouth_Close", "Mouth_Funnel_Up_L", "Mouth_Funnel_Up_R", "Mouth_Funnel_Down_L", "Mouth_Funnel_Down_R",
    "Mouth_Smile", "Nose_Tip_Up",
]  # fmt: skip


def mesh_with(keys, name="Face", collection=None) -> bpy.types.Object:
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    body = bpy.data.objects.new(name, mesh)
    (collection or bpy.context.scene.collection).objects.link(body)
    body.shape_key_add(name="Basis")
    for key in keys:
        body.shape_key_add(name=key).value = 0.0  # 5.0 adds them at 1
    return body


def activate(body, *others) -> None:
    for one in bpy.context.view_layer.objects:
        one.select_set(one in (body, *others))
    bpy.context.view_layer.objects.active = body


def values(body, frame) -> dict[str, float]:
    bpy.context.scene.frame_set(frame)
    return {key.name: round(key.value, 4) for key in body.data.shape_keys.key_blocks[1:]}


def recognize() -> set[str]:
    return bpy.ops.headroom.recognize_keys()


@pytest.fixture
def character(part, monkeypatch):
    """A face, its teeth, beside it in a collection of its own; no face is found by looking."""
    find = part("core.rig.face.find")

    def nobody(*_, **__):
        raise part("core.errors").InputError("no face found on this mesh: pick a head")

    monkeypatch.setattr(find, "find_one", nobody)
    own = bpy.data.collections.new("Anna")
    bpy.context.scene.collection.children.link(own)
    face, teeth = mesh_with(FACE, "Face", own), mesh_with(["Jaw_Open", "Tall"], "Teeth", own)
    stranger = mesh_with(["Jaw_Open"], "Stranger")
    activate(face)
    return face, teeth, stranger


def test_one_map_moves_all_objects_of_a_character(character, part, perform):
    face, teeth, stranger = character
    assert recognize() == {"FINISHED"}
    ramp = np.linspace(0, 1, 11)
    performance = perform(
        {("jawOpen", "lips"): ramp, ("mouthFunnel", "lips"): ramp / 2, ("mouthSmileLeft", "emotion"): ramp}, 24.0
    )
    part("addon.bridge.actions").write(performance, face, 1, 24, reduction=None)
    assert values(face, 11) == {
        "Jaw_Open": 1, "Mouth_Close": 0, "Mouth_Funnel_Up_L": 0.5, "Mouth_Funnel_Up_R": 0.5,
        "Mouth_Funnel_Down_L": 0.5, "Mouth_Funnel_Down_R": 0.5, "Mouth_Smile": 0.5, "Nose_Tip_Up": 0,
    }  # fmt: skip
    assert values(teeth, 11) == {"Jaw_Open": 1, "Tall": 0}
    assert stranger.data.shape_keys.animation_data is None
    tracks = face.data.shape_keys.animation_data.nla_tracks.keys()
    assert tracks == ["Headroom Rest", "Headroom lips", "Headroom emotion"]
    assert part("addon.bridge.actions").unanswered(performance, face) == []


def test_a_part_of_a_motion_is_solved_again_on_all_objects(character, part, perform):
    face, teeth, _ = character
    recognize()
    write = part("addon.bridge.actions").write
    write(perform({("jawOpen", "lips"): np.full(61, 0.2), ("mouthSmileLeft", "lips"): np.full(61, 0.4)}), face, 1, 60)
    write(
        perform({("jawOpen", "lips"): np.full(61, 0.8), ("mouthSmileLeft", "lips"): np.ones(61)}), face, 1, 60,
        span=(20, 40),
    )  # fmt: skip
    for body in (face, teeth):
        assert values(body, 10)["Jaw_Open"] == pytest.approx(0.2, abs=0.01)
        assert values(body, 30)["Jaw_Open"] == pytest.approx(0.8, abs=0.01)
    assert values(face, 30)["Mouth_Smile"] == pytest.approx(0.5, abs=0.01)
    assert values(face, 55)["Mouth_Smile"] == pytest.approx(0.2, abs=0.01)


def test_few_keys_are_laid_on_all_objects(character, part, perform):
    face, teeth, _ = character
    recognize()
    wave = np.sin(np.arange(61) / 9) / 2 + 0.5
    part("addon.bridge.actions").write(perform({("jawOpen", "lips"): wave}), face, 1, 60, reduction=None)
    before, after = part("addon.bridge.actions").reduce_layer(face, "lips", part("core.curves.reduce").ReduceOptions())
    assert before == 2 * 61 and after < 40
    assert values(face, 20) == pytest.approx({**values(face, 20), "Jaw_Open": wave[19]}, abs=0.03)
    assert values(teeth, 20)["Jaw_Open"] == pytest.approx(wave[19], abs=0.03)


def test_driven_keys_are_left_to_their_drivers_and_named(character, part, perform):
    face, teeth, _ = character
    curve = teeth.data.shape_keys.driver_add('key_blocks["Jaw_Open"].value')
    curve.driver.expression = "0.25"
    recognize()
    performance = perform({("jawOpen", "lips"): np.ones(30)})
    actions = part("addon.bridge.actions")
    actions.write(performance, face, 1, 60)
    assert actions.driven(performance, face) == {"Teeth": ["Jaw_Open"]}
    assert values(face, 5)["Jaw_Open"] == 1
    assert teeth.data.shape_keys.animation_data.nla_tracks.keys() == []


def test_names_count_without_a_map_but_only_on_the_head_itself(character, part, perform):
    face, teeth, _ = character
    part("addon.bridge.actions").write(perform({("jawOpen", "lips"): np.ones(30)}), face, 1, 60)
    assert values(face, 5)["Jaw_Open"] == 1 and teeth.data.shape_keys.animation_data is None
    assert part("addon.bridge.keymaps").speaks(face) == "arkit"


def test_a_hand_sets_what_a_key_does(character, part, perform):
    face, *_ = character
    recognize()
    assert bpy.ops.headroom.map_key(key="Nose_Tip_Up", channel="noseSneerLeft", weight=-0.5) == {"FINISHED"}
    assert bpy.ops.headroom.map_key(key="Jaw_Open", channel="NOTHING") == {"FINISHED"}
    found = part("addon.bridge.keymaps").map_of(face)
    assert found.for_object("Face")["noseSneerLeft"] == [("Nose_Tip_Up", -0.5)]
    assert "jawOpen" not in found.for_object("Face") and found.for_object("Teeth") == {"jawOpen": [("Jaw_Open", 1.0)]}
    part("addon.bridge.actions").write(
        perform({("jawOpen", "lips"): np.ones(30), ("noseSneerLeft", "lips"): np.ones(30)}), face, 1, 60
    )
    assert values(face, 5)["Jaw_Open"] == 0 and values(face, 5)["Nose_Tip_Up"] == -0.5
    with pytest.raises(RuntimeError, match="no shape key"):
        bpy.ops.headroom.map_key(key="Gone", channel="jawOpen")


def test_a_head_that_says_nothing_speaks_after_a_hand_helped(part):
    body = mesh_with(["A1", "A2"])
    activate(body)
    why_not = part("addon.bridge.heads").why_not
    assert "Recognize Keys" in why_not(body)
    bpy.ops.headroom.map_key(key="A1", channel="jawOpen")
    assert why_not(body) == ""


def test_the_map_stays_with_the_file_and_with_renamed_objects(character, part, perform, tmp_path):
    face, teeth, _ = character
    recognize()
    face.name, teeth.name = "Anna's Face", "Zähne"
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "anna.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "anna.blend"))
    face, teeth = bpy.data.objects["Anna's Face"], bpy.data.objects["Zähne"]
    found = part("addon.bridge.keymaps").map_of(face)
    assert found.for_object("Zähne") == {"jawOpen": [("Jaw_Open", 1.0)]} and len(found.for_object(face.name)) == 5
    part("addon.bridge.actions").write(perform({("jawOpen", "lips"): np.ones(30)}), face, 1, 60)
    assert values(teeth, 5)["Jaw_Open"] == 1


def test_a_deleted_part_and_a_lost_key_do_no_harm(character, part, perform):
    face, teeth, _ = character
    recognize()
    bpy.data.objects.remove(teeth)
    face.shape_key_remove(face.data.shape_keys.key_blocks["Mouth_Close"])
    part("addon.bridge.actions").write(
        perform({("jawOpen", "lips"): np.ones(30), ("mouthClose", "lips"): np.ones(30)}), face, 1, 60
    )
    assert values(face, 5)["Jaw_Open"] == 1


@pytest.mark.usefixtures("character")
def test_a_preset_goes_to_another_character(part, tmp_path):
    recognize()
    bpy.ops.headroom.map_key(key="Nose_Tip_Up", channel="noseSneerLeft")
    path = tmp_path / "map.json"
    assert bpy.ops.headroom.save_key_map(filepath=str(path)) == {"FINISHED"}
    assert json.loads(path.read_text(encoding="utf-8"))["headroom_keymap"] == 1
    other = mesh_with(["Nose_Tip_Up", "Jaw_Open"], "Berta")
    activate(other)
    assert bpy.ops.headroom.load_key_map(filepath=str(path)) == {"FINISHED"}
    found = part("addon.bridge.keymaps").map_of(other).for_object("Berta")
    assert found["noseSneerLeft"] == [("Nose_Tip_Up", 1.0)] and found["jawOpen"] == [("Jaw_Open", 1.0)]


@pytest.mark.parametrize(
    "text", ["", "{}", '{"headroom_keymap": 1, "entries": [["Face", "x", "jawOpen", 1, 1, "name"]]}']
)
def test_a_wrong_preset_is_one_line_and_changes_nothing(character, tmp_path, text):
    face, *_ = character
    path = tmp_path / "wrong.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RuntimeError, match=r"wrong\.json"):
        bpy.ops.headroom.load_key_map(filepath=str(path))
    with pytest.raises(RuntimeError, match="cannot be read"):
        bpy.ops.headroom.load_key_map(filepath=str(tmp_path / "nowhere.json"))
    assert face.get("headroom_keymap") is None


def test_a_map_can_be_taken_away(character, part):
    face, teeth, _ = character
    recognize()
    assert bpy.ops.headroom.forget_keys() == {"FINISHED"}
    assert face.get("headroom_keymap") is None and teeth.get("headroom_keymap") is None
    assert part("addon.bridge.keymaps").members(face) == [face]


def test_recognizing_is_one_undo_step(character):
    bpy.ops.ed.undo_push(message="before")
    recognize()
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    assert bpy.data.objects["Face"].get("headroom_keymap") is None


def test_a_damaged_map_is_none(character, part):
    face, *_ = character
    face["headroom_keymap"] = '{"entries": 7'
    assert part("addon.bridge.keymaps").map_of(face).entries == ()
    assert part("addon.bridge.heads").why_not(face)


@pytest.fixture
def library(character, tmp_path):
    """The character linked from another file: face and teeth."""
    face, teeth, stranger = character
    path = str(tmp_path / "library.blend")
    bpy.data.libraries.write(path, {face, teeth})
    for one in (face, teeth, stranger):
        bpy.data.objects.remove(one)
    with bpy.data.libraries.load(path, link=True) as (source, target):
        target.objects = list(source.objects)
    for one in target.objects:
        bpy.context.scene.collection.objects.link(one)
    return [bpy.data.objects["Face"], bpy.data.objects["Teeth"]]


def test_linked_keys_are_refused_in_one_line(library, part):
    activate(library[0])
    assert not bpy.ops.headroom.recognize_keys.poll()
    reason = part("addon.bridge.keymaps").why_not(library[0])
    assert "Override under Doctor" in reason and "\n" not in reason


def test_a_linked_part_is_left_out_and_an_override_moves(library, part, perform):
    face, teeth = library
    own = face.override_create(remap_local_usages=True)
    own.data.override_create(remap_local_usages=True)
    activate(own, teeth)
    keymaps = part("addon.bridge.keymaps")
    assert keymaps.why_not(own) == "" and keymaps.why_not(teeth)
    assert recognize() == {"FINISHED"}
    assert keymaps.members(own) == [own]
    part("addon.bridge.actions").write(perform({("jawOpen", "lips"): np.ones(30)}), own, 1, 60)
    assert values(own, 5)["Jaw_Open"] == 1


def test_what_the_list_shows_is_cheap_to_ask(character, part):
    face, *_ = character
    active = part("addon.active")
    assert active.keys(bpy.context) == {"mesh": face, "stored": False, "mapped": 7, "doubtful": 0, "objects": 1}
    recognize()
    assert active.keys(bpy.context) == {"mesh": face, "stored": True, "mapped": 7, "doubtful": 0, "objects": 2}
    assert {entry.key for entry in active.meanings(face)} == set(FACE) - {"Nose_Tip_Up"}


def test_nameless_keys_of_a_head_are_found_by_what_they_do(part, monkeypatch):
    generate, landmarks = part("core.head.generate"), part("core.rig.landmarks")
    head = generate.generate(generate.GenerateOptions(seed=5))
    body = part("addon.bridge.heads").add_head(head)
    del body["headroom"]
    arkit = part("core.performance").ARKIT_52
    keys = body.data.shape_keys.key_blocks
    for number, name in enumerate(list(keys.keys())[1:]):
        if name in arkit:
            keys[name].name = f"target.{number:03}x"
    body.parent.location, body.parent.scale = (3, 2, 1), (10, 10, 10)
    bpy.context.view_layer.update()

    def face(vertices, triangles, progress=None):
        marks = vertices[landmarks.template_vertices()]
        frame = part("core.rig.frame").Frame(1.0, np.eye(3), np.zeros(3))
        return part("core.rig.face.find").Face(marks, np.ones(54), frame, 1.0)

    monkeypatch.setattr(part("core.rig.face.find"), "find_one", face)
    activate(body)
    assert recognize() == {"FINISHED"}
    found = part("addon.bridge.keymaps").map_of(body)
    there = {channel: pairs[0][0] for channel, pairs in found.for_object(body.name).items()}
    shapes = head.shape_names
    right = [name for name in arkit if there.get(name) == f"target.{shapes.index(name):03}x"]
    assert len(right) >= 0.95 * len(arkit)
    assert not part("addon.bridge.heads").why_not(body)
