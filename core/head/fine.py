"""Evens out what shapes fold at the film level, whose vertices in between can swing out where skin is creased."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from .clearance import edges
from .correctives import FOLLOW, SHAPE_NAMES
from .creases import Risk, Skin, Spots, even, lying
from .head import Head
from .mending import BASES, ROW, WITHIN

STRAIN = 0.05
"""How much a face of the standard level must be strained for its quarters to be looked at."""
ALIKE = {name: name.replace("lidFollow", "eyeLook") for name in FOLLOW if name.startswith("lid")} | {
    "jawFollowOpen": "jawOpen",
    "tongueOut_jawOpen": "jawOpen",
}
"""Shapes that move skin as others do."""


def smoothed(head: Head) -> Head:
    """Give a head of the film level with shapes that turn over as few faces as those of the standard level do."""
    if head.shape_names != SHAPE_NAMES:
        return head
    shapes, rest = np.ascontiguousarray(head.shapes), head.neutral
    first, later = _risks()
    state, still = lying(first.skin, rest), _still(shapes.shape[:2])
    before = {source: shapes[ROW[source]].copy() for source in set(ALIKE.values())}
    even(first.skin, rest, shapes, first.folded(rest, shapes, state), state, still)
    for name, source in ALIKE.items():
        shapes[ROW[name]] += shapes[ROW[source]] - before[source]
    shapes[ROW["mouthClose"]] -= shapes[ROW["jawOpen"]] - before["jawOpen"]  # closed lips stay where they were
    base = {row: sum(value * shapes[on] for on, value in under.items()) for row, under in BASES.items()}
    for row, posed in base.items():
        shapes[row] += posed
    even(later.skin, rest, shapes, later.folded(rest, shapes, state), state, still)
    for row, posed in base.items():
        shapes[row] -= posed
    return replace(head, shapes=shapes)


def _still(size: tuple[int, ...]) -> np.ndarray:
    """What stays (S, V): lips that are closed again, lids that are shut."""
    from .decode import openings

    still = np.zeros(size, bool)
    mouth, *eyes = openings()
    still[ROW["mouthClose"], mouth.rings[WITHIN]] = True
    for eye in eyes:
        shut = [ROW[name] for name in SHAPE_NAMES if name.startswith(f"eyeBlink{eye.side}") and "_half" not in name]
        still[np.ix_(shut, np.concatenate([*edges(eye), eye.seam.lower, eye.seam.upper]))] = True
    return still


@cache
def _risks() -> tuple[Risk, Risk]:
    """What `decode.risks` says of the standard level, for the quarters of its faces."""
    from .. import weights
    from .decode import risks
    from .head import PARTS
    from .levels import subdivision

    fixed = weights.load("template").arrays
    faces = subdivision(fixed["faces"].astype(np.int64))[2]
    soft = np.isin(np.array(PARTS)[fixed["part"]], ("skin", "mouth"))
    skin = Skin.of(int(faces.max()) + 1, faces[soft.repeat(4)])
    return tuple(_quartered(skin, one.strain[:, : soft.sum()]) for one in risks())  # type: ignore[return-value]


def _quartered(skin: Skin, strain: np.ndarray) -> Risk:
    fine = strain.repeat(4, axis=1)
    return Risk(skin, fine, Spots.of(skin, *np.nonzero(fine > STRAIN)))
