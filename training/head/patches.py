"""Grids of vertices: what skin and pieces are made of, and how half of them makes the game level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Patch:
    """A grid of quads: index (R, C) of vertices, -1 in holes; the rows and columns that the game level keeps; and, on
    pieces, texture coordinates uv (R, C, 2). A closed patch names its first column again as the last."""

    index: np.ndarray
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    uv: np.ndarray | None = None

    def flipped(self) -> Patch:
        """Give the patch seen from its other side."""
        columns = tuple(self.index.shape[1] - 1 - c for c in self.columns[::-1])
        return Patch(self.index[:, ::-1], self.rows, columns, None if self.uv is None else self.uv[:, ::-1])


def evens(count: int) -> tuple[int, ...]:
    """Give every second of an odd number of rows or columns, both ends among them."""
    return tuple(range(0, count, 2))


def quads(grid: np.ndarray) -> np.ndarray:
    """Cut a grid (R, C, ...) into its cells (F, 4, ...): corners (r, c), (r, c + 1), (r + 1, c + 1), (r + 1, c)."""
    cells = np.stack([grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]], axis=2)
    return cells.reshape(-1, *cells.shape[2:])


def coarse_corners(faces: np.ndarray, patches: list[Patch]) -> np.ndarray:
    """Give the game level's faces as corners of the standard's (G, 4): each is 4 * face + corner, in `faces` (F, 4).

    So a coarse face takes over from the fine face at each of its corners whatever a corner has: vertex, texture
    coordinates, part.
    """
    at = {tuple(sorted(face)): k for k, face in enumerate(faces.tolist())}
    result = []
    for patch in patches:
        for low, high in zip(patch.rows[:-1], patch.rows[1:], strict=True):
            for left, right in zip(patch.columns[:-1], patch.columns[1:], strict=True):
                cells = ((low, left), (low, right - 1), (high - 1, right - 1), (high - 1, left))
                found = [at.get(tuple(sorted(patch.index[r : r + 2, c : c + 2].ravel().tolist()))) for r, c in cells]
                fine = [face for face in found if face is not None]
                if len(fine) < 4:
                    continue  # a hole
                ends = [int(patch.index[r, c]) for r, c in ((low, left), (low, right), (high, right), (high, left))]
                corners = [
                    4 * face + faces[face].tolist().index(end) for face, end in zip(fine, ends, strict=True)
                ]  # fmt: skip
                first = faces[fine[0]].tolist()
                onward = first[(first.index(ends[0]) + 1) % 4] == patch.index[low, left + 1]
                result.append(corners if onward else corners[::-1])
    return np.array(result)


def placed(island: list[Patch], low: tuple[float, float], high: tuple[float, float]) -> list[Patch]:
    """Fit the texture of patches that belong together into a box, mirrored where it would run against their faces."""
    uv = np.concatenate([p.uv.reshape(-1, 2) for p in island if p.uv is not None])
    start, size = uv.min(axis=0), np.ptp(uv, axis=0)
    corners = np.concatenate([quads(p.uv) for p in island if p.uv is not None])
    across, along = corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1]
    backwards = (across[:, 0] * along[:, 1] - across[:, 1] * along[:, 0]).sum() < 0

    def fit(uv: np.ndarray) -> np.ndarray:
        share = (uv - start) / size
        return np.asarray(low) + (share * [-1, 1] + [1, 0] if backwards else share) * np.subtract(high, low)

    return [Patch(p.index, p.rows, p.columns, None if p.uv is None else fit(p.uv)) for p in island]


def disc(ring: np.ndarray, width: int, height: int, first_new: int) -> np.ndarray:
    """Fill a ring of 2 * (width + height) vertices, which begins at a corner, with a grid; gives it (width + 1,
    height + 1), new vertices numbered from `first_new`."""
    fill = np.full((width + 1, height + 1), -1)
    around = [*((k, 0) for k in range(width)), *((width, k) for k in range(height))]
    around += [*((width - k, height) for k in range(width)), *((0, height - k) for k in range(height))]
    for vertex, place in zip(ring, around, strict=True):
        fill[place] = vertex
    fill[1:-1, 1:-1] = first_new + np.arange((width - 1) * (height - 1)).reshape(width - 1, height - 1)
    return fill
