"""Learns how a code of numbers becomes a head: three bases and the way between them, over one dictionary of parts.

A single linear basis has to share its numbers between two populations that lie in nearly separate spaces. Here the
first number says where a head lies between them (-1 faces of the scan model, 0 blends, 1 MakeHuman's people), and the
others are read in the basis of that place, straight lines between the three (a mixture of principal component
analysers, Tipping and Bishop 1999, with a soft switch). The bases are weighted so that the usual error counts, not its
square. All of them are stored as coordinates in one dictionary of mirror-symmetric and antisymmetric parts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headroom.core.head.macros import ANCESTRIES

from .people import People, draw_person

ANCHORS = 3
LOCAL = 0.1
"""Weight of people patched together in MakeHuman's basis: what it has not seen whole it may know by parts."""
OTHERS = 0.5
"""Weight of both unblended populations in the basis of the blends."""


@dataclass(frozen=True)
class Heads:
    """Training heads as displacements (N, V, 3) float32 from the template's mean, by kind."""

    scanned: np.ndarray
    made: np.ndarray
    blended: np.ndarray

    def all(self) -> np.ndarray:
        """Every head, (N, V, 3)."""
        return np.concatenate([self.scanned, self.made, self.blended])


@dataclass(frozen=True)
class Bases:
    """means (3, V, 3) and bases (3, C - 1, V, 3) in metres per standard deviation, most important first."""

    means: np.ndarray
    bases: np.ndarray


def draw_heads(people: People, count: int, seed: int = 0, held: str = "", only: bool = False) -> Heads:
    """Draw `count` heads of each kind; without the family `held`, or, with `only`, all with it.

    `held` is a family of MakeHuman's details (such as `nose`), `old`, or an ancestry.
    """
    rng = np.random.default_rng(seed)
    scanned = np.stack([people.scanned(rng) for _ in range(count)])
    made = np.stack([_made(people, rng, held, only) for _ in range(count)])
    blended = np.stack([people.blended(rng, people.scanned(rng), _made(people, rng, held, only)) for _ in range(count)])
    for heads in (made, blended):
        for k in np.flatnonzero(rng.random(count) < 0.5):
            heads[k] = people.mirrored(heads[k])
    return Heads(scanned, made, blended)


def _made(people: People, rng: np.random.Generator, held: str, only: bool) -> np.ndarray:
    person = draw_person(rng)
    if held == "old":
        person["age"] = rng.uniform(60, 90) if only else person["age"] if person["age"] < 40 else rng.uniform(18, 40)
    elif held in ANCESTRIES:
        others = [name for name in ANCESTRIES if name != held]
        share, part = rng.uniform(0.7, 1.0) if only else 0.0, rng.random()
        person |= {held: share, others[0]: part * (1 - share), others[1]: (1 - part) * (1 - share)}
    detail = held if held not in ("old", *ANCESTRIES) else ""
    return people.made(rng, person, without=() if only or not detail else (detail,), always=detail if only else "")


def learn(people: People, heads: Heads, size: int, skin: int, seed: int = 1) -> Bases:
    """Find the three bases of `size` - 1 numbers from training heads; errors count on the first `skin` vertices."""
    rng = np.random.default_rng(seed)
    numbers = size - 1
    together = np.stack([_patched(people, rng, heads.made) for _ in range(len(heads.made) // 2)])
    mean, made = components([(heads.made, 1.0), (together, LOCAL)], numbers, skin, refine=2)
    del together
    other, blended = components(
        [(heads.blended, 1.0), (heads.made, OTHERS), (heads.scanned, OTHERS)], numbers, skin, refine=2
    )
    scan = _principal(people.scan, skin)
    scan = np.concatenate([scan, _beyond(scan, blended, skin)])[:numbers]
    return Bases(np.stack([np.zeros_like(mean), other, mean]), np.stack([scan, blended, made]))


def _patched(people: People, rng: np.random.Generator, heads: np.ndarray) -> np.ndarray:
    first, second = heads[rng.integers(len(heads))], heads[rng.integers(len(heads))]
    return first + people.patches(rng)[:, None] * (second - first)


def components(
    parts: list[tuple[np.ndarray, float]], count: int, skin: int, refine: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Mean (V, 3) and principal components (count, V, 3), in metres per standard deviation, of weighted sets of heads.

    `refine` times, heads and vertices that are reached badly get less weight, as for least absolute errors
    (iteratively reweighted least squares): plain components serve outliers.
    """
    heads = np.concatenate([part for part, _ in parts])
    weight = np.concatenate([np.full(len(part), share / len(part)) for part, share in parts])
    mean = np.tensordot(weight / weight.sum(), heads, 1).astype(np.float32)
    moved = heads - mean
    flat = moved[:, :skin].reshape(len(heads), -1)
    by_head, by_vertex = np.ones(len(heads)), np.ones(skin)
    for step in range(refine + 1):
        rows, columns = np.sqrt(weight * by_head), np.repeat(np.sqrt(by_vertex), 3).astype(np.float32)
        scaled = flat * columns
        scaled *= rows[:, None].astype(np.float32)
        values, vectors = np.linalg.eigh((scaled @ scaled.T).astype(np.float64))
        picks = vectors[:, ::-1][:, :count] * rows[:, None]
        if step < refine:
            found = picks.T.astype(np.float32) @ flat
            turn = np.linalg.qr(found.T)[0]
            error = np.linalg.norm((flat - flat @ turn @ turn.T).reshape(len(heads), skin, 3), axis=2)
            by_head, by_vertex = (1 / np.maximum(np.median(error, axis=k), 1e-5) for k in (1, 0))
            by_head, by_vertex = by_head / by_head.mean(), by_vertex / by_vertex.mean()
    spread = np.sqrt(np.maximum(values[::-1][:count], 1e-20) / (weight * by_head).sum())
    basis = np.tensordot(picks.T.astype(np.float32), moved, 1)
    size = np.linalg.norm(basis[:, :skin].reshape(count, -1) * columns, axis=1)
    return mean, (basis * (spread / np.maximum(size, 1e-12))[:, None, None]).astype(np.float32)


def _principal(modes: np.ndarray, skin: int) -> np.ndarray:
    """Turn modes (M, V, 3) of unit variance so that the most important come first."""
    flat = modes[:, :skin].reshape(len(modes), -1).astype(np.float64)
    return np.einsum("cm,mvd->cvd", np.linalg.eigh(flat @ flat.T)[1][:, ::-1].T, modes).astype(np.float32)


def _beyond(basis: np.ndarray, others: np.ndarray, skin: int) -> np.ndarray:
    """What `others` (N, V, 3) can reach and `basis` (C, V, 3) cannot, most important first."""
    flat = basis[:, :skin].reshape(len(basis), -1)
    share = np.linalg.lstsq(flat.T, others[:, :skin].reshape(len(others), -1).T, rcond=None)[0]
    return _principal(others - np.einsum("cn,cvd->nvd", share, basis), skin)


def fit(bases: Bases, heads: np.ndarray, size: int, skin: int) -> np.ndarray:
    """Reconstruct heads (N, V, 3) on the skin with a code of `size` numbers, by least squares; (N, skin, 3).

    The first number is searched for, coarse then fine; the rest follows in closed form.
    """
    target = heads[:, :skin].reshape(len(heads), -1)
    best, result, at = np.full(len(heads), np.inf), np.zeros_like(target), np.zeros(len(heads))
    for place in (-1.0, -0.5, 0.0, 0.5, 1.0):
        mean, basis = blend(bases, place, size - 1)
        turn = np.linalg.qr(basis[:, :skin].reshape(size - 1, -1).T)[0]
        offset = mean[:skin].ravel()
        moved = target - offset
        moved = (moved @ turn) @ turn.T + offset
        error = ((moved - target) ** 2).sum(axis=1)
        better = error < best
        best[better], result[better], at[better] = error[better], moved[better], place
    return result.reshape(len(heads), skin, 3)


def blend(bases: Bases, place: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean (V, 3) and the first `count` of the basis (count, V, 3) at a place from -1 to 1."""
    first = 0 if place < 0 else 1
    share = np.float32(place - (first - 1))
    mean = (1 - share) * bases.means[first] + share * bases.means[first + 1]
    if share in (0, 1):
        return mean, bases.bases[first + int(share)][:count]
    return mean, (1 - share) * bases.bases[first][:count] + share * bases.bases[first + 1][:count]
