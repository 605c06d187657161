"""Measures of a mouth, on the ICT face (from control values) and on a tracked face, in millimetres."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from headroom.core.speech.lips import CONTROLS, SIDES

UPPER, LOWER = 5533, 5517  # inner-lip vertices of the ICT face
UPPER_TEETH = slice(17039, 19247)  # they stand still: the skull
MEASURES = ("gap", "width", "upper", "lower")


def ict_measures(data: Path) -> np.ndarray:
    """Give what each control adds, (C, 4) mm: lip gap, mouth width, height of the upper and of the lower lip."""
    with np.load(data / "ict_facekit.npz") as file:
        names = [str(name) for name in file["expression_names"]]
        shapes, neutral = file["expression"] * 10, file["neutral"]
    left = np.argmin(np.linalg.norm(neutral[:9409] - np.array([2.53, -3.52, 10.19]), axis=1))
    right = np.argmin(np.linalg.norm(neutral[:9409] - np.array([-2.53, -3.52, 10.19]), axis=1))
    rows = np.zeros((len(CONTROLS), 4))
    for place, control in enumerate(CONTROLS):
        wanted = [f"{control}_L", f"{control}_R"] if control in SIDES or control == "cheekPuff" else [control]
        for name in wanted:
            if name in names:
                delta = shapes[names.index(name)]
                upper, lower = delta[UPPER, 1], delta[LOWER, 1]
                rows[place] += (upper - lower, delta[left, 0] - delta[right, 0], upper, lower)
    return rows


def ict_bite(data: Path) -> tuple[np.ndarray, np.ndarray]:
    """Tell how the lower lip comes to the upper teeth: (up, forward) mm from the incisors' edge to the lip's inner
    vertex at rest (2,), and what each control adds (C, 2)."""
    with np.load(data / "ict_facekit.npz") as file:
        names = [str(name) for name in file["expression_names"]]
        lip, neutral = file["expression"][:, LOWER, 1:] * 10, file["neutral"] * 10
    teeth = neutral[UPPER_TEETH]
    front = teeth[(np.abs(teeth[:, 0]) < 3) & (teeth[:, 2] > teeth[:, 2].max() - 4)]
    edge = front[np.argsort(front[:, 1])[:8], 1:].mean(axis=0)
    rows = np.zeros((len(CONTROLS), 2))
    for place, control in enumerate(CONTROLS):
        for name in (control, f"{control}_L", f"{control}_R"):
            if name in names:
                rows[place] += lip[names.index(name)]
    return neutral[LOWER, 1:] - edge, rows


def tracked_measures(points: np.ndarray) -> np.ndarray:
    """Measure landmarks of mediapipe's face mesh, (F, 478, 3) pixels -> (F, 4) mm, still with the face's own rest.

    Scaled by the eyes: 89 mm between their outer corners, as on the ICT face. Heights run up, from the nose's base.
    """
    across = points[:, 263] - points[:, 33]
    up = points[:, 168] - points[:, 2]  # between the eyes, and the base of the nose
    scale = 89.2 / np.nanmedian(np.linalg.norm(across, axis=1))
    up = up / np.linalg.norm(up, axis=1, keepdims=True)

    def along(first: int, second: int) -> np.ndarray:
        return ((points[:, first] - points[:, second]) * up).sum(axis=1) * scale

    gap = np.linalg.norm(points[:, 13] - points[:, 14], axis=1) * scale
    width = np.linalg.norm(points[:, 291] - points[:, 61], axis=1) * scale
    return np.stack([gap, width, along(13, 2), along(14, 2)], axis=1)
