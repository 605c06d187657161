"""Heads of other makes speak from the command line: out of any file, by names, by a saved map, with all their parts."""

import json

import bpy
import pytest


@pytest.fixture
def run(models, part):
    """Run a command line and give its exit code."""
    return lambda *arguments: part("addon.cli").run([str(argument) for argument in arguments])


@pytest.fixture
def foreign(body):
    """A head that does not say that it is Headroom's."""
    for name in [name for name in body.keys() if name.startswith("headroom")]:
        del body[name]
    return body


def save(path):
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    return path


def opened(path):
    bpy.ops.wm.open_mainfile(filepath=str(path))
    return {thing.name: thing for thing in bpy.context.scene.objects if thing.type == "MESH"}


def curves(thing, part):
    """Give the keys of an object that an action moves."""
    data = thing.data.shape_keys.animation_data
    actions = [strip.action for track in data.nla_tracks for strip in track.strips] + [data.action]
    found = [curve for action in actions if action for curve in part("addon.compat").fcurves(action)]
    return {curve.data_path.split('"')[1] for curve in found}


@pytest.mark.parametrize("ending", [".glb", ".fbx", ".usdc"])
def test_out_of_the_files_of_other_programs(run, part, foreign, wave, tmp_path, ending):
    part("addon.bridge.exports").export(tmp_path / f"hero{ending}", foreign)
    target = tmp_path / "talk.blend"
    assert run("lipsync", wave(0.5), "-o", target, "--head", tmp_path / f"hero{ending}", "--fps", 30) == 0
    meshes = opened(target)
    assert any("jawOpen" in curves(thing, part) for thing in meshes.values() if thing.data.shape_keys)
    assert bpy.context.scene.render.fps == 30


def test_by_a_saved_map(run, part, foreign, wave, tmp_path, capfd):
    blocks = foreign.data.shape_keys.key_blocks
    for number, key in enumerate(blocks[1:]):
        key.name = f"shape {number:03}"
    jaw, path = blocks[1].name, tmp_path / "map.json"
    keymap = part("core.rig.keymap")
    path.write_text(keymap.KeyMap((keymap.Entry("Anyone", jaw, "jawOpen", 1.0, 1.0, "hand"),)).to_json())
    head = save(tmp_path / "hero.blend")
    target = tmp_path / "talk.blend"
    assert run("lipsync", wave(0.5), "-o", target, "--head", head, "--key-map", path) == 0
    assert curves(opened(target)["Head"], part) == {jaw}
    path.write_text(path.read_text().replace(jaw, "another"))
    capfd.readouterr()
    assert run("lipsync", wave(0.5), "-o", tmp_path / "no.blend", "--head", head, "--key-map", path) == 2
    assert "names no key" in capfd.readouterr().err
    assert not (tmp_path / "no.blend").exists()


def test_all_its_parts_go_out(run, part, foreign, wave, tmp_path):
    """Teeth that are an object of their own move with the skin, and are in the file."""
    teeth = foreign.copy()
    teeth.data = foreign.data.copy()
    teeth.name = "Teeth"
    bpy.context.scene.collection.objects.link(teeth)
    head = save(tmp_path / "hero.blend")
    assert run("lipsync", wave(0.5), "-o", tmp_path / "talk.glb", "--head", head) == 0
    text = (tmp_path / "talk.glb").read_bytes()
    made = json.loads(text[20 : 20 + int.from_bytes(text[12:16], "little")])
    assert len(made["meshes"]) == 2
    moved = {channel["target"]["node"] for channel in made["animations"][0]["channels"]
             if channel["target"]["path"] == "weights"}  # fmt: skip
    assert len(moved) == 2


def test_one_of_several(run, part, foreign, wave, tmp_path, capfd):
    other = foreign.copy()
    other.data, other.name = foreign.data.copy(), "Other"
    other.modifiers.clear()
    other.parent = None
    bpy.context.scene.collection.objects.link(other)
    head, target = save(tmp_path / "two.blend"), tmp_path / "talk.blend"
    assert run("lipsync", wave(0.5), "-o", target, "--head", head, "--object", "Other") == 0
    assert "jawOpen" in curves(opened(target)["Other"], part)
    capfd.readouterr()
    assert run("lipsync", wave(0.5), "-o", tmp_path / "no.blend", "--head", head, "--object", "Nobody") == 2
    assert "--object Nobody" in capfd.readouterr().err


def test_a_head_without_shapes_is_told_of_rig(run, part, foreign, wave, tmp_path, capfd):
    foreign.shape_key_clear()
    foreign.modifiers.clear()  # with its rig its jaw bone would speak
    foreign.parent = None
    part("addon.bridge.exports").export(tmp_path / "bare.glb", foreign)
    audio = wave(0.5)
    capfd.readouterr()
    assert run("lipsync", audio, "-o", tmp_path / "talk.glb", "--head", tmp_path / "bare.glb") == 2
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 1 and "bare.glb" in lines[0] and "headroom rig" in lines[0]
    assert not (tmp_path / "talk.glb").exists()
