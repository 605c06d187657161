"""Texts with times, as subtitles have them: what is said within which seconds, not yet which phone when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .dictionary import Dictionary
from .transcript import Spelled, spell

TOLERANCE = 0.4
"""Seconds by which speech may begin before its caption or go on after it."""


@dataclass(frozen=True)
class Caption:
    """What is said between `start` and `end`, in seconds."""

    text: str
    start: float
    end: float


def spell_captions(
    captions: tuple[Caption, ...], language: str, dictionary: Dictionary | None = None
) -> tuple[list[Spelled], np.ndarray]:
    """Give the words of all captions, and for each the seconds from which and before which it is said, (W, 2).

    Captions come in the order of time. Raises `InputError` as `spell` does.
    """
    words: list[Spelled] = []
    windows: list[tuple[float, float]] = []
    latest = 0.0
    for caption in captions:
        spelled = spell(caption.text, language, dictionary)
        latest = max(latest, caption.end + TOLERANCE)
        words += spelled
        windows += [(max(0.0, caption.start - TOLERANCE), latest)] * len(spelled)
    return words, np.array(windows).reshape(-1, 2)
