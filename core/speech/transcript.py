"""What is said, as text: words and the phones that each is made of, in any language espeak-ng speaks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

from ..errors import InputError
from . import espeak, tokens
from .ipa import to_phones

ALONE = re.compile(r"\d|\w[-./:_*|~]+\w|[&%+=@€$£¥°#]")
"""Words that become another number of spoken words ("1984", "well-known", "50%"): each is spelled by itself."""

TONE = re.compile(r"[1-9ɜ]$")  # ends the vowel of each syllable in espeak-ng's Chinese; its third tone is written ɜ
SWITCH = re.compile(r"\([a-z]{2,3}(-[a-z]+)?\)")  # espeak-ng reads what it does not know as another language
PARTICLES = str.maketrans("はへ", "わえ")  # said so where they are Japanese particles
JOINED = 8  # pieces of a language without spaces that may be one word of a dictionary
MOST = 80_000  # words: about eight hours


@dataclass(frozen=True)
class Spelled:
    """A word of a transcript and its phones, labels of the inventory; `others` are further pronunciations."""

    text: str
    phones: tuple[str, ...]
    others: tuple[tuple[str, ...], ...] = ()

    @property
    def ways(self) -> tuple[tuple[str, ...], ...]:
        """Every pronunciation, the usual one first."""
        return (self.phones, *self.others)


def spell(
    text: str, language: str, dictionary: Mapping[str, tuple[tuple[str, ...], ...]] | None = None
) -> list[Spelled]:
    """Turn a transcript into words with phones; signs that nobody pronounces are left out.

    Words are spelled as they sound beside one another where espeak-ng keeps them apart, otherwise alone. Those in
    `dictionary` (see there) have its pronunciations. Languages without spaces are cut up: a word is a Chinese
    character or a few kana; Japanese kanji, which espeak-ng cannot read, are left out. Raises `InputError` for an
    unknown language or when espeak-ng is missing.
    """
    espeak.ipa("", language)  # refuses an unknown language even for an empty text
    words: list[Spelled] = []
    for sentence in tokens.sentences(text):
        if dictionary:
            sentence = _listed(sentence, dictionary)
        for piece, phonemes in zip(sentence, _sentence(sentence, language), strict=True):
            ways = tuple(dictionary.get(tokens.bare(piece), ())) if dictionary else ()
            if not ways:
                also = piece.translate(PARTICLES)
                spoken = [phonemes] if also == piece else [phonemes, *_run([also], "kana", language)]
                ways = tuple(filter(None, (_phones(each, language) for each in spoken)))
            if ways:
                words.append(Spelled(piece, ways[0], ways[1:]))
        if len(words) > MOST:
            raise InputError(f"the transcript has more than {MOST} words; cut the recording and its text into parts")
    return words


def _listed(pieces: list[str], dictionary: Mapping[str, tuple[tuple[str, ...], ...]]) -> list[str]:
    """Join characters and kana that a dictionary lists as one word, the longest first."""
    words, place = [], 0
    while place < len(pieces):
        size = 1
        while size < JOINED and pieces[place + size : place + size + 1] and _unspaced(pieces[place + size]):
            size += 1
        while size > 1 and not (_unspaced(pieces[place]) and "".join(pieces[place : place + size]) in dictionary):
            size -= 1
        words.append("".join(pieces[place : place + size]))
        place += size
    return words


def _unspaced(piece: str) -> bool:
    return bool(tokens.IDEOGRAPH.match(piece) or tokens.SYLLABARY.match(piece))


def _phones(phonemes: list[str], language: str) -> tuple[str, ...]:
    return tuple(label for phoneme in phonemes for label in to_phones(phoneme, language))


def _sentence(words: list[str], language: str) -> list[list[str]]:
    """Give each word's phonemes."""
    spelled: list[list[str]] = []
    run: list[str] = []
    kind = ""
    for word in words:
        if tokens.IDEOGRAPH.fullmatch(word):
            sort = "character"
        elif _unspaced(word) or ALONE.search(word):
            sort = ""
        else:
            sort = "letters"
        if run and (sort != kind or not sort):
            spelled += _run(run, kind, language)
            run = []
        run.append(word)
        kind = sort
    return spelled + (_run(run, kind, language) if run else [])


def _run(words: list[str], kind: str, language: str, after: str = "") -> list[list[str]]:
    """Spell words of a kind together where the phonemes can be told apart again, otherwise by halves.

    The word `after` them is said along, since "a" alone is a letter's name; where that joins them, they stand alone.
    """
    if kind == "character":
        spoken = _syllables(espeak.ipa("".join(words), language))
    else:
        spoken = espeak.ipa(" ".join([*words, after]), language)
        if after and len(spoken) == len(words) + 1:
            return spoken[:-1]
        if after:
            spoken = espeak.ipa(" ".join(words), language)
    if len(spoken) == len(words):
        return spoken
    if len(words) == 1:
        phonemes = list(chain.from_iterable(spoken))
        if kind != "letters" and not ALONE.search(words[0]) and any(map(SWITCH.fullmatch, phonemes)):
            return [[]]  # "Chinese letter", said in English
        return [phonemes]
    half = len(words) // 2
    return _run(words[:half], kind, language, words[half]) + _run(words[half:], kind, language, after)


def _syllables(spoken: list[list[str]]) -> list[list[str]]:
    """Cut espeak-ng's Chinese words at syllables, whose vowels carry a tone; none where another language comes in."""
    syllables: list[list[str]] = []
    for word in spoken:
        if any(map(SWITCH.fullmatch, word)):
            return []
        vowels = [place for place, phoneme in enumerate(word) if TONE.search(phoneme)]
        if not vowels:
            return []
        cuts = [0]
        for before, after in zip(vowels, vowels[1:], strict=False):
            between = after - before - 1  # consonants: the last one begins the next syllable, an ng never does
            cuts.append(after - 1 if between and word[after - 1] != "ŋ" else after)
        syllables += [word[begin:end] for begin, end in zip(cuts, [*cuts[1:], len(word)], strict=True)]
    return syllables
