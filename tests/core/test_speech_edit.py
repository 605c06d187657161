"""Phones as an artist edits them: each edit does what was meant, and says where the mouth may move differently."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from headroom.core.errors import InputError
from headroom.core.speech import edit
from headroom.core.speech.edit import NEW, Mark, from_markers, marks_of
from headroom.core.speech.labels import read_label
from headroom.core.speech.lipsync import LipsyncOptions, solve
from headroom.core.speech.phones import Phones, Word
from headroom.core.speech.recognise import listen, recognise
from headroom.core.speech.sound import read
from headroom.core.speech.take import Clock, Take, filled

LINE = Path(__file__).parents[2] / "docs" / "demo" / "line.flac"


def phones_of(*said: tuple[str, float], words: tuple[Word, ...] = (), sure: float = 0.7) -> Phones:
    """Build phones from (label, seconds), one after the other."""
    edges = np.r_[0.0, np.cumsum([length for _, length in said])].round(6)
    return Phones(tuple(label for label, _ in said), edges[:-1], edges[1:], np.full(len(said), sure), words)


BOB = phones_of(
    ("SIL", 0.5), ("B", 0.1), ("AA", 0.2), ("B", 0.1), ("SIL", 0.3), ("M", 0.1), ("EY", 0.2), ("S", 0.1), ("IY", 0.2),
    ("SIL", 2.2), words=(Word("bob", 0.5, 0.9), Word("may", 1.2, 1.5), Word("see", 1.5, 1.8)),
)  # fmt: skip
DENSE = phones_of(*[("T", 0.03), ("AH", 0.03)] * 20)


def said(phones: Phones) -> list[tuple[str, float]]:
    return [(label, round(float(start), 3)) for label, start in zip(phones.label, phones.start, strict=True)]


def words(phones: Phones) -> list[tuple[str, float, float]]:
    return [(word.text, round(word.start, 3), round(word.end, 3)) for word in phones.words]


def whole(phones: Phones) -> None:
    """Nothing overlaps, nothing is left out, nothing vanishes."""
    assert phones.start[0] == 0
    np.testing.assert_allclose(phones.start[1:], phones.end[:-1])
    assert (phones.end > phones.start).all()


def test_untouched_marks_change_nothing():
    made = from_markers(BOB, marks_of(BOB))
    assert said(made.phones) == said(BOB) and made.phones.words == BOB.words and made.spans == ()
    assert (made.phones.confidence == BOB.confidence).all()
    assert made.origin == tuple(range(10)) and made.word_origin == (10, 11, 12)


def test_a_moved_phone_is_sure_and_so_are_its_neighbors():
    moved = edit.move(BOB, 2, 0.65)
    assert said(moved)[:4] == [("SIL", 0), ("B", 0.5), ("AA", 0.65), ("B", 0.8)]
    assert moved.confidence.tolist() == [0.7, 1, 1] + [0.7] * 7
    whole(moved)


def test_a_phone_may_be_dragged_past_others():
    assert said(edit.move(BOB, 3, 0.55))[:4] == [("SIL", 0), ("B", 0.5), ("B", 0.55), ("AA", 0.6)]
    whole(edit.move(BOB, 5, 9.0))
    whole(edit.move(BOB, 5, -9.0))


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("m", ("M",)), (" Sh ", ("SH",)), ("AH0", ("AH",)), ("sil", ("SIL",)), ("ʃ", ("SH",)), ("tʃ", ("CH",)),
        ("y", ("Y",)), ("øː", ("OE",)), ("ts", ("T", "S")), ("aɪ", ("AY",)), ("[ˈaː]", ("AA",)),
    ],
)  # fmt: skip
def test_arpabet_and_ipa_are_read_in_any_case(text, labels):
    assert read_label(text) == labels
    assert said(edit.retype(BOB, 2, text))[2 : 2 + len(labels)] == [
        (label, round(0.6 + 0.2 * k / len(labels), 3)) for k, label in enumerate(labels)
    ]


@pytest.mark.parametrize("text", ["", "Q", "XYZ", "?!", "Camera 1", "F_25", "straße", "take 3", "Quux"])
def test_what_is_no_phone_is_refused(text):
    assert read_label(text) == ()
    with pytest.raises(InputError, match="no phone"):
        edit.retype(BOB, 2, text)
    made = from_markers(BOB, [*marks_of(BOB)[:2], Mark(False, 2, text=text), *marks_of(BOB)[3:]])
    assert made.unknown == (2,) and said(made.phones) == said(BOB) and made.spans == ()


def test_a_deleted_phone_leaves_its_time_to_the_left():
    gone = edit.delete(BOB, 3)
    assert said(gone)[1:4] == [("B", 0.5), ("AA", 0.6), ("SIL", 0.9)]
    assert words(gone)[0] == ("bob", 0.5, 0.9)
    first = edit.delete(BOB, 0)
    assert said(first)[:2] == [("SIL", 0), ("B", 0.5)]
    assert said(from_markers(BOB, []).phones) == [("SIL", 0)]


def test_an_inserted_phone_lasts_until_the_next_and_joins_the_word_around_it():
    more = edit.insert(BOB, 0.7, "l")
    assert said(more)[1:5] == [("B", 0.5), ("AA", 0.6), ("L", 0.7), ("B", 0.8)]
    assert words(more) == words(BOB)
    assert words(edit.move(more, 3, 0.75)) == words(BOB)
    assert said(edit.insert(BOB, 9.0, "L")) == said(BOB)
    with pytest.raises(InputError, match="no phone"):
        edit.insert(BOB, 0.7, "Q")


def test_a_word_carries_its_phones_and_silence_gives_way():
    late = edit.shift_word(BOB, 0, 0.6)
    assert said(late)[:6] == [("SIL", 0), ("B", 0.6), ("AA", 0.7), ("B", 0.9), ("SIL", 1.0), ("M", 1.2)]
    assert words(late)[0] == ("bob", 0.6, 1.0)
    early = edit.shift_word(BOB, 0, 0.2)
    assert said(early)[:5] == [("SIL", 0), ("B", 0.2), ("AA", 0.3), ("B", 0.5), ("SIL", 0.6)]


def test_a_word_leaves_silence_and_squeezes_its_neighbors_no_further_than_they_go():
    apart = edit.shift_word(BOB, 2, 1.7)
    assert said(apart)[6:10] == [("EY", 1.3), ("SIL", 1.5), ("S", 1.7), ("IY", 1.8)]
    close = edit.shift_word(BOB, 2, 1.35)
    assert said(close)[5:10] == [("M", 1.2), ("EY", 1.25), ("S", 1.35), ("IY", 1.45), ("SIL", 1.65)]
    assert words(close)[1:] == [("may", 1.2, 1.35), ("see", 1.35, 1.65)]
    stopped = edit.shift_word(BOB, 2, 0.1)
    assert words(stopped)[1:] == [("may", 1.2, 1.22), ("see", 1.22, 1.52)]
    end = edit.shift_word(BOB, 2, 99.0)
    assert words(end)[2] == ("see", 3.7, 4.0) and end.label[-1] == "IY"
    over = edit.shift_word(BOB, 0, 1.0)
    assert words(over)[:2] == [("bob", 1.0, 1.4), ("may", 1.4, 1.5)] and "SIL" not in over.label[1:6]
    for phones in (apart, close, stopped, end, over):
        whole(phones)


def test_words_that_move_together_keep_their_shape():
    by = 0.4
    marks = [mark if not mark.word else replace(mark, time=BOB.words[mark.place].start + by) for mark in marks_of(BOB)]
    made = from_markers(BOB, marks).phones
    assert words(made) == [(text, round(start + by, 3), round(end + by, 3)) for text, start, end in words(BOB)]
    assert [label for label in made.label if label != "SIL"] == [label for label in BOB.label if label != "SIL"]


def test_a_respelled_word_keeps_its_time_and_the_phones_that_stay():
    other = edit.respell_word(BOB, 1, "mace")
    assert said(other)[5:8] == [("M", 1.2), ("EY", 1.3), ("S", 1.4)]
    assert words(other)[1] == ("mace", 1.2, 1.5)
    front = edit.respell_word(BOB, 2, "thirty")
    assert words(front)[2] == ("thirty", 1.5, 1.8) and front.label[7] == "TH"
    whole(front)
    german = edit.respell_word(BOB, 1, "über", "de")
    assert "UE" in german.label
    with pytest.raises(InputError):
        edit.respell_word(BOB, 1, "...")


def test_a_deleted_word_leaves_its_phones():
    made = from_markers(BOB, [mark for mark in marks_of(BOB) if not (mark.word and mark.place == 1)])
    assert said(made.phones) == said(BOB) and [word.text for word in made.phones.words] == ["bob", "see"]
    assert made.spans == ()


def test_several_edits_count_together_and_only_around_themselves():
    marks = marks_of(BOB)
    marks[1] = replace(marks[1], text="p")
    marks[8] = replace(marks[8], time=1.65)
    made = from_markers(BOB, [*marks, Mark(False, NEW, 3.5, "AA")])
    assert [label for label, _ in said(made.phones)] == ["SIL", "P", *BOB.label[2:], "AA"]
    assert [tuple(round(edge, 3) for edge in span) for span in made.spans] == [(0.0, 2.3), (3.0, 4.0)]


def test_phones_of_one_frame_keep_their_order():
    """A marker that is dragged onto the frame where its neighbor is shown does not jump over it."""
    clock = Clock(1, 24)
    for place, step in [(5, -1), (4, 1), (7, -2)]:
        at = clock.frame(float(DENSE.start[place])) + step
        marks = marks_of(DENSE)
        marks[place] = replace(marks[place], time=clock.seconds(at))
        made = from_markers(DENSE, marks, frame=clock.frame)
        whole(made.phones)
        new = made.origin.index(place)
        assert clock.frame(float(made.phones.start[new])) == at
        before, after = made.origin[:new], made.origin[new + 1 :]
        shown = [clock.frame(float(start)) for start in DENSE.start]
        assert all(shown[other] <= at for other in before) and all(shown[other] >= at for other in after)
        assert all(other < place for other in before if shown[other] == at)


def test_any_heap_of_marks_gives_phones_in_order():
    rng = np.random.default_rng(3)
    texts = [None, None, "m", "??", "ts", "SIL", "ɑ"]
    for _ in range(200):
        source = (BOB, DENSE)[rng.integers(2)]
        marks = [mark for mark in marks_of(source) if rng.random() > 0.1]
        for place, mark in enumerate(marks):
            time = None if rng.random() < 0.6 else float(rng.uniform(-1, 6))
            text = None if mark.word else texts[rng.integers(len(texts))]
            marks[place] = replace(mark, time=time, text=text)
        marks += [Mark(False, NEW, float(rng.uniform(-1, 6)), "UW") for _ in range(rng.integers(4))]
        made = from_markers(source, marks, frame=Clock(1, 24).frame)
        assert made.phones.start[0] == 0 and made.phones.end[-1] == source.end[-1]
        np.testing.assert_allclose(made.phones.start[1:], made.phones.end[:-1])
        assert all(0 <= low < high <= source.end[-1] for low, high in made.spans)
        assert len(made.origin) == len(made.phones.label)
        again = from_markers(made.phones, marks_of(made.phones))
        assert again.phones.label == made.phones.label and again.spans == ()


def test_gaps_become_silence():
    phones = Phones(("AA", "B"), np.array([0.1, 0.5]), np.array([0.4, 0.6]), np.ones(2))
    full = filled(phones, 1.0)
    assert said(full) == [("SIL", 0), ("AA", 0.1), ("SIL", 0.4), ("B", 0.5), ("SIL", 0.6)] and full.end[-1] == 1.0
    assert said(filled(full, 1.0)) == said(full)
    assert said(filled(Phones((), np.zeros(0), np.zeros(0), np.zeros(0)), 0.5)) == [("SIL", 0)]


@pytest.mark.parametrize(
    "options", [LipsyncOptions(fps=60), LipsyncOptions(fps=23.976, smoothing=0.1), LipsyncOptions(fps=30, lead=0.2)]
)
def test_a_mouth_moves_differently_only_where_it_is_said(options):
    heard = listen(read(LINE))
    take = Take(filled(recognise(heard), len(heard.loudness) / 100), heard, options, 101.0)
    spoken = [place for place, label in enumerate(take.phones.label) if label != "SIL"]
    before = solve(take.phones, heard, options).values
    for phones in (
        edit.retype(take.phones, spoken[20], "M"),
        edit.delete(take.phones, spoken[0]),
        edit.move(take.phones, spoken[-1], float(take.phones.start[spoken[-1]]) - 0.05),
        edit.insert(take.phones, 0.05, "UW"),
    ):
        after = solve(phones, heard, options).values
        away = np.ones(len(before), bool)
        for first, last in take.frames(edit.spans(take.phones, phones)):
            away[first - 101 : last - 100] = False
        assert np.abs(after - before)[away].max() < 1e-5
        assert np.abs(after - before)[~away].max() > 0.02
        assert away.mean() > 0.6
