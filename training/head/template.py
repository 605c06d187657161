"""Assembles the template: the placed skin, mirrored, with its pieces, parts, texture coordinates, joints and weights.

Everything the template inherits from the scan goes through one sparse matrix: `follow` carries displacements of scan
vertices to template vertices, so identities and expressions of the scan become identities and shapes of the template.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from scipy.spatial import cKDTree

from . import joints, skinning
from .cavities import mend
from .domain import Domain, flatten
from .embed import Placement, place
from .eyeball import cornea, eyeball
from .hairs import Planted, brows, lashes
from .ict import EYE_LEFT, SCLERA, Ict
from .layout import LID_INNER, LIP_INNER, Layout, build
from .masks import brow_line
from .patches import coarse_corners
from .pieces import REGIONS, Piece, affine_follow
from .regions import regions
from .teeth import gums, teeth
from .tongue import tongue
from .unwrap import unwrap


@dataclass(frozen=True)
class Template:
    """The mean head with what training needs to know about it.

    vertices (V, 3), faces (F, 4), uv (F, 4, 2), part (F,), region (F,), colors (V, 4), mirror (V,): partner of each
    vertex, follow (V, S): displacements of the scan to ours, skin: vertices before this are skin, joints (J, 3), tails
    (J, 3), joint_rows (2J, V): joints, then tails, as mixes of vertices, skin_weights (V, J), game (G, 4): corners of
    the game level (see `patches.coarse_corners`). Lashes and brows are not among the vertices: nothing about them is
    learned, they grow out of what is (`planted`; `complete.py` adds them for the product).
    """

    vertices: np.ndarray
    faces: np.ndarray
    uv: np.ndarray
    part: np.ndarray
    region: np.ndarray
    colors: np.ndarray
    mirror: np.ndarray
    follow: sparse.csr_matrix
    skin: int
    joints: np.ndarray
    tails: np.ndarray
    joint_rows: sparse.csr_matrix
    skin_weights: np.ndarray
    layout: Layout
    piece_slices: dict[str, slice]
    game: np.ndarray
    planted: tuple[Planted, ...]

    def eye(self, side: str) -> slice:
        """Give the vertices of an eyeball, "left" or "right", and of its cornea, which turns with it."""
        return slice(self.piece_slices[f"eye_{side}"].start, self.piece_slices[f"cornea_{side}"].stop)


def assemble(ict: Ict) -> Template:
    """Build the template from the scanned mean; takes about half a minute."""
    layout, domain = build(), flatten(ict)
    placement = place(layout, domain)
    vertices, faces, uv, part, mirror, follow = _skin(ict, layout, domain, placement)
    skin = len(vertices)
    colors = np.ones((skin, 4))
    game = coarse_corners(layout.faces, layout.patches())
    far = game // 4 * 4 + 3 - game % 4 + 4 * len(layout.faces)  # the right faces run the other way round
    rows, slices, corners = [follow], {}, [game, far[:, ::-1]]
    for piece in _pieces(ict, vertices, layout):
        start = len(vertices)
        slices[piece.part] = slice(start, start + len(piece.vertices))
        corners.append(coarse_corners(piece.faces, piece.patches) + 4 * len(faces))
        vertices = np.concatenate([vertices, piece.vertices])
        faces = np.concatenate([faces, piece.faces + start])
        uv = np.concatenate([uv, piece.uv])
        part = np.concatenate([part, np.full(len(piece.faces), piece.part)])
        colors = np.concatenate([colors, piece.colors])
        rows.append(_affine_rows(ict, piece.vertices, REGIONS[piece.part], len(ict.neutral)))
    mirror = np.concatenate([mirror, _mirror_partners(vertices, skin, slices)])
    follow = sparse.vstack(rows).tocsr()
    placed = joints.place(vertices, skin, mirror, layout, slices)
    weights = skinning.weights(
        vertices, faces, skin, layout, mirror, slices, placed.joints, follow @ ict.expressions["jawOpen"]
    )
    line, width = brow_line(ict)
    planted = (
        lashes(vertices, layout, mirror, slices["eye_left"]),
        brows(vertices[:skin], layout, mirror, line, width),
    )
    return Template(
        vertices, faces, uv, part, _regions(layout, vertices, faces, part), colors, mirror, follow, skin,
        placed.joints, placed.tails, placed.rows, weights, layout, slices, np.concatenate(corners), planted,
    )  # fmt: skip


def _pieces(ict: Ict, skin: np.ndarray, layout: Layout) -> list[Piece]:
    """What stands inside the head, in the order of its vertices; a cornea follows its eyeball."""
    center, radius = _eye(ict, skin, layout)
    left, over = eyeball(center, radius), cornea(center, radius)
    return [left, over, left.mirrored("eye_right"), over.mirrored("cornea_right"), teeth(ict, True), teeth(ict, False),
            gums(ict, True), gums(ict, False), tongue(ict)]  # fmt: skip


def _regions(layout: Layout, vertices: np.ndarray, faces: np.ndarray, part: np.ndarray) -> np.ndarray:
    left = regions(layout, vertices)
    right = np.char.replace(left, ".L", ".R")
    inside = np.full(len(faces) - 2 * len(left), "", left.dtype)
    names = np.concatenate([left, right, inside])
    names[part == "mouth"] = ""
    return names


def _skin(ict: Ict, layout: Layout, domain: Domain, placement: Placement) -> tuple:
    half = np.einsum("vk,vkd->vd", placement.weights, domain.surface[placement.indices])
    mended = mend(layout, half)
    half = mended @ half
    half[layout.midline, 0] = 0
    on_midline = np.zeros(layout.count, bool)
    on_midline[layout.midline] = True
    other = np.where(on_midline, np.arange(layout.count), layout.count + np.cumsum(~on_midline) - 1)
    twins = np.flatnonzero(~on_midline)
    vertices = np.concatenate([half, half[twins] * [-1, 1, 1]])
    faces = np.concatenate([layout.faces, other[layout.faces][:, ::-1]])
    uv = unwrap(vertices, layout, other)
    mirror = np.concatenate([other, twins])
    count = len(ict.neutral)
    rows = np.repeat(np.arange(layout.count), 3)
    left = sparse.coo_matrix(
        (placement.weights.ravel(), (rows, domain.origin[placement.indices].ravel())), (layout.count, count)
    ).tocsr()
    swapped = ict.mirror[domain.origin[placement.indices]].ravel()
    right = sparse.coo_matrix((placement.weights.ravel(), (rows, swapped)), (layout.count, count)).tocsr()
    follow = sparse.vstack([mended @ left, (mended @ right)[twins]])
    inner = np.zeros(len(vertices), bool)
    for ring in layout.rings["mouth"][LIP_INNER:]:
        inner[ring] = inner[other[ring]] = True
    fill = layout.fills["mouth"].ravel()
    inner[fill] = inner[other[fill]] = True
    part = np.where(inner[faces].all(axis=1), "mouth", "skin").astype("<U12")
    return vertices, faces, uv, part, mirror, follow


def _eye(ict: Ict, skin: np.ndarray, layout: Layout) -> tuple[np.ndarray, float]:
    """Center and radius of the left eye: centred as the back of the scan's eye is, and as large as the lids leave
    room for."""
    scan = ict.neutral[EYE_LEFT.start : EYE_LEFT.start + SCLERA]
    back = scan[scan[:, 1] > np.median(scan[:, 1])]
    solution = np.linalg.lstsq(np.c_[2 * back, np.ones(len(back))], (back**2).sum(axis=1), rcond=None)[0]
    center = solution[:3]
    lids = layout.rings["eye"][LID_INNER]
    return center, float(np.percentile(np.linalg.norm(skin[lids] - center, axis=1), 15))


def _mirror_partners(vertices: np.ndarray, skin: int, slices: dict[str, slice]) -> np.ndarray:
    """The nearest vertex to each one's mirror image, within its part or the same part of the other side."""
    partner = np.empty(len(vertices), int)
    for name, where in slices.items():
        swapped = name.replace("left", "LEFT").replace("right", "left").replace("LEFT", "right")
        other = slices[swapped]
        near = cKDTree(vertices[other]).query(vertices[where] * [-1, 1, 1])[1]
        partner[where] = other.start + near
    return partner[skin:]


def _affine_rows(ict: Ict, points: np.ndarray, region: slice, columns: int) -> sparse.csr_matrix:
    table = affine_follow(ict.neutral[region], points)
    rows, inside = np.indices(table.shape)
    return sparse.coo_matrix(
        (table.ravel(), (rows.ravel(), inside.ravel() + region.start)), (len(points), columns)
    ).tocsr()
