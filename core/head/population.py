"""All heads there can be: a code and a person's age, sex and so on become vertices, by mixing a dictionary of parts.

The first number of a code says where the head lies between two populations (-1 faces of a scan model, 0 blends, 1
MakeHuman's people); the others are read in the basis of that place, which runs straight between three learned ones.
Everything after that is linear. Parts are mirror-symmetric or antisymmetric, so only the left half is stored, and what
differs between left and right can be turned down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from .. import weights
from .macros import AVERAGE, shares

BLOCK = 32
"""Vertices in a row that share one scale where parts are stored as bytes: most parts are small in most places."""
FLIP = np.array([-1, 1, 1], np.float32)


@dataclass(frozen=True)
class Population:
    """mean (V, 3) metres; even (E, H, 3) and odd (O, H, 3): parts on the `half` (H,) vertices, K = E + O;
    mirror (V,) partners; means (3, K) and bases (3, C - 1, K): coordinates in the dictionary; macros (96, K)."""

    mean: np.ndarray
    even: np.ndarray
    odd: np.ndarray
    half: np.ndarray
    mirror: np.ndarray
    means: np.ndarray
    bases: np.ndarray
    macros: np.ndarray

    @property
    def size(self) -> int:
        """Count of numbers in a code."""
        return self.bases.shape[1] + 1

    def basis(self, place: float) -> tuple[np.ndarray, np.ndarray]:
        """Where codes start (K,) and what each number but the first adds (C - 1, K), at a place from -1 to 1."""
        place = float(np.clip(place, -1, 1))
        first = 0 if place < 0 else 1
        share = np.float32(place - (first - 1))
        return tuple((1 - share) * x[first] + share * x[first + 1] for x in (self.means, self.bases))  # type: ignore[return-value]

    def coefficients(self, code: np.ndarray, person: Mapping[str, float] = AVERAGE) -> np.ndarray:
        """How much of each part of the dictionary (K,) a code (C,) and a person take."""
        start, basis = self.basis(code[0])
        return start + np.asarray(code[1:], np.float32) @ basis + self.person(person)

    def person(self, person: Mapping[str, float]) -> np.ndarray:
        """What age, sex, muscle, weight and ancestry add (K,) to an average adult; see `macros.shares`."""
        return (shares(person) - shares(AVERAGE)).astype(np.float32) @ self.macros

    def vertices(self, coefficients: np.ndarray, asymmetry: float = 1.0) -> np.ndarray:
        """Vertices (V, 3) float32 of coefficients (K,); `asymmetry` scales what differs between left and right."""
        split = len(self.even)
        even = (coefficients[:split] @ self._flat[0]).reshape(-1, 3)
        odd = (np.float32(asymmetry) * coefficients[split:] @ self._flat[1]).reshape(-1, 3)
        result = self.mean.copy()
        result[self.half] += even + odd
        other = self.mirror[self.half]
        twin = other != self.half
        result[other[twin]] += (even[twin] - odd[twin]) * FLIP
        return result

    @cached_property
    def _flat(self) -> tuple[np.ndarray, np.ndarray]:
        return self.even.reshape(len(self.even), -1), self.odd.reshape(len(self.odd), -1)

    def at(self, vertices: np.ndarray) -> np.ndarray:
        """How each part moves some vertices (N,): (K, N, 3)."""
        place = np.full(len(self.mean), -1)
        place[self.half] = np.arange(len(self.half))
        left = place[vertices] >= 0
        row = np.where(left, place[vertices], place[self.mirror[vertices]])
        even, odd = self.even[:, row], self.odd[:, row]
        flip = np.where(left[:, None], 1, FLIP)
        return np.concatenate([even * flip, odd * flip * np.where(left, 1, -1)[:, None]])


@cache
def population() -> Population:
    """Load the shipped one. Raises `WeightsError`."""
    return unpack(weights.load("head").arrays)


def unpack(arrays: Mapping[str, np.ndarray]) -> Population:
    """Read a population from stored arrays: strong parts as they are, weak ones as bytes with a scale per BLOCK."""
    parts = {}
    for kind in ("even", "odd"):
        weak = arrays[f"{kind}_weak"].astype(np.float32)
        weak *= np.repeat(arrays[f"{kind}_scale"].astype(np.float32), BLOCK, axis=1)[:, : weak.shape[1]]
        parts[kind] = np.concatenate([arrays[f"{kind}_strong"].astype(np.float32), weak])
    rest = {name: arrays[name].astype(np.float32) for name in ("mean", "means", "bases", "macros")}
    indices = {name: arrays[name].astype(np.int64) for name in ("half", "mirror")}
    return Population(**parts, **rest, **indices)
