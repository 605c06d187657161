"""Builds teeth and gums by rule, sized and set as the scan has them."""

from __future__ import annotations

import numpy as np

from .ict import Ict
from .pieces import Piece, closed_disc, disc_points, grid_faces, outward, planar

UPPER_TEETH_STARTS = (17230, 17416, 17607, 17730, 17895, 17991, 18067, 18143)
LOWER_TEETH_STARTS = (19426, 19602, 19814, 19952, 20079, 20169, 20263, 20349)
"""First scan vertex of each left tooth from the second molar to the central incisor, and one past the last."""


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
    colors = np.c_[np.array([0.74, 0.69, 0.58]) * (1 - 0.82 * depth[:, None] ** 0.8), np.ones(len(points))]
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
    all_faces = outward(points, np.concatenate(faces))
    colors = np.tile([0.42, 0.13, 0.12, 1.0], (len(points), 1))
    uv = planar(points, (0, 1))[all_faces]
    return Piece(points, all_faces, uv, colors, "gums_upper" if upper else "gums_lower")
