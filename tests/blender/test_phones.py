"""Phones and words as markers: what an artist does to them is what the head says, and nothing else changes."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from talking import keys_of, lips, marker, rate, show, shown, update, values


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
    performance = part("core.speech.lipsync").solve(take.phones, take.heard, take.options)
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
