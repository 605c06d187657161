"""Heads that the face finder never saw, with landmarks that are known: other meshes, other makers.

ICT FaceKit's and MakeHuman's people in their own meshes, our own heads remeshed, the raw scan of the samples, and
Blender's Suzanne.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.head.macros import shares
from headroom.core.rig.landmarks import CROWN, MENTON, NAMES, reference, template_vertices
from headroom.training.head import ict, makehuman, people, template
from headroom.training.head.register import register
from headroom.training.head.scan import read_obj

from .figures import clustered
from .stylize import stylize
from .suzanne import HEIGHT, suzanne


@dataclass(frozen=True)
class Subject:
    """A mesh, where its landmarks are (54, 3; NaN where unknown), and how high its head is, all in its own units."""

    kind: str
    name: str
    vertices: np.ndarray
    triangles: np.ndarray
    marks: np.ndarray
    height: float

    def moved(self, random: np.random.Generator) -> Subject:
        """Lay it about any which way, in another unit."""
        turn, size = Rotation.random(random_state=random).as_matrix(), float(np.exp(random.normal(0, 2)))
        shift = random.normal(0, 3, 3) * size
        return replace(
            self, vertices=self.vertices @ turn.T * size + shift, marks=self.marks @ turn.T * size + shift,
            height=self.height * size,
        )  # fmt: skip


def subjects(data: Path, count: int, random: np.random.Generator) -> Iterator[Subject]:
    """Give `count` people of every kind, one after the other."""
    yield from _own(count, random)
    yield from _stylized(count, random)
    scan = ict.read(data)
    yield from _ict(data, scan, count, random)
    yield from _makehuman(data, scan, count, random)
    yield from _scans(data.parent / "samples" / "scan")
    for levels in (0, 1, 2):
        mesh, marks = suzanne(levels)
        yield Subject("Suzanne", f"level {levels}", mesh.vertices, mesh.triangles, marks, HEIGHT)


def _split(faces: np.ndarray) -> np.ndarray:
    """Cut quads (F, 4), some of which end in -1, into triangles."""
    four = faces[faces[:, 3] >= 0]
    return np.concatenate([faces[:, :3], four[:, [0, 2, 3]]])


def _own(count: int, random: np.random.Generator) -> Iterator[Subject]:
    for number in range(count):
        head = generate(GenerateOptions(seed=7_000_000 + number))
        triangles, marks = _split(head.faces), head.neutral[template_vertices()].astype(np.float64)
        coarse, joined = clustered(head.neutral, triangles, float(random.uniform(0.004, 0.01)))
        yield Subject("own heads, coarse", f"seed {number}", coarse, joined, marks, reference()[1])


def _stylized(count: int, random: np.random.Generator) -> Iterator[Subject]:
    for number in range(count):
        head = generate(GenerateOptions(seed=7_050_000 + number))
        bent = stylize(head.neutral, template_vertices(), random, least=0.3)
        height = float(bent[CROWN, 2] - bent[MENTON, 2])
        marks = bent[template_vertices()].astype(np.float64)
        yield Subject("own heads, stylized", f"seed {number}", bent, _split(head.faces), marks, height)


def _usual(data: Path, model: ict.Ict) -> np.ndarray:
    """Give the vertices of the ICT scan that are the landmarks, (54,)."""
    usual = json.loads((data / "ict_vertex_indices.json").read_text(encoding="utf-8"))["idx_to_landmark_verts"][17:]
    surface = model.neutral[: ict.SURFACE]
    more = [int(np.linalg.norm(surface - point, axis=1).argmin()) for point in reference()[0][51:]]
    return np.array([*usual, *more])


def _ict(data: Path, model: ict.Ict, count: int, random: np.random.Generator) -> Iterator[Subject]:
    with np.load(data / "ict_facekit.npz") as file:
        triangles = _split(file["faces"])
    for number in range(count):
        vertices = model.neutral + np.tensordot(random.normal(0, 1, len(model.identity)), model.identity, 1)
        marks = vertices[_usual(data, model)]
        yield Subject("ICT FaceKit", f"person {number}", vertices, triangles, marks, reference()[1])


def _makehuman(data: Path, model: ict.Ict, count: int, random: np.random.Generator) -> Iterator[Subject]:
    """Give whole bodies; their landmarks are those of the scan where it was laid over the average adult."""
    mesh = makehuman.read(data)
    laid, usual = register(model, template.assemble(model), mesh), _usual(data, model)
    places, weights = laid.places[usual], laid.weights[usual]
    for number in range(count):
        vertices = mesh.base + people_of(mesh, random)
        marks = np.einsum("nk,nkd->nd", weights, vertices[places])
        height = _wide(marks) * reference()[1]
        yield Subject("MakeHuman, whole body", f"person {number}", vertices, _split(mesh.quads), marks, height)


def _wide(marks: np.ndarray) -> float:
    """Give how many times as far apart as the template's the outer corners of the eyes are."""
    corners = [NAMES.index("eye.R.0"), NAMES.index("eye.L.3")]
    return float(np.linalg.norm(np.subtract(*marks[corners])) / np.linalg.norm(np.subtract(*reference()[0][corners])))


def people_of(mesh: makehuman.MakeHuman, random: np.random.Generator) -> np.ndarray:
    """Draw what a person of MakeHuman adds to its base mesh, (V, 3)."""
    person = people.draw_person(random)
    total = mesh.corner(shares(person)) - mesh.base
    details = [name for name in mesh.targets if not name.startswith("macro/")]
    for name in random.choice(details, 12, replace=False):
        total += mesh.moved({name: float(random.uniform(0, 0.8))})
    return total


def _scans(folder: Path) -> Iterator[Subject]:
    if not folder.exists():
        return
    points, triangles = read_obj(folder / "face_scan.obj")
    marks = np.load(folder / "face_scan_landmarks.npy", allow_pickle=False).astype(np.float64)
    marks = np.concatenate([marks, np.full((3, 3), np.nan)])
    yield Subject("raw scan", "sample", points, triangles, marks, _wide(marks) * reference()[1])
