"""Measures what shapes do to a head: faces that turn over, lids in eyes, lips in teeth, seams that come apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import igl
import numpy as np

from headroom.core.head.surface import Surface

from .eyeball import DOME, QUARTER, SEGMENTS, SIDE
from .layout import LID_FRONT, LID_INNER, LIP_BORDER, LIP_INNER, Layout


@dataclass(frozen=True)
class Watch:
    """What to look at, as vertices of a level: lids (2, N) of the left and right eye and eyes as (first, last + 1) of
    ball and cornea; lips (M,); seams of lips and lids; skin: its faces; teeth: their faces by jaw."""

    lids: tuple[np.ndarray, np.ndarray]
    eyes: tuple[np.ndarray, np.ndarray]
    lips: np.ndarray
    seams: dict[str, tuple[np.ndarray, np.ndarray]]
    skin: Surface
    teeth: tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Found:
    """What a pose does: faces turned over, metres that a lid lies in its eye and a lip in a tooth."""

    flipped: int
    lid: float
    lip: float


def watch(
    faces: np.ndarray, part: np.ndarray, layout: Layout, fixed: Mapping[str, np.ndarray], kept: np.ndarray
) -> Watch:
    """Find what to look at in a level's faces (F, 4) and parts; kept: its vertices of the standard level, in order."""
    number = np.full(int(kept.max()) + 1, -1)
    number[kept] = np.arange(len(kept))
    mirror = fixed["mirror"].astype(np.int64)

    def here(vertices: np.ndarray) -> np.ndarray:
        return number[vertices[number[vertices] >= 0]]

    lids = np.concatenate(layout.rings["eye"][LID_FRONT - 3 : LID_INNER])  # the last ring is where lid and eye touch
    lips = np.concatenate(layout.rings["mouth"][LIP_BORDER : LIP_INNER + 1])
    seams = {}
    for name in ("lips", "lid_left", "lid_right"):
        lower, upper = (number[fixed[f"{name}_{side}"].astype(np.int64)] for side in ("lower", "upper"))
        both = (lower >= 0) & (upper >= 0)
        seams[name] = lower[both], upper[both]
    skin = faces[np.isin(part, ("skin", "mouth"))]
    jaws = tuple(faces[part == f"teeth_{jaw}"] for jaw in ("upper", "lower"))
    eyes = tuple(np.arange(*eye) for eye in fixed["eyes"].astype(int))
    return Watch(
        (here(lids), here(mirror[lids])), (eyes[0], eyes[1]), np.unique(np.r_[here(lips), here(mirror[lips])]), seams,
        Surface.of(skin), (jaws[0], jaws[1]),
    )  # fmt: skip


def found(at: Watch, neutral: np.ndarray, posed: np.ndarray, standard: np.ndarray) -> Found:
    """Measure a pose (V, 3) of a level; standard: the same pose of the standard level, whose eyes are the eyes."""
    lid = max(in_eye(posed[lids], standard[eye]) for lids, eye in zip(at.lids, at.eyes, strict=True))
    lip = max(in_solid(posed[at.lips], posed, jaw) for jaw in at.teeth)
    return Found(flipped(neutral, posed, at.skin), max(0.0, lid), lip)


def flipped(neutral: np.ndarray, posed: np.ndarray, skin: Surface) -> int:
    """Count faces that a pose (V, 3) turned over (`Surface.turned`) and that were not so in the neutral (V, 3)."""
    return int((skin.turned(posed) & ~skin.turned(neutral)).sum())


def in_eye(points: np.ndarray, eye: np.ndarray) -> float:
    """How deep any of points (N, 3) lies in an eye (M, 3: ball, then cornea), metres; negative when all are outside.

    The ball is as far from its center as its ring at a quarter turn; the cornea is a surface of revolution about the
    eye's own axis, read off its rings.
    """
    center = (eye[QUARTER] + eye[QUARTER + SEGMENTS // 2]) / 2
    radius = np.linalg.norm(eye[QUARTER] - center)
    axis = eye[:SEGMENTS].mean(axis=0) - center
    axis /= np.linalg.norm(axis)
    first = len(eye) - SEGMENTS * len(DOME) - (SIDE - 1) ** 2
    rings = eye[first : first + SEGMENTS * len(DOME)].reshape(len(DOME), SEGMENTS, 3) - center
    top = eye[len(eye) - 1 - (SIDE - 1) ** 2 // 2] - center
    reach = np.r_[np.linalg.norm(top), np.linalg.norm(rings, axis=2).mean(axis=1)]
    angle = np.r_[0, np.arccos(np.clip((rings.mean(axis=1) @ axis) / reach[1:], -1, 1))]
    away = points - center
    distance = np.linalg.norm(away, axis=1)
    turn = np.arccos(np.clip(away @ axis / np.maximum(distance, 1e-9), -1, 1))
    surface = np.maximum(np.interp(turn, angle, reach, right=radius), radius)
    return float((surface - distance).max())


def in_solid(points: np.ndarray, vertices: np.ndarray, faces: np.ndarray) -> float:
    """How deep any of points (N, 3) lies in closed quads (F, 4) on vertices (V, 3), metres; 0 when all are outside."""
    low, high = vertices[faces].min(axis=(0, 1)) - 1e-4, vertices[faces].max(axis=(0, 1)) + 1e-4
    near = points[((points > low) & (points < high)).all(axis=1)]
    if not len(near):
        return 0.0
    used, compact = np.unique(faces, return_inverse=True)
    quads = compact.reshape(faces.shape)
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int64)
    sign = igl.SignedDistanceType.SIGNED_DISTANCE_TYPE_FAST_WINDING_NUMBER
    signed = igl.signed_distance(near.astype(np.float64), vertices[used].astype(np.float64), triangles, sign)[0]
    return float(max(0.0, -signed.min()))


def gap(at: Watch, name: str, posed: np.ndarray) -> float:
    """The widest gap between the two sides of a seam in a pose (V, 3), metres."""
    lower, upper = at.seams[name]
    return float(np.linalg.norm(posed[upper] - posed[lower], axis=1).max())
