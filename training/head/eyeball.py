"""Builds the eyeballs."""

from __future__ import annotations

import numpy as np

from .pieces import Piece, closed_disc, disc_points, grid_faces

EYE_SEGMENTS = 32


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
