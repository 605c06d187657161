"""What happens to a row of phones when a word in it is moved or spelled anew, or one phone is put beside another.

Phones are kept as parts that begin somewhere and last until the next one begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import numpy as np

from .phones import SILENCE, Phones

LEAST = 0.01
"""Seconds that a phone lasts at least, where an edit would leave it less: one frame of the recogniser's."""

GAP = 0.05
"""Seconds of silence that a word leaves behind at least; its neighbour is drawn out over a shorter gap."""

NONE = -1


@dataclass(eq=False)
class Part:
    """A phone that is being edited: `labels` (several when one was retyped to several), its `start` in seconds, the
    `word` that it belongs to, its `place` in the phones from before, the number of its `mark`, each -1 for none, and
    whether its start is `fixed` since an artist put it there."""

    labels: tuple[str, ...]
    start: float
    word: int = NONE
    place: int = NONE
    mark: int = NONE
    fixed: bool = False

    @property
    def silent(self) -> bool:
        """Whether nothing is said."""
        return self.labels == (SILENCE,)


def members(phones: Phones) -> np.ndarray:
    """Give the word that each phone lies in, (P,), -1 for none."""
    middle = (phones.start + phones.end) / 2
    found = np.full(len(middle), NONE)
    for place, word in enumerate(phones.words):
        found[(middle >= word.start) & (middle < word.end)] = place
    return found


def forget(parts: list[Part], word: int) -> None:
    """Let the phones of a word belong to none."""
    for part in parts:
        if part.word == word:
            part.word = NONE


def run(parts: list[Part], word: int) -> tuple[int, int]:
    """Give the first part of a word and the one behind its last; the same number twice for a word without parts."""
    inside = [place for place, part in enumerate(parts) if part.word == word]
    return (inside[0], inside[-1] + 1) if inside else (0, 0)


def respell(parts: list[Part], word: int, labels: tuple[str, ...], total: float) -> list[Part]:
    """Say other phones within a word's time. Those that stay keep theirs, new ones share what the old ones had."""
    first, last = run(parts, word)
    if first == last:
        return parts
    old = [part.labels[0] for part in parts[first:last]]
    edges = [part.start for part in parts[first:last]] + [_begin(parts, last, total)]
    starts: list[float | None] = [None] * len(labels)
    for kind, i, j, k, m in SequenceMatcher(None, old, labels, autojunk=False).get_opcodes():
        if kind == "equal":
            starts[k:m] = edges[i:j]
        elif kind == "replace":
            starts[k:m] = np.linspace(edges[i], edges[j], m - k, endpoint=False).tolist()
    if starts[0] is None:  # what comes first now takes its time from the one behind it
        held = [place for place, start in enumerate(starts) if start is not None]
        starts[held[0] if held else 0] = None
    starts[0] = edges[0]
    known = [place for place, start in enumerate(starts) if start is not None] + [len(labels)]
    for here, there in zip(known[:-1], known[1:], strict=True):  # what was put in shares the time of what it follows
        high = edges[-1] if there == len(labels) else starts[there]
        starts[here:there] = np.linspace(starts[here], high, there - here, endpoint=False).tolist()  # type: ignore[arg-type]
    made = [Part((label,), float(start), word) for label, start in zip(labels, starts, strict=True)]  # type: ignore[arg-type]
    if (np.diff([*(part.start for part in made), edges[-1]]) < 2 * LEAST).any():  # no room: all the same
        for part, start in zip(made, np.linspace(edges[0], edges[-1], len(made), endpoint=False), strict=True):
            part.start = float(start)
    return parts[:first] + made + parts[last:]


def in_order(moved: Sequence[tuple[int, float | None]], starts: list[float], marks: Sequence[Any]) -> list[Any]:
    """Order moved words so that none is in another's way: to the right the last one first, to the left the first."""
    known = [(number, time, starts[marks[number].place]) for number, time in moved if marks[number].place < len(starts)]
    right = sorted((one for one in known if one[1] > one[2]), key=lambda one: -one[2])
    left = sorted((one for one in known if one[1] <= one[2]), key=lambda one: one[2])
    return [(number, time) for number, time, _ in right + left]


def shift(parts: list[Part], word: int, time: float, total: float) -> list[Part]:
    """Let a word begin at `time` and carry its phones along. Silence beside it gives way, then the words beside it are
    squeezed, as far as they go; what it leaves behind is silence."""
    first, last = run(parts, word)
    if first == last:
        return parts
    low, high = parts[first].start, _begin(parts, last, total)
    left, right = _before(parts, first), _behind(parts, last)
    least = parts[left[0]].start + LEAST * (left[1] - left[0]) if left[0] < left[1] else 0.0
    most = _begin(parts, right[1], total) - LEAST * (right[1] - right[0]) if right[0] < right[1] else total
    delta = min(max(time - low, min(0.0, least - low)), max(0.0, most - high))
    start, end = low + delta, high + delta
    before, after = parts[:first], parts[last:]
    if delta < 0:
        _squeeze(parts[slice(*left)], parts[left[0]].start, _begin(parts, left[1], total), start, True)
        before = [part for part in before if part.start < start - (LEAST / 2 if part.silent else 1e-9)]
        if not (after and after[0].silent) and -delta >= GAP:
            after = [Part((SILENCE,), end), *after]
        elif after:
            after[0].start = end
    elif delta > 0:
        _squeeze(parts[slice(*right)], _begin(parts, right[0], total), _begin(parts, right[1], total), end, False)
        if after and after[0].silent:
            after = after[1:] if _begin(after, 1, total) <= end + LEAST else after
            if after and after[0].silent:
                after[0].start = end
        if not (before and before[-1].silent) and (delta >= GAP or not before):
            before = [*before, Part((SILENCE,), low)]
    for part in parts[first:last]:
        part.start += delta
    return before + parts[first:last] + after


def space(parts: list[Part], total: float) -> None:
    """Keep parts in order and each at least `LEAST` seconds long: those that were put somewhere stay, others yield."""
    least = min(LEAST, total / len(parts))
    touched = [part.fixed or part.place == NONE for part in parts]
    room = [least if here or before else 0.0 for before, here in zip([False, *touched[:-1]], touched, strict=True)]
    for place in range(1, len(parts)):
        here, before = parts[place], parts[place - 1]
        if here.start < before.start + room[place] and here.fixed and not before.fixed:
            limit = here.start - least
            for k in range(place - 1, -1, -1):
                if parts[k].start <= limit or parts[k].fixed:
                    break
                parts[k].start, limit = limit, limit - room[k]
    limit = 0.0
    for place, part in enumerate(parts):
        part.start = limit = max(part.start, limit + (room[place] if place else 0.0))
    limit = total - (least if touched[-1] else 0.0)
    for place in range(len(parts) - 1, -1, -1):
        parts[place].start = limit = max(0.0, min(parts[place].start, limit))
        limit -= room[place]
    parts[0].start = 0.0


def _begin(parts: list[Part], place: int, total: float) -> float:
    """Give where a part begins; behind the last one that is the end of the sound."""
    return parts[place].start if place < len(parts) else total


def _before(parts: list[Part], first: int) -> tuple[int, int]:
    """Find what is said before a part, past silence: the phones of one word, or one phone without a word."""
    end = first - 1 if first and parts[first - 1].silent else first
    begin = max(0, end - 1)
    while begin and parts[begin - 1].word == parts[end - 1].word != NONE:
        begin -= 1
    return begin, end


def _behind(parts: list[Part], last: int) -> tuple[int, int]:
    """Find what is said from a part on, past silence, as `_before` does."""
    begin = last + 1 if last < len(parts) and parts[last].silent else last
    end = min(len(parts), begin + 1)
    while end < len(parts) and parts[end].word == parts[begin].word != NONE:
        end += 1
    return begin, end


def _squeeze(parts: list[Part], low: float, high: float, to: float, from_right: bool) -> None:
    """Press parts between `low` and `high` together until they end (or begin, from the left) at `to`, if they must."""
    if not parts or (high <= to if from_right else low >= to):
        return
    new_low, new_high = (low, to) if from_right else (to, high)
    for part in parts:
        part.start = new_low + (part.start - low) * (new_high - new_low) / (high - low)
