"""Judges how well a code of so many numbers describes heads that training never saw, beside plain PCA.

    python -m training.head.evaluate --data ../shared/data

For each family of MakeHuman's people (all targets of the nose, of the ears, ... all old people, all Africans) both are
trained anew without it, on the same heads, and tried on people who have it, and on their blends with faces of the scan
model. Faces of the scan model are new draws of all its 100 modes. Errors are distances of skin vertices in mm after a
least-squares fit of the code. Prints a table and draws docs/images/head-errors.png.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np

from . import makehuman
from .basis import Heads, components, draw_heads, fit, learn
from .ict import read
from .people import People, gather
from .shapes import smoothing
from .template import assemble

FAMILIES = ("nose", "ears", "mouth", "eyes", "chin", "old", "african", "asian")
SIZES = (8, 16, 32, 64, 100, 128)
EVERY = 3
"""One in so many skin vertices is judged: neighbours tell the same."""
KINDS = ("scanned", "made", "blended")
Errors = dict[int, tuple[float, float]]


def main() -> None:
    """Print the table, draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--heads", type=int, default=800, help="training heads of each kind")
    parser.add_argument("--people", type=int, default=60, help="heads to judge on, of each kind and family")
    parser.add_argument("--out", type=Path, default=Path("docs/images/head-errors.png"))
    args = parser.parse_args()
    ict = read(args.data)
    template = assemble(ict)
    people = gather(ict, template, makehuman.read(args.data), smoothing(template))
    picks = np.arange(0, template.skin, EVERY)
    few = replace(people, scan=people.scan[:, picks], position=people.position[picks])
    results: dict[str, Errors] = {}
    for family in FAMILIES:
        heads = _picked(draw_heads(people, args.heads, 0, family), picks)
        judged = _picked(draw_heads(people, args.people, 99, family, only=True), picks)
        for name, errors in _compare(few, heads, judged).items():
            results[f"{family}: {name}"] = errors
            print(f"{family:8} {name:18}", *(f"{k}: {m:.2f}/{p:.2f}" for k, (m, p) in errors.items()), flush=True)
    draw(results, args.out)
    table(results)


def _picked(heads: Heads, picks: np.ndarray) -> Heads:
    return Heads(*(np.ascontiguousarray(getattr(heads, kind)[:, picks]) for kind in KINDS))


def _compare(people: People, heads: Heads, judged: Heads) -> dict[str, Errors]:
    """Median and 95 % errors by size, for each kind of heads: ours, PCA of the same heads, and of the scans alone."""
    skin, largest = len(people.position), SIZES[-1]
    bases = learn(people, heads, largest, skin)
    means, turns = {}, {}
    for name, parts in (("PCA", heads.all()), ("PCA of scans", heads.scanned)):
        means[name], basis = components([(parts, 1.0)], largest, skin)
        turns[name] = np.linalg.qr(basis.reshape(largest, -1).T)[0]
    found: dict[str, Errors] = {}
    for kind in KINDS:
        target = getattr(judged, kind)
        for size in SIZES:
            error = {"ours": np.linalg.norm(fit(bases, target, size, skin) - target, axis=2)}
            for name, turn in turns.items():
                if name == "PCA" or kind == "scanned":
                    moved = (target - means[name]).reshape(len(target), -1)
                    moved = moved - (moved @ turn[:, :size]) @ turn[:, :size].T
                    error[name] = np.linalg.norm(moved.reshape(target.shape), axis=2)
            for name, values in error.items():
                mm = values * 1000
                pair = float(np.median(mm)), float(np.percentile(mm, 95))
                found.setdefault(f"{kind} {name}", {})[size] = pair
    return found


def table(results: dict[str, Errors]) -> None:
    """Print what the model card quotes: medians (95 %) at 64 and 128 numbers."""
    for family in FAMILIES:
        cells = []
        for kind in ("made", "blended"):
            for size in (64, 128):
                cells += [
                    "{:.2f} ({:.2f})".format(*results[f"{family}: {kind} {name}"][size]) for name in ("ours", "PCA")
                ]
        print("|", family, "|", " | ".join(cells), "|")


def draw(results: dict[str, Errors], path: Path) -> None:
    """Draw medians (lines) and 95 % (dashed) against the count of numbers."""
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    panels = [
        ("scanned", FAMILIES[:1], "New faces of the scan model"),
        ("made", FAMILIES, "MakeHuman families left out"),
        ("blended", FAMILIES, "Their blends with scanned faces"),
    ]
    figure, axes = plt.subplots(1, 3, figsize=(12, 3.8), sharey=True)
    for axis, (kind, families, title) in zip(axes, panels, strict=True):
        for name, color in (("ours", "#c0392b"), ("PCA", "#2c3e50"), ("PCA of scans", "#95a5a6")):
            curves = [results[f"{f}: {kind} {name}"] for f in families if f"{f}: {kind} {name}" in results]
            for which, style in ((0, "-"), (1, "--")):
                if curves:
                    mean = [np.mean([curve[size][which] for curve in curves]) for size in SIZES]
                    axis.plot(SIZES, mean, style, color=color, lw=1.8 if not which else 1,
                              label=f"{name}, {'median' if not which else '95 %'}")  # fmt: skip
        axis.set(title=title, xlabel="numbers in the code", ylim=(0, 6), xticks=SIZES)
        axis.axhline(0.6, color="#aaaaaa", lw=0.6)
        axis.grid(alpha=0.2)
        axis.legend(fontsize=7)
    axes[0].set_ylabel("error on skin vertices, mm")
    figure.tight_layout()
    figure.savefig(path, dpi=90)


if __name__ == "__main__":
    main()
