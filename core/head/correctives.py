"""Shapes that mend what other shapes break together, and lids that follow eyes turned by bones.

A corrective is a shape whose value follows from others by a formula of a kind that Blender evaluates without running
scripts, so it works with Auto Run off and without Headroom.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ..performance import SHAPES
from .gaze import LOOK_DEGREES

FORMS: dict[str, Callable[..., float]] = {
    "a*b": lambda a, b: a * b,
    "4*a*(1-a)": lambda a: 4 * a * (1 - a),
    "max(a-c,0)*b": lambda a, b, c: max(a - c, 0.0) * b,
    "a*b*(1-c)": lambda a, b, c: a * b * (1 - c),
}
"""Every formula in use: as Blender reads it, and as it is computed here."""


@dataclass(frozen=True)
class Corrective:
    """How much a corrective is on: `expression` (one of FORMS) of a, b, c, the values of `channels` in their order."""

    channels: tuple[str, ...]
    expression: str

    def value(self, values: Mapping[str, float]) -> float:
        """Evaluate the expression on channel values; a channel that is absent is 0."""
        return float(FORMS[self.expression](*(values.get(name, 0.0) for name in self.channels)))


@dataclass(frozen=True)
class Follow:
    """A lid shape that follows a turning eye bone: value = angle / `angle`, never below 0.

    joint is one of anatomy.JOINTS, axis "X" or "Z" of the head at rest (X to its left, Z up), angle in radians with its
    sign, counter-clockwise about the axis being positive.
    """

    joint: str
    axis: str
    angle: float

    def value(self, turned: float) -> float:
        """Give the shape's value when the bone has turned by `turned` radians about the axis."""
        return max(turned / self.angle, 0.0)


_OPENED = (
    "mouthSmileLeft", "mouthSmileRight", "mouthFunnel", "mouthPucker", "mouthRollLower", "mouthRollUpper",
    "mouthPressLeft", "mouthPressRight", "mouthUpperUpLeft", "mouthUpperUpRight", "mouthLowerDownLeft",
    "mouthLowerDownRight", "mouthLeft", "mouthRight", "mouthStretchLeft", "mouthStretchRight", "cheekPuff",
)  # fmt: skip
"""Shapes of the mouth that break when the jaw opens under them; no longer when `mouthClose` shuts it again."""

_SIDES = ("Left", "Right")


def _table() -> dict[str, Corrective]:
    table = {f"jawOpen_{name}": Corrective(("jawOpen", name, "mouthClose"), "max(a-c,0)*b") for name in _OPENED}
    for first, second in (("mouthFunnel", "mouthPucker"), ("mouthLeft", "mouthRight")):
        table[f"{first}_{second}"] = Corrective((first, second), "a*b")
    for side in _SIDES:
        smile, blink = f"mouthSmile{side}", f"eyeBlink{side}"
        table[f"{smile}_mouthPucker"] = Corrective((smile, "mouthPucker"), "a*b")
        table[f"{blink}_half"] = Corrective((blink,), "4*a*(1-a)")
        for other in ("eyeLookUp", "eyeLookDown", "eyeSquint", "eyeWide", "cheekSquint"):
            table[f"{blink}_{other}{side}"] = Corrective((blink, f"{other}{side}"), "a*b")
    return table


CORRECTIVES = _table()
"""Every corrective by the name of its shape."""

_ABOUT = {"Up": ("X", -1, -1), "Down": ("X", 1, 1), "In": ("Z", -1, 1), "Out": ("Z", 1, -1)}
FOLLOW = {
    f"lidFollow{way}{side}": Follow(f"eye.{side[0]}", axis, sign * float(np.radians(LOOK_DEGREES[way])))
    for k, side in enumerate(_SIDES)
    for way, (axis, *signs) in _ABOUT.items()
    for sign in (signs[k],)
}
"""Lids after the eye bones: each is what the look shape does to the lids, the eyeball left to the bone."""

SHAPE_NAMES = (*SHAPES, *CORRECTIVES, *FOLLOW)
"""Every shape that a head has, in order."""


def expand(values: Mapping[str, float]) -> dict[str, float]:
    """Add to channel values what correctives they call for; one that is given by hand stays."""
    needed = {name: one.value(values) for name, one in CORRECTIVES.items() if any(c in values for c in one.channels)}
    return {name: value for name, value in needed.items() if value} | dict(values)
