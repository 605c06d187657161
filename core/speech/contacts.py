"""When lips touch, or the lower lip the teeth: a time for every p b m and f v that no neighbour takes away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .phones import BILABIAL, LABIODENTAL, SILENCE, Phones

GROUPS = (BILABIAL, LABIODENTAL)
"""Phones that make the same contact: lips on each other, the lower lip on the teeth."""

EASE_IN, EASE_OUT = 0.070, 0.060  # seconds from an open mouth to lips that touch, and back
EARLY = 0.03
"""Seconds by which lips are ahead of the phone that they make: tracked contacts of real clips come that much before it
is heard, and follow best so (training/LOG-speech.md). Of a short phone it is less, so that the contact is within it."""

HOLD = 0.036  # seconds that lips touch at least: two frames at 60, one at 30
EDGE = 0.02
"""Seconds that neighbours keep of such a phone: lips are still closing as it starts, and part before it ends."""

QUICKEST = 0.035  # seconds that lips take at least to meet or to part


@dataclass(frozen=True)
class Contact:
    """One contact: of which group, the middle of its phone, from when to when it is fully made, and how long it takes
    to make and to part it; in seconds."""

    group: int
    middle: float
    low: float
    high: float
    ease_in: float = EASE_IN
    ease_out: float = EASE_OUT


def find(phones: Phones, early: float = 0.0) -> list[Contact]:
    """List the contacts of phones in time, `early` seconds before them; a contact's group is its place in `GROUPS`.

    Each is held for `HOLD` (two frames at 60) at least, around its phone's middle. Two of different groups in a row
    leave time to get from one to the other; where they come so fast that both cannot be held, they share the
    time. A short phone beside a contact is open in its middle as far as lips are quick enough.
    """
    found: list[Contact] = []
    middles = ((phones.start + phones.end) / 2).tolist()
    for place, (label, start, end) in enumerate(
        zip(phones.label, phones.start.tolist(), phones.end.tolist(), strict=True)
    ):
        group = next((number for number, labels in enumerate(GROUPS) if label in labels), None)
        if group is None:
            continue
        ahead = min(early, 0.4 * (end - start))
        start, end = start - ahead, end - ahead
        middle = (start + end) / 2
        low, high = min(start + EDGE, middle - HOLD / 2), max(end - EDGE, middle + HOLD / 2)
        before = found[-1] if found else None
        if before is not None and before.group != group:
            cut = (before.high + low) / 2
            until = min(before.high, cut, max(before.middle + HOLD / 2, cut - EASE_IN / 2))
            found[-1] = replace(before, high=until)
            low = max(low, cut, min(middle - HOLD / 2, cut + EASE_IN / 2))
        ease_in, ease_out = EASE_IN, EASE_OUT
        if place and phones.label[place - 1] not in (SILENCE, *GROUPS[group]):
            ease_in = max(QUICKEST, min(ease_in, low - middles[place - 1]))
        if place + 1 < len(middles) and phones.label[place + 1] not in (SILENCE, *GROUPS[group]):
            ease_out = max(QUICKEST, min(ease_out, middles[place + 1] - high))
        found.append(Contact(group, middle, low, high, ease_in, ease_out))
    return found


def amounts(contacts: Sequence[Contact], time: np.ndarray) -> np.ndarray:
    """Give how far each group's contact is made at every time (F,), (F, 2) in 0..1; a row adds up to 1 at the most.

    A contact eases in and out, never into the time in which a neighbour of another group is held.
    """
    made = np.zeros((len(time), len(GROUPS)))
    for place, one in enumerate(contacts):
        ease_in, ease_out = one.ease_in, one.ease_out
        if place and contacts[place - 1].group != one.group:
            ease_in = min(ease_in, one.low - contacts[place - 1].high)
        if place + 1 < len(contacts) and contacts[place + 1].group != one.group:
            ease_out = min(ease_out, contacts[place + 1].low - one.high)
        first, last = np.searchsorted(time, (one.low - ease_in, one.high + ease_out + 1e-9))
        part = time[first:last]
        away = np.maximum(one.low - part, 0) / max(ease_in, 1e-9) + np.maximum(part - one.high, 0) / max(ease_out, 1e-9)
        ease = 0.5 + 0.5 * np.cos(np.pi * np.clip(away, 0, 1))
        made[first:last, one.group] = np.maximum(made[first:last, one.group], ease)
    return made / np.maximum(made.sum(axis=1, keepdims=True), 1)
