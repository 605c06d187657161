"""Finds the seams of the template: which vertices meet, and how far around them the skin follows."""

from __future__ import annotations

import numpy as np

from headroom.core.head.anatomy import JOINTS
from headroom.core.head.clearance import LID_RINGS, LIP_RINGS, Eye, Mouth
from headroom.core.head.contact import Seam
from headroom.core.head.rings import rings_about

from .layout import LID_FRONT, LIP_CONTACT
from .template import Template

LIP_SHARES = {-5: 0.06, -4: 0.18, -3: 0.38, -2: 0.64, -1: 0.88, 0: 1.0, 1: 0.85, 2: 0.6, 3: 0.4, 4: 0.25, 5: 0.12}
LID_SHARES = {-5: 0.12, -4: 0.3, -3: 0.55, -2: 0.82, -1: 0.98, 0: 1.0, 1: 1.0, 2: 1.0, 3: 1.0, 4: 0.6, 5: 0.25}
"""How much of the gap the n-th ring outside (negative) or inside the meeting ring takes part in closing."""


def lips(template: Template) -> Seam:
    """The seam between the lips: both sides meet in the middle; mirror-symmetric."""
    rings = template.layout.rings["mouth"]
    half = len(rings[0]) // 2
    lower, upper = rings[LIP_CONTACT][: half + 1], rings[LIP_CONTACT][half:][::-1]
    vertex, pair, weight = [], [], []
    for offset, share in LIP_SHARES.items():
        ring = rings[LIP_CONTACT + offset]
        for side, sign in ((ring[: half + 1], 0.5), (ring[half:][::-1], -0.5)):
            vertex.append(side[:-1])  # the corner itself faces nothing
            pair.append(np.arange(half))
            weight.append(np.full(half, sign * share))
    return _both_sides(template, lower, upper, vertex, pair, weight)


def lids(template: Template) -> tuple[Seam, Seam]:
    """The seams between the lids of the left and the right eye: the upper lid comes down all the way."""
    rings = [template.layout.lids(k) for k in range(len(template.layout.rings["eye"]))]
    size = len(rings[0])
    turn = np.arange(1, size // 2)
    lower, upper = rings[LID_FRONT][turn], rings[LID_FRONT][size - turn]
    vertex, pair, weight = [], [], []
    for offset, share in LID_SHARES.items():
        vertex.append(rings[LID_FRONT + offset][size - turn])
        pair.append(turn - 1)
        weight.append(np.full(len(turn), -share))
    outer = np.concatenate([v for v, offset in zip(vertex, LID_SHARES, strict=True) if offset <= 2])
    left = Seam(lower, upper, np.concatenate(vertex), np.concatenate(pair), np.concatenate(weight), outer)
    m = template.mirror
    return left, Seam(m[left.lower], m[left.upper], m[left.vertex], left.pair, left.weight, m[left.outer])


def openings(template: Template) -> tuple[Mouth, Eye, Eye]:
    """The mouth, left and right eye, as the head's shapes are mended by."""
    skin = template.faces[(template.faces < template.skin).all(axis=1)]
    seam = lips(template)
    teeth = tuple(template.faces[np.isin(template.part, (f"teeth_{jaw}", f"gums_{jaw}"))] for jaw in ("upper", "lower"))
    left, right = (
        Eye(side, lid, rings_about(lid, skin, *LID_RINGS), np.array([ball.start, ball.stop]),
            template.joints[JOINTS.index(f"eye.{side[0]}")])
        for side, lid in zip(("Left", "Right"), lids(template), strict=True)
        for ball in (template.eye(side.lower()),)
    )  # fmt: skip
    return Mouth(seam, rings_about(seam, skin, *LIP_RINGS), teeth), left, right


def _both_sides(
    template: Template, lower: np.ndarray, upper: np.ndarray, vertex: list, pair: list, weight: list
) -> Seam:
    count = len(lower)
    v, p, w = np.concatenate(vertex), np.concatenate(pair), np.concatenate(weight)
    m = template.mirror
    twin = m[v] != v
    return Seam(
        np.concatenate([lower, m[lower]]), np.concatenate([upper, m[upper]]),
        np.concatenate([v, m[v][twin]]), np.concatenate([p, p[twin] + count]), np.concatenate([w, w[twin]]),
        np.unique(np.concatenate([v, m[v]])),
    )  # fmt: skip
