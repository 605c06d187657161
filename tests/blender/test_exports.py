"""What is exported can be read back: shapes, animation, film and picture."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import bpy
import numpy as np
import pytest


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
    part("addon.bridge.sound").place(scene, wave(1.0), 1, body.name)
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
