"""Giving shapes to a head that has none, in Blender: whichever way it stands, and without a change to what it has."""

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix, Vector

SEED = 11


@pytest.fixture(scope="module")
def model(installed):
    """A head of the game level, and its landmarks."""
    import importlib

    generate = importlib.import_module(f"{installed.__name__}.core.head.generate")
    marks = importlib.import_module(f"{installed.__name__}.core.rig.landmarks").template_vertices()
    fine = generate.generate(generate.GenerateOptions(seed=SEED))
    coarse = generate.generate(generate.GenerateOptions(seed=SEED, level="game"))
    return coarse, fine.neutral[marks].astype(float)


def add(name, head, parts):
    """Add some parts of a head as a bare mesh."""
    faces = head.faces[np.isin(head.part, parts)]
    used, faces = np.unique(faces, return_inverse=True)
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(head.neutral[used].tolist(), [], faces.reshape(-1, 4).tolist())
    mesh.uv_layers.new(name="Mine")
    body = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(body)
    return body, used


@pytest.fixture
def scene(part, model):
    """Skin and eyes as two objects, turned, scaled, mirrored and not applied; landmarks as empties."""
    head, marks = model
    skin, used = add("Face", head, ("skin", "mouth"))
    eyes, _ = add("Eyes", head, ("eye_left", "cornea_left", "eye_right", "cornea_right"))
    world = Matrix.LocRotScale((3, -2, 1), Euler((0.4, -0.7, 2.0)), (-10, 10, 10))
    skin.matrix_world = eyes.matrix_world = world
    bpy.context.view_layer.update()
    at = np.array(world)
    placed = marks @ at[:3, :3].T + at[:3, 3]
    mirrored = [number for number in _mirrored()]
    part("addon.bridge.landmarks").show(placed[mirrored], bpy.context.scene, 0.02)
    for thing in (skin, eyes):
        thing.select_set(True)
    bpy.context.view_layer.objects.active = skin
    return skin, eyes, used


def _mirrored():
    """Landmarks in the order that a mirrored face has them: its left is the model's right."""
    swap = {"R": "L", "L": "R"}
    orders = {"brow": [4, 3, 2, 1, 0], "eye": [3, 2, 1, 0, 5, 4], "tragion": [0]}
    names = []
    from bl_ext.user_default.headroom.core.rig.landmarks import NAMES

    nostril, outer, inner = [4, 3, 2, 1, 0], [6, 5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 7], [4, 3, 2, 1, 0, 7, 6, 5]
    for name in NAMES:
        parts = name.split(".")
        if parts[0] in orders and len(parts) == 3:
            names.append(f"{parts[0]}.{swap[parts[1]]}.{orders[parts[0]][int(parts[2])]}")
        elif parts[0] == "tragion":
            names.append(f"tragion.{swap[parts[1]]}")
        elif parts[0] == "nostril":
            names.append(f"nostril.{nostril[int(parts[1])]}")
        elif name.startswith("mouth"):
            names.append(f"mouth.{parts[1]}.{(outer if parts[1] == 'outer' else inner)[int(parts[2])]}")
        else:
            names.append(name)
    return [NAMES.index(name) for name in names]


def moved(body, name):
    keys = body.data.shape_keys.key_blocks
    points = np.empty((2, len(body.data.vertices) * 3), np.float32)
    keys[0].points.foreach_get("co", points[0])
    keys[name].points.foreach_get("co", points[1])
    return (points[1] - points[0]).reshape(-1, 3)


def test_a_mirrored_unapplied_head_of_two_objects_gets_shapes_bones_and_weights(scene, model):
    skin, eyes, used = scene
    head, _ = model
    before = np.empty(len(skin.data.vertices) * 3, np.float32)
    skin.data.vertices.foreach_get("co", before)
    assert bpy.ops.headroom.give_shapes() == {"FINISHED"}
    after = np.empty_like(before)
    skin.data.vertices.foreach_get("co", after)
    assert (before == after).all() and skin.data.uv_layers.keys() == ["Mine"]
    true = head.shapes[head.shape_names.index("jawOpen")][used]
    moving = np.linalg.norm(true, axis=1) > 0.001
    off = np.linalg.norm(moved(skin, "jawOpen") - true, axis=1)[moving]
    assert 1000 * off.mean() < 1.5
    assert "eyeLookUpLeft" in eyes.data.shape_keys.key_blocks and "jawOpen" not in eyes.data.shape_keys.key_blocks
    rig = skin.parent
    assert rig.type == "ARMATURE" and eyes.modifiers[0].object == rig
    assert {"DEF-jaw", "DEF-eye.L", "DEF-skull"} <= set(skin.vertex_groups.keys()) | set(eyes.vertex_groups.keys())
    assert "DEF-eye.L" in eyes.vertex_groups
    assert not [thing for thing in bpy.context.scene.objects if thing.type == "EMPTY"]


def test_the_armature_leaves_the_mesh_where_it_is_at_rest(scene):
    skin, *_ = scene
    rest = np.array([skin.matrix_world @ vertex.co for vertex in skin.data.vertices])
    bpy.ops.headroom.give_shapes(shapes="arkit", correctives=False)
    shown = skin.evaluated_get(bpy.context.evaluated_depsgraph_get())
    posed = np.array([shown.matrix_world @ vertex.co for vertex in shown.data.vertices])
    assert np.abs(posed - rest).max() < 2e-4 * 10
    jaw = skin.parent.pose.bones["jaw_master"]
    jaw.rotation_mode = "XYZ"
    jaw.rotation_euler[0] = 0.3
    bpy.context.view_layer.update()
    shown = skin.evaluated_get(bpy.context.evaluated_depsgraph_get())
    posed = np.array([shown.matrix_world @ vertex.co for vertex in shown.data.vertices])
    assert np.linalg.norm(posed - rest, axis=1).max() > 0.1  # of a head 2.4 m high


def test_keys_and_groups_of_the_same_name_stay(scene):
    skin, *_ = scene
    skin.shape_key_add(name="Basis")
    mine = skin.shape_key_add(name="jawOpen")
    mine.points[0].co = (9, 9, 9)
    group = skin.vertex_groups.new(name="DEF-jaw")
    group.add([0], 0.25, "REPLACE")
    bpy.ops.headroom.give_shapes(shapes="arkit")
    assert tuple(skin.data.shape_keys.key_blocks["jawOpen"].points[0].co) == (9, 9, 9)
    assert skin.vertex_groups["DEF-jaw"].weight(0) == pytest.approx(0.25)
    with pytest.raises(RuntimeError):
        skin.vertex_groups["DEF-jaw"].weight(1)


def test_a_head_with_an_armature_keeps_it_and_gets_no_bones(scene):
    skin, *_ = scene
    own = bpy.data.objects.new("Own", bpy.data.armatures.new("Own"))
    bpy.context.scene.collection.objects.link(own)
    skin.modifiers.new("Armature", "ARMATURE").object = own
    bpy.ops.headroom.give_shapes(shapes="arkit")
    assert [thing.name for thing in bpy.context.scene.objects if thing.type == "ARMATURE"] == ["Own"]
    assert "jawOpen" in skin.data.shape_keys.key_blocks and not len(skin.vertex_groups)


def test_what_cannot_be_rigged_is_said(scene):
    skin, eyes, _ = scene
    skin.modifiers.new("Mirror", "MIRROR")
    assert not bpy.ops.headroom.give_shapes.poll()
    skin.modifiers.clear()
    for thing in bpy.context.scene.objects:
        thing.select_set(thing == eyes)
    bpy.context.view_layer.objects.active = eyes
    with pytest.raises(RuntimeError, match=r"all eyes|no face"):
        bpy.ops.headroom.give_shapes()
    assert eyes.data.shape_keys is None


def only(thing):
    for one in bpy.context.scene.objects:
        one.select_set(one == thing)
    bpy.context.view_layer.objects.active = thing


def shown_again(part, skin, eyes):
    """Show the landmarks that are there once more, as those of skin and eyes."""
    landmarks = part("addon.bridge.landmarks")
    bpy.context.view_layer.update()
    landmarks.show(landmarks.read(bpy.context.scene), bpy.context.scene, 0.025, (skin, eyes))
    bpy.context.view_layer.update()
    return {thing.name: thing for thing in landmarks.shown(bpy.context.scene)}


def test_who_drags_a_landmark_need_not_select_the_head_again(scene, part):
    """A click on a landmark takes everything else out of the selection, and still all objects are rigged."""
    skin, eyes, _ = scene
    only(shown_again(part, skin, eyes)["menton"])
    assert bpy.ops.headroom.give_shapes.poll() and bpy.ops.headroom.find_landmarks.poll()
    bpy.ops.headroom.give_shapes(shapes="arkit")
    assert "jawOpen" in skin.data.shape_keys.key_blocks and "eyeLookUpLeft" in eyes.data.shape_keys.key_blocks


def test_a_landmark_sticks_to_the_skin_when_it_is_dragged(scene, part):
    skin, eyes, _ = scene
    ear = shown_again(part, skin, eyes)["tragion.R"]
    before = np.array(ear.matrix_world.translation)
    ear.location += skin.matrix_world.to_3x3() @ Vector((0.02, 0.0, 0.0))  # off the cheek, of a head 2.4 m high
    bpy.context.view_layer.update()
    read = part("addon.bridge.landmarks").read(bpy.context.scene)
    there = read[part("core.rig.landmarks").NAMES.index("tragion.R")]
    back = skin.matrix_world.inverted()
    _, near, _, _ = skin.closest_point_on_mesh(back @ Vector(there))
    assert (skin.matrix_world @ near - Vector(there)).length < 1e-4
    assert np.linalg.norm(there - before) > 0.01


def test_landmarks_of_another_head_are_not_taken(scene, part, monkeypatch):
    skin, eyes, _ = scene
    shown_again(part, skin, eyes)
    marks = part("addon.bridge.landmarks").read(bpy.context.scene)
    other = skin.copy()
    other.data = skin.data.copy()
    other.location.x += 5
    bpy.context.scene.collection.objects.link(other)
    only(other)
    looked = []
    moved = marks + (5, 0, 0)
    monkeypatch.setattr(part("addon.rigging"), "find_marks", lambda *_: looked.append(1) or moved)
    bpy.ops.headroom.give_shapes(shapes="arkit")
    assert looked and "jawOpen" in other.data.shape_keys.key_blocks and skin.data.shape_keys is None
    assert len(part("addon.bridge.landmarks").shown(bpy.context.scene)) == 54, "those of the first have not served yet"


def test_landmarks_can_be_placed_where_no_face_is_found(part):
    """Suzanne's is not: all landmarks stand before her, in her size, selected, and stick to her once they are moved."""
    bpy.ops.mesh.primitive_monkey_add(location=(3, 2, 1), size=6)
    monkey = bpy.context.active_object
    assert bpy.ops.headroom.place_landmarks() == {"FINISHED"}
    bpy.context.view_layer.update()
    landmarks = part("addon.bridge.landmarks")
    empties, marks = landmarks.shown(bpy.context.scene), landmarks.read(bpy.context.scene)
    assert len(empties) == 54 and all(one.select_get() for one in empties) and not monkey.select_get()
    assert landmarks.bodies_of(bpy.context.scene) == [monkey] and bpy.ops.headroom.give_shapes.poll()
    corners = np.array([monkey.matrix_world @ Vector(corner) for corner in monkey.bound_box])
    assert (marks > corners.min(axis=0) - 0.01).all() and (marks < corners.max(axis=0) + 0.01).all()
    names = part("core.rig.landmarks").NAMES
    assert marks[names.index("eye.L.0")][0] > marks[names.index("eye.R.0")][0]
    assert marks[names.index("eye.L.0")][2] > marks[names.index("mouth.outer.3")][2] > marks[names.index("menton")][2]
    bpy.ops.headroom.clear_landmarks()
    assert not landmarks.shown(bpy.context.scene) and not bpy.ops.headroom.clear_landmarks.poll()
