"""The command line where it needs Blender: as `blender --command headroom` runs it, from the installed zip."""

from __future__ import annotations

import json
from pathlib import Path

import bpy
import numpy as np
import pytest
from test_rig_refused import FILES

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"


@pytest.fixture
def run(models, part):
    """Run a command line and give its exit code."""
    return lambda *arguments: part("addon.cli").run([str(argument) for argument in arguments])


@pytest.mark.parametrize("ending", [".blend", ".glb", ".fbx", ".usdc", ".obj", ".npz"])
def test_generate_writes_every_format(run, tmp_path, ending):
    assert run("generate", "-o", tmp_path / f"head{ending}") == 0
    assert run("generate", "-o", tmp_path / f"head{ending}") == 0, "a second time"
    beside = {".obj": {"head.mtl", "head Color.png"}, ".usdc": {"textures"}}
    assert {path.name for path in tmp_path.iterdir()} == {f"head{ending}"} | beside.get(ending, set())


@pytest.mark.parametrize("name", ["head.blend", "new/head.glb"])
def test_a_relative_place_is_one_beside_where_the_command_runs(run, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PWD", "/")  # as when a program starts the command elsewhere than it was started itself
    assert run("generate", "-o", name) == 0
    assert (tmp_path / name).is_file()


def test_standard_output_is_the_summary_alone(run, small_head, tmp_path, capfd):
    assert run("generate", "-o", tmp_path / "head.glb", "--json") == 0
    assert json.loads(capfd.readouterr().out)["shapes"] == len(small_head.shape_names)


def test_a_crowd_is_a_folder_of_heads(run, models, tmp_path, capfd):
    assert run("generate", "--seed", 4, "--count", 3, "-o", tmp_path, "--format", "npz", "--json") == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["head-4.npz", "head-5.npz", "head-6.npz"]
    assert [one["seed"] for one in json.loads(capfd.readouterr().out)["files"]] == [4, 5, 6]
    assert run("generate", "--count", 3, "-o", tmp_path / "many.npz") == 2


def test_a_level_is_stored(run, tmp_path, capfd):
    assert run("generate", "--level", "game", "-o", tmp_path / "head.blend", "--json") == 0
    assert json.loads(capfd.readouterr().out)["level"] == "game"
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "head.blend"))
    assert bpy.data.objects["Head"]["headroom_level"] == "game"


def test_a_preset_fixes_attributes_and_set_wins(run, models, tmp_path):
    assert run("generate", "--preset", "old_man", "--set", "age=60", "-o", tmp_path / "head.npz") == 0
    assert models[-1].set["age"] == 60
    assert models[-1].set["sex"] == 1
    assert run("generate", "--preset", "elf", "-o", tmp_path / "elf.npz") == 2


@pytest.mark.parametrize("head", [None, "head.npz", "head.blend"])
def test_lipsync_into_a_blend(run, wave, tmp_path, head):
    extra = []
    if head:
        assert run("generate", "-o", tmp_path / head) == 0
        extra = ["--head", tmp_path / head]
    target = tmp_path / "talk.blend"
    audio = wave(1.0)
    assert run("lipsync", audio, "-o", target, "--fps", 25, *extra) == 0
    audio.unlink()
    bpy.ops.wm.open_mainfile(filepath=str(target))
    scene = bpy.context.scene
    assert scene.render.fps / scene.render.fps_base == pytest.approx(25)
    body = next(thing for thing in scene.objects if thing.type == "MESH")
    scene.frame_set(13)
    want = np.interp(12 / 25, np.arange(60) / 60, np.linspace(0, 1, 60))
    assert body.data.shape_keys.key_blocks["jawOpen"].value == pytest.approx(want, abs=1e-3)
    strip = next(iter(scene.sequence_editor.strips_all))
    assert strip.frame_final_start == 1
    assert strip.sound.packed_file is not None
    assert (scene.frame_start, scene.frame_end) == (1, 25)
    bpy.context.view_layer.objects.active = body
    assert bpy.ops.headroom.show_phones() == {"FINISHED"}  # what it speaks can be edited


@pytest.mark.parametrize(
    ("settings", "count", "kind"),
    [([], 2, "BEZIER"), (["--keys-error", 0], 25, "LINEAR"), (["--stepped", "--step", 5], 5, "CONSTANT")],
)
def test_lipsync_writes_few_keys_or_poses(run, wave, tmp_path, part, settings, count, kind):
    assert run("lipsync", wave(1.0), "-o", tmp_path / "talk.blend", "--fps", 25, *settings) == 0
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "talk.blend"))
    action = next(action for action in bpy.data.actions if action.name.endswith("lips"))
    for curve in part("addon.compat").fcurves(action):
        assert len(curve.keyframe_points) == count
        assert {key.interpolation for key in curve.keyframe_points} == {kind}


def test_a_head_of_another_make_speaks(run, wave, tmp_path, body):
    """Any .blend with ARKit shapes will do, and a .blend without them is one line."""
    del body["headroom"]
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "other.blend"))
    assert run("lipsync", wave(0.5), "-o", tmp_path / "talk.glb", "--head", tmp_path / "other.blend") == 0
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "empty.blend"))
    assert run("lipsync", wave(0.5), "-o", tmp_path / "no.glb", "--head", tmp_path / "empty.blend") == 2
    assert not (tmp_path / "no.glb").exists()


@pytest.mark.parametrize(("name", "content"), [("bad.blend", b"no blend"), ("bad.npz", b"no npz"), ("bad.txt", b"x")])
def test_bad_heads_are_one_line(run, wave, tmp_path, capfd, name, content):
    (tmp_path / name).write_bytes(content)
    audio = wave(0.5)
    capfd.readouterr()
    assert run("lipsync", audio, "-o", tmp_path / "talk.glb", "--head", tmp_path / name) == 2
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 1 and name in lines[0], lines
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, audio.name])


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not here")
def test_videos(run, tmp_path, capfd):
    assert run("lipsync", SAMPLES / "video" / "expressive_33s.mp4", "-o", tmp_path / "talk.csv") == 0
    capfd.readouterr()
    assert run("lipsync", SAMPLES / "video" / "talk_25s.mp4", "-o", tmp_path / "silent.csv") == 2
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 1 and "talk_25s.mp4" in lines[0]
    assert [path.name for path in tmp_path.iterdir()] == ["talk.csv"]


def test_demo_makes_four_files(run, wave, tmp_path, capfd, part, monkeypatch):
    demo = part("addon.demo")
    monkeypatch.setattr(demo, "SIZE", 64)
    assert run("demo", "--audio", wave(0.3), "-o", tmp_path / "out", "--json") == 0
    summary = json.loads(capfd.readouterr().out)
    assert set(summary["seconds"]) == set(demo.STAGES)
    made = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in made] == ["demo.blend", "demo.glb", "demo.mp4", "demo.png"]
    assert all(path.stat().st_size > 1000 for path in made)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "out" / "demo.blend"))
    assert bpy.context.scene.camera is not None


def test_a_demo_that_fails_leaves_nothing(run, wave, tmp_path, part, monkeypatch):
    errors = part("core.errors")

    def full(*_, **__):
        raise errors.OutputError("the disk is full")

    monkeypatch.setattr(part("addon.bridge.render"), "film", full)
    monkeypatch.setattr(part("addon.demo"), "SIZE", 32)
    assert run("demo", "--audio", wave(0.2), "-o", tmp_path / "out") == 2
    assert not (tmp_path / "out").exists()


def test_blender_knows_the_command(part):
    """Registered for `blender --command headroom`, which hands over what follows."""
    assert part("addon.registration")._commands
    assert part("addon.registration")._command(["--version"]) == 0


def test_an_import_that_broke_off_leaves_nothing_in_the_logs(run, tmp_path, capfd, models):
    """Blender's glTF importer keeps a log on the stream of its day; later ones must not write to what is closed."""
    for name in ("huge.glb", "astray.glb", "cut.glb"):
        (tmp_path / name).write_bytes(FILES[name])
        run("rig", tmp_path / name, "-o", tmp_path / "out.glb")
    capfd.readouterr()
    assert run("generate", "-o", tmp_path / "head.glb", "--json") == 0
    assert not capfd.readouterr().err
