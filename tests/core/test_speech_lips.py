"""Lips: contacts, rest, and what an edited phone may change. Needs only the lips network."""

from dataclasses import replace

import numpy as np
import pytest

from headroom.core.performance import SHAPES
from headroom.core.speech import lips
from headroom.core.speech.phones import INVENTORY, Phones
from headroom.core.speech.recognise import Heard
from headroom.core.speech.shaping import Articulation


def spoken(labels: str, seconds: float = 0.09, pause: float = 0.6) -> tuple[Phones, Heard]:
    """Lay phones out evenly between two pauses, with a steady loudness while something is said."""
    label = ("SIL", *labels.split(), "SIL")
    edges = np.r_[0, pause + np.arange(len(label) - 1) * seconds, 2 * pause + (len(label) - 2) * seconds]
    phones = Phones(label, edges[:-1], edges[1:], np.ones(len(label)))
    time = (np.arange(int(edges[-1] * 100)) + 0.5) / 100
    loudness = np.where((time > pause) & (time < edges[-2]), 0.1, 1e-4).astype(np.float32)
    return phones, heard_as(loudness)


def heard_as(loudness: np.ndarray) -> Heard:
    """A sound of that loudness in which every phone was as likely as any other."""
    return Heard(np.full((len(loudness), len(INVENTORY)), -np.log(len(INVENTORY)), np.float16), loudness)


def during(performance, phones: Phones, place: int) -> slice:
    """Frames within a phone, at least one."""
    first = int(np.ceil(phones.start[place] * 60))
    return slice(first, max(first + 1, int(phones.end[place] * 60)))


@pytest.mark.parametrize("label", ["P", "B", "M"])
@pytest.mark.parametrize("vowel", ["AA", "IY", "UW", "AE"])
@pytest.mark.parametrize("seconds", [0.04, 0.09, 0.15])
def test_lips_touch_in_p_b_m_at_any_speed(label, vowel, seconds):
    phones, heard = spoken(f"{vowel} {label} {vowel} {label} {vowel}", seconds)
    moved = lips.move(phones, heard)
    for place in (2, 4):
        frames = during(moved, phones, place)
        jaw, close = moved.channel("jawOpen")[frames], moved.channel("mouthClose")[frames]
        touching = (jaw - close < 0.02) & (moved.channel("mouthLowerDownLeft")[frames] < 0.02)
        assert touching.any(), (jaw, close)
        assert moved.channel("mouthPressLeft")[frames].max() > 0.25


def test_open_vowels_open_and_other_consonants_stay_open():
    phones, heard = spoken("K AA T AE N AA S AA D AE G AA L AA", 0.11)
    moved = lips.move(phones, heard)
    gap = 32.8 * moved.channel("jawOpen") - 38.9 * moved.channel("mouthClose")
    for place in range(2, len(phones.label) - 1):
        least = gap[during(moved, phones, place)]
        assert least.max() > (4.0 if phones.label[place] in ("AA", "AE") else 0.8), phones.label[place]


def test_lower_lip_meets_the_teeth_in_f_and_v():
    phones, heard = spoken("AA F AA V AE", 0.1)
    moved = lips.move(phones, heard)
    for place in (2, 4):
        assert moved.channel("mouthRollLower")[during(moved, phones, place)].max() > 0.3
    assert moved.channel("mouthRollLower")[during(moved, phones, 3)].min() < 0.3


def test_rounding_starts_before_the_rounded_vowel():
    phones, heard = spoken("IY S T UW W UW", 0.1)
    spread, _ = spoken("IY S T IY Y IY", 0.1)
    rounded, flat = lips.move(phones, heard), lips.move(spread, heard)
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
    phones, heard = spoken(f"AA {label} AA", 0.11)
    moved = lips.move(phones, heard)
    assert moved.channel(channel)[during(moved, phones, 2)].max() > 0.5
    assert moved.channel(channel)[during(moved, phones, 1)].min() < 0.4


def test_the_mouth_is_exactly_still_in_silence():
    phones, heard = spoken("M AA M AA", 0.1, pause=1.5)
    moved = lips.move(phones, heard)
    time = np.arange(moved.frame_count) / moved.fps
    still = (time < 1.5 - lips.REST_BEFORE) | (time > 1.9 + lips.REST_AFTER)
    assert still.sum() > 100 and (moved.values[still] == 0).all()
    assert (moved.values[~still].max(axis=0) > 0).any()
    quiet = Phones(("SIL",), np.array([0.0]), np.array([3.0]), np.ones(1))
    assert (lips.move(quiet, heard_as(np.zeros(300, np.float32))).values == 0).all()


def test_lips_at_rest_do_not_part_before_an_m():
    phones, heard = spoken("M AA N AA", 0.1, pause=1.0)
    moved = lips.move(phones, heard)
    parted = moved.channel("jawOpen") - moved.channel("mouthClose")
    assert parted[:61].max() < 0.06 < parted[66:72].max()


def test_every_phone_gives_smooth_curves_in_range():
    phones, heard = spoken(" ".join(INVENTORY[1:]), 0.08)
    moved = lips.move(phones, heard)
    assert set(moved.channels) <= set(SHAPES) and set(moved.layers) == {"lips"} and moved.fps == 60
    assert moved.values.min() >= 0 and moved.values.max() <= 1
    assert (moved.channel("mouthClose") <= moved.channel("jawOpen") + 1e-6).all()
    jolt = np.abs(np.diff(moved.values, 2, axis=0)).max()
    assert jolt < 0.45


def test_an_edited_phone_changes_only_its_surroundings():
    phones, heard = spoken("AA T " * 20, 0.1)
    label = list(phones.label)
    label[20] = "M"
    edited = Phones(tuple(label), phones.start, phones.end, phones.confidence)
    before, after = (lips.move(which, heard).values for which in (phones, edited))
    changed = np.flatnonzero((np.abs(before - after) > 1e-6).any(axis=1)) / 60
    assert changed.size and phones.start[20] - 0.45 <= changed.min() and changed.max() <= phones.end[20] + 0.45


def test_pieces_give_what_the_whole_gives(monkeypatch):
    phones, heard = spoken("B AA D IY F UW K AE M " * 6, 0.08)
    at_once = lips.move(phones, heard).values
    monkeypatch.setattr(lips, "CHUNK", 50)
    np.testing.assert_allclose(lips.move(phones, heard).values, at_once, atol=1e-5)


def test_shares_of_a_frame_add_up():
    phones, heard = spoken("B AA D", 0.013)
    shares = lips.shares(phones, round(len(heard.loudness) * 0.6))
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-5)
    assert shares[:, INVENTORY.index("AA")].sum() / 60 == pytest.approx(0.013, abs=1e-6)


def test_what_was_barely_heard_counts_only_where_nobody_chose_the_phone():
    phones, heard = spoken("AA T AA T AA", 0.1)
    rounded = heard.scores.copy()
    rounded[:, INVENTORY.index("UW")] = 3.0  # all but sure, and not what the phones say
    other = Heard(rounded, heard.loudness)
    for confidence, same in ((1.0, True), (0.6, False), (0.0, True)):
        chosen = replace(phones, confidence=np.full(len(phones.label), confidence))
        first, second = (lips.encode(chosen, one, 90) for one in (heard, other))
        assert np.array_equal(first, second) == same, confidence


def opening(phones: Phones, heard: Heard, **how: float) -> float:
    """How far the jaw opens the lips at the most, in the middle of what is said."""
    moved = lips.move(phones, heard, how=Articulation(**how))
    middle = slice(moved.frame_count // 2 - 20, moved.frame_count // 2 + 20)
    return float(np.percentile((moved.channel("jawOpen") - moved.channel("mouthClose"))[middle], 95))


def test_louder_speech_opens_wider_and_fast_speech_less():
    phones, heard = spoken("AA T EH D AA K AE T " * 3, 0.1)
    usual = opening(phones, heard)
    quiet = Heard(heard.scores, heard.loudness * np.float32(0.3))
    assert opening(phones, quiet) < 0.85 * usual
    assert opening(phones, quiet, dynamics=0) > opening(phones, quiet)
    fast, heard_fast = spoken("AA T EH D AA K AE T " * 6, 0.05)
    assert opening(fast, heard_fast) < 0.95 * usual


@pytest.mark.parametrize(
    ("slider", "said", "channel"),
    [("vowels", "AA AE AA", "jawOpen"), ("rounding", "UW W UW", "mouthPucker"),
     ("spreading", "IY EY IY", "mouthStretchLeft"), ("consonants", "T D N", "jawOpen")],
)  # fmt: skip
def test_a_class_of_phones_has_a_slider_of_its_own(slider, said, channel):
    phones, heard = spoken(f"AH {said} AH AA", 0.12)
    more, usual = (lips.move(phones, heard, how=Articulation(**{slider: value})) for value in (1.5, 1.0))
    frames = during(more, phones, 3)
    assert more.channel(channel)[frames].max() > 1.2 * usual.channel(channel)[frames].max() > 0.05
    others = during(more, phones, 6 if slider != "vowels" else 1)
    if slider != "vowels":
        np.testing.assert_allclose(more.channel(channel)[others], usual.channel(channel)[others], atol=0.02)


def test_closure_leaves_lips_apart_or_presses_them():
    phones, heard = spoken("AA M AA B AA", 0.1)
    weak, firm = (lips.move(phones, heard, how=Articulation(closure=value)) for value in (0.5, 1.6))
    frames = during(weak, phones, 2)
    assert (weak.channel("jawOpen") - weak.channel("mouthClose"))[frames].min() > 0.03
    assert firm.channel("mouthPressLeft")[frames].max() > 0.4
    assert (firm.channel("jawOpen") - firm.channel("mouthClose"))[frames].min() < 0.02
