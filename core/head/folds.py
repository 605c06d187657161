"""Evens shapes out where they would turn faces over, on the rings of skin around lips and lids."""

from __future__ import annotations

import numpy as np

ROUNDS = 24
OPPOSED, NARROW = 0.1, 0.08
"""How near to turning over a face counts as turned: cosine between its normal and most of those beside it, and its area
seen along the normals around as a part of theirs."""


def turned(points: np.ndarray, opposed: np.ndarray | float = 0.0, narrow: np.ndarray | float = 0.0) -> np.ndarray:
    """Tell which quads (..., R - 1, N) of closed rings of points (..., R, N, 3) face against those beside them.

    opposed, narrow: from where on, as of OPPOSED and NARROW, for all or for each (R - 1, N).
    """
    return _turned(np.moveaxis(points, -1, 0), opposed, narrow)


def _turned(points: np.ndarray, opposed: np.ndarray | float = 0.0, narrow: np.ndarray | float = 0.0) -> np.ndarray:
    """The same for points (3, ..., R, N): numpy is slow on rows of three."""
    following = np.roll(points, -1, axis=-1)
    a, b, c, d = points[..., :-1, :], following[..., :-1, :], following[..., 1:, :], points[..., 1:, :]
    normal = _cross(c - a, d - b)  # twice the area's vector
    unit = normal / np.maximum(_length(normal), 1e-12)
    along = _dot(unit, np.roll(unit, -1, axis=-1))
    across = _dot(unit[..., :-1, :], unit[..., 1:, :])
    limit = np.broadcast_to(opposed, normal.shape[-2:])
    against = (along < limit).astype(np.int8) + (np.roll(along, 1, axis=-1) < limit)
    against[..., :-1, :] += across < limit[:-1]
    against[..., 1:, :] += across < limit[1:]
    around = np.roll(normal, 1, axis=-1) + np.roll(normal, -1, axis=-1)
    around[..., :-1, :] += normal[..., 1:, :]
    around[..., 1:, :] += normal[..., :-1, :]
    own = _dot(normal, around + normal)
    return (against > 2) | (own < narrow * _dot(around, around) / 4)


def unfold(rest: np.ndarray, shapes: np.ndarray, still: np.ndarray | None = None) -> np.ndarray:
    """Even shapes (S, R, N, 3) on rings at rest (R, N, 3) out around faces that they turn over, until none is left or
    it does not help. Points where `still` (R, N) is set stay, and so do the outermost and the innermost ring."""
    rest, made = (np.ascontiguousarray(np.moveaxis(x, -1, 0), np.float32) for x in (rest, shapes))
    weights, limits = _closeness(rest), _limits(rest)
    fixed = np.zeros(rest.shape[1:], bool) if still is None else still.copy()
    fixed[[0, -1]] = True
    active = np.arange(made.shape[1])
    for k in range(ROUNDS):
        bad = _turned(rest[:, None] + made[:, active], *limits)
        folded = bad.any(axis=(1, 2))
        active, bad = active[folded], bad[folded]
        if not len(active):
            break
        share = np.zeros((len(active), *rest.shape[1:]), np.float32)
        for rows in (slice(None, -1), slice(1, None)):
            for way in (0, 1):
                share[:, rows] = np.maximum(share[:, rows], np.roll(bad, way, axis=-1))
        for _ in range(1 + k // 6):  # wider where a fold persists
            share = np.maximum(share, 0.7 * np.maximum.reduce(_beside(share)))
        share[:, fixed] = 0
        shape = made[:, active]
        if k < ROUNDS // 2:
            made[:, active] += 0.8 * share * (_average(shape, weights) - shape)
        else:  # even out where the skin itself lies
            posed = rest[:, None] + shape
            made[:, active] += 0.5 * share * (_average(posed, None) - posed)
    return np.moveaxis(made, 0, -1)


def _limits(rest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What counts as turned, for each quad at rest (3, R, N): with a margin where it lies well, never where it is
    turned."""
    near, over = _turned(rest, OPPOSED, NARROW), _turned(rest)
    return tuple(np.where(over, -np.inf, np.where(near, 0, limit)).astype(np.float32) for limit in (OPPOSED, NARROW))  # type: ignore[return-value]


def _closeness(rest: np.ndarray) -> list[np.ndarray]:
    """How much each neighbour (two along, two across) counts (R, N): by one over its distance."""
    one = [1 / np.maximum(_length(rest - beside), 2e-4) for beside in _beside(rest)]
    total = np.sum(one, axis=0)
    return [w / total for w in one]


def _beside(values: np.ndarray) -> list[np.ndarray]:
    """Values (..., R, N) of the two along and the two across."""
    up, down = np.empty_like(values), np.empty_like(values)
    up[..., 1:, :], up[..., 0, :] = values[..., :-1, :], values[..., 0, :]
    down[..., :-1, :], down[..., -1, :] = values[..., 1:, :], values[..., -1, :]
    return [np.roll(values, 1, axis=-1), np.roll(values, -1, axis=-1), up, down]


def _average(points: np.ndarray, weights: list[np.ndarray] | None) -> np.ndarray:
    near = _beside(points)
    if weights is not None:
        near = [w * p for w, p in zip(weights, near, strict=True)]
    total = near[0] + near[1] + near[2] + near[3]
    return total / 4 if weights is None else total


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    (ax, ay, az), (bx, by, bz) = a, b
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx])


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _length(vectors: np.ndarray) -> np.ndarray:
    return np.sqrt(_dot(vectors, vectors))
