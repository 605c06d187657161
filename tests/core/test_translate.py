"""Clips in one head's names, said in another's: by what both call the same channel."""

from __future__ import annotations

from headroom.core.rig.keymap import Entry
from headroom.core.rig.translate import translate


def entries(*rows: tuple) -> list[Entry]:
    return [Entry("Head", *row) for row in rows]


def test_another_name_for_the_same_is_found_by_the_map() -> None:
    ours = entries(("MouthOpen", "jawOpen"), ("Key 7", "mouthSmileLeft"))
    assert translate(["jawOpen", "hornWiggle"], ours) == {"jawOpen": (("MouthOpen", 1.0),)}


def test_other_conventions_are_read_off_the_whole_clip() -> None:
    """One key "A" says nothing, all of VRM's vowels do."""
    ours = entries(("Key 1", "aa"))
    assert translate(["Fcl_MTH_A"], ours, [f"Fcl_MTH_{vowel}" for vowel in "AIUEO"]) == {"Fcl_MTH_A": (("Key 1", 1.0),)}
    assert translate(["A"], ours) == {}


def test_what_the_maker_calls_it_wins_over_what_names_say() -> None:
    """There "jawOpen" was mapped to something else by hand, and counts in percent."""
    ours = entries(("Open", "jawOpen"), ("Pucker", "mouthPucker"))
    theirs = entries(("jawOpen", "mouthPucker", 100.0))
    assert translate(["jawOpen"], ours, (), theirs) == {"jawOpen": (("Pucker", 0.01),)}


def test_one_name_may_move_several_keys_and_several_names_one() -> None:
    ours = entries(("OpenL", "jawOpen", 0.5), ("OpenR", "jawOpen", 0.5), ("Smile", "mouthSmileLeft", 0.5))
    ours += entries(("Smile", "mouthSmileRight", 0.5))
    found = translate(["jawOpen", "mouthSmileLeft", "mouthSmileRight"], ours)
    assert found["jawOpen"] == (("OpenL", 0.5), ("OpenR", 0.5))
    assert found["mouthSmileLeft"] == found["mouthSmileRight"] == (("Smile", 0.5),)


def test_without_a_map_nothing_is_guessed() -> None:
    assert translate(["jawOpen"], []) == {}
    assert translate(["jawOpen"], entries(("MouthOpen", "jawOpen", 0.0))) == {}, "that lets it rest"
