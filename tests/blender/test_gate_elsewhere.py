"""Export & Check works in another Blender, on a copy: what it sees there is what is here, trusted as far as here."""

from __future__ import annotations

import json
from pathlib import Path

import bpy
import numpy as np
import pytest
from exported import (  # noqa: F401 - fixtures
    FIRST,
    LAST,
    acting,
    export,
    found,
    gate,
    key_in,
    lost,
    talking,
)


@pytest.fixture
def away(part, tmp_path):
    """Export in another Blender: `away(".glb", body, clips="actions")`; gives the report."""
    options = part("core.formats.gate").ExportOptions

    def run(ending, *bodies, progress=lambda done, stage: None, **settings):
        target = tmp_path / "away" / f"talk{ending}"
        return part("addon.exporting").exporter_elsewhere(target, bodies, options(**settings))(progress)

    return run


@pytest.fixture
def scripted(talking):
    """A key that wants Python, and Blender not yet asked for any."""
    curve = talking.data.shape_keys.key_blocks["cheekPuff"].driver_add("value")
    curve.driver.expression = "0.2 * [one for one in (1, 2, 3)][2]"
    assert not curve.driver.is_simple_expression
    return talking


@pytest.fixture
def trust():
    """Let this Blender run Python of files, or not."""
    paths = bpy.context.preferences.filepaths
    before = paths.use_scripts_auto_execute

    def trusts(wanted):
        paths.use_scripts_auto_execute = wanted
        assert bpy.app.autoexec_fail is False

    yield trusts
    paths.use_scripts_auto_execute = before


def left(tmp_path: Path) -> list[Path]:
    return [*Path(bpy.app.tempdir).glob("headroom-export-*"), *tmp_path.rglob(".headroom-*")]


def test_it_says_what_it_would_say_here(away, export, talking, tmp_path):
    here = export(".glb", talking, samples=6)
    stages = []
    assert away(".glb", talking, samples=6, progress=lambda done, stage: stages.append(stage)) == here
    assert (tmp_path / "away" / "talk.glb").stat().st_size == (tmp_path / "talk.glb").stat().st_size
    assert stages[0] == "Starting Blender" and "Checking" in stages
    assert not left(tmp_path)


def test_several_files_come(away, acting, tmp_path):
    report = away(".fbx", acting, clips="actions", check=False)
    assert sorted(report.files) == sorted(path.name for path in (tmp_path / "away").iterdir())
    assert len(report.files) == 2 and report.kept is None


def test_what_is_not_saved_goes_along_and_stays_not_saved(away, talking, tmp_path):
    path = tmp_path / "scene.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    saved = path.read_bytes()
    key_in(talking, "tongueTipUp", np.linspace(0, 1, LAST - FIRST + 1))
    report = away(".csv", talking)
    assert "tongueTipUp" in found(report, "no_column")[0].why
    assert path.read_bytes() == saved and bpy.data.filepath == str(path)


def test_the_scene_that_is_shown_is_meant(away, talking):
    """Also where a view layer shows it that is not the first."""
    other = bpy.data.scenes.new("Other")
    other.render.fps, other.frame_start, other.frame_end = 30, 5, 9
    other.collection.children.link(talking.users_collection[0])
    layer = other.view_layers.new("Second")
    for collection in other.view_layers[0].layer_collection.children:
        collection.exclude = True
    bpy.context.window.scene, bpy.context.window.view_layer = other, layer
    report = away(".usdc", talking, check=False)
    assert (report.fps, report.frames) == (30, 5)


def test_a_linked_name_is_not_confused_with_a_local_one(part, away, talking, tmp_path):
    name, path = talking.name, tmp_path / "linked.blend"
    key_in(talking, "tongueTipUp", np.linspace(0, 1, LAST - FIRST + 1))
    bpy.data.libraries.write(str(path), set(talking.users_collection), fake_user=True)
    talking.data.shape_keys.animation_data_clear()
    with bpy.data.libraries.load(str(path), link=True) as (there, here):
        here.collections = there.collections
    bpy.context.scene.collection.children.link(here.collections[0])
    linked = here.collections[0].all_objects[name]
    assert linked.name == talking.name and linked.library
    bpy.context.view_layer.update()
    assert found(away(".csv", linked), "no_column")
    assert not found(away(".csv", talking), "no_column")


def test_paths_from_the_blend_lead_there_still(part, away, talking, wave, tmp_path):
    wave(1.0, "voice.wav")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    strips = part("addon.compat").sequence_strips(bpy.context.scene, create=True)
    strips.new_sound("Voice", "//voice.wav", channel=1, frame_start=FIRST)
    report = away(".glb", talking, check=False)
    assert report.files == ("talk.glb", "talk.wav") and not lost(report)


def test_scripted_drivers_move_when_they_move_here(away, scripted, trust):
    trust(True)
    bpy.context.scene.frame_set(FIRST)
    assert scripted.data.shape_keys.key_blocks["cheekPuff"].value == pytest.approx(0.6)
    assert not found(away(".glb", scripted, samples=3), "scripts")


def test_scripted_drivers_that_stand_still_are_a_loss(away, scripted, trust):
    trust(False)
    bpy.context.scene.frame_set(FIRST)
    (line,) = found(away(".glb", scripted, samples=3), "scripts")
    assert line.level == "lost" and "1 scripted driver of" in line.why


def test_what_waits_to_run_at_the_next_opening_does_not_run(part, trust, body):
    trust(False)
    runs = part("addon.exporting")._runs_scripts
    assert runs()
    bpy.data.texts.new("waiting.py").use_module = True
    assert not runs()
    trust(True)
    assert runs()


def test_the_command_runs_scripts_when_it_may(part, scripted, trust, tmp_path, capfd):
    path = tmp_path / "scripted.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    for words, code in ((["--scripts"], 0), ([], 3)):
        capfd.readouterr()
        asked = ["export", str(path), "-o", str(tmp_path / "x.glb"), "--json", "--samples", "3", *words]
        assert part("addon.cli").run(asked) == code
        kinds = [line["what"] for line in json.loads(capfd.readouterr().out)["lines"]]
        assert ("scripts" in kinds) == bool(code)


def test_unsaved_painting_is_not_lost_in_silence(talking, tmp_path):
    image = bpy.data.images.new("Skin", 4, 4)
    node = talking.data.materials[0].node_tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    assert not image.is_dirty
    image.pixels[:] = [0.5] * 64
    with pytest.raises(RuntimeError, match="the image Skin has changes that are not saved; save or pack it first"):
        bpy.ops.headroom.export_check(folder=str(tmp_path), format="glb")
    image.pack()
    assert bpy.ops.headroom.export_check(folder=str(tmp_path), format="glb", check=False) == {"FINISHED"}


def test_stopped_it_leaves_nothing(part, away, talking, tmp_path):
    cancelled = part("core.errors").Cancelled

    def stop(done, stage):
        if done > 0.1:
            raise cancelled("stopped")

    with pytest.raises(cancelled):
        away(".glb", talking, progress=stop)
    assert not left(tmp_path) and not (tmp_path / "away").exists()


def test_what_goes_wrong_there_is_one_line_here(part, away, talking, tmp_path):
    talking.data.shape_keys.use_relative = False
    with pytest.raises(part("core.errors").HeadroomError, match=r"^the shape keys of Head are not relative.*$"):
        away(".glb", talking)
    assert not left(tmp_path)
