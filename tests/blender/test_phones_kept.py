"""Phones of heads stay theirs: through undo and files, beside other heads, and lips that follow by themselves."""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest
from talking import keys_of, lips, marker, rate, show, shown, update


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
    body["headroom_take"] = "AAAA"
    phones.look_again()
    assert phones.tick() == phones.BEAT and "damaged" in bpy.context.scene.headroom_phones.problem
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
    bpy.ops.headroom.add_phone(phone="F")
    bpy.context.scene.frame_set(42)
    bpy.ops.headroom.add_phone(phone="P")
    rows = active.phones(bpy.context)["rows"]
    assert [row[1] for row in rows if row[5]] == ["P"]
    assert part("addon.bridge.markers").at(bpy.context.scene, 43).name == "F"
    assert bpy.types.HEADROOM_PT_phones.bl_parent_id == "HEADROOM_PT_speak"


def test_every_choice_of_a_phone_has_a_word(part):
    items = part("addon.phones").phone_items()
    assert tuple(item[0] for item in items) == part("core.speech.phones").INVENTORY
