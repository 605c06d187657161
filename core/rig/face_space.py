"""Brings any head into the space of the mean head, where motions of different meshes can be compared.

Landmarks place a head by a similarity, then by a smooth warp that fits its landmarks to the mean head's: the
biharmonic spline of Duchon (1977), which in 3D has the kernel r. What moves there is read at fixed places of the mean
head's skin, tongue, lower teeth and eyes, as averages over a few millimetres, so that neither the number of vertices
nor their order nor the grid matters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from ..head.generate import GenerateOptions, generate
from ..head.head import Head
from . import landmarks as marks
from .frame import Frame, similarity
from .surface import Mesh, scatter

SMOOTHING = 2e-3
"""Metres; how far a landmark may stay off: about what a careful hand or a network misses."""
RADIUS = 0.004
"""Metres; motions are averaged over this distance (one sigma): wider than the vertices of a game head are apart."""
POINTS = 60_000
"""How many points stand for a surface."""
NEAREST = 64
"""How many of them take part in an average at most."""
PIXEL = 0.0025
"""Metres; what lies so far behind the surface in front of it is hidden."""
FINE, COARSE = 0.0035, 0.007
"""Metres between places: about mouth and eyes, and elsewhere."""
DETAILED = 0.02
"""Metres from a landmark of mouth or eyes within which places are FINE."""
FACING = 0.2
"""Cosine of normals below which a vertex says nothing about a place: it is on the other side of the skin."""
STEP = 1e-3
"""Metres; step of the finite difference that tells how the warp turns and stretches a motion."""
REACH = 0.2
"""Metres from the middle of the face beyond which vertices are left alone."""


@dataclass(frozen=True)
class Places:
    """Where motions are read: points (S, 3) and normals (S, 3) of the mean head, metres; part (S,) of each: "skin",
    "tongue", "teeth" or "eye"; share (S,): the area that each stands for, of mean 1."""

    points: np.ndarray
    normals: np.ndarray
    part: np.ndarray
    share: np.ndarray


@cache
def mean_head() -> Head:
    """Give the head that all others are brought to. Raises `WeightsError`."""
    return generate(GenerateOptions(seed=0, variety=0.0))


def mean_triangles(parts: tuple[str, ...] = ()) -> np.ndarray:
    """Give triangles (T, 3) of the mean head, of some parts or of all but hairs."""
    head = mean_head()
    there = (
        np.isin(head.part, parts) if parts else ~np.isin(head.part, ("lashes", "brows", "cornea_left", "cornea_right"))
    )
    quads = head.faces[there].astype(np.int64)
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


@cache
def places() -> Places:
    """Choose where motions are read, evenly spread, denser about mouth and eyes."""
    head = mean_head()
    everything = head.neutral.astype(np.float64)
    spots = everything[marks.template_vertices()]
    fine = cKDTree(spots[[number for number, name in enumerate(marks.NAMES) if name.startswith(("eye", "mouth"))]])
    normals = Mesh(everything, mean_triangles()).normals
    outside = seen(everything, scattered(everything, mean_triangles(), POINTS).points)
    sets = {
        "skin": (("skin",), 0.0), "tongue": (("tongue",), 0.005), "teeth": (("teeth_lower",), 0.008),
        "eye": (("eye_left", "eye_right"), 0.005),
    }  # fmt: skip
    kept, part = [], []
    for name, (parts, apart) in sets.items():
        rows = np.unique(mean_triangles(parts))
        if name == "skin":
            rows = rows[outside[rows] & in_face(everything[rows], spots)]
            near = fine.query(everything[rows])[0] < DETAILED
            some = [rows[near][_spread(everything[rows[near]], FINE)],
                    rows[~near][_spread(everything[rows[~near]], COARSE)]]  # fmt: skip
        else:
            # the back of an eye, where no lid comes by
            rows = rows[normals[rows, 1] > 0.2] if name == "eye" else rows
            some = [rows[_spread(everything[rows], apart)]]
        kept += some
        part += [name] * sum(map(len, some))
    rows = np.concatenate(kept)
    points = everything[rows]
    share = np.where(fine.query(points)[0] < DETAILED, (FINE / COARSE) ** 2, 1.0)
    share[np.array(part) != "skin"] = 0.5
    return Places(points, normals[rows], np.array(part), share / share.mean())


def in_face(points: np.ndarray, spots: np.ndarray) -> np.ndarray:
    """Tell which points (V, 3) of the mean head's space lie in the face: between ears, hairline and larynx."""
    middle = spots.mean(axis=0)
    near = cKDTree(spots).query(points)[0] < 0.045
    return near & (points[:, 1] < spots[-2:, 1].max()) & (np.abs(points[:, 0] - middle[0]) < 0.075)


@dataclass(frozen=True)
class Scatter:
    """Points (N, 3) evenly over a surface, with their normals (N, 3) and, as a sparse matrix (N, V), the vertices that
    each lies between."""

    points: np.ndarray
    normals: np.ndarray
    between: csr_array


def scattered(vertices: np.ndarray, triangles: np.ndarray, count: int) -> Scatter:
    """Scatter points over triangles (T, 3) of vertices (V, 3), the same ones each time."""
    drawn, share, normals = scatter(vertices, triangles, count, np.random.default_rng(0))
    between = csr_array(
        (share.ravel(), triangles[drawn].ravel(), np.arange(0, 3 * count + 1, 3)), (count, len(vertices))
    )
    return Scatter(between @ vertices, normals, between)


def seen(points: np.ndarray, surface: np.ndarray) -> np.ndarray:
    """Tell which points (V, 3) can be seen from in front, from either side or from below, past a surface given as
    points (N, 3) in the mean head's space: not the mouth's inside, not the sockets behind the eyes."""
    found = np.zeros(len(points), bool)
    for yaw, pitch in ((0, 0), (45, 0), (-45, 0), (0, 35), (0, -30)):
        turn = Rotation.from_euler("zx", [yaw, pitch], degrees=True).as_matrix()
        here, there = points @ turn, surface @ turn
        low = there[:, [0, 2]].min(axis=0)
        size = ((there[:, [0, 2]].max(axis=0) - low) / PIXEL).astype(np.int64) + 1
        depth = np.full(size.prod(), np.inf)
        cell = ((there[:, [0, 2]] - low) / PIXEL).astype(np.int64)
        np.minimum.at(depth, cell[:, 0] * size[1] + cell[:, 1], there[:, 1])
        cell = np.clip(((here[:, [0, 2]] - low) / PIXEL).astype(np.int64), 0, size - 1)
        found |= here[:, 1] < depth[cell[:, 0] * size[1] + cell[:, 1]] + PIXEL
    return found


@dataclass(frozen=True)
class Place:
    """Where a head is: `frame` brings it upon the mean head, and a warp of centers (N, 3) with weights (N + 4, 3) fits
    it."""

    frame: Frame
    centers: np.ndarray
    weights: np.ndarray

    def warped(self, points: np.ndarray) -> np.ndarray:
        """Fit points (V, 3), already upon the mean head, to it."""
        if not len(self.centers):
            return points
        apart = np.linalg.norm(points[:, None] - self.centers, axis=2)
        return points + apart @ self.weights[:-4] + self.weights[-4] + points @ self.weights[-3:]

    def stretched(self, points: np.ndarray) -> np.ndarray:
        """Give how the warp turns and stretches small motions at points (V, 3): matrices (V, 3, 3) for columns."""
        here = self.warped(points)
        steps = [(self.warped(points + STEP * axis) - here) / STEP for axis in np.eye(3)]
        return np.stack(steps, axis=2)


def place_by_landmarks(landmarks: np.ndarray) -> Place:
    """Place a head by its landmarks (54, 3), as `landmarks.NAMES`; those that are not finite are left out."""
    there = mean_head().neutral[marks.template_vertices()].astype(np.float64)
    known = np.isfinite(landmarks).all(axis=1)
    here, there = landmarks[known].astype(np.float64), there[known]
    frame = similarity(here, there, np.ones(len(here)))
    moved = frame.outward(here)
    return Place(frame, moved, _spline(moved, there - moved))


def _spline(points: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Weights (N + 4, 3) of the smoothing spline through values (N, 3) at points (N, 3)."""
    count = len(points)
    apart = np.linalg.norm(points[:, None] - points, axis=2)
    line = np.column_stack([np.ones(count), points])
    system = np.zeros((count + 4, count + 4))
    system[:count, :count] = apart - SMOOTHING * np.eye(count)  # the kernel r is conditionally negative
    system[:count, count:], system[count:, :count] = line, line.T
    return np.linalg.solve(system, np.concatenate([values, np.zeros((4, values.shape[1]))]))


def motions(
    vertices: np.ndarray, triangles: np.ndarray, deltas: Iterable[np.ndarray], place: Place
) -> tuple[np.ndarray, np.ndarray]:
    """Read what shapes do at `places()`: (K, S, 3) metres in the mean head's space, and how well each place is covered
    by the mesh, (S,) from 0 to 1.

    vertices (V, 3), triangles (T, 3) and deltas, K of (V, 3), in the head's own space. An average counts what moves
    more than what rests, so that an eye behind a lid, which some meshes have and others lack, does not hold it back.
    """
    wanted = places()
    points = place.frame.outward(vertices.astype(np.float64))
    near = np.linalg.norm(points - wanted.points.mean(axis=0), axis=1) < REACH
    triangles = triangles[near[triangles].all(axis=1)]
    if not len(triangles):
        return np.zeros((sum(1 for _ in deltas), *wanted.points.shape)), np.zeros(len(wanted.points))
    rows, renumbered = np.unique(triangles, return_inverse=True)
    points = points[rows]
    cloud = scattered(place.warped(points), renumbered.reshape(-1, 3), POINTS)
    outside = seen(cloud.points, cloud.points)
    apart, near = cKDTree(cloud.points).query(wanted.points, k=NEAREST, distance_upper_bound=3 * RADIUS)
    missing = near == len(cloud.points)
    near = np.where(missing, 0, near)
    weight = np.where(missing, 0, np.exp(-0.5 * (apart / RADIUS) ** 2))
    facing = np.einsum("skd,sd->sk", cloud.normals[near], wanted.normals)
    facing *= np.sign((weight * outside[near] * facing).sum()) or 1.0  # of a mirrored mesh all faces look inwards
    weight *= np.clip((facing - FACING) / (1 - FACING), 0, None)
    weight *= outside[near] | (wanted.part != "skin")[:, None]
    stretch = place.frame.scale * place.stretched(points) @ place.frame.turn
    read = []
    for delta in deltas:
        steps = (cloud.between @ np.einsum("vij,vj->vi", stretch, delta[rows]))[near]
        strong = weight * np.linalg.norm(steps, axis=2)
        read.append(np.einsum("sk,skd->sd", strong, steps) / np.maximum(strong.sum(axis=1), 1e-12)[:, None])
    total = weight.sum(axis=1)
    usual = np.median(total[total > 0]) if total.any() else 1.0
    return np.array(read).reshape(-1, *wanted.points.shape), np.clip(total / (0.3 * usual), 0, 1)


def _spread(points: np.ndarray, apart: float) -> np.ndarray:
    """Choose points (N, 3) no nearer to each other than `apart`, by index, as many as fit."""
    tree, free, chosen = cKDTree(points), np.ones(len(points), bool), []
    for k in range(len(points)):
        if free[k]:
            chosen.append(k)
            free[tree.query_ball_point(points[k], apart)] = False
    return np.array(chosen, np.int64)
