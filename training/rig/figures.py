"""Heads as artists keep them: with hair, hats and bodies, cut off and full of holes, coarse, scanned or remeshed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from headroom.core.head.head import REGIONS
from headroom.core.rig.face.views import Cloud, sample
from headroom.core.rig.landmarks import template_vertices

from .stylize import group, stylize

DENSE = 60_000
INSIDE = ("teeth_upper", "teeth_lower", "gums_upper", "gums_lower", "tongue", "mouth")


@dataclass(frozen=True)
class Figure:
    """Something with a face: points on its surface in metres, its landmarks (54, 3), and how large its head is."""

    cloud: Cloud
    marks: np.ndarray
    size: float


class Studio:
    """Makes figures out of the heads of `heads.py`."""

    def __init__(self, work: Path, random: np.random.Generator) -> None:
        """Read the heads."""
        with np.load(work / "heads.npz") as file:
            self.vertices, faces, part, region = (file[key] for key in ("vertices", "faces", "part", "region"))
        self.triangles = np.concatenate([faces[:, [0, 1, 2]], faces[:, [0, 2, 3]]]).astype(np.int64)
        self.part, self.region = np.tile(part, 2), np.tile(region, 2)
        self.random, self.marks = random, template_vertices()

    @cached_property
    def _regions(self) -> dict[str, np.ndarray]:
        return {name: self.region == name for name in REGIONS}

    def figure(self) -> Figure:
        """Make one; what was cut down to nothing is made anew."""
        while (made := self._figure()) is None:
            pass
        return made

    def _figure(self) -> Figure | None:
        random = self.random
        person = self.vertices[random.integers(len(self.vertices))]
        vertices = person[0 if random.random() < 0.5 else random.integers(len(person))].astype(np.float32)
        vertices = stylize(vertices, self.marks, random)
        marks = vertices[self.marks].astype(np.float64)
        size = float(np.linalg.norm(marks[-3] - marks[group("brow")].mean(axis=0))) * 1.6
        keep = self._kept(vertices, marks, size)
        triangles = self.triangles[keep]
        pieces = [self._damaged(vertices, triangles, size), *self._hair(vertices, size)]
        clouds = [sample(v, t, DENSE if k == 0 else DENSE // 3, random) for k, (v, t) in enumerate(pieces) if len(t)]
        if not clouds:
            return None
        clouds += self._extras(marks, size)
        points = np.concatenate([one.points for one in clouds])
        normals = np.concatenate([one.normals for one in clouds])
        if random.random() < 0.25:  # a scan's or a sculpt's roughness
            normals = normals + random.normal(0, random.uniform(0.05, 0.4), normals.shape)
            normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        return Figure(Cloud(points.astype(np.float32), normals.astype(np.float32)), marks, size)

    def _kept(self, vertices: np.ndarray, marks: np.ndarray, size: float) -> np.ndarray:
        """Choose the triangles that this figure has, (T,) bool."""
        random, part = self.random, self.part
        keep = np.ones(len(part), bool)
        if random.random() < 0.25:
            keep &= ~np.isin(part, ("eye_left", "eye_right", "cornea_left", "cornea_right"))
        if random.random() < 0.4:
            keep &= ~np.isin(part, INSIDE)
        if random.random() < 0.6:
            keep &= ~np.isin(part, ("lashes", "brows", "cornea_left", "cornea_right"))
        if random.random() < 0.06:
            keep &= ~(self._regions["ear.L"] | self._regions["ear.R"])
        middle = vertices[self.triangles].mean(axis=1)
        if random.random() < 0.35:
            keep &= middle[:, 2] > marks[-3, 2] - random.uniform(0.0, 0.45) * size
        if random.random() < 0.2:  # a mask, as scanners leave it
            back = marks[-2:, 1].mean() + random.uniform(-0.2, 0.3) * size
            keep &= middle[:, 1] < back + 0.03 * size * np.sin(middle[:, 2] / size * random.uniform(5, 30))
        for _ in range(random.integers(1, 6) if random.random() < 0.15 else 0):
            center = middle[random.integers(len(middle))]
            keep &= np.linalg.norm(middle - center, axis=1) > random.uniform(0.01, 0.07) * size
        return keep

    def _damaged(self, vertices: np.ndarray, triangles: np.ndarray, size: float) -> tuple[np.ndarray, np.ndarray]:
        """Make the mesh coarse, or rough."""
        random = self.random
        if random.random() < 0.15:
            vertices = vertices + random.normal(0, random.uniform(0.0005, 0.003) * size, vertices.shape)
        if random.random() < 0.4:
            return clustered(vertices, triangles, random.uniform(0.008, 0.045) * size)
        return vertices, triangles

    def _hair(self, vertices: np.ndarray, size: float) -> list[tuple[np.ndarray, np.ndarray]]:
        """Grow hair, a beard or a hood: skin that stands off."""
        random, grown = self.random, []
        for share, names in (
            (0.4, ("scalp", "nape", "temple.L", "temple.R", "ear.L", "ear.R")),
            (0.1, ("chin", "jaw.L", "jaw.R", "throat")),
        ):
            if random.random() > share:
                continue
            some = self.triangles[np.isin(self.region, names[: random.integers(1, len(names) + 1)])]
            away = vertices - vertices[np.unique(some)].mean(axis=0)
            waves = 1 + 0.5 * np.sin(vertices @ random.normal(0, 60 / size * 0.2, 3) + random.uniform(0, 6))
            grown.append((vertices + away * (random.uniform(0.02, 0.45) * waves)[:, None], some))
        return grown

    def _extras(self, marks: np.ndarray, size: float) -> list[Cloud]:
        """Add a body, glasses, a hat, a stand."""
        random, found = self.random, []
        neck = marks[-3] * [0, 0, 1] + [0, 0.1 * size, -0.35 * size]
        if random.random() < 0.25:
            wide = random.uniform(0.5, 1.3) * size
            found.append(ball(neck - [0, 0, 1.2 * size], [wide, 0.4 * size, random.uniform(0.8, 1.5) * size], random))
            for side in (-1, 1):
                found.append(ball(neck + [side * wide, 0, -1.2 * size], [0.2 * size, 0.2 * size, size], random))
                found.append(
                    ball(neck + [side * 0.3 * size, 0, -3.5 * size], [0.3 * size, 0.3 * size, 2 * size], random)
                )
        if random.random() < 0.12:
            for numbers in (group("eye.R"), group("eye.L")):
                place = marks[numbers].mean(axis=0) - [0, 0.05 * size, 0]
                found.append(ring(place, random.uniform(0.1, 0.17) * size, random.uniform(0.005, 0.02) * size, random))
        if random.random() < 0.08:
            top = marks[group("brow")].mean(axis=0) * [0, 1, 1] + [0, 0.35 * size, random.uniform(0.2, 0.4) * size]
            found.append(ball(top, np.array([0.4, 0.45, 0.35]) * size * random.uniform(0.9, 1.3), random))
        if random.random() < 0.05:
            found.append(ball(neck - [0, 0, 0.4 * size], [size, size, 0.05 * size], random))
        return found


def clustered(vertices: np.ndarray, triangles: np.ndarray, cell: float) -> tuple[np.ndarray, np.ndarray]:
    """Join the vertices of each cell of a grid into one (Rossignac & Borrel 1993): a coarse mesh of flat faces."""
    keys = np.floor(vertices / cell).astype(np.int64)
    _, number, count = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    number = number.ravel()
    joined = np.stack([np.bincount(number, vertices[:, axis]) for axis in range(3)], axis=1) / count[:, None]
    new = number[triangles]
    whole = (new[:, 0] != new[:, 1]) & (new[:, 1] != new[:, 2]) & (new[:, 2] != new[:, 0])
    return joined, new[whole]


def ball(center: np.ndarray, radius: np.ndarray | list, random: np.random.Generator, count: int = 12_000) -> Cloud:
    """Scatter points over an ellipsoid."""
    unit = random.normal(size=(count, 3))
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    normal = unit / np.asarray(radius)
    return Cloud(center + unit * radius, normal / np.linalg.norm(normal, axis=1, keepdims=True))


def ring(center: np.ndarray, radius: float, thick: float, random: np.random.Generator, count: int = 4000) -> Cloud:
    """Scatter points over a ring that looks forward."""
    a, b = random.uniform(0, 2 * np.pi, (2, count))
    out = np.stack([np.cos(a), np.zeros(count), np.sin(a)], axis=1)
    normal = out * np.cos(b)[:, None] + np.array([0, 1, 0]) * np.sin(b)[:, None]
    return Cloud(center + out * radius + normal * thick, normal)


def turned(random: np.random.Generator, most: float) -> np.ndarray:
    """Draw a rotation (3, 3) by up to `most` radians about any axis."""
    axis = random.normal(size=3)
    return Rotation.from_rotvec(axis / np.linalg.norm(axis) * random.uniform(0, most)).as_matrix()
