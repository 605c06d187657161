"""Find the face of any mesh, whichever way it lies: landmarks and the frame in which it looks forward."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from ... import device, weights
from ...errors import InputError
from ...progress import Progress, part, silent
from ..frame import Frame, steady
from ..landmarks import reference
from .views import Cloud, View, sample

FACE_PIXELS = 30  # pixels that the seeker expects a head to be high, give or take 1.6 times
MARKER_PIXELS = 96
CROP = 1.05  # width of the marker's pictures in heights of a head
LEVELS = (48, 80, 144, 256)
"""Pixels of the pictures of the whole mesh that are searched one after the other: for a head alone, a bust, a body."""

POINTS = 100_000
SEEN = 0.25  # score from which on a guess of the seeker is looked at
TRIED = 5  # guesses looked at on each level
ROUNDS = 3
STEADY = 4
AROUND = ((0, 0), (24, 0), (-24, 0), (0, 20), (0, -20), (12, 10), (-12, -10))
"""Degrees of yaw and pitch from which landmarks are looked at; a point is where the lines of sight meet."""

SURE = 0.6
"""Score from which on it is a face."""

NOBODY = "no face found on this mesh: pick a head, or place its landmarks by hand"

SNAP = 0.02  # heads by which a landmark may lie off the surface and is put onto it


@dataclass(frozen=True)
class Face:
    """Where a face is: `landmarks` (54, 3) as `landmarks.NAMES` in the mesh's space and how sure each is, (54,) 0..1;
    `frame` in which the template lies there; `score` 0..1."""

    landmarks: np.ndarray
    confidence: np.ndarray
    frame: Frame
    score: float

    @property
    def size(self) -> float:
        """Height of the head from chin to crown, in the mesh's units."""
        return self.frame.scale * reference()[1]


def find(vertices: np.ndarray, triangles: np.ndarray, progress: Progress = silent) -> list[Face]:
    """Find the faces of a mesh, the surest first; none when it has none.

    `vertices` (V, 3) in any unit, `triangles` (T, 3). The same mesh always gives the same. Raises `InputError` when
    there is no surface, `WeightsError` when the networks cannot be loaded.
    """
    used = vertices[np.unique(triangles)] if len(triangles) else vertices[:0]
    if len(used) < 4 or not np.isfinite(used).all() or np.ptp(used, axis=0).max() <= 0:
        raise InputError("the mesh has no surface: pick a mesh with faces")
    middle, extent = (used.max(axis=0) + used.min(axis=0)) / 2, float(np.ptp(used, axis=0).max())
    unit = (vertices - middle) / extent
    random = np.random.default_rng(0)
    cloud = sample(unit, triangles, POINTS, random)
    found: list[Face] = []
    enough = False
    for number, size in enumerate(LEVELS):
        if number == 2:
            cloud = sample(unit, triangles, 4 * POINTS, random)
        level = part(progress, number / len(LEVELS), (number + 1) / len(LEVELS))
        for guess in distinct(seek(cloud, size, part(level, 0.0, 0.7)))[:TRIED]:
            level(0.7, "Looking at the face")
            near = _near(unit, triangles, guess, random)
            face = near and look(near, guess)
            if face and face.score > SURE:
                found.append(face)
        if enough:
            break
        enough = bool(found)  # one level more, since a large picture shows heads apart that a small one does not
    return [_moved(face, extent, middle) for face in _apart(found)]


def find_one(vertices: np.ndarray, triangles: np.ndarray, progress: Progress = silent) -> Face:
    """Find the face of a mesh that has one; otherwise as `find`. Raises `InputError` when it has none, or several."""
    faces = find(vertices, triangles, progress)
    if not faces:
        raise InputError(NOBODY)
    if len(faces) > 1:
        raise InputError(f"{len(faces)} faces found on this mesh: separate the heads and pick one")
    return faces[0]


@dataclass(frozen=True)
class Guess:
    """A face as it is taken to be: how the object is turned so that it looks forward, its middle, and its height."""

    turn: np.ndarray
    center: np.ndarray
    size: float
    score: float


def seek(cloud: Cloud, size: int, progress: Progress = silent) -> list[Guess]:
    """Look at the whole cloud (about one unit large) from 60 sides in pictures of `size` pixels."""
    from .net import Seeker

    span = 1.9 if size < 60 else 1.5
    found = []
    for number, turn in enumerate(sides()):
        progress(number / len(sides()), "Looking for the face")
        view = View(turn, np.zeros(3), span)
        picture = view.picture(cloud, size)
        said = _run(seeker(), picture[None])[0]
        score = 1 / (1 + np.exp(-said[0]))
        best = np.flatnonzero(score.ravel() > SEEN)
        for place in best[np.argsort(-score.ravel()[best])][:3]:
            row, column = divmod(int(place), said.shape[2])
            guess = said[:, row, column]
            cells = size // Seeker.STRIDE
            right = (column + 0.5 + guess[1]) / cells - 0.5
            up = 0.5 - (row + 0.5 + guess[2]) / cells
            high = FACE_PIXELS * float(np.exp(np.clip(guess[3], -1, 1))) / size * span
            away = Rotation.from_rotvec(guess[4:]).as_matrix()
            center = np.array([right * span, 0, up * span]) @ turn
            center += _depth(cloud, center, turn[1], high) * turn[1]
            found.append(Guess(away.T @ turn, center, high, float(score[row, column])))
    return found


def _depth(cloud: Cloud, center: np.ndarray, away: np.ndarray, size: float) -> float:
    """Give how far along `away` a head's middle is that shows its front about `center`."""
    offset = cloud.points - center
    along = offset @ away
    aside = (offset**2).sum(axis=1) - along**2
    there = along[aside < (0.2 * size) ** 2]
    return float(np.percentile(there, 2)) + 0.3 * size if len(there) else 0.0


def distinct(guesses: Iterable[Guess]) -> list[Guess]:
    """Keep the best of guesses that mean the same face."""
    kept: list[Guess] = []
    for guess in sorted(guesses, key=lambda one: -one.score):
        same = any(
            np.linalg.norm(guess.center - one.center) < 0.5 * one.size
            and np.trace(guess.turn @ one.turn.T) > 1 + 2 * np.cos(np.radians(40))
            and 0.6 < guess.size / one.size < 1.6
            for one in kept
        )
        if not same:
            kept.append(guess)
    return kept


def look(cloud: Cloud, guess: Guess) -> Face | None:
    """Look at a face closely, from several sides and again after it is turned to the front."""
    turn, center, size = guess.turn, guess.center, guess.size
    rest, high = reference()
    for _ in range(ROUNDS):
        views = [View(_aside(*degrees) @ turn, center, size * CROP) for degrees in AROUND]
        at, sure = _marks(np.stack([view.picture(cloud, MARKER_PIXELS) for view in views]))
        if sure.max(axis=0).mean() < 0.1:
            return None
        points, miss = meet(views, at, sure)
        confidence = sure.mean(axis=0) * np.exp(-((miss / (0.03 * size)) ** 2))
        frame = steady(rest, points, confidence + 1e-3, STEADY)
        turn, center, size = frame.turn.T, frame.outward(rest.mean(axis=0)), frame.scale * high
        if not np.isfinite(size) or size > 4 * guess.size or size < guess.size / 4:
            return None
    away = np.linalg.norm(frame.outward(rest) - points, axis=1) / size
    score = float(confidence.mean() * np.exp(-((np.median(away) / 0.12) ** 2)))
    distance, index = cKDTree(cloud.points).query(points)
    points = np.where((distance < SNAP * size)[:, None], cloud.points[index], points)
    return Face(points, confidence, frame, score)


def _marks(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find landmarks in pictures (B, ...): right and up (B, 54, 2) from the middle in widths, and how sure (B, 54)."""
    import torch

    from ...speech.phones_net.net import one_thread
    from .net import peaks

    with one_thread(), torch.inference_mode():
        at, sure = peaks(device.run(marker(), torch.from_numpy(pictures), heavy=True))
    place = at.numpy().astype(np.float64)
    return np.stack([place[..., 0] - 0.5, 0.5 - place[..., 1]], axis=-1), sure.numpy().astype(np.float64)


def meet(views: list[View], at: np.ndarray, sure: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give where lines of sight meet: points (M, 3) and by how much they miss one another, (M,).

    `at` (B, M, 2) is where each of B views sees each point, `sure` (B, M) how much that counts.
    """
    rows = np.stack([view.turn[[0, 2]] for view in views])  # (B, 2, 3)
    goal = np.stack([view.turn[[0, 2]] @ view.center for view in views])[:, None] + at * views[0].span  # (B, M, 2)
    weight = sure + 1e-6
    for _ in range(3):
        normal = np.einsum("bm,bki,bkj->mij", weight, rows, rows)
        right = np.einsum("bm,bki,bmk->mi", weight, rows, goal)
        points = np.linalg.solve(normal + 1e-9 * np.eye(3), right[..., None])[..., 0]
        off = np.linalg.norm(np.einsum("bki,mi->bmk", rows, points) - goal, axis=-1)
        weight = (sure + 1e-6) / (1 + (off / (0.015 * views[0].span)) ** 2)
    return points, np.sqrt((weight * off**2).sum(axis=0) / weight.sum(axis=0))


def _aside(yaw: float, pitch: float) -> np.ndarray:
    """Turn a view by degrees."""
    return Rotation.from_euler("zx", [yaw, pitch], degrees=True).as_matrix()


@cache
def sides() -> np.ndarray:
    """The 60 turns of an icosahedron: no face is turned by more than 45 degrees from one of them."""
    return Rotation.create_group("I").as_matrix()


def _near(vertices: np.ndarray, triangles: np.ndarray, guess: Guess, random: np.random.Generator) -> Cloud | None:
    """Scatter points over what lies about a guess."""
    corners = np.linalg.norm(vertices - guess.center, axis=1) < 1.2 * guess.size
    some = triangles[corners[triangles].any(axis=1)]
    return sample(vertices, some, POINTS, random) if len(some) else None


def _apart(found: list[Face]) -> list[Face]:
    """Keep the surest of faces in one place."""
    kept: list[Face] = []
    for face in sorted(found, key=lambda one: -one.score):
        middle = face.landmarks.mean(axis=0)
        if all(np.linalg.norm(middle - one.landmarks.mean(axis=0)) > 0.5 * one.size for one in kept):
            kept.append(face)
    return kept


def _moved(face: Face, extent: float, middle: np.ndarray) -> Face:
    """Bring a face from the unit cube back to the mesh's space."""
    frame = Frame(face.frame.scale * extent, face.frame.turn, face.frame.shift * extent + middle)
    return replace(face, landmarks=face.landmarks * extent + middle, frame=frame)


def _run(network: Any, pictures: np.ndarray) -> np.ndarray:
    import torch

    from ...speech.phones_net.net import one_thread

    with one_thread(), torch.inference_mode():
        return device.run(network, torch.from_numpy(pictures), heavy=True).numpy()


@cache
def seeker() -> Any:
    """Load the network that finds faces. Raises `WeightsError`."""
    from .net import Seeker

    return weights.load("face_seeker").fill(Seeker())


@cache
def marker() -> Any:
    """Load the network that finds landmarks. Raises `WeightsError`."""
    from .net import Marker

    return weights.load("face_marker").fill(Marker())
