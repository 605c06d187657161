"""Age, sex, weight, muscle and ancestry as shares of extreme people, multilinear as MakeHuman has them.

A person is a blend of corners: 24 of ancestry, sex and age, and 72 of sex, age, muscle and weight. Between corners the
shares are products of tent functions (MakeHuman's `macro.json`), so every corner is met exactly and the way between
two is straight. Ages in years: baby 1, child 12, young 25, old 90.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np

ANCESTRIES = ("african", "asian", "caucasian")
SEXES = ("female", "male")
AGES = {"baby": 1.0, "child": 12.0, "young": 25.0, "old": 90.0}
LEVELS = ("min", "average", "max")

CORNERS = (
    *(f"{ancestry}-{sex}-{age}" for ancestry, sex, age in product(ANCESTRIES, SEXES, AGES)),
    *(
        f"universal-{sex}-{age}-{muscle}muscle-{weight}weight"
        for sex, age, muscle, weight in product(SEXES, AGES, LEVELS, LEVELS)
    ),
)
"""Names of MakeHuman's macro targets, in the order of `shares`."""

PERSON = ("age", "sex", "muscle", "weight", *ANCESTRIES)
AVERAGE = {"age": 25.0, "sex": 0.5, "muscle": 0.5, "weight": 0.5, **{name: 1 / 3 for name in ANCESTRIES}}
"""An adult between all extremes: where the morphs of a person start from."""


def shares(person: Mapping[str, float]) -> np.ndarray:
    """Give the share of every corner (96,) in a person.

    age in years; sex 0 (female) to 1 (male); muscle and weight 0 to 1, average at 0.5; african, asian and caucasian
    are any amounts not below 0 and count in proportion (all 0 counts as equal).
    """
    age = _tent(list(AGES.values()), person["age"])
    sex = _tent([0.0, 1.0], person["sex"])
    muscle, weight = (_tent([0.0, 0.5, 1.0], person[name]) for name in ("muscle", "weight"))
    ancestry = np.array([max(person[name], 0.0) for name in ANCESTRIES])
    ancestry = ancestry / ancestry.sum() if ancestry.sum() > 0 else np.full(3, 1 / 3)
    first = np.einsum("r,s,a->rsa", ancestry, sex, age)
    second = np.einsum("s,a,m,w->samw", sex, age, muscle, weight)
    return np.concatenate([first.ravel(), second.ravel()])


def _tent(stops: list[float], at: float) -> np.ndarray:
    """Shares of the two neighbouring stops, by distance; beyond the ends the end stays."""
    return np.array([np.interp(at, stops, np.eye(len(stops))[k]) for k in range(len(stops))])
