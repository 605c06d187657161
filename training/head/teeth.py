"""Builds teeth and gums by rule, sized and set as the scan has them."""

from __future__ import annotations

import numpy as np

from .ict import Ict
from .patches import Patch, disc, evens, placed
from .pieces import Piece, disc_points, outward

UPPER_TEETH_STARTS = (17230, 17416, 17607, 17730, 17895, 17991, 18067, 18143)
LOWER_TEETH_STARTS = (19426, 19602, 19814, 19952, 20079, 20169, 20263, 20349)
"""First scan vertex of each left tooth from the second molar to the central incisor, and one past the last."""


ACROSS, DEEP, TALL = 4, 2, 3
"""Quads of a crown along the arch, through it and up it."""
CELL = (0.0226, 0.058)
TEETH_ORIGIN = {True: (0.757, 0.932), False: (0.757, 0.868)}
"""Size of a tooth's place in the texture, and where the left ones of the upper and lower jaw begin."""


def teeth(ict: Ict, upper: bool) -> Piece:
    """Fourteen crowns with the start of their roots, rounded boxes set where the scan has its teeth."""
    starts = UPPER_TEETH_STARTS if upper else LOWER_TEETH_STARTS
    cube, sides = _crown()
    vertices, patches = [], []
    for k in range(7):
        scan = ict.neutral[starts[k] : starts[k + 1]]
        center, bottom, top = (scan.min(0) + scan.max(0)) / 2, scan.min(0), scan.max(0)
        normal = _arch_normal(ict, upper, k)
        along = np.array([-normal[1], normal[0], 0])
        width = np.ptp((scan - center) @ along) * 1.05
        depth = np.ptp((scan - center) @ normal) * 0.92
        edge = bottom[2] if upper else top[2]
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
        first = sum(len(v) for v in vertices)
        corner = np.add(TEETH_ORIGIN[upper], [(6 - k) * CELL[0], 0])
        shifted = [Patch(p.index + first, p.rows, p.columns, p.uv) for p in sides]
        turned = outward(np.concatenate([*vertices, local]), shifted)
        boxes = ((0.04, 0.02, 0.96, 0.60), (0.04, 0.66, 0.46, 0.98), (0.54, 0.66, 0.96, 0.98))
        for side, box in zip(turned, boxes, strict=True):
            patches += placed(
                [side], tuple(corner + np.multiply(box[:2], CELL)), tuple(corner + np.multiply(box[2:], CELL))
            )
        vertices.append(local)
    half = Piece(np.concatenate(vertices), patches, np.zeros((0, 4)), "")
    other = half.mirrored("")
    beyond = [Patch(p.index + len(half.vertices), p.rows, p.columns, p.uv) for p in other.patches]
    points, patches = np.concatenate([half.vertices, other.vertices]), patches + beyond
    depth = (points[:, 1] - points[:, 1].min()) / np.ptp(points[:, 1])  # molars lie in the shade of the cheeks
    colors = np.c_[np.array([0.74, 0.69, 0.58]) * (1 - 0.82 * depth[:, None] ** 0.8), np.ones(len(points))]
    return Piece(points, patches, colors, "teeth_upper" if upper else "teeth_lower")


def _arch_normal(ict: Ict, upper: bool, k: int) -> np.ndarray:
    """Outward direction of the dental arch at left tooth k, in the horizontal plane."""
    starts = UPPER_TEETH_STARTS if upper else LOWER_TEETH_STARTS
    centers = np.array([ict.neutral[a:b].mean(0) for a, b in zip(starts[:-1], starts[1:], strict=True)])
    line = np.concatenate([centers, (centers * [-1, 1, 1])[::-1]])[:, :2]
    tangent = line[k + 1] - line[max(k - 1, 0)]
    normal = np.array([-tangent[1], tangent[0], 0.0])
    normal *= np.sign(normal[:2] @ (line[k] - [0, -0.06])) or 1
    return normal / np.linalg.norm(normal)


def _crown() -> tuple[np.ndarray, list[Patch]]:
    """A box of quads rounded to the unit ball of the 5-norm, within -1..1: one strip around it, seam at the back, the
    biting end and the root end; z is 1 at the biting edge, y is 1 in front."""
    corners = [(i, 0) for i in range(ACROSS // 2, ACROSS)] + [(ACROSS, j) for j in range(DEEP)]
    corners += [(i, DEEP) for i in range(ACROSS, 0, -1)] + [(0, j) for j in range(DEEP, 0, -1)]
    corners += [(i, 0) for i in range(ACROSS // 2)]
    table: dict[tuple[int, int, int], int] = {}
    strip = np.array([[table.setdefault((i, j, k), len(table)) for i, j in corners] for k in range(TALL + 1)])
    grid = [(i, j) for i in range(ACROSS + 1) for j in range(DEEP + 1)]
    ends = [
        np.array([table.setdefault((i, j, k), len(table)) for i, j in grid]).reshape(ACROSS + 1, DEEP + 1)
        for k in (TALL, 0)
    ]
    points = np.array(list(table)) / [ACROSS, DEEP, TALL] * 2 - 1.0
    points = np.sign(points) * np.abs(points) ** 0.85
    points /= np.linalg.norm(points, ord=5, axis=1, keepdims=True)
    around = np.concatenate([strip, strip[:, :1]], axis=1)
    u, v = np.meshgrid(np.arange(around.shape[1]), np.arange(TALL + 1))
    kept = tuple(k for k, (i, j) in enumerate([*corners, corners[0]]) if i % (ACROSS // 2) == 0 and j % DEEP == 0)
    flat = np.stack(np.meshgrid(np.arange(ACROSS + 1), np.arange(DEEP + 1), indexing="ij"), axis=-1)
    sides = [Patch(around, (0, TALL), kept, np.stack([u, v], axis=-1))]
    sides += [Patch(end, evens(ACROSS + 1), (0, DEEP), flat) for end in ends]
    return points, [sides[0], sides[1].flipped(), sides[2]]


AROUND = 12
GUMS_BOX = {True: ((0.918, 0.832), (0.952, 0.978)), False: ((0.958, 0.832), (0.992, 0.978))}
"""Quads around the gum, and where its left half lies in the texture."""


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
    turn = np.linspace(0, 2 * np.pi, AROUND, endpoint=False) + np.arctan2(1, 2)
    ring = np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** 0.7, np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** 0.7
    depth, height = 0.0052, 0.0045
    body = (
        path[:, None]
        + ring[0][None, :, None] * depth * normal[:, None]
        + ring[1][None, :, None] * height * np.array([0, 0, 1.0])
    )
    points = body.reshape(-1, 3)
    index = np.arange(len(points)).reshape(stations, AROUND)
    around = np.concatenate([index, index[:, :1]], axis=1)
    u, v = np.meshgrid(np.arange(AROUND + 1.0), np.arange(stations), indexing="xy")
    sides = [Patch(around, evens(stations), evens(AROUND + 1), np.stack([u, v], axis=-1))]
    for station, flip in ((0, False), (stations - 1, True)):
        fill = disc(index[station], 4, 2, len(points))
        inside = disc_points(4, 2)[1:-1, 1:-1].reshape(-1, 2)
        middle = points[index[station]].mean(0)
        across, up = depth * normal[station], height * np.array([0, 0, 1.0])
        points = np.concatenate([points, middle - inside @ np.stack([across, up])])
        cap = Patch(fill, evens(5), evens(3), disc_points(4, 2))
        sides.append(cap.flipped() if flip else cap)
    strip, *caps = outward(points, sides)
    patches: list[Patch] = []
    low, high = GUMS_BOX[upper]
    middle = stations // 2
    for way, cap in zip((1, -1), caps, strict=True):
        rows = slice(0, middle + 1) if way == 1 else slice(middle, None)
        piece = Patch(strip.index[rows], evens(middle + 1), strip.columns, np.stack([u, way * v], axis=-1)[rows])
        end = (low[0], high[1] + 0.002), (low[0] + 0.012, high[1] + 0.008)
        patches += placed([piece], *((low, high) if way == 1 else _opposite(low, high)))
        patches += placed([cap], *(end if way == 1 else _opposite(*end)))
    colors = np.tile([0.42, 0.13, 0.12, 1.0], (len(points), 1))
    return Piece(points, patches, colors, "gums_upper" if upper else "gums_lower")


def _opposite(low: tuple[float, float], high: tuple[float, float]) -> tuple[tuple[float, float], tuple[float, float]]:
    """The box on the other side of the atlas."""
    return (1 - high[0], low[1]), (1 - low[0], high[1])
