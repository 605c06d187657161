"""Measure mouths: whether lips touch where they should and only there, rest in silence, and move like other lips.

After DESIGN: the lips are closed where the gap on the ICT face is at most 1 mm or a tenth of the clip's 95th
percentile, and a phone is closed when they are at any frame within 40 ms of it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from headroom.core.speech.phones import BILABIAL, LABIODENTAL, SILENCE, Phones

OPEN_VOWELS = frozenset({"AA", "AE", "AH", "AO", "AW", "AY", "EH", "EY", "OW"})
STAYS_OPEN = frozenset({"T", "D", "N", "S", "K", "G", "L", "X"})
CLOSING = frozenset({SILENCE, *BILABIAL, *LABIODENTAL})
"""Phones whose closed lips may reach into the next one: what is within 40 ms of them is not asked to stay open."""

REACH = 0.04  # seconds
TOUCHING = 1.0  # mm
BITTEN = 2.5
"""Millimetres between the lower lip's inner vertex and the upper incisors' edge, in the plane that halves the face, at
which f and v are made (`face.ict_bite`). Lips at rest are 5.9 apart, those of every phone but f and v at least 4."""


@dataclass(frozen=True)
class Mouth:
    """A mouth over time on the ICT face, `fps` frames a second: `gap` (F,) mm between the lips, `bite` (F,) mm
    between lower lip and upper teeth, `controls` (F, C) that it comes from."""

    gap: np.ndarray
    bite: np.ndarray
    controls: np.ndarray
    fps: float


def closed(gap: np.ndarray) -> np.ndarray:
    """Say at which frames lips count as closed, (F,) bool."""
    return gap <= max(TOUCHING, 0.1 * float(np.percentile(gap, 95)))


def kind_of(label: str) -> str:
    """Give the group that a phone is counted in, "" for those that nothing is asked of."""
    if label in BILABIAL:
        return "pbm"
    if label in LABIODENTAL:
        return "fv"
    return "open" if label in OPEN_VOWELS else "other" if label in STAYS_OPEN else ""


def contacts(truth: Phones, mouth: Mouth) -> Counter:
    """Count phones by group ("pbm", "fv", "open", "other"), and how many are touched, each as "GROUP touched".

    "GROUP at middle" counts those touched at the frame nearest to their middle. Touched means lips closed, for f and v
    the lower lip at the teeth. Open vowels and t d n s k g l x count only where nothing that closes is near.
    """
    shut, bitten = closed(mouth.gap), mouth.bite <= BITTEN
    found: Counter = Counter()
    closing = [place for place, label in enumerate(truth.label) if label in CLOSING]
    starts, ends = np.r_[0.0, truth.start[closing]], np.r_[0.0, truth.end[closing]]
    end = len(mouth.gap) / mouth.fps
    for label, first, last in zip(truth.label, truth.start, truth.end, strict=True):
        kind = kind_of(label)
        if not kind or first >= end:
            continue
        near = (starts < last + REACH) & (ends > first - REACH)
        if kind in ("open", "other") and (near.any() or last + REACH > end):
            continue
        touched = bitten if kind == "fv" else shut
        low, high = int(np.ceil((first - REACH) * mouth.fps)), int((last + REACH) * mouth.fps)
        middle = min(len(touched) - 1, round((first + last) / 2 * mouth.fps))
        found[kind] += 1
        found[f"{kind} touched"] += bool(touched[max(0, low) : high + 1].any())
        found[f"{kind} at middle"] += bool(touched[middle])
    return found


def moving(mouth: Mouth, still: tuple[tuple[float, float], ...], least: float = 1e-3) -> Counter:
    """Count "still" frames, those in spans where nothing is said, and how many of them "moving": a control changes."""
    found: Counter = Counter()
    time = np.arange(1, len(mouth.controls)) / mouth.fps
    moves = (np.abs(np.diff(mouth.controls, axis=0)) > least).any(axis=1)
    for start, end in still:
        rest = (time > start) & (time < end)
        found["still"] += int(rest.sum())
        found["moving"] += int(moves[rest].sum())
    return found


def jerk(gap: np.ndarray, fps: float) -> float:
    """Give the gap's third derivative, its root mean square in mm/s^3."""
    return float(np.sqrt((np.diff(gap, 3) ** 2).mean())) * fps**3 if len(gap) > 3 else 0.0


def correlation(made: np.ndarray, tracked: np.ndarray, lag: int = 0) -> float:
    """Correlate two curves (F,) where `tracked` is seen, `made` moved `lag` frames later; 0 where one stands still."""
    count = min(len(made), len(tracked))
    made, tracked = made[:count], tracked[:count]
    if lag:
        made, tracked = (made[:-lag], tracked[lag:]) if lag > 0 else (made[-lag:], tracked[:lag])
    seen = np.isfinite(tracked)
    if seen.sum() < 2 or np.ptp(made[seen]) == 0 or np.ptp(tracked[seen]) == 0:
        return 0.0
    return float(np.corrcoef(made[seen], tracked[seen])[0, 1])
