"""The quad layout of the skin: which vertices exist and which faces join them, before any of them has a place.

Half a head is a grid of columns (front midline to back midline) and rows (collarbones to crown). Four rectangular
blocks are cut out of it and filled with closed rings: mouth, eye, nostril and ear. That puts the only poles (valence
5) at the corners of the blocks and leaves every loop around lips and lids unbroken. Mouth, eye and nostril go on
inward (bag, socket, cavity) and end in a small grid; above the last row a cap closes the crown.

Every block begins and ends on an even column and row and has even sides, and so has the cap. Half of the columns and
rows then make a layout of the same kind, whose vertices are a subset of this one: the game level (see `levels.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .patches import Patch, evens, quads

COLUMNS, ROWS = 50, 62
CAP_SIDE, CAP_LENGTH = 12, 26
NECK_ROW, THROAT_ROW, CHIN_ROW = 8, 12, 14
NOSE_BASE_ROW, NOSE_TIP_ROW, CHEEK_ROW, EYE_ROW = 30, 38, 40, 46
CHEEK_COLUMN = 26
"""Rows that lie on something: middle of the neck, where the throat turns into the jaw, the chin, under the nose, its
tip, the cheekbone, the corners of the eye; and the column in front of the ear."""


@dataclass(frozen=True)
class Block:
    """A rectangle of cells, columns `left..right` and rows `bottom..top`, replaced by `rings` rings and a fill."""

    name: str
    left: int
    right: int
    bottom: int
    top: int
    rings: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.top - self.bottom


BLOCKS = (
    Block("mouth", 0, 12, 16, 28, 24),
    Block("eye", 8, 20, 42, 50, 14),
    Block("nostril", 2, 8, 30, 36, 8),
    Block("ear", 28, 36, 30, 46, 15),
)
BLOCK = {block.name: block for block in BLOCKS}

GAME_ROWS = (0, 4, 8, *range(12, 60, 2), ROWS)
GAME_RINGS = {
    "mouth": (0, 2, 4, 6, 8, 11, 13, 16, 20, 24), "eye": (0, 2, 4, 7, 8, 10, 14), "nostril": (0, 2, 3, 4, 8),
    "ear": (0, 2, 4, 6, 8, 10, 12, 15),
}  # fmt: skip
"""What the game level keeps: every second column, these rows, and these rings, among them all that lie on a feature."""

LIP_BORDER, LIP_CONTACT, LIP_INNER = 8, 13, 16
"""Rings of the mouth: where red begins, where the lips meet, where the bag begins."""
LID_FRONT, LID_EDGE, LID_INNER = 7, 8, 10
"""Rings of the eye: front of the lid margin, where lids meet; its back edge; where the socket begins."""
NOSTRIL_RIM = 3
EAR_RIM, EAR_CANAL = 6, 12


@dataclass
class Layout:
    """The half head's vertices and faces, with the names of what must be placed.

    faces     (F, 4) int
    midline   vertices on the symmetry plane, from the front of the neck over the crown to its back
    neck      vertices of the lower edge, front to back
    rings     rings[block][k]: vertices of ring k, ring 0 being the block's border. Mouth: lower to upper midline.
              Others: closed, from the inner lower corner, first along the bottom, then up the outer side.
    fills     fills[block]: (columns + 1, rows + 1) vertices of the grid inside the last ring
    grid      grid[i, j]: vertex at column i, row j, -1 inside the blocks
    cap       (CAP_SIDE + 1, CAP_LENGTH + 1) vertices of the crown
    """

    faces: np.ndarray
    count: int
    midline: list[int]
    neck: list[int]
    rings: dict[str, list[np.ndarray]]
    fills: dict[str, np.ndarray]
    grid: np.ndarray
    cap: np.ndarray

    def lids(self, ring: int) -> np.ndarray:
        """Give a ring of the eye from the inner corner on: along the lower lid out, back along the upper one."""
        return np.roll(self.rings["eye"][ring], BLOCK["eye"].height // 2)

    def patches(self) -> list[Patch]:
        """Give the half head as grids of vertices, with what the game level keeps of them."""
        found = [Patch(self.grid, evens(COLUMNS + 1), GAME_ROWS)]
        for name, rings in self.rings.items():
            stack = np.array(rings)
            closed = stack if name == "mouth" else np.concatenate([stack, stack[:, :1]], axis=1)
            found.append(Patch(closed, GAME_RINGS[name], evens(closed.shape[1])))
        for grid in (*self.fills.values(), self.cap):
            found.append(Patch(grid, evens(grid.shape[0]), evens(grid.shape[1])))
        return found

    def where(self) -> list[tuple[str, int, int]]:
        """Tell for each face the grid it lies in ("grid", "cap", a block's rings, or "" for a block's fill) and its
        cell there: column and row, or ring and place along it."""
        cells: dict[tuple[int, ...], tuple[str, int, int]] = {}
        names = ["grid", *self.rings, *([""] * len(self.fills)), "cap"]
        for name, patch in zip(names, self.patches(), strict=True):
            columns = patch.index.shape[1] - 1
            for k, quad in enumerate(quads(patch.index).tolist()):
                cells[tuple(sorted(quad))] = (name, *divmod(k, columns))
        return [cells[tuple(sorted(face))] for face in self.faces.tolist()]


def edges_of(faces: np.ndarray) -> np.ndarray:
    """Give each edge of a mesh once, as sorted pairs (E, 2)."""
    sides = [faces[:, [k, (k + 1) % faces.shape[1]]] for k in range(faces.shape[1])]
    return np.unique(np.sort(np.concatenate(sides), axis=1), axis=0)


def build() -> Layout:
    """Number the vertices and lay the faces of half a head, counter-clockwise seen from outside."""
    faces: list[tuple[int, int, int, int]] = []
    grid = np.full((COLUMNS + 1, ROWS + 1), -1)
    count = 0

    def inside(i: int, j: int) -> bool:
        return any((b.left < i or (b.left == i == 0)) and i < b.right and b.bottom < j < b.top for b in BLOCKS)

    for i in range(COLUMNS + 1):
        for j in range(ROWS + 1):
            if not inside(i, j):
                grid[i, j] = count
                count += 1
    for i in range(COLUMNS):
        for j in range(ROWS):
            if not any(b.left <= i < b.right and b.bottom <= j < b.top for b in BLOCKS):
                faces.append((grid[i, j], grid[i + 1, j], grid[i + 1, j + 1], grid[i, j + 1]))

    rings: dict[str, list[np.ndarray]] = {}
    fills: dict[str, np.ndarray] = {}
    for block in BLOCKS:
        half = block.left == 0
        ring = _border(grid, block, half)
        rings[block.name] = [ring]
        for _ in range(block.rings):
            inner = np.arange(count, count + len(ring))
            count += len(ring)
            pairs = range(len(ring) - 1) if half else range(len(ring))
            for k in pairs:
                n = (k + 1) % len(ring)
                faces.append((ring[k], ring[n], inner[n], inner[k]))
            rings[block.name].append(inner)
            ring = inner
        fill, count = _fill(ring, block, half, count)
        fills[block.name] = fill
        for i in range(block.width):
            for j in range(block.height):
                faces.append((fill[i, j], fill[i + 1, j], fill[i + 1, j + 1], fill[i, j + 1]))

    cap = np.full((CAP_SIDE + 1, CAP_LENGTH + 1), -1)
    cap[:, 0] = grid[: CAP_SIDE + 1, ROWS]
    cap[CAP_SIDE, :] = grid[CAP_SIDE : CAP_SIDE + CAP_LENGTH + 1, ROWS]
    cap[:, CAP_LENGTH] = grid[CAP_SIDE + CAP_LENGTH :, ROWS][::-1]
    for a in range(CAP_SIDE):
        for b in range(1, CAP_LENGTH):
            cap[a, b] = count
            count += 1
    for a in range(CAP_SIDE):
        for b in range(CAP_LENGTH):
            faces.append((cap[a, b], cap[a + 1, b], cap[a + 1, b + 1], cap[a, b + 1]))

    mouth = BLOCK["mouth"]
    front = [int(v) for v in grid[0] if v >= 0]
    split = front.index(int(grid[0, mouth.bottom])) + 1
    low = [int(r[0]) for r in rings["mouth"][1:]]
    high = [int(r[-1]) for r in rings["mouth"][1:]]
    inner = [int(v) for v in fills["mouth"][0, 1:-1]]
    midline = front[:split] + low + inner + high[::-1] + front[split:]
    midline += [int(v) for v in cap[0, 1:-1]] + [int(v) for v in grid[COLUMNS, ::-1]]
    neck = [int(v) for v in grid[:, 0]]
    return Layout(np.array(faces), count, midline, neck, rings, fills, grid, cap)


def _border(grid: np.ndarray, b: Block, half: bool) -> np.ndarray:
    bottom = [grid[i, b.bottom] for i in range(b.left, b.right)]
    outer = [grid[b.right, j] for j in range(b.bottom, b.top)]
    top = [grid[i, b.top] for i in range(b.right, b.left, -1)]
    inner = [grid[b.left, j] for j in range(b.top, b.bottom, -1)]
    return np.array(bottom + outer + top + ([grid[b.left, b.top]] if half else inner))


def _fill(ring: np.ndarray, b: Block, half: bool, count: int) -> tuple[np.ndarray, int]:
    fill = np.full((b.width + 1, b.height + 1), -1)
    w, h = b.width, b.height
    for k in range(w + 1):
        fill[k, 0] = ring[k]
        fill[k, h] = ring[w + h + (w - k)]
    for k in range(h + 1):
        fill[w, k] = ring[w + k]
        if not half:
            fill[0, k] = ring[(2 * w + h + (h - k)) % len(ring)]
    for i in range(w + 1):
        for j in range(h + 1):
            if fill[i, j] < 0:
                fill[i, j] = count
                count += 1
    return fill, count
