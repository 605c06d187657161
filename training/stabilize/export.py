"""Makes the shipped weights of the stabilizer from training's checkpoints.

python -m training.stabilize.export
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from headroom.core import weights

from .crops import FACE
from .tables import CACHE

EXACT = ("anchors",)
"""Arrays that are places, not weights: kept in single precision."""


def main() -> None:
    """Write `skull` (the motion of the skull) and `place` (where the face stands)."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--skull", type=Path, default=CACHE / "aligner.pt")
    parser.add_argument("--place", type=Path, default=CACHE / "placer.pt")
    parser.add_argument("--out", type=Path, default=weights.FOLDER)
    given = parser.parse_args()
    for name, path in (("skull", given.skull), ("place", given.place)):
        stored = torch.load(path, weights_only=True)
        arrays = {
            key: value.numpy().astype(np.float32 if key in EXACT else np.float16)
            for key, value in stored["state"].items()
        }
        weights.save(name, arrays, {**stored["config"], "middle": FACE.tolist()}, given.out)


if __name__ == "__main__":
    main()
