"""Makes the table that tells how far each channel moves lips and chin: what `core.curves.reach` reads.

python -m training.head.reach
"""

from __future__ import annotations

import numpy as np

from headroom.core import weights
from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.head.head import Head
from headroom.core.performance import SHAPES

PLACES = 48
"""How many vertices stand for all of lips and chin; with twice as many an error is found hardly better."""


def spread(points: np.ndarray, count: int) -> np.ndarray:
    """Choose `count` of `points` (N, D) that lie far from each other, first the one nearest to the middle."""
    chosen = [int(np.linalg.norm(points - points.mean(axis=0), axis=1).argmin())]
    away = np.linalg.norm(points - points[chosen[0]], axis=1)
    while len(chosen) < count:
        chosen.append(int(away.argmax()))
        away = np.minimum(away, np.linalg.norm(points - points[chosen[-1]], axis=1))
    return np.array(chosen)


def skin_of_lips(head: Head) -> np.ndarray:
    """Give the vertices of lips and chin."""
    return np.unique(head.faces[np.isin(head.region, ("lip_upper", "lip_lower", "chin")) & (head.part == "skin")])


def table(head: Head) -> dict[str, np.ndarray]:
    """Measure every channel of SHAPES at 1: `lips` (S, L, 3), what it moves those places by, and `reach` (S,), how far
    it moves anything; both millimetres, float16."""
    shapes = head.shapes[[head.shape_names.index(name) for name in SHAPES]] * 1000
    reach = np.linalg.norm(shapes, axis=2).max(axis=1)
    lips = shapes[:, skin_of_lips(head)]
    moved = lips.transpose(1, 0, 2).reshape(lips.shape[1], -1)  # vertices that move differently, wherever they lie
    return {"lips": lips[:, spread(moved, PLACES)].astype(np.float16), "reach": reach.astype(np.float16)}


def main() -> None:
    """Measure the mean head and store the table."""
    made = table(generate(GenerateOptions(seed=0, variety=0.0)))
    print(weights.save("reach", made, {"channels": list(SHAPES)}), {name: a.shape for name, a in made.items()})


if __name__ == "__main__":
    main()
