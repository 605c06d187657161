"""How a mouth articulates: louder speech opens it wider, and an artist scales classes of phones, each on its own.

Jaw and lips are two axes, as in JALI (Edwards et al., "JALI: an animator-centric viseme model for expressive lip
synchronization", 2016): a shout opens the jaw, clear speech works the lips, a mumble does neither.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .features import FRAME_RATE
from .phones import NUMBER
from .recognise import LEVEL

if TYPE_CHECKING:
    from .lipsync import LipsyncOptions

VOWELS = ("AA", "AE", "AH", "AO", "AW", "AY", "EH", "EY", "OW", "OE")
ROUND = ("W", "UW", "UH", "OW", "OY", "AO", "OE", "UE", "R", "ER", "SH", "ZH", "CH", "JH")
SPREAD = ("IY", "IH", "EY", "AE", "EH", "S", "Z", "Y")
CONSONANTS = ("T", "D", "N", "S", "Z", "K", "G", "NG", "L", "R", "RR", "TH", "DH", "X", "HH", "SH", "ZH", "CH", "JH")
OPENING = ("jawOpen", "mouthLowerDown", "mouthUpperUp")
CLASSES = {
    "vowels": (VOWELS, OPENING),
    "rounding": (ROUND, ("mouthFunnel", "mouthPucker")),
    "spreading": (SPREAD, ("mouthStretch", "mouthSmile")),
    "consonants": (CONSONANTS, OPENING),
}
"""Slider -> which phones it scales, and which controls of theirs."""

BLEND = 2.0  # frames: the width of the Gaussian in which one class gives way to the next
USUAL = -6.0  # decibels of loudness at which the mouth opens as the network says
WIDER = 0.25  # how much wider (as a logarithm) 10 decibels open it
SPAN = 31  # hundredths of a second over which loudness is averaged


@dataclass(frozen=True)
class Articulation:
    """Factors around 1: `closure` of p b m, `teeth` of f v, the classes, and `dynamics`, what loudness does."""

    closure: float = 1.0
    teeth: float = 1.0
    vowels: float = 1.0
    rounding: float = 1.0
    spreading: float = 1.0
    consonants: float = 1.0
    dynamics: float = 1.0


STYLES: dict[str, dict[str, float]] = {
    "neutral": {},
    "clear": {"jaw": 1.1, "lips": 1.25, "closure": 1.2},
    "mumbled": {"jaw": 0.55, "lips": 0.6, "closure": 0.8},
    "whispered": {"jaw": 0.8, "lips": 1.2},
    "shouted": {"jaw": 1.5, "lips": 1.2, "closure": 1.2},
    "sung": {"jaw": 1.3, "vowels": 1.15, "consonants": 0.85},
}
"""Ways of speaking: each multiplies some of the sliders."""


def articulation(options: LipsyncOptions) -> Articulation:
    """Take the sliders of single phones out of the options, with what the way of speaking does to them."""
    style = STYLES[options.articulation]
    names = Articulation.__dataclass_fields__
    return Articulation(**{name: getattr(options, name) * style.get(name, 1.0) for name in names})


def axis(options: LipsyncOptions, name: str) -> float:
    """Give how far "jaw", "lips" or "tongue" moves, the whole strength and the way of speaking included."""
    return options.strength * getattr(options, name) * STYLES[options.articulation].get(name, 1.0)


def shape(
    controls: np.ndarray,
    columns: dict[str, int],
    shares: Callable[[], np.ndarray],
    loudness: np.ndarray,
    how: Articulation,
) -> np.ndarray:
    """Scale controls (F, C) at 60 frames a second; `loudness` (T,) is per 10 ms.

    `shares` gives the phones' shares of every frame, (F, 44), and is asked only where a class of them is scaled.
    """
    from scipy.ndimage import gaussian_filter1d

    factor = np.ones_like(controls)
    wide = [columns[name] for name in OPENING]
    factor[:, wide] *= np.exp(how.dynamics * WIDER * effort(loudness, len(controls)))[:, None]
    scaled = [name for name in CLASSES if getattr(how, name) != 1]
    said = shares() if scaled else np.empty((0, 0))
    for name in scaled:
        labels, moved = CLASSES[name]
        share = said[:, [NUMBER[label] for label in labels]].sum(axis=1)
        amount = gaussian_filter1d(share, BLEND, mode="nearest")
        factor[:, [columns[control] for control in moved]] *= (1 + (getattr(how, name) - 1) * amount)[:, None]
    return controls * factor


def effort(loudness: np.ndarray, count: int) -> np.ndarray:
    """Give how loud every frame at 60 a second is spoken, (count,): -1 for softly, 0 as usual, 0.6 at the most."""
    decibel = np.maximum(20 * np.log10(np.maximum(loudness, 1e-6) / LEVEL), -40)
    kernel = np.hanning(SPAN + 2)[1:-1]
    level = np.convolve(
        np.pad(np.maximum(decibel, -40), SPAN // 2, constant_values=-40), kernel / kernel.sum(), "valid"
    )
    place = np.arange(count) / 60 * FRAME_RATE - 0.5
    return np.clip((np.interp(place, np.arange(len(level)), level) - USUAL) / 10, -1, 0.6)
