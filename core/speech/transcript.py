"""What is said, as text: words and the phones that each is made of, in any language espeak-ng speaks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain

from . import espeak
from .ipa import to_phones

SENTENCE = re.compile(r"[^.!?;:。！？；\n]+[.!?;:。！？；\n]*")
UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")  # kana, Chinese characters, Thai


@dataclass(frozen=True)
class Spelled:
    """A word of a transcript and its phones, labels of the inventory."""

    text: str
    phones: tuple[str, ...]


def spell(text: str, language: str) -> list[Spelled]:
    """Turn a transcript into words with phones; signs that nobody pronounces are left out.

    Words are spelled within their sentence where the two line up, otherwise each alone. Raises `InputError` for an
    unknown language or when espeak-ng is missing.
    """
    espeak.ipa("", language)  # refuses an unknown language even for an empty text
    words: list[Spelled] = []
    for sentence in SENTENCE.findall(" ".join(text.split())):
        if UNSPACED.search(sentence):
            pieces = [piece for piece in re.split(r"[\s、，,。！？…「」]+", sentence) if piece]
        else:
            pieces = [piece for piece in sentence.split() if any(sign.isalnum() for sign in piece)]
        spoken = espeak.ipa(sentence, language)
        if len(spoken) != len(pieces):  # "of the" becomes one spoken word, "1984" several
            spoken = [list(chain.from_iterable(espeak.ipa(piece, language))) for piece in pieces]
        for piece, phonemes in zip(pieces, spoken, strict=True):
            phones = tuple(label for phoneme in phonemes for label in to_phones(phoneme, language))
            if phones:
                words.append(Spelled(piece, phones))
    return words
