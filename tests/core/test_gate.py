"""The export gate's comparisons: what counts as lost, renamed, moved or leaking, on arrays and names alone."""

from __future__ import annotations

import json

import numpy as np
import pytest

from headroom.core.errors import InputError
from headroom.core.formats import gate_compare as compare
from headroom.core.formats.gate import LOST, NOTE, ExportOptions, Line, Report, ordered, summary

KEYS = ["jawOpen", "mouthClose", "browInnerUp", "tongueOut"]


def kinds(lines: list[Line]) -> list[str]:
    return [line.what for line in lines]


def test_nothing_is_said_of_keys_that_arrived() -> None:
    assert compare.keys("Head", KEYS, KEYS) == []


def test_a_lost_key_is_named_and_what_moves_comes_first() -> None:
    (line,) = compare.keys("Head", KEYS, ["jawOpen"], {"tongueOut"})
    assert (line.what, line.amount, line.level) == ("key_lost", 3, LOST)
    assert "tongueOut, mouthClose" in line.why


def test_a_changed_spelling_is_a_renamed_key() -> None:
    (line,) = compare.keys("Head", ["jaw open", "a.b", "2x"], ["jaw_open", "a_b", "_2x"])
    assert line.what == "key_renamed"
    assert line.amount == 3
    assert "jaw open to jaw_open" in line.why


def test_another_name_in_the_same_place_is_a_renamed_key() -> None:
    (line,) = compare.keys("Head", KEYS, ["jawOpen", "target_1", "browInnerUp", "tongueOut"])
    assert line.what == "key_renamed" and "mouthClose to target_1" in line.why


def test_another_order_is_told() -> None:
    (line,) = compare.keys("Head", KEYS, [KEYS[1], KEYS[0], *KEYS[2:]])
    assert (line.what, line.amount) == ("key_order", 2)


def test_legal_names_are_all_different() -> None:
    names = ["a b", "a.b", "a_b", "2x", "", "眉", "fine"]
    made = compare.legal(names)
    assert len(set(made)) == len(made)
    assert made[2] == "a_b" and made[-1] == "fine", "what is legal stays"
    assert all(name.isascii() and name.isidentifier() for name in made)


def test_frames_to_compare_hold_ends_and_peaks() -> None:
    values = np.zeros((200, 3))
    values[77, 0] = values[123, 2] = 1.0
    chosen = compare.sample(values, 10)
    assert len(chosen) == 10
    assert {0, 77, 123, 199} <= set(chosen.tolist())
    assert chosen.tolist() == sorted(set(chosen.tolist()))
    assert compare.sample(values[:5], 10).tolist() == [0, 1, 2, 3, 4]
    assert len(compare.sample(np.zeros((50, 0)), 8)) == 8


def test_values_are_compared_key_by_key() -> None:
    before = np.zeros((4, 2))
    after = before.copy()
    after[2, 1] = 0.25
    (line,) = compare.values("Head", "talk", ["jawOpen", "mouthClose"], before, after)
    assert "1 key of Head" in line.why and "mouthClose by 0.250" in line.why
    assert compare.values("Head", "talk", ["jawOpen", "mouthClose"], before, before + 1e-4) == []


def test_clips_that_leave_something_open_bleed() -> None:
    moving = {"talk": {"Head": {"jawOpen"}, "Rig": {"neck"}}, "smile": {"Head": {"mouthSmileLeft"}}}
    whole = {"talk": {"Head": {"jawOpen", "mouthSmileLeft"}, "Rig": {"neck"}}}
    whole["smile"] = whole["talk"]
    assert compare.bleed(moving, whole) == []
    (line,) = compare.bleed(moving, whole | {"smile": {"Head": {"mouthSmileLeft", "jawOpen"}}})
    assert (line.what, line.thing) == ("clip_bleed", "smile")
    assert "says nothing of neck of Rig, which talk moves" in line.why


def report(*lines: Line, **others: object) -> Report:
    plain = {"files": ("a.glb",), "format": "glb", "fps": 24.0, "clips": ("a",), "frames": 10, "keys": 5, "kept": 5}
    return Report(**plain | {"error_mm": 0.001, "lines": ordered(lines)} | others)


def test_losses_come_first_and_fail() -> None:
    note, small, large = (
        Line("driven", "Head", "b", NOTE),
        Line("key_lost", "A", "c"),
        Line("key_lost", "B", "d", LOST, 9),
    )
    made = report(note, small, large, small)
    assert made.lines == (large, small, note)
    assert not made.passed and made.losses == (large, small)
    assert report(note).passed
    assert summary(made) == "5 of 5 keys, largest vertex error 0.001 mm; 2 losses"
    assert summary(report()) == "5 of 5 keys, largest vertex error 0.001 mm; nothing is lost"


@pytest.mark.parametrize("level", [LOST, NOTE])
@pytest.mark.parametrize("what", ["no_column", "not_held"])
def test_nothing_is_called_whole_that_moves_otherwise(what: str, level: str) -> None:
    """Whether what a format cannot hold fails or is only told, the summary says how much it does."""
    made = report(Line(what, "Head", "x", level, 8.4), format="csv", error_mm=8.4, lacks_mm=8.4, way_mm=0.002)
    assert "nothing is lost" not in summary(made)
    assert "8.400 mm, 0.002 mm without what the format cannot hold" in summary(made)
    assert made.passed == (level == NOTE)


def test_a_report_is_plain_json() -> None:
    told = json.loads(json.dumps(report(Line("sound", "a.wav", "x", NOTE)).as_json()))
    assert told["passed"] is True
    assert told["lines"][0] == {"what": "sound", "thing": "a.wav", "why": "x", "level": "note", "amount": 0.0}


@pytest.mark.parametrize("wrong", [{"clips": "all"}, {"tolerance": -1.0}, {"samples": 1}, {"limits": "ask"}])
def test_bad_options_are_refused(wrong: dict) -> None:
    with pytest.raises(InputError):
        ExportOptions(**wrong)
