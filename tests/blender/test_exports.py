"""What is exported can be read back: shapes, animation, film and picture."""

from __future__ import annotations

import dataclasses
import json
import struct
from collections import Counter
from pathlib import Path

import bpy
import numpy as np
import pytest
from scipy.spatial import cKDTree
from synthetic import RINGS, SIDES


def read_glb(path: Path) -> dict:
    raw = path.read_bytes()
    length = struct.unpack("<I", raw[12:16])[0]
    return json.loads(raw[20 : 20 + length])


@pytest.fixture
def talking(part, body, perform, wave):
    """The synthetic head opening its jaw over one second, with a sound, at 30 frames a second from frame 1."""
    scene = bpy.context.scene
    scene.render.fps = 30
    performance = perform({("jawOpen", "lips"): np.linspace(0, 1, 60)})
    part("addon.bridge.actions").write(performance, body, 1, 30)
    part("addon.bridge.sound").place(scene, wave(1.0), 1, body)
    scene.frame_start, scene.frame_end = 1, 30
    return body


def test_glb_comes_back_with_shapes_and_motion(part, small_head, talking, tmp_path):
    path = tmp_path / "head.glb"
    part("addon.bridge.exports").export(path, talking)
    data = read_glb(path)
    mesh = data["meshes"][0]
    assert mesh["extras"]["targetNames"] == list(small_head.shape_names)
    channels = [(a, channel) for a in data["animations"] for channel in a["channels"]]
    weights = [(a, channel) for a, channel in channels if channel["target"]["path"] == "weights"]
    assert len(weights) == 1
    animation, channel = weights[0]
    times = data["accessors"][animation["samplers"][channel["sampler"]]["input"]]
    assert times["max"][0] - times["min"][0] == pytest.approx(29 / 30, abs=0.05)
    assert "COLOR_0" in mesh["primitives"][0]["attributes"]
    assert "JOINTS_0" in mesh["primitives"][0]["attributes"]

    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.context.scene.render.fps = 30
    bpy.ops.import_scene.gltf(filepath=str(path))
    back = next(thing for thing in bpy.data.objects if thing.type == "MESH" and thing.data.shape_keys)
    keys = back.data.shape_keys.key_blocks
    assert set(small_head.shape_names) <= set(keys.keys())
    first = min(action.frame_range[0] for action in bpy.data.actions)
    bpy.context.scene.frame_set(round(first) + 29)
    assert keys["jawOpen"].value == pytest.approx(1.0, abs=0.04)
    bpy.context.scene.frame_set(round(first) + 10)
    assert keys["jawOpen"].value == pytest.approx(20 / 59, abs=0.04)


def test_a_speaking_head_and_its_head_motion_are_one_animation(part, talking, perform, tmp_path):
    part("addon.bridge.actions").write(perform({("headYaw", "head"): np.linspace(0, 0.5, 60)}), talking, 1, 30)
    path = tmp_path / "head.glb"
    part("addon.bridge.exports").export(path, talking)
    data = read_glb(path)
    assert len(data["animations"]) == 1
    paths = {channel["target"]["path"] for channel in data["animations"][0]["channels"]}
    assert {"weights", "rotation"} <= paths


def test_usd_and_fbx_hold_the_motion(part, talking, tmp_path):
    importers = {".fbx": bpy.ops.import_scene.fbx, ".usdc": bpy.ops.wm.usd_import}
    for ending in importers:
        part("addon.bridge.exports").export(tmp_path / f"head{ending}", talking)
    for ending, importer in importers.items():
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        bpy.context.scene.render.fps = 30
        importer(filepath=str(tmp_path / f"head{ending}"))
        back = next(thing for thing in bpy.data.objects if thing.type == "MESH" and thing.data.shape_keys)
        values = []
        for frame in range(0, 35):
            bpy.context.scene.frame_set(frame)
            values.append(back.data.shape_keys.key_blocks["jawOpen"].value)
        assert max(values) == pytest.approx(1.0, abs=0.05), ending
        assert min(values) == pytest.approx(0.0, abs=0.05), ending


@pytest.mark.parametrize("ending", [".glb", ".fbx", ".usdc"])
def test_correctives_and_controls_are_baked(part, small_head, body, tmp_path, ending):
    """Elsewhere there are no drivers: what they do comes as keys, and the mesh stands where it stood here."""
    meshes, rig = part("addon.bridge.meshes"), part("addon.bridge.heads").rig_of(body)
    scene = bpy.context.scene
    scene.render.fps, scene.frame_start, scene.frame_end = 30, 1, 21
    for name in ("jawOpen", "mouthSmileLeft"):
        key = body.data.shape_keys.key_blocks[name]
        for frame, value in ((1, 0.0), (21, 1.0)):
            key.value = value
            key.keyframe_insert("value", frame=frame)
    head = rig.pose.bones["head"]
    for frame, angle in ((1, 0.0), (21, 0.5)):
        head.rotation_euler = (0, angle, 0)
        head.keyframe_insert("rotation_euler", frame=frame)
    scene.frame_set(16)
    want = meshes.evaluated_points(body)
    values = {key.name: key.value for key in body.data.shape_keys.key_blocks}
    assert values["jawOpen_mouthSmileLeft"] == pytest.approx(values["jawOpen"] * values["mouthSmileLeft"])
    path = tmp_path / f"head{ending}"
    part("addon.bridge.exports").export(path, body)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.context.scene.render.fps = 30
    {".glb": bpy.ops.import_scene.gltf, ".fbx": bpy.ops.import_scene.fbx, ".usdc": bpy.ops.wm.usd_import}[ending](
        filepath=str(path)
    )
    back = next(thing for thing in bpy.data.objects if thing.type == "MESH" and thing.data.shape_keys)
    first = min((action.frame_range[0] for action in bpy.data.actions), default=1) if ending != ".usdc" else 1
    bpy.context.scene.frame_set(round(first) + 15)
    assert back.data.shape_keys.key_blocks["jawOpen_mouthSmileLeft"].value == pytest.approx(
        values["jawOpen_mouthSmileLeft"], abs=0.02
    )
    points = meshes.evaluated_points(back)
    gaps = cKDTree(points).query(want)[0]
    assert gaps.max() < 1e-4


def test_only_deform_bones_leave_blender(part, small_head, body, tmp_path):
    path = tmp_path / "head.glb"
    part("addon.bridge.exports").export(path, body)
    data = read_glb(path)
    joints = [data["nodes"][node]["name"] for node in data["skins"][0]["joints"]]
    assert sorted(joints) == sorted(f"DEF-{name}" for name in small_head.joint_names)


@pytest.fixture
def textured(part, small_head):
    """The synthetic head with a texture: red on top, blue below."""
    atlas = np.zeros((32, 64, 4), dtype=np.uint8)
    atlas[:16], atlas[16:] = (200, 40, 40, 255), (30, 60, 180, 128)
    return dataclasses.replace(small_head, textures={"color": atlas})


IMPORTERS = {
    ".glb": bpy.ops.import_scene.gltf, ".fbx": bpy.ops.import_scene.fbx, ".usdc": bpy.ops.wm.usd_import,
    ".obj": bpy.ops.wm.obj_import,
}  # fmt: skip


@pytest.mark.parametrize("ending", IMPORTERS)
def test_textures_travel(part, textured, tmp_path, ending):
    """Inside the file where it can hold them, else beside it, called after the file."""
    body = part("addon.bridge.heads").add_head(textured)
    assert all(image.packed_file for image in bpy.data.images if image.type == "IMAGE")
    path = tmp_path / f"head{ending}"
    part("addon.bridge.exports").export(path, body)
    if ending == ".glb":
        data = read_glb(path)
        assert len(data["images"]) == 1
        assert "COLOR_0" not in data["meshes"][0]["primitives"][0]["attributes"]
        assert all("baseColorTexture" in material["pbrMetallicRoughness"] for material in data["materials"])
    beside = {".usdc": ["textures/head Color.png"], ".obj": ["head.mtl", "head Color.png"]}.get(ending, [])
    files = [str(file.relative_to(tmp_path)) for file in sorted(tmp_path.rglob("*")) if file.is_file()]
    assert sorted(files) == sorted([path.name, *beside])
    assert [image.name for image in bpy.data.images if image.packed_file] == ["Head Color"]
    moved = tmp_path.rename(tmp_path.with_name(f"{tmp_path.name} moved"))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    IMPORTERS[ending](filepath=str(moved / path.name))
    back = next(thing for thing in bpy.data.objects if thing.type == "MESH" and len(thing.data.vertices) > 1000)
    skin = next(slot.material for slot in back.material_slots if slot.material.name.startswith("Skin"))
    image = next(node.image for node in skin.node_tree.nodes if node.type == "TEX_IMAGE")
    assert tuple(image.size) == (64, 32)
    pixels = np.array(image.pixels[:]).reshape(32, 64, 4)
    np.testing.assert_allclose(pixels[-1, 0, :3] * 255, [200, 40, 40], atol=1)
    np.testing.assert_allclose(pixels[0, 0, :3] * 255, [30, 60, 180], atol=1)


@pytest.mark.parametrize("ending", IMPORTERS)
def test_every_face_keeps_its_material(part, textured, body, tmp_path, ending):
    """The two eyes have a slot each, with the same material."""
    path = tmp_path / f"head{ending}"
    part("addon.bridge.exports").export(path, body)
    assert len({face.material_index for face in body.data.polygons}) == 4, "slots stay as they were here"
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    IMPORTERS[ending](filepath=str(path))
    back = next(thing for thing in bpy.data.objects if thing.type == "MESH" and len(thing.data.vertices) > 1000)
    names = [slot.material.name for slot in back.material_slots]
    found = Counter()
    for face in back.data.polygons:
        found[names[face.material_index]] += len(face.vertices) - 2
    one = 2 * SIDES * (RINGS - 1)
    assert found == {"Skin": one, "Eye": 2 * one, "Tongue": one}


@pytest.mark.parametrize("ending", [".glb", ".fbx", ".usdc"])
def test_the_cornea_is_clear_everywhere(part, textured, tmp_path, ending):
    """By alpha, which every viewer has, and black, so that no veil lies over the iris."""
    names = np.where(textured.part == "tongue", "cornea_left", textured.part)
    body = part("addon.bridge.heads").add_head(dataclasses.replace(textured, part=names))
    path = tmp_path / f"head{ending}"
    part("addon.bridge.exports").export(path, body)
    if ending == ".glb":
        cornea = next(material for material in read_glb(path)["materials"] if material["name"] == "Cornea")
        assert cornea["alphaMode"] == "BLEND"
        assert cornea["pbrMetallicRoughness"]["baseColorFactor"] == pytest.approx([0, 0, 0, 0.1])
        assert "KHR_materials_transmission" not in cornea.get("extensions", {})
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    IMPORTERS[ending](filepath=str(path))
    nodes = bpy.data.materials["Cornea"].node_tree.nodes
    shader = next(node for node in nodes if node.type == "BSDF_PRINCIPLED")
    assert shader.inputs["Alpha"].default_value == pytest.approx(0.1)
    assert max(shader.inputs["Base Color"].default_value[:3]) == 0


def test_another_person_is_painted_into_the_same_image(part, textured):
    heads, materials = part("addon.bridge.heads"), part("addon.bridge.materials")
    body = heads.add_head(textured)
    image = materials.images_of(body.data)[0]
    own = body.data.materials[1] = bpy.data.materials.new("Own")
    other = dataclasses.replace(textured, textures={"color": np.full((32, 64, 4), 255, dtype=np.uint8)})
    materials.repaint(body.data, other)
    assert materials.images_of(body.data) == [image]
    assert min(image.pixels[:]) == 1.0 and image.packed_file
    assert body.data.materials[1] == own


def test_blend_keeps_layers_and_sound(part, talking, tmp_path):
    path = tmp_path / "head.blend"
    part("addon.bridge.exports").export(path, talking)
    bpy.ops.wm.open_mainfile(filepath=str(path))
    keys = bpy.data.objects["Head"].data.shape_keys
    assert "Headroom lips" in keys.animation_data.nla_tracks
    bpy.context.scene.frame_set(30)
    assert keys.key_blocks["jawOpen"].value == pytest.approx(58 / 59)
    assert [strip.type for strip in bpy.context.scene.sequence_editor.strips_all] == ["SOUND"]


def test_film_and_picture(part, talking, tmp_path):
    render = part("addon.bridge.render")
    part("addon.bridge.studio").set_up(talking)
    scene = bpy.context.scene
    before = (scene.render.engine, scene.render.filepath, scene.frame_start, scene.frame_end)
    seen = []
    render.film(tmp_path / "film.mp4", 1, 4, size=64, progress=lambda done, stage: seen.append(done))
    assert seen == pytest.approx([0.25, 0.5, 0.75, 1.0])
    import aud

    sound = aud.Sound(str(tmp_path / "film.mp4")).rechannel(1).data()
    assert np.abs(sound).max() > 0.01
    clip = bpy.data.movieclips.load(str(tmp_path / "film.mp4"))
    assert (tuple(clip.size), clip.frame_duration) == ((64, 64), 4)
    render.still(tmp_path / "still.png", size=48, samples=1, frame=30)
    image = bpy.data.images.load(str(tmp_path / "still.png"))
    pixels = np.empty(48 * 48 * 4, dtype=np.float32)
    image.pixels.foreach_get(pixels)
    assert pixels.reshape(-1, 4)[:, :3].std() > 0.02
    assert (scene.render.engine, scene.render.filepath, scene.frame_start, scene.frame_end) == before


def test_a_stopped_film_is_no_film(part, talking, tmp_path):
    errors = part("core.errors")

    def stop(done, stage):
        raise errors.Cancelled("stopped")

    part("addon.bridge.studio").set_up(talking)
    with pytest.raises(errors.Cancelled):
        part("addon.bridge.render").film(tmp_path / "film.mp4", 1, 4, size=64, progress=stop)
