"""What the pieces inside the head have in common: closed quad meshes that follow regions of the scan.

A piece follows the scan's identities and expressions through one affine map per region, fitted to how the scan's own
region moves, so that a tooth stays a tooth and an eye stays round.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .ict import EYE_LEFT, EYE_RIGHT, LOWER_TEETH, SCLERA, UPPER_TEETH


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


def outward(points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Turn all faces of a closed, consistently wound mesh so that they look outward (positive volume)."""
    a, b, c, d = (points[faces[:, k]] - points.mean(0) for k in range(4))
    volume = (np.cross(a, b) * c).sum() + (np.cross(a, c) * d).sum()
    return faces if volume > 0 else faces[:, ::-1]


def planar(points: np.ndarray, axes: tuple[int, int]) -> np.ndarray:
    """Give texture coordinates (V, 2) within 0..1 by looking along the third axis."""
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
    "eye_left": slice(EYE_LEFT.start, EYE_LEFT.start + SCLERA),
    "eye_right": slice(EYE_RIGHT.start, EYE_RIGHT.start + SCLERA),
    "teeth_upper": UPPER_TEETH, "gums_upper": UPPER_TEETH, "teeth_lower": LOWER_TEETH, "gums_lower": LOWER_TEETH,
    "tongue": LOWER_TEETH,
}  # fmt: skip
"""Which region of the scan a piece follows."""
