"""A user's own pronunciations: names and made-up words that no rule of a language gets right."""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import InputError
from ..formats.text import read_text
from . import alphabets, tokens

Dictionary = dict[str, tuple[tuple[str, ...], ...]]
"""The pronunciations of each word (in small letters), labels of the inventory; the usual one first."""

LARGEST = 32 << 20  # bytes: ten times CMUdict
MOST_WAYS = 8
LONGEST = 120  # phones of a word
LONGEST_LINE = 4096
LINE = re.compile(r"(?P<word>\S+?)(?:\((?P<number>\d+)\))?[ \t]+(?P<said>\S.*)")
SLASHED = re.compile(r"/([^/]*)/")


def read(path: Path) -> Dictionary:
    """Read a dictionary: a line for each word, as CMUdict has it, or IPA between slashes; UTF-8.

        ;;; a comment
        ZORBLAX  Z AO1 R B L AE2 K S
        ZORBLAX(2)  Z AO R B L AH K S
        Häagen  /ˈhɑːɡən/

    Raises `InputError`, one line with the number of the file's line, for anything else.
    """
    ways: dict[str, list[tuple[str, ...]]] = {}
    for number, line in enumerate(read_text(path, LARGEST).split("\n"), 1):
        content = line.split(";;;")[0].strip()
        if not content or content.startswith("#"):
            continue
        if len(content) > LONGEST_LINE:
            raise InputError(f"{path}: line {number}: more than {LONGEST_LINE} characters are no word and its phones")
        found = LINE.fullmatch(content)
        word = tokens.bare(found["word"]) if found else ""
        if not found or not word:
            raise InputError(f"{path}: line {number}: write a word and its phones, such as HEADROOM  HH EH D R UW M")
        for said in _said(found["said"], f"{path}: line {number}"):
            known = ways.setdefault(word, [])
            if said not in known and len(known) < MOST_WAYS:
                known.append(said)
    return {word: tuple(known) for word, known in ways.items()}


def _said(text: str, where: str) -> list[tuple[str, ...]]:
    """Read what stands behind a word: phones, or one or more pronunciations in IPA."""
    if text.startswith("/"):
        written = SLASHED.findall(text)
        if not written or SLASHED.sub("", text).strip(" ,;"):
            raise InputError(f"{where}: write IPA between two slashes, such as /hɛdruːm/")
        read = [(ipa, alphabets.from_ipa("".join(ipa.split()))) for ipa in written]
    else:
        labels = [(label, alphabets.arpabet(label)) for label in text.split(" #")[0].split()]
        wrong = next((label for label, phones in labels if phones is None), None)
        if wrong is not None:
            raise InputError(f"{where}: phone {wrong} is not known; use ARPAbet, or IPA between slashes")
        read = [(text, tuple(phone for _, phones in labels for phone in phones or ()))]
    for written_as, phones in read:
        if not phones:
            raise InputError(f"{where}: {written_as[:40]} are no phones; use ARPAbet, or IPA between slashes")
        if len(phones) > LONGEST:
            raise InputError(f"{where}: more than {LONGEST} phones are no word")
    return [phones for _, phones in read if phones]
