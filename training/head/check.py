"""Proves the template's promises on what is shipped: every level, the mean and random people, every shape at full.

python -m training.head.check --people 100 --pairs 5
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.spatial.transform import Rotation

from headroom.core import weights
from headroom.core.head.anatomy import JAW_SLIDE
from headroom.core.head.correctives import CORRECTIVES, FOLLOW
from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.head.head import LEVELS, Head
from headroom.core.head.levels import at_level, coarse

from . import collisions, pairs, proof
from .layout import Layout, build

LEAST = {"mouth": 6, "eye": 5, "nostril": 3, "ear": 5}
"""Loops that every level has around lips, lids, nostril and ear."""
TOLERANCE = 0.0002
"""Metres that a lid may dip into an eye, or a lip into a tooth."""


@dataclass
class Report:
    """What was found, a line each, and which of it should not be."""

    lines: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def add(self, line: str, good: bool) -> None:
        """Note a finding."""
        self.lines.append(("   " if good else " ! ") + line)
        if not good:
            self.broken.append(line)


def main() -> None:
    """Print the report; exits 1 when something is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--levels", nargs="*", default=list(LEVELS))
    parser.add_argument("--pairs", type=int, default=0, help="people to try all pairs of sliders on, the mean besides")
    args = parser.parse_args()
    fixed = weights.load("template").arrays
    people = map(_person, range(args.people))
    mean = generate(GenerateOptions(seed=0, variety=0.0, set={"asymmetry": 0.0}))
    report = check(mean, people, fixed, args.levels)
    print("\n".join(report.lines))
    if args.pairs:
        print("\n".join(pairs.measure([mean, *map(_person, range(args.pairs))]).lines()))
    raise SystemExit(1 if report.broken else 0)


def _person(seed: int) -> Head:
    return generate(GenerateOptions(seed=seed))


def check(mean: Head, people: Iterable[Head], fixed: Mapping[str, np.ndarray], levels: Iterable[str]) -> Report:
    """Check the mean and people (standard level) at the given levels; `fixed` is the template's arrays."""
    report, layout = Report(), build()
    views = {level: View(level, layout, mean, fixed) for level in levels}
    for level, view in views.items():
        _structure(report, level, view.of(mean), layout, view.kept)
    worst = {level: Worst() for level in levels}
    count = 0
    for head in _first(mean, people):
        count += 1
        posed = {name: pose(head, name, values) for name, values in poses(head)}
        for level, view in views.items():
            worst[level].take(view, head, posed)
    for level, one in worst.items():
        report.lines.append(f"{level}: {count} heads x {len(posed)} poses")
        one.tell(report)
    return report


def poses(head: Head) -> Iterator[tuple[str, dict[str, float]]]:
    """Name every pose to try: each channel at full and, for each corrective, what calls for it."""
    for name in head.shape_names:
        if name not in CORRECTIVES:
            yield name, {name: 1.0} if name != "mouthClose" else {"jawOpen": 1.0, name: 1.0}
    for name, one in CORRECTIVES.items():
        if set(one.channels) <= set(head.shape_names):
            if one.expression == "4*a*(1-a)":
                yield name, {one.channels[0]: 0.5}
            else:
                yield name, dict.fromkeys(one.channels[:2], 1.0)


def pose(head: Head, name: str, values: Mapping[str, float]) -> np.ndarray:
    """Give the vertices (V, 3) of a pose; what follows an eye or the jaw shows with that bone turned."""
    vertices = head.pose(dict(values))
    follow = FOLLOW.get(name)
    if follow is None or follow.joint not in ("jaw", "eye.L", "eye.R"):
        return vertices  # the neck's shapes are small on their own
    bone = head.joint_names.index(follow.joint)
    turn = Rotation.from_rotvec(follow.angle * np.eye(3)["XYZ".index(follow.axis)])
    slide = JAW_SLIDE * follow.angle if follow.joint == "jaw" else 0
    moved = turn.apply(vertices - head.joints[bone]) + head.joints[bone] + slide - vertices
    return vertices + head.skin_weights[:, [bone]] * moved


class View:
    """How a level sees the standard level's vertices."""

    def __init__(self, level: str, layout: Layout, mean: Head, fixed: Mapping[str, np.ndarray]) -> None:
        self.level, self.corners = level, fixed["game"].astype(np.int64)
        self.kept = np.unique(mean.faces.ravel()[self.corners]) if level == "game" else np.arange(len(mean.neutral))
        shown = self.of(mean)
        self.watch = collisions.watch(shown.faces, shown.part, layout, fixed, self.kept)

    def of(self, head: Head) -> Head:
        """Give a head at this level."""
        return {"game": lambda: coarse(head, self.corners), "film": lambda: at_level(head, "film")}.get(
            self.level, lambda: head
        )()

    def posed(self, head: Head, posed: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Give the poses of this level for a head and its poses (V, 3) of the standard level; "" is the neutral."""
        if self.level == "film":  # its vertices in between have shapes of their own
            fine = self.of(head)
            return {"": fine.neutral} | {name: pose(fine, name, values) for name, values in poses(fine)}
        return {name: points[self.kept] for name, points in ({"": head.neutral} | posed).items()}


class Worst:
    """The worst of each kind over heads and poses, and where it was."""

    def __init__(self) -> None:
        self.seen: dict[str, tuple[float, str]] = {}
        self.flips: dict[str, int] = {}

    def take(self, view: View, head: Head, standard: dict[str, np.ndarray]) -> None:
        """Measure one head's poses; standard: those of the standard level."""
        shown = view.posed(head, standard)
        rest = shown.pop("")
        for kind, name, points in (
            ("lips apart at rest", "lips", rest), ("lips apart, closed", "lips", shown.get("mouthClose")),
            ("left lids apart, shut", "lid_left", shown.get("eyeBlinkLeft")),
            ("right lids apart, shut", "lid_right", shown.get("eyeBlinkRight")),
        ):  # fmt: skip
            if points is not None:
                self._keep(kind, collisions.gap(view.watch, name, points), "")
        for name, points in shown.items():
            found = collisions.found(view.watch, rest, points, standard[name])
            self._keep("lid in eye", found.lid, name)
            self._keep("lip in tooth", found.lip, name)
            if found.flipped:
                self.flips[name] = max(found.flipped, self.flips.get(name, 0))

    def _keep(self, kind: str, value: float, where: str) -> None:
        if value >= self.seen.get(kind, (-1.0, ""))[0]:
            self.seen[kind] = value, where

    def tell(self, report: Report) -> None:
        """Write what was found into the report."""
        for kind, (value, where) in self.seen.items():
            report.add(f"{kind}: {1000 * value:.3f} mm {where}", value <= (TOLERANCE if " in " in kind else 2e-5))
        worst = sorted(self.flips.items(), key=lambda pair: -pair[1])
        named = ", ".join(f"{name} {count}" for name, count in worst[:6])
        report.add(f"faces turned over, most in one head: {worst[0][1] if worst else 0} {named}", not worst)


def _structure(report: Report, level: str, head: Head, layout: Layout, kept: np.ndarray) -> None:
    report.lines.append(f"{level}: {len(head.neutral)} vertices, {len(head.faces)} quads")
    for name, count in proof.topology(head).items():
        report.add(f"{name}: {count}", count == 0)
    even = proof.asymmetry(head)
    report.add(f"mean beside its mirror image: {1000 * even['metres']:.5f} mm", even["metres"] < 2e-6)
    report.add(f"faces without a partner: {even['faces']:.0f}", even["faces"] == 0)
    for name, count in proof.loops(head, layout, level, kept).items():
        report.add(f"loops, {name}: {count}", count >= LEAST[name])
    for name, value in proof.texture(head).items():
        report.add(f"texture, {name}: {value:.3g}", value == 0 or name.startswith(("stretch", "density")))


def _first(mean: Head, people: Iterable[Head]) -> Iterator[Head]:
    yield mean
    yield from people


if __name__ == "__main__":
    main()
