"""Tells faces that have turned over: one measure for the checker, which counts, and the decoder, which mends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BROAD = 4.0
"""How many times a face's own area one beside it counts at most: a narrow face along a sharp edge, as those of a closed
lid are, is not turned over because the broad one beside it faces elsewhere."""
PLEAT = 0.5
"""Cosine past which a face lies backwards between two that agree with each other: a pleat."""


@dataclass(frozen=True)
class Surface:
    """Quads faces (F, 4), consistently wound, and for each of their sides the face beyond, beside (F, 4), itself where
    there is none."""

    faces: np.ndarray
    beside: np.ndarray

    @staticmethod
    def of(*levels: np.ndarray) -> Surface:
        """Make one of quads; several are kept side by side, without being neighbours of each other."""
        beside, first = [], 0
        for faces in levels:
            beside.append(_beside(faces) + first)
            first += len(faces)
        return Surface(np.concatenate(levels).astype(np.int64), np.concatenate(beside))

    def turned(self, points: np.ndarray, margin: float = 0.0) -> np.ndarray:
        """Tell which faces (F,) of points (V, 3) have turned over, or are within a margin of it."""
        return turned(points, self.faces, self.beside, np.arange(len(self.faces)), margin)


def turned(
    points: np.ndarray, faces: np.ndarray, beside: np.ndarray, tested: np.ndarray, margin: np.ndarray | float = 0.0
) -> np.ndarray:
    """Tell which of the faces `tested` (M,) of quads (F, 4) on points (V, 3) have turned over, given those beside them
    (M, 4), themselves where there is none.

    A face has if most faces beside it face away from it; if they do together, by area; or if it lies backwards between
    two on opposite sides of it that agree. margin: how far from that, as a cosine, counts already, for all or each.
    """
    unit, area = _normals(points, faces)
    own = unit[:, tested]
    lowest = np.minimum.reduce([_dot(unit[:, beside[:, k]], own) for k in range(4)])
    over = lowest < np.maximum(margin, 0)
    some = np.flatnonzero(over)  # only a face that faces away from another can have turned over; most do not
    over[some] = _turned(unit, area, beside[some], tested[some], np.broadcast_to(margin, over.shape)[some])
    return over


def _turned(
    unit: np.ndarray, area: np.ndarray, beside: np.ndarray, tested: np.ndarray, margin: np.ndarray
) -> np.ndarray:
    """The same, given unit normals (3, F) and areas (F,) of faces."""
    own, size = unit[:, tested], area[tested]
    ways = [unit[:, beside[:, k]] for k in range(4)]
    alone = [beside[:, k] == tested for k in range(4)]
    cosines = [np.where(bare, 1, _dot(way, own)) for way, bare in zip(ways, alone, strict=True)]
    opposed = sum((cosine < margin).astype(np.int8) for cosine in cosines)
    there = sum(1 - bare.astype(np.int8) for bare in alone)
    over = 2 * opposed > there
    total = size * (1 - margin)
    for k in range(4):
        total = total + np.where(alone[k], 0, np.minimum(area[beside[:, k]], BROAD * size) * cosines[k])
    over |= total < 0
    for k in (0, 1):
        within = np.maximum(cosines[k], cosines[k + 2]) < margin - PLEAT
        over |= within & (_dot(ways[k], ways[k + 2]) > 0)
    return over


def _normals(points: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit normals (3, F) and twice the areas (F,) of quads."""
    a, b, c, d = (np.ascontiguousarray(faces[:, k]) for k in range(4))
    axes = np.ascontiguousarray(points.T)  # one by one: numpy is slow on rows of three
    (ax, ay, az), (bx, by, bz) = ([axis[end] - axis[start] for axis in axes] for start, end in ((a, c), (b, d)))
    normal = np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx])
    area = np.sqrt(_dot(normal, normal))
    return normal / np.maximum(area, 1e-15), area


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _beside(faces: np.ndarray) -> np.ndarray:
    """The face (F, 4) beyond the side from each corner to the next, itself where there is none."""
    start = faces.astype(np.int64)
    end = np.roll(start, -1, axis=1)
    count = int(faces.max()) + 1
    key, back = (start * count + end).ravel(), (end * count + start).ravel()
    order = np.argsort(key)
    found = order[np.searchsorted(key, back, sorter=order).clip(max=len(key) - 1)]
    here = np.arange(len(key)) // 4
    return np.where(key[found] == back, found // 4, here).reshape(-1, 4)
