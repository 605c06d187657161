"""Phones and words as markers: what an artist does to them is what the head says, and nothing else changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np
import pytest

BOB = (
    ("SIL", 0.5), ("B", 0.1), ("AA", 0.2), ("B", 0.13), ("SIL", 0.77), ("M", 0.1), ("EY", 0.2), ("SIL", 1.3),
    ("UW", 0.4), ("T", 0.1), ("SIL", 1.2),
)  # fmt: skip
SAID = (("bob", 0.5, 0.93), ("may", 1.7, 2.0), ("too", 3.3, 3.8))


@pytest.fixture
def speak(part) -> Callable:
    """Let a head say "bob … may … too" from a frame on, as Lip Sync leaves it behind."""

    def let(body, start: float = 1, said=BOB, words=SAID, **options):
        phones, lipsync = part("core.speech.phones"), part("core.speech.lipsync")
        sound = part("addon.bridge.sound")
        edges = np.r_[0.0, np.cumsum([length for _, length in said])].round(6)
        spoken = phones.Phones(
            tuple(label for label, _ in said), edges[:-1], edges[1:], np.full(len(said), 0.7),
            tuple(phones.Word(*word) for word in words),
        )  # fmt: skip
        ticks = round(edges[-1] * 100)
        scores = np.full((ticks, 44), -9.0, np.float16)
        scores[
            np.arange(ticks), [spoken.numbers()[np.searchsorted(edges, t / 100, "right") - 1] for t in range(ticks)]
        ] = 0
        heard = part("core.speech.recognise").Heard(scores, np.full(ticks, 0.08, np.float32))
        scene = bpy.context.scene
        fps = sound.frames_per_second(scene)
        chosen = lipsync.LipsyncOptions(fps=float(f"{fps:.6g}"), **options)
        take = part("core.speech.take").Take(spoken, heard, chosen, float(start))
        performance = lipsync.solve(spoken, heard.loudness, chosen)
        part("addon.bridge.actions").write(performance, body, start, fps)
        part("addon.bridge.takes").store(body, take)
        return take

    return let


@pytest.fixture
def spoken(part) -> Callable:
    """Give what a head says, (label, seconds)."""

    def read(body=None):
        phones = part("addon.bridge.takes").take_of(body or bpy.data.objects["Head"]).phones
        return [(label, round(float(start), 3)) for label, start in zip(phones.label, phones.start, strict=True)]

    return read


@pytest.fixture
def another(part, small_head) -> Callable:
    return lambda: part("addon.bridge.heads").add_head(small_head, name="Other")


def rate(fps: float) -> None:
    render = bpy.context.scene.render
    render.fps, render.fps_base = (24, 1.001) if fps == 23.976 else (int(fps), 1.0)


def marker(name: str, number: int = 0):
    return [one for one in bpy.context.scene.timeline_markers if one.name == name][number]


def shown() -> list[tuple[str, int]]:
    found = [(one.frame, one.name) for one in bpy.context.scene.timeline_markers]
    return [(name, frame) for frame, name in sorted(found)]


def lips(body=None) -> bpy.types.Action:
    keys = (body or bpy.data.objects["Head"]).data.shape_keys
    return keys.animation_data.nla_tracks["Headroom lips"].strips[0].action


def keys_of(part, action) -> dict[str, np.ndarray]:
    """Give all that keys are made of: (K, 7) per curve, frame, value, handles and interpolation."""
    found = {}
    for curve in part("addon.compat").fcurves(action):
        points = curve.keyframe_points
        table = np.empty((len(points), 7), np.float32)
        for begin, end, name in ((0, 2, "co"), (2, 4, "handle_left"), (4, 6, "handle_right")):
            flat = np.empty(2 * len(points), np.float32)
            points.foreach_get(name, flat)
            table[:, begin:end] = flat.reshape(-1, 2)
        table[:, 6] = [ord(point.interpolation[0]) for point in points]
        found[curve.data_path] = table
    return found


def values(body, name: str, frames) -> np.ndarray:
    found = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        found.append(body.data.shape_keys.key_blocks[name].value)
    return np.array(found)


def show() -> set[str]:
    return bpy.ops.headroom.show_phones()


def update() -> set[str]:
    return bpy.ops.headroom.update_lips()


@pytest.mark.parametrize(("fps", "start"), [(24, 1), (23.976, 1001), (60, -40), (25, 0)])
def test_every_phone_and_word_is_a_marker_where_it_begins(body, speak, fps, start):
    rate(fps)
    take = speak(body, start)
    assert show() == {"FINISHED"}
    want = [(label, at) for label, at in zip(take.phones.label, take.phones.start, strict=True)]
    want += [(f"“{word.text}”", word.start) for word in take.phones.words]
    real = 24 / 1.001 if fps == 23.976 else fps
    found = shown()
    assert sorted(name for name, _ in found) == sorted(name for name, _ in want)
    for name, frame in found:
        assert any(other == name and abs(start + at * real - frame) <= 0.5 + 1e-3 for other, at in want)


def test_nothing_edited_changes_nothing(part, body, speak):
    take = speak(body)
    before = keys_of(part, lips())
    show()
    assert not part("addon.bridge.markers").pending(bpy.context.scene)
    update()
    after = keys_of(part, lips())
    assert all((before[path] == after[path]).all() for path in before)
    assert part("addon.bridge.takes").take_of(body).phones.start.tolist() == take.phones.start.tolist()


@pytest.mark.parametrize(("fps", "start"), [(24, 1), (23.976, 1001)])
def test_only_what_was_edited_is_written_again(part, body, speak, spoken, fps, start):
    """A phone is dragged; keys elsewhere stay byte for byte, an artist's own among them."""
    rate(fps)
    take = speak(body, start)
    own = next(curve for curve in part("addon.compat").fcurves(lips()) if "jawOpen" in curve.data_path)
    early, late = start + round(0.2 * fps), start + round(4.8 * fps)
    for frame in (early, late):
        own.keyframe_points.insert(frame, 0.77)
    own.update()
    before = keys_of(part, lips())
    show()
    moved = marker("M")
    moved.frame -= 4
    update()
    after = keys_of(part, lips())
    assert spoken()[5] == ("M", round((moved.frame - start) / take.options.fps, 3))
    low, high = start + (spoken()[5][1] - 0.6) * fps, start + 2.4 * fps  # "m" to its end, half a second to each side
    changed = []
    for path, table in before.items():
        for side in (-1, 1):
            edge = low if side < 0 else high
            keep, kept = (t[(t[:, 0] - edge) * side > 0] for t in (table, after[path]))
            assert len(keep) and (keep[:, :2] == kept[:, :2]).all(), path
            beside = -1 if side < 0 else 0  # the handle that points at the edge may be shorter, on the same curve
            handles = [np.delete(t, beside, 0) for t in (keep, kept)]
            np.testing.assert_allclose(*handles, rtol=0, atol=1e-5, err_msg=path)  # Blender aligns them anew
        changed.append(not np.array_equal(table, after[path]))
    assert sum(changed) > 5
    assert values(body, "jawOpen", [early, late]) == pytest.approx([0.77, 0.77])


def test_the_written_span_is_what_lip_sync_would_write(part, body, another, speak):
    speak(body)
    show()
    marker("M").frame -= 4
    marker("UW").name = "ow"
    update()
    take = part("addon.bridge.takes").take_of(body)
    performance = part("core.speech.lipsync").solve(take.phones, take.heard.loudness, take.options)
    other = another()
    part("addon.bridge.actions").write(performance, other, 1, 24)
    frames = range(1, 121, 2)
    for name in ("jawOpen", "mouthClose", "mouthPucker"):
        assert np.abs(values(body, name, frames) - values(other, name, frames)).max() < 0.05


def test_stepped_lips_stay_stepped(part, body, speak):
    speak(body)
    options = part("core.curves.reduce").ReduceOptions
    bpy.ops.headroom.reduce_keys(layer="lips", stepped=True, step=3)
    assert part("addon.bridge.takes").keys_of(body) == options(stepped=True, step=3)
    show()
    marker("M").frame -= 4
    update()
    kinds = {ord("C")}
    assert {kind for table in keys_of(part, lips()).values() for kind in table[:-1, 6].astype(int)} == kinds
    body["headroom_keys"] = "[damaged"
    assert part("addon.bridge.takes").keys_of(body) == options()


def test_retyped_deleted_and_new_phones(body, speak, spoken):
    speak(body)
    scene = bpy.context.scene
    scene.timeline_markers.new("Camera cut", frame=30)
    before = scene.timeline_markers.new("M", frame=20)
    show()
    marker("AA").name = "iy"
    scene.timeline_markers.remove(marker("T"))
    scene.timeline_markers.new("ʃ", frame=1 + 24 * 3)
    scene.timeline_markers.new("in", frame=60)
    scene.timeline_markers.new("F", frame=5000)
    assert update() == {"FINISHED"}
    assert spoken() == [
        ("SIL", 0), ("B", 0.5), ("IY", 0.6), ("B", 0.8), ("SIL", 0.93), ("M", 1.7), ("EY", 1.8), ("SIL", 2.0),
        ("SH", 3.0), ("UW", 3.3), ("SIL", 3.8),
    ]  # fmt: skip
    assert ("SH", 73) in shown() and ("IY", 15) in shown()
    bpy.ops.headroom.hide_phones()
    assert shown() == [("M", 20), ("Camera cut", 30), ("in", 60), ("F", 5000)]
    assert (before.name, before.frame) == ("M", 20)


def test_a_word_is_moved_spelled_anew_and_forgotten(part, body, speak, spoken):
    speak(body)
    show()
    marker("“may”").frame += 6
    marker("“too”").name = "tea"
    bpy.context.scene.timeline_markers.remove(marker("“bob”"))
    update()
    assert spoken()[4:8] == [("SIL", 0.93), ("M", 1.958), ("EY", 2.058), ("SIL", 2.258)]
    assert [label for label, _ in spoken()[8:]] == ["T", "IY", "SIL"]
    words = part("addon.bridge.takes").take_of(body).phones.words
    assert [word.text for word in words] == ["may", "tea"]
    assert ("“tea”", 80) in shown()
    assert ("M", 48) in shown()


def test_what_is_no_phone_is_said_marked_and_changes_nothing(body, speak, spoken, capsys):
    speak(body)
    show()
    before = spoken()
    marker("AA").name = "Aardvark"
    with_problem = update()
    assert with_problem == {"FINISHED"} and spoken() == before
    assert "'Aardvark'" in bpy.context.scene.headroom_phones.problem
    assert ("Aardvark ?", 15) in shown()
    marker("Aardvark ?").name = "AE"
    update()
    assert spoken()[2] == ("AE", 0.6) and not bpy.context.scene.headroom_phones.problem


def test_phones_are_added_retyped_and_deleted_at_the_playhead(body, speak, spoken):
    speak(body)
    scene = bpy.context.scene
    for operator in ("add_phone", "retype_phone", "delete_phone", "update_lips", "hide_phones"):
        assert not getattr(bpy.ops.headroom, operator).poll()
    show()
    scene.frame_set(60)
    assert bpy.ops.headroom.add_phone(phone="F") == {"FINISHED"}
    scene.frame_set(61)
    assert bpy.ops.headroom.retype_phone(text="v") == {"FINISHED"}
    with pytest.raises(RuntimeError, match="is no phone"):
        bpy.ops.headroom.retype_phone(text="Quux")
    scene.frame_set(46)
    assert bpy.ops.headroom.delete_phone() == {"FINISHED"}
    update()
    assert spoken()[4:7] == [("SIL", 0.93), ("M", 1.7), ("SIL", 2.0)] or spoken()[4:8] == [
        ("SIL", 0.93), ("M", 1.7), ("SIL", 2.0), ("V", round(59 / 24, 3)),
    ]  # fmt: skip
    assert "V" in [label for label, _ in spoken()]
    scene.frame_set(4000)
    with pytest.raises(RuntimeError, match="not within the sound"):
        bpy.ops.headroom.add_phone(phone="F")


def test_each_button_is_one_undo_step(part, body, speak, spoken):
    speak(body)
    scene = bpy.context.scene
    bpy.ops.ed.undo_push(message="spoken")
    begin, curves = spoken(), keys_of(part, lips())
    show()
    bpy.ops.ed.undo_push(message="shown")
    marker("M").frame -= 4
    bpy.ops.ed.undo_push(message="moved")
    update()
    bpy.ops.ed.undo_push(message="updated")
    after = spoken()
    assert after != begin
    bpy.ops.ed.undo()
    assert spoken() == begin
    assert all((keys_of(part, lips())[path] == table).all() for path, table in curves.items())
    assert part("addon.bridge.markers").pending(bpy.context.scene)
    bpy.ops.ed.undo()
    assert not part("addon.bridge.markers").pending(bpy.context.scene)
    bpy.ops.ed.undo()
    assert not shown() and bpy.context.scene.headroom_phones.head is None
    for _ in range(3):
        bpy.ops.ed.redo()
    assert spoken() == after and scene is not None


def test_editing_goes_on_after_the_file_was_loaded_again(body, speak, spoken, tmp_path: Path):
    rate(23.976)
    speak(body, 101)
    show()
    marker("M").frame -= 4
    before = shown()
    path = str(tmp_path / "scene.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    assert shown() == before
    assert update() == {"FINISHED"}
    assert spoken()[5][1] == pytest.approx((marker("M").frame - 101) / 23.976, abs=1e-3)


def test_each_head_keeps_its_own_phones(part, body, another, speak, spoken):
    speak(body)
    other = another()
    speak(other, 11, (("SIL", 0.5), ("OW", 0.5), ("SIL", 1.0)), ())
    show()
    assert shown() == [("SIL", 11), ("OW", 23), ("SIL", 35)]
    select = part("addon.bridge.heads").select_only
    marker("OW").frame = 25
    select(body)
    with pytest.raises(RuntimeError, match="Other has changed phones"):
        show()
    before = keys_of(part, lips(body))
    update()  # that of the head that is shown, whoever is selected
    assert spoken(other)[1] == ("OW", round(14 / 24, 3))
    assert all((keys_of(part, lips(body))[path] == table).all() for path, table in before.items())
    show()
    assert ("OW", 25) not in shown() and ("M", 42) in shown()
    bpy.ops.headroom.hide_phones()
    assert not shown() and spoken(other)[1][0] == "OW" and spoken(body)[5][0] == "M"


def test_lips_follow_by_themselves(part, body, speak, spoken):
    phones = part("addon.phones")
    speak(body)
    show()
    bpy.context.scene.headroom_phones.live = True
    assert phones.tick() == phones.BEAT
    marker("M").frame -= 4
    before = spoken()
    for _ in range(2):
        phones.tick()
        assert spoken() == before
    for _, _, job in list(phones._jobs.values()):
        job._thread.join()
    phones.tick()
    assert spoken()[5] == ("M", round((marker("M").frame - 1) / 24, 3))
    assert not part("addon.bridge.markers").pending(bpy.context.scene)
    assert phones.tick() == phones.BEAT and not phones._jobs
    marker("EY").name = "Quux"
    for _ in range(9):
        phones.tick()
        for _, _, job in list(phones._jobs.values()):
            job._thread.join()
    assert "Quux" in bpy.context.scene.headroom_phones.problem and not phones._jobs
    bpy.context.scene.headroom_phones.live = False
    assert phones.tick() is None


def test_another_frame_rate_is_refused_and_says_so(body, speak):
    speak(body)
    rate(30)
    with pytest.raises(RuntimeError, match="24 frames per second, the scene has 30"):
        show()
    rate(24)
    show()
    rate(30)
    with pytest.raises(RuntimeError, match="press Lip Sync"):
        update()


def test_a_damaged_take_is_one_line(part, body, speak):
    speak(body)
    show()
    body["headroom_take"] = "AAAA"
    for operator in (show, update):
        with pytest.raises(RuntimeError, match="damaged; press Lip Sync again"):
            operator()
    assert "damaged" in part("addon.active").phones(bpy.context)["problem"]
    bpy.ops.headroom.hide_phones()
    assert not shown()


def test_a_head_that_is_gone_lets_its_phones_be_hidden(body, speak):
    speak(body)
    show()
    bpy.data.objects.remove(body)
    assert not bpy.ops.headroom.update_lips.poll()
    assert bpy.ops.headroom.hide_phones.poll()
    bpy.ops.headroom.hide_phones()
    assert not shown()


def test_lip_sync_remembers_and_shows_the_wave(models, part, body, wave):
    bpy.ops.headroom.lip_sync(filepath=str(wave(2.0)), start=11)
    take = part("addon.bridge.takes").take_of(body)
    assert (take.start, take.duration) == (11, 2.0) and Path(take.sound).name == "noise.wav"
    strip = next(iter(bpy.context.scene.sequence_editor.strips_all))
    strip.show_waveform = False
    show()
    assert strip.show_waveform
    bpy.ops.headroom.lip_sync(filepath=str(wave(1.0, "other.wav")), start=31)
    assert shown() == [("SIL", 31)]


def test_the_panel_lists_what_is_said_at_the_playhead(part, body, speak):
    active = part("addon.active")
    assert not active.speaks(bpy.context)
    speak(body)
    assert active.speaks(bpy.context) and not active.phones(bpy.context)["shown"]
    show()
    bpy.context.scene.frame_set(43)
    rows = active.phones(bpy.context)["rows"]
    assert [row[1] for row in rows if row[5]] == ["M"]
    assert [row[1] for row in rows] == ["“bob”", "B", "AA", "B", "SIL", "“may”", "M", "EY", "SIL", "“too”", "UW", "T"]
    assert bpy.types.HEADROOM_PT_phones.bl_parent_id == "HEADROOM_PT_speak"


def test_every_choice_of_a_phone_has_a_word(part):
    items = part("addon.phones").phone_items()
    assert tuple(item[0] for item in items) == part("core.speech.phones").INVENTORY
