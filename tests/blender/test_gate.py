"""The export gate: what leaves Blender arrives, whatever it is made of."""

from __future__ import annotations

import json

import bpy
import numpy as np
import pytest
from exported import (  # noqa: F401 - fixtures
    EVERY,
    FIRST,
    KEYED,
    LAST,
    acting,
    export,
    family,
    found,
    gate,
    lost,
    points,
    talking,
)


@pytest.mark.parametrize("ending", EVERY)
def test_layers_drivers_and_turns_arrive(export, talking, tmp_path, ending):
    """NLA layers are flattened, drivers are baked; at a broken frame rate, from a late frame."""
    report = export(ending, talking)
    assert report.passed, report.lines
    assert report.error_mm < 0.02
    assert report.files == (f"talk{ending}",) == tuple(path.name for path in tmp_path.iterdir())
    assert report.fps == pytest.approx(23.976, abs=1e-3)
    if ending in KEYED:
        assert report.kept == report.keys == len(talking.data.shape_keys.key_blocks) - 1


@pytest.mark.parametrize("ending", KEYED)
def test_what_the_gate_says_is_so(export, talking, tmp_path, ending):
    """Seen without the gate: in an empty file, by Blender's importer, at the frames that the docs promise."""
    bpy.context.scene.render.fps, bpy.context.scene.render.fps_base = 24, 1.0
    wanted = points(talking, FIRST + 15)
    assert export(ending, talking).passed
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.context.scene.render.fps = 24
    path = str(tmp_path / f"talk{ending}")
    if ending == ".fbx":
        bpy.ops.import_scene.fbx(filepath=path, anim_offset=0.0)
    else:
        {".glb": bpy.ops.import_scene.gltf, ".usdc": bpy.ops.wm.usd_import}[ending](filepath=path)
    back = next(thing for thing in bpy.data.objects if thing.type == "MESH" and thing.data.shape_keys)
    there = points(back, (FIRST if ending == ".usdc" else 0) + 15)
    from scipy.spatial import cKDTree

    assert cKDTree(there).query(wanted)[0].max() < 1e-4


def test_a_vertex_cache_holds_what_is_seen(export, talking):
    """All modifiers are in it, also those that make vertices."""
    talking.modifiers.new("Fine", "SUBSURF").levels = 1
    cast = talking.modifiers.new("Round", "CAST")
    cast.factor = 0.3
    report = export(".abc", talking)
    assert report.passed and report.error_mm < 0.01, report.lines
    assert found(report, "no_keys")


@pytest.mark.parametrize("ending", KEYED)
def test_modifiers_do_not_drop_keys(export, talking, ending):
    """A modifier that makes vertices, above the armature or below it, is left out and named; the keys stay."""
    talking.modifiers.new("Fine", "SUBSURF").levels = 1
    talking.modifiers.new("Mirrored", "MIRROR")
    talking.modifiers.move(2, 0)
    report = export(ending, talking)
    assert report.passed, report.lines
    assert report.kept == report.keys
    (line,) = found(report, "modifier")
    assert "Fine" in line.why and "Mirrored" in line.why
    assert [one.type for one in talking.modifiers] == ["MIRROR", "ARMATURE", "SUBSURF"]


@pytest.mark.parametrize("ending", KEYED)
def test_muted_keys_stay_and_rest(export, talking, ending):
    """glTF would leave a muted key out, FBX and USD would move it."""
    talking.data.shape_keys.key_blocks["jawOpen"].mute = True
    report = export(ending, talking)
    assert report.passed, report.lines
    assert report.kept == report.keys
    assert "jawOpen" in found(report, "muted")[0].why


@pytest.mark.parametrize("ending", KEYED)
def test_keys_that_files_do_not_know_are_worked_in(export, talking, ending):
    """Masks, keys that start from others, and a mesh that was moved away from its basis."""
    keys = talking.data.shape_keys
    group = talking.vertex_groups.new(name="mask")
    group.add(list(range(200)), 0.5, "REPLACE")
    keys.key_blocks["jawOpen"].vertex_group = "mask"
    keys.key_blocks["mouthSmileLeft"].relative_key = keys.key_blocks["browInnerUp"]
    flat = np.empty(3 * len(talking.data.vertices), np.float32)
    talking.data.vertices.foreach_get("co", flat)
    talking.data.vertices.foreach_set("co", flat + 0.01)
    report = export(ending, talking)
    assert report.passed, report.lines
    assert len(found(report, "mended")) == 2
    assert keys.key_blocks["jawOpen"].vertex_group == "mask"
    assert keys.key_blocks["mouthSmileLeft"].relative_key.name == "browInnerUp"


@pytest.mark.parametrize("ending", EVERY)
def test_every_action_is_a_clip(export, acting, tmp_path, ending):
    """Each is alone what it is here; no clip keeps what another one moved."""
    report = export(ending, acting, clips="actions")
    assert report.passed, report.lines
    assert sorted(report.clips) == ["smile", "talk"]
    assert report.frames == 18 + 20
    names = ["talk.glb"] if ending == ".glb" else [f"talk@smile{ending}", f"talk@talk{ending}"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert report.error_mm < 0.02


def test_all_keys_are_in_every_clip(part, export, acting, tmp_path):
    """Seen in the file: weights of both clips, and the bone that only one turns."""
    assert export(".glb", acting, clips="actions").passed
    raw = (tmp_path / "talk.glb").read_bytes()
    data = json.loads(raw[20 : 20 + int.from_bytes(raw[12:16], "little")])
    assert sorted(one["name"] for one in data["animations"]) == ["smile", "talk"]
    skull = next(number for number, node in enumerate(data["nodes"]) if node["name"] == "DEF-skull")
    for one in data["animations"]:
        targets = [(channel["target"]["node"], channel["target"]["path"]) for channel in one["channels"]]
        assert "weights" in {path for _, path in targets}
        assert (skull, "rotation") in targets


@pytest.mark.parametrize("ending", EVERY)
def test_a_family_arrives_together(export, family, ending):
    """Several meshes on one rig; names with dots and blanks are found again."""
    report = export(ending, *family)
    if ending == ".usdc":  # Blender's writer lets no two meshes of one skeleton have a key of the same name
        assert lost(report) == ["key_renamed"] and report.losses[0].thing == "Teeth.upper 1"
    else:
        assert report.passed, report.lines
    assert report.error_mm < 0.02
    assert report.keys == 2 * (len(family[0].data.shape_keys.key_blocks) - 1)


@pytest.mark.parametrize("ending", KEYED)
def test_places_of_all_kinds(part, export, talking, ending):
    """A rig that hangs on a moving empty, is scaled and mirrored, with a mesh that has a place of its own."""
    rig = part("addon.bridge.heads").rig_of(talking)
    empty = bpy.data.objects.new("Carrier", None)
    talking.users_collection[0].objects.link(empty)
    rig.parent = empty
    rig.location, rig.scale = (0.1, 0.2, 0.3), (2.0, 2.0, 2.0)
    for frame, x in ((FIRST, 0.0), (LAST, 1.0)):
        empty.location, empty.rotation_euler = (x, 0, 0), (0, 0, x)
        empty.keyframe_insert("location", frame=frame)
        empty.keyframe_insert("rotation_euler", frame=frame)
    report = export(ending, talking)
    assert report.passed, report.lines
    assert report.error_mm < 0.05


@pytest.mark.parametrize("ending", KEYED)
def test_a_mesh_without_rig_or_motion_of_keys(export, body, ending):
    """Moved as an object alone; the keys come too."""
    body.parent = None
    body.modifiers.clear()
    body.data.shape_keys.animation_data_clear()
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 1, 11
    for frame, z in ((1, 0.0), (11, 1.0)):
        body.location = (0, 0, z)
        body.keyframe_insert("location", frame=frame)
    report = export(ending, body)
    assert report.passed, report.lines
    assert report.kept == report.keys


@pytest.mark.parametrize("ending", EVERY)
def test_sound_goes_beside(part, export, talking, wave, tmp_path, ending):
    part("addon.bridge.sound").place(bpy.context.scene, wave(1.0), FIRST, talking)
    report = export(ending, talking)
    assert report.passed, report.lines
    assert report.files == (f"talk{ending}", "talk.wav")
    import wave as wavefile

    with wavefile.open(str(tmp_path / "talk.wav")) as file:
        assert file.getnframes() / file.getframerate() == pytest.approx(21 * 1.001 / 24, abs=0.03)


@pytest.mark.parametrize("ending", KEYED)
def test_a_scene_in_centimetres(export, talking, tmp_path, ending):
    """glTF counts metres: without help everything would come out a hundred times as large."""
    scene = bpy.context.scene
    scene.unit_settings.scale_length = 0.01
    report = export(ending, talking)
    assert report.passed, report.lines
    assert bool(found(report, "units")) == (ending == ".glb")
    if ending == ".glb":
        wanted = points(talking, FIRST + 10) * 0.01
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        bpy.ops.import_scene.gltf(filepath=str(tmp_path / "talk.glb"))
        back = next(thing for thing in bpy.data.objects if thing.type == "MESH" and thing.data.shape_keys)
        assert np.ptp(points(back, 10), axis=0) == pytest.approx(np.ptp(wanted, axis=0), rel=0.02)


def test_a_head_of_another_file(part, export, talking, tmp_path):
    """Linked, where nothing may be changed or renamed."""
    source = tmp_path / "source.blend"
    bpy.data.libraries.write(str(source), {talking})
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(str(source), link=True) as (_, here):
        here.objects = ["Head"]
    (head,) = here.objects
    scene = bpy.context.scene
    scene.collection.objects.link(head)
    scene.render.fps, scene.render.fps_base, scene.frame_start, scene.frame_end = 24, 1.001, FIRST, LAST
    report = export(".glb", head)
    assert report.passed and report.kept == report.keys, report.lines
    assert head.library is not None and head.name == "Head"
