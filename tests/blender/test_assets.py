"""The asset library: its files, and what happens to heads when its assets are used."""

import re
import subprocess
import sys
import uuid
from pathlib import Path

import bpy
import numpy as np
import pytest

SMALL = {"level": "game", "heads": 1, "size": 32}
TALK = {("jawOpen", "lips"): np.linspace(0, 1, 30)}


@pytest.fixture(scope="module")
def library(installed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small library, made by the button: in another Blender."""
    folder = tmp_path_factory.mktemp("library") / "made for it"
    assert bpy.ops.headroom.make_asset_library(filepath=str(folder), **SMALL) == {"FINISHED"}
    yield folder
    libraries = bpy.context.preferences.filepaths.asset_libraries
    for one in [one for one in libraries if one.path == str(folder)]:
        libraries.remove(one)


@pytest.fixture
def foreign():
    """A head with keys of its own names."""

    def make(*names: str) -> bpy.types.Object:
        mesh = bpy.data.meshes.new("Foreign")
        mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
        body = bpy.data.objects.new("Foreign", mesh)
        bpy.context.scene.collection.objects.link(body)
        for name in ("Basis", *names):
            body.shape_key_add(name=name, from_mix=False).value = 0.0
        activate(body)
        return body

    return make


def activate(body: bpy.types.Object) -> None:
    bpy.context.view_layer.objects.active = body


def values(body: bpy.types.Object) -> dict[str, float]:
    return {key.name: round(key.value, 4) for key in body.data.shape_keys.key_blocks}


def wear(library: Path, name: str, file: str = "Expressions", **options) -> set[str]:
    return bpy.ops.headroom.apply_expression(filepath=str(library / f"{file}.blend"), name=name, **options)


def marked(path: Path, kind: str) -> list:
    with bpy.data.libraries.load(str(path), assets_only=True) as (there, wanted):
        setattr(wanted, kind, list(getattr(there, kind)))
    return list(getattr(wanted, kind))


def test_the_files_and_their_catalogs(library: Path, part) -> None:
    made = sorted(path.relative_to(library).as_posix() for path in library.rglob("*") if path.is_file())
    assert made == ["Expressions.blend", "Heads/Young Woman.blend", "Visemes.blend", "blender_assets.cats.txt"]
    lines = (library / "blender_assets.cats.txt").read_text().splitlines()
    assert "VERSION 1" in lines
    catalogs = [line.split(":") for line in lines if re.match("[0-9a-f]{8}-", line)]
    assert all(str(uuid.UUID(one)) == one for one, _, _ in catalogs)
    assert {path for _, path, _ in catalogs} >= {"Headroom/Heads", "Headroom/Expressions", "Headroom/Visemes"}
    known = {one for one, _, _ in catalogs}
    things = [*marked(library / "Expressions.blend", "actions"), *marked(library / "Visemes.blend", "actions"),
              *marked(library / "Heads/Young Woman.blend", "collections")]  # fmt: skip
    assert len(things) == 30 + 15 + 1
    for thing in things:
        data = thing.asset_data
        assert data.description and data.catalog_id in known and "headroom" in [tag.name for tag in data.tags]
        pixels = np.empty(32 * 32 * 4, np.float32)
        assert tuple(thing.preview_ensure().image_size) == (32, 32), thing.name
        thing.preview.image_pixels_float.foreach_get(pixels)
        assert np.ptp(pixels.reshape(-1, 4)[:, :3]) > 0.3, f"the preview of {thing.name} is empty"


def test_preferences_know_the_library_once(library: Path) -> None:
    known = [one for one in bpy.context.preferences.filepaths.asset_libraries if one.path == str(library)]
    assert [(one.name, one.import_method) for one in known] == [("Headroom", "APPEND")]


def test_a_second_run_overwrites_nothing(library: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in library.rglob("*.blend")}
    with pytest.raises(RuntimeError, match="is there already; choose Replace Existing"):
        bpy.ops.headroom.make_asset_library(filepath=str(library), **SMALL)
    assert {path: path.stat().st_mtime_ns for path in library.rglob("*.blend")} == before


def test_an_artists_catalogs_stay(part) -> None:
    """Also where they moved one of ours."""
    merged, ours = part("core.formats.catalogs").merged, part("core.assets").CATALOGS
    first = next(iter(ours))
    before = f"VERSION 1\n11111111-2222-3333-4444-555555555555:Props:Props\n{first}:Mine/Moved:Moved"
    lines = merged(before, ours).splitlines()
    assert lines[:3] == before.splitlines() and len(lines) == 2 + len(ours)
    assert merged("\n".join(lines), ours).splitlines() == lines


def test_a_stopped_job_leaves_nothing(part, tmp_path: Path) -> None:
    library, cancelled = part("addon.library"), part("core.errors").Cancelled
    folder, seen = tmp_path / "new" / "library", []

    def stop(done: float, stage: str) -> None:
        seen.append(stage)
        if stage.startswith("Head"):
            raise cancelled("stopped")

    options = part("core.assets").AssetOptions(**SMALL)
    with pytest.raises(cancelled):
        library.make(folder, options, False, stop, library.builder_elsewhere())
    assert seen[-1] == "Head 1 of 1" and not list(tmp_path.iterdir())


def test_what_goes_wrong_in_the_other_blender_is_said_here(part) -> None:
    code = "import sys; print('headroom: the disk is full', file=sys.stderr); sys.exit(2)"
    with pytest.raises(part("core.errors").HeadroomError, match="the disk is full"):
        part("addon.elsewhere").run([sys.executable, "-c", code], lambda *_: None)


def test_the_buttons_choices_are_the_commands(part) -> None:
    import dataclasses

    shown = bpy.ops.headroom.make_asset_library.get_rna_type().properties
    for field in dataclasses.fields(part("core.assets").AssetOptions):
        found, rule = shown[field.name], field.metadata
        assert found.default == field.default, field.name
        if rule["low"] is not None:
            assert (found.hard_min, found.hard_max) == (rule["low"], rule["high"])
        else:
            assert tuple(found.enum_items.keys()) == rule["choices"]


def test_not_where_the_extension_lies(installed) -> None:
    with pytest.raises(RuntimeError, match="choose another folder"):
        bpy.ops.headroom.make_asset_library(filepath=str(Path(installed.__file__).parent / "library"))


def test_the_command_says_what_it_made(library: Path, tmp_path: Path) -> None:
    code = f"from headroom.addon.cli import main; import sys; sys.argv[1:] = ['assets', {str(library)!r}]; main()"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=tmp_path)
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1 and "is there already" in done.stderr


def test_an_added_head_is_a_whole_one(library: Path, part, perform) -> None:
    bpy.context.scene.cursor.location = (1, 2, 3)
    for _ in range(2):
        found = bpy.ops.headroom.add_asset_head(filepath=str(library / "Heads/Young Woman.blend"), name="Young Woman")
        assert found == {"FINISHED"}
    heads = part("addon.bridge.heads")
    body, other = bpy.context.view_layer.objects.active, next(
        one for one in bpy.context.scene.objects if heads.is_head(one) and one != bpy.context.view_layer.objects.active
    )  # fmt: skip
    assert body.data != other.data and body.parent != other.parent, "two heads share nothing that is changed"
    assert tuple(body.parent.location) == (1, 2, 3) and body.library is None and body.data.library is None
    assert heads.identity_of(body).attributes["age"] == 22.0
    assert round(body.headroom_person.age) == 22 and not part("addon.editing").why_not(body)
    assert not part("addon.editing").stale(body)
    assert body.users_collection[0].asset_data is None
    part("addon.bridge.actions").write(perform(TALK, 24.0), body, 1, 24.0)
    bpy.context.scene.frame_set(30)
    assert body.data.shape_keys.key_blocks["jawOpen"].value > 0.9


def test_a_head_dropped_by_blender_itself(library: Path, part) -> None:
    """What the Asset Browser does when it appends a collection: objects, no instance, with limits and sliders."""
    path = library / "Heads/Young Woman.blend"
    bpy.ops.wm.append(
        directory=f"{path}/Collection/", filename="Young Woman", instance_collections=False, do_reuse_local_id=False
    )
    body = next(one for one in bpy.context.scene.objects if part("addon.bridge.heads").is_head(one))
    activate(body)
    assert bpy.ops.headroom.vary_head.poll() and bpy.ops.headroom.lip_sync.poll()
    assert part("addon.bridge.heads").rig_of(body)["limits"] == 1.0


def test_an_expression_on_our_head(library: Path, body, part) -> None:
    activate(body)
    body.data.shape_keys.key_blocks["mouthFrownLeft"].value = 1.0
    assert wear(library, "Joy") == {"FINISHED"}
    joy = values(body)
    assert joy["mouthSmileLeft"] == joy["mouthSmileRight"] == 0.75 and joy["cheekSquintLeft"] == 0.6
    assert joy["mouthFrownLeft"] == 0.0, "what an expression of the face does not name goes to rest"
    assert wear(library, "Wink Left") == {"FINISHED"}
    assert values(body)["mouthSmileLeft"] == 0.75 and values(body)["eyeBlinkLeft"] == 1.0, "eyes alone leave the mouth"
    assert wear(library, "Neutral") == {"FINISHED"}
    assert not {name for name, value in values(body).items() if value} & set(part("core.performance").SHAPES)


def test_an_amount_goes_part_of_the_way(library: Path, body) -> None:
    activate(body)
    wear(library, "Joy", amount=0.5)
    assert values(body)["mouthSmileLeft"] == 0.375
    wear(library, "Neutral", amount=0.2)
    assert values(body)["mouthSmileLeft"] == 0.3


def test_one_step_of_undo(library: Path, body) -> None:
    activate(body)
    bpy.ops.ed.undo_push(message="Head")
    wear(library, "Joy")
    assert values(body)["mouthSmileLeft"] == 0.75
    bpy.ops.ed.undo_push(message="Apply Expression")
    bpy.ops.ed.undo()
    assert values(bpy.data.objects["Head"])["mouthSmileLeft"] == 0.0


def test_keys_keep_it(library: Path, body, part) -> None:
    activate(body)
    bpy.context.scene.frame_set(10)
    wear(library, "Joy", keyframe=True)
    bpy.context.scene.frame_set(20)
    wear(library, "Neutral", keyframe=True)
    bpy.context.scene.frame_set(10)
    assert values(body)["mouthSmileLeft"] == 0.75
    bpy.context.scene.frame_set(20)
    assert values(body)["mouthSmileLeft"] == 0.0
    curves = part("addon.compat").fcurves(body.data.shape_keys.animation_data.action)
    assert not any("tongueOut" in curve.data_path for curve in curves), "what stays at rest gets no keys"


def test_on_a_head_that_speaks_it_is_a_layer_of_its_own(library: Path, body, part, perform) -> None:
    """What speech moves stays speech's; the rest is held through the scene, and goes with Neutral."""
    bpy.context.scene.frame_end = 40
    part("addon.bridge.actions").write(perform(TALK, 24.0), body, 1.0, 24.0)
    spoken = at(body, 15)
    assert wear(library, "Anger") == {"FINISHED"}
    angry = at(body, 15)
    assert angry["browDownLeft"] == pytest.approx(1.0) and at(body, 40)["browDownLeft"] == pytest.approx(1.0)
    assert angry["jawOpen"] == spoken["jawOpen"] > 0.3 and angry["mouthPressLeft"] == 0.0
    assert wear(library, "Wink Left") == {"FINISHED"}
    winking = at(body, 15)
    assert winking["eyeBlinkLeft"] > 0.9 and winking["browDownLeft"] == pytest.approx(1.0)
    assert wear(library, "Neutral", amount=0.5) == {"FINISHED"}
    assert at(body, 15)["browDownLeft"] == pytest.approx(0.5, abs=1e-3)
    assert wear(library, "Neutral") == {"FINISHED"}
    assert at(body, 15) == spoken and part("addon.bridge.layers").names_on(body) == ["lips"]


def at(body: bpy.types.Object, frame: int) -> dict[str, float]:
    bpy.context.scene.frame_set(frame)
    return values(body)


def test_on_a_head_with_other_names(library: Path, foreign) -> None:
    body = foreign("A25_Jaw_Open", "JawOpen", "Mouth_Smile_L", "mouthSmile_R", "Own")
    body.data.shape_keys.key_blocks["Own"].value = 0.4
    assert wear(library, "Laugh") == {"FINISHED"}
    laugh = values(body)
    assert laugh["JawOpen"] == 0.4 and laugh["mouthSmile_R"] == 0.95 and laugh["Own"] == 0.4


def test_visemes_on_heads_of_both_kinds(library: Path, foreign, body, part) -> None:
    activate(body)
    body.data.shape_keys.key_blocks["browInnerUp"].value = 0.5
    wear(library, "Viseme ou", "Visemes")
    assert values(body)["mouthPucker"] == 0.85 and values(body)["browInnerUp"] == 0.5
    names = part("core.speech.viseme_tables").OCULUS.visemes
    other = foreign(*(f"viseme_{name}" for name in names))
    wear(library, "Viseme PP", "Visemes")
    assert {name for name, value in values(other).items() if value} == {"viseme_PP"}
    wear(library, "Viseme aa", "Visemes")
    assert {name: value for name, value in values(other).items() if value} == {"viseme_aa": 1.0}


def test_an_artists_own_action(foreign, body) -> None:
    """Marked on another head, under that head's names."""
    other = foreign("JawOpen", "mouthSmile_L")
    other.data.shape_keys.key_blocks["mouthSmile_L"].value = 0.6
    for name in ("JawOpen", "mouthSmile_L"):
        other.data.shape_keys.key_blocks[name].keyframe_insert("value", frame=1)
    action = other.data.shape_keys.animation_data.action
    activate(body)
    assert bpy.ops.headroom.apply_expression(name=action.name) == {"FINISHED"}
    assert values(body)["mouthSmileLeft"] == 0.6


def test_what_is_no_expression_is_refused(library: Path, body, tmp_path: Path) -> None:
    activate(body)
    bpy.data.actions.new("Empty")
    (tmp_path / "text.blend").write_text("no blend")
    for path, name, said in (
        ("", "Empty", "moves no shape keys"), ("", "None", "no such action"), ("", "", "Choose an expression"),
        (str(tmp_path / "gone.blend"), "Joy", "no such file"), (str(tmp_path / "text.blend"), "Joy", "is no .blend"),
        (str(library / "Expressions.blend"), "Jay", "no action Jay any more"),
    ):  # fmt: skip
        with pytest.raises(RuntimeError, match=said):
            bpy.ops.headroom.apply_expression(filepath=path, name=name)


def test_which_asset_a_shelf_means(library: Path, body, tmp_path: Path) -> None:
    activate(body)
    asked = {"asset_library_type": "CUSTOM", "relative_asset_identifier": "Expressions.blend/Action/Joy"}
    assert bpy.ops.headroom.apply_expression(asset_library_identifier="Headroom", **asked) == {"FINISHED"}
    assert values(body)["mouthSmileLeft"] == 0.75
    with pytest.raises(RuntimeError, match="Preferences know no such asset library"):
        bpy.ops.headroom.apply_expression(asset_library_identifier="Gone", **asked)
