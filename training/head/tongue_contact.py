"""Holds the tongue: off what it must not enter, and at the volume it has at rest."""

from __future__ import annotations

from dataclasses import dataclass

import igl
import numpy as np
import scipy.sparse as sparse

from .tongue_line import ease

CEILING = (
    (0.004, 0.004), (0.010, 0.0115), (0.020, 0.019), (0.035, 0.0225), (0.050, 0.020), (0.062, 0.012), (0.075, 0.004),
)  # fmt: skip
"""The palate along the middle: metres behind the upper incisors and above their edges, ridge to soft palate."""
CLEARANCE = 0.0004
"""Metres that the tongue stays off teeth, gums and lips; people's jaws and shapes of their own use some of it up."""
ROUNDS = 10

Solid = tuple[np.ndarray, np.ndarray]
"""A closed mesh: vertices (N, 3) and quads (F, 4)."""


LOWER_TEETH = 2
"""Which of a mouth's solids they are."""


@dataclass(frozen=True)
class Mouth:
    """What the tongue must stay out of: solids, which are upper teeth and gums, lower teeth and gums; incisors (3,):
    lowest front point of the upper ones, below whose palate it stays, or None where the palate is out of reach; lips: a
    solid that matters only before `front` (Y, metres)."""

    solids: tuple[Solid, ...]
    incisors: np.ndarray | None = None
    lips: Solid | None = None
    front: float = -np.inf


def held(posed: np.ndarray, tongue: Solid, mouth: Mouth) -> np.ndarray:
    """Press the posed tongue (N, 3) out of everything and give it back its volume; the root stays where it is."""
    rest, faces = tongue
    wanted, spread = volume(rest, faces), samples(faces, len(rest))
    back = (rest[:, 1].max() - rest[:, 1]) / np.ptp(rest[:, 1])
    loose = ease(back / 0.2)[:, None]
    posed = rest + (posed - rest) * ease(back / 0.08)[:, None]
    for turn in range(ROUNDS):
        if turn < ROUNDS - 3:  # in the end contact counts more
            normal, area = normals(posed, faces)
            posed = posed + loose * normal * (wanted - volume(posed, faces)) / (area * loose[:, 0]).sum()
        for solid in mouth.solids:
            posed = _outside(posed, spread, solid, np.inf)
        if mouth.lips is not None:
            posed = _outside(posed, spread, mouth.lips, mouth.front)
        if mouth.incisors is not None:
            behind, height = np.array(CEILING).T
            depth = posed[:, 1] - mouth.incisors[1]
            ceiling = mouth.incisors[2] + np.interp(depth, behind, height)
            posed[:, 2] -= np.where(depth > behind[0], posed[:, 2] - ceiling, 0).clip(0)
    return posed


def samples(faces: np.ndarray, count: int, steps: int = 4) -> sparse.csr_matrix:
    """Give the matrix (S, V) to points spread over quads (F, 4), corners among them: teeth may lie between these."""
    s, t = (grid.ravel() for grid in np.meshgrid(*[np.arange(steps) / steps] * 2))
    share = np.stack([(1 - s) * (1 - t), s * (1 - t), s * t, (1 - s) * t], axis=1)
    rows = np.repeat(np.arange(len(faces) * len(s)), 4)
    return sparse.csr_matrix(
        (np.tile(share.ravel(), len(faces)), (rows, np.repeat(faces, len(s), axis=0).ravel())),
        (len(faces) * len(s), count),
    )


def _outside(points: np.ndarray, spread: sparse.csr_matrix, solid: Solid, front: float) -> np.ndarray:
    """Bring what of a surface is inside a solid, or closer than CLEARANCE, out of it by the shortest way.

    points (N, 3), spread (S, N): points on the surface between them; those behind `front` are left alone.
    """
    corners, quads = solid
    at = spread @ points
    low, high = corners.min(axis=0) - 0.001, corners.max(axis=0) + 0.001
    near = np.flatnonzero(((at > low) & (at < high)).all(axis=1) & (at[:, 1] < front))
    if not len(near):
        return points
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    kind = igl.SIGNED_DISTANCE_TYPE_FAST_WINDING_NUMBER
    distance, _, nearest, _ = igl.signed_distance(at[near], corners, triangles, sign_type=kind)
    way = np.sign(distance)[:, None] * (at[near] - nearest)
    way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    push = way * np.clip(CLEARANCE - distance, 0, None)[:, None]
    moved = np.flatnonzero((push != 0).any(axis=1))
    if not len(moved):
        return points
    share, push = spread[near[moved]], push[moved]
    whole = np.asarray(share.power(2).sum(axis=0)).ravel()
    step = (share.T @ push) / np.maximum(whole, 1e-9)[:, None]  # each corner the mean of what its surface asks for
    much = np.abs(share @ step).max(initial=0)
    return points + np.where(whole[:, None] > 0, step, 0) * min(1.0, 1.5 * np.abs(push).max() / max(much, 1e-9))


def volume(points: np.ndarray, faces: np.ndarray) -> float:
    """Give the volume inside a closed mesh of quads (F, 4), cubic metres."""
    a, b, c, d = (points[faces[:, k]] - points.mean(axis=0) for k in range(4))
    return float(((np.cross(a, b) * c).sum() + (np.cross(a, c) * d).sum()) / 6)


def normals(points: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit normals (N, 3) and the area (N,) that belongs to each vertex."""
    cross = np.cross(points[faces[:, 2]] - points[faces[:, 0]], points[faces[:, 3]] - points[faces[:, 1]]) / 2
    normal = np.stack([sum(np.bincount(faces[:, k], cross[:, c], len(points)) for k in range(4)) for c in range(3)], 1)
    size = np.linalg.norm(normal, axis=1, keepdims=True)
    return normal / np.maximum(size, 1e-12), size[:, 0] / 4
