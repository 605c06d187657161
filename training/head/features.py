"""Reads the named distances off the template's bases, and finds how the code must move to change one alone."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from headroom.core.head.attributes import FEATURES

from .ict import Ict
from .layout import CHEEK_COLUMN, CHEEK_ROW, CHIN_ROW, LID_EDGE, LIP_BORDER, LIP_CONTACT, NECK_ROW, NOSTRIL_RIM
from .template import Template

MARKS = {"cheek": 2734, "jaw": 2484, "chin": 1140, "nasion": 4527, "subnasale": 1147, "tip": 4857, "brow": 4114}
"""Vertices of the scan at landmarks, left side."""


def directions(ict: Ict, template: Template, basis: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give measure (A, C) and move (C, A) for basis (C, V, 3); features in the order of FEATURES."""
    rows = np.array([_distance(ict, template, name, basis) for name in FEATURES])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)  # codes have unit variance: one standard deviation is 1
    move = rows.T @ np.linalg.inv(rows @ rows.T + 0.02 * np.eye(len(rows)))
    return rows, move


def _distance(ict: Ict, template: Template, name: str, basis: np.ndarray) -> np.ndarray:
    """How each code value changes one distance, (C,); distances are differences of coordinates, so linear."""
    rings, grid = template.layout.rings, template.layout.grid
    mouth, lid, ear = rings["mouth"], template.layout.lids(LID_EDGE), rings["ear"]
    half, quarter = len(mouth[0]) // 2, len(lid) // 4
    chin, neck = grid[0, CHIN_ROW], grid[:, NECK_ROW]
    tree = cKDTree(template.vertices[: template.skin])
    near = {key: int(tree.query(ict.neutral[v])[1]) for key, v in MARKS.items()}

    def x(v: int) -> np.ndarray:
        return 2 * (basis[:, v, 0] - basis[:, template.mirror[v], 0]) / 2

    def z(upper: int, lower: int) -> np.ndarray:
        return basis[:, upper, 2] - basis[:, lower, 2]

    wing = rings["nostril"][0][np.argmax(template.vertices[rings["nostril"][NOSTRIL_RIM - 2], 0])]
    ear_high, ear_low = (ear[0][pick(template.vertices[ear[0], 2])] for pick in (np.argmax, np.argmin))
    return {
        "face_width": lambda: x(grid[CHEEK_COLUMN, CHEEK_ROW]),
        "jaw_width": lambda: x(near["jaw"]),
        "chin_height": lambda: z(mouth[LIP_BORDER][0], chin),
        "nose_width": lambda: x(wing),
        "nose_length": lambda: z(near["nasion"], near["subnasale"]),
        "nose_depth": lambda: basis[:, near["subnasale"], 1] - basis[:, near["tip"], 1],
        "mouth_width": lambda: x(mouth[LIP_CONTACT][half]),
        "lip_fullness": lambda: z(mouth[LIP_BORDER][-1], mouth[LIP_BORDER][0]),
        "eye_opening": lambda: z(lid[3 * quarter], lid[quarter]),
        "eye_spacing": lambda: x(lid[0]),
        "brow_height": lambda: z(near["brow"], lid[quarter]),
        "ear_size": lambda: z(ear_high, ear_low),
        "neck_width": lambda: x(int(neck[len(neck) // 2])),
    }[name]()
