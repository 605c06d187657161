"""What skin may not enter: eyes and teeth, as surfaces that tell how far out a point must lie at least."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

STANDS_OUT = 1.001
"""Reach from which on a vertex of an eye belongs to the cornea, as a share of the radius."""
ANGLES, HEIGHTS = 120, 40
"""Cells of a row of teeth: round it and up it."""


@dataclass(frozen=True)
class Eyeball:
    """A ball (center (3,), radius) with a cornea, round about the axis from its center through the middle of all
    vertices, `ahead` metres on, and that of the `front` ones: reach (K,) at each angle (K,) from it, ascending."""

    center: np.ndarray
    radius: float
    ahead: float
    front: np.ndarray
    angle: np.ndarray
    reach: np.ndarray

    @staticmethod
    def of(points: np.ndarray) -> Eyeball:
        """Read off an eye at rest (M, 3), looking along -Y."""
        low, high = points.min(axis=0), points.max(axis=0)
        radius = float(high[2] - low[2]) / 2
        center = (low + high) / 2
        center[1] = high[1] - radius  # the cornea stands out in front
        away = points - center
        reach = np.linalg.norm(away, axis=1)
        front = np.flatnonzero((reach > STANDS_OUT * radius) & (away[:, 1] < 0))
        angle = np.arccos(np.clip(-away[front, 1] / reach[front], -1, 1))
        order = np.argsort(angle)
        return Eyeball(center, radius, float(-away[:, 1].mean()), front, angle[order], reach[front][order])

    def lacking(self, points: np.ndarray, posed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How far points (..., R, N, 3) must still go outward to lie on the eye posed as (..., M, 3), negative outside,
        and the way out (..., R, N, 3)."""
        middle = posed.mean(axis=-2)
        axis = posed[..., self.front, :].mean(axis=-2) - middle
        axis /= np.linalg.norm(axis, axis=-1, keepdims=True)
        away = points - (middle - self.ahead * axis)[..., None, None, :]
        distance = np.maximum(np.sqrt(np.einsum("...d,...d->...", away, away)), 1e-9)
        turn = np.arccos(np.clip(np.einsum("...rnd,...d->...rn", away, axis) / distance, -1, 1))
        floor = np.maximum(np.interp(turn, self.angle, self.reach, right=self.radius), self.radius)
        return floor - distance, away / distance[..., None]


def rounded(eye: np.ndarray, model: np.ndarray, room: np.ndarray) -> np.ndarray:
    """Give an eye (M, 3) the shape of a round model (M, 3), where it is and as large as the lids leave room for.

    room (L, 3): the inner edge of the lids. People's eyes follow their sockets and would be ellipsoids.
    """
    middle, own = eye.mean(axis=0), model - model.mean(axis=0)
    size = ((eye - middle) * own).sum() / (own**2).sum()
    ball = Eyeball.of(middle + size * own)
    fit = np.percentile(np.linalg.norm(room - ball.center, axis=1), 15) / ball.radius
    return ball.center + np.clip(fit, 0.94, 1.05) * (middle + size * own - ball.center)


@dataclass(frozen=True)
class Teeth:
    """A row of teeth and gums as a wall: how far it reaches out (ANGLES, HEIGHTS) from the upright line through center
    (2,), -inf where there is nothing; bottom and top are its heights, points (P, 3) its vertices at rest."""

    center: np.ndarray
    bottom: float
    top: float
    wall: np.ndarray
    points: np.ndarray

    @staticmethod
    def of(vertices: np.ndarray, faces: np.ndarray) -> Teeth:
        """Read off quads (F, 4) on vertices (V, 3) at rest."""
        used = np.unique(faces)
        points = vertices[used]
        center = np.array([points[:, 0].mean(), points[:, 1].max()])
        bottom, top = points[:, 2].min(), points[:, 2].max()
        u, v = (axis.ravel()[:, None] for axis in np.meshgrid(*[np.linspace(0, 1, 5)] * 2))
        mix = np.hstack([(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v])
        spots = (mix @ np.moveaxis(vertices[faces], 1, 0).reshape(4, -1)).reshape(-1, 3)  # one product for all quads
        wall = np.full((ANGLES, HEIGHTS), -np.inf)
        made = Teeth(center, bottom, top, wall, points)
        angle, height, out = made._cell(spots)
        np.maximum.at(wall.reshape(-1), angle * HEIGHTS + height, out)  # ten times as fast as with two indices
        beside = np.maximum(wall[:, [0, *range(HEIGHTS - 1)]], wall[:, [*range(1, HEIGHTS), HEIGHTS - 1]])
        wall[np.isinf(wall)] = beside[np.isinf(wall)]  # cells between two samples
        return made

    def lacking(self, points: np.ndarray, moved: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How far points (..., R, N, 3) must still go outward to stand before the row moved by (..., P, 3), negative in
        front of it and -inf off it, and the way out (..., R, N, 3)."""
        turn, spots = None, points
        if np.abs(moved).max(initial=0) > 1e-6:  # teeth move as a whole: look from where they rest
            pose = self._read @ moved
            turn = np.eye(3) + pose[..., None, :3, :]
            spots = (points - pose[..., None, 3:, :]) @ np.linalg.inv(turn)
        angle, height, out = self._cell(spots)
        inside = (spots[..., 2] > self.bottom) & (spots[..., 2] < self.top) & (spots[..., 1] < self.center[1])
        way = np.concatenate([spots[..., :2] - self.center, np.zeros_like(out)[..., None]], axis=-1)
        way /= np.maximum(out, 1e-9)[..., None]
        return np.where(inside, self.wall[angle, height] - out, -np.inf), way if turn is None else way @ turn

    @cached_property
    def _read(self) -> np.ndarray:
        """What reads off how the row is moved as a whole (4, P): by a linear map of places, and by an offset."""
        return np.linalg.pinv(np.c_[self.points, np.ones(len(self.points))])

    def _cell(self, spots: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        x, y = (spots[..., k] - self.center[k] for k in (0, 1))  # one by one: numpy is slow on rows of two
        angle = np.arctan2(x, -y) / np.pi + 0.5
        height = (spots[..., 2] - self.bottom) / (self.top - self.bottom)
        cell = [(x * n).astype(int).clip(0, n - 1) for x, n in ((angle, ANGLES), (height, HEIGHTS))]
        return cell[0], cell[1], np.sqrt(x**2 + y**2)
