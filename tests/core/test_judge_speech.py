"""The judge of lip sync counts what it says it counts, on tiny mouths whose scores are known."""

import numpy as np
import pytest

from headroom.core.speech.lips import COLUMN
from headroom.core.speech.phones import Phones
from headroom.training.speech.mouth_scores import Mouth, contacts, correlation, jerk, moving
from headroom.training.speech.mouth_shapes import POSE, SHAPES, curves, plain
from headroom.training.speech.phone_scores import matched

FPS = 100.0


def said(*parts: tuple[str, float, float]) -> Phones:
    label, start, end = zip(*parts, strict=True)
    return Phones(label, np.array(start), np.array(end), np.ones(len(label)))


def mouth(seconds: float, *shut: tuple[float, float], bitten: tuple[tuple[float, float], ...] = ()) -> Mouth:
    """Make a mouth that is 10 mm open but for some spans."""
    time = np.arange(round(seconds * FPS)) / FPS
    gap, bite = np.full(len(time), 10.0), np.full(len(time), 6.0)
    for start, end in shut:
        gap[(time >= start - 1e-9) & (time <= end + 1e-9)] = 0.0
    for start, end in bitten:
        bite[(time >= start - 1e-9) & (time <= end + 1e-9)] = 1.0
    return Mouth(gap, bite, gap[:, None] / 10, FPS)


@pytest.mark.parametrize(("shut", "touched"), [((1.43, 1.5), 1), ((1.46, 1.5), 0), ((0.9, 0.96), 1), ((0.9, 0.95), 0)])
def test_lips_close_a_phone_when_they_touch_within_40_ms_of_it(shut: tuple[float, float], touched: int) -> None:
    found = contacts(said(("AA", 0.2, 1.0), ("M", 1.0, 1.4), ("AA", 1.4, 2.5)), mouth(3.0, shut))
    assert (found["pbm"], found["pbm touched"]) == (1, touched)


def test_a_gap_counts_as_closed_by_the_clips_own_size() -> None:
    phones = said(("AA", 0.2, 1.0), ("M", 1.0, 1.4), ("AA", 1.4, 2.5))
    wide, narrow = np.full(300, 15.0), np.full(300, 5.0)
    wide[100:140] = narrow[100:140] = 1.4  # a tenth of 15 mm is more than that, a tenth of 5 mm is not
    found = [contacts(phones, Mouth(gap, gap, gap[:, None], FPS))["pbm touched"] for gap in (wide, narrow)]
    assert found == [1, 0]


def test_open_vowels_and_consonants_are_wrongly_shut() -> None:
    phones = said(("K", 0.3, 0.5), ("AA", 0.5, 0.8), ("T", 0.8, 0.9), ("IY", 0.9, 1.6))
    found = contacts(phones, mouth(2.0, (0.6, 0.63), (0.84, 0.86)))
    assert (found["open"], found["open touched"], found["open at middle"]) == (1, 1, 0)
    assert (found["other"], found["other touched"], found["other at middle"]) == (2, 1, 1)


def test_what_touches_a_closing_phone_may_be_shut() -> None:
    phones = said(("SIL", 0.0, 0.3), ("AA", 0.3, 0.6), ("N", 0.6, 0.63), ("P", 0.63, 0.7), ("AA", 0.7, 1.0))
    found = contacts(phones, mouth(2.0, (0.0, 2.0)))
    assert found["open"] == found["other"] == 0, "each is within 40 ms of silence or of p"
    assert found["pbm touched"] == 1


def test_f_is_made_by_the_teeth_and_not_by_closed_lips() -> None:
    phones = said(("AA", 0.2, 1.0), ("F", 1.0, 1.1), ("AA", 1.1, 2.0))
    assert contacts(phones, mouth(2.0, (1.0, 1.1)))["fv touched"] == 0
    assert contacts(phones, mouth(2.0, bitten=((1.02, 1.08),)))["fv touched"] == 1


def test_phones_after_the_end_of_the_curves_are_not_counted() -> None:
    assert contacts(said(("M", 0.2, 0.3), ("M", 5.0, 5.1)), mouth(1.0))["pbm"] == 1


def test_a_mouth_moves_in_silence_or_rests() -> None:
    face = mouth(3.0, (1.0, 1.5))
    assert moving(face, ((0.2, 0.9), (2.0, 2.9)))["moving"] == 0
    found = moving(face, ((0.8, 1.2),))
    assert found["moving"] == 1
    assert found["still"] == pytest.approx(40, abs=2)


def test_jerk_is_in_millimetres_per_cubed_second() -> None:
    time = np.arange(300) / 60
    assert jerk(2.0 * time**3, 60.0) == pytest.approx(12.0, rel=1e-6)


def test_correlation_ignores_what_is_not_seen_and_knows_lag() -> None:
    curve = np.sin(np.arange(200) * 0.2)
    tracked = 3 * np.roll(curve, 5) + 7
    tracked[50:60] = np.nan
    assert correlation(curve, tracked, 5) == pytest.approx(1.0, abs=1e-3)
    assert correlation(curve, tracked) < 0.7
    assert correlation(np.roll(curve, 5), tracked, -5) < 0.7
    assert correlation(np.zeros(200), tracked) == 0.0


def test_equal_phones_are_matched_and_others_are_wrong() -> None:
    truth = said(("SIL", 0.0, 0.1), ("B", 0.1, 0.2), ("AA", 0.2, 0.4), ("T", 0.4, 0.5))
    found = said(("B", 0.11, 0.2), ("EH", 0.2, 0.43), ("S", 0.43, 0.45), ("T", 0.45, 0.6), ("SIL", 0.6, 0.9))
    offsets, wrong = matched(truth, found)
    assert offsets == pytest.approx([0.01, 0.05])
    assert wrong == 2, "EH for AA, and an S too many"


def test_of_equal_phones_those_near_in_time_are_matched() -> None:
    truth = said(("M", 1.0, 1.1), ("M", 2.0, 2.1), ("M", 3.0, 3.1))
    offsets, wrong = matched(truth, said(("M", 2.02, 2.1)))
    assert offsets == pytest.approx([0.02])
    assert wrong == 2


def test_nothing_heard_is_all_wrong() -> None:
    offsets, wrong = matched(said(("M", 1.0, 1.1), ("AA", 1.1, 1.5)), said(("SIL", 0.0, 2.0)))
    assert (len(offsets), wrong) == (0, 2)


def test_cues_that_overlap_are_covered_by_later_ones() -> None:
    assert plain([(0.0, 0.5, "C"), (0.4, 0.5, "A"), (0.5, 1.0, "B")]) == [
        (0.0, 0.4, "C"), (0.4, 0.5, "A"), (0.5, 1.0, "B"),
    ]  # fmt: skip


def test_short_cues_are_fully_shown_for_a_frame() -> None:
    jaw = curves([(0.0, 1.01, "D"), (1.01, 1.05, "A"), (1.05, 2.0, "D")], 180)[:, COLUMN["jawOpen"]]
    wide = POSE[SHAPES.index("D"), COLUMN["jawOpen"]]
    assert jaw[30] == pytest.approx(wide)
    assert jaw[58:66].min() == pytest.approx(0.0, abs=1e-6)
    assert jaw[140] == 0.0, "at rest after the last cue"
    assert np.abs(np.diff(jaw)).max() < wide, "blended, not switched"
