"""Skull motion that is not there: what a blink, an opening jaw or noise alone make of a head that holds still.

python -m training.stabilize.motions --data ../shared/data --samples ../shared/samples
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from headroom.core.formats import livelink

from .judge import Capture, Setting, capture, rigs, ways
from .rigs import Rig

STEPS = 20
ALONE = {
    "blink": ("eyeBlinkLeft", "eyeBlinkRight"),
    "jaw open": ("jawOpen",),
    "lips down": ("mouthFrownLeft", "mouthFrownRight", "mouthLowerDownLeft", "mouthLowerDownRight"),
}
"""Motions that pull today's ways along, as channels that rise from 0 to 1."""
STEADY = 60
"""Frames of noise alone."""


def false_motion(rig: Rig, rng: np.random.Generator, samples: Path) -> dict[str, dict[str, float]]:
    """Motion of the skull, millimetres at the face, that each way finds where there is none.

    For what is in ALONE the largest; jitter: from frame to frame under noise alone; jerk: the root mean square of third
    differences of what each way adds to a Live Link take, frame by frame at 30 a second.
    """
    found: dict[str, dict[str, float]] = {}
    every = ways(rng)
    del every["floor"]
    for label, channels in ALONE.items():
        amounts = np.repeat(np.linspace(0, 1, STEPS)[:, None], len(channels), axis=1)
        seen = capture(rig, channels, amounts, Setting(slide=0, noise=0), rng)
        found[label] = {name: float(_moved(way, seen).mean(axis=1).max()) for name, way in every.items()}
    still = capture(rig, ("jawOpen",), np.zeros((STEADY, 1)), Setting(slide=0), rng)
    found["jitter"] = {name: _rate(way, still, 1) for name, way in every.items()}
    take = livelink.read(samples / "mocap" / "livelink_rom_a.csv").flatten()
    talking = capture(rig, take.channels, take.values[900:1100], Setting(), rng)
    found["jerk"] = {name: _rate(way, talking, 3) for name, way in every.items()}
    return found


def _placed(way, seen: Capture) -> np.ndarray:
    """The motion that a way adds to a head that holds still, at the vertices (F, V, 3), millimetres."""
    return 1000 * (way(seen.frames, seen.frames[0], seen) - seen.frames)


def _moved(way, seen: Capture) -> np.ndarray:
    return np.linalg.norm(_placed(way, seen), axis=2)


def _rate(way, seen: Capture, order: int) -> float:
    change = np.diff(_placed(way, seen)[1:], order, axis=0)
    return float(np.sqrt((change**2).sum(axis=2).mean()))


def main() -> None:
    """Print a table for one person of each kind of rig."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--samples", type=Path, default=Path("../shared/samples"))
    given = parser.parse_args()
    rng = np.random.default_rng(6)
    for rig in rigs(given.data, given.samples, few=True):
        for label, found in false_motion(rig, rng, given.samples).items():
            print(
                f"{rig.name:20s}{label:12s}" + "".join(f"{name} {value:.3f}  " for name, value in found.items()),
                flush=True,
            )


if __name__ == "__main__":
    main()
