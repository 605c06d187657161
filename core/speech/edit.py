"""Edits of phones as an artist makes them: move, retype, insert, delete, shift a word, spell it anew.

All of them are one thing: a row of marks, one for each phone and each word, of which some were moved, retyped, removed
or added. `from_markers` turns it into phones again, and says where the mouth may move differently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..errors import InputError
from . import edit_words as words
from .edit_words import LEAST, Part
from .labels import read_label
from .phones import SILENCE, Phones, Word
from .transcript import spell

REACH = 0.5
"""Seconds to either side of an edit in which a mouth can move differently: the lips network sees 0.4, and silence
shorter than 0.5 between two phones does not bring the mouth to rest (`lips.rest_gate`)."""

NEW = -1


@dataclass(frozen=True)
class Mark:
    """A phone or a word as a marker shows it, and what was done to it.

    `place` is its place in the phones or in their words, `NEW` for one that was added; `time` is where it was moved
    to, in seconds, None where it was not; `text` is what it was retyped to, None where it was not.
    """

    word: bool
    place: int
    time: float | None = None
    text: str | None = None


@dataclass(frozen=True)
class Edit:
    """What marks say: the `phones`, the `spans` (seconds) in which the mouth may move differently, the numbers of the
    marks whose text is `unknown` (they keep what they had), and for each phone and each word the number of the mark
    that it comes from, `NEW` for none."""

    phones: Phones
    spans: tuple[tuple[float, float], ...]
    unknown: tuple[int, ...]
    origin: tuple[int, ...]
    word_origin: tuple[int, ...]


def marks_of(phones: Phones) -> list[Mark]:
    """Give the marks of phones that nobody has touched."""
    return [Mark(False, place) for place in range(len(phones.label))] + [
        Mark(True, place) for place in range(len(phones.words))
    ]


def move(phones: Phones, place: int, time: float) -> Phones:
    """Let a phone begin at another time; its left neighbour lasts until then."""
    return _with(phones, Mark(False, place, time=time))


def retype(phones: Phones, place: int, text: str, language: str = "en") -> Phones:
    """Make a phone another one, ARPAbet or IPA. Raises `InputError` for what is no phone."""
    return _with(phones, Mark(False, place, text=text), language)


def insert(phones: Phones, time: float, text: str, language: str = "en") -> Phones:
    """Add a phone that lasts until the next one begins. Raises `InputError` for what is no phone."""
    return _with(phones, Mark(False, NEW, time, text), language)


def delete(phones: Phones, place: int) -> Phones:
    """Remove a phone; its time goes to its left neighbour."""
    return from_markers(phones, [mark for mark in marks_of(phones) if mark.word or mark.place != place]).phones


def shift_word(phones: Phones, place: int, time: float) -> Phones:
    """Let a word begin at another time and carry its phones along; silence gives way, then its neighbours do."""
    return _with(phones, Mark(True, place, time=time))


def respell_word(phones: Phones, place: int, text: str, language: str = "en") -> Phones:
    """Say another word within a word's time. Raises `InputError` for what nobody can pronounce."""
    return _with(phones, Mark(True, place, text=text), language)


def from_markers(
    phones: Phones,
    marks: Sequence[Mark],
    language: str = "en",
    frame: Callable[[float], float] = float,
    known: Mapping[str, tuple[tuple[str, ...], ...]] | None = None,
) -> Edit:
    """Turn marks back into phones. A phone without a mark was deleted, a word without one only loses its name.

    `phones` have no gaps (`take.filled`). `frame` says at which frame a time is shown: phones that are shown at the
    same one keep their order. `known` are a user's own pronunciations of words. An edited phone, and one whose
    neighbour's edge was moved, has confidence 1. Raises `InputError` for an unknown language.
    """
    total = float(phones.end[-1])
    by_phone, by_word, added = _sorted(marks)
    member = words.members(phones)
    parts = [
        Part((label,), start, word, place)
        for place, (label, start, word) in enumerate(
            zip(phones.label, phones.start.tolist(), member.tolist(), strict=True)
        )
    ]
    texts, unknown = [word.text for word in phones.words], []
    for place in range(len(texts)):
        number = by_word.get(place)
        if number is None:
            words.forget(parts, place)
        elif (text := marks[number].text) is not None:
            spelled = tuple(label for word in spell(text, language, known) for label in word.phones)
            if spelled:
                parts, texts[place] = words.respell(parts, place, spelled, total), text
            else:
                unknown.append(number)
    moved = [(number, marks[number].time) for number in by_word.values() if marks[number].time is not None]
    for number, time in words.in_order(moved, [word.start for word in phones.words], marks):
        parts = words.shift(parts, marks[number].place, time, total)
    parts, wrong = _marked(parts, marks, by_phone, added, phones, language)
    rank = {id(part): (frame(part.start), order) for order, part in enumerate(parts)}
    parts.sort(key=lambda part: rank[id(part)])
    _belong(parts)
    if not parts or parts[0].start > 1e-9:
        parts.insert(0, Part((SILENCE,), 0.0))
    words.space(parts, total)
    made, origin, held = _built(parts, phones, total)
    said, word_origin = _said(made, held, phones, member, texts, by_word)
    made = replace(made, words=said)
    return Edit(made, spans(phones, made), tuple(sorted(unknown + wrong)), origin, word_origin)


def spans(before: Phones, after: Phones) -> tuple[tuple[float, float], ...]:
    """Give the stretches of time, in seconds, in which two versions of what is said may move a mouth differently.

    Silence is silence, however long it lasts and however sure that is; any other phone counts from end to end.
    """
    kept = set(_keys(before)) & set(_keys(after))
    pieces = [
        (float(start), float(end))
        for phones in (before, after)
        for key, label, start, end in zip(_keys(phones), phones.label, phones.start, phones.end, strict=True)
        if key not in kept and label != SILENCE
    ]
    total = max(before.end[-1], after.end[-1])
    found: list[tuple[float, float]] = []
    for low, high in sorted(pieces):
        low, high = max(0.0, low - REACH), min(float(total), high + REACH)
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return tuple(found)


def _with(phones: Phones, changed: Mark, language: str = "en") -> Phones:
    """Apply one changed or new mark."""
    marks = [mark for mark in marks_of(phones) if (mark.word, mark.place) != (changed.word, changed.place)]
    edit = from_markers(phones, [*marks, changed], language)
    if edit.unknown:
        raise InputError(f"{changed.text}: is no phone or word; type ARPAbet such as AA or SH, IPA, or another word")
    return edit.phones


def _sorted(marks: Sequence[Mark]) -> tuple[dict[int, int], dict[int, int], list[int]]:
    """Give the numbers of the marks of phones and of words by place, and those that were added or are copies."""
    by_phone: dict[int, int] = {}
    by_word: dict[int, int] = {}
    added = []
    for number, mark in enumerate(marks):
        known = by_word if mark.word else by_phone
        if mark.place != NEW and mark.place not in known:
            known[mark.place] = number
        elif not mark.word:
            added.append(number)
    return by_phone, by_word, added


def _marked(
    parts: list[Part], marks: Sequence[Mark], by_phone: dict[int, int], added: list[int], phones: Phones, language: str
) -> tuple[list[Part], list[int]]:
    """Do to parts what the marks of phones say; gives those that are left, and the numbers of unknown marks."""
    total, unknown, left = float(phones.end[-1]), [], []
    for part in parts:
        if part.place == NEW:  # of a word that was spelled anew, or silence that a word left
            left.append(part)
        elif part.place in by_phone:
            part.mark = by_phone[part.place]
            mark = marks[part.mark]
            if mark.text is not None:
                part.labels = read_label(mark.text, language) or part.labels
                if not read_label(mark.text, language):
                    unknown.append(part.mark)
            if mark.time is not None:
                part.start, part.fixed = min(max(mark.time, 0.0), total - LEAST), True
            left.append(part)
    for number in added:
        mark = marks[number]
        known = phones.label[mark.place] if mark.place != NEW else ""
        labels = read_label(known if mark.text is None else mark.text, language)
        time = float(phones.start[mark.place]) if mark.time is None else mark.time
        if not labels:
            unknown.append(number)
        elif 0 <= time < total:
            left.append(Part(labels, min(time, total - LEAST), mark=number, fixed=True))
    return left, unknown


def _belong(parts: list[Part]) -> None:
    """Let phones that were put somewhere belong to the word around them."""
    for place, part in enumerate(parts):
        if part.fixed:
            around = [parts[k].word for k in (place - 1, place + 1) if 0 <= k < len(parts)]
            if len(around) == 2 and around[0] == around[1]:
                part.word = around[0]
            elif part.word not in around:
                part.word = NEW if any(other.word == part.word for other in parts if other is not part) else part.word


def _built(parts: list[Part], before: Phones, total: float) -> tuple[Phones, tuple[int, ...], list[int]]:
    """Give phones, the mark of each, and the word that each belongs to."""
    label, start, origin, held = [], [], [], []
    for place, part in enumerate(parts):
        end = parts[place + 1].start if place + 1 < len(parts) else total
        for k, name in enumerate(part.labels):
            label.append(name)
            start.append(part.start + (end - part.start) * k / len(part.labels))
            origin.append(part.mark if k == 0 else NEW)
            held.append(part.word)
    edges = np.array([*start, total])
    made = Phones(tuple(label), edges[:-1], edges[1:], np.ones(len(label)))
    sure = dict(zip(_keys(before), before.confidence.tolist(), strict=True))
    confidence = np.array([sure.get(key, 1.0) for key in _keys(made)])
    return replace(made, confidence=confidence), tuple(origin), held


def _said(
    made: Phones, held: list[int], before: Phones, member: np.ndarray, texts: list[str], by_word: dict[int, int]
) -> tuple[tuple[Word, ...], tuple[int, ...]]:
    """Give the words that are left over their phones, in time, and the mark of each."""
    found = []
    inside = np.array(held)
    for place, number in by_word.items():
        if place >= len(texts):
            continue
        now, then, word = np.flatnonzero(inside == place), np.flatnonzero(member == place), before.words[place]
        extent = (made.start[now[0]], made.end[now[-1]]) if len(now) else None
        was = (before.start[then[0]], before.end[then[-1]]) if len(then) else None
        if extent is not None and (was is None or np.abs(np.subtract(extent, was)).max() > 1e-9):
            word = replace(word, start=float(extent[0]), end=float(extent[1]))
        if extent is not None or was is None:
            found.append((word.start, number, replace(word, text=texts[place])))
    found.sort(key=lambda one: one[:2])
    return tuple(word for _, _, word in found), tuple(number for _, number, _ in found)


def _keys(phones: Phones) -> list[tuple[str, float, float]]:
    """Name each phone so that it can be found again in another version: label and edges to a microsecond."""
    return list(zip(phones.label, phones.start.round(6).tolist(), phones.end.round(6).tolist(), strict=True))
