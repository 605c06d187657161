"""Places the joints in the mean head and ties each to the skin around it, so that joints follow any person.

A joint is a fixed mix of surface vertices. The mix is exact for every affine change of the part it is taken from (a
child's neck, a wider or a bent one), and being linear it turns a basis of faces into a basis of joints.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse

from headroom.core.head.anatomy import JOINTS, SPINE

from .layout import CHIN_ROW, EAR_CANAL, Layout

CONDYLE = np.array([0.0, -0.012, -0.002])
"""From the middle of the ear canal to the jaw's condyle: just before it."""
SCANNED_OPEN = np.radians(25.334)
"""How far the lower teeth turn in the scan's `jawOpen`: the rigid motion that fits them leaves 0.1 mm."""
SCANNED_SLIDE = np.array([0.0, -0.00687, -0.00605])
"""How that motion slides the hinge, metres per radian: a third of what people's do (`anatomy.JAW_SLIDE`)."""
OCCIPITAL = np.array([0.0, 0.010, -0.026])
"""From the ear canal to the joint of skull and atlas: Snyder, Chaffin and Foust 1975, Bioengineering Study of Basic
Physical Measurements Related to Susceptibility to Cervical Hyperextension-Hyperflexion Injury (UMTRI)."""
NECK = np.array([0.0, 0.038, -0.109])
"""From there to the joint of C7 and T1: the neck's link of 115 mm, leaning forward by 19 degrees."""
HEIGHTS = dict(zip(SPINE, (0.0, 0.155, 0.305, 0.45, 0.595, 0.735, 0.89, 1.0), strict=True))
"""Where on that link each vertebra turns on the one below: five of equal height, the taller C2, the ring of C1."""
LORDOSIS = 0.005
"""How far the neck's curve stands out forward of the straight link, metres."""
PROMINENCE = 0.38
"""Where between the throat's angle and the notch of the breastbone the thyroid cartilage stands out."""


@dataclass(frozen=True)
class Placed:
    """joints (J, 3), tails (J, 3) on the mean; rows (2J, V): joints, then tails, as mixes of vertices."""

    joints: np.ndarray
    tails: np.ndarray
    rows: sparse.csr_matrix


def place(vertices: np.ndarray, skin: int, mirror: np.ndarray, layout: Layout, slices: dict[str, slice]) -> Placed:
    """Place the joints of `anatomy.JOINTS` in the mean head; `vertices` before `skin` are skin."""
    points = _points(vertices, layout, slices)
    tails = _tails(points, vertices, layout)
    around = _surroundings(points, vertices, skin, layout, slices)
    rows = []
    for target in (points, tails):
        for name in JOINTS:
            where = around.get(f"{name} tail", around[name]) if target is tails else around[name]
            row = _mix(vertices, where, target[name])
            rows.append(row if name[:4] == "eye." else _even(row, mirror))
    return Placed(
        np.array([points[name] for name in JOINTS]),
        np.array([tails[name] for name in JOINTS]),
        sparse.vstack(rows).tocsr(),
    )


def prominence(vertices: np.ndarray, layout: Layout) -> np.ndarray:
    """Give the point (3,) of the throat under which the thyroid cartilage lies."""
    throat = vertices[layout.grid[0, :CHIN_ROW]]
    notch = throat[np.argmax(throat[: CHIN_ROW // 2, 1])]
    angle = vertices[layout.grid[0, CHIN_ROW - 2]]
    height = angle[2] + PROMINENCE * (notch[2] - angle[2])
    order = np.argsort(throat[:, 2])
    return np.array([0, np.interp(height, throat[order, 2], throat[order, 1]), height])


def _points(vertices: np.ndarray, layout: Layout, slices: dict[str, slice]) -> dict[str, np.ndarray]:
    canal = vertices[layout.rings["ear"][EAR_CANAL]].mean(axis=0) * [0, 1, 1]
    skull = canal + OCCIPITAL
    base, link = skull + NECK, -NECK
    forward = np.array([0, -link[2], link[1]]) / np.linalg.norm(link)
    points = {"chest": np.array([0, base[1], vertices[layout.neck, 2].min() + 0.01])}
    for name, at in HEIGHTS.items():
        points[name] = base + at * link + LORDOSIS * np.sin(np.pi * at) * forward
    points["jaw"] = canal + CONDYLE
    points["larynx"] = prominence(vertices, layout) + [0, 0.012, 0]
    for name, part in (("eye.L", "eye_left"), ("eye.R", "eye_right")):
        points[name] = (vertices[slices[part]].max(0) + vertices[slices[part]].min(0)) / 2
    return points


def _tails(points: dict[str, np.ndarray], vertices: np.ndarray, layout: Layout) -> dict[str, np.ndarray]:
    above = dict(zip(("chest", *SPINE[:-1]), SPINE, strict=True))
    tails = {name: points[other] for name, other in above.items()}
    tails["skull"] = np.array([0, points["skull"][1], vertices[layout.midline, 2].max()])
    tails["jaw"] = vertices[layout.grid[0, CHIN_ROW]] * [0, 1, 1]
    tails["larynx"] = points["larynx"] + [0, 0, 0.015]
    for name in ("eye.L", "eye.R"):
        tails[name] = points[name] + [0, -0.03, 0]
    return tails


def _surroundings(
    points: dict[str, np.ndarray], vertices: np.ndarray, skin: int, layout: Layout, slices: dict[str, slice]
) -> dict[str, np.ndarray]:
    """The vertices that each joint is mixed from: a slice of the neck, the ears, the throat or the eyeball."""
    shown = vertices[:skin]
    across = (points["skull"] - points["C7"]) / np.linalg.norm(points["skull"] - points["C7"])
    behind = (shown[:, 1] > points["jaw"][1] - 0.01) | (shown[:, 2] < vertices[layout.grid[0, CHIN_ROW], 2] - 0.01)
    near = behind & (np.abs(shown[:, 0]) < 0.085)

    def disc(name: str, half: float = 0.010) -> np.ndarray:
        return np.flatnonzero(near & (np.abs((shown - points[name]) @ across) < half))

    def ball(center: np.ndarray, radius: float) -> np.ndarray:
        return np.flatnonzero(np.linalg.norm(shown - center, axis=1) < radius)

    canal = np.concatenate(layout.rings["ear"][EAR_CANAL - 2 : EAR_CANAL])
    ears = vertices[canal].mean(axis=0)
    chosen = {name: disc(name) for name in SPINE}
    chosen["chest"] = disc("chest", 0.03)
    chosen["jaw"] = np.concatenate([ball(ears * [side, 1, 1], 0.035) for side in (1, -1)])
    chosen["larynx"] = ball(points["larynx"], 0.03)
    above = dict(zip(("chest", *SPINE[:-1]), SPINE, strict=True))
    chosen |= {f"{name} tail": chosen[other] for name, other in above.items()}
    chosen["skull tail"] = np.flatnonzero(shown[:, 2] > points["eye.L"][2] + 0.03)
    chosen["jaw tail"] = ball(vertices[layout.grid[0, CHIN_ROW]], 0.02)
    for name, part in (("eye.L", "eye_left"), ("eye.R", "eye_right")):
        chosen[name] = np.arange(slices[part].start, slices[part].stop)
    return chosen


def _mix(vertices: np.ndarray, around: np.ndarray, target: np.ndarray) -> sparse.csr_matrix:
    """Give the smallest weights (1, V) that add up to 1 and mix `around` to the target point (3,)."""
    system = np.concatenate([vertices[around].T - target[:, None], np.full((1, len(around)), 0.1)])
    weights = np.linalg.lstsq(system, [0, 0, 0, 0.1], rcond=None)[0]
    return sparse.csr_matrix((weights, (np.zeros_like(around), around)), (1, len(vertices)))


def _even(row: sparse.csr_matrix, mirror: np.ndarray) -> sparse.csr_matrix:
    """Weigh both sides alike, so that a joint of the midline stays there on every symmetric head."""
    return (row + row[:, mirror]) / 2
