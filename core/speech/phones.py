"""Phones: the editable hinge of lip sync, between what is heard and how the mouth moves."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..errors import InputError

SILENCE = "SIL"

INVENTORY = (
    SILENCE, "AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G", "HH", "IH", "IY",
    "JH", "K", "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH", "UH", "UW", "V", "W", "Y", "Z", "ZH",
    "OE", "RR", "UE", "X",
)  # fmt: skip
"""Every label a phone can have: silence, ARPAbet's 39 without stress, and four that English lacks: OE (German
schoen, French peur), UE (ueber, tu), RR (a tongue-tip r, tapped or rolled), X (ach, ich, a French r)."""

NUMBER = {label: number for number, label in enumerate(INVENTORY)}
BILABIAL = ("P", "B", "M")
LABIODENTAL = ("F", "V")


@dataclass(frozen=True)
class Word:
    """A word of the transcript and when it is said, in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Phones:
    """What is said when: phone `label[p]` from `start[p]` to `end[p]`, in order, without overlap.

    `label` holds P names of `INVENTORY`; `start` and `end` are (P,) float64 seconds; `confidence` is (P,) float64 in
    0..1, how sure the network was (an edited phone has 1). A gap counts as silence. Raises `InputError` when the
    parts do not fit together.
    """

    label: tuple[str, ...]
    start: np.ndarray
    end: np.ndarray
    confidence: np.ndarray
    words: tuple[Word, ...] = field(default=())

    def __post_init__(self) -> None:
        count = len(self.label)
        if any(getattr(self, name).shape != (count,) for name in ("start", "end", "confidence")):
            raise InputError(f"{count} phones need {count} starts, ends and confidences")
        unknown = sorted(set(self.label) - set(INVENTORY))
        if unknown:
            raise InputError(f"phone {unknown[0][:40]}: not known; choose from {' '.join(INVENTORY)}")
        times = np.stack([self.start, self.end], axis=1).ravel()
        if count and not (np.isfinite(times).all() and times[0] >= 0 and (np.diff(times) >= -1e-9).all()):
            raise InputError("phones must follow one another in time, each ending after it starts")

    @property
    def silent(self) -> bool:
        """Whether nothing is said at all."""
        return all(label == SILENCE for label in self.label)

    def numbers(self) -> np.ndarray:
        """Give each phone's place in `INVENTORY`, (P,) int64."""
        return np.array([NUMBER[label] for label in self.label], dtype=np.int64)


def from_frames(
    frames: np.ndarray, rate: float, confidence: np.ndarray | None = None, words: tuple[Word, ...] = ()
) -> Phones:
    """Join runs of equal numbers: `frames` (T,) of `INVENTORY` places at `rate` per second become phones.

    `confidence` is (T,) per frame, averaged over each phone.
    """
    if len(frames) == 0:
        return Phones((), np.zeros(0), np.zeros(0), np.zeros(0), words)
    starts = np.flatnonzero(np.r_[True, frames[1:] != frames[:-1]])
    return from_segments(frames[starts], starts, len(frames), rate, confidence, words)


def from_segments(
    numbers: np.ndarray,
    starts: np.ndarray,
    total: int,
    rate: float,
    confidence: np.ndarray | None = None,
    words: tuple[Word, ...] = (),
) -> Phones:
    """Build phones that fill `total` frames from places in `INVENTORY` (P,) and first frames (P,)."""
    edges = np.r_[starts, total]
    if confidence is None:
        mean = np.ones(len(numbers))
    else:
        mean = np.add.reduceat(confidence.astype(np.float64), starts) / np.diff(edges)
    label = tuple(INVENTORY[number] for number in numbers)
    return Phones(label, edges[:-1] / rate, edges[1:] / rate, np.clip(mean, 0.0, 1.0), words)
