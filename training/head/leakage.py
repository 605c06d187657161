"""Measures what else moves when one attribute is moved, and draws it.

    python -m training.head.leakage

Features are distances. What a person looks like (age, sex, weight, muscle, ancestry) is read by probes: ridge
regressions from a head's mixture of parts, learned on drawn people and quoted with how well they read new ones. Every
slider goes from -1 to +1 standard deviations of what is drawn, from many faces; a cell says by how many standard
deviations the column follows. Draws docs/images/head-leakage.png.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np

from headroom.core.head.attributes import ATTRIBUTES, FEATURES
from headroom.core.head.draw import draw
from headroom.core.head.identity import Identity, table
from headroom.core.head.macros import PERSON
from headroom.core.head.population import population


def main() -> None:
    """Print the largest leaks, draw the matrix."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=600)
    parser.add_argument("--faces", type=int, default=12, help="faces that each slider is tried on")
    parser.add_argument("--out", type=Path, default=Path("docs/images/head-leakage.png"))
    args = parser.parse_args()
    people = [draw(seed, 0.8, {}) for seed in range(args.people)]
    mixtures = np.array([p.coefficients() for p in people])
    values = np.array([[p.attributes[name] for name in PERSON] for p in people])
    middle, spread = values.mean(axis=0), values.std(axis=0)
    known = np.arange(len(people)) < 0.8 * len(people)
    scale = mixtures[known].std(axis=0) + 1e-9
    center = mixtures[known].mean(axis=0)
    x, y = (mixtures - center) / scale, (values - middle) / spread
    probe = np.linalg.solve(x[known].T @ x[known] + 30 * np.eye(x.shape[1]), x[known].T @ y[known])
    fit = [np.corrcoef(x[~known] @ probe[:, k], y[~known, k])[0, 1] for k in range(len(PERSON))]
    print("probes read new people with r =", dict(zip(PERSON, np.round(fit, 2).tolist(), strict=True)))

    units = np.linalg.norm(table() @ population().basis(-0.85)[1].T, axis=1)

    def read(identity: Identity) -> np.ndarray:
        mixture = identity.coefficients()
        return np.r_[((mixture - center) / scale) @ probe, table() @ mixture / units]

    names = (*PERSON, *FEATURES)
    matrix = np.zeros((len(names), len(names)))
    for row, name in enumerate(names):
        for identity in people[: args.faces]:
            ends = []
            for sign in (-1, 1):
                if name in PERSON:
                    k = PERSON.index(name)
                    rule = ATTRIBUTES[name]
                    value = float(np.clip(middle[k] + sign * spread[k], rule.low, rule.high))
                else:
                    value = float(sign)
                ends.append(read(replace(identity, attributes={**identity.attributes, name: value})))
            matrix[row] += (ends[1] - ends[0]) / args.faces
    own = np.diag(matrix)
    off = np.abs(matrix - np.diag(own))
    features = slice(len(PERSON), None)
    print(f"a feature moves itself by {own[features].mean():.2f} of 2, at least {own[features].min():.2f}")
    print(f"other features follow a feature by {off[features, features].mean():.3f}, "
          f"at most {off[features, features].max():.2f}")  # fmt: skip
    print(f"looks follow a feature by {off[features, :len(PERSON)].mean():.3f}, at most "
          f"{off[features, :len(PERSON)].max():.2f}")  # fmt: skip
    print(
        f"looks follow age, sex, ... by {off[:4, :4].mean():.3f}, at most {off[:4, :4].max():.2f}; "
        f"themselves by {own[:4].round(2)}"
    )
    draw_matrix(matrix, names, args.out)


def draw_matrix(matrix: np.ndarray, names: tuple[str, ...], path: Path) -> None:
    """Draw the matrix, red where the column grows with the row's slider and blue where it shrinks."""
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(10.5, 9.5))
    image = axis.imshow(matrix, cmap="RdBu_r", vmin=-2, vmax=2)
    axis.set_xticks(range(len(names)), [n.replace("_", " ") for n in names], rotation=90, fontsize=7)
    axis.set_yticks(range(len(names)), [n.replace("_", " ") for n in names], fontsize=7)
    axis.set_ylabel("slider, from -1 to +1 standard deviations")
    axis.set_xlabel("what follows, in standard deviations")
    figure.colorbar(image, shrink=0.7)
    figure.tight_layout()
    figure.savefig(path, dpi=80)


if __name__ == "__main__":
    main()
