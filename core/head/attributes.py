"""What a user may ask of a head by name, and how the identity code follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import InputError


@dataclass(frozen=True)
class Attribute:
    """One named property: its range, and what it does in one phrase."""

    low: float
    high: float
    help: str


FEATURES = {
    "face_width": "width of the face at the cheekbones",
    "jaw_width": "width of the jaw halfway to the chin",
    "chin_height": "distance from lower lip to chin",
    "nose_width": "width of the nose at its wings",
    "nose_length": "length of the nose from root to base",
    "nose_depth": "how far the tip of the nose stands out",
    "mouth_width": "width of the mouth",
    "lip_fullness": "height of the red of both lips",
    "eye_opening": "height of the opened eyes",
    "eye_spacing": "distance between the inner corners of the eyes",
    "brow_height": "height of the brows above the eyes",
    "ear_size": "height of the ears",
    "neck_width": "width of the neck",
}
"""Distances on the face that can be set alone, the others keeping what the seed gave them."""

ATTRIBUTES = {
    **{name: Attribute(-3.0, 3.0, f"{text}, in standard deviations") for name, text in FEATURES.items()},
    "asymmetry": Attribute(0.0, 1.0, "how much the halves of the face differ; real faces have 1, a plain one 0.35"),
    "skin_tone": Attribute(0.0, 1.0, "from the lightest to the darkest skin"),
    "hair_tone": Attribute(0.0, 1.0, "from light to black brows and hair"),
    "eye_tone": Attribute(0.0, 1.0, "from blue over green to dark brown eyes"),
}


def check(wanted: Mapping[str, float]) -> None:
    """Raise `InputError` when a name is unknown or a value out of range."""
    for name, value in wanted.items():
        if name not in ATTRIBUTES:
            raise InputError(f"{name}: not an attribute of a head; choose from {', '.join(ATTRIBUTES)}")
        rule = ATTRIBUTES[name]
        if not rule.low <= value <= rule.high:
            raise InputError(f"{name}={value:g}: must lie between {rule.low:g} and {rule.high:g}")


def steer(code: np.ndarray, wanted: Mapping[str, float], measure: np.ndarray, move: np.ndarray) -> np.ndarray:
    """Give the nearest code (C,) whose features have the wanted values, the other features being left alone.

    measure (A, C) reads the features of FEATURES off a code, in standard deviations; move (C, A) is its least-norm
    inverse. Both are exact because distances between vertices are linear in the code.
    """
    current = measure @ code
    target = current.copy()
    for k, name in enumerate(FEATURES):
        if name in wanted:
            target[k] = wanted[name]
    return code + move @ (target - current)
