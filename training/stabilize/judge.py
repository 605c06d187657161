"""Judges the stabilizer, beside today's ways, on people, rigs, slide and motion that training never saw.

    python -m training.stabilize.judge --data ../shared/data --samples ../shared/samples

Distances are means over the vertices of the capture, in millimetres, between where the skull puts them and where it
is found to put them. Frames come from real Live Link takes.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from headroom.core.formats import livelink
from headroom.core.sequence import MeshSequence
from headroom.core.stabilize.stabilize import StabilizeOptions, stabilize

from ..head import ict as model
from . import baselines
from .rigs import Rig, ict_face, ict_rig, makehuman_rig, own_rig, scan_rig
from .vary import smooth

FRAMES = 80


@dataclass(frozen=True)
class Capture:
    """What a tracker would give: frames (F, V, 3) metres with the head still, frame 0 neutral; the same without slide
    and noise; and which way is up (V,)."""

    frames: np.ndarray
    clean: np.ndarray
    up: np.ndarray


@dataclass(frozen=True)
class Setting:
    """How a rig is captured."""

    slide: float = 0.1
    per_frame: float = 0.0
    noise: float = 0.1
    points: int = 0
    remeshed: int = 0
    half: bool = False
    outliers: float = 0.0
    length: float = 0.05


SETTINGS = {
    "plain": Setting(),
    "slide 0.3": Setting(slide=0.3),
    "slide by frame": Setting(slide=0, per_frame=0.2, length=0.04),
    "noise 0.3": Setting(noise=0.3),
    "600 points": Setting(points=600),
    "remeshed": Setting(remeshed=5000),
    "half a face": Setting(half=True),
    "outliers": Setting(outliers=0.05),
    "clean": Setting(slide=0, noise=0),
}


def takes(samples: Path) -> tuple[tuple[str, ...], np.ndarray]:
    """Channels and amounts (F, C) of frames spread over the Live Link takes."""
    rows = []
    for path in sorted((samples / "mocap").glob("*.csv")):
        take = livelink.read(path).flatten()
        rows.append(take.values[:: max(1, len(take.values) * 2 // FRAMES)])
        names = take.channels
    return names, np.concatenate(rows)


def capture(rig: Rig, names: tuple[str, ...], amounts: np.ndarray, how: Setting, rng: np.random.Generator) -> Capture:
    """Play amounts (F, C) on a rig as a tracker would see it."""
    shown, shapes = rig.matrix()
    rest = rig.neutral[rig.face]
    kept = np.ones(len(rest), bool)
    if how.half:
        kept &= rest[:, 0] > -0.004
    if how.points:
        kept &= np.isin(np.arange(len(rest)), rng.choice(len(rest), min(how.points, len(rest)), replace=False))
    rest, shapes = rest[kept], shapes[:, kept].astype(np.float64)
    if how.remeshed:  # points anywhere between vertices that lie close together
        corners = cKDTree(rest).query(rest[rng.integers(len(rest), size=how.remeshed)], 3)[1]
        share = rng.dirichlet([1.0, 1.0, 1.0], how.remeshed)
        rest = np.einsum("pkd,pk->pd", rest[corners], share)
        shapes = np.stack([np.einsum("pkd,pk->pd", one[corners], share) for one in shapes])
    out = rest - rest.mean(axis=0) * [0, 0, 1] - [0, 0.02, 0]
    normal = out / np.linalg.norm(out, axis=1, keepdims=True)
    column = [names.index(name) for name in shown if name in names]
    used = np.array([name in names for name in shown])
    weights = np.concatenate([np.zeros((1, len(column))), amounts[:, column]])
    clean = rest + np.tensordot(weights, shapes[used], axes=1)
    if how.slide:
        shapes[used] += how.slide / 1000 * _along(used.sum(), rest, normal, how.length, rng)
    frames = rest + np.tensordot(weights, shapes[used], axes=1)
    if how.per_frame:
        frames[1:] += how.per_frame / 1000 * _along(len(frames) - 1, rest, normal, how.length, rng)
    frames += rng.normal(size=frames.shape) * how.noise / 1000
    if how.outliers:
        wrong = rng.random(frames.shape[:2]) < how.outliers
        frames[wrong] += rng.normal(size=(wrong.sum(), 3)) * 0.015
    return Capture(frames, clean, rest[:, 2])


def _along(count: int, points: np.ndarray, normal: np.ndarray, length: float, rng: np.random.Generator) -> np.ndarray:
    fields = smooth(count, points, rng, length)
    fields -= (fields * normal).sum(axis=2, keepdims=True) * normal
    return fields / np.sqrt((fields**2).sum(axis=2).mean(axis=1))[:, None, None]


def ours(frames: np.ndarray, still: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Stabilize with everything hidden that a capture does not tell: axes, unit, order of vertices, handedness."""
    order, unit = rng.permutation(frames.shape[1]), 10 ** rng.uniform(-1, 3)
    hand = np.diag([rng.choice([-1.0, 1.0]), 1, 1])
    axes = hand @ Rotation.random(random_state=rng).as_matrix() * unit
    shift = rng.normal(size=3) * unit
    given = frames[:, order] @ axes.T + shift
    result = stabilize(MeshSequence(given.astype(np.float32)), StabilizeOptions(reference=0))
    back = np.empty_like(frames)
    back[:, order] = (result.track.apply(given) - shift) @ np.linalg.inv(axes).T
    return back


def score(seen: Capture, rng: np.random.Generator, ways: dict[str, Callable]) -> dict[str, float]:
    """Mean distance of every way, millimetres, on a capture whose head moves at random."""
    frames = seen.frames
    turn = Rotation.from_rotvec(rng.normal(size=(len(frames), 3)) * 0.2).as_matrix()
    turn[0] = np.eye(3)
    shaken = (
        np.einsum("fij,fvj->fvi", turn, frames)
        + rng.normal(size=(len(frames), 1, 3)) * 0.05 * (np.arange(len(frames)) > 0)[:, None, None]
    )
    return {
        name: 1000 * float(np.linalg.norm(way(shaken, frames[0], seen) - frames, axis=2)[1:].mean())
        for name, way in ways.items()
    }


def known(frames: np.ndarray, clean: np.ndarray) -> np.ndarray:
    """Procrustes with the true expression known: what slide and noise alone leave."""
    return np.concatenate([baselines.procrustes(f[None], c) for f, c in zip(frames, clean, strict=True)])


def ways(rng: np.random.Generator) -> dict[str, Callable]:
    """Every way by name, each from shaken frames, the still one, and the capture to stabilized frames."""
    return {
        "headroom": lambda f, s, c: ours(f, s, rng),
        "procrustes": lambda f, s, c: baselines.procrustes(f, s),
        "upper half": lambda f, s, c: baselines.upper(f, s, c.up),
        "irls": lambda f, s, c: baselines.reweighted(f, s),
        "stillest": lambda f, s, c: baselines.stillest(f, s),
        "floor": lambda f, s, c: known(f, c.clean),
    }


def ridge(data: Path, people: int = 400, each: int = 4) -> baselines.Ridge:
    """Train the linear way on people of the ICT model making random faces, where captures have one topology."""
    ict, rng = model.read(data), np.random.default_rng(17)
    face = np.flatnonzero(ict_face(ict))
    shapes = np.stack([one[face] for name, one in ict.expressions.items() if not name.startswith("Pupil")])
    stills = np.repeat(
        ict.neutral[face] + np.tensordot(rng.normal(size=(people, 100)), ict.identity[:, face], axes=1), each, axis=0
    )
    amounts = rng.random((len(stills), len(shapes))) * (rng.random((len(stills), len(shapes))) < 0.15)
    posed = stills + np.tensordot(amounts, shapes, axes=1) + rng.normal(size=stills.shape) * 1e-4
    return baselines.Ridge(posed, stills)


def rigs(data: Path, samples: Path, few: bool = False, only: str = "") -> Iterator[Rig]:
    """New people of known rigs, then rigs that training never saw; those whose name holds `only`."""
    made: dict[str, Callable[[], Rig]] = {}
    for seed in range(1 if few else 4):
        made[f"ict {seed}"] = partial(ict_rig, data, seed)
        made[f"ict {seed} own shapes"] = partial(ict_rig, data, seed, 0.4)
        made[f"own {seed}"] = partial(own_rig, seed)
    for ancestry, sex in (("caucasian", "female"), ("african", "male"), ("asian", "female")):
        made[f"makehuman {ancestry}"] = partial(makehuman_rig, data, ancestry, f"{ancestry}-{sex}-young")
    if (samples / "scan").is_dir():
        made["scan with muscles"] = partial(scan_rig, samples / "scan")
    for name, make in made.items():
        if only in name:
            yield make()


def main() -> None:
    """Print a table: rigs and settings down, ways across."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--samples", type=Path, default=Path("../shared/samples"))
    parser.add_argument("--few", action="store_true", help="one person per kind, few settings")
    parser.add_argument("--only", default="", help="only rigs whose name holds this")
    given = parser.parse_args()
    rng = np.random.default_rng(5)
    names, amounts = takes(given.samples)
    every = ways(rng)
    linear = ridge(given.data)
    columns = [*every, "ridge"]
    print(f"{'':34s}" + "".join(f"{name:>12s}" for name in columns))
    table: dict[tuple[str, str], list[dict[str, float]]] = {}
    for rig in rigs(given.data, given.samples, given.few, given.only):
        for label, how in SETTINGS.items():
            if given.few and label not in ("plain", "half a face", "clean", "outliers"):
                continue
            seen = capture(rig, names, amounts, how, rng)
            one_topology = rig.name.startswith("ict") and not (how.half or how.points or how.remeshed)
            more = {"ridge": lambda f, s, c: linear(f, s)} if one_topology else {}
            found = score(seen, rng, every | more)
            print(f"{rig.name:20s}{label:14s}" + _row(found, columns), flush=True)
            kind = "makehuman" if rig.name.startswith("makehuman") else re.sub(r" \d+", "", rig.name)
            table.setdefault((kind, label), []).append(found)
    print("\nmeans over rigs of a kind")
    for (kind, label), rows in table.items():
        mean = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
        print(f"{kind:20s}{label:14s}" + _row(mean, columns))


def _row(found: dict[str, float], columns: list[str]) -> str:
    return "".join(f"{found[name]:12.3f}" if name in found else f"{'-':>12s}" for name in columns)


if __name__ == "__main__":
    main()
