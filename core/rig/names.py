"""Reads which channels the keys of a head answer off their names, whichever convention they follow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache

from . import viseme_names
from .keymap import Entry, KeyMap
from .names_conventions import CONVENTIONS

EXACT, SPELLED, LISTED, COARSE = 1.0, 0.98, 0.9, 0.7
"""How sure a name is: the channel's own, another spelling of it, a row of a convention, a row that joins channels."""

Row = tuple[tuple[str, float], ...]
"""What a key means: (channel, weight) pairs."""


def by_names(keys: Iterable[str], name: str = "") -> tuple[Entry, ...]:
    """Give what the keys of one object, called `name`, answer; keys that say nothing are left out.

    Shapes of ARKit and whole sets of visemes come first (`viseme_names`), then rows of the other conventions, those
    with the most rows on this object first.
    """
    return tuple(
        Entry(name, key, channel, weight, score)
        for key, channel, weight, score in _read(tuple(dict.fromkeys(keys)))
    )  # fmt: skip


def map_by_names(keys: Mapping[str, Sequence[str]]) -> KeyMap:
    """Give what the keys of several objects answer: object -> keys.

    An object may have a few keys of a set only, as teeth do: they mean what keys of the same name mean elsewhere.
    """
    found = {thing: by_names(names, thing) for thing, names in keys.items()}
    meanings: dict[str, list[Entry]] = {}
    for entries in found.values():
        named: dict[str, list[Entry]] = {}
        for entry in entries:
            named.setdefault(entry.key, []).append(entry)
        for key, same in named.items():
            meanings.setdefault(key, same)
    rows: list[Entry] = []
    for thing, names in keys.items():
        rows += found[thing]
        read = {entry.key for entry in found[thing]}
        answered = {entry.channel for entry in found[thing]}
        for key in names:
            same = meanings.get(key, []) if key not in read else []
            rows += [
                Entry(thing, key, one.channel, one.weight, one.score) for one in same if one.channel not in answered
            ]
    return KeyMap(tuple(rows))


@lru_cache(maxsize=64)
def _read(keys: tuple[str, ...]) -> tuple[tuple[str, str, float, float], ...]:
    """List (key, channel, weight, score)."""
    rows: list[tuple[str, str, float, float]] = []
    answered: set[str] = set()
    for channels in viseme_names.answers(keys).values():
        rows += [
            (key, channel, 1.0, EXACT if key == channel else SPELLED)
            for channel, key in channels.items()
            if channel not in answered
        ]
        answered |= set(channels)
    taken = {key for key, *_ in rows}
    there = {bare: key for bare, key in viseme_names.read(keys).items() if key not in taken}
    hits = {name: sum(bare in there for level in _levels(name) for bare in level) for name in CONVENTIONS}
    for name in sorted(CONVENTIONS, key=lambda name: -hits[name]):
        for level in _levels(name):
            meant = [(there[bare], row) for bare, row in level.items() if bare in there and there[bare] not in taken]
            new = [
                (key, channel, weight, LISTED if len(row) == 1 else COARSE)
                for key, row in meant
                for channel, weight in row
                if channel not in answered
            ]
            rows += new
            answered |= {channel for _, channel, *_ in new}
            taken |= {key for key, *_ in new}
    return tuple(dict.fromkeys(rows))


@cache
def _levels(convention: str) -> tuple[dict[str, Row], ...]:
    """Give the levels of a convention as bare name -> row, with every spelling of a side."""
    return tuple(
        {bare: row for name, meaning in level.items() for bare, row in _sided(name, meaning)}
        for level in CONVENTIONS[convention]
    )


def _sided(name: str, meaning: str) -> list[tuple[str, Row]]:
    if "<" not in name:
        return [(viseme_names.bare_of(name), _row(meaning))]
    return [
        (viseme_names.bare_of(name.replace("<", spelled)), _row(meaning.replace("<", side).replace(">", other)))
        for side, other, spellings in (("Left", "Right", ("L", "Left")), ("Right", "Left", ("R", "Right")))
        for spelled in spellings
    ]


def _row(meaning: str) -> Row:
    """Read "mouthRollUpper .5 mouthRollLower .5"; a channel without a number has weight 1."""
    pairs: list[tuple[str, float]] = []
    for word in meaning.split():
        if re.fullmatch(r"-?\d*\.?\d+", word):
            pairs[-1] = (pairs[-1][0], float(word))
        else:
            pairs.append((word, 1.0))
    return tuple(pairs)
