"""Draw the people whose heads train the face finder, at rest and with faces made.

    python -m headroom.training.rig.heads --work build/rigwork --count 300

All are made by Headroom's own head model, so the table of data is that of `docs/models/head.md`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.performance import ARKIT_52

FACES = 3
"""Faces made of every person, beside the one at rest."""


def expression(random: np.random.Generator) -> dict[str, float]:
    """Draw a face: a few shapes, both sides alike more often than not; jaw and lids move most often."""
    values: dict[str, float] = {}
    for name in random.choice(ARKIT_52, 6, replace=False):
        values[name] = float(random.uniform(0.2, 1.0))
        other = name.replace("Left", "Right") if "Left" in name else name.replace("Right", "Left")
        if other != name and random.random() < 0.7:
            values[other] = values[name]
    values.pop("mouthClose", None)
    if random.random() < 0.5:
        values["jawOpen"] = float(random.uniform(0.05, 0.9))
    if random.random() < 0.2:
        values["eyeBlinkLeft"] = values["eyeBlinkRight"] = float(random.uniform(0.4, 1.0))
    return values


def main() -> None:
    """Make them all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("build/rigwork"))
    parser.add_argument("--count", type=int, default=300)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    random, made, head = np.random.default_rng(5), [], None
    for number in range(options.count):
        head = generate(GenerateOptions(seed=100_000 + number, variety=float(random.uniform(0.6, 1.3))))
        posed = [head.neutral] + [head.pose(expression(random)) for _ in range(FACES)]
        made.append(np.stack(posed).astype(np.float16))
        if number % 50 == 49:
            print(number + 1, "people", flush=True)
    assert head is not None
    np.savez(options.work / "heads.npz", vertices=np.stack(made), faces=head.faces, part=head.part, region=head.region)


if __name__ == "__main__":
    main()
