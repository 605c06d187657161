"""Plain versions of the face's shapes: a few pulls at landmarks, as an artist models them by hand.

The mean head's own shapes come from scans, where a blink drags the cheek and a brow crosses the forehead. Rigs modelled
by hand move less: they resemble what the Facial Action Coding System (Ekman, Friesen, Hager 2002) says of each unit,
and that is what these say.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from . import landmarks as marks
from .face_space import mean_head, places

Pull = tuple[str, tuple[float, float, float], float]
"""Spots that are pulled, by (out, back, up) millimetres, and millimetres that the pull reaches (one sigma)."""

PULLS: dict[str, tuple[Pull, ...]] = {
    "browDown<": (("brow.<.0 brow.<.1 brow.<.2 brow.<.3", (-1.5, 0, -5), 14),),
    "browInnerUp": (("brow.L.0 brow.L.1 brow.R.4 brow.R.3", (0, 1, 6), 14),),
    "browOuterUp<": (("brow.<.2 brow.<.3 brow.<.4", (0, 1, 6), 14),),
    "eyeBlink<": (("lid.upper.<", (0, -1, -9), 6),),
    "eyeLookDown<": (("lid.upper.<", (0, -0.5, -4), 6), ("lid.lower.<", (0, 0, -2), 6)),
    "eyeLookUp<": (("lid.upper.<", (0, 0, 3), 7), ("lid.lower.<", (0, 0, 1.5), 6)),
    "eyeWide<": (("lid.upper.<", (0, 0.5, 3.5), 6), ("lid.lower.<", (0, 0, -1), 6)),
    "eyeSquint<": (("lid.lower.<", (0, 0, 3), 8), ("lid.upper.<", (0, 0, -0.7), 6)),
    "cheekSquint<": (("cheek.<", (0, -1, 6), 13),),
    "cheekPuff": (("puff.L puff.R", (8, -4, 0), 16),),
    "noseSneer<": (("wing.<", (-0.5, -0.5, 5), 11),),
    "mouthSmile<": (("corner.<", (7, 4, 7), 16),),
    "mouthFrown<": (("corner.<", (1.5, 1, -5), 13),),
    "mouthStretch<": (("corner.<", (6, 2, -1.5), 16),),
    "mouthDimple<": (("corner.<", (3, 4, 0.5), 12),),
    "mouthUpperUp<": (("upper.<", (0.5, 0, 6), 10),),
    "mouthLowerDown<": (("lower.<", (0.5, 0, -6), 10),),
    "mouthPress<": (("upper.<", (0, 1, -1.5), 9), ("lower.<", (0, 1, 2.5), 9)),
    "mouthPucker": (("corner.L corner.R", (-8, -3, 0), 14), ("upper lower", (0, -6, 0), 12)),
    "mouthFunnel": (
        ("corner.L corner.R", (-5, -3, 0), 12), ("upper", (0, -4, 4), 11), ("lower", (0, -4, -4), 11),
    ),
    "mouthLeft": (("aside", (9, 0, 0), 26),),
    "mouthRight": (("aside", (-9, 0, 0), 26),),
    "mouthRollUpper": (("upper upper.L upper.R", (0, 4, -3), 9),),
    "mouthRollLower": (("lower lower.L lower.R", (0, 4, 3), 9),),
    "mouthShrugUpper": (("upper upper.L upper.R", (0, -2, 4), 10),),
    "mouthShrugLower": (("lower lower.L lower.R boss", (0, -2, 5), 13),),
}  # fmt: skip
"""Channel -> pulls; `<` stands for either side. How large a pull is does not matter, only how it compares."""


@cache
def pulled() -> dict[str, np.ndarray]:
    """Give what the plain shapes do at `places()`: channel -> (S, 3) metres; channels without one are left out."""
    found = {}
    for name, pulls in PULLS.items():
        for side in ("Left", "Right") if "<" in name else ("",):
            letter = side[:1]
            parts = [_pull(names.replace("<", letter).split(), by, reach) for names, by, reach in pulls]
            found[name.replace("<", side)] = np.sum(parts, axis=0)
    return found


def _pull(names: list[str], by: tuple[float, float, float], reach: float) -> np.ndarray:
    """One pull: every place goes with the spot that pulls it most; out is away from the middle at a side's spot."""
    spots = np.stack([_spots()[name] for name in names])
    near = np.exp(-0.5 * ((places().points[:, None] - spots) ** 2).sum(axis=2) / (reach / 1000) ** 2)
    side = np.where(np.abs(spots[:, 0]) > 0.005, np.sign(spots[:, 0]), 1.0)[near.argmax(axis=1)]
    way = np.column_stack([by[0] * side, np.full_like(side, by[1]), np.full_like(side, by[2])]) / 1000
    return near.max(axis=1)[:, None] * way * (places().part == "skin")[:, None]


@cache
def _spots() -> dict[str, np.ndarray]:
    """Landmarks of the mean head, and places between them."""
    points = mean_head().neutral[marks.template_vertices()].astype(np.float64)
    spots = dict(zip(marks.NAMES, points, strict=True))

    def middle(start: str, *numbers: int) -> np.ndarray:
        return np.mean([spots[f"{start}.{number}"] for number in numbers], axis=0)

    outer = "mouth.outer"
    more = {
        "corner.R": middle(outer, 0), "corner.L": middle(outer, 6), "upper": middle(outer, 3),
        "lower": middle(outer, 9), "upper.R": middle(outer, 1, 2), "upper.L": middle(outer, 4, 5),
        "lower.L": middle(outer, 7, 8), "lower.R": middle(outer, 10, 11), "aside": middle(outer, 3, 9),
        "wing.R": spots["nostril.0"], "wing.L": spots["nostril.4"],
    }  # fmt: skip
    more["boss"] = (more["lower"] + spots["menton"]) / 2
    for side, x in (("L", 1), ("R", -1)):
        more[f"lid.upper.{side}"], more[f"lid.lower.{side}"] = (middle(f"eye.{side}", *n) for n in ((1, 2), (4, 5)))
        more[f"cheek.{side}"] = more[f"lid.lower.{side}"] * [1.15, 1, 1] + [0, 0.004, -0.022]
        more[f"puff.{side}"] = more[f"corner.{side}"] + [x * 0.02, 0.015, 0.004]
    return spots | more
