"""Who a head is: a code and attributes, small enough to store in a file, enough to make the head again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from .. import weights
from ..errors import InputError
from . import attributes
from .attributes import FEATURES, GROUPS
from .macros import AVERAGE, PERSON
from .population import population

LARGEST = 10.0
"""Standard deviations beyond which a stored code is not one of ours."""


@dataclass(frozen=True)
class Identity:
    """code (C,) float64: the face that the seed drew; attributes: every name of ATTRIBUTES with its value.

    A feature whose value differs from what the code gives is reached by moving the code (`attributes.steer`), so
    sliders can be moved back and forth without wearing the face out. Raises `InputError` when either is impossible.
    """

    code: np.ndarray
    attributes: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        code = np.asarray(self.code, np.float64)
        if code.shape != (population().size,) or not np.isfinite(code).all() or np.abs(code).max() > LARGEST:
            raise InputError(f"identity: the code must be {population().size} numbers within {LARGEST:g}")
        attributes.check(self.attributes)
        object.__setattr__(self, "code", code)

    def to_json(self) -> str:
        """Write as one line of JSON."""
        return json.dumps({"code": [round(float(c), 5) for c in self.code], "attributes": self.attributes})

    @staticmethod
    def from_json(text: str) -> Identity:
        """Read what `to_json` wrote; raises `InputError` on anything else."""
        try:
            stored = json.loads(text)
            code = np.array(stored["code"], np.float64)
            named = {str(name): float(value) for name, value in stored["attributes"].items()}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
            raise InputError("identity: not one that Headroom wrote") from error
        return Identity(code, named)

    def person(self) -> dict[str, float]:
        """Age, sex, muscle, weight and ancestry, those that are not set being average."""
        return {name: self.attributes.get(name, AVERAGE[name]) for name in PERSON}

    def steered(self) -> np.ndarray:
        """The code (C,) after the features that are set."""
        rows = measure(self.code[0])
        measured = rows @ self.code[1:]
        change = np.array([self.attributes.get(name, measured[k]) - measured[k] for k, name in enumerate(FEATURES)])
        change[np.abs(change) < 1e-4] = 0
        return np.r_[self.code[0], attributes.steer(self.code[1:], change, rows)]

    def coefficients(self) -> np.ndarray:
        """How much (K,) of each part of `population.Population` makes this head."""
        return population().coefficients(self.steered(), self.person())


def features(code: np.ndarray) -> np.ndarray:
    """Read the features (A,) of a code, in standard deviations of heads at its place, in the order of FEATURES."""
    return measure(code[0]) @ code[1:]


def measure(place: float) -> np.ndarray:
    """How the numbers of a code at a place make features, (A, C - 1): rows of unit length, as numbers vary by 1."""
    rows = table() @ population().basis(place)[1].T
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def probe(place: int) -> np.ndarray:
    """How each part of the dictionary moves the vertices that stand for a place (see `place_of`): (K, N * 3)."""
    return _probes()[place]


def place_of(name: str) -> int:
    """Index among the groups that are places, of a group (`Nose`) or a region (`lip_upper`, `ear.L`)."""
    places = [group for group in GROUPS if group not in ("Person", "Colors")]
    plain = name.split(".")[0].lower()
    for k, group in enumerate(places):
        if plain == group.lower() or plain in REGIONS[group]:
            return k
    raise InputError(f"{name}: cannot be kept; choose from {', '.join(GROUPS)}")


REGIONS = {
    "Skull": ("forehead", "temple", "scalp"), "Brows": ("brow",), "Eyes": ("eyelid_upper", "eyelid_lower"),
    "Nose": ("nose",), "Cheeks": ("cheek",), "Mouth": ("lip_upper", "lip_lower"), "Jaw": ("chin", "jaw"),
    "Ears": ("ear",), "Neck": ("throat", "nape", "chest"),
}  # fmt: skip
"""Which regions of `Head.region`, sides left out, a group of features is about."""


@cache
def table() -> np.ndarray:
    """How each part of the dictionary changes each feature, (A, K), in metres."""
    stored, all_heads = weights.load("head").arrays, population()
    moved = all_heads.at(stored["feature_vertex"].astype(np.int64))
    terms = moved[:, np.arange(moved.shape[1]), stored["feature_axis"].astype(np.int64)] * stored["feature_weight"]
    rows = np.zeros((len(FEATURES), len(moved)))
    np.add.at(rows, stored["feature_row"].astype(np.int64), terms.T)
    return rows


@cache
def _probes() -> np.ndarray:
    kept = weights.load("head").arrays["kept"].astype(np.int64)
    all_heads = population()
    return np.stack([all_heads.at(row).reshape(len(all_heads.means[0]), -1) for row in kept])
