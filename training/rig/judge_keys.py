"""Judge how many keys are mapped rightly: with meaningless names by what they do, and by the names of each convention.

    python -m headroom.training.rig.judge_keys --data ../shared/data --count 5

Every rig lies any which way, in any unit, its keys shuffled and nameless, once with true landmarks and once with
landmarks that are off by 1.5 % of the head's height. Thresholds were chosen with two people of each kind (seed 3);
others are judged.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np

from headroom.core.performance import ARKIT_52
from headroom.core.rig.names import by_names
from headroom.core.rig.recognise import by_shapes, library

from .key_names import CONVENTIONS
from .key_rigs import KeyRig, ict_people, makehuman_people, own, scans

OFF = (0.0, 0.015)


def rigs(data: Path, count: int, seed: int) -> Iterator[KeyRig]:
    """Give every kind of rig, `count` people of each."""
    random = np.random.default_rng(seed)
    return chain(
        ict_people(data, count, random), own(count, random), makehuman_people(data, count, random),
        scans(data.parent / "samples" / "scan"),
    )  # fmt: skip


def judged(rig: KeyRig) -> tuple[int, int, int, int, float]:
    """Count keys mapped rightly and all that mean something, mapped ones that mean nothing and all such; seconds."""
    names = [f"key {number}" for number in range(len(rig.deltas))]
    begun = time.perf_counter()
    found = by_shapes(names, rig.vertices, rig.triangles, rig.deltas, rig.marks)
    took = time.perf_counter() - begun
    mapped: dict[str, set[str]] = {name: set() for name in names}
    for entry in found:
        mapped[entry.key].add(entry.channel)
    meant = [(mapped[name], truth) for name, truth in zip(names, rig.truth, strict=True) if truth]
    strange = [mapped[name] for name, truth in zip(names, rig.truth, strict=True) if not truth]
    right = sum(one <= truth and bool(one or "" in truth) for one, truth in meant)
    return right, len(meant), sum(map(bool, strange)), len(strange), took


def by_geometry(data: Path, count: int, seed: int) -> None:
    """Print a table of kinds of rigs."""
    library()
    random = np.random.default_rng(seed)
    table: dict[tuple[str, float], list[tuple[int, int, int, int, float]]] = defaultdict(list)
    for rig in rigs(data, count, seed):
        for off in OFF:
            table[rig.kind, off].append(judged(rig.moved(random, off)))
    print(f"{'rig':28} {'landmarks off':>14} {'rightly':>8} {'strangers mapped':>17} {'s':>5}")
    for (kind, off), rows in table.items():
        right, meant, wrong, strange, took = np.sum(rows, axis=0)
        others = f"{int(wrong)} of {int(strange)}" if strange else ""
        print(f"{kind:28} {off:14.1%} {right / meant:8.1%} {others:>17} {took / len(rows):5.2f}")


def by_convention() -> None:
    """Print, for each convention, how many of its keys that answer to a channel are read so, and how much of ARKit's 52
    it then answers."""
    print(f"\n{'names':28} {'rightly':>14} {'strangers mapped':>17} {'of the 52':>10}")
    for name, (meant, strange) in CONVENTIONS.items():
        keys = [*meant, *strange]
        np.random.default_rng(0).shuffle(keys)
        found: dict[str, set[str]] = defaultdict(set)
        for entry in by_names(("Basis", *keys)):
            found[entry.key].add(entry.channel)
        right = sum(bool(found[key]) and found[key] <= set(channels.split()) for key, channels in meant.items())
        wrong = sum(bool(found[key]) for key in strange)
        answered = len(set().union(*found.values()) & set(ARKIT_52)) if found else 0
        share, others = f"{right}/{len(meant)} {right / len(meant):.0%}", f"{wrong} of {len(strange)}"
        print(f"{name:28} {share:>14} {others:>17} {answered:10}")


def main() -> None:
    """Judge both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--count", type=int, default=5)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    by_convention()
    by_geometry(options.data, options.count, options.seed)


if __name__ == "__main__":
    main()
