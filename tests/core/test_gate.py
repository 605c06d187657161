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


@pytest.fixture
def cloud() -> np.ndarray:
    """Points that move over six frames; two lie in one place at first and part later, as closed lips do."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(1, 200, 3)) + rng.normal(0, 0.05, (6, 200, 3))
    points[0] = rng.normal(size=(200, 3))
    points[0, 1] = points[0, 0]
    return points


def test_split_and_shuffled_vertices_are_found_again(cloud: np.ndarray) -> None:
    taken = np.random.default_rng(1).permutation(np.r_[np.arange(200), np.arange(60)])
    assert compare.match(cloud, cloud[:, taken]).tolist() == taken.tolist()
    error, _, lines = compare.points("Head", "talk", cloud, cloud[:, taken], range(6), 0.1, False)
    assert (error, lines) == (0.0, [])


def test_the_largest_error_says_where_it_is(cloud: np.ndarray) -> None:
    after = cloud.copy()
    after[4, 17] += [0.0, 0.002, 0.0]
    error, where, lines = compare.points("Head", "talk", cloud, after, [1, 5, 9, 13, 17, 21], 0.1, True)
    assert error == pytest.approx(2.0)
    assert where == "vertex 17 of Head at frame 17 of talk"
    assert kinds(lines) == ["vertex_error"] and "1 of 200 vertices" in lines[0].why
    assert compare.points("Head", "talk", cloud, after, range(6), 3.0, True)[2] == []
    assert compare.points("Head", "talk", cloud, after, range(6), 0.1, True, scale=0.01)[0] == pytest.approx(0.02)


def test_lost_vertices_and_another_order_are_told(cloud: np.ndarray) -> None:
    _, _, lines = compare.points("Head", "talk", cloud, cloud[:, 5:], range(6), 0.1, True)
    assert kinds(lines) == ["vertices_lost"] and lines[0].amount == 5
    _, _, lines = compare.points("Head", "talk", cloud, cloud[:, ::-1], range(6), 0.1, True)
    assert kinds(lines) == ["vertex_order"] and lines[0].level == NOTE
    assert compare.points("Head", "talk", cloud, cloud[:, ::-1], range(6), 0.1, False)[2] == []


def test_a_mesh_that_is_elsewhere_did_not_lose_its_vertices(cloud: np.ndarray) -> None:
    error, _, lines = compare.points("Head", "talk", cloud, 100 * cloud, range(6), 0.1, False)
    assert error > 1000
    assert kinds(lines) == ["vertex_error"]


def test_numbers_that_are_none_are_an_error(cloud: np.ndarray) -> None:
    after = cloud.copy()
    after[2, 3] = np.nan
    error, _, lines = compare.points("Head", "talk", cloud, after, range(6), 0.1, True)
    assert error == compare.ENDLESS, "which JSON can hold"
    assert "vertex_error" in kinds(lines)


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


def report(*lines: Line) -> Report:
    return Report(("a.glb",), "glb", 24.0, ("a",), 10, 5, 5, 0.001, "vertex 1", ordered(lines))


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
    assert summary(report()).endswith("nothing is lost")


def test_a_report_is_plain_json() -> None:
    told = json.loads(json.dumps(report(Line("sound", "a.wav", "x", NOTE)).as_json()))
    assert told["passed"] is True
    assert told["lines"][0] == {"what": "sound", "thing": "a.wav", "why": "x", "level": "note", "amount": 0.0}


@pytest.mark.parametrize("wrong", [{"clips": "all"}, {"tolerance": -1.0}, {"samples": 1}])
def test_bad_options_are_refused(wrong: dict) -> None:
    with pytest.raises(InputError):
        ExportOptions(**wrong)
