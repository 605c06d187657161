"""The tongue's shapes for speech, made as a tongue makes them: a bending body that keeps its volume.

The tongue is a muscle without bones. It is described by its middle line from root to tip and by the width and height
of the sections along it; a shape bends and stretches the line, and what a section loses in length or width it gains in
height. Afterwards the surface is held under the palate and off the teeth, and swollen or shrunk evenly until its
volume is that at rest.
Targets of the shapes: Ladefoged and Maddieson 1996, The Sounds of the World's Languages, chapters 2 and 9.
"""

from __future__ import annotations

from dataclasses import dataclass

import igl
import numpy as np

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


BENDS = {
    "tongueOut": Bend(
        up=((0.10, 0.0), (0.35, 0.34), (0.50, 0.16), (0.72, -0.20), (1.0, -0.65)),
        stretch=((0.0, 1.15), (0.25, 1.65), (0.6, 1.85), (1.0, 1.55)),
        width=((0.3, 0.90), (0.7, 0.85), (1.0, 1.05)),
    ),
    "tongueTipUp": Bend(
        up=((0.45, 0.0), (0.68, 0.30), (0.85, 0.55), (1.0, 0.75)), stretch=((0.5, 1.0), (0.9, 0.97)),
        lift=((0.4, 0.0), (0.65, 0.0015), (1.0, 0.0)),
    ),
    "tongueTipTeeth": Bend(
        up=((0.4, 0.0), (0.6, 0.34), (0.8, 0.18), (1.0, -0.05)), stretch=((0.2, 1.0), (0.6, 1.22), (1.0, 1.15)),
    ),
    "tongueBackUp": Bend(
        lift=((0.02, 0.0), (0.30, 0.0115), (0.6, 0.001), (1.0, 0.0)), shift=((0.1, 0.0), (0.4, 0.003), (1.0, 0.004)),
        up=((0.5, 0.0), (1.0, -0.1)),
    ),
    "tongueNarrow": Bend(width=((0.0, 1.0), (0.45, 0.80), (0.9, 0.72)), shift=((0.2, 0.0), (1.0, 0.002))),
    "tongueWide": Bend(width=((0.0, 1.0), (0.4, 1.10), (0.7, 1.22), (1.0, 1.3)), stretch=((0.5, 1.0), (1.0, 0.97))),
    "tongueFrontUp": Bend(
        lift=((0.25, 0.0), (0.6, 0.0115), (0.82, 0.006), (1.0, 0.0)), up=((0.75, 0.0), (1.0, -0.2)),
        shift=((0.0, 0.0), (0.6, -0.001), (1.0, 0.0)),
    ),
    "tongueCurl": Bend(
        up=((0.42, 0.0), (0.6, 0.35), (0.75, 0.75), (0.88, 1.25), (1.0, 1.6)),
        stretch=((0.5, 1.0), (0.8, 1.12), (1.0, 1.0)),
    ),
    "tongueRetract": Bend(
        stretch=((0.0, 0.95), (0.5, 0.82), (1.0, 0.80)), shift=((0.0, 0.005), (0.4, 0.004), (1.0, 0.004)),
        lift=((0.05, 0.0), (0.25, 0.003), (0.5, 0.0)),
    ),
    "tongueDown": Bend(
        lift=((0.1, 0.0), (0.4, -0.0055), (0.75, -0.003), (1.0, 0.0)), groove=((0.2, 0.0), (0.5, 0.002), (0.95, 0.0)),
        width=((0.2, 1.0), (0.6, 1.05), (1.0, 1.05)),
    ),
    "tongueLeft": Bend(side=((0.2, 0.0), (0.6, 0.38), (1.0, 0.75)), up=((0.35, 0.0), (0.58, 0.34), (0.85, 0.12)),
                       stretch=((0.4, 1.0), (0.9, 1.12))),
    "tongueRight": Bend(side=((0.2, 0.0), (0.6, -0.38), (1.0, -0.75)), up=((0.35, 0.0), (0.58, 0.34), (0.85, 0.12)),
                        stretch=((0.4, 1.0), (0.9, 1.12))),
}  # fmt: skip

CEILING = (
    (0.004, 0.004), (0.010, 0.0115), (0.020, 0.019), (0.035, 0.0225), (0.050, 0.020), (0.062, 0.012), (0.075, 0.004),
)  # fmt: skip
"""The palate along the middle: metres behind the upper incisors and above their edges, ridge to soft palate."""


CLEARANCE = 0.0003
"""Metres that the tongue stays off teeth and gums."""

Solid = tuple[np.ndarray, np.ndarray]
"""A closed mesh: vertices (N, 3) and quads (F, 4)."""


def tongue_shapes(tongue: Solid, upper: list[Solid], lower: list[Solid]) -> dict[str, np.ndarray]:
    """Give each shape's delta (N, 3) on the vertices of `tongue`.

    upper, lower: teeth and gums. The tongue comes out over the lower ones with the jaw open, far from the upper ones.
    """
    teeth = upper[0][0]
    front = teeth[np.abs(teeth[:, 0]) < 0.006]
    incisors = np.array([0, front[:, 1].min(), front[:, 2].min()])
    line = _Line.of(tongue[0])
    shapes = {}
    for name, bend in BENDS.items():
        out = name == "tongueOut"
        ceiling = None if out else incisors
        shapes[name] = _held(line.bent(bend), tongue, lower if out else upper + lower, ceiling) - tongue[0]
    return shapes


@dataclass(frozen=True)
class _Line:
    """Points in the tongue's own measure: u along (N,), across and above (N,) the line in metres; the line's grid."""

    u: np.ndarray
    across: np.ndarray
    above: np.ndarray
    half: np.ndarray
    grid: np.ndarray
    line: np.ndarray

    @classmethod
    def of(cls, points: np.ndarray) -> _Line:
        stations = points[: TONGUE_STATIONS * TONGUE_AROUND].reshape(TONGUE_STATIONS, TONGUE_AROUND, 3)
        y, top, bottom = stations[:, 0, 1], stations[:, :, 2].max(axis=1), stations[:, :, 2].min(axis=1)
        u = (y[0] - points[:, 1]) / (y[0] - y[-1])
        at = (y[0] - y) / (y[0] - y[-1])
        grid = np.linspace(0, max(1.0, u.max()), 200)
        middle = np.interp(grid, at, (top + bottom) / 2)
        line = np.stack([np.zeros_like(grid), y[0] - grid * (y[0] - y[-1]), middle], axis=1)
        above = points[:, 2] - np.interp(u, grid, middle)
        return cls(u, points[:, 0], above, np.interp(u, at, (top - bottom) / 2), grid, line)

    def bent(self, bend: Bend) -> np.ndarray:
        """Give the points (N, 3) of the bent tongue, not yet held by palate and volume."""
        up, side = _profile(bend.up, self.grid, 0.0), _profile(bend.side, self.grid, 0.0)
        length, width = _profile(bend.stretch, self.grid, 1.0), _profile(bend.width, self.u, 1.0)
        steps = _turned(np.diff(self.line, axis=0), up[1:], side[1:]) * length[1:, None]
        line = np.concatenate([self.line[:1], self.line[0] + np.cumsum(steps, axis=0)])
        line[:, 1] += _profile(bend.shift, self.grid, 0.0)
        center = np.stack([np.interp(self.u, self.grid, line[:, k]) for k in range(3)], axis=1)
        tall = 1 / (width * _profile(bend.stretch, self.u, 1.0))
        dorsal = np.clip(self.above / self.half, -1, 1)
        above = self.above * tall + _profile(bend.lift, self.u, 0.0) * (1 + dorsal) / 2
        above -= _profile(bend.groove, self.u, 0.0) * np.exp(-((self.across / 0.006) ** 2)) * np.clip(dorsal, 0, 1)
        section = np.stack([self.across * width, np.zeros_like(above), above], axis=1)
        return center + _turned(section, _profile(bend.up, self.u, 0.0), _profile(bend.side, self.u, 0.0))


def _held(posed: np.ndarray, tongue: Solid, solids: list[Solid], incisors: np.ndarray | None) -> np.ndarray:
    """Press the tongue under the palate and off the teeth and give it back its volume; the root stays where it is."""
    rest, faces = tongue
    wanted = volume(rest, faces)
    back = (rest[:, 1].max() - rest[:, 1]) / np.ptp(rest[:, 1])
    loose = _ease(back / 0.2)[:, None]
    posed = rest + (posed - rest) * _ease(back / 0.08)[:, None]
    behind, height = np.array(CEILING).T
    for _ in range(6):
        normal, area = normals(posed, faces)
        posed = posed + loose * normal * (wanted - volume(posed, faces)) / (area * loose[:, 0]).sum()
        for solid in solids:
            posed = _outside(posed, solid)
        if incisors is not None:
            depth = posed[:, 1] - incisors[1]
            ceiling = incisors[2] + np.interp(depth, behind, height)
            posed[:, 2] -= np.where(depth > behind[0], posed[:, 2] - ceiling, 0).clip(0)
    return posed


def _outside(points: np.ndarray, solid: Solid) -> np.ndarray:
    """Bring points (N, 3) that are inside a solid, or closer than CLEARANCE, out of it by the shortest way."""
    corners, quads = solid
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    kind = igl.SIGNED_DISTANCE_TYPE_WINDING_NUMBER
    distance, _, nearest, _ = igl.signed_distance(points, corners, triangles, sign_type=kind)
    way = np.sign(distance)[:, None] * (points - nearest)
    way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    return points + way * np.clip(CLEARANCE - distance, 0, None)[:, None]


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


def _turned(vectors: np.ndarray, up: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Turn vectors (N, 3) up by `up` (N,) about X, then to the left by `side` (N,) about Z."""
    x, y, z = vectors.T
    y, z = y * np.cos(up) + z * np.sin(up), z * np.cos(up) - y * np.sin(up)
    return np.stack([x * np.cos(side) - y * np.sin(side), x * np.sin(side) + y * np.cos(side), z], axis=1)


def _profile(pairs: tuple, u: np.ndarray, without: float) -> np.ndarray:
    if not pairs:
        return np.full_like(u, without)
    at, value = np.array(pairs).T
    k = np.clip(np.searchsorted(at, u) - 1, 0, len(at) - 2)
    t = _ease((u - at[k]) / (at[k + 1] - at[k]))
    return value[k] * (1 - t) + value[k + 1] * t


def _ease(t: np.ndarray) -> np.ndarray:
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)
