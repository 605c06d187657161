"""Expressions and visemes as data: what an artist's shelf promises."""

import pytest

from headroom.core.assets import SAMPLES
from headroom.core.head.generate import identify
from headroom.core.head.presets import PRESETS
from headroom.core.performance import SHAPES
from headroom.core.rig.expressions import EXPRESSIONS, PARTS, VISEMES, shown_by
from headroom.core.speech.viseme_tables import OCULUS, SETS

EVERY = {one.title: one for one in (*EXPRESSIONS.values(), *VISEMES)}


@pytest.mark.parametrize("title", EVERY)
def test_values_are_of_the_part_that_is_set(title: str) -> None:
    one = EVERY[title]
    assert set(one.values) <= set(PARTS[one.part]) <= set(SHAPES)
    assert all(0 < value <= 1 for value in one.values.values())
    assert one.channels.get("mouthClose", 0) <= one.channels.get("jawOpen", 0), "it corrects the open jaw"
    assert one.help and set(one.channels) == set(PARTS[one.part])


def test_ekmans_emotions_are_there() -> None:
    assert set(EXPRESSIONS) >= {"Neutral", "Joy", "Sadness", "Anger", "Fear", "Disgust", "Surprise", "Contempt"}
    assert not EXPRESSIONS["Neutral"].values
    shown = [tuple(sorted(one.values.items())) for one in EVERY.values() if one.values]
    assert len(set(shown)) == len(shown), "no two are alike"


def test_sides_mirror() -> None:
    for left, right in (("Wink Left", "Wink Right"), ("Smirk Left", "Smirk Right")):
        swapped = {
            name.replace("Left", "*").replace("Right", "Left").replace("*", "Right"): value
            for name, value in EXPRESSIONS[left].values.items()
        }
        assert swapped == EXPRESSIONS[right].values


def test_every_viseme_is_shown_by_every_set() -> None:
    assert [one.viseme for one in VISEMES] == list(OCULUS.visemes)
    for kind in SETS.values():
        for one in VISEMES:
            weights = shown_by(one.viseme, kind)
            assert set(weights) == set(kind.visemes) and sum(weights.values()) <= 1 + 1e-9
            assert all(weight >= 0 for weight in weights.values())
    assert shown_by("PP", SETS["rhubarb"])["A"] == 1.0 and shown_by("PP", SETS["vrm"])["aa"] == 0.0


def test_a_sample_of_every_kind_of_person() -> None:
    assert {one.preset for one in SAMPLES} == set(PRESETS)
    for one in SAMPLES:
        wanted = PRESETS[one.preset][1]
        made = identify(one.options("game")).attributes
        assert {name: made[name] for name in wanted} == pytest.approx(wanted)
