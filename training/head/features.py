"""Says how each named distance of a face is read off the template's vertices."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from headroom.core.head.attributes import FEATURES, GROUPS
from headroom.core.head.identity import REGIONS

from .ict import Ict
from .template import Template

MARKS = {
    "jaw": 3924, "gonion": 2608, "chin": 966, "chin side": 3661, "nasion": 978, "bridge": 4527, "ridge": 4942,
    "tip": 4857, "base": 1147, "brow in": 3615, "brow": 4114, "brow out": 2509, "eye in": 3742, "eye out": 3721,
    "lid": 3756, "lid low": 3725, "mouth": 6213, "lip high": 0, "lip line": 5533, "lip low": 5518,
}  # fmt: skip
"""Vertices of the scan at the usual 68 landmarks, on the left side or the midline."""
POINTS = {
    "cheekbone": (0.070, -0.052, 0.012), "cheek front": (0.036, -0.092, 0.010), "cheek": (0.056, -0.067, -0.028),
    "wing": (0.0165, -0.109, -0.005), "parietal": (0.078, 0.03, 0.09), "crown": (0.0, 0.015, 0.145),
    "occiput": (0.0, 0.095, 0.045), "forehead": (0.0, -0.095, 0.098), "glabella": (0.0, -0.109, 0.055),
    "ear top": (0.0872, 0.001, 0.0355), "ear low": (0.072, -0.013, -0.020), "ear rim": (0.092, 0.013, 0.026),
    "ear root": (0.076, 0.010, 0.020), "mentolabial": (0.0, -0.104, -0.052),
    "neck": (0.056, 0.0, -0.11), "throat": (0.0, -0.035, -0.105), "nape": (0.0, 0.065, -0.08),
    "neck low": (0.0, -0.02, -0.16),
}  # fmt: skip
"""Other places on the mean head, metres; the nearest vertex is taken."""
X, Y, Z = 0, 1, 2
RECIPES: dict[str, tuple[tuple[float, str, int], ...]] = {
    "head_width": ((2, "parietal", X),),
    "head_height": ((1, "crown", Z), (-1, "eye out", Z)),
    "head_depth": ((1, "occiput", Y), (-1, "glabella", Y)),
    "forehead_slope": ((1, "forehead", Y), (-1, "glabella", Y)),
    "brow_height": ((1, "brow", Z), (-1, "eye out", Z)),
    "brow_angle": ((1, "brow out", Z), (-1, "brow in", Z)),
    "brow_depth": ((-1, "brow", Y), (1, "eye out", Y)),
    "eye_opening": ((1, "lid", Z), (-1, "lid low", Z)),
    "eye_width": ((1, "eye out", X), (-1, "eye in", X)),
    "eye_spacing": ((2, "eye in", X),),
    "eye_angle": ((1, "eye out", Z), (-1, "eye in", Z)),
    "nose_width": ((2, "wing", X),),
    "nose_length": ((1, "nasion", Z), (-1, "base", Z)),
    "nose_depth": ((1, "base", Y), (-1, "tip", Y)),
    "nose_tip": ((1, "tip", Z), (-1, "base", Z)),
    "nose_hump": ((-1, "bridge", Y), (0.5, "nasion", Y), (0.5, "tip", Y)),
    "face_width": ((2, "cheekbone", X),),
    "cheek_depth": ((-1, "cheek front", Y), (1, "cheekbone", Y)),
    "cheek_fullness": ((2, "cheek", X),),
    "mouth_width": ((2, "mouth", X),),
    "lip_fullness": ((1, "lip high", Z), (-1, "lip low", Z)),
    "lip_upper": ((1, "lip high", Z), (-1, "lip line", Z)),
    "mouth_depth": ((-0.5, "lip high", Y), (-0.5, "lip low", Y), (1, "base", Y)),
    "mouth_corners": ((1, "mouth", Z), (-1, "lip line", Z)),
    "philtrum": ((1, "base", Z), (-1, "lip high", Z)),
    "jaw_width": ((2, "jaw", X),),
    "jaw_angle": ((-1, "gonion", Z), (1, "mouth", Z)),
    "chin_height": ((1, "lip low", Z), (-1, "chin", Z)),
    "chin_depth": ((-1, "chin", Y), (1, "mentolabial", Y)),
    "chin_width": ((2, "chin side", X),),
    "ear_size": ((1, "ear top", Z), (-1, "ear low", Z)),
    "ear_stand": ((1, "ear rim", X), (-1, "ear root", X)),
    "ear_height": ((0.5, "ear top", Z), (0.5, "ear low", Z), (-1, "eye out", Z)),
    "neck_width": ((2, "neck", X),),
    "neck_depth": ((1, "nape", Y), (-1, "throat", Y)),
    "neck_length": ((1, "chin", Z), (-1, "neck low", Z)),
}
"""Each feature as a sum of coordinates: how much, where, which axis. Both sides count alike."""
LANDMARKS = (
    268, 493, 1914, 2044, 1401, 3615, 4240, 4114, 2734, 2509, 978, 4527, 4942, 4857, 1140, 2075, 1147, 4269, 3360, 1507,
    1542, 1537, 1528, 1518, 1511, 3742, 3751, 3756, 3721, 3725, 3732, 5708, 5695, 2081, 0, 4275, 6200, 6213, 6346, 6461,
    5518, 5957, 5841, 5702, 5711, 5533, 6216, 6207, 6470, 5517, 5966,
)  # fmt: skip
"""The last 51 of the usual 68 landmarks (brows, nose, eyes, mouth) on the scan, its right side first."""
KEPT = 48
"""Vertices that stand for a group of features when it is kept."""


def recipes(ict: Ict, template: Template) -> dict[str, np.ndarray]:
    """Give `feature_row`, `feature_vertex`, `feature_axis`, `feature_weight` (M,): terms of each feature's sum, and
    `landmarks` (51,): vertices."""
    if set(RECIPES) != set(FEATURES):
        raise ValueError("features and their recipes differ")
    shown = np.unique(template.faces[template.part == "skin"])
    tree = cKDTree(template.vertices[shown])
    places = {name: ict.neutral[v] for name, v in MARKS.items()} | {k: np.array(p) for k, p in POINTS.items()}
    at = {name: int(shown[tree.query(place)[1]]) for name, place in places.items()}
    terms = []
    for row, name in enumerate(FEATURES):
        for weight, place, axis in RECIPES[name]:
            terms.append((row, at[place], axis, weight / 2))
            terms.append((row, template.mirror[at[place]], axis, -weight / 2 if axis == X else weight / 2))
    row, vertex, axis, weight = np.array(terms).T
    return {
        "feature_row": row.astype(np.uint8), "feature_vertex": vertex.astype(np.uint16),
        "feature_axis": axis.astype(np.uint8), "feature_weight": weight.astype(np.float32),
        "landmarks": shown[tree.query(ict.neutral[list(LANDMARKS)])[1]].astype(np.uint16),
    }  # fmt: skip


def kept(template: Template) -> dict[str, np.ndarray]:
    """Give `kept` (G, KEPT): vertices spread evenly over each of the groups that are places, in the order of GROUPS."""
    region = np.array([name.split(".")[0] for name in template.region])
    rows = []
    for group in GROUPS:
        if group in REGIONS:
            inside = np.unique(template.faces[np.isin(region, REGIONS[group])])
            rows.append(inside[_spread(template.vertices[inside], KEPT)])
    return {"kept": np.array(rows).astype(np.uint16)}


def _spread(points: np.ndarray, count: int) -> np.ndarray:
    """Pick points far from each other, one after the other."""
    picked = [0]
    distance = np.full(len(points), np.inf)
    while len(picked) < count:
        distance = np.minimum(distance, np.linalg.norm(points - points[picked[-1]], axis=1))
        picked.append(int(np.argmax(distance)))
    return np.array(picked)
