"""Identities: drawn by a seed, kept in a file, steered by attributes, varied with parts held."""

import json

import numpy as np
import pytest

from headroom.core import weights
from headroom.core.errors import InputError
from headroom.core.head.attributes import ATTRIBUTES, FEATURES, GROUPS
from headroom.core.head.generate import GenerateOptions, decode, identify, neutral, vary
from headroom.core.head.identity import Identity, features
from headroom.core.head.macros import AVERAGE, CORNERS, shares
from headroom.core.head.population import population

PLACES = [group for group in GROUPS if group not in ("Person", "Colors")]


def person(seed=5, **wanted):
    return identify(GenerateOptions(seed=seed, set=wanted))


def moved(a, b, group):
    rows = weights.load("head").arrays["kept"].astype(int)[PLACES.index(group)]
    return np.median(np.linalg.norm(neutral(a)[rows] - neutral(b)[rows], axis=1)) * 1000


def test_shares_of_a_person_add_up_and_meet_every_corner():
    for extreme in (AVERAGE, {**AVERAGE, "age": 1.0, "sex": 1.0, "african": 1.0, "asian": 0.0, "caucasian": 0.0}):
        table = shares(extreme)
        assert table.min() >= 0 and np.isclose(table[:24].sum(), 1) and np.isclose(table[24:].sum(), 1)
    corner = {"age": 90.0, "sex": 0.0, "muscle": 1.0, "weight": 0.0, "african": 0.0, "asian": 0.3, "caucasian": 0.0}
    table = dict(zip(CORNERS, shares(corner), strict=True))
    assert table["asian-female-old"] == 1 and table["universal-female-old-maxmuscle-minweight"] == 1
    assert np.isfinite(shares({**AVERAGE, "african": 0.0, "asian": 0.0, "caucasian": 0.0})).all()


def test_a_drawn_person_is_an_adult_with_every_attribute_in_range():
    for seed in range(40):
        attributes = person(seed).attributes
        assert set(attributes) == set(ATTRIBUTES) and 18 <= attributes["age"] <= 75
        assert all(rule.low <= attributes[name] <= rule.high for name, rule in ATTRIBUTES.items())


def test_an_identity_survives_its_file():
    one = person(nose_width=1.5, age=60)
    again = Identity.from_json(one.to_json())
    assert again.attributes == one.attributes
    assert np.abs(neutral(again) - neutral(one)).max() < 1e-5


@pytest.mark.parametrize("text", [
    "", "[]", "{}", '{"code": [0], "attributes": {}}', '{"code": "x", "attributes": {}}', "[" * 100_000,
    json.dumps({"code": [float("nan")] * 128, "attributes": {}}), json.dumps({"code": [1e9] * 128, "attributes": {}}),
    json.dumps({"code": [0] * 128, "attributes": {"age": 900}}), json.dumps({"code": [0] * 128, "attributes": [1]}),
])  # fmt: skip
def test_a_hostile_identity_is_refused_in_one_line(text):
    with pytest.raises(InputError) as caught:
        Identity.from_json(text)
    assert "\n" not in str(caught.value)


def test_the_neutral_is_what_decode_gives():
    one = person(3)
    assert np.abs(neutral(one) - decode(one).neutral).max() < 1e-6


def test_the_mirror_is_kept_by_a_symmetric_head():
    all_heads = population()
    rng = np.random.default_rng(0)
    vertices = all_heads.vertices(all_heads.coefficients(np.r_[-0.5, rng.standard_normal(127)]), asymmetry=0.0)
    assert np.abs(vertices[all_heads.mirror] * [-1, 1, 1] - vertices).max() < 1e-6
    some = rng.choice(len(vertices), 30)
    mixture = rng.standard_normal(len(all_heads.means[0])).astype(np.float32)
    apart = np.tensordot(mixture, all_heads.at(some), 1)
    assert np.abs(apart - (all_heads.vertices(mixture) - all_heads.mean)[some]).max() < 1e-4


def test_features_do_what_they_say_and_leave_the_others_alone():
    base = person(5)
    before = features(base.steered())
    for k, name in enumerate(FEATURES):
        after = features(person(5, **{name: 2.0}).steered())
        assert after[k] == pytest.approx(2.0, abs=0.35), name
        assert np.abs(np.delete(after - before, k)).max() < 0.2 * abs(2.0 - before[k]) + 0.05, name


def test_a_person_changes_as_asked():
    child, adult, old = (neutral(person(4, age=age)) for age in (5, 30, 80))
    assert np.ptp(child[:, 2]) < 0.92 * np.ptp(adult[:, 2])
    assert np.abs(old - adult).max() > 0.003
    thin, heavy = (neutral(person(4, weight=w, age=40)) for w in (0.0, 1.0))
    assert np.abs(heavy - thin).max() > 0.006
    shades = [person(seed, african=1, asian=0, caucasian=0).attributes["skin_tone"] for seed in range(5)]
    assert min(shades) > 0.5


def test_vary_keeps_what_it_is_told_to():
    one = person(6)
    free = vary(one, 70, 1.0, ())
    held = vary(one, 70, 1.0, ("Nose", "Person"))
    assert moved(one, held, "Nose") < 0.5 < moved(one, free, "Nose")
    assert moved(one, held, "Jaw") > 1.0
    assert all(held.attributes[n] == one.attributes[n] for n in ("age", "sex", "african"))
    assert moved(one, vary(one, 70, 0.1, ()), "Jaw") < moved(one, free, "Jaw")
    assert np.abs(neutral(vary(one, 70, 0.0, ())) - neutral(one)).max() < 1e-4
    with pytest.raises(InputError):
        vary(one, 1, 1.0, ("Elbow",))
