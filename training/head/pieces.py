"""Builds what lies inside the head, by rule: eyeballs, teeth, gums and tongue, sized to fit the scanned mean.

Each piece is a closed quad mesh of its own. It follows the scan's identities and expressions through one affine map
per region, fitted to how the scan's own region moves, so that a tooth stays a tooth and an eye stays round.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .ict import LOWER_TEETH, UPPER_TEETH, Ict

EYE_SEGMENTS = 32
UPPER_TEETH_STARTS = (17230, 17416, 17607, 17730, 17895, 17991, 18067, 18143)
LOWER_TEETH_STARTS = (19426, 19602, 19814, 19952, 20079, 20169, 20263, 20349)
"""First scan vertex of each left tooth from the second molar to the central incisor, and one past the last."""


@dataclass(frozen=True)
class Piece:
    """vertices (V, 3) metres, faces (F, 4), uv (F, 4, 2) within 0..1, colors (V, 4), part of `Head.part`."""

    vertices: np.ndarray
    faces: np.ndarray
    uv: np.ndarray
    colors: np.ndarray
    part: str


def grid_faces(rows: int, columns: int, closed: bool) -> np.ndarray:
    """Quads of a grid of vertices numbered row by row; with `closed`, the last column joins the first."""
    spans = columns if closed else columns - 1
    r, c = np.meshgrid(np.arange(rows - 1), np.arange(spans), indexing="ij")
    n = (c + 1) % columns
    return np.stack([r * columns + c, r * columns + n, (r + 1) * columns + n, (r + 1) * columns + c], -1).reshape(-1, 4)


def closed_disc(ring: np.ndarray, first_new: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Fill a ring of 4n vertices with an n by n grid; give the grid of indices, the faces and the count of new ones."""
    n = len(ring) // 4
    fill = np.full((n + 1, n + 1), -1)
    for k in range(n):
        fill[k, 0], fill[n, k], fill[n - k, n], fill[0, n - k] = ring[k], ring[n + k], ring[2 * n + k], ring[3 * n + k]
    new = fill < 0
    fill[new] = first_new + np.arange(new.sum())
    i, j = np.meshgrid(np.arange(n), np.arange(n), indexing="ij")
    faces = np.stack([fill[i, j], fill[i + 1, j], fill[i + 1, j + 1], fill[i, j + 1]], -1).reshape(-1, 4)
    return fill, faces, int(new.sum())


def disc_points(n: int) -> np.ndarray:
    """Points (n + 1, n + 1, 2) of a square grid bent onto the unit disc (concentric map of Shirley and Chiu)."""
    a = np.linspace(-1, 1, n + 1)
    x, y = np.meshgrid(a, a, indexing="ij")
    wide = np.abs(x) > np.abs(y)
    radius = np.where(wide, x, y)
    ratio = np.divide(np.where(wide, y, x), radius, out=np.zeros_like(x), where=radius != 0)
    angle = np.where(wide, np.pi / 4 * ratio, np.pi / 2 - np.pi / 4 * ratio)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], -1)


def eyeball(center: np.ndarray, radius: float, part: str) -> Piece:
    """An eyeball looking along -Y: white, iris on the bulge of the cornea, pupil; centred on `center`."""
    iris, pupil = 0.37, 0.13  # half-angles seen from the centre, radians: a 12 mm iris on the scan's 30 mm eye
    angles = np.r_[pupil, pupil + 0.02, np.linspace(pupil + 0.09, iris - 0.03, 3), iris, iris + 0.04, iris + 0.12,
                   np.linspace(iris + 0.28, np.pi - 0.25, 9)]  # fmt: skip
    turn = np.pi / 4 + np.linspace(0, 2 * np.pi, EYE_SEGMENTS, endpoint=False) + np.pi
    rings = len(angles)
    n = EYE_SEGMENTS // 4
    flat = [
        np.stack([np.sin(a) * np.cos(turn), np.sin(a) * np.sin(turn), np.full(EYE_SEGMENTS, np.cos(a))], -1)
        for a in angles
    ]
    points = np.concatenate(flat)
    faces = [grid_faces(rings, EYE_SEGMENTS, closed=True)[:, ::-1]]
    ring_front, ring_back = np.arange(EYE_SEGMENTS), np.arange(EYE_SEGMENTS) + (rings - 1) * EYE_SEGMENTS
    for ring, angle, flip in ((ring_front, angles[0], False), (ring_back, angles[-1], True)):
        fill, new_faces, _ = closed_disc(ring, len(points))
        inner = disc_points(n)[1:-1, 1:-1].reshape(-1, 2)
        reach = np.linalg.norm(inner, axis=1) * (angle if not flip else np.pi - angle)
        around = np.arctan2(inner[:, 1], inner[:, 0])
        depth = np.cos(reach) * (-1 if flip else 1)
        points = np.concatenate(
            [points, np.stack([np.sin(reach) * np.cos(around), np.sin(reach) * np.sin(around), depth], -1)]
        )
        faces.append(new_faces[:, ::-1] if flip else new_faces)
        assert fill.max() == len(points) - 1
    all_faces = np.concatenate(faces)
    polar = np.arccos(np.clip(points[:, 2], -1, 1))
    bulge = 1 + 0.028 * np.clip(1 - (polar / (iris + 0.08)) ** 2, 0, 1)
    colors = np.ones((len(points), 4))
    colors[:, :3] = (0.80, 0.76, 0.73)
    spokes = 0.75 + 0.25 * np.cos(9 * np.arctan2(points[:, 1], points[:, 0]))
    shade = np.clip((polar - pupil) / (iris - pupil), 0, 1)
    brown = np.array([0.13, 0.075, 0.035]) * (1.3 - 0.8 * shade[:, None]) * spokes[:, None]
    colors[polar < iris + 0.01, :3] = brown[polar < iris + 0.01]
    colors[polar > iris - 0.01, :3] *= np.where(polar[polar > iris - 0.01, None] < iris + 0.01, 0.35, 1)
    colors[polar <= pupil + 0.001, :3] = 0.004
    x, up, front = (points * (radius * bulge)[:, None]).T
    vertices = center + np.stack([x, -front, up], axis=-1)
    spread = np.stack(
        [np.cos(np.arctan2(points[:, 1], points[:, 0])), np.sin(np.arctan2(points[:, 1], points[:, 0]))], -1
    )
    uv = 0.5 + 0.5 * spread * (polar / np.pi)[:, None]
    return Piece(vertices, all_faces, uv[all_faces], colors, part)


def teeth(ict: Ict, upper: bool) -> Piece:
    """Fourteen crowns with the start of their roots, rounded boxes set where the scan has its teeth."""
    starts = UPPER_TEETH_STARTS if upper else LOWER_TEETH_STARTS
    cube, cube_faces = _rounded_cube(3)
    vertices, faces, uv = [], [], []
    for k in range(7):
        scan = ict.neutral[starts[k] : starts[k + 1]]
        center, low, high = (scan.min(0) + scan.max(0)) / 2, scan.min(0), scan.max(0)
        normal = _arch_normal(ict, upper, k)
        along = np.array([-normal[1], normal[0], 0])
        width = np.ptp((scan - center) @ along) * 1.05
        depth = np.ptp((scan - center) @ normal) * 0.92
        edge = low[2] if upper else high[2]
        sign = -1 if upper else 1
        height = 0.0135 if k >= 4 else 0.0105
        t = (cube[:, 2] + 1) / 2  # 0 at the root, 1 at the biting edge
        front_tooth = k >= 4
        thin = 1 - (0.62 if k > 4 else 0.45) * t**1.5 if front_tooth else 1 - 0.12 * t**2
        narrow = 0.82 + 0.18 * np.minimum(1, t * 1.8) - (0.25 * t**3 if k == 4 else 0.03 * t**6)
        tip = (1 - 0.08 * cube[:, 0] ** 2) if k >= 5 else 1 - (0.25 * np.abs(cube[:, 0]) ** 1.5 if k == 4 else 0)
        lean = 0.10 * (1 - t) * depth if front_tooth else 0
        local = (
            center * [1, 1, 0]
            + np.outer(cube[:, 0] * width / 2 * narrow, along)
            + np.outer(cube[:, 1] * depth / 2 * thin + (depth / 2) * (1 - thin) * 0.55 - lean, normal)
        )
        if not front_tooth:
            local[:, 2] += 0.0012 * (t > 0.9) * sign * (np.cos(cube[:, 0] * 6) - 1) * 0.5
        local[:, 2] = edge - sign * height * (1 - t * tip) + (local[:, 2] if not front_tooth else 0)
        for side in (1, -1):
            at = sum(len(v) for v in vertices)
            outward = (cube_faces if (side == 1) == _right_handed(along, normal, sign) else cube_faces[:, ::-1]) + at
            vertices.append(local * [side, 1, 1])
            faces.append(outward)
            cell = np.array([(k + (0 if side == 1 else 7)) / 14, 0.0])
            uv.append(
                (cell + (cube[:, [0, 2]] + 1) / 2 * [1 / 14, 1])[
                    cube_faces if outward[0, 0] - at == cube_faces[0, 0] else cube_faces[:, ::-1]
                ]
            )
    points = np.concatenate(vertices)
    depth = (points[:, 1] - points[:, 1].min()) / np.ptp(points[:, 1])  # molars lie in the shade of the cheeks
    colors = np.c_[np.array([0.74, 0.69, 0.58]) * (1 - 0.55 * depth[:, None]), np.ones(len(points))]
    return Piece(points, np.concatenate(faces), np.concatenate(uv), colors, "teeth_upper" if upper else "teeth_lower")


def _right_handed(along: np.ndarray, normal: np.ndarray, sign: int) -> bool:
    return bool(np.linalg.det([along, normal, [0, 0, sign]]) > 0)


def _arch_normal(ict: Ict, upper: bool, k: int) -> np.ndarray:
    """Outward direction of the dental arch at left tooth k, in the horizontal plane."""
    starts = UPPER_TEETH_STARTS if upper else LOWER_TEETH_STARTS
    centers = np.array([ict.neutral[a:b].mean(0) for a, b in zip(starts[:-1], starts[1:], strict=True)])
    line = np.concatenate([centers, (centers * [-1, 1, 1])[::-1]])[:, :2]
    tangent = line[k + 1] - line[max(k - 1, 0)]
    normal = np.array([-tangent[1], tangent[0], 0.0])
    normal *= np.sign(normal[:2] @ (line[k] - [0, -0.06])) or 1
    return normal / np.linalg.norm(normal)


def _rounded_cube(n: int) -> tuple[np.ndarray, np.ndarray]:
    """A cube of n by n quads a side, rounded to the unit ball of the 5-norm; vertices within -1..1, faces outward."""
    table: dict[tuple[int, int, int], int] = {}
    faces = []
    for axis in range(3):
        for side in (0, n):
            for i in range(n):
                for j in range(n):
                    quad = []
                    for a, b in ((i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)):
                        key = [0, 0, 0]
                        key[axis], key[(axis + 1) % 3], key[(axis + 2) % 3] = side, a, b
                        quad.append(table.setdefault((key[0], key[1], key[2]), len(table)))
                    faces.append(quad if side == n else quad[::-1])
    points = np.array(list(table)) / n * 2 - 1.0
    points = np.sign(points) * np.abs(points) ** 0.85
    return points / np.linalg.norm(points, ord=5, axis=1, keepdims=True), np.array(faces)


def gums(ict: Ict, upper: bool) -> Piece:
    """A horseshoe of gum over the roots: a tube swept along the dental arch."""
    starts = UPPER_TEETH_STARTS if upper else LOWER_TEETH_STARTS
    scans = [ict.neutral[a:b] for a, b in zip(starts[:-1], starts[1:], strict=True)]
    center = np.array([(s.min(0) + s.max(0)) / 2 for s in scans])
    edge = np.array([s[:, 2].min() if upper else s[:, 2].max() for s in scans])
    sign = -1 if upper else 1
    center[:, 2] = edge - sign * np.where(np.arange(7) >= 4, 0.0125, 0.0105)
    back = 2 * center[0] - center[1]
    half = np.concatenate([[back], center, [center[-1] * [0, 1, 1] + [0, -0.001, 0]]])
    line = np.concatenate([half, (half * [-1, 1, 1])[-2::-1]])
    stations = 33
    at = np.linspace(0, len(line) - 1, stations)
    path = np.stack([np.interp(at, np.arange(len(line)), line[:, k]) for k in range(3)], axis=1)
    path = (path + path[::-1] * [-1, 1, 1]) / 2
    tangent = np.gradient(path, axis=0)
    normal = np.stack([-tangent[:, 1], tangent[:, 0], np.zeros(stations)], 1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    normal *= np.sign((normal * (path - [0, -0.06, path[0, 2]])).sum(1))[:, None]
    turn = np.linspace(0, 2 * np.pi, 12, endpoint=False) + np.pi / 4
    ring = np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** 0.7, np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** 0.7
    depth, height = 0.0052, 0.0045
    body = (
        path[:, None]
        + ring[0][None, :, None] * depth * normal[:, None]
        + ring[1][None, :, None] * height * np.array([0, 0, 1.0])
    )
    points = body.reshape(-1, 3)
    faces = [grid_faces(stations, 12, closed=True)]
    for first, flip in ((0, True), ((stations - 1) * 12, False)):
        ends = np.arange(12) + first
        fill, new_faces, _ = closed_disc(ends, len(points))
        inside = disc_points(3)[1:-1, 1:-1].reshape(-1, 2)
        middle = points[ends].mean(0)
        one, other = points[ends[0]] - middle, points[ends[3]] - middle
        points = np.concatenate([points, middle + inside @ np.stack([(one - other) / 2, (one + other) / 2]) * 0.9])
        faces.append(new_faces[:, ::-1] if flip else new_faces)
        del fill
    all_faces = _outward(points, np.concatenate(faces))
    colors = np.tile([0.42, 0.13, 0.12, 1.0], (len(points), 1))
    uv = _planar(points, (0, 1))[all_faces]
    return Piece(points, all_faces, uv, colors, "gums_upper" if upper else "gums_lower")


TONGUE_STATIONS, TONGUE_AROUND = 18, 20


def tongue(ict: Ict) -> Piece:
    """A tongue from root to tip, lying between the lower teeth; stations run along its length."""
    lower = ict.neutral[LOWER_TEETH]
    arch_top = np.percentile(lower[:, 2], 97)
    tip_y = ict.neutral[LOWER_TEETH_STARTS[6] : LOWER_TEETH_STARTS[7], 1].max() - 0.001
    u = np.linspace(0, 1, TONGUE_STATIONS) ** 0.9
    y = np.interp(u, [0, 0.25, 1], [-0.034, -0.046, tip_y])
    top = arch_top + np.interp(u, [0, 0.15, 0.4, 0.75, 1], [-0.016, -0.002, 0.0035, -0.002, -0.0065])
    bottom = arch_top + np.interp(u, [0, 0.3, 0.7, 1], [-0.040, -0.024, -0.0150, -0.0100])
    width = np.interp(u, [0, 0.2, 0.55, 0.8, 0.93, 1], [0.015, 0.0185, 0.0170, 0.0135, 0.0095, 0.0055])
    turn = np.linspace(0, 2 * np.pi, TONGUE_AROUND, endpoint=False) + np.pi / 4 + np.pi
    across, up = np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** 0.8, np.sin(turn)
    middle, half = (top + bottom) / 2, (top - bottom) / 2
    groove = 0.0012 * np.exp(-((across / 0.25) ** 2)) * (up > 0.3)
    rings = np.stack(
        [
            np.outer(width, across),
            np.repeat(y[:, None], TONGUE_AROUND, 1),
            middle[:, None] + np.outer(half, up) - groove[None] * (u[:, None] < 0.95),
        ],
        -1,
    )
    points = rings.reshape(-1, 3)
    faces = [grid_faces(TONGUE_STATIONS, TONGUE_AROUND, closed=True)]
    for station, bulge in ((0, 0.0), (TONGUE_STATIONS - 1, -0.0035)):
        ends = np.arange(TONGUE_AROUND) + station * TONGUE_AROUND
        _, new_faces, _ = closed_disc(ends, len(points))
        inside = disc_points(TONGUE_AROUND // 4)[1:-1, 1:-1].reshape(-1, 2)
        dome = np.sqrt(np.clip(1 - (inside**2).sum(1), 0, 1))
        inner = np.stack(
            [inside[:, 0] * width[station], y[station] + bulge * dome, middle[station] + inside[:, 1] * half[station]],
            1,
        )
        points = np.concatenate([points, inner])
        faces.append(new_faces[:, ::-1] if station == 0 else new_faces)
    all_faces = _outward(points, np.concatenate(faces))
    colors = np.tile([0.50, 0.17, 0.16, 1.0], (len(points), 1))
    return Piece(points, all_faces, _planar(points, (0, 1))[all_faces], colors, "tongue")


def _outward(points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Turn all faces of a closed, consistently wound mesh so that they look outward (positive volume)."""
    a, b, c, d = (points[faces[:, k]] - points.mean(0) for k in range(4))
    volume = (np.cross(a, b) * c).sum() + (np.cross(a, c) * d).sum()
    return faces if volume > 0 else faces[:, ::-1]


def _planar(points: np.ndarray, axes: tuple[int, int]) -> np.ndarray:
    flat = points[:, axes]
    return (flat - flat.min(0)) / np.ptp(flat, axis=0).max()


def affine_follow(scan: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The linear map (P, S) that carries displacements of scan vertices (S, 3) to points (P, 3).

    Displacements are first fitted, in the least-squares sense, by one affine field over the region.
    """
    center = scan.mean(0)
    basis = np.c_[np.ones(len(scan)), (scan - center) / 0.05]
    target = np.c_[np.ones(len(points)), (points - center) / 0.05]
    return target @ np.linalg.pinv(basis)


REGIONS = {
    "teeth_upper": UPPER_TEETH, "gums_upper": UPPER_TEETH, "teeth_lower": LOWER_TEETH, "gums_lower": LOWER_TEETH,
    "tongue": LOWER_TEETH,
}  # fmt: skip
"""Which region of the scan a piece follows."""
