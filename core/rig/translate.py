"""A clip made for one head's names, said in the names of another head: by what both call the same channel."""

from __future__ import annotations

from collections.abc import Iterable

from .keymap import Entry
from .names import by_names

Meaning = dict[str, tuple[tuple[str, float], ...]]
"""Name in a clip -> (key of this head, how much of the name's value it takes) pairs."""


def translate(
    lost: Iterable[str], ours: Iterable[Entry], names: Iterable[str] = (), theirs: Iterable[Entry] = ()
) -> Meaning:
    """Give for names that no key of a head has the keys that do the same here; names that mean nothing are left out.

    ours    what the head's keys answer, its key map
    names   all that the clip names, since a convention is known by its company; `lost` itself when left out
    theirs  what the names answer on the head that the clip was made for, where that is known; else they are read
    """
    lost = list(dict.fromkeys(lost))
    channels: dict[str, list[tuple[str, float]]] = {}
    for entry in (entry for entry in ours if entry.weight):
        channels.setdefault(entry.channel, []).append((entry.key, entry.weight))
    meant: dict[str, dict[str, float]] = {}
    known = list(theirs)
    spoken = {entry.key for entry in known}
    read = [entry for entry in by_names(list(names) or lost) if entry.key not in spoken]
    for entry in (*known, *read):
        if entry.key in lost and entry.weight:
            for key, weight in channels.get(entry.channel, ()):
                meant.setdefault(entry.key, {}).setdefault(key, weight / entry.weight)
    return {name: tuple(meant[name].items()) for name in lost if name in meant}
