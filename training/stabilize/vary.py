"""Makes shapes and skins differ from person to person: gains, directions, leaks between shapes, slide over the bone."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

WAVES = 24


def smooth(count: int, places: np.ndarray, rng: np.random.Generator, length: float | None = None) -> np.ndarray:
    """Draw random fields (count, K, 3) of unit variance over places (K, 3), smooth over `length` metres.

    Without a length each field has its own, 1 to 8 cm. Source: random Fourier features (Rahimi and Recht, 2007).
    """
    lengths = np.full(count, length) if length else np.exp(rng.uniform(np.log(0.01), np.log(0.08), count))
    waves = rng.normal(size=(count, WAVES, 3)) / lengths[:, None, None]
    phase = rng.uniform(0, 2 * np.pi, (count, WAVES, 1))
    wave = np.cos(waves @ places.T + phase)  # (count, WAVES, K)
    amount = rng.normal(size=(count, WAVES, 3))
    return np.einsum("swk,swd->skd", wave, amount, optimize=True) * np.sqrt(2 / WAVES)


def tangential(count: int, places: np.ndarray, normals: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw slide fields (count, K, 3) along the skin, of unit root mean square length."""
    fields = smooth(count, places, rng)
    fields -= (fields * normals).sum(axis=2, keepdims=True) * normals
    return fields / np.sqrt((fields**2).sum(axis=2).mean(axis=1))[:, None, None]


def varied(shapes: np.ndarray, places: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give a person's own version of shapes (S, K, 3): from nearly as they are to quite different.

    Strength, strength by place, direction, a part of other shapes, and smooth error in proportion to the motion.
    """
    much = rng.uniform(0, 1.0)
    count = len(shapes)
    gain = np.exp(0.3 * much * rng.normal(size=(count, 1, 1)))
    by_place = np.clip(1 + 0.3 * much * smooth(count, places, rng, 0.05)[..., :1], 0.2, 2)
    turn = Rotation.from_rotvec(rng.normal(size=(count, 3)) * np.radians(9) * much).as_matrix()
    made = np.einsum("sij,skj->ski", turn, shapes) * gain * by_place
    leak = rng.normal(size=(count, count)) * (rng.random((count, count)) < 2 / count) * 0.2 * much
    made = made + np.tensordot(leak, shapes, axes=1)
    reach = np.sqrt((shapes**2).sum(axis=2))
    near = 0.8 * reach + 0.2 * reach.max(axis=1, keepdims=True) * (reach > 0.02 * reach.max(axis=1, keepdims=True))
    made += 0.2 * much * near[..., None] * smooth(count, places, rng, 0.03)
    if rng.random() < 0.4:  # hand-made rigs move little more than they must: cut off what moves least
        longest = np.sqrt((made**2).sum(axis=2, keepdims=True))
        floor = longest.max(axis=1, keepdims=True) * rng.uniform(0, 0.3, (count, 1, 1))
        made *= np.clip(1 - floor / np.maximum(longest, 1e-9), 0, None)
    if rng.random() < 0.4:
        pulled = rng.random(count) < rng.uniform(0, 0.6)
        made[pulled] = pulls(int(pulled.sum()), places, ~uncovered(shapes), rng)
    made[:, uncovered(shapes)] = 0
    return made


def uncovered(shapes: np.ndarray) -> np.ndarray:
    """Tell which places (K,) no shape (S, K, 3) knows."""
    return ~np.abs(shapes).any(axis=(0, 2))


def pulls(count: int, places: np.ndarray, covered: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw shapes (count, K, 3) of one muscle each: a pull or a ring about a place, fading out around it."""
    middle = places[rng.choice(np.flatnonzero(covered), count)]
    off = places - middle[:, None]
    reach = np.exp(rng.uniform(np.log(0.008), np.log(0.04), (count, 1)))
    near = np.exp(-0.5 * (off**2).sum(axis=2) / reach**2)[..., None]
    way = rng.normal(size=(count, 1, 3)) * [1, 0.5, 1]
    way *= 0.01 * rng.random((count, 1, 1)) ** 0.7 / np.linalg.norm(way, axis=2, keepdims=True)
    ring = -off * rng.uniform(-0.2, 0.4, (count, 1, 1))
    return near * np.where(rng.random((count, 1, 1)) < 0.75, way, ring)
