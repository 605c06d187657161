"""Follows loops of edges through a quad mesh, and matches two loops by arc length."""

from __future__ import annotations

import numpy as np


def walk(quads: np.ndarray, first: int, second: int) -> np.ndarray:
    """Follow the edge (first, second) straight on through vertices of four edges until it closes; raises `ValueError`
    where it does not."""
    return follow(straight_on(quads), first, second)


def follow(step: dict[tuple[int, int], int], first: int, second: int) -> np.ndarray:
    """As `walk`, on the table of `straight_on`, for those who walk often."""
    loop = [first, second]
    while (ahead := step.get((loop[-2], loop[-1]))) != first:
        if ahead is None or len(loop) > len(step):
            raise ValueError(f"edge {first}-{second} does not lie on a closed loop")
        loop.append(ahead)
    return np.array(loop)


def matched(ring: np.ndarray, loop: np.ndarray, axis: int) -> np.ndarray:
    """Points on the closed `loop` (N, 3) for the vertices of a closed `ring` (M, 3): both are cut at their extremes
    along `axis`, turned the same way round, and matched by arc length."""
    across = 2 if axis == 0 else 0
    order, line = _from_lowest(ring, axis), loop[_from_lowest(loop, axis)]
    path = ring[order]
    if (path[1] - path[-2])[across] * (line[1] - line[-2])[across] < 0:
        line = line[::-1]
    result = np.zeros_like(ring)
    result[order] = matched_lines(path, line, axis)
    return result


def matched_lines(path: np.ndarray, line: np.ndarray, axis: int) -> np.ndarray:
    """Points on `line` (N, 3) for the points of `path` (M, 3), in two stretches that part where `axis` is largest."""
    i, j = int(np.argmax(path[:, axis])), int(np.argmax(line[:, axis]))
    first, second = (_at(part, _arc(wish)) for wish, part in ((path[: i + 1], line[: j + 1]), (path[i:], line[j:])))
    return np.concatenate([first, second[1:]])


def _from_lowest(loop: np.ndarray, axis: int) -> np.ndarray:
    order = np.roll(np.arange(len(loop)), -int(np.argmin(loop[:, axis])))
    return np.r_[order, order[0]]


def _arc(line: np.ndarray) -> np.ndarray:
    length = np.r_[0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
    return length / length[-1]


def _at(line: np.ndarray, share: np.ndarray) -> np.ndarray:
    return np.stack([np.interp(share, _arc(line), line[:, k]) for k in range(3)], axis=1)


def straight_on(quads: np.ndarray) -> dict[tuple[int, int], int]:
    """For each edge (a, b) of quads (F, 4), the vertex that lies straight on behind b, where b has four edges."""
    around: dict[int, set[int]] = {}
    beside: dict[tuple[int, int], set[int]] = {}
    for quad in quads.tolist():
        for k, a in enumerate(quad):
            b = quad[(k + 1) % 4]
            around.setdefault(a, set()).add(b)
            around.setdefault(b, set()).add(a)
            beside.setdefault((a, b), set()).add(quad[(k + 2) % 4])
            beside.setdefault((b, a), set()).add(quad[k - 1])
    ahead = {}
    for (a, b), seen in beside.items():
        rest = around[b] - seen - {a}
        if len(around[b]) == 4 and len(rest) == 1:
            ahead[a, b] = rest.pop()
    return ahead
