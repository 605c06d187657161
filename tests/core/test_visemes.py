"""Visemes: contacts, rest, shares, co-articulation, sliders, pieces. No network takes part."""

import numpy as np
import pytest

from headroom.core.speech import lips, visemes
from headroom.core.speech.lipsync import TARGETS, LipsyncOptions, solve
from headroom.core.speech.phones import INVENTORY, Phones
from headroom.core.speech.recognise import Heard
from headroom.core.speech.viseme_tables import SETS

CLOSED = {"oculus": "PP", "rhubarb": "A", "preston_blair": "MBP", "microsoft": "viseme_21"}
BITE = {"oculus": "FF", "rhubarb": "G", "preston_blair": "FV", "microsoft": "viseme_18"}
LOUD = 0.1
NAMED = [pytest.param(kind, id=name) for name, kind in SETS.items()]


def spoken(labels: str, seconds: float = 0.09, pause: float = 0.6) -> tuple[Phones, np.ndarray]:
    """Lay phones out evenly between two pauses, with a steady loudness while something is said."""
    label = ("SIL", *labels.split(), "SIL")
    edges = np.r_[0, pause + np.arange(len(label) - 1) * seconds, 2 * pause + (len(label) - 2) * seconds]
    phones = Phones(label, edges[:-1], edges[1:], np.ones(len(label)))
    time = (np.arange(round(edges[-1] * 100)) + 0.5) / 100
    loudness = np.where((time > pause) & (time < edges[-2]), LOUD, 1e-4).astype(np.float32)
    return phones, loudness


def moved(labels, kind, seconds=0.09, pause=0.6, **options):
    phones, loudness = spoken(labels, seconds, pause)
    return phones, visemes.solve(phones, loudness, kind, LipsyncOptions(**options))


def at_middle(performance, phones, place: int, name: str) -> float:
    middle = (phones.start[place] + phones.end[place]) / 2 * performance.fps
    return float(np.interp(middle, np.arange(performance.frame_count), performance.channel(name)))


@pytest.mark.parametrize("kind", NAMED)
def test_a_table_names_every_phone_and_only_visemes_of_its_set(kind):
    assert set(kind.parts) == set(INVENTORY)
    for phone, parts in kind.parts.items():
        assert len(parts) == 2 if phone in ("AY", "AW", "OY", "OW") else len(parts) in (1, 2)
        for _, mixture in parts:
            assert set(mixture) <= set(kind.moving) and sum(mixture.values()) <= 1
    assert set(kind.rounded) | set(kind.jaw) <= set(kind.moving)


@pytest.mark.parametrize("kind", NAMED)
def test_weights_share_a_frame_smoothly(kind):
    rng = np.random.default_rng(3)
    labels = " ".join(rng.choice(INVENTORY, 80))
    _, performance = moved(labels, kind, 0.085)
    total = performance.values.sum(axis=1)
    assert performance.channels == kind.visemes and performance.fps == 60
    assert np.isfinite(performance.values).all() and performance.values.min() >= 0 and total.max() <= 1 + 1e-6
    if kind.rest:
        np.testing.assert_allclose(total, 1, atol=1e-6)
    assert np.abs(np.diff(performance.values, axis=0)).max() < 0.6


@pytest.mark.parametrize("name", CLOSED)
@pytest.mark.parametrize("seconds", [0.04, 0.06, 0.09, 0.2])
@pytest.mark.parametrize("fps", [60, 30, 24, 23.976])
def test_every_contact_is_full_and_alone_at_any_rate(name, seconds, fps):
    phones, performance = moved("AA P IY F UW M AE V OW B S T UW F P AA", SETS[name], seconds, fps=fps)
    for place, label in enumerate(phones.label):
        if label in "PBMFV":
            shape = CLOSED[name] if label in "PBM" else BITE[name]
            middle = (phones.start[place] + phones.end[place]) / 2
            near = np.abs(np.arange(performance.frame_count) / fps - middle) <= 0.5 / fps + 0.009
            assert performance.channel(shape)[near].max() > 0.999, (label, middle)
            held = np.abs(np.arange(performance.frame_count) / fps - middle) <= 0.018
            if fps == 60 and seconds > 0.04:
                assert held.sum() >= 2 and (performance.channel(shape)[held] > 0.999).all()


@pytest.mark.parametrize("seconds", [0.055, 0.07, 0.1])
def test_phones_between_contacts_open(seconds):
    phones, performance = moved("P AA P T M AE B AA V EH P", SETS["oculus"], seconds)
    for place in (2, 4, 6, 8, 10):
        assert at_middle(performance, phones, place, "PP") + at_middle(performance, phones, place, "FF") < 0.5


def test_a_mouth_of_five_vowels_closes_too():
    phones, performance = moved("AA P IY M UW B AA F AA", SETS["vrm"], 0.06, fps=30)
    for place in (2, 4, 6):
        middle = (phones.start[place] + phones.end[place]) / 2 * 30
        assert performance.values[round(middle)].max() == 0
    bite = performance.values[round((phones.start[8] + phones.end[8]) / 2 * 30)]
    assert bite.max() < 0.15


@pytest.mark.parametrize("kind", NAMED)
def test_a_mouth_is_exactly_at_rest_in_silence(kind):
    _, performance = moved("M AA S UW", kind, 0.1, pause=1.5)
    time = np.arange(performance.frame_count) / 60
    still = (time < 1.5 - 0.25) | (time > 1.9 + 0.3)
    rest = performance.values[still]
    assert (rest[:, [kind.visemes.index(name) for name in kind.moving]] == 0).all()
    if kind.rest:
        assert (rest[:, kind.visemes.index(kind.rest)] == 1).all()
    assert performance.values[~still].std(axis=0).max() > 0.1


def test_gaps_are_silence():
    phones, loudness = spoken("M AA S UW", pause=1.0)
    said = slice(1, -1)
    bare = Phones(phones.label[said], phones.start[said], phones.end[said], phones.confidence[said])
    options = LipsyncOptions()
    whole, gaps = (visemes.solve(one, loudness, SETS["oculus"], options).values for one in (phones, bare))
    np.testing.assert_allclose(whole, gaps, atol=1e-6)


def test_nothing_said_and_nothing_heard_are_a_still_mouth():
    none = Phones((), np.zeros(0), np.zeros(0), np.zeros(0))
    for loudness in (np.zeros(0, np.float32), np.zeros(200, np.float32)):
        performance = visemes.solve(none, loudness, SETS["oculus"], LipsyncOptions(fps=24))
        assert (performance.channel("sil") == 1).all()


def test_open_vowels_show_their_own_mouth():
    phones, performance = moved("T AA S IY D UW K EH N AO T", SETS["oculus"], 0.11)
    for place, name in ((2, "aa"), (4, "ih"), (6, "ou"), (8, "E"), (10, "oh")):
        assert at_middle(performance, phones, place, name) > 0.55


def test_lips_round_early_through_consonants():
    phones, performance = moved("IY S T UW", SETS["oculus"], 0.1)
    _, flat = moved("IY S T IY", SETS["oculus"], 0.1)
    rounding = performance.channel("ou") - flat.channel("ou")
    edge = phones.start[4]
    time = np.arange(performance.frame_count) / 60
    assert np.interp(edge - 0.05, time, rounding) > 0.25
    assert np.interp(edge - 0.13, time, rounding) > 0
    _, spread = moved("UW T S IY", SETS["oculus"], 0.1)
    early = np.interp(edge - 0.05, time, spread.channel("ih"))
    assert early < np.interp(edge - 0.05, time, rounding)


def test_a_vowel_is_coloured_by_what_comes_before_and_after():
    phones, alone = moved("HH AA HH", SETS["oculus"], 0.07)
    _, squeezed = moved("S AA S", SETS["oculus"], 0.07)
    assert at_middle(squeezed, phones, 2, "aa") < at_middle(alone, phones, 2, "aa") - 0.1
    assert at_middle(squeezed, phones, 2, "SS") > 0.05


def test_diphthongs_glide():
    phones, performance = moved("T AY T", SETS["oculus"], 0.2)
    time, begun, ended = np.arange(performance.frame_count) / 60, phones.start[2] + 0.05, phones.end[2] - 0.05
    first, second = performance.channel("aa"), performance.channel("ih")
    assert np.interp(begun, time, first) > 0.8 > 0.1 > np.interp(begun, time, second)
    assert np.interp(ended, time, second) > 0.6 > 0.2 > np.interp(ended, time, first)


def test_quiet_and_hurried_vowels_open_less():
    phones, loudness = spoken("T AA T AA T", 0.1)
    options, kind = LipsyncOptions(), SETS["oculus"]
    loud, quiet = (visemes.solve(phones, loudness * by, kind, options) for by in (1.0, 0.1))
    assert at_middle(quiet, phones, 2, "aa") < 0.85 * at_middle(loud, phones, 2, "aa")
    assert at_middle(quiet, phones, 3, "DD") == pytest.approx(at_middle(loud, phones, 3, "DD"), abs=0.05)
    hurried, fast = moved("T AA T AA T", kind, 0.05)
    assert at_middle(fast, hurried, 2, "aa") < at_middle(loud, phones, 2, "aa") - 0.1


def test_sliders_act():
    phones, base = moved("T AA P UW T", SETS["oculus"], 0.1)

    def of(name, place, **options):
        return at_middle(moved("T AA P UW T", SETS["oculus"], 0.1, **options)[1], phones, place, name)

    jaw, lips = of("aa", 2, jaw=0.5), of("ou", 4, jaw=0.5)
    assert jaw < 0.6 * at_middle(base, phones, 2, "aa") and lips > 0.9 * at_middle(base, phones, 4, "ou")
    assert of("ou", 4, lips=0.5) < 0.6 * at_middle(base, phones, 4, "ou")
    assert of("PP", 3, jaw=2, lips=0) == pytest.approx(1)
    _, none = moved("T AA P UW T", SETS["oculus"], 0.1, strength=0)
    assert (none.channel("sil") == 1).all()
    _, most = moved("T AA P UW T", SETS["oculus"], 0.1, strength=2)
    assert most.values.sum(axis=1).max() <= 1 + 1e-6 and at_middle(most, phones, 2, "aa") > 0.85


@pytest.mark.parametrize(
    ("labels", "name", "options"),
    [
        ("T AA T", "aa", {"vowels": 0.5}),
        ("T UW T", "ou", {"rounding": 0.5}),
        ("T IY T", "ih", {"spreading": 0.5}),
        ("AA S AA", "SS", {"consonants": 0.5}),
        ("AA P AA", "PP", {"closure": 0.5}),
        ("AA F AA", "FF", {"teeth": 0.5}),
        ("T AA T", "aa", {"articulation": "mumbled"}),
    ],
)
def test_sliders_of_single_phones_act(labels, name, options):
    phones, base = moved(labels, SETS["oculus"], 0.12)
    _, less = moved(labels, SETS["oculus"], 0.12, **options)
    assert at_middle(less, phones, 2, name) < 0.7 * at_middle(base, phones, 2, name)
    np.testing.assert_allclose(less.values.sum(axis=1), 1, atol=1e-6)


def test_dynamics_say_how_much_loudness_counts():
    phones, loudness = spoken("T AA T", 0.12)
    flat, wide = (
        visemes.solve(phones, loudness * 0.1, SETS["oculus"], LipsyncOptions(dynamics=by)) for by in (0.0, 2.0)
    )
    assert at_middle(wide, phones, 2, "aa") < 0.5 * at_middle(flat, phones, 2, "aa")


def test_smoothing_softens_but_contacts_and_silence_stay():
    phones, base = moved("T AA P UW T", SETS["oculus"], 0.1, pause=1.0)
    _, soft = moved("T AA P UW T", SETS["oculus"], 0.1, pause=1.0, smoothing=0.08)
    assert soft.channel("aa").max() < 0.8 * base.channel("aa").max()
    assert at_middle(soft, phones, 3, "PP") == pytest.approx(1)
    assert (soft.channel("sil")[:40] == 1).all()


def test_lead_moves_everything():
    _, base = moved("T AA P UW T", SETS["oculus"], 0.1)
    phones, early = moved("T AA P UW T", SETS["oculus"], 0.1, lead=0.1)
    np.testing.assert_allclose(early.values[:-6], base.values[6:], atol=1e-6)
    _, slow = moved("T AA P UW T", SETS["oculus"], 0.1, lead=0.1, fps=24)
    closed = np.flatnonzero(slow.channel("PP") > 0.99) / 24
    assert np.abs(closed - ((phones.start[3] + phones.end[3]) / 2 - 0.1)).min() < 0.021


@pytest.mark.parametrize("kind", NAMED)
@pytest.mark.parametrize("smoothing", [0.0, 0.05])
def test_pieces_give_what_the_whole_gives(kind, smoothing):
    phones, loudness = spoken("B AA D IY F UW SIL K AE M OW P F AY " * 8, 0.07)
    loudness *= np.linspace(0.1, 1, len(loudness))
    options = LipsyncOptions(smoothing=smoothing, lead=0.05)
    count = round(len(loudness) * 0.6)
    whole = visemes.weights(phones, loudness, kind, options, 0, count)
    cuts = [0, 1, 60, 61, 190, 333, count]
    pieces = [
        visemes.weights(phones, loudness, kind, options, low, high - low)
        for low, high in zip(cuts, cuts[1:], strict=False)
    ]
    np.testing.assert_allclose(np.concatenate(pieces), whole, atol=1e-9)


def test_an_edit_reaches_no_further_than_it_says():
    phones, loudness = spoken("AA T " * 20, 0.1)
    label = list(phones.label)
    label[20] = "M"
    edited = Phones(tuple(label), phones.start, phones.end, phones.confidence)
    options = LipsyncOptions()
    one, other = (visemes.solve(which, loudness, SETS["oculus"], options).values for which in (phones, edited))
    changed = np.flatnonzero((one != other).any(axis=1)) / 60
    assert changed.size
    assert phones.start[20] - visemes.REACH <= changed.min() and changed.max() <= phones.end[20] + visemes.REACH


def test_only_what_is_near_counts():
    """A live stream that knows the next half second gives what the whole recording gives."""
    phones, loudness = spoken("B AA D IY F UW SIL K AE M OW P F AY " * 8, 0.07)
    near = (phones.end > 3.0 - visemes.REACH) & (phones.start < 3.2 + visemes.REACH)
    label = tuple(name for name, kept in zip(phones.label, near, strict=True) if kept)
    part = Phones(label, phones.start[near], phones.end[near], phones.confidence[near])
    options, kind = LipsyncOptions(), SETS["oculus"]
    all_of_it, some = (visemes.weights(which, loudness, kind, options, 180, 12) for which in (phones, part))
    np.testing.assert_allclose(some, all_of_it, atol=1e-9)


@pytest.mark.parametrize("target", TARGETS)
def test_lip_sync_moves_what_is_asked(target, monkeypatch):
    still = np.zeros((10, len(lips.CONTROLS)), np.float32)
    monkeypatch.setattr(lips, "move", lambda *given: lips.to_performance(still))
    phones, loudness = spoken("M AA", 0.1)
    heard = Heard(np.zeros((len(loudness), len(INVENTORY)), np.float16), loudness)
    performance = solve(phones, heard, LipsyncOptions(visemes=target, fps=30))
    want = SETS[target].visemes if target in SETS else None
    assert performance.fps == 30 and set(performance.layers) == {"lips"}
    assert performance.channels == want if want else "jawOpen" in performance.channels
