"""The rings of skin around an opening as a grid, and how a push on some of it spreads over the rest."""

from __future__ import annotations

import numpy as np

from .contact import Seam


def rings_about(seam: Seam, faces: np.ndarray, outward: int, inward: int) -> np.ndarray:
    """Give the closed rings (R, N) of vertices around a seam, from `outward` rings outside of where it meets to
    `inward` rings inside. Faces (F, 4) hold the skin; all vertices of the rings have four edges.
    """
    sides = np.concatenate([faces[:, [k, (k + 1) % 4]] for k in range(4)]).astype(np.int64)
    beside: dict[int, set[int]] = {}
    for a, b in np.concatenate([sides, sides[:, ::-1]]).tolist():
        beside.setdefault(a, set()).add(b)
    meeting = _loop(set(seam.lower.tolist()) | set(seam.upper.tolist()), beside)
    one, other = (_walk(meeting, start, beside) for start in sorted(beside[meeting[0]] - set(meeting)))
    if int(seam.vertex[0]) not in {v for ring in one[:6] for v in ring}:
        one, other = other, one  # a seam lists its outermost ring first
    return np.array([*one[:outward][::-1], meeting, *other[:inward]])


def _loop(known: set[int], beside: dict[int, set[int]]) -> list[int]:
    """Order vertices into a closed loop of edges; corners between two of them may be missing and are found."""
    chain = {v: [n for n in beside[v] if n in known] for v in known}
    ends = [v for v, near in chain.items() if len(near) < 2]
    for v in ends:
        for corner in beside[v] - known:
            if len(beside[corner] & set(ends)) == 2:
                chain.setdefault(corner, sorted(beside[corner] & set(ends)))
    for corner in set(chain) - known:
        for v in chain[corner]:
            chain[v] = [*chain[v], corner]
    start = min(chain)
    loop = [start, min(chain[start])]
    while True:
        ahead = [n for n in chain[loop[-1]] if n != loop[-2]]
        if ahead[0] == start:
            return loop
        loop.append(ahead[0])


def _walk(loop: list[int], first: int, beside: dict[int, set[int]]) -> list[list[int]]:
    """Step from a loop sideways, beginning at its first vertex's neighbour `first`, ring by ring as far as rings go."""
    found: list[list[int]] = []
    before: set[int] = set()
    ring = loop
    following = [first]
    while True:
        for v in ring[1:]:
            near = beside[v] & beside[following[-1]] - set(ring) - before
            if len(near) != 1:
                return found
            following.append(near.pop())
        if len(set(following)) < len(ring) or following[0] not in beside[following[-1]]:
            return found
        found.append(following)
        before, ring = set(ring), following
        ahead = beside[ring[0]] - set(ring) - before
        if len(ahead) != 1:
            return found
        following = [ahead.pop()]


def spread(need: np.ndarray, across: np.ndarray, along: int) -> np.ndarray:
    """Give a push (..., R, N) that is at least `need` (..., R, N) everywhere and falls off smoothly: along the rings,
    which close on themselves, within so many places; across them by the share (R, R) that the first ring takes of the
    second's.
    """
    wide = need.copy()
    for k in range(1, along):
        fall = np.cos(np.pi / 2 * k / along) ** 2
        for way in (k, -k):
            np.maximum(wide, fall * np.roll(need, way, axis=-1), out=wide)
    made = wide.copy()
    for k in np.flatnonzero(need.any(axis=(*range(need.ndim - 2), -1))):
        np.maximum(made, across[:, k, None] * wide[..., k, None, :], out=made)
    return made


def shares(places: np.ndarray, reach: float) -> np.ndarray:
    """How much of a push on one ring others take (R, R), by where rings lie (R,): all of it there, none at `reach`."""
    away = np.abs(places[:, None] - places) / reach
    return np.where(away < 1, np.cos(np.pi / 2 * away) ** 2, 0)
