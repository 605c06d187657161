"""The export gate around its file: the artist's scene stays as it is, bad input is one line, exit codes, the button."""

from __future__ import annotations

import json

import bpy
import numpy as np
import pytest
from exported import (  # noqa: F401 - fixtures
    EVERY,
    acting,
    export,
    family,
    gate,
    talking,
)

BLOCKS = ("objects", "meshes", "armatures", "actions", "shape_keys", "materials", "images", "scenes", "collections",
          "sounds", "cache_files", "libraries", "texts", "node_groups", "worlds")  # fmt: skip
DERIVED = ("rna_type", "tag", "dimensions", "bound_box", "session_uid", "is_evaluated", "depsgraph", "vertices",
           "edges", "loops", "polygons")  # fmt: skip


def state(thing, deep=3):
    """Describe all plain properties of something, down to what belongs to it."""
    told = {}
    for rule in thing.bl_rna.properties:
        name = rule.identifier
        if name in DERIVED:
            continue
        value = getattr(thing, name, None)
        if rule.type == "POINTER":
            own = value is not None and not isinstance(value, bpy.types.ID) and deep
            told[name] = state(value, deep - 1) if own else getattr(value, "name", None)
        elif rule.type == "COLLECTION":
            told[name] = [
                state(one, deep - 1) if deep and not isinstance(one, bpy.types.ID) else getattr(one, "name", 0)
                for one in list(value)[:300]
            ]
        else:
            told[name] = value[:] if hasattr(value, "__getitem__") and not isinstance(value, str | set) else value
    return told


def everything():
    """Describe the file, what is selected and what is shown."""
    context = bpy.context
    kept = {(kind, one.name): state(one, 2) for kind in BLOCKS for one in getattr(bpy.data, kind)}
    chosen = [thing.name for thing in context.view_layer.objects if thing.select_get()]
    flat = {}
    for mesh in bpy.data.meshes:
        slots = np.zeros(len(mesh.polygons), np.int32)
        mesh.polygons.foreach_get("material_index", slots)
        flat[mesh.name] = slots.tolist()
    return kept, flat, chosen, context.view_layer.objects.active.name, context.scene.name, context.window.scene.name


@pytest.mark.parametrize(
    ("ending", "clips"), [*((ending, "scene") for ending in EVERY), (".glb", "actions"), (".abc", "actions")]
)
def test_the_scene_stays_as_it_is(part, export, family, acting, wave, ending, clips):
    """Values, poses and the frame that were not keyed included."""
    part("addon.bridge.sound").place(bpy.context.scene, wave(1.0), 5, bpy.data.objects["Head"])
    head = family[0]
    head.modifiers.new("Fine", "SUBSURF")
    head.data.shape_keys.key_blocks["noseSneerLeft"].value = 0.77
    head.data.shape_keys.key_blocks["jawOpen"].value = 0.123
    rig = part("addon.bridge.heads").rig_of(head)
    rig.pose.bones["head"].rotation_euler = (0.3, 0.1, 0.2)
    bpy.context.scene.frame_end = 12
    bpy.context.scene.frame_set(9, subframe=0.25)
    head.data.shape_keys.key_blocks["jawOpen"].value = 0.321
    bpy.context.view_layer.update()
    assert head.data.shape_keys.key_blocks["jawOpen"].value == pytest.approx(0.321)
    before = everything()
    export(ending, *family, clips=clips)
    after = everything()
    for name, told in before[0].items():
        assert after[0].get(name) == told, name
    assert after[0].keys() == before[0].keys()
    assert after[1:] == before[1:]


def test_the_scene_stays_as_it_is_when_writing_fails(part, monkeypatch, export, talking):
    errors = part("core.errors")

    def full(*_, **__):
        raise RuntimeError("no space left on device")

    monkeypatch.setattr(part("addon.bridge.exports"), "_glb", full)
    before = everything()
    with pytest.raises(errors.OutputError, match="no space left"):
        export(".glb", talking)
    assert everything() == before


def test_work_that_is_stopped_leaves_nothing(part, gate, talking, tmp_path):
    errors, options = part("core.errors"), part("core.formats.gate").ExportOptions

    def stop(done, stage):
        if stage == "Looking":
            raise errors.Cancelled("stopped")

    before = everything()
    with pytest.raises(errors.Cancelled):
        gate.export(tmp_path / "talk.glb", [talking], bpy.context.scene, options(), stop)
    assert everything() == before
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda body: setattr(body.data.shape_keys, "use_relative", False), "not relative"),
        (lambda body: bpy.ops.object.mode_set(mode="EDIT"), "Edit Mode"),
    ],
)
def test_what_cannot_be_exported_is_one_line(part, export, talking, tmp_path, spoil, words):
    spoil(talking)
    with pytest.raises(part("core.errors").InputError, match=words) as caught:
        export(".glb", talking)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_unknown_endings_and_nothing(part, export, talking, body):
    errors = part("core.errors")
    with pytest.raises(errors.InputError, match=r"unknown ending '.dae'; choose one of \.glb"):
        export(".dae", talking)
    with pytest.raises(errors.InputError, match="nothing to export"):
        export(".glb")
    with pytest.raises(errors.InputError, match="no action moves this head"):
        export(".glb", talking, clips="actions")
    for number, key in enumerate(body.data.shape_keys.key_blocks[1:]):
        key.name = f"shape {number}"
    with pytest.raises(errors.InputError, match="name of ARKit"):
        export(".csv", body)


@pytest.fixture
def run(part, body, perform, tmp_path):
    """Run `headroom export` on a .blend with a talking head; gives the exit code."""
    scene = bpy.context.scene
    scene.render.fps, scene.frame_start, scene.frame_end = 30, 1, 21
    part("addon.bridge.actions").write(perform({("jawOpen", "lips"): np.linspace(0, 1, 21)}, 30.0), body, 1, 30)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "head.blend"), copy=True)

    def command(*arguments):
        return part("addon.cli").run(["export", *map(str, arguments)])

    return command


@pytest.mark.parametrize("ending", EVERY)
def test_the_command_line(run, tmp_path, capfd, ending):
    capfd.readouterr()
    assert run(tmp_path / "head.blend", "-o", tmp_path / "out" / f"a{ending}", "--check", "--json") == 0
    told = json.loads(capfd.readouterr().out)
    assert told["passed"] and told["verb"] == "export" and told["error_mm"] is not None
    assert [path.name for path in (tmp_path / "out").iterdir()] == [f"a{ending}"]


def test_losses_have_an_exit_code_of_their_own(run, tmp_path, capfd):
    """The file is there, and what it lost is told."""
    cast = bpy.data.objects["Head"].modifiers.new("Round", "CAST")
    cast.factor = 0.5
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "round.blend"), copy=True)
    capfd.readouterr()
    assert run(tmp_path / "round.blend", "-o", tmp_path / "a.glb") == 3
    assert "lost: glTF cannot hold Round: Head is up to" in capfd.readouterr().out
    assert (tmp_path / "a.glb").is_file()
    assert run(tmp_path / "round.blend", "-o", tmp_path / "a.abc") == 0
    assert run(tmp_path / "round.blend", "-o", tmp_path / "b.glb", "--no-check") == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("head.blend", "-o", "a.dae"), "unknown ending '.dae'"),
        (("head.blend",), "-o FILE"),
        (("head.glb", "-o", "a.glb"), "no such file"),
        (("bad.blend", "-o", "a.glb"), "no .blend file"),
        (("head.blend", "-o", "a.glb", "--object", "Nobody"), "Nobody"),
        (("head.blend", "-o", "a.glb", "--clips", "all"), "--clips all"),
        (("head.blend", "-o", "a.glb", "--samples", "1"), "--samples 1"),
        (("head.blend", "-o", "/dev/null/a.glb"), "cannot be written"),
        (("empty.blend", "-o", "a.glb"), "no mesh with shape keys"),
    ],
)
def test_bad_input_is_one_line(run, tmp_path, capfd, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.blend").write_bytes(b"no blend")
    if "empty" in arguments[0]:
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "empty.blend"), copy=True)
    before = sorted(path.name for path in tmp_path.iterdir())
    capfd.readouterr()
    assert run(*arguments) == 2
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 1 and words in lines[0], lines
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_the_button(part, talking, tmp_path):
    """It writes beside the .blend, names the file after the head, and keeps the worst lines for the panel."""
    with pytest.raises(RuntimeError, match=r"Save the \.blend first"):
        bpy.ops.headroom.export_check()
    assert bpy.ops.headroom.export_check(format="usdc", folder=str(tmp_path)) == {"FINISHED"}
    assert [path.name for path in tmp_path.iterdir()] == ["Head.usdc"]
    state = part("addon.gate").state_of(bpy.context)
    assert state.passed and state.file == "Head.usdc" and "145 of 145 keys" in state.summary
    talking.modifiers.new("Round", "CAST").factor = 0.5
    bpy.context.view_layer.objects.active = talking.parent
    talking.select_set(False)
    assert bpy.ops.headroom.export_check(format="glb", folder=str(tmp_path)) == {"FINISHED"}
    assert not state.passed and state.lines[0].lost and "mm off" in state.lines[0].why


def test_the_button_says_why_it_is_grey(part, talking):
    bpy.ops.object.mode_set(mode="EDIT")
    assert not bpy.ops.headroom.export_check.poll()
    bpy.ops.object.mode_set(mode="OBJECT")
    bpy.ops.object.select_all(action="DESELECT")
    bpy.context.view_layer.objects.active = None
    assert not bpy.ops.headroom.export_check.poll()
