"""Today's ways of taking a skull's motion out of a capture, to stand beside the network."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

STILL = 400
"""Vertices of the way that trusts those that move least."""


def procrustes(frames: np.ndarray, still: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Bring frames (F, V, 3) onto a still mesh (V, 3) by least squares over vertices, weight (F, V) or (V,)."""
    weight = np.ones(frames.shape[:2]) if weight is None else np.broadcast_to(weight, frames.shape[:2])
    share = weight / weight.sum(axis=1, keepdims=True)
    from_, to = np.einsum("fv,fvc->fc", share, frames), share @ still
    moment = np.einsum("fvi,fvj->fij", (frames - from_[:, None]) * share[..., None], still[None] - to[:, None])
    left, _, right = np.linalg.svd(moment)
    handed = np.ones((len(frames), 3))
    handed[:, 2] = np.linalg.det(left @ right)
    turn = (left * handed[:, None]) @ right  # row vectors: frame @ turn
    return (frames - from_[:, None]) @ turn + to[:, None]


def upper(frames: np.ndarray, still: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Procrustes over the upper half: vertices whose height `up` (V,) is above the median."""
    return procrustes(frames, still, (up > np.median(up)).astype(float))


def reweighted(frames: np.ndarray, still: np.ndarray, rounds: int = 15) -> np.ndarray:
    """Iteratively reweighted least squares with Cauchy weights at the median residual."""
    placed = procrustes(frames, still)
    for _ in range(rounds):
        off = np.linalg.norm(placed - still, axis=2)
        weight = 1 / (1 + (off / (np.median(off, axis=1, keepdims=True) + 1e-9)) ** 2)
        placed = procrustes(placed, still, weight)
    return placed


def stillest(frames: np.ndarray, still: np.ndarray) -> np.ndarray:
    """Procrustes over the vertices that move least over the whole sequence, found in two rounds."""
    placed = procrustes(frames, still)
    for _ in range(3):
        moved = np.linalg.norm(placed - still, axis=2).mean(axis=0)
        chosen = np.argsort(moved)[: min(STILL, len(moved) // 2)]
        weight = np.zeros(len(moved))
        weight[chosen] = 1
        placed = procrustes(placed, still, weight)
    return placed


class Ridge:
    """Linear regression from the first 64 principal components of what Procrustes leaves to the skull's motion.

    It needs many people of one topology to train on, so it is shown where there are.
    """

    def __init__(self, posed: np.ndarray, stills: np.ndarray, components: int = 64, stiff: float = 1e-4) -> None:
        """Train on posed meshes (N, V, 3) with the skull at rest, and the stills (N, V, 3) they belong to."""
        off = np.stack([procrustes(p[None], s)[0] - s for p, s in zip(posed, stills, strict=True)])
        goal = np.stack([_motion(o + s, p) for o, s, p in zip(off, stills, posed, strict=True)])
        flat = off.reshape(len(off), -1)
        self.mean = flat.mean(axis=0)
        self.axes = np.linalg.svd(flat - self.mean, full_matrices=False)[2][:components]
        code = np.c_[(flat - self.mean) @ self.axes.T, np.ones(len(flat))]
        scale = stiff * np.trace(code.T @ code) / code.shape[1]
        self.map = np.linalg.solve(code.T @ code + scale * np.eye(code.shape[1]), code.T @ goal)

    def __call__(self, frames: np.ndarray, still: np.ndarray) -> np.ndarray:
        """Bring frames (F, V, 3) onto the skull of a still mesh (V, 3)."""
        placed = procrustes(frames, still)
        flat = (placed - still).reshape(len(placed), -1)
        motion = np.c_[(flat - self.mean) @ self.axes.T, np.ones(len(flat))] @ self.map
        return np.stack(
            [p @ Rotation.from_rotvec(m[:3]).as_matrix().T + m[3:] for p, m in zip(placed, motion, strict=True)]
        )


def _motion(placed: np.ndarray, posed: np.ndarray) -> np.ndarray:
    """The motion (6: turn vector, shift) that brings one mesh (V, 3) onto its moved copy."""
    a, b = placed.mean(axis=0), posed.mean(axis=0)
    left, _, right = np.linalg.svd((posed - b).T @ (placed - a))
    turn = left @ np.diag([1, 1, np.linalg.det(left @ right)]) @ right
    return np.r_[Rotation.from_matrix(turn).as_rotvec(), b - turn @ a]
