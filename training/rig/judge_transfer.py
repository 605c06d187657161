"""Judge the shapes that heads without any are given; prints a table in markdown.

    python -m headroom.training.rig.judge_transfer --data ../shared/data --count 3 [--found]

Errors are in millimetres of a head of usual size, over the vertices that the true shape moves by half a millimetre and
more, skin alone, mean over the shapes of ARKit. Contact is seen from the front: an eye must be covered in a blink, all
but SEEN of what is open at rest, and an open mouth must be shut by `mouthClose`, all but OPEN of the hole.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage

from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.performance import ARKIT_52
from headroom.core.rig.landmarks import NAMES, template_vertices
from headroom.core.rig.lids import PIXEL, depth
from headroom.core.rig.rig import Mesh, RiggedMesh, rig
from headroom.core.rig.surface import triangles_of
from headroom.training.head import ict

from . import subjects as others
from .remeshed import WAYS, remeshed, true_shapes
from .stylize import stylize

SEEN, OPEN = 0.05, 0.05
JAW = (0.3, 0.6, 1.0)
DEEP = 0.012
"""Metres behind the lips from which on a mouth is open."""
MOVES = 0.0005
MOUTH = [k for k, name in enumerate(NAMES) if name.startswith("mouth.inner")]


@dataclass(frozen=True)
class Case:
    """A head to rig: its landmarks (54, 3), and its true shapes by name, (V, 3) each, where they are known."""

    kind: str
    mesh: Mesh
    marks: np.ndarray
    true: dict[str, np.ndarray]


def cases(data: Path, count: int, first: int) -> Iterator[Case]:
    """Give `count` heads of each kind, other ones for another number of the first."""
    random = np.random.default_rng(first)
    vertices = template_vertices()
    for number in range(count):
        seed = 7_100_000 + first + number
        head = generate(GenerateOptions(seed=seed))
        marks = head.neutral[vertices].astype(np.float64)
        game = generate(GenerateOptions(seed=seed, level="game"))
        mesh = Mesh(game.neutral.astype(np.float64), triangles_of(game.faces.astype(np.int64)))
        yield Case("own, game level", mesh, marks, dict(zip(game.shape_names, game.shapes, strict=True)))
        for way in WAYS:
            mesh, rest = remeshed(head, way)
            yield Case(
                f"own, {way}", mesh, marks, dict(zip(head.shape_names, true_shapes(head, mesh, rest), strict=True))
            )
        bent = stylize(head.neutral, vertices, random)
        mesh = Mesh(bent.astype(np.float64), triangles_of(head.faces.astype(np.int64)))
        yield Case("own, stylized", mesh, bent[vertices].astype(np.float64), {})
    model = ict.read(data)
    with np.load(data / "ict_facekit.npz", allow_pickle=False) as file:
        triangles = others._split(file["faces"]).astype(np.int64)
    usual = others._usual(data, model)
    true = {name: model.expressions[f"{stem}{end}"] for name in ARKIT_52 for stem, end in [_spelled(name)]
            if f"{stem}{end}" in model.expressions}  # fmt: skip
    for _ in range(count):
        points = model.neutral + np.tensordot(random.normal(0, 0.8, len(model.identity)), model.identity, 1)
        yield Case("ICT FaceKit", Mesh(points, triangles), points[usual], true)
    for subject in others.subjects(data, count, random):
        if subject.kind.startswith(("MakeHuman", "raw", "Suzanne")):
            yield Case(subject.kind, Mesh(subject.vertices, subject.triangles.astype(np.int64)), subject.marks, {})


def _spelled(name: str) -> tuple[str, str]:
    """Split a channel as the scan spells it: eyeBlink_L."""
    for side in ("Left", "Right"):
        if name.endswith(side) and name not in ("mouthLeft", "mouthRight", "jawLeft", "jawRight"):
            return name.removesuffix(side), f"_{side[0]}"
    return name, ""


def errors(case: Case, made: RiggedMesh) -> list[float]:
    """Mean error of each true shape, in millimetres."""
    skin, found = made.piece == "skin", []
    for name, wanted in case.true.items():
        if name not in ARKIT_52 or name == "tongueOut" or name not in made.shape_names:
            continue
        moving = skin & (np.linalg.norm(wanted, axis=1) > MOVES)
        if moving.any():
            delta = made.shapes[made.shape_names.index(name)][moving]
            found.append(1000 * float(np.linalg.norm(delta - wanted[moving], axis=1).mean()))
    return found


def contacts(case: Case, made: RiggedMesh) -> tuple[list[bool], list[bool]]:
    """Which blinks cover their eye, and which closures shut the mouth."""
    rest = made.frame.inward(case.mesh.vertices)
    delta = {
        name: made.shapes[made.shape_names.index(name)] @ made.frame.turn / made.frame.scale
        for name in ("eyeBlinkLeft", "eyeBlinkRight", "jawOpen", "mouthClose")
    }
    marks = made.frame.inward(case.marks)
    blinks = []
    for side in ("left", "right"):
        part = made.piece == f"eye_{side}"
        if part.any():
            middle = marks[[k for k, name in enumerate(NAMES) if name.startswith(f"eye.{side[0].upper()}")]].mean(
                axis=0
            )
            open_, shut = (
                _exposed(case.mesh.triangles, points, part, made.piece == "skin", middle)
                for points in (rest, rest + delta[f"eyeBlink{side.title()}"])
            )
            blinks.append(shut <= SEEN * max(open_, 1))
    closures = []
    hole = _hole(case.mesh.triangles, rest, marks)
    for jaw in JAW:
        opened = rest + jaw * delta["jawOpen"]
        wide = _hole(case.mesh.triangles, opened, marks) - hole
        if wide > 200:
            left = _hole(case.mesh.triangles, opened + jaw * delta["mouthClose"], marks) - hole
            closures.append(left <= OPEN * wide)
    return blinks, closures


def _exposed(triangles: np.ndarray, points: np.ndarray, eye: np.ndarray, skin: np.ndarray, middle: np.ndarray) -> int:
    """Pixels of an eye that no skin hides."""
    mesh, wide = Mesh(points, triangles), 0.03
    corner, count = middle[[0, 2]] - wide, int(2 * wide / PIXEL)
    maps = [depth(mesh, some[triangles].all(axis=1), corner, count, middle[1] + 0.03) for some in (eye, skin)]
    return int((maps[0] < maps[1] - 1e-5).sum())


def _hole(triangles: np.ndarray, points: np.ndarray, marks: np.ndarray) -> int:
    """Pixels below the nose where one looks deep into the mouth."""
    lips = marks[MOUTH]
    middle = np.nanmean(lips, axis=0)
    wide = 0.045
    low = np.array([middle[0] - wide, middle[2] - 1.6 * wide])
    count = int(2 * wide / PIXEL)
    front = depth(Mesh(points, triangles), np.ones(len(triangles), bool), low, count, middle[1] + 0.1)
    x, z = low[0] + PIXEL * np.arange(count), low[1] + PIXEL * np.arange(count)
    within = (np.abs(x - middle[0]) < np.ptp(lips[:, 0]) / 2 + 0.003)[:, None] & (z < middle[2] + 0.012)[None]
    label, _ = ndimage.label(within & (front > middle[1] + DEEP))
    below = np.unique(label[:, 0])  # what runs on to below the chin is the neck
    return int((~np.isin(label, np.append(below, 0))).sum())


def main() -> None:
    """Rig every head and print how good that is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--count", type=int, default=3)
    parser.add_argument(
        "--first", type=int, default=1000, help="number of the first head; 0 to 5 were looked at while this was made"
    )
    parser.add_argument("--found", action="store_true", help="find the landmarks instead of taking the true ones")
    parser.add_argument("--only", default="")
    parser.add_argument("--save", type=Path, help="write the table as JSON there")
    options = parser.parse_args()
    rows: dict[str, list[tuple[list[float], list[bool], list[bool], float, int, float]]] = defaultdict(list)
    for case in cases(options.data, options.count, options.first):
        if options.only.lower() not in case.kind.lower():
            continue
        begun, spent = time.perf_counter(), time.process_time()
        marks = case.marks
        if options.found:
            from headroom.core.rig.face.find import find_one

            marks = find_one(case.mesh.vertices, case.mesh.triangles).landmarks
        made = rig(case.mesh, marks)
        seconds, spent = time.perf_counter() - begun, time.process_time() - spent
        row = errors(case, made), *contacts(case, made), spent, len(case.mesh.vertices), made.error
        rows[case.kind].append(row)
        mean = f"{np.mean(row[0]):.2f} mm" if row[0] else "-"
        print(f"{case.kind}: {row[4]} vertices, {mean}, blinks {row[1]}, closures {row[2]}, "
              f"{seconds:.1f} s ({spent:.1f} s of CPU)", flush=True)  # fmt: skip
    table = {kind: _summary(found) for kind, found in rows.items()}
    print("\n| heads | vertices | error mm | worst shape | blinks kept | closures kept | CPU s |\n" + "|---" * 7 + "|")
    for kind, line in table.items():
        print("| " + " | ".join([kind, *line]) + " |")
    if options.save:
        options.save.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    import sys

    sys.stdout.flush()
    os._exit(0)  # Blender as a module hangs at the end


def _summary(found: list[Any]) -> list[str]:
    each = np.array([row[0] for row in found if row[0]])
    blinks, closures = ([kept for row in found for kept in row[k]] for k in (1, 2))
    return [
        f"{np.mean([row[4] for row in found]):.0f}",
        f"{each.mean():.2f}" if each.size else "-", f"{each.mean(axis=0).max():.2f}" if each.size else "-",
        f"{sum(blinks)} of {len(blinks)}", f"{sum(closures)} of {len(closures)}",
        f"{np.mean([row[3] for row in found]):.1f}",
    ]  # fmt: skip


if __name__ == "__main__":
    main()
