"""Names the regions of the skin, so that an artist can pick, mask or lock them."""

from __future__ import annotations

import numpy as np

from .layout import BLOCK, CHEEK_COLUMN, LID_INNER, LIP_BORDER, NOSE_BASE_ROW, NOSE_TIP_ROW, THROAT_ROW, Layout

CHEST_ROW, JAW_ROW, BROW_TOP_ROW = 4, 24, 53
SIDE_COLUMN, NAPE_COLUMN = 22, 32
NOSE_ROOT_ROW = 50


def regions(layout: Layout, vertices: np.ndarray) -> np.ndarray:
    """Name each face (F,) of the left half: one of `core.head.head.REGIONS`, empty for what lies inside.

    vertices (V, 3): the mean head's.
    """
    middle = vertices[layout.faces].mean(axis=1)
    names = []
    for k, (name, a, b) in enumerate(layout.where()):
        if name == "mouth":
            names.append(_mouth(a, b, len(layout.rings["mouth"][0])))
        elif name == "eye":
            names.append(_eye(layout, a, b))
        elif name == "nostril":
            names.append("nose")
        elif name == "ear":
            names.append("ear.L")
        elif name == "cap":
            names.append("scalp")
        elif name == "grid":
            names.append(_grid(a, b, middle[k]))
        else:
            names.append("")
    return np.array(names, dtype="<U16")


def hairline(points: np.ndarray) -> np.ndarray:
    """How far points (V, 3) lie behind the hairline, which runs from the forehead over the temples to the nape; 0..1
    over half a centimetre."""
    height = 0.85 * points[:, 1] + 0.75 * points[:, 2] - 0.35 * np.abs(points[:, 0]) + 0.017
    edge = np.clip(height / 0.012 + 0.5, 0, 1) * np.clip((points[:, 2] + 0.065) / 0.02, 0, 1)
    return edge * edge * (3 - 2 * edge)


def _mouth(ring: int, along: int, count: int) -> str:
    upper = along >= count // 2
    if ring < LIP_BORDER // 2 and not upper:
        return "chin"
    return "lip_upper" if upper else "lip_lower"


def _eye(layout: Layout, ring: int, along: int) -> str:
    if ring >= LID_INNER:
        return ""
    block = BLOCK["eye"]
    along = (along + block.height // 2) % len(layout.rings["eye"][0])  # from the inner corner, lower lid first
    upper = along >= len(layout.rings["eye"][0]) // 2
    if ring < 3:
        return "brow.L" if upper else "cheek.L"
    return "eyelid_upper.L" if upper else "eyelid_lower.L"


def _grid(column: int, row: int, point: np.ndarray) -> str:
    eye, mouth, ear = BLOCK["eye"], BLOCK["mouth"], BLOCK["ear"]
    if row < CHEST_ROW:
        return "chest"
    if row < THROAT_ROW:
        return "throat" if column < NAPE_COLUMN - 4 else "nape"
    if column >= NAPE_COLUMN - 4:
        if hairline(point[None])[0] > 0.5 or row > ear.top:
            return "scalp"
        return "nape" if column >= ear.left else "jaw.L"
    if row < mouth.top:
        if column < mouth.right and row < mouth.bottom:
            return "chin"
        return "jaw.L" if row < JAW_ROW else "cheek.L"
    nose = 8 if row < BLOCK["nostril"].top else 6 if row < NOSE_TIP_ROW + 2 else 5 if row < eye.bottom + 2 else 3
    if row >= NOSE_BASE_ROW and column < nose and row < NOSE_ROOT_ROW:
        return "nose"
    if row < NOSE_BASE_ROW and column < mouth.right // 2:
        return "lip_upper"
    if row < eye.bottom:
        return "cheek.L"
    if row < eye.top:
        return "temple.L" if column >= eye.right else "nose"
    if hairline(point[None])[0] > 0.5:
        return "scalp"
    if row < BROW_TOP_ROW and 2 <= column < SIDE_COLUMN:
        return "brow.L"
    return "temple.L" if column >= SIDE_COLUMN and column <= CHEEK_COLUMN + 2 else "forehead"
