"""The tongue in its own measure: a middle line from root to tip and the sections along it, to be bent and drawn out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from .tongue import TONGUE_AROUND, TONGUE_STATIONS


@dataclass(frozen=True)
class Bend:
    """How a shape changes the tongue, each as pairs (u, value) between which it runs smoothly; u is 0 root, 1 tip.

    up: radians by which the line has turned up; side: radians to the left; stretch: length factor; width: factor;
    lift: metres the body rises above its line, its underside staying; shift: metres the line moves back; groove: metres
    the middle of the back sinks.
    """

    up: tuple = ()
    side: tuple = ()
    stretch: tuple = ()
    width: tuple = ()
    lift: tuple = ()
    shift: tuple = ()
    groove: tuple = ()


@dataclass(frozen=True)
class Drawn:
    """Where a shape lays the tongue, in rows (u, forward, up, width, height) between which it runs smoothly.

    forward and up: of the middle of a section, in metres from the edge of the lower incisors; width and height: half of
    the section's, in metres. The first row's place is left at rest.
    """

    rows: tuple


@dataclass(frozen=True)
class Line:
    """Points in the tongue's own measure: u along (N,), across and above (N,) the line in metres, half the height and
    width (N,) of their sections; the line (200, 3) and its grid (200,)."""

    u: np.ndarray
    across: np.ndarray
    above: np.ndarray
    half: np.ndarray
    wide: np.ndarray
    grid: np.ndarray
    line: np.ndarray

    @classmethod
    def of(cls, points: np.ndarray) -> Line:
        """Measure a tongue at rest (N, 3)."""
        stations = points[: TONGUE_STATIONS * TONGUE_AROUND].reshape(TONGUE_STATIONS, TONGUE_AROUND, 3)
        y, top, bottom = stations[:, 0, 1], stations[:, :, 2].max(axis=1), stations[:, :, 2].min(axis=1)
        u = (y[0] - points[:, 1]) / (y[0] - y[-1])
        at = (y[0] - y) / (y[0] - y[-1])
        grid = np.linspace(0, max(1.0, u.max()), 200)
        middle = np.interp(grid, at, (top + bottom) / 2)
        line = np.stack([np.zeros_like(grid), y[0] - grid * (y[0] - y[-1]), middle], axis=1)
        above = points[:, 2] - np.interp(u, grid, middle)
        half, wide = np.interp(u, at, (top - bottom) / 2), np.interp(u, at, stations[:, :, 0].max(axis=1))
        return cls(u, points[:, 0], above, half, wide, grid, line)

    def bent(self, bend: Bend) -> np.ndarray:
        """Give the points (N, 3) of the bent tongue, not yet held by palate, teeth and volume."""
        up, side = profile(bend.up, self.grid, 0.0), profile(bend.side, self.grid, 0.0)
        length, width = profile(bend.stretch, self.grid, 1.0), profile(bend.width, self.u, 1.0)
        steps = turned(np.diff(self.line, axis=0), up[1:], side[1:]) * length[1:, None]
        line = np.concatenate([self.line[:1], self.line[0] + np.cumsum(steps, axis=0)])
        line[:, 1] += profile(bend.shift, self.grid, 0.0)
        center = np.stack([np.interp(self.u, self.grid, line[:, k]) for k in range(3)], axis=1)
        tall = 1 / (width * profile(bend.stretch, self.u, 1.0))
        dorsal = np.clip(self.above / self.half, -1, 1)
        above = self.above * tall + profile(bend.lift, self.u, 0.0) * (1 + dorsal) / 2
        above -= profile(bend.groove, self.u, 0.0) * np.exp(-((self.across / 0.006) ** 2)) * np.clip(dorsal, 0, 1)
        section = np.stack([self.across * width, np.zeros_like(above), above], axis=1)
        return center + turned(section, profile(bend.up, self.u, 0.0), profile(bend.side, self.u, 0.0))

    def drawn(self, drawn: Drawn, edge: np.ndarray) -> np.ndarray:
        """Give the points (N, 3) of the tongue laid out, not yet held; edge (3,): of the lower incisors."""
        at, forward, up, wide, high = np.array(drawn.rows).T
        y, z = edge[1] - forward, edge[2] + up
        y[0], z[0] = self.line[0, 1:]
        way = PchipInterpolator(at, np.stack([y, z], axis=1), extrapolate=True)
        inside = np.clip(self.u, 0, 1)
        (y, z), (dy, dz) = way(inside).T, way(inside, 1).T
        turn = np.arctan2(dz, -dy)
        turn -= turn[self.u.argmin()] * (1 - ease(inside / at[1]))  # the root's end stays as it is cut
        beyond = (self.u - inside) * (self.line[0, 1] - self.line[:, 1].min())
        width, height = (PchipInterpolator(at, side)(inside) for side in (wide, high))
        section = np.stack([self.across / self.wide * width, -beyond, self.above / self.half * height], axis=1)
        return np.stack([np.zeros_like(y), y, z], axis=1) + turned(section, turn, np.zeros_like(turn))


def turned(vectors: np.ndarray, up: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Turn vectors (N, 3) up by `up` (N,) about X, then to the left by `side` (N,) about Z."""
    x, y, z = vectors.T
    y, z = y * np.cos(up) + z * np.sin(up), z * np.cos(up) - y * np.sin(up)
    return np.stack([x * np.cos(side) - y * np.sin(side), x * np.sin(side) + y * np.cos(side), z], axis=1)


def profile(pairs: tuple, u: np.ndarray, without: float) -> np.ndarray:
    """Run smoothly through pairs (u, value), level before and after them; `without` when there are none."""
    if not pairs:
        return np.full_like(u, without)
    at, value = np.array(pairs).T
    k = np.clip(np.searchsorted(at, u) - 1, 0, len(at) - 2)
    t = ease((u - at[k]) / (at[k + 1] - at[k]))
    return value[k] * (1 - t) + value[k + 1] * t


def ease(t: np.ndarray) -> np.ndarray:
    """Run from 0 to 1 with level ends."""
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)
