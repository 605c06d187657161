"""Texts placed in time: exact ones, and ones with wrong, missing and further words."""

from functools import cache

import numpy as np
import pytest

from headroom.core.speech import lattice
from headroom.core.speech.align import FIT, Aligned, align
from headroom.core.speech.captions import Caption, spell_captions
from headroom.core.speech.phones import INVENTORY, NUMBER
from headroom.core.speech.recognise import Heard, listen, recognise
from headroom.core.speech.sound import Sound
from headroom.core.speech.transcript import Spelled, spell
from headroom.training.speech.synthesize import SYNTHESIZED, WORD, drive

SAID = ["SIL"] * 20 + ["B"] * 8 + ["AA"] * 15 + ["B"] * 7 + ["SIL"] * 12 + ["M"] * 9 + ["EY"] * 20 + ["SIL"] * 15
BOB, MAY = Spelled("bob", ("B", "AA", "B")), Spelled("may", ("M", "EY"))


def heard(frames: list[str], sure: float = 0.9, seed: int = 0) -> Heard:
    """Make noisy scores in which each frame's label is the likeliest."""
    noise = np.random.default_rng(seed).dirichlet(np.ones(len(INVENTORY)) * 0.3, len(frames))
    truth = np.eye(len(INVENTORY))[[NUMBER[label] for label in frames]]
    scores = np.log(sure * truth + (1 - sure) * noise + 1e-5).astype(np.float16)
    return Heard(scores, np.full(len(frames), 0.1, np.float32))


def place(frames: list[str], *words: Spelled, **more) -> Aligned:
    found = align(heard(frames), list(words), **more)
    assert found is not None
    return found


def texts(found: Aligned) -> list[str]:
    return [word.text for word in found.phones.words]


def test_words_are_found_and_the_pause_between_them():
    found = place(SAID, BOB, MAY)
    assert found.phones.label == ("SIL", "B", "AA", "B", "SIL", "M", "EY", "SIL")
    assert found.missing == () and found.fit > 0.95
    assert texts(found) == ["bob", "may"]
    np.testing.assert_allclose([(word.start, word.end) for word in found.phones.words], [(0.2, 0.5), (0.62, 0.91)])


def test_no_pause_is_needed():
    run_on = [label for label in SAID if label != "SIL"]
    assert place(run_on, BOB, MAY).phones.label == ("B", "AA", "B", "M", "EY")


def test_the_same_word_twice_is_two_words():
    twice = SAID[20:50] * 2
    assert place(twice, BOB, BOB).phones.label == ("B", "AA", "B", "B", "AA", "B")


def test_another_text_is_refused():
    assert align(heard(SAID), [Spelled("fish", ("F", "IH", "SH"))] * 3) is None
    assert align(heard(SAID), [Spelled("long", ("L",) * 500)]) is None
    assert align(heard(["SIL"] * 50), [BOB]) is None
    assert align(heard([]), [BOB]) is None
    assert align(heard(SAID), []) is None


def test_a_word_that_nobody_says_is_left_out():
    found = place(SAID, BOB, Spelled("fish", ("F", "IH", "SH")), MAY)
    assert texts(found) == ["bob", "may"] and found.missing == (1,)
    assert found.phones.label == ("SIL", "B", "AA", "B", "SIL", "M", "EY", "SIL")


def test_what_is_not_in_the_text_is_heard_as_it_is():
    more = SAID[:50] + ["SIL"] * 5 + ["F"] * 9 + ["IH"] * 9 + ["SH"] * 9 + SAID[50:]
    found = place(more, BOB, MAY)
    assert texts(found) == ["bob", "may"] and found.missing == ()
    assert found.phones.label == ("SIL", "B", "AA", "B", "SIL", "F", "IH", "SH", "SIL", "M", "EY", "SIL")
    outer = ["F"] * 9 + ["IH"] * 9 + SAID + ["SH"] * 9 + ["IY"] * 9
    found = place(outer, BOB, MAY)
    assert found.phones.label[:3] == ("F", "IH", "SIL") and found.phones.label[-3:] == ("SIL", "SH", "IY")


def test_the_better_pronunciation_is_taken():
    found = place(SAID, Spelled("bob", ("B", "OW", "B"), (("B", "AA", "B"), ("B", "UW", "B"))), MAY)
    assert found.phones.label[1:4] == ("B", "AA", "B")
    found = place(SAID, BOB, Spelled("may", ("M", "AY"), (("M", "IY"), ("M", "EY"))))
    assert found.phones.label[5:7] == ("M", "EY")


def test_a_word_is_looked_for_within_its_time_only():
    twice = SAID + SAID
    windows = np.array([[0.9, 2.2]])
    found = place(twice, BOB, windows=windows)
    assert found.phones.words[0].start == pytest.approx(1.26, abs=0.011)
    assert place(twice, BOB).phones.words[0].start < 1.5
    assert align(heard(SAID + ["SIL"] * 100), [BOB], windows=np.array([[1.2, 2.0]])) is None


def test_captions_give_their_words_their_time():
    words, windows = spell_captions((Caption("Hello there", 1.0, 2.0), Caption("you", 2.5, 3.0)), "en")
    assert [word.text for word in words] == ["Hello", "there", "you"]
    np.testing.assert_allclose(windows, [(0.6, 2.4), (0.6, 2.4), (2.1, 3.4)])


def long_text(words: int, seed: int = 1) -> tuple[list[Spelled], list[str], list[int]]:
    """Make a text and a recording of it where a tenth of the words is only in one of them."""
    random = np.random.default_rng(seed)
    text, said, start = [], [], []
    for number in range(words):
        phones = tuple(random.choice(INVENTORY[1:], 4))
        kind = random.random()
        if kind < 0.95:
            text.append(Spelled(str(number), phones))
        start.append(len(said) if kind > 0.05 else -1)
        if kind > 0.05:
            said += [label for phone in phones for label in [phone] * 6] + ["SIL"] * int(random.integers(0, 2) * 5)
    return text, said, start


def test_a_long_text_is_followed_through_a_narrow_band(monkeypatch):
    text, said, start = long_text(300)
    full = place(said, *text)
    monkeypatch.setattr(lattice.Lattice, "band", lambda self, frames: 40)
    banded = place(said, *text)
    assert banded.missing == full.missing and banded.phones.label == full.phones.label
    np.testing.assert_array_equal(banded.phones.start, full.phones.start)
    late = [abs(word.start * 100 - start[int(word.text)]) for word in banded.phones.words]
    assert np.quantile(late, 0.98) <= 2


def test_an_hour_stays_small_in_memory():
    text = [Spelled("mama", ("M", "AA", "M", "AA"))] * 9000
    grid = lattice.Lattice([word.ways for word in text])
    band = grid.band(360_000)
    assert 100 < band < 9000
    states = int((grid.begin[band:] - grid.begin[: len(text) + 1 - band]).max())
    assert 360_000 * (states + 5 * (band + 1)) / 8 < 120e6


def say(text: str, language: str, voice: str, rate: int) -> tuple[np.ndarray, int, list[float]]:
    """Speak with espeak-ng; gives the sound, its rate and when each word of the text begins."""
    begun: dict[int, float] = {}

    def note(event) -> None:
        if event.type == WORD:  # its text is the place of its first letter, from 1
            begun.setdefault(event.text - 1, event.audio / 1000)

    sound = drive(text, language, voice, rate, None, note)
    starts, letter = [], 0
    for word in text.split():
        letter = text.index(word, letter)
        starts.append(begun.get(letter, np.nan))
        letter += len(word)
    return sound, SYNTHESIZED, starts


STORY = {
    "en": """the old captain bought seven yellow lemons and put them under his hat while nobody watched him. later
        that morning a friendly policeman found the hat beside the river and carried it home very slowly. people
        laughed about it for months, but the captain never told them why he wanted fruit for his journey""",
    "de": """der alte Kapitän kaufte sieben gelbe Zitronen und legte sie unter seinen Hut, während niemand hinsah.
        später fand ein freundlicher Polizist den Hut neben dem Fluss und trug ihn langsam nach Hause. die Leute
        lachten monatelang darüber, aber der Kapitän erzählte nie, warum er Obst für die Reise brauchte""",
}
FURTHER = {
    "en": "zebra umbrella kitchen government chocolate mountain elephant question favourite Japan",
    "de": "Zebra Regenschirm Küche Regierung Schokolade Gebirge Elefant Frage Lieblingsfach Japan",
}


@cache
def spoken(language: str) -> tuple[Heard, tuple[str, ...], tuple[float, ...]]:
    text = " ".join(STORY[language].split())
    samples, rate, starts = say(text, language, "f2", 165)
    return listen(Sound.from_array(samples, rate)), tuple(text.split()), tuple(starts)


def spoil(words: tuple[str, ...], further: list[str], seed: int) -> list[tuple[str, int]]:
    """Drop, replace and add words, a fifth in all; gives each word with its place in the true text, or -1."""
    random = np.random.default_rng(seed)
    places = random.permutation(len(words))[: len(words) // 5]
    fate = dict(zip(places.tolist(), np.resize(["drop", "replace", "add"], len(places)), strict=True))
    wrong = [str(word) for word in random.permutation(further)]
    result = []
    for number, word in enumerate(words):
        kind = fate.get(number)
        if kind in ("replace", "add"):
            result.append((wrong[number % len(wrong)], -1))
        if kind in (None, "add"):
            result.append((word, number))
    return result


@pytest.mark.parametrize("language", ["en", "de"])
def test_right_words_are_at_their_times_though_a_fifth_is_wrong(language):
    sound, words, starts = spoken(language)
    late, kept, false = [], [], []
    for seed in range(3):
        text = spoil(words, FURTHER[language].split(), seed)
        spelled = spell(" ".join(word for word, _ in text), language)
        assert [word.text for word in spelled] == [word for word, _ in text]
        found = align(sound, spelled)
        assert found is not None
        shown = iter(found.phones.words)
        for number, (word, true) in enumerate(text):
            there = number not in found.missing
            (kept if true >= 0 else false).append(there)
            if there:
                start = next(shown)
                assert start.text == word
                if true >= 0 and np.isfinite(starts[true]):
                    late.append(abs(start.start - starts[true]))
    assert np.median(late) <= 0.02 and np.quantile(late, 0.95) <= 0.1
    assert np.mean(kept) >= 0.93
    assert np.mean(false) <= 0.15


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_text_that_is_all_wrong_is_refused(language):
    sound, words, _ = spoken(language)
    other = {"en": "de", "de": "en"}[language]
    assert align(sound, spell(STORY[other], other)) is None
    random = np.random.default_rng(0)
    assert align(sound, spell(" ".join(random.permutation(FURTHER[language].split() * 4)), language)) is None
    backwards = align(sound, spell(" ".join(words[::-1]), language))
    assert backwards is None or backwards.fit < FIT + 0.1


def test_phones_that_are_not_in_the_text_are_those_that_are_recognised():
    sound, words, starts = spoken("en")
    half = len(words) // 2
    found = align(sound, spell(" ".join(words[half:]), "en"))
    assert found is not None and len(found.missing) <= 2
    free, cut = recognise(sound), starts[half] - 0.3
    time = np.arange(0.0, cut, 0.01)
    ours, theirs = (
        np.array(phones.label)[np.searchsorted(phones.start, time, "right") - 1] for phones in (found.phones, free)
    )
    assert (ours == theirs).mean() > 0.9
    assert all(word.start > cut for word in found.phones.words)
