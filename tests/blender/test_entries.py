"""Where artists look: File > Import, files dropped on the viewport, and right-click on a head, its keys or a sound."""

from __future__ import annotations

import contextlib
import importlib
from pathlib import Path
from types import SimpleNamespace

import addon_utils
import bpy
import livetakes
import numpy as np
import pytest
from livetakes import jaw, track, value


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


@pytest.fixture
def take(part, tmp_path, perform):
    """Write a take: `take("name.csv", extra=["mouthPucker"])`."""
    return lambda name="take.csv", extra=(): livetakes.write(part, perform, tmp_path / name, extra)


def test_a_file_is_asked_for_first(body):
    for operator in (bpy.ops.headroom.import_live_link, bpy.ops.headroom.import_head):
        with pytest.raises(RuntimeError, match="Choose a file first"):
            operator()


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


def test_the_menu_of_a_head_works_with_the_sidebars_settings(body, part):
    """As its entries have none of their own."""
    menu = drawn(lambda holder, context: bpy.types.HEADROOM_MT_head.draw(holder, context))
    found = dict(menu.drawn)
    assert list(found) == [
        "headroom.lip_sync", "headroom.import_live_link", "headroom.give_shapes", "headroom.recognize_keys",
        "headroom.examine",
    ]  # fmt: skip
    assert not settings(found["headroom.lip_sync"]) and not settings(found["headroom.give_shapes"])


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


@pytest.fixture
def edit(part, wave):
    """An edit of its own at another rate, with a line at its frame 61; the window shows the scene with the head."""
    compat = part("addon.compat")
    made = bpy.data.scenes.new("Edit")
    made.render.fps, bpy.context.scene.render.fps = 30, 24
    strip = compat.sequence_strips(made, create=True).new_sound("line", str(wave(2.0)), 1, 61)
    made.sequence_editor.active_strip = strip
    return made


def test_a_strip_of_another_scene_is_found(models, body, edit):
    assert bpy.ops.headroom.lip_sync(source="STRIP", strip="line", strip_scene="Edit") == {"FINISHED"}
    assert track(body, "lips").strips[0].frame_start == pytest.approx(61 * 24 / 30)
    with pytest.raises(RuntimeError, match="no sound strip called 'line' in the sequencer of Scene"):
        bpy.ops.headroom.lip_sync(source="STRIP", strip="line")


def test_the_panel_offers_the_strips_of_an_edit(models, body, edit, part):
    """And says so when that edit has gone."""
    settings = bpy.context.scene.headroom
    settings.source, settings.strip, settings.strip_scene = "STRIP", "line", "Edit"
    assert part("addon.speaking").cue_of(bpy.context.scene, settings).start == pytest.approx(61 * 24 / 30)
    bpy.data.scenes.remove(edit)
    with pytest.raises(part("core.errors").InputError, match="no scene called 'Edit' any more; choose one"):
        part("addon.speaking").cue_of(bpy.context.scene, settings)


def test_a_strip_beside_the_scenes_own_is_in_sync_with_it(models, body, edit, part):
    """The edit shows the scene's frame 5 at its frame 41, so what is heard at 61 belongs to the scene's frame 25."""
    scene = bpy.context.scene
    scene.frame_start = 5
    part("addon.compat").sequence_strips(edit).new_scene("shot", scene, 2, 41)
    bpy.ops.headroom.lip_sync(source="STRIP", strip="line", strip_scene="Edit")
    assert track(body, "lips").strips[0].frame_start == 25


@pytest.mark.skipif(bpy.app.version < (5, 0), reason="the sequencer shows the window's scene")
def test_the_menu_of_a_strip_knows_its_scene(models, body, edit, part):
    bpy.context.workspace.sequencer_scene = edit
    ((_, operator),) = drawn(part("panels.entries").draw_strip).drawn
    assert (operator.strip, operator.strip_scene) == ("line", "Edit")
    given = settings(operator)
    given.pop("keys_error", None)
    assert bpy.ops.headroom.lip_sync(**given) == {"FINISHED"}


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


@pytest.fixture
def drop(part):
    """Drop a file onto the viewport of Blender's own start-up scene, from which all is removed: `drop(path)`."""
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    for thing in list(bpy.data.objects):
        bpy.data.objects.remove(thing)

    def let_go(path: Path, editor: str = "VIEW_3D") -> set[str]:
        window = bpy.context.window_manager.windows[0]
        area = next(one for one in window.screen.areas if one.type == editor)
        region = next(one for one in area.regions if one.type == "WINDOW")
        with bpy.context.temp_override(window=window, area=area, region=region):
            return bpy.ops.wm.drop_import_file(directory=str(path.parent), files=[{"name": path.name}])

    return let_go


def test_a_dropped_take_is_played(drop, part, small_head, take):
    body = part("addon.bridge.heads").add_head(small_head)
    bpy.context.scene.frame_set(20)
    drop(take())
    assert track(body, "capture").strips[0].frame_start == 20
    assert value(body, "jawOpen", 20 + 24) == pytest.approx(jaw(1.0), abs=0.05)


def test_a_take_dropped_without_a_head_says_so(drop, take, capfd):
    drop(take())
    assert "Select a head" in capfd.readouterr().out
    assert not bpy.data.actions


def test_a_dropped_head_is_added(drop, part, small_head, tmp_path):
    part("addon.headfile").save(tmp_path / "anna.npz", small_head)
    drop(tmp_path / "anna.npz")
    assert not part("addon.bridge.heads").why_not(bpy.context.active_object)


def test_a_dropped_sound_is_spoken(models, drop, part, small_head, wave):
    body = part("addon.bridge.heads").add_head(small_head)
    drop(wave(1.0))
    assert track(body, "lips").strips[0].frame_start == 1


def test_a_sound_dropped_without_a_head_says_so(drop, wave, capfd):
    drop(wave(0.5))
    assert "Select a" in capfd.readouterr().out
    assert not bpy.data.actions


def test_nothing_is_dropped_onto_other_editors(drop, part, small_head, take):
    part("addon.bridge.heads").add_head(small_head)
    with contextlib.suppress(RuntimeError):
        drop(take(), "OUTLINER")
    assert not bpy.data.actions
