"""Packs everything a head can be made of into one dictionary of mirror-symmetric and antisymmetric parts.

Three bases, their means and the 96 macro targets span far fewer directions than they count: an eigendecomposition of
each half (symmetric, antisymmetric) finds them, and those that no head needs by more than a hair are dropped.
"""

from __future__ import annotations

import numpy as np

from headroom.core.head.population import BLOCK

from .basis import Bases
from .people import People

TOLERANCE = 1.2e-5
"""Metres (root mean square over the vertices) up to which a row of the bases may miss its target."""
STRONG = 1.0e-3
"""Metres a part moves some vertex in some row, above which bytes are too coarse for it."""


def pack(people: People, bases: Bases) -> dict[str, np.ndarray]:
    """Give the arrays that `core.head.population.unpack` reads."""
    rows = np.concatenate([bases.bases.reshape(-1, *bases.bases.shape[2:]), bases.means, people.corners])
    mirror = people.mirror
    half = np.flatnonzero(np.arange(len(mirror)) <= mirror)
    half = half if people.position[half, 0].mean() > 0 else np.unique(mirror[half])
    flipped = rows[:, mirror] * np.array([-1, 1, 1], np.float32)
    arrays: dict[str, np.ndarray] = {}
    coordinates = []
    for kind, part in (("even", (rows + flipped) / 2), ("odd", (rows - flipped) / 2)):
        parts, places = _parts(part[:, half])
        reach = np.abs(places).max(axis=0) * np.linalg.norm(parts, axis=2).max(axis=1)
        strong = reach > STRONG
        order = np.r_[np.flatnonzero(strong), np.flatnonzero(~strong)]
        weak = parts[~strong]
        starts = np.arange(0, len(half), BLOCK)
        scale = (np.maximum.reduceat(np.abs(weak), starts, axis=1) / 127 + 1e-7).astype(np.float16)
        fine = weak / np.repeat(scale.astype(np.float32), BLOCK, axis=1)[:, : len(half)]
        arrays |= {f"{kind}_strong": parts[strong].astype(np.float16), f"{kind}_scale": scale,
                   f"{kind}_weak": np.rint(fine).clip(-127, 127).astype(np.int8)}  # fmt: skip
        coordinates.append(places[:, order])
    table = np.concatenate(coordinates, axis=1)
    count = bases.bases.shape[1]
    first, second = 3 * count, 3 * count + 3
    arrays |= {
        "mean": people.position.astype(np.float32), "half": half.astype(np.uint16), "mirror": mirror.astype(np.uint16),
        "bases": table[:first].reshape(3, count, -1).astype(np.float16),
        "means": table[first:second].astype(np.float32),
        "macros": table[second:].astype(np.float32),
    }  # fmt: skip
    return arrays


def _parts(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Orthogonal parts (K, H, 3), each about a metre's thousandth in size, and coordinates (R, K) of rows (R, H, 3)."""
    flat = rows.reshape(len(rows), -1)
    values, vectors = np.linalg.eigh((flat @ flat.T).astype(np.float64))
    values, vectors = values[::-1].clip(0), vectors[:, ::-1]
    places = vectors * np.sqrt(values)
    left = np.cumsum((places**2)[:, ::-1], axis=1)[:, ::-1] / rows.shape[1]  # what dropping k and all after it costs
    keep = int((np.sqrt(left.max(axis=0)) > TOLERANCE).sum())
    parts = (vectors[:, :keep] / np.sqrt(values[:keep])).T.astype(np.float32) @ flat
    size = np.abs(parts).max(axis=1)
    return (parts / size[:, None]).reshape(keep, *rows.shape[1:]), (places[:, :keep] * size).astype(np.float32)
