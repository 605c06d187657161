"""Draws people: a plausible adult for every seed, and variants of one that keep what they are told to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .attributes import ATTRIBUTES, FEATURES
from .complexion import TONES
from .identity import LARGEST, Identity, features, place_of, probe
from .macros import ANCESTRIES, PERSON
from .population import population

FARTHEST = 2.5
"""Standard deviations at which a drawn number is cut off."""
TOWARDS_SCANS = (-1.0, -0.7)
"""Where between the two populations heads are drawn: near the scanned people, whose proportions are real."""
SKIN = {"african": 0.75, "asian": 0.30, "caucasian": 0.16}
"""Usual skin tone of each ancestry on the scale of the attribute."""
HOLD = 4e-4
"""Metres by which what is kept may give way, weighed against one standard deviation of a code's number."""


def draw(seed: int, variety: float, wanted: Mapping[str, float]) -> Identity:
    """Draw a person; wanted attributes are as asked, what depends on them follows, the rest is the seed's."""
    rng = np.random.default_rng(seed)
    numbers = (rng.standard_normal(population().size - 1) * variety).clip(-FARTHEST, FARTHEST)
    code = np.r_[rng.uniform(*TOWARDS_SCANS), numbers]
    person = {"age": rng.uniform(18, 75), "sex": float(rng.random() < 0.5) * 0.8 + rng.uniform(0, 0.2)}
    person |= {"muscle": rng.normal(0.5, 0.15), "weight": rng.normal(0.5, 0.17)}
    person |= dict(zip(ANCESTRIES, rng.dirichlet([0.3] * 3), strict=True))
    spread = rng.normal(0, 0.07), rng.random(), rng.random(), rng.beta(1.3, 3.0), rng.normal(0.4, 0.15), rng.random()
    person = {name: _within(name, wanted.get(name, value)) for name, value in person.items()}
    values = {**person, "asymmetry": 0.35, **_measured(code), **_tones(person, *spread)}
    return Identity(code, {name: float(wanted.get(name, values[name])) for name in ATTRIBUTES})


def vary(identity: Identity, seed: int, amount: float, keep: tuple[str, ...]) -> Identity:
    """Change a person by `amount` (0 not at all, 1 another person), but for groups or regions named in `keep`.

    A kept place stays where it is in the least-squares sense: of all codes the one nearest to the new draw is taken
    that leaves it there. Raises `InputError` for what cannot be kept.
    """
    other, before = draw(seed, 0.8, {}), identity.steered()
    code = before.copy()
    code[1:] = np.sqrt(max(1 - amount**2, 0)) * before[1:] + amount * other.code[1:]
    fixed = {name for name, rule in ATTRIBUTES.items() if rule.group in keep}
    values = dict(identity.attributes)
    for name in (*PERSON, *TONES):
        if name not in fixed and name in values:
            values[name] += amount**2 * (other.attributes[name] - values[name])
    places = [name for name in keep if name not in ("Person", "Colors")]
    if places:
        rows = np.concatenate([probe(place) for place in sorted({place_of(name) for name in places})], axis=1)
        code[1:] = _held(Identity(code, values), identity.coefficients(), rows).clip(-LARGEST, LARGEST)
    return Identity(code, values | _measured(code))


def _held(new: Identity, old: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The numbers (C - 1,) nearest to the new identity's with what `rows` (K, P) see as in the old mixture (K,)."""
    _, basis = population().basis(new.code[0])
    seen = basis @ rows / HOLD
    missing = (old - population().coefficients(new.code, new.person())) @ rows / HOLD
    return new.code[1:] + np.linalg.solve(seen @ seen.T + np.eye(len(seen)), seen @ missing)


def _measured(code: np.ndarray) -> dict[str, float]:
    limits = (ATTRIBUTES[name] for name in FEATURES)
    return {
        name: float(np.clip(value, rule.low, rule.high))
        for name, value, rule in zip(FEATURES, features(code), limits, strict=True)
    }


def _within(name: str, value: float) -> float:
    return float(np.clip(value, ATTRIBUTES[name].low, ATTRIBUTES[name].high))


def _tones(person: Mapping[str, float], *spread: float) -> dict[str, float]:
    """Colors that usually go with a person: skin by ancestry, dark hair and eyes with it, hair light with age; half of
    the men have not shaved today."""
    skin, hair, eye, freckles, redness, beard = spread
    total = sum(person[name] for name in ANCESTRIES)
    tone = sum(SKIN[name] * person[name] for name in ANCESTRIES) / total if total > 0 else 0.35
    tone = float(np.clip(tone + skin, 0, 1))
    dark = 1 - person["caucasian"] / total if total > 0 else 0.7
    strands = max(hair**0.7, min(1.0, 1.4 * dark)) * float(np.interp(person["age"], [45, 80], [1.0, 0.15]))
    grown = float(np.interp(person["age"], [15, 20], [0, 1]) * np.interp(person["sex"], [0.6, 0.9], [0, 1]))
    return {
        "skin_tone": tone,
        "hair_tone": strands,
        "eye_tone": max(eye**0.8, min(1.0, 1.3 * dark)),
        "freckles": freckles,
        "redness": float(np.clip(redness, 0, 1)),
        "stubble": grown * max(2 * beard - 1, 0.0) * 0.8,
    }
