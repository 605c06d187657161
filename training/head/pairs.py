"""Measures what any two sliders do together at full: faces turned over, lids in eyes, lips through each other.

Nobody can make a corrective for every pair; this finds those that need one most.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from headroom.core.head.contact import apart
from headroom.core.head.decode import openings
from headroom.core.head.head import Head
from headroom.core.head.surface import Surface
from headroom.core.performance import SHAPES

from .collisions import in_eye

MOVES = 2e-4
"""Metres from which on a channel moves lips or lids."""


@dataclass
class Pairs:
    """The worst of each pair of channels over heads: faces about lips and lids that are turned over, metres that a lid
    lies in an eye, and that one lip goes through the other."""

    heads: int = 0
    flips: dict[str, int] = field(default_factory=dict)
    lids: dict[str, float] = field(default_factory=dict)
    lips: dict[str, float] = field(default_factory=dict)

    def take(self, head: Head) -> None:
        """Measure one head of the standard level."""
        self.heads += 1
        mouth, *eyes = openings()
        skin = _skin(head, np.concatenate([mouth.rings.ravel(), *(eye.rings.ravel() for eye in eyes)]))
        way, base = apart(head.neutral, mouth.seam), skin.turned(head.neutral)
        for one, other in pairs(head):
            name = f"{one} + {other}"
            values = {one: 1.0, other: 1.0} | ({"jawOpen": 1.0} if "mouthClose" in (one, other) else {})
            posed = head.pose(values)
            self._keep(self.flips, name, int((skin.turned(posed) & ~base).sum()))
            for eye in eyes:
                self._keep(self.lids, name, in_eye(posed[eye.rings[3:9]].reshape(-1, 3), posed[slice(*eye.ball)]))
            through = ((posed[mouth.seam.lower] - posed[mouth.seam.upper]) * way).sum(axis=1).max()
            self._keep(self.lips, name, float(through))

    def _keep(self, seen: dict, name: str, value: float) -> None:
        seen[name] = max(value, seen.get(name, 0))

    def lines(self, most: int = 12) -> Iterator[str]:
        """Tell how many pairs there are of each kind, and the worst."""
        yield f"pairs of sliders: {len(self.flips)} on {self.heads} heads"
        for kind, seen, unit, good in (
            ("faces turned over", self.flips, 1, 0), ("lid in eye, mm", self.lids, 1000, 0.2),
            ("lip through lip, mm", self.lips, 1000, 0.2),
        ):  # fmt: skip
            worst = sorted(seen.items(), key=lambda pair: -pair[1])
            beyond = sum(unit * value > good for value in seen.values())
            yield f"{kind}: beyond {good} in {beyond} pairs; " + ", ".join(
                f"{name} {unit * value:.3g}" for name, value in worst[:most] if unit * value > good
            )


def measure(heads: Iterable[Head]) -> Pairs:
    """Measure heads of the standard level."""
    found = Pairs()
    for head in heads:
        found.take(head)
    return found


def pairs(head: Head) -> list[tuple[str, str]]:
    """Pairs of channels that move the same opening."""
    index = {name: k for k, name in enumerate(head.shape_names)}
    found = set()
    for opening in openings():
        moving = [n for n in SHAPES if np.abs(head.shapes[index[n]][opening.rings]).max() > MOVES]
        found |= set(combinations(moving, 2))
    return sorted(pair for pair in found if pair != ("jawOpen", "mouthClose"))


def _skin(head: Head, about: np.ndarray) -> Surface:
    """The faces of the skin about vertices, and those beside them."""
    faces = head.faces[np.isin(head.part, ("skin", "mouth"))]
    near = np.isin(faces, about).any(axis=1)
    return Surface.of(faces[np.isin(faces, faces[near]).any(axis=1)])
