"""Where one head lies in the space of another: a scale, a turn and a shift, fitted to points of both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

OFF = 0.012
"""Metres, or what the goal calls so, by which a point may stay off and still counts half."""


@dataclass(frozen=True)
class Frame:
    """Where the template's frame lies in a mesh: `scale * points @ turn.T + shift`, turn (3, 3), shift (3,)."""

    scale: float
    turn: np.ndarray
    shift: np.ndarray

    def inward(self, points: np.ndarray) -> np.ndarray:
        """Bring points (..., 3) of the mesh into the template's frame, metres of a head of usual size."""
        return (points - self.shift) @ self.turn / self.scale

    def outward(self, points: np.ndarray) -> np.ndarray:
        """Bring points (..., 3) of the template's frame to the mesh."""
        return self.scale * points @ self.turn.T + self.shift

    def outward_deltas(self, deltas: np.ndarray) -> np.ndarray:
        """Bring displacements (..., 3) of the template's frame to the mesh."""
        return deltas @ (self.scale * self.turn.T).astype(deltas.dtype)


def similarity(source: np.ndarray, goal: np.ndarray, weight: np.ndarray) -> Frame:
    """Fit a frame that brings source (N, 3) onto goal (N, 3), points counting by weight (N,) (Umeyama 1991)."""
    share = weight / weight.sum()
    a, b = source - share @ source, goal - share @ goal
    u, s, vt = np.linalg.svd((b * share[:, None]).T @ a)
    sign = np.array([1, 1, np.sign(np.linalg.det(u @ vt))])
    turn = (u * sign) @ vt
    scale = float((s * sign).sum() / (share @ (a**2).sum(axis=1)))
    return Frame(scale, turn, share @ goal - scale * turn @ (share @ source))


def steady(source: np.ndarray, goal: np.ndarray, weight: np.ndarray, rounds: int) -> Frame:
    """Fit as `similarity`, again and again: points that stay far off count less and less."""
    share = weight
    for left in range(rounds, 0, -1):
        frame = similarity(source, goal, share)
        if left > 1:
            off = np.linalg.norm(frame.outward(source) - goal, axis=1) / frame.scale
            share = weight / (1 + (off / OFF) ** 2)
    return frame
