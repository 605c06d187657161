"""Labelled spans of time, as files have them, checked and made into phones."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from ..errors import InputError
from ..speech.phones import SILENCE, Phones, Word

Span = tuple[float, float, tuple[str, ...]]
"""From, to (seconds), and the phones that share the time: none where nothing new is sounded."""

LATEST = 86_400.0  # seconds: a day
SLACK = 1e-4  # what rounding may let spans overlap by


def check(start: float, end: float, before: float, where: str) -> None:
    """Refuse a span that is not in time or begins before the one ahead of it ends, `before`; `where` names it."""
    if not (math.isfinite(start) and math.isfinite(end) and start >= -SLACK and end <= LATEST):
        raise InputError(f"{where}: its times are none of a recording; export the file again")
    if end < start:
        raise InputError(f"{where}: ends before it starts; mend its times")
    if start < before - SLACK:
        raise InputError(f"{where}: starts before the one ahead of it ends; mend its times")


def to_phones(spans: Iterable[Span], words: tuple[Word, ...] = ()) -> Phones:
    """Make phones of checked spans in the order of time.

    Several labels share their span evenly; a span without any (a glottal stop) belongs to what comes next, or before
    where nothing does; silences that touch are one.
    """
    label: list[str] = []
    start: list[float] = []
    end: list[float] = []
    waiting: float | None = None  # where a span without labels began
    for begin, finish, labels in spans:
        begin = max(begin, end[-1] if end else 0.0)
        if finish - begin < 1e-6:
            continue
        if not labels:
            waiting = begin if waiting is None else waiting
            continue
        if waiting is not None and labels[0] != SILENCE:
            begin = waiting
        elif waiting is not None and end and abs(end[-1] - waiting) < SLACK:
            end[-1] = begin
        waiting = None
        if labels == (SILENCE,) and label and label[-1] == SILENCE and begin - end[-1] < SLACK:
            end[-1] = finish
            continue
        edges = np.linspace(begin, finish, len(labels) + 1).tolist()
        label += labels
        start += edges[:-1]
        end += edges[1:]
    return Phones(tuple(label), np.array(start, float), np.array(end, float), np.ones(len(label)), words)
