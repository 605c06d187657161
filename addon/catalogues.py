"""Catalogues of translations, and texts that were put together found again in them. Knows no Blender.

A catalogue is a .po file, what translators' tools read and write. Its messages are texts and templates, texts with
numbered gaps ("{0}: no such file"); `core` and the rest of the house write plain English, and what is shown is looked
up here by what it says: the text itself, else the template that fits it wholly, its gaps translated in turn.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent / "translations"

GAP = re.compile(r"\{(\d+)\}")
FEW = 8
"""Letters of a template below which it fits names by chance: it counts for gaps in small letters alone."""
LEAST = 6
"""Letters before its first gap that make up for that, as in "action {0}"."""
LISTS = ("{0} and {1} more", "{0} and {1}")
"""Names in a row, which fill many gaps."""
DEEPEST = 4
"""How often a gap may hold gaps."""

Translate = Callable[[str], str]


def read(path: Path) -> dict[str, str]:
    """Read a .po file: its messages and what they are in its language, without those that are empty or unsure."""
    found: dict[str, str] = {}
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        said: dict[str, str] = {}
        key = ""
        for line in block.splitlines():
            word, _, rest = line.partition(" ")
            if line.startswith("#"):
                if line.startswith("#,") and "fuzzy" in line:
                    break
                continue
            key, rest = (key, line) if line.startswith('"') else (word, rest)
            plain = "\\" not in rest and rest[:1] == rest[-1:] == '"' and rest.count('"') == 2  # quicker, at start
            said[key] = said.get(key, "") + (rest[1:-1] if plain else json.loads(rest))
        else:
            if said.get("msgid") and said.get("msgstr"):
                found[said["msgid"]] = said["msgstr"]
    return found


def read_all() -> dict[str, dict[str, str]]:
    """Read every catalogue by its language's code."""
    return {path.stem: read(path) for path in sorted(FOLDER.glob("*.po"))}


@dataclass(frozen=True)
class Template:
    """A message with gaps; its pattern is made when its longest part is first met in a text."""

    text: str

    @cached_property
    def parts(self) -> list[str]:
        return GAP.split(self.text)[::2]

    @cached_property
    def longest(self) -> str:
        return max(self.parts, key=len)

    @cached_property
    def letters(self) -> int:
        return sum(sign.isalpha() for part in self.parts for sign in part)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile("(.*?)".join(map(re.escape, self.parts)), re.DOTALL)

    def gaps(self, text: str) -> tuple[str, ...] | None:
        """Give what fills the gaps in a text that this template fits, else None."""
        found = self.pattern.fullmatch(text) if self.longest in text else None
        return found.groups() if found else None


class Messages:
    """All messages of the source, whatever the language, to find what a text was put together from."""

    def __init__(self, messages: Iterable[str]) -> None:
        messages = set(messages)
        self.exact = {text for text in messages if not GAP.search(text)}
        found = [Template(text) for text in messages if GAP.search(text)]
        self.templates = sorted(found, key=lambda one: (-sum(map(len, one.parts)), one.text))
        self.fit = lru_cache(4096)(self._fit)  # panels ask for the same texts at every redraw

    def translated(self, text: str, translate: Translate) -> str:
        """Give a text in another language, as far as `translate` (which gives back what it does not know) has it."""
        return self._whole(text, translate, 0) or text

    def _whole(self, text: str, translate: Translate, depth: int) -> str | None:
        if text in self.exact:
            return translate(text)
        strict = depth == 0 or text[:1].isupper()
        found = self._filled(text, translate, depth, strict)
        if found is None and text[:1].isupper():  # what begins a sentence here may stand within one elsewhere
            small = text[0].lower() + text[1:]
            found = translate(small) if small in self.exact else self._filled(small, translate, depth, True, LEAST)
            found = found[:1].upper() + found[1:] if found else None
        found = found or self._with_hint(text, translate, depth) or self._after_colon(text, translate, depth)
        if found is None and strict:
            found = self._filled(text, translate, depth, False, only=LISTS if depth else ())
        return found

    def _filled(
        self, text: str, translate: Translate, depth: int, strict: bool, least: int = 0, only: tuple[str, ...] = ()
    ) -> str | None:
        """Fill the gaps of the translation of the template that a text fits."""
        found = self.fit(text, strict, least, only)
        if found is None:
            return None
        filled = [self._gap(gap, translate, depth + 1) for gap in found[1]]
        return GAP.sub(lambda match: filled[int(match[1])], translate(found[0]))

    def _fit(
        self, text: str, strict: bool, least: int, only: tuple[str, ...] = ()
    ) -> tuple[str, tuple[str, ...]] | None:
        """Find the template that a text fits, the one that says most; by strict rules names fit none by chance."""
        for template in self.templates:
            if only and template.text not in only:
                continue
            start = len(template.parts[0].rstrip())
            if start >= least and (not strict or template.letters >= FEW or start >= LEAST):
                gaps = template.gaps(text)
                if gaps is not None:
                    return template.text, gaps
        return None

    def _with_hint(self, text: str, translate: Translate, depth: int) -> str | None:
        """Translate what was added to a text: "…; press Recognize Keys first"."""
        at = text.rfind("; ")
        hint = text[at:]
        if at < 0 or hint not in self.exact:
            return None
        return (self._whole(text[:at], translate, depth) or text[:at]) + translate(hint)

    def _after_colon(self, text: str, translate: Translate, depth: int) -> str | None:
        """Translate what follows the name of a file: "head.obj: has no vertices"."""
        at = text.find(": ")
        while at >= 0:
            rest = text[at + 2 :]
            found = (
                translate(rest)
                if rest in self.exact
                else self._filled(rest, translate, max(depth, 1), rest[:1].isupper())
            )
            if found:
                return text[: at + 2] + found
            at = text.find(": ", at + 1)
        return None

    def _gap(self, gap: str, translate: Translate, depth: int) -> str:
        """Translate what fills a gap where that is a message too; names in capitals are an artist's own."""
        if depth > DEEPEST or not gap.strip():
            return gap
        if gap in self.exact:
            return gap if gap[:1].isupper() else translate(gap)
        found = self._whole(gap, translate, depth)
        if found is None and ", " in gap:
            first, *others = gap.split(", ")
            found = self._gap(first, translate, depth + 1)
            for other in others:
                added = f", {other}"  # may be what was added to a text, or one more of a list
                found += self._filled(added, translate, depth, False) or f", {self._gap(other, translate, depth + 1)}"
        return found or gap
