"""Where artists look: File > Import, files dropped on the viewport, and right-click on a head, its keys or a sound."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import SimpleNamespace

import addon_utils
import bpy
import numpy as np
import pytest

SHORT = Path(__file__).parents[3] / "shared" / "samples" / "mocap" / "livelink_short.csv"


class Layout:
    """Stands for a menu's layout: keeps what is drawn into it."""

    def __init__(self) -> None:
        self.drawn: list[tuple[str, SimpleNamespace]] = []
        self.menus: list[str] = []

    def separator(self) -> None:
        pass

    def menu(self, name: str, icon: str = "NONE") -> None:
        assert hasattr(bpy.types, name)
        assert icon in icons()
        self.menus.append(name)

    def operator(self, name: str, text: str = "", icon: str = "NONE"):
        category, verb = name.split(".")
        rna = getattr(getattr(bpy.ops, category), verb).get_rna_type()
        assert icon in icons()
        given = SimpleNamespace(bl_rna=rna)
        self.drawn.append((name, given))
        return given


def icons() -> set[str]:
    return set(bpy.types.UILayout.bl_rna.functions["operator"].parameters["icon"].enum_items.keys())


def drawn(draw) -> Layout:
    holder = SimpleNamespace(layout=Layout())
    draw(holder, bpy.context)
    return holder.layout


def settings(drawn_operator: SimpleNamespace) -> dict[str, object]:
    return {name: value for name, value in vars(drawn_operator).items() if name != "bl_rna"}


def import_take(path: Path, **given) -> set[str]:
    return bpy.ops.headroom.import_live_link(filepath=str(path), **given)


def track(body, layer: str):
    return body.data.shape_keys.animation_data.nla_tracks[f"Headroom {layer}"]


def value(body, key: str, frame: int) -> float:
    bpy.context.scene.frame_set(frame)
    return body.data.shape_keys.key_blocks[key].value


@pytest.fixture
def take(part, tmp_path, perform):
    """Write a take of two seconds at 60 frames a second: the jaw opens and closes, a brow rises, the head turns."""

    def write(name: str = "take.csv", extra=()) -> Path:
        seconds = np.arange(121) / 60
        columns = {
            ("jawOpen", "lips"): 0.5 - 0.5 * np.cos(np.pi * seconds), ("browInnerUp", "brows"): seconds / 2,
            ("headYaw", "head"): seconds / 10,
        }  # fmt: skip
        columns |= {(name, "lips"): seconds / 4 for name in extra}
        part("core.formats.livelink").write(tmp_path / name, perform(columns))
        return tmp_path / name

    return write


def jaw(seconds: float) -> float:
    return 0.5 - 0.5 * np.cos(np.pi * seconds)


@pytest.mark.parametrize(("fps", "base"), [(24, 1.0), (30, 1.001), (60, 1.0)])
@pytest.mark.parametrize(("at", "first"), [("CURRENT", 37), ("SCENE", 11)])
def test_a_take_keeps_its_time_at_any_rate(body, take, fps, base, at, first):
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base, scene.frame_start, scene.frame_end = fps, base, 11, 20
    scene.frame_set(37)
    assert import_take(take(), at=at, keys_error=0) == {"FINISHED"}
    rate = fps / base
    for seconds in (0.0, 0.5, 1.0, 1.5):
        frame = first + round(seconds * rate)
        assert value(body, "jawOpen", frame) == pytest.approx(jaw((frame - first) / rate), abs=2e-3)
    assert track(body, "capture").strips[0].frame_start == first
    assert scene.frame_end == pytest.approx(first + 2 * rate, abs=1.5)
    scene.frame_set(first + round(1.5 * rate))
    assert body.parent.pose.bones["head"].rotation_euler.y == pytest.approx(0.15, abs=2e-3)


def test_few_keys_that_follow_the_take(body, take, part):
    import_take(take())
    action = track(body, "capture").strips[0].action
    curves = part("addon.compat").fcurves(action)
    keys = {curve.data_path: len(curve.keyframe_points) for curve in curves}
    assert keys['key_blocks["jawOpen"].value'] < 12
    scene = bpy.context.scene
    rate = scene.render.fps
    for frame in range(scene.frame_current, rate * 2, 5):
        assert value(body, "jawOpen", frame) == pytest.approx(jaw((frame - 1) / rate), abs=0.05)


def test_a_take_has_a_layer_of_its_own_and_leaves_the_lips(models, body, take, wave):
    bpy.ops.headroom.lip_sync(filepath=str(wave()))
    lips = track(body, "lips").strips[0].action
    import_take(take())
    assert track(body, "lips").strips[0].action == lips
    tracks = body.data.shape_keys.animation_data.nla_tracks.keys()
    assert tracks.index("Headroom capture") > tracks.index("Headroom lips")
    once = value(body, "jawOpen", 40)
    track(body, "lips").mute = True
    assert value(body, "jawOpen", 40) < once


def test_what_moves_the_face_twice_is_said(models, body, take, wave, part):
    bpy.ops.headroom.lip_sync(filepath=str(wave()))
    read, played = part("core.formats.livelink").read, part("addon.bridge.played")
    found = played.on_one_layer(read(take()))
    import_take(take())
    assert any("Headroom lips is added to the take" in line for line in played.unseen(found, body))
    track(body, "lips").mute = True
    assert not played.unseen(found, body)


def test_a_take_may_replace_the_layers_of_lip_sync(models, body, take, wave):
    bpy.ops.headroom.lip_sync(filepath=str(wave()))
    import_take(take(), layers="PARTS")
    tracks = body.data.shape_keys.animation_data.nla_tracks.keys()
    assert "Headroom capture" not in tracks
    assert {"Headroom lips", "Headroom brows"} <= set(tracks)
    assert value(body, "jawOpen", 1 + 24) == pytest.approx(jaw(1.0), abs=0.05)


def test_another_take_replaces_the_first(body, take):
    import_take(take())
    bpy.context.scene.frame_set(50)
    import_take(take("again.csv"))
    assert len(track(body, "capture").strips) == 1
    assert track(body, "capture").strips[0].frame_start == 50
    assert len([action for action in bpy.data.actions if action.name.startswith("Head capture")]) == 1


def test_a_strip_that_is_tweaked_is_left_first(body, take):
    import_take(take())
    data = body.data.shape_keys.animation_data
    data.nla_tracks.active = track(body, "capture")
    track(body, "capture").strips[0].select = True
    data.use_tweak_mode = True
    assert data.action is not None
    bpy.context.scene.frame_set(1)
    assert import_take(take("again.csv")) == {"FINISHED"}
    assert not data.use_tweak_mode
    assert data.action is None
    assert value(body, "jawOpen", 1 + 24) == pytest.approx(jaw(1.0), abs=0.05)
    assert len([action for action in bpy.data.actions if action.name.startswith("Head capture")]) == 1


def test_a_take_is_one_undo_step(body, take):
    bpy.ops.ed.undo_push(message="before")
    import_take(take())
    bpy.ops.ed.undo_push(message="after")
    assert bpy.data.actions
    bpy.ops.ed.undo()
    assert not bpy.data.actions
    assert not bpy.data.objects["Head"].data.shape_keys.animation_data.nla_tracks
    bpy.ops.ed.redo()
    assert "Headroom capture" in bpy.data.objects["Head"].data.shape_keys.animation_data.nla_tracks


def test_the_rig_stands_for_its_head(body, take):
    bpy.context.view_layer.objects.active = body.parent
    assert import_take(take()) == {"FINISHED"}
    assert track(body, "capture")


def foreign(keys) -> bpy.types.Object:
    mesh = bpy.data.meshes.new("Anna")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    body = bpy.data.objects.new("Anna", mesh)
    bpy.context.scene.collection.objects.link(body)
    body.shape_key_add(name="Basis")
    for key in keys:
        body.shape_key_add(name=key).value = 0.0  # 5.0 adds them at 1
    bpy.context.view_layer.objects.active = body
    return body


def test_a_foreign_head_plays_by_its_key_map(take, part):
    body = foreign(["Mund auf", "Braue"])
    part("addon.bridge.keymaps").answer(body, "Mund auf", {"jawOpen": 0.5})
    part("addon.bridge.keymaps").answer(body, "Braue", {"browInnerUp": 1.0})
    assert import_take(take(extra=["mouthPucker"]), keys_error=0) == {"FINISHED"}
    assert value(body, "Mund auf", 1 + 24) == pytest.approx(0.5, abs=2e-3)
    assert value(body, "Braue", 1 + 24) == pytest.approx(0.5, abs=2e-3)
    played = part("addon.bridge.played")
    found = played.on_one_layer(part("core.formats.livelink").read(take(extra=["mouthPucker"])))
    assert played.unseen(found, body) == ["Anna has no shape key for mouthPucker"]


def test_a_head_of_visemes_alone_is_told_what_to_do(take):
    foreign(["viseme_PP", "viseme_aa", "viseme_O"])
    with pytest.raises(RuntimeError, match="press Recognize Keys"):
        import_take(take())
    assert not bpy.data.actions


def test_no_head_is_said(take):
    with pytest.raises(RuntimeError, match="Select a head"):
        import_take(take())
    foreign([])
    with pytest.raises(RuntimeError, match="has no shape keys"):
        import_take(take())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "no such file"),
        ("", "first column must be Timecode"),
        ("a,b\n1,2\n", "first column must be Timecode"),
        ("Timecode,BlendShapeCount,JawOpen\n00:00:00:00.0,61,x\n", "row 2 cannot be read"),
        ("Timecode,BlendShapeCount,JawOpen\n", "holds no frames"),
        ("\udcff\udcfe", "is not a Live Link Face CSV"),
    ],
)
def test_a_bad_take_is_one_line_and_changes_nothing(body, tmp_path, text, words):
    path = tmp_path / "bad.csv"
    if text is not None:
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(RuntimeError) as caught:
        import_take(path)
    assert words in str(caught.value)
    assert "Traceback" not in str(caught.value)
    assert not bpy.data.actions


def test_a_file_is_asked_for_first(body):
    for operator in (bpy.ops.headroom.import_live_link, bpy.ops.headroom.import_head):
        with pytest.raises(RuntimeError, match="Choose a file first"):
            operator()


@pytest.mark.skipif(not SHORT.is_file(), reason="the samples are not here")
def test_a_real_take(body, part):
    scene = bpy.context.scene
    scene.render.fps = 24
    found = part("core.formats.livelink").read(SHORT)
    assert import_take(SHORT) == {"FINISHED"}
    jaw = found.channel("jawOpen")
    frames = range(1, int(found.duration * 24), 7)
    seen = [value(body, "jawOpen", frame) for frame in frames]
    want = [np.interp((frame - 1) / 24, np.arange(len(jaw)) / found.fps, jaw) for frame in frames]
    assert np.abs(np.subtract(seen, want)).max() < 0.03


def test_a_head_file_comes_back_whole(part, small_head, tmp_path):
    part("addon.headfile").save(tmp_path / "anna.npz", small_head)
    bpy.context.scene.cursor.location = (1, 2, 3)
    bpy.ops.ed.undo_push(message="before")
    assert bpy.ops.headroom.import_head(filepath=str(tmp_path / "anna.npz")) == {"FINISHED"}
    bpy.ops.ed.undo_push(message="after")
    body = bpy.context.active_object
    assert not part("addon.bridge.heads").why_not(body)
    assert len(body.data.vertices) == len(small_head.neutral)
    assert set(small_head.shape_names) <= set(body.data.shape_keys.key_blocks.keys())
    bpy.context.view_layer.update()
    assert tuple(body.matrix_world.translation) == (1, 2, 3)
    bpy.ops.ed.undo()
    assert not bpy.data.objects


def test_a_head_file_says_who_it_is(models, part, tmp_path):
    generate = part("core.head.generate")
    identity = generate.identify(generate.GenerateOptions(seed=3, set={"nose_width": 1.5}))
    head = generate.decode(identity, "standard")
    head.provenance["identity"] = identity.to_json()
    part("addon.headfile").save(tmp_path / "anna.npz", head)
    bpy.ops.headroom.import_head(filepath=str(tmp_path / "anna.npz"))
    body = bpy.context.active_object
    assert part("addon.bridge.heads").identity_of(body).attributes["nose_width"] == 1.5
    assert part("addon.person").person_of(body).nose_width == 1.5


@pytest.mark.parametrize(
    "name", ["neutral", "faces", "shapes", "skin_weights", "joint_parents", "uv", "region", "part"]
)
def test_a_head_file_whose_arrays_do_not_fit_changes_nothing(part, small_head, tmp_path, name):
    path = tmp_path / "anna.npz"
    part("addon.headfile").save(path, small_head)
    with np.load(path) as stored:
        arrays = dict(stored)
    arrays[name] = arrays[name][:-1] if name != "faces" else arrays[name] + 9999
    np.savez(path, **arrays)
    with pytest.raises(RuntimeError, match=r"anna\.npz") as caught:
        bpy.ops.headroom.import_head(filepath=str(path))
    assert "Traceback" not in str(caught.value)
    assert not bpy.data.objects
    assert not bpy.data.meshes


def test_other_arrays_are_no_head(tmp_path):
    np.savez(tmp_path / "walk.npz", vertices=np.zeros((2, 3, 3)))
    with pytest.raises(RuntimeError, match=r"walk\.npz"):
        bpy.ops.headroom.import_head(filepath=str(tmp_path / "walk.npz"))


def test_the_menu_of_a_head_has_the_sidebars_settings(body, part):
    bpy.context.scene.headroom.jaw, bpy.context.scene.headroom_rig.shapes = 1.5, "arkit"
    menu = drawn(lambda holder, context: bpy.types.HEADROOM_MT_head.draw(holder, context))
    found = dict(menu.drawn)
    assert list(found) == [
        "headroom.lip_sync", "headroom.import_live_link", "headroom.give_shapes", "headroom.recognize_keys",
        "headroom.examine",
    ]  # fmt: skip
    assert settings(found["headroom.lip_sync"])["jaw"] == 1.5
    assert settings(found["headroom.give_shapes"])["shapes"] == "arkit"


def test_every_entry_is_grey_where_nothing_is_selected(part):
    menu = drawn(lambda holder, context: bpy.types.HEADROOM_MT_head.draw(holder, context))
    for name, _ in menu.drawn:
        category, verb = name.split(".")
        assert not getattr(getattr(bpy.ops, category), verb).poll(), name


def test_a_sound_strip_can_be_spoken_from_its_menu(models, body, wave, part):
    draw = part("panels.entries").draw_strip
    assert not drawn(draw).drawn
    scene = bpy.context.scene
    strips = part("addon.compat").sequence_strips(scene, create=True)
    part("addon.compat").show_in_sequencer(scene)
    strip = strips.new_sound("line", str(wave(2.0)), 1, 11)
    scene.sequence_editor.active_strip = strip
    scene.headroom.transcript, scene.headroom.jaw = "of another line", 0.5
    ((_, operator),) = drawn(draw).drawn
    given = settings(operator)
    assert (given["source"], given["strip"], given["transcript"], given["jaw"]) == ("STRIP", "line", "", 0.5)
    given.pop("keys_error", None)
    assert bpy.ops.headroom.lip_sync(**given) == {"FINISHED"}
    assert track(body, "lips").strips[0].frame_start == 11
    scene.headroom.source, scene.headroom.strip = "STRIP", "line"
    ((_, operator),) = drawn(draw).drawn
    assert operator.transcript == "of another line"


def test_a_picture_strip_has_no_such_entry(body, part):
    scene = bpy.context.scene
    strips = part("addon.compat").sequence_strips(scene, create=True)
    part("addon.compat").show_in_sequencer(scene)
    length = {"length": 10} if bpy.app.version >= (5, 0) else {"frame_end": 11}
    strip = strips.new_effect(name="color", type="COLOR", channel=1, frame_start=1, **length)
    scene.sequence_editor.active_strip = strip
    assert not drawn(part("panels.entries").draw_strip).drawn


def ours(menu: str) -> list[str]:
    functions = getattr(bpy.types, menu)._dyn_ui_initialize()
    return [one.__name__ for one in functions if "headroom" in one.__module__]


def test_entries_come_and_go_with_the_extension(part, installed):
    entries = part("panels.entries")
    wanted = {name: draw.__name__ for name, draw in entries.MENUS}
    assert {name: ours(name) for name in wanted} == {name: [draw] for name, draw in wanted.items()}
    addon_utils.disable(installed.__name__)
    try:
        assert not any(ours(name) for name in wanted)
    finally:
        addon_utils.enable(installed.__name__)
        importlib.invalidate_caches()
    assert all(len(ours(name)) == 1 for name in wanted)


def test_file_import_lists_both(part):
    found = drawn(part("panels.entries").draw_import).drawn
    assert [name for name, _ in found] == ["headroom.import_live_link", "headroom.import_head"]


def test_dropped_files_find_their_operator(body):
    handlers = {
        "HEADROOM_FH_live_link": (".csv", "headroom.import_live_link"),
        "HEADROOM_FH_head": (".npz", "headroom.import_head"),
    }
    for name, (ending, operator) in handlers.items():
        handler = getattr(bpy.types, name)
        assert ending in handler.bl_file_extensions.split(";")
        assert handler.bl_import_operator == operator
        viewport = SimpleNamespace(area=SimpleNamespace(type="VIEW_3D"), active_object=body, mode="OBJECT")
        assert handler.poll_drop(viewport)
        assert not handler.poll_drop(SimpleNamespace(area=None, active_object=body, mode="OBJECT"))
    nobody = SimpleNamespace(area=SimpleNamespace(type="VIEW_3D"), active_object=None, mode="OBJECT")
    assert not bpy.types.HEADROOM_FH_live_link.poll_drop(nobody)
    assert bpy.types.HEADROOM_FH_head.poll_drop(nobody)
