"""Which shape key of which object answers which channel: one map that drives skin, teeth, tongue and brows together."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..performance import SHAPES
from ..speech.viseme_tables import SETS

CHANNELS = tuple(dict.fromkeys((*SHAPES, *(name for kind in SETS.values() for name in kind.visemes))))
"""Every channel that a key can answer: the face's shapes, then the visemes of all sets."""

HOW = ("name", "shape", "hand")
"""How an entry came about: read off the key's name, recognized by what it does, or set by the artist."""

VERSION = 1
LARGEST = 8 << 20
"""Characters a map's JSON may have."""
MOST = 50_000
"""Entries a map may have."""
LONGEST = 256
"""Characters a name may have; Blender's own have at most 63 bytes, 255 from 5.0 on."""
HEAVIEST = 100.0
"""Largest weight: some rigs count their keys in percent."""


@dataclass(frozen=True)
class Entry:
    """A key that answers a channel: its value is `weight` times the channel's; `score` says how sure that is, 0..1."""

    object: str
    key: str
    channel: str
    weight: float = 1.0
    score: float = 1.0
    how: str = "name"


@dataclass(frozen=True)
class KeyMap:
    """All entries of one character. A channel may move several keys, and a key may answer several channels."""

    entries: tuple[Entry, ...] = ()

    @cached_property
    def channels(self) -> tuple[str, ...]:
        """Every channel that is answered, once."""
        return tuple(dict.fromkeys(entry.channel for entry in self.entries))

    @cached_property
    def objects(self) -> tuple[str, ...]:
        """Every object that answers something, once."""
        return tuple(dict.fromkeys(entry.object for entry in self.entries))

    def for_object(self, name: str) -> dict[str, list[tuple[str, float]]]:
        """Give what moves on one object: channel -> (key, weight) pairs; empty for objects that the map lacks."""
        found: dict[str, list[tuple[str, float]]] = {}
        for entry in self.entries:
            if entry.object == name and entry.weight:
                found.setdefault(entry.channel, []).append((entry.key, entry.weight))
        return found

    def renamed(self, names: Mapping[str, str]) -> KeyMap:
        """Give the same map for objects of other names, as when a preset is used on another character."""
        return KeyMap(tuple(replace(one, object=names.get(one.object, one.object)) for one in self.entries))

    def to_json(self) -> str:
        """Write the map as a preset."""
        rows = [[one.object, one.key, one.channel, one.weight, round(one.score, 4), one.how] for one in self.entries]
        lines = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in rows)
        return f'{{"headroom_keymap": {VERSION}, "entries": [\n  {lines}\n]}}\n'

    @classmethod
    def from_json(cls, text: str, source: str = "the key map") -> KeyMap:
        """Read a preset. Raises `InputError`, with the source's name, on anything that is not as it should be."""
        if len(text) > LARGEST:
            raise InputError(f"{source} is too large for a key map; choose a file that Save Key Map wrote")
        try:
            stored = json.loads(text)
        except (ValueError, RecursionError):
            raise InputError(f"{source} is not JSON; choose a file that Save Key Map wrote") from None
        if not isinstance(stored, dict) or not isinstance(stored.get("entries"), list):
            raise InputError(f"{source} is no key map; choose a file that Save Key Map wrote")
        if stored.get("headroom_keymap") != VERSION:
            raise InputError(f"{source} is a key map of another version of Headroom; recognize the keys again")
        if len(stored["entries"]) > MOST:
            raise InputError(f"{source} has more than {MOST} entries; choose a file that Save Key Map wrote")
        return cls(tuple(_entry(row, number, source) for number, row in enumerate(stored["entries"], 1)))


def read(path: Path) -> KeyMap:
    """Read a preset from a file. Raises `InputError`, one line, when it is not there or no key map."""
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for
            raise InputError(f"{path}: is no file; choose one that Save Key Map wrote")
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}); choose another file") from None
    return KeyMap.from_json(raw.decode("utf-8", "replace"), path.name)


def merged(first: KeyMap, later: Iterable[Entry]) -> KeyMap:
    """Add what a less trusted way found: only keys, and channels of an object, that the first map leaves open."""
    keys = {(one.object, one.key) for one in first.entries}
    channels = {(one.object, one.channel) for one in first.entries}
    added = [one for one in later if (one.object, one.key) not in keys and (one.object, one.channel) not in channels]
    return KeyMap((*first.entries, *added))


def _entry(row: Any, number: int, source: str) -> Entry:
    wrong = f"entry {number} of {source} is damaged; recognize the keys again"
    if not isinstance(row, list) or len(row) != 6:
        raise InputError(wrong)
    names, (weight, score), how = row[:3], row[3:5], row[5]
    if not all(isinstance(name, str) and 0 < len(name) <= LONGEST for name in names) or how not in HOW:
        raise InputError(wrong)
    if any(isinstance(x, bool) or not isinstance(x, (int, float)) for x in (weight, score)):
        raise InputError(wrong)
    if not -HEAVIEST <= weight <= HEAVIEST or not 0 <= score <= 1:
        raise InputError(wrong)
    if names[2] not in CHANNELS:
        raise InputError(f"entry {number} of {source} names {names[2]!r}, which is no channel; see ARKit's 52 shapes")
    return Entry(names[0], names[1], names[2], float(weight), float(score), how)
