"""What a user may ask of a head by name, and how the identity code follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import InputError


@dataclass(frozen=True)
class Attribute:
    """One named property: its range, what it does in one phrase, its group on a panel, and where it stands by default
    (None: the seed decides)."""

    low: float
    high: float
    help: str
    group: str = "Person"
    default: float | None = None


_FEATURES = {
    "Skull": {
        "head_width": "width of the head above the ears",
        "head_height": "height of the head above the eyes",
        "head_depth": "length of the head from front to back",
        "forehead_slope": "how far the forehead recedes",
    },
    "Brows": {
        "brow_height": "height of the brows above the eyes",
        "brow_angle": "how much higher the brows end than they begin",
        "brow_depth": "how far the brows stand out over the eyes",
    },
    "Eyes": {
        "eye_opening": "height of the opened eyes",
        "eye_width": "width of the opened eyes",
        "eye_spacing": "distance between the inner corners of the eyes",
        "eye_angle": "how much higher the outer corners of the eyes are",
    },
    "Nose": {
        "nose_width": "width of the nose at its wings",
        "nose_length": "length of the nose from root to base",
        "nose_depth": "how far the tip of the nose stands out",
        "nose_tip": "how far the tip of the nose is turned up",
        "nose_hump": "how far the ridge of the nose is arched",
    },
    "Cheeks": {
        "face_width": "width of the face at the cheekbones",
        "cheek_depth": "how far the cheeks stand forward under the eyes",
        "cheek_fullness": "width of the cheeks beside the mouth",
    },
    "Mouth": {
        "mouth_width": "width of the mouth",
        "lip_fullness": "height of the red of both lips",
        "lip_upper": "height of the red of the upper lip",
        "mouth_depth": "how far the lips stand forward",
        "mouth_corners": "how much higher the corners of the mouth are than its middle",
        "philtrum": "distance from nose to mouth",
    },
    "Jaw": {
        "jaw_width": "width of the jaw halfway to the chin",
        "jaw_angle": "how low the corners of the jaw are",
        "chin_height": "distance from lower lip to chin",
        "chin_depth": "how far the chin stands forward",
        "chin_width": "width of the chin",
    },
    "Ears": {
        "ear_size": "height of the ears",
        "ear_stand": "how far the ears stand off the head",
        "ear_height": "how high the ears sit",
    },
    "Neck": {
        "neck_width": "width of the neck",
        "neck_depth": "thickness of the neck from front to back",
        "neck_length": "length of the neck below the chin",
    },
}

FEATURES = {name: text for group in _FEATURES.values() for name, text in group.items()}
"""Distances on the face that can be set alone, the others keeping what the seed gave them."""

ATTRIBUTES = {
    "age": Attribute(3.0, 90.0, "age in years"),
    "sex": Attribute(0.0, 1.0, "from female to male"),
    "weight": Attribute(0.0, 1.0, "from thin over average (0.5) to heavy"),
    "muscle": Attribute(0.0, 1.0, "from weak over average (0.5) to muscular"),
    "african": Attribute(0.0, 1.0, "share of African ancestry; the three shares count in proportion"),
    "asian": Attribute(0.0, 1.0, "share of Asian ancestry; the three shares count in proportion"),
    "caucasian": Attribute(0.0, 1.0, "share of Caucasian ancestry; the three shares count in proportion"),
    "asymmetry": Attribute(0.0, 1.0, "how much the halves of the face differ; real faces have 1", default=0.35),
    **{
        name: Attribute(-3.0, 3.0, f"{text}, in standard deviations", group)
        for group, features in _FEATURES.items()
        for name, text in features.items()
    },
    "skin_tone": Attribute(0.0, 1.0, "from the lightest to the darkest skin", "Colors"),
    "hair_tone": Attribute(0.0, 1.0, "from light to black brows and hair", "Colors"),
    "eye_tone": Attribute(0.0, 1.0, "from blue over green to dark brown eyes", "Colors"),
    "freckles": Attribute(0.0, 1.0, "how dark freckles and moles are; they fade on dark skin", "Colors"),
    "redness": Attribute(0.0, 1.0, "how much blood shows in cheeks, nose and ears", "Colors"),
    "stubble": Attribute(0.0, 1.0, "from shaven to a beard of a few days", "Colors"),
}

GROUPS = tuple(dict.fromkeys(rule.group for rule in ATTRIBUTES.values()))
"""Groups in the order of a panel; those of FEATURES are also places on the head that can be kept while others vary."""

STIFF = 0.01
"""How much an exact wish may bend towards a likelier face, as a share of a feature's own variance."""


def check(wanted: Mapping[str, float]) -> None:
    """Raise `InputError` when a name is unknown or a value out of range."""
    for name, value in wanted.items():
        if name not in ATTRIBUTES:
            raise InputError(f"{name}: not an attribute of a head; choose from {', '.join(ATTRIBUTES)}")
        rule = ATTRIBUTES[name]
        if not rule.low <= value <= rule.high:
            raise InputError(f"{name}={value:g}: must lie between {rule.low:g} and {rule.high:g}")


def steer(numbers: np.ndarray, change: np.ndarray, measure: np.ndarray) -> np.ndarray:
    """Give the nearest numbers (N,) whose features have changed by `change` (A,), those with 0 staying as they are.

    measure (A, N) reads features off the numbers, in standard deviations. Exact but for STIFF, because distances
    between vertices are linear in the numbers.
    """
    if not np.any(change):
        return numbers
    return numbers + measure.T @ np.linalg.solve(measure @ measure.T + STIFF * np.eye(len(measure)), change)
