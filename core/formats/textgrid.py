"""Praat's TextGrid, long and short: the phones and words of an aligner or of a phonetician, read and written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..errors import InputError
from ..speech import alphabets
from ..speech.captions import Caption
from ..speech.phones import SILENCE, Phones, Word
from . import spans
from .atomic import whole
from .text import read_text

LARGEST = 64 << 20  # bytes: four hours with a dozen tiers
TOKEN = re.compile(
    r'"(?P<text>[^"]*+(?:""[^"]*+)*+)"|(?P<flag><\w+>)|(?<!\S)(?P<number>[+-]?[0-9.]+(?:[eE][+-]?\d+)?)(?!\S)|![^\n]*'
)
"""What counts in a TextGrid: texts, flags and numbers that stand free; all else is there for people (Praat's manual,
"TextGrid file formats")."""

MOST_INTERVALS = 1_000_000  # of a tier: eighteen hours of phones
LONGEST = 64
"""Characters of a label of phones."""
PHONES = re.compile(r"phone|phoneme|segment|(?<![a-z-])mau$|^phn$|^phons?$", re.IGNORECASE)
WORDS = re.compile(r"word|^ort(-mau)?$|^wrd$", re.IGNORECASE)


@dataclass(frozen=True)
class Tier:
    """A tier of intervals: (start, end, label) in seconds, in the order of time, empty labels included."""

    name: str
    intervals: tuple[tuple[float, float, str], ...]

    @cached_property
    def labels(self) -> set[str]:
        """Every label that says something."""
        return {label for _, _, label in self.intervals if not alphabets.silent(label)}


def read(path: Path) -> Phones | tuple[Caption, ...]:
    """Read phones, and the words over them, of the tiers that hold them by their names or by what is in them.

    Labels may be ARPAbet (with or without stress), IPA or X-SAMPA. A file with words but without phones gives
    captions. Raises `InputError`, one line, for a file that is no TextGrid, holds neither, or has overlapping times.
    """
    tiers = read_tiers(path)
    phones = _named(tiers, PHONES) or _with_phones(tiers)
    words = _named([tier for tier in tiers if tier is not phones], WORDS) or _over(tiers, phones)
    if phones is None:
        if words is None:
            names = ", ".join(tier.name for tier in tiers[:8]) or "none"
            raise InputError(f"{path}: no tier of phones or words (tiers: {names}); name one of them phones")
        return tuple(Caption(label, start, end) for start, end, label in words.intervals if label in words.labels)
    said = words.labels if words is not None else set()
    texts = tuple(Word(label, start, end) for start, end, label in (words.intervals if words else ()) if label in said)
    return spans.to_phones(_spans(phones, path), texts)


def _spans(tier: Tier, path: Path) -> Iterator[spans.Span]:
    """Read a tier's labels."""
    if long := next((label for label in tier.labels if len(label) > LONGEST), None):
        raise InputError(f"{path}: tier {tier.name[:40]}: {long[:20]!r} … is no phone; use ARPAbet, IPA or SAMPA")
    reader = alphabets.alphabet(tier.labels)
    for start, end, label in tier.intervals:
        read = (SILENCE,) if alphabets.silent(label) else reader(label)
        if read is None:
            raise InputError(
                f"{path}: tier {tier.name}, {start:.2f} s: phone {label[:20]!r} is not known; use ARPAbet, IPA or SAMPA"
            )
        yield start, end, read


def _named(tiers: list[Tier], pattern: re.Pattern[str]) -> Tier | None:
    """Give the fullest tier of such a name: a file may have a tier for each speaker."""
    named = [tier for tier in tiers if pattern.search(tier.name.strip()) and tier.labels]
    return max(named, key=lambda tier: len(tier.intervals), default=None)


def _with_phones(tiers: list[Tier]) -> Tier | None:
    """Give the fullest tier whose labels are short and nearly all known as phones."""
    able = []
    for tier in tiers:
        labels = tier.labels
        if max(map(len, labels), default=0) > LONGEST:
            continue
        reader = alphabets.alphabet(labels)
        known = sum(reader(label) is not None for label in labels)
        short = sorted(len(reader(label) or label) for label in labels)
        if labels and known >= 0.9 * len(labels) and short[len(short) // 2] <= 1:
            able.append(tier)
    return max(able, key=lambda tier: len(tier.intervals), default=None)


def _over(tiers: list[Tier], phones: Tier | None) -> Tier | None:
    """Give the tier whose edges nearly all are edges of phones, the one with most words."""
    edges = {round(time, 3) for start, end, _ in (phones.intervals if phones else ()) for time in (start, end)}
    able = []
    for tier in tiers:
        own = {round(time, 3) for start, end, label in tier.intervals if label in tier.labels for time in (start, end)}
        if tier is not phones and own and len(own & edges) >= 0.9 * len(own) and len(own) < len(edges):
            able.append(tier)
    return max(able, key=lambda tier: len(tier.intervals), default=None)


def read_tiers(path: Path) -> list[Tier]:
    """Read every tier of intervals; tiers of points are passed over. Raises `InputError`, one line."""
    text = read_text(path, LARGEST)
    if text.startswith("ooBinaryFile"):
        raise InputError(f"{path}: is a binary TextGrid; save it as a text file in Praat")
    if "ooTextFile" not in text[:200] or "TextGrid" not in text[:400]:
        raise InputError(f"{path}: is no TextGrid")
    tokens = _Tokens(path, text)
    tokens.text(), tokens.text()
    tokens.number(), tokens.number()
    if tokens.flag() != "<exists>":
        return []
    tiers = []
    for _ in range(tokens.count("tiers")):
        kind, name = tokens.text(), tokens.text()
        tokens.number(), tokens.number()
        where = f"{path}: tier {name[:40]}"
        count = tokens.count("intervals")
        if count > MOST_INTERVALS:
            raise InputError(
                f"{where}: more than {MOST_INTERVALS:,} intervals; cut the recording and its file into parts"
            )
        if kind == "TextTier":
            for _ in range(count):
                tokens.number(), tokens.text()
        elif kind == "IntervalTier":
            tiers.append(Tier(name, tuple(tokens.intervals(count, where))))
        else:
            raise InputError(f"{where}: is of kind {kind[:40]!r}, which is not known")
    return tiers


class _Tokens:
    """The texts, flags and numbers of a TextGrid one after another."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._size, self._found = path, len(text), TOKEN.finditer(text)

    def _next(self, kind: str, called: str) -> str:
        for found in self._found:
            if found.lastgroup == kind:
                return found[kind]
            if found.lastgroup is not None:
                line = found.string.count("\n", 0, found.start()) + 1
                raise InputError(f"{self._path}: line {line}: a {called} is missing; export the TextGrid again")
        raise InputError(f"{self._path}: breaks off; export the TextGrid again")

    def text(self) -> str:
        return self._next("text", "text").replace('""', '"')

    def flag(self) -> str:
        return self._next("flag", "flag")

    def number(self) -> float:
        written = self._next("number", "number")
        try:
            return float(written)
        except ValueError as error:
            raise InputError(f"{self._path}: {written[:20]} is no number; export the TextGrid again") from error

    def count(self, called: str) -> int:
        """Read how many follow; never more than the file has room for."""
        number = self.number()
        if not (0 <= number <= self._size and number == int(number)):
            raise InputError(f"{self._path}: {number:g} {called} cannot be; export the TextGrid again")
        return int(number)

    def intervals(self, count: int, where: str) -> Iterator[tuple[float, float, str]]:
        before = 0.0
        for _ in range(count):
            start, end, label = self.number(), self.number(), self.text().strip()
            spans.check(start, end, before, f"{where}, interval {label[:20]!r} at {start:.3f} s")
            before = end
            yield max(start, 0.0), max(end, 0.0), label


def write(path: Path, phones: Phones, duration: float = 0.0) -> None:
    """Write tiers "words" and "phones" over `duration` seconds, or as long as the phones last; silence is empty.

    Praat's long text form, UTF-8. Raises `OutputError` when the place cannot be written.
    """
    sounded = zip(phones.start.tolist(), phones.end.tolist(), phones.label, strict=True)
    rows = {
        "words": [(word.start, word.end, word.text) for word in phones.words],
        "phones": [(start, end, label) for start, end, label in sounded if label != SILENCE],
    }
    last = max([duration, 0.01, *(end for row in rows.values() for _, end, _ in row)])
    head = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", f"xmax = {last:.6f}"]
    lines = [*head, "tiers? <exists>", f"size = {len(rows)}", "item []:"]
    for number, (name, row) in enumerate(rows.items(), 1):
        full = list(_filled(row, last))
        lines += [f"    item [{number}]:", '        class = "IntervalTier"', f'        name = "{name}"']
        lines += ["        xmin = 0", f"        xmax = {last:.6f}", f"        intervals: size = {len(full)}"]
        for place, (start, end, label) in enumerate(full, 1):
            quoted = label.replace('"', '""')
            lines += [f"        intervals [{place}]:", f"            xmin = {start:.6f}"]
            lines += [f"            xmax = {end:.6f}", f'            text = "{quoted}"']
    with whole(path) as file:
        file.write(("\n".join(lines) + "\n").encode())


def _filled(row: list[tuple[float, float, str]], last: float) -> Iterator[tuple[float, float, str]]:
    """Put an empty interval into every gap: in a TextGrid intervals follow one another."""
    before = 0.0
    for start, end, label in row:
        if start - before >= 1e-6:
            yield before, start, ""
        start = max(start, before) if start - before < 1e-6 else start
        if end - start >= 1e-6:
            yield start, end, label
            before = end
    if last - before >= 1e-6:
        yield before, last, ""
