"""The export gate: what does not arrive is said, by its name."""

from __future__ import annotations

import dataclasses

import bpy
import numpy as np
import pytest
from exported import (  # noqa: F401 - fixtures
    FIRST,
    KEYED,
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
def summary(part):
    return part("core.formats.gate").summary


@pytest.mark.parametrize("ending", KEYED)
def test_a_shape_that_no_key_holds_is_lost(export, summary, talking, ending):
    cast = talking.modifiers.new("Round", "CAST")
    cast.factor = 0.5
    report = export(ending, talking)
    assert lost(report) == ["not_held"]
    assert report.error_mm == pytest.approx(report.lacks_mm, abs=0.02) and report.error_mm > 1.0 > report.way_mm
    assert "cannot hold Round: Head is up to" in report.losses[0].why
    assert "Round" in found(report, "modifier")[0].why
    told = export(ending, talking, limits="tell")
    assert told.passed and "nothing is lost" not in summary(told)


@pytest.mark.parametrize("ending", [*KEYED, ".csv"])
def test_values_beyond_the_usual_are_told(export, talking, ending):
    key = talking.data.shape_keys.key_blocks["jawLeft"]
    key.slider_min, key.slider_max = -1.0, 2.0
    key_in(talking, "jawLeft", np.linspace(-0.5, 1.6, LAST - FIRST + 1))
    report = export(ending, talking)
    (line,) = found(report, "out_of_range")
    assert "jawLeft to 1.60" in line.why
    if ending == ".csv":  # ARKit's shapes are 0 to 1
        assert lost(report) == ["no_column"] and "jawLeft beyond 0 to 1" in report.losses[0].why
    else:
        assert lost(report) == []


@pytest.mark.parametrize("ending", KEYED)
def test_names_with_signs(export, talking, ending):
    """USD allows letters, digits and underscores alone: that is a loss, and told key by key."""
    keys = talking.data.shape_keys.key_blocks
    for old, new in (("jawLeft", "jaw left"), ("jawRight", "jaw.left"), ("browInnerUp", "眉"), ("cheekPuff", "2puff")):
        keys[old].name = new
    key_in(talking, "jaw.left", np.linspace(0, 1, LAST - FIRST + 1))
    report = export(ending, talking)
    if ending == ".usdc":
        assert lost(report) == ["key_renamed"]
        assert "jaw left to jaw_left, jaw.left to jaw_left_2" in report.losses[0].why
        assert report.kept == report.keys - 4
        assert report.error_mm < 0.02, "they move as they did"
    else:
        assert report.passed, report.lines
        assert report.kept == report.keys


def test_clips_that_leave_bones_open_are_told(part, monkeypatch, export, acting):
    """An engine keeps what was played before; here a writer leaves the rig out of a clip in which it rests."""
    bake = part("addon.bridge.gate_bake")
    whole = bake._key

    def sparse(owner, curves, moving, frames, name, tracks):
        if isinstance(owner, bpy.types.Key) or name != "smile":
            whole(owner, curves, moving, frames, name, tracks)

    monkeypatch.setattr(bake, "_key", sparse)
    (line,) = found(export(".glb", acting, clips="actions"), "clip_bleed")
    assert line.thing == "smile" and "DEF-C1" in line.why and "talk" in line.why


def test_a_lost_clip_is_told(part, monkeypatch, export, acting):
    bake = part("addon.bridge.gate_bake")
    whole = bake._key
    monkeypatch.setattr(bake, "_key", lambda *given: whole(*given) if given[4] != "smile" else None)
    report = export(".glb", acting, clips="actions")
    assert [line.thing for line in found(report, "clip_lost")] == ["smile"]


@pytest.mark.parametrize("ending", KEYED)
def test_a_lost_key_is_told(part, monkeypatch, export, talking, ending):
    exports = part("addon.bridge.exports")
    whole = exports.export

    def careless(path, body, *others, **settings):
        body.shape_key_remove(body.data.shape_keys.key_blocks["jawOpen"])
        whole(path, body, *others, **settings)

    monkeypatch.setattr(exports, "export", careless)
    report = export(ending, talking)
    assert {"key_lost", "vertex_error"} <= set(lost(report))
    assert report.losses[0].what == "key_lost" and "jawOpen" in report.losses[0].why
    assert report.kept == report.keys - 1


@pytest.mark.parametrize("ending", KEYED)
def test_a_shift_in_time_is_told(part, monkeypatch, export, talking, ending):
    bake = part("addon.bridge.gate_bake")
    whole = bake.play

    def late(made, loose, motions, start, *others, **settings):
        whole(made, loose, motions, motions[0].clip.first + 2 if start is None else start + 2, *others, **settings)

    monkeypatch.setattr(bake, "play", late)
    assert {"vertex_error", "value_error"} <= set(lost(export(ending, talking)))


def test_a_shift_in_a_vertex_cache_is_told(part, monkeypatch, export, talking):
    write = part("addon.bridge.gate_write")
    whole = write.new_scene

    def slow(like):
        scene = whole(like)
        scene.render.fps_base *= 0.97
        return scene

    monkeypatch.setattr(write, "new_scene", slow)
    assert lost(export(".abc", talking)) == ["vertex_error"]


def test_a_shift_in_a_table_is_told(part, monkeypatch, export, talking):
    livelink = part("core.formats.livelink")
    whole = livelink.write

    def late(path, performance):
        whole(path, dataclasses.replace(performance, values=np.roll(performance.values, 1, axis=0)))

    monkeypatch.setattr(livelink, "write", late)
    assert lost(export(".csv", talking)) == ["value_error", "vertex_error"]

    def short(path, performance):
        whole(path, dataclasses.replace(performance, values=performance.values[:-3]))

    monkeypatch.setattr(livelink, "write", short)
    assert lost(export(".csv", talking)) == ["time"]


def test_a_basis_that_was_edited_alone_is_told(export, talking):
    """A rest pose that was applied to the basis and not to the keys: each of them undoes it."""
    basis = talking.data.shape_keys.reference_key
    flat = np.empty(3 * len(basis.points), np.float32)
    basis.points.foreach_get("co", flat)
    for key in talking.data.shape_keys.key_blocks[1:]:
        own = np.empty_like(flat)
        key.points.foreach_get("co", own)
        own[:600] = flat[:600]
        key.points.foreach_set("co", own)
    flat[:600] += 0.01
    basis.points.foreach_set("co", flat)
    assert "200 vertices" in found(export(".glb", talking), "edited_basis")[0].why


@pytest.mark.parametrize("ending", KEYED)
def test_a_lost_mesh_is_told(part, monkeypatch, export, talking, another, ending):
    exports = part("addon.bridge.exports")
    whole = exports.export
    monkeypatch.setattr(exports, "export", lambda path, body, others, rigs, clips: whole(path, body, (), rigs, clips))
    report = export(ending, talking, another())
    assert [line.thing for line in found(report, "object_lost")] == ["Other"]


def test_lost_sound_is_told(part, export, talking, wave, tmp_path):
    path = wave(1.0)
    strip = part("addon.bridge.sound").place(bpy.context.scene, path, FIRST, talking)
    strip.mute = True
    assert export(".glb", talking).passed, "nobody hears it"
    strip.mute = False
    (line,) = found(export(".glb", talking, sound=False), "sound_lost")
    assert line.level == "note", "as it was asked for"
    path.unlink()
    report = export(".glb", talking)
    assert lost(report) == ["sound_lost"]
    assert "missing" in report.losses[0].why
    assert report.files == ("talk.glb",)


@pytest.fixture
def licking(part, body, perform):
    """A head that opens its jaw, turns and lifts the tip of its tongue, which Live Link has no column for."""
    ramp = np.linspace(0, 1, 21)
    bpy.context.scene.frame_start, bpy.context.scene.frame_end = 1, 21
    columns = {("jawOpen", "lips"): ramp, ("tongueTipUp", "lips"): ramp, ("headYaw", "head"): 0.5 * ramp}
    part("addon.bridge.actions").write(perform(columns, 24.0), body, 1, 24)
    return body


def test_what_has_no_column_is_lost_when_it_shows(export, summary, licking):
    """One line says which key, and how far off the head is for it; nothing calls that whole."""
    report = export(".csv", licking)
    assert lost(report) == ["no_column"]
    (line,) = report.losses
    assert "no column for tongueTipUp: Head is up to" in line.why and line.amount > 1.0
    assert report.error_mm == pytest.approx(report.lacks_mm, abs=0.02) and report.way_mm < 0.01
    for limits in ("fail", "tell"):
        report = export(".csv", licking, limits=limits)
        assert report.passed == (limits == "tell")
        assert "nothing is lost" not in summary(report)
    assert export(".csv", licking, tolerance=30.0).passed, "nobody sees it"


def test_what_a_table_holds_is_whole(export, summary, talking):
    """Drivers follow what has a column."""
    report = export(".csv", talking)
    assert report.passed and not found(report, "no_column")
    assert summary(report).endswith("nothing is lost")


def test_a_wrong_table_is_not_excused_by_what_has_no_column(part, monkeypatch, export, licking):
    """A head turned to the wrong side and a jaw that opens half are no limits of the format."""
    curves = part("addon.bridge.gate_curves")
    turns = {"headYaw": (1, -1.0)}
    monkeypatch.setattr(curves, "HEAD_TURNS", turns)
    report = export(".csv", licking, limits="tell")
    assert lost(report) == ["vertex_error"] and report.way_mm > 10.0
    monkeypatch.undo()
    whole = curves.performance_of

    def half(made, motion, fps):
        performance = whole(made, motion, fps)
        return dataclasses.replace(performance, values=0.5 * performance.values)

    monkeypatch.setattr(curves, "performance_of", half)
    report = export(".csv", licking, limits="tell")
    assert lost(report) == ["vertex_error"] and report.way_mm > 1.0
    assert "tongueTipUp" in found(report, "no_column")[0].why


def test_bones_and_places_without_a_column_are_named(part, export, talking):
    """The jaw's own bone and the walk of the whole character: Live Link knows of neither."""
    rig = part("addon.bridge.heads").rig_of(talking)
    for frame, x in ((FIRST, 0.0), (LAST, 0.02)):
        rig.location = (x, 0, 0)
        rig.keyframe_insert("location", frame=frame)
        rig.pose.bones["jaw_master"].location = (0, 0.5 * x, 0)
        rig.pose.bones["jaw_master"].keyframe_insert("location", frame=frame)
    report = export(".csv", talking)
    assert lost(report) == ["no_column"]
    assert "bone jaw_master and the place of " in report.losses[0].why, report.losses[0].why
    assert report.lacks_mm > 19.0 and report.way_mm < 0.02


def test_what_does_not_move_is_nothing_to_lose(part, export, talking):
    """A pose and a key that are held all through belong to the head, not to its performance."""
    rig = part("addon.bridge.heads").rig_of(talking)
    rig.pose.bones["neck"].rotation_mode = "XYZ"
    rig.pose.bones["neck"].rotation_euler = (0.2, 0, 0)
    talking.data.shape_keys.key_blocks["tongueTipUp"].value = 0.5
    report = export(".csv", talking)
    assert report.passed and report.error_mm < 0.02, report.lines


def test_a_mesh_that_changes_its_vertices_is_refused(part, export, talking):
    build = talking.modifiers.new("Build", "BUILD")
    build.frame_start, build.frame_duration = FIRST, 20
    with pytest.raises(part("core.errors").OutputError, match="vertices at frame"):
        export(".abc", talking)


def test_a_table_out_of_keys_of_other_names_goes_by_their_map(part, export, talking):
    """What was recognized, or set by hand, has a column too; half a channel has none."""
    blocks = talking.data.shape_keys.key_blocks
    names = {}
    for number, key in enumerate(list(blocks)[1:]):
        names[key.name] = key.name = f"shape {number:03}"
    names = {name: names[name] for name in ("jawOpen", "mouthFunnel")}
    with pytest.raises(part("core.errors").InputError, match="no shape key has a name"):
        export(".csv", talking)
    keymaps = part("addon.bridge.keymaps")
    for name, new in names.items():
        keymaps.answer(talking, new, {name: 1.0})
    report = export(".csv", talking)
    assert report.kept == len(names)
    assert not [line.why for line in report.losses if any(name in line.why for name in names.values())]
