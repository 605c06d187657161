"""Prepares what the stabilizer trains on: thousands of captures, read at the anchors, with every shape of their own.

    python -m training.stabilize.tables --data ../shared/data

A capture is a person, a crop, a mesh and a slightly wrong place in the canonical frame. What a shape does to it is
linear, so it is read once per shape; training then mixes expressions, skin slide and noise in no time.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from headroom.core.stabilize.anchors import readout

from ..head import ict as model
from .crops import FACE, sample
from .sources import Source, ict_people, own_people
from .vary import tangential, varied

CACHE = Path(".cache/stabilize")
ANCHORS = 128
SHAPES = 56
"""Columns of shapes in a table; people with fewer have zeros."""
CLOUD = 384
"""Points of each capture kept for learning where faces are."""
FEWEST = 30
"""Anchors that a capture must cover."""


def anchors_on(data: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Spread anchors (K, 3) over the mean face, denser in front, mirror-symmetric; with normals and mirror partners."""
    ict = model.read(data)
    points = ict.neutral[model.SKIN]
    low, high = np.array([-1.0, -0.14, -0.115]), np.array([1.0, 0.03, 0.125])
    points = points[((points > low) & (points < high)).all(axis=1)]
    right = points[points[:, 0] < -0.004]
    near = np.exp(-(((right - FACE) / [0.07, 0.06, 0.09]) ** 2).sum(axis=1))
    chosen = [int(np.argmin(np.linalg.norm(right - [-0.03, -0.1, 0.04], axis=1)))]
    away = np.linalg.norm(right - right[chosen[0]], axis=1)
    middle = points[np.abs(points[:, 0]) < 0.002]
    line = middle[np.argsort(middle[:, 2])]
    line = line[line[:, 1] < -0.04]
    picked = line[np.linspace(0, len(line) - 1, 12).astype(int)] * [0, 1, 1]
    while len(chosen) < (ANCHORS - len(picked)) // 2:
        best = int(np.argmax(away * (0.45 + near)))
        chosen.append(best)
        away = np.minimum(away, np.linalg.norm(right - right[best], axis=1))
    side = right[chosen]
    anchors = np.concatenate([side, side * [-1, 1, 1], picked])
    half, lone = np.arange(len(side)), np.arange(len(picked))
    mirror = np.concatenate([half + len(side), half, lone + 2 * len(side)])
    out = anchors - np.array([0, 0.02, 0.0])  # about the middle of the skull
    return anchors, out / np.linalg.norm(out, axis=1, keepdims=True), mirror


def captures(
    source: Source, count: int, anchors: np.ndarray, normals: np.ndarray, rng: np.random.Generator
) -> Iterator[dict[str, np.ndarray]]:
    """Give captures of one person as rows of the table."""
    while count:
        mesh = sample(source, rng)
        points = mesh.of(source.neutral)
        turn = Rotation.from_rotvec(rng.normal(size=3) * np.radians(3.0)).as_matrix()
        size, shift = np.exp(rng.normal() * 0.04), rng.normal(size=3) * 0.004
        placed = (points - FACE) @ turn.T * size + FACE + shift
        read = readout(anchors, placed)
        if read.covered.sum() < FEWEST:
            continue
        weights = read.weights[..., None] * mesh.weights[read.vertices]  # (K, M, 3)
        corners = mesh.corners[read.vertices]
        deltas = np.einsum("skmcd,kmc->skd", source.shapes[:, corners], weights, optimize=True)
        deltas = deltas @ turn.T.astype(np.float32) * size
        still = read.of(placed[None])[0]
        shapes = np.zeros((SHAPES, ANCHORS, 3), np.float32)
        shapes[: len(deltas)] = varied(deltas, still, rng)
        some = rng.choice(len(points), CLOUD, replace=len(points) < CLOUD)
        yield {
            "still": still.astype(np.float32),
            "covered": read.covered,
            "noise": read.averaging.astype(np.float32),
            "shapes": (shapes * 1000).astype(np.float16),
            "slide": (tangential(len(shapes), anchors, normals, rng) * read.covered[:, None]).astype(np.float16),
            "cloud": points[some].astype(np.float32),
        }
        count -= 1


def main() -> None:
    """Write `captures.npz` and what all captures share."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=CACHE)
    parser.add_argument("--ict", type=int, default=500, help="people of the ICT model")
    parser.add_argument("--own", type=int, default=120, help="heads of Headroom")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    anchors, normals, mirror = anchors_on(given.data)
    people = chain(
        ((person, 6) for person in ict_people(given.data, given.ict, given.seed)),
        ((person, 20) for person in own_people(given.own, 50_000 + given.seed)),
    )
    rows: dict[str, list[np.ndarray]] = {}
    for k, (person, count) in enumerate(people):
        for row in captures(person, count, anchors, normals, rng):
            for name, value in {**row, "own": np.array(k >= given.ict)}.items():
                rows.setdefault(name, []).append(value)
        if k % 50 == 0:
            print(f"{k} people, {len(rows['still'])} captures", flush=True)
    given.out.mkdir(parents=True, exist_ok=True)
    names = next(iter(ict_people(given.data, 1, 0))).names
    shared = {"anchors": anchors.astype(np.float32), "normals": normals.astype(np.float32), "mirror": mirror}
    table = {name: np.stack(value) for name, value in rows.items()}
    np.savez(given.out / "captures.npz", ict_names=np.array(names), **shared, **table)


if __name__ == "__main__":
    main()
