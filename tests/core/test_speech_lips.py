"""Lips: contacts, rest, and what an edited phone may change. Needs only the lips network."""

import numpy as np
import pytest

from headroom.core.performance import SHAPES
from headroom.core.speech import lips
from headroom.core.speech.phones import INVENTORY, Phones


def spoken(labels: str, seconds: float = 0.09, pause: float = 0.6) -> tuple[Phones, np.ndarray, float]:
    """Lay phones out evenly between two pauses, with a steady loudness while something is said."""
    label = ("SIL", *labels.split(), "SIL")
    edges = np.r_[0, pause + np.arange(len(label) - 1) * seconds, 2 * pause + (len(label) - 2) * seconds]
    phones = Phones(label, edges[:-1], edges[1:], np.ones(len(label)))
    time = (np.arange(int(edges[-1] * 100)) + 0.5) / 100
    loudness = np.where((time > pause) & (time < edges[-2]), 0.1, 1e-4).astype(np.float32)
    return phones, loudness, edges[-1]


def during(performance, phones: Phones, place: int) -> slice:
    """Frames within a phone, at least one."""
    first = int(np.ceil(phones.start[place] * 60))
    return slice(first, max(first + 1, int(phones.end[place] * 60)))


@pytest.mark.parametrize("label", ["P", "B", "M"])
@pytest.mark.parametrize("vowel", ["AA", "IY", "UW", "AE"])
@pytest.mark.parametrize("seconds", [0.04, 0.09, 0.15])
def test_lips_touch_in_p_b_m_at_any_speed(label, vowel, seconds):
    phones, loudness, duration = spoken(f"{vowel} {label} {vowel} {label} {vowel}", seconds)
    moved = lips.move(phones, loudness, duration)
    for place in (2, 4):
        frames = during(moved, phones, place)
        jaw, close = moved.channel("jawOpen")[frames], moved.channel("mouthClose")[frames]
        touching = (jaw - close < 0.02) & (moved.channel("mouthLowerDownLeft")[frames] < 0.02)
        assert touching.any(), (jaw, close)
        assert moved.channel("mouthPressLeft")[frames].max() > 0.25


def test_open_vowels_open_and_other_consonants_stay_open():
    phones, loudness, duration = spoken("K AA T AE N AA S AA D AE G AA L AA", 0.11)
    moved = lips.move(phones, loudness, duration)
    gap = 32.8 * moved.channel("jawOpen") - 38.9 * moved.channel("mouthClose")
    for place in range(2, len(phones.label) - 1):
        least = gap[during(moved, phones, place)]
        assert least.max() > (4.0 if phones.label[place] in ("AA", "AE") else 0.8), phones.label[place]


def test_lower_lip_meets_the_teeth_in_f_and_v():
    phones, loudness, duration = spoken("AA F AA V AE", 0.1)
    moved = lips.move(phones, loudness, duration)
    for place in (2, 4):
        assert moved.channel("mouthRollLower")[during(moved, phones, place)].max() > 0.3
    assert moved.channel("mouthRollLower")[during(moved, phones, 3)].min() < 0.3


def test_rounding_starts_before_the_rounded_vowel():
    phones, loudness, duration = spoken("IY S T UW W UW", 0.1)
    spread, _, _ = spoken("IY S T IY Y IY", 0.1)
    rounded, flat = lips.move(phones, loudness, duration), lips.move(spread, loudness, duration)
    before = during(rounded, phones, 3)  # the t before oo

    def purse(moved):
        return moved.channel("mouthPucker") + moved.channel("mouthFunnel")

    assert purse(rounded)[during(rounded, phones, 5)].max() > 0.3
    assert purse(rounded)[before].mean() > purse(flat)[before].mean() + 0.05


@pytest.mark.parametrize(
    ("label", "channel"),
    [
        ("T", "tongueTipUp"),
        ("L", "tongueTipUp"),
        ("TH", "tongueTipTeeth"),
        ("K", "tongueBackUp"),
        ("NG", "tongueBackUp"),
    ],
)
def test_the_tongue_shapes_its_consonants(label, channel):
    phones, loudness, duration = spoken(f"AA {label} AA", 0.11)
    moved = lips.move(phones, loudness, duration)
    assert moved.channel(channel)[during(moved, phones, 2)].max() > 0.5
    assert moved.channel(channel)[during(moved, phones, 1)].min() < 0.4


def test_the_mouth_is_exactly_still_in_silence():
    phones, loudness, duration = spoken("M AA M AA", 0.1, pause=1.5)
    moved = lips.move(phones, loudness, duration)
    time = np.arange(moved.frame_count) / moved.fps
    still = (time < 1.5 - lips.REST_BEFORE) | (time > 1.9 + lips.REST_AFTER)
    assert still.sum() > 100 and (moved.values[still] == 0).all()
    assert (moved.values[~still].max(axis=0) > 0).any()
    quiet = Phones(("SIL",), np.array([0.0]), np.array([3.0]), np.ones(1))
    assert (lips.move(quiet, np.zeros(300, np.float32), 3.0).values == 0).all()


def test_lips_at_rest_do_not_part_before_an_m():
    phones, loudness, duration = spoken("M AA N AA", 0.1, pause=1.0)
    moved = lips.move(phones, loudness, duration)
    parted = moved.channel("jawOpen") - moved.channel("mouthClose")
    assert parted[:61].max() < 0.06 < parted[66:72].max()


def test_every_phone_gives_smooth_curves_in_range():
    phones, loudness, duration = spoken(" ".join(INVENTORY[1:]), 0.08)
    moved = lips.move(phones, loudness, duration)
    assert set(moved.channels) <= set(SHAPES) and set(moved.layers) == {"lips"} and moved.fps == 60
    assert moved.values.min() >= 0 and moved.values.max() <= 1
    assert (moved.channel("mouthClose") <= moved.channel("jawOpen") + 1e-6).all()
    jolt = np.abs(np.diff(moved.values, 2, axis=0)).max()
    assert jolt < 0.45


def test_an_edited_phone_changes_only_its_surroundings():
    phones, loudness, duration = spoken("AA T " * 20, 0.1)
    label = list(phones.label)
    label[20] = "M"
    edited = Phones(tuple(label), phones.start, phones.end, phones.confidence)
    before, after = (lips.move(which, loudness, duration).values for which in (phones, edited))
    changed = np.flatnonzero((np.abs(before - after) > 1e-6).any(axis=1)) / 60
    assert changed.size and phones.start[20] - 0.45 <= changed.min() and changed.max() <= phones.end[20] + 0.45


def test_pieces_give_what_the_whole_gives(monkeypatch):
    phones, loudness, duration = spoken("B AA D IY F UW K AE M " * 6, 0.08)
    at_once = lips.move(phones, loudness, duration).values
    monkeypatch.setattr(lips, "CHUNK", 50)
    np.testing.assert_allclose(lips.move(phones, loudness, duration).values, at_once, atol=1e-5)


def test_shares_of_a_frame_add_up():
    phones, _, duration = spoken("B AA D", 0.013)
    shares = lips.shares(phones, round(duration * 60))
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-5)
    assert shares[:, INVENTORY.index("AA")].sum() / 60 == pytest.approx(0.013, abs=1e-6)
