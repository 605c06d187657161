"""What cannot be rigged is said in one line that tells what to do, and nothing is written; the rest just works."""

import json
import struct

import bpy
import numpy as np
import pytest


@pytest.fixture
def refused(part, tmp_path, capfd):
    """Run `headroom rig` on a file, or on the open scene, that must be refused; gives the one line that is said."""

    def run(path=None, *arguments):
        if path is None:
            path = tmp_path / "scene.blend"
            bpy.context.view_layer.update()
            bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
        target = tmp_path / "out" / "head.blend"
        capfd.readouterr()
        assert part("addon.cli").run(["rig", str(path), "-o", str(target), *arguments]) == 2
        said = capfd.readouterr().err.strip()
        assert said.startswith(f"headroom: {path}: ") and "\n" not in said
        assert not target.parent.exists()
        return said

    return run


def sphere(name="Head"):
    bpy.ops.mesh.primitive_uv_sphere_add()
    bpy.context.object.name = name
    return bpy.context.object


def vertices_of_nan():
    body = sphere()
    body.data.vertices[5].co.x = float("nan")


def linked(tmp_path):
    sphere("Lib")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "lib.blend"), copy=True)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(str(tmp_path / "lib.blend"), link=True) as (_, wanted):
        wanted.objects = ["Lib"]
    bpy.context.scene.collection.objects.link(wanted.objects[0])
    return wanted.objects[0]


def absolute():
    body = sphere()
    body.shape_key_add(name="Basis")
    body.data.shape_keys.use_relative = False


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: None, "holds no mesh with faces"),
        (lambda: bpy.ops.mesh.primitive_circle_add(), "holds no mesh with faces"),
        (lambda: bpy.ops.curve.primitive_bezier_circle_add(), "convert that to a mesh"),
        (lambda: setattr(sphere(), "hide_viewport", True), "hidden; show the head"),
        (lambda: sphere().hide_set(True), "hidden; show the head"),
        (lambda: bpy.ops.mesh.primitive_cube_add(), "8 vertices in faces, too few"),
        (lambda: bpy.ops.mesh.primitive_grid_add(x_subdivisions=20, y_subdivisions=20), "is flat"),
        (lambda: setattr(sphere(), "scale", (0, 0, 0)), "scaled to nothing"),
        (lambda: sphere().modifiers.new("Half", "MIRROR"), "modifier Half; apply it"),
        (vertices_of_nan, "1 vertices that are no numbers, the first is 5"),
        (absolute, "make them relative"),
    ],
)
def test_a_scene_without_a_head_to_rig(refused, make, words):
    make()
    assert words in refused()


@pytest.mark.parametrize("override", [False, True])
def test_a_linked_mesh_must_be_made_local(refused, tmp_path, override):
    thing = linked(tmp_path)
    if override:
        thing.override_create(remap_local_usages=True)
    assert "make it local first" in refused()


def test_a_named_object_that_is_hidden(refused):
    sphere()
    sphere("Other").hide_set(True)
    assert "--object Other: is hidden; show it" in refused(None, "--object", "Other")


def glb(count, last):
    """Give a .glb of a triangle whose accessor claims `count` points, and whose last corner is vertex `last`."""
    data = np.zeros((3, 3), "<f4").tobytes() + np.array([0, 1, last], "<u4").tobytes()
    text = json.dumps({
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": count, "type": "VEC3", "min": [0] * 3, "max": [1] * 3},
            {"bufferView": 1, "componentType": 5125, "count": 3, "type": "SCALAR"},
        ],
        "bufferViews": [{"buffer": 0, "byteLength": 36}, {"buffer": 0, "byteOffset": 36, "byteLength": 12}],
        "buffers": [{"byteLength": 48}],
    }).encode()  # fmt: skip
    text += b" " * (-len(text) % 4)
    head = struct.pack("<4sII", b"glTF", 2, 28 + len(text) + len(data))
    parts = [(b"JSON", text), (b"BIN\0", data)]
    return head + b"".join(struct.pack("<I4s", len(body), kind) + body for kind, body in parts)


NOISE = np.random.default_rng(0).bytes(5000)
FILES = {
    "noise.blend": NOISE, "noise.glb": NOISE, "noise.obj": NOISE, "noise.ply": NOISE, "noise.stl": NOISE,
    "noise.usdc": NOISE, "empty.blend": b"", "empty.gltf": b"", "empty.obj": b"", "empty.fbx": b"",
    "huge.glb": glb(2_000_000_000, 2), "astray.glb": glb(3, 9_999_999), "cut.glb": glb(3, 2)[:200],
    "lines.obj": b"v 0 0 0\nv 1 0 0\nl 1 2\n",
    "huge.stl": b" " * 80 + struct.pack("<I", 4_000_000_000) + b"\0" * 100,
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_broken_file(refused, tmp_path, name):
    (tmp_path / name).write_bytes(FILES[name])
    said = refused(tmp_path / name)
    assert "Location" not in said and "Traceback" not in said


def test_heads_of_several_objects_are_named(part):
    several = part("addon.rigging").several
    assert "2 faces found on Ann: separate" in several(["Ann", "Ann"])
    assert "on Ann, Bob: pick one" in several(["Ann", "Bob"])
    assert "3 faces found, 2 on Ann: separate the heads" in several(["Ann", "Bob", "Ann"])


def test_what_a_button_cannot_do_it_says_before_it_is_pressed(part, tmp_path):
    why_not = part("addon.bridge.rigging").why_not
    absolute()
    assert "make them relative" in why_not(bpy.context.object)
    assert "make it local" in why_not(linked(tmp_path))
    bpy.ops.object.empty_add()
    assert "Select a mesh" in why_not(bpy.context.object)


def test_eyes_that_share_one_mesh_get_one_each(part):
    """Mirrored copies of one eye are usual; each must look its own way."""
    bridge, rig = part("addon.bridge.rigging"), part("core.rig.rig")
    left = sphere("Eye")
    right = bpy.data.objects.new("Other Eye", left.data)
    bpy.context.scene.collection.objects.link(right)
    left.location.x, right.location.x, right.scale.x = 3, -3, -1
    bpy.context.view_layer.update()
    gathered = bridge.gather([left, right])
    count = len(gathered.mesh.vertices)
    shapes = np.zeros((2, count, 3), np.float32)
    shapes[0, : count // 2, 0] = shapes[1, count // 2 :, 0] = 1
    made = rig.RiggedMesh(
        gathered.mesh.vertices, ("eyeLookOutLeft", "eyeLookOutRight"), shapes, (), (), np.zeros((0, 3)),
        np.zeros((0, 3)), np.zeros((count, 0)), np.full(count, "skin"), part("core.rig.frame").Frame(1, np.eye(3), 0),
        0.0, (),
    )  # fmt: skip
    bridge.write(gathered, made, rig.RigOptions(bones=False), bpy.context.scene)
    assert left.data != right.data
    keys = right.data.shape_keys.key_blocks
    assert keys.keys() == ["Basis", "eyeLookOutRight"]
    assert keys[1].points[0].co.x - keys[0].points[0].co.x == pytest.approx(-1), "in a mirrored object"


def test_what_does_not_move_gets_no_keys_and_the_chosen_key_stays_chosen(part):
    bridge, rig = part("addon.bridge.rigging"), part("core.rig.rig")
    body, still = sphere("Face"), sphere("Stone")
    body.shape_key_add(name="Basis")
    body.shape_key_add(name="Mine").value = 0.5
    body.active_shape_key_index = 1
    gathered = bridge.gather([body, still])
    count = len(gathered.mesh.vertices)
    shapes = np.zeros((1, count, 3), np.float32)
    shapes[0, 0] = 1
    piece = np.where(np.arange(count) < count // 2, "skin", "worn")
    made = rig.RiggedMesh(
        gathered.mesh.vertices, ("jawOpen",), shapes, (), (), np.zeros((0, 3)), np.zeros((0, 3)),
        np.zeros((count, 0)), piece, part("core.rig.frame").Frame(1, np.eye(3), 0), 0.0, (),
    )  # fmt: skip
    bridge.write(gathered, made, rig.RigOptions(bones=False), bpy.context.scene)
    assert still.data.shape_keys is None
    assert body.data.shape_keys.key_blocks.keys() == ["Basis", "Mine", "jawOpen"]
    assert body.active_shape_key_index == 1 and body.data.shape_keys.key_blocks["Mine"].value == 0.5
