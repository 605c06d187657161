"""Lip sync with what is known already: phones, captions, a user's dictionary, a text that is partly wrong."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from headroom.core.errors import InputError
from headroom.core.formats import phone_files
from headroom.core.speech.captions import Caption
from headroom.core.speech.lipsync import LipsyncOptions, lipsync, solve
from headroom.core.speech.phones import Phones, Word
from headroom.core.speech.sound import Sound, read

LINE = Path(__file__).parents[2] / "docs" / "demo" / "line.flac"
TEXT = LINE.with_suffix(".txt").read_text().strip()


@cache
def spoken(transcript: str = TEXT):
    return lipsync(read(LINE), LipsyncOptions(transcript=transcript))


def starts(phones: Phones) -> dict[str, float]:
    return {word.text: word.start for word in phones.words}


def test_given_phones_are_followed_as_they_are():
    heard = spoken()
    again = lipsync(read(LINE), LipsyncOptions(), given=heard.phones)
    assert again.phones.label == heard.phones.label and again.phones.words == heard.phones.words
    certain = replace(heard.phones, confidence=np.ones(len(heard.phones.label)))
    word_for_word = solve(certain, heard.heard, LipsyncOptions())
    np.testing.assert_allclose(again.performance.values, word_for_word.values, atol=1e-6)
    only = Phones(("M",), np.array([1.0]), np.array([1.2]), np.ones(1))
    mouth = lipsync(read(LINE), LipsyncOptions(transcript="wins over this"), given=only)
    assert mouth.phones.label == ("M",) and mouth.warnings == ()
    assert (mouth.performance.values[180:] == 0).all()


def test_phones_after_the_sounds_end_are_left_out_with_a_warning():
    sound = Sound.from_array(np.random.default_rng(0).normal(0, 0.1, 16000), 16000)
    late = Phones(
        ("M", "AA", "B", "AA"), np.array([0.1, 0.3, 0.9, 1.5]), np.array([0.3, 0.9, 1.5, 2.0]), np.ones(4),
        (Word("mah", 0.1, 0.9), Word("bah", 0.9, 2.0), Word("gone", 2.0, 3.0)),
    )  # fmt: skip
    result = lipsync(sound, LipsyncOptions(), given=late)
    assert result.phones.label == ("M", "AA", "B") and result.phones.end[-1] == pytest.approx(1.0)
    assert [(word.text, word.end) for word in result.phones.words] == [("mah", 0.9), ("bah", pytest.approx(1.0))]
    assert len(result.warnings) == 1 and "phones after the end of the sound" in result.warnings[0]
    assert result.performance.frame_count == 60


def test_no_phones_are_a_still_mouth():
    none = Phones((), np.zeros(0), np.zeros(0), np.zeros(0))
    result = lipsync(read(LINE), LipsyncOptions(), given=none)
    assert (result.performance.values == 0).all() and "nothing is said" in result.warnings[0]


def test_captions_are_placed_within_their_times():
    truth = spoken().phones.words
    half = len(truth) // 2
    captions = tuple(
        Caption(" ".join(word.text for word in part), part[0].start, part[-1].end)
        for part in (truth[:half], truth[half:])
    )
    result = lipsync(read(LINE), LipsyncOptions(), given=captions)
    assert result.warnings == () and [word.text for word in result.phones.words] == [word.text for word in truth]
    late = [abs(one.start - two.start) for one, two in zip(result.phones.words, truth, strict=True)]
    assert np.median(late) <= 0.01
    moved = tuple(Caption(caption.text, caption.start + 20, caption.end + 20) for caption in captions)
    assert "does not fit" in lipsync(read(LINE), LipsyncOptions(), given=moved).warnings[0]


def test_words_that_are_not_heard_are_named():
    words = TEXT.split()
    text = " ".join([*words[:3], "umbrella", *words[3:9], "chocolate", *words[11:]])
    result = spoken(text)
    assert len(result.warnings) == 1
    assert result.warnings[0] == "2 words of the transcript were not heard: umbrella, chocolate"
    true, found = starts(spoken().phones), starts(result.phones)
    assert set(words[11:]) <= set(found)
    assert np.median([abs(found[word] - true[word]) for word in found]) <= 0.01


def test_one_word_is_spoken_of_as_one():
    assert spoken(TEXT + " umbrella").warnings == ("1 word of the transcript was not heard: umbrella",)


def test_a_dictionary_says_how_a_name_is_spoken(tmp_path):
    path = tmp_path / "names.dict"
    path.write_text("XQZT  M EY B IY\n")
    text = TEXT.replace("Maybe", "Xqzt")
    options = LipsyncOptions(transcript=text, dictionary=str(path))
    result = lipsync(read(LINE), options)
    assert result.warnings == () and result.phones.words[0].text == "Xqzt"
    assert result.phones.label == spoken().phones.label
    assert "Xqzt" in spoken(text).warnings[0]
    with pytest.raises(InputError, match="no such file"):
        lipsync(read(LINE), LipsyncOptions(transcript=TEXT, dictionary=str(tmp_path / "gone")))


def test_what_is_written_gives_the_same_mouth(tmp_path):
    from headroom.core.formats import textgrid

    heard = spoken()
    textgrid.write(tmp_path / "line.TextGrid", heard.phones, heard.performance.duration)
    again = lipsync(read(LINE), LipsyncOptions(), given=phone_files.read(tmp_path / "line.TextGrid"))
    assert [word.text for word in again.phones.words] == TEXT.split()
    certain = replace(heard.phones, confidence=np.ones(len(heard.phones.label)))
    word_for_word = solve(certain, heard.heard, LipsyncOptions())
    np.testing.assert_allclose(again.performance.values, word_for_word.values, atol=1e-3)


def test_a_cut_off_beginning_moves_phones_and_captions():
    phones = Phones(("M", "AA"), np.array([0.2, 1.2]), np.array([1.2, 2.0]), np.ones(2), (Word("ma", 0.2, 2.0),))
    later = phone_files.later(phones, 1.0)
    assert later.label == ("M", "AA") and later.words == (Word("ma", 0.0, 1.0),)
    np.testing.assert_allclose(later.start, [0.0, 0.2])
    captions = (Caption("gone", 0.0, 0.5), Caption("cut", 0.5, 1.5), Caption("whole", 2.0, 3.0))
    assert phone_files.later(captions, 1.0) == (Caption("cut", 0.0, 0.5), Caption("whole", 1.0, 2.0))
