"""People to learn from: faces of the scan model, people of MakeHuman, and blends of both, as vertices of the template.

Everything is a displacement from the template's mean. Left-right differences come as often one way as the other,
because every person can also be drawn mirrored.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sparse

from headroom.core.head.macros import ANCESTRIES, AVERAGE, CORNERS, shares

from .ict import Ict
from .makehuman import MakeHuman
from .register import register
from .template import Template

OPPOSITES = {
    "decr": "incr", "down": "up", "in": "out", "backward": "forward", "compress": "uncompress", "concave": "convex",
}  # fmt: skip
"""How the names of two targets that pull opposite ways end."""
FLESH = {
    "maxweight": {"head/head-fat": 0.9, "cheek/cheek-volume": 0.6, "neck/neck-double": 0.7,
                  "neck/measure-neck-circ": 0.7},
    "minweight": {"head/head-fat": -0.9, "cheek/cheek-volume": -0.6, "neck/measure-neck-circ": -0.3},
    "maxmuscle": {"neck/measure-neck-circ": 0.6, "chin/chin-bones": 0.5, "cheek/cheek-bones": 0.4},
    "minmuscle": {"neck/measure-neck-circ": -0.3, "chin/chin-bones": -0.3},
}  # fmt: skip
"""Details that go with corners of weight and muscle: MakeHuman's own targets of those stop at the collar."""
LARGEST_SCAN = 2.5
"""Standard deviations a mode of the scan model may take."""
OFTEN, AMOUNT, UNEVEN = 0.3, 0.4, 0.08
"""Details of MakeHuman's people: how often one is used, its spread (1 is the artist's extreme), and how left and right
differ."""


@dataclass(frozen=True)
class People:
    """Two populations on one template, as displacements from its mean.

    scan (M, V, 3): the scan model's modes per standard deviation. average (V, 3): MakeHuman's average adult.
    corners (96, V, 3): its macro targets, as parts of a sum over `macros.shares` minus the average's.
    details: slider name -> per side (minus, plus) displacements (V, 3) at the extremes; minus is None for one-way ones.
    mirror (V,): partners. position (V, 3): the mean.
    """

    scan: np.ndarray
    average: np.ndarray
    corners: np.ndarray
    details: dict[str, list[tuple[np.ndarray | None, np.ndarray]]]
    mirror: np.ndarray
    position: np.ndarray

    def macro(self, person: dict[str, float]) -> np.ndarray:
        """What age, sex, muscle, weight and ancestry make of the average adult, (V, 3)."""
        difference = (shares(person) - shares(AVERAGE)).astype(np.float32)
        used = np.flatnonzero(difference)
        return np.tensordot(difference[used], self.corners[used], 1)

    def detail(self, name: str, amount: float, side: int) -> np.ndarray:
        """One slider of MakeHuman on one side (0 for both or left, 1 for right), amount -1 to 1."""
        minus, plus = self.details[name][side]
        if amount >= 0 or minus is None:
            return abs(amount) * plus
        return -amount * minus

    def scanned(self, rng: np.random.Generator) -> np.ndarray:
        """Draw a face of the scan model, (V, 3)."""
        weights = rng.standard_normal(len(self.scan)).clip(-LARGEST_SCAN, LARGEST_SCAN)
        return np.tensordot(weights.astype(np.float32), self.scan, 1)

    def made(
        self, rng: np.random.Generator, person: dict[str, float] | None = None, without: Collection[str] = (),
        always: str = "",
    ) -> np.ndarray:  # fmt: skip
        """Draw one of MakeHuman's people, (V, 3); details of the families in `without` are not used, one family may
        be used `always`."""
        total = self.average + self.macro(draw_person(rng) if person is None else person)
        for name, sides in self.details.items():
            family = name.split("/")[0]
            if family in without or rng.random() > (0.7 if family == always else OFTEN):
                continue
            amount = np.clip(rng.standard_normal() * AMOUNT, -1, 1)
            for side in range(len(sides)):
                own = amount + UNEVEN * rng.standard_normal() if len(sides) == 2 else amount
                total = total + self.detail(name, float(np.clip(own, -1, 1)), side)
        return total

    def mirrored(self, moved: np.ndarray) -> np.ndarray:
        """The same person seen in a mirror."""
        return moved[self.mirror] * np.array([-1, 1, 1], np.float32)

    @cached_property
    def _seeds(self) -> np.ndarray:
        return self.position[np.random.default_rng(3).choice(len(self.position), 400, replace=False)]

    def blended(self, rng: np.random.Generator, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Blend two people, half of the time as a whole, half of the time region by region with soft borders."""
        if rng.random() < 0.5:
            share: np.ndarray | float = rng.uniform(0.2, 0.8)
        else:
            share = self.patches(rng)[:, None]
        return (first + share * (second - first)).astype(np.float32)

    def patches(self, rng: np.random.Generator, width: float = 0.025) -> np.ndarray:
        """A soft, mirror-symmetric 0..1 mask (V,) made of a few random regions."""
        centers = self._seeds[rng.choice(len(self._seeds), 5)]
        side = np.abs(self.position) * [1, 0, 0] + self.position * [0, 1, 1]
        near = np.stack([((side - np.abs(c) * [1, 0, 0] - c * [0, 1, 1]) ** 2).sum(axis=1) for c in centers])
        weight = np.exp(-(near - near.min(axis=0)) / (2 * width**2))
        return ((weight * rng.integers(0, 2, 5)[:, None]).sum(axis=0) / weight.sum(axis=0)).astype(np.float32)


def draw_person(rng: np.random.Generator) -> dict[str, float]:
    """Draw age, sex, muscle, weight and ancestry for training: mostly adults, some children, some old people."""
    age = rng.choice([rng.uniform(2, 18), rng.uniform(18, 60), rng.uniform(60, 90)], p=[0.15, 0.6, 0.25])
    sex = rng.choice([0.0, 1.0, rng.random()], p=[0.4, 0.4, 0.2])
    muscle, weight = rng.normal(0.5, 0.2, 2).clip(0, 1)
    ancestry = rng.dirichlet([0.4] * 3)
    return {"age": age, "sex": sex, "muscle": muscle, "weight": weight, **dict(zip(ANCESTRIES, ancestry, strict=True))}


def gather(ict: Ict, template: Template, mh: MakeHuman, smooth: sparse.csr_matrix) -> People:
    """Bring both populations to the template; `smooth` (V, V) is applied to all displacements."""
    registration = register(ict, template, mh)

    def on_template(moved: np.ndarray) -> np.ndarray:
        return (smooth @ (template.follow @ moved)).astype(np.float32)

    def target(name: str) -> np.ndarray:
        return on_template(registration.carry(mh.moved({name: 1.0})))

    details: dict[str, list[tuple[np.ndarray | None, np.ndarray]]] = {}
    for slider, sides in sliders([name for name in mh.targets if not name.startswith("macro/")]).items():
        details[slider] = [(target(minus) if minus else None, target(plus)) for minus, plus in sides]
    people = People(
        scan=np.stack([on_template(mode) for mode in ict.identity]),
        average=on_template(registration.average - ict.neutral),
        corners=np.stack([target(f"macro/{corner}") for corner in CORNERS]),
        details=details,
        mirror=template.mirror,
        position=smooth @ template.vertices,
    )
    for level, amounts in FLESH.items():
        inside = [k for k, corner in enumerate(CORNERS) if level in corner]
        for name, amount in amounts.items():
            people.corners[inside] += sum(people.detail(name, amount, side) for side in range(len(details[name])))
    return people


def sliders(names: Collection[str]) -> dict[str, list[tuple[str | None, str]]]:
    """Pair targets (`family/name-decr`, `family/name-incr`) into sliders `family/name` with one or two sides."""
    found: dict[str, list[tuple[str | None, str]]] = {}
    for name in sorted(names):
        family, stem = name.split("/")
        start, _, end = stem.rpartition("-")
        if end in OPPOSITES and f"{family}/{start}-{OPPOSITES[end]}" in names:
            pair: tuple[str | None, str] = (name, f"{family}/{start}-{OPPOSITES[end]}")
        elif end in OPPOSITES.values() and any(f"{family}/{start}-{o}" in names for o in OPPOSITES):
            continue
        else:
            pair, start, end = (None, name), stem, "decr"
        plain = start.removeprefix("l-").removeprefix("r-")
        if end != "decr":  # several pairs may share a name: up and down, in and out
            plain += f"-{OPPOSITES[end]}"
        found.setdefault(f"{family}/{plain}", []).append(pair)
    return found
