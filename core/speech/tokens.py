"""Text cut into words as they are spoken, in scripts with and without spaces."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KANA = r"\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\uff66-\uff9d"
UNSPACED = re.compile(rf"[{HAN}々〇]|[{KANA}]+|[^{HAN}々〇{KANA}]+")
IDEOGRAPH = re.compile(rf"[{HAN}々〇]")
SYLLABARY = re.compile(rf"[{KANA}]")
MORA = re.compile(r".[ぁぃぅぇぉゃゅょゎァィゥェォャュョヮー]*[んンっッ]?")
"""A kana and what leans on it; up to `MORAS` of them make a piece."""

MORAS = 3
LONGEST = 80  # letters: what is longer is no word that anybody says
END = re.compile(r"[.!?…][\"'”»)\]]*\s+|[。！？；\n]")
ABBREVIATED = re.compile(r"(?:^|\s)(?:[^\W\d_]{1,3}|\S*[^\W\d_]\.[^\W\d_]+)\.$")  # Dr. e.g. z.B. U.S.
DASHES = re.compile(r"(?<=[^\W\d_])(—|–|--+|…|\.\.\.+|/|,|;|:|、|，)(?=[^\W\d_])")  # where a space was forgotten
SPOKEN_SIGNS = "&%+=@€$£¥°#"
"""Signs that are read out when they stand alone."""


def clean(text: str) -> str:
    """Compose letters, straighten apostrophes, and take emoji, pictures and invisible signs out."""
    composed = unicodedata.normalize("NFC", text).translate({0x2019: "'", 0x2018: "'", 0x02BC: "'", 0xAD: None})
    kept = [sign if sign in SPOKEN_SIGNS or sign in "\u200c\u200d" or not _mute(sign) else " " for sign in composed]
    joined = re.sub(r"(?<!\w)[\u200c\u200d]+|[\u200c\u200d]+(?!\w)", "", "".join(kept))  # Persian and Hindi need them
    return re.sub(r"[^\S\n]+", " ", joined)


def _mute(sign: str) -> bool:
    if 0xFE00 <= ord(sign) <= 0xFE0F:  # which picture an emoji has
        return True
    return sign != "\n" and unicodedata.category(sign) in ("So", "Sk", "Cc", "Cf", "Cs", "Co", "Cn", "Me")


def bare(word: str) -> str:
    """Give a word as a dictionary lists it: in small letters, without the signs around it."""
    signs = clean(word).strip()
    begin, end = 0, len(signs)
    while begin < end and unicodedata.category(signs[begin])[0] in "PSZ":
        begin += 1
    while end > begin and unicodedata.category(signs[end - 1])[0] in "PSZ":
        end -= 1
    return signs[begin:end].casefold()


def sentences(text: str) -> Iterator[list[str]]:
    """Give the words of each sentence, as they are written; what nobody says (lone punctuation) is left out."""
    text, begin = clean(text), 0
    for end in (*(match.end() for match in END.finditer(text)), len(text)):
        sentence = text[begin:end].strip()
        if end < len(text) and ABBREVIATED.search(sentence):  # "Dr. Smith" is no end
            continue
        words, begin = _words(sentence), end
        if words:
            yield words


def _words(sentence: str) -> list[str]:
    words = []
    for written in DASHES.sub(r"\1 ", sentence).split():
        if IDEOGRAPH.search(written) or SYLLABARY.search(written):
            words += [piece for run in UNSPACED.findall(written) for piece in _pieces(run)]
        else:
            words.append(written)
    return [word for word in words if len(word) <= LONGEST and any(s.isalnum() or s in SPOKEN_SIGNS for s in word)]


def _pieces(run: str) -> list[str]:
    """Cut a run of kana into pieces of a few moras; anything else is one piece."""
    if not SYLLABARY.match(run):
        return [run]
    moras = MORA.findall(run)
    return ["".join(moras[place : place + MORAS]) for place in range(0, len(moras), MORAS)]
