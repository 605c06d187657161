"""Makes the table that tells how far each channel moves lips and chin: what `core.curves.reach` reads.

python -m training.head.reach
"""

from __future__ import annotations

import numpy as np

from headroom.core import weights
from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.head.head import Head
from headroom.core.performance import SHAPES

INNER, OUTER = 8, 24
"""How many places of either inner lip, and of lips and chin as a whole, stand for all of them."""


def spread(points: np.ndarray, count: int) -> np.ndarray:
    """Choose `count` of `points` (N, 3) that lie far from each other, first the one nearest to the middle."""
    middle = np.linalg.norm(points - points.mean(axis=0), axis=1)
    chosen = [int(middle.argmin())]
    away = np.linalg.norm(points - points[chosen[0]], axis=1)
    while len(chosen) < count:
        chosen.append(int(away.argmax()))
        away = np.minimum(away, np.linalg.norm(points - points[chosen[-1]], axis=1))
    return np.array(chosen)


def places(head: Head) -> np.ndarray:
    """Choose the vertices that stand for the lips and the chin: spread over both inner edges and the skin around."""
    fixed = weights.load("template").arrays
    inner = [np.unique(fixed[f"lips_{side}"].astype(int)) for side in ("lower", "upper")]
    around = np.unique(head.faces[np.isin(head.region, ("lip_upper", "lip_lower", "chin")) & (head.part == "skin")])
    groups = [(inner[0], INNER), (inner[1], INNER), (around, OUTER)]
    return np.unique(np.concatenate([group[spread(head.neutral[group], count)] for group, count in groups]))


def table(head: Head) -> dict[str, np.ndarray]:
    """Measure every channel of SHAPES at 1: `lips` (S, L, 3), what it moves those places by, and `reach` (S,), how far
    it moves anything; both millimetres, float16."""
    shapes = head.shapes[[head.shape_names.index(name) for name in SHAPES]] * 1000
    reach = np.linalg.norm(shapes, axis=2).max(axis=1)
    return {"lips": shapes[:, places(head)].astype(np.float16), "reach": reach.astype(np.float16)}


def main() -> None:
    """Measure the mean head and store the table."""
    made = table(generate(GenerateOptions(seed=0, variety=0.0)))
    print(weights.save("reach", made, {"channels": list(SHAPES)}), {name: a.shape for name, a in made.items()})


if __name__ == "__main__":
    main()
