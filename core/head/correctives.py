"""Shapes that mend what other shapes break together, and shapes that follow bones.

A corrective is a shape whose value follows from others by a formula of a kind that Blender evaluates without running
scripts, so it works with Auto Run off and without Headroom.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ..performance import SHAPES
from .anatomy import JAW_OPEN, LIMITS
from .gaze import LOOK_DEGREES

TONGUE_OPENS = 0.3
"""How far `tongueOut` at 1 opens the jaw at least, in `jawOpen`: nobody's tongue passes between teeth that are shut."""

FORMS: dict[str, Callable[..., float]] = {
    "a*b": lambda a, b: a * b,
    "a*b*b": lambda a, b: a * b * b,
    "4*a*(1-a)": lambda a: 4 * a * (1 - a),
    "max(a-c,0)*b": lambda a, b, c: max(a - c, 0.0) * b,
    f"max({TONGUE_OPENS}*a-b-c,0)": lambda a, b, c: max(TONGUE_OPENS * a - b - c, 0.0),
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
    """A shape that follows a turning bone: value = angle / `angle`, never below 0.

    joint is one of anatomy.JOINTS, axis "X" or "Z" of the head at rest (X to its left, Z up), angle in radians with its
    sign, counter-clockwise about the axis being positive.
    """

    joint: str
    axis: str
    angle: float

    def value(self, turned: float) -> float:
        """Give the shape's value when the bone has turned by `turned` radians about the axis."""
        return max(turned / self.angle, 0.0)


_SIDES = ("Left", "Right")
_LIDS = ("eyeLookUp", "eyeLookDown", "eyeLookOut", "eyeSquint", "eyeWide", "cheekSquint")
"""What breaks a blink of the same eye."""
_MOUTH = (
    ("mouthShrugLower", "mouthRollLower"), ("mouthShrugLower", "jawForward"), ("mouthRollLower", "mouthPucker"),
    ("mouthRollLower", "mouthFunnel"), ("mouthRollLower", "mouthRollUpper"), ("mouthFunnel", "mouthPucker"),
    ("mouthLeft", "mouthRight"),
    ("mouthSmile<", "mouth>"), ("mouthDimple<", "mouth>"), ("mouthDimple<", "jaw>"), ("mouthRollUpper", "mouth<"),
    ("mouthRollLower", "mouth<"), ("mouthRollLower", "mouthSmile<"), ("mouthRollLower", "mouthDimple<"),
    ("mouthRollLower", "mouthLowerDown<"),
)  # fmt: skip
"""Pairs of the mouth that fold skin or bring lips into teeth, the worst of all pairs; < is one side, > the other."""
_CREASED = (
    ("mouthRollUpper", "cheekPuff"), ("mouthRollUpper", "mouthShrugLower"), ("mouthShrugLower", "cheekPuff"),
    ("mouthShrugLower", "mouthShrugUpper"), ("mouthShrugLower", "mouthPucker"), ("mouthShrugLower", "mouth<"),
    ("mouthRollUpper", "mouthStretch<"),
)  # fmt: skip
"""The worst of those that only crease skin: nothing is learned for them, each head evens its own."""
_OPENED = ("mouthRollLower", "mouthSmile<")
"""The same with `jawOpen`, as far as `mouthClose` does not shut the mouth again."""
TONGUE_TURNS = ("tongueOut", "tongueFrontUp")
"""Shapes of the tongue that reach so far that they must turn with an opening jaw, or they would meet the teeth."""


def _table() -> dict[str, Corrective]:
    table = {}
    for side, other in (_SIDES, _SIDES[::-1]):
        for pair in (*_MOUTH, *_CREASED):
            first, second = (name.replace("<", side).replace(">", other) for name in pair)
            if (first, second) != ("mouthRight", "mouthLeft"):
                table[f"{first}_{second}"] = Corrective((first, second), "a*b")
        for name in (one.replace("<", side) for one in _OPENED):
            table[f"jawOpen_{name}"] = Corrective(("jawOpen", name, "mouthClose"), "max(a-c,0)*b")
    for side in _SIDES:
        blink = f"eyeBlink{side}"
        table[f"{blink}_half"] = Corrective((blink,), "4*a*(1-a)")
        for name in (f"{one}{side}" for one in _LIDS):
            table[f"{blink}_{name}"] = Corrective((blink, name), "a*b")
        for one, two in (("eyeWide", "eyeLookDown"), ("cheekSquint", "eyeLookOut")):
            table[f"{one}{side}_{two}{side}"] = Corrective((f"{one}{side}", f"{two}{side}"), "a*b")
        for pair in ((f"eyeLook{one}{side}", f"eyeLook{two}{side}") for one in ("Up", "Down") for two in ("In", "Out")):
            table["_".join(pair)] = Corrective(pair, "a*b")  # two turns added up would squash the eye
    table["tongueOut_half"] = Corrective(("tongueOut",), "4*a*(1-a)")
    table["tongueOut_jawOpen"] = Corrective(("tongueOut", "jawOpen", "jawFollowOpen"), f"max({TONGUE_OPENS}*a-b-c,0)")
    for name in TONGUE_TURNS:  # the tongue goes up before it goes out, so it turns late
        table[f"jawOpen_{name}"] = Corrective(("jawOpen", name), "a*b*b" if name == "tongueOut" else "a*b")
    return table


SEALED = ("mouthRollLower_mouthRollUpper",)
"""Pairs that press the lips together: their corrective closes what is left open between them."""

CORRECTIVES = _table()
"""Every corrective by the name of its shape."""
TONGUES = tuple(name for name in CORRECTIVES if "tongue" in name)
"""Correctives that mend nothing but the tongue's way."""
_OWN = {"_".join(pair).replace("<", side) for pair in _CREASED for side in _SIDES}
SOLVED = tuple(name for name in CORRECTIVES if name.startswith(("eye", "cheekSquint")) or name in _OWN)
"""Correctives that are worked out for each head (`mending`), as is `tongueOut_jawOpen`: `jawOpen` once more with the
tongue turned along; the others are learned."""

_ABOUT = {"Up": ("X", -1, -1), "Down": ("X", 1, 1), "In": ("Z", -1, 1), "Out": ("Z", 1, -1)}
FOLLOW = {
    **{
        f"lidFollow{way}{side}": Follow(f"eye.{side[0]}", axis, sign * float(np.radians(LOOK_DEGREES[way])))
        for k, side in enumerate(_SIDES)
        for way, (axis, *signs) in _ABOUT.items()
        for sign in (signs[k],)
    },
    "jawFollowOpen": Follow("jaw", "X", float(JAW_OPEN)),
    "neckFollowFlexion": Follow("C4", "X", LIMITS["C4"].flexion),
    "neckFollowExtension": Follow("C4", "X", -LIMITS["C4"].extension),
    "neckFollowTurnLeft": Follow("C4", "Z", LIMITS["C4"].axial),
    "neckFollowTurnRight": Follow("C4", "Z", -LIMITS["C4"].axial),
}
"""What follows bones. Lids do what the look shape does to them, the eyeball left to the bone; skin about the jaw goes
where `jawOpen` brings it; the neck keeps its volume, all vertebrae turning in their shares as C4 does."""

SHAPE_NAMES = (*SHAPES, *CORRECTIVES, *FOLLOW)
"""Every shape that a head has, in order."""


def expand(values: Mapping[str, float]) -> dict[str, float]:
    """Add to channel values what correctives they call for; one that is given by hand stays."""
    needed = {name: one.value(values) for name, one in CORRECTIVES.items() if any(c in values for c in one.channels)}
    return {name: value for name, value in needed.items() if value} | dict(values)
