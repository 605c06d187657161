"""What the pieces inside the head have in common: closed quad meshes that follow regions of the scan.

A piece follows the scan's identities and expressions through one affine map per region, fitted to how the scan's own
region moves, so that a tooth stays a tooth and an eye stays round.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .ict import EYE_LEFT, EYE_RIGHT, LOWER_TEETH, SCLERA, UPPER_TEETH
from .patches import Patch, quads


@dataclass(frozen=True)
class Piece:
    """vertices (V, 3) metres, patches with texture coordinates in the atlas, colors (V, 4), part of `Head.part`."""

    vertices: np.ndarray
    patches: list[Patch]
    colors: np.ndarray
    part: str

    @property
    def faces(self) -> np.ndarray:
        """The quads (F, 4) of all patches."""
        return np.concatenate([quads(patch.index) for patch in self.patches])

    @property
    def uv(self) -> np.ndarray:
        """Texture coordinates (F, 4, 2) of the faces' corners."""
        return np.concatenate([quads(patch.uv) for patch in self.patches if patch.uv is not None])

    def mirrored(self, part: str) -> Piece:
        """Give the piece's mirror image; its texture lies mirrored about the middle of the atlas."""
        patches = [Patch(p.index, p.rows, p.columns, p.uv * [-1, 1] + [1, 0]).flipped() for p in self.patches
                   if p.uv is not None]  # fmt: skip
        return Piece(self.vertices * [-1, 1, 1], patches, self.colors, part)


def disc_points(width: int, height: int | None = None) -> np.ndarray:
    """Points (width + 1, height + 1, 2) of a grid bent onto the unit disc (concentric map of Shirley and Chiu)."""
    x, y = np.meshgrid(np.linspace(-1, 1, width + 1), np.linspace(-1, 1, (height or width) + 1), indexing="ij")
    wide = np.abs(x) > np.abs(y)
    radius = np.where(wide, x, y)
    ratio = np.divide(np.where(wide, y, x), radius, out=np.zeros_like(x), where=radius != 0)
    angle = np.where(wide, np.pi / 4 * ratio, np.pi / 2 - np.pi / 4 * ratio)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], -1)


def outward(points: np.ndarray, patches: list[Patch]) -> list[Patch]:
    """Turn all patches of a closed, consistently wound mesh so that their faces look outward (positive volume)."""
    faces = np.concatenate([quads(patch.index) for patch in patches])
    a, b, c, d = (points[faces[:, k]] - points[faces].mean(axis=(0, 1)) for k in range(4))
    volume = (np.cross(a, b) * c).sum() + (np.cross(a, c) * d).sum()
    return patches if volume > 0 else [patch.flipped() for patch in patches]


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
    "cornea_left": slice(EYE_LEFT.start, EYE_LEFT.start + SCLERA),
    "cornea_right": slice(EYE_RIGHT.start, EYE_RIGHT.start + SCLERA),
    "teeth_upper": UPPER_TEETH, "gums_upper": UPPER_TEETH, "teeth_lower": LOWER_TEETH, "gums_lower": LOWER_TEETH,
    "tongue": LOWER_TEETH,
}  # fmt: skip
"""Which region of the scan a piece follows."""
