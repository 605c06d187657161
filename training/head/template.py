"""Assembles the template: the placed skin, mirrored, with its pieces, parts, texture coordinates, joints and weights.

Everything the template inherits from the scan goes through one sparse matrix: `follow` carries displacements of scan
vertices to template vertices, so identities and expressions of the scan become identities and shapes of the template.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse

from . import joints, skinning
from .cavities import mend
from .domain import Domain, flatten
from .embed import Placement, place
from .eyeball import eyeball
from .ict import EYE_LEFT, SCLERA, Ict
from .layout import LID_INNER, LIP_INNER, Layout, build
from .pieces import REGIONS, Piece, affine_follow
from .teeth import gums, teeth
from .tongue import tongue
from .unwrap import unwrap


@dataclass(frozen=True)
class Template:
    """The mean head with what training needs to know about it.

    vertices (V, 3), faces (F, 4), uv (F, 4, 2), part (F,), colors (V, 4), mirror (V,): partner of each vertex,
    follow (V, S): displacements of the scan to ours, skin: vertices before this are skin, joints (J, 3), tails (J, 3),
    joint_rows (2J, V): joints, then tails, as mixes of vertices, skin_weights (V, J).
    """

    vertices: np.ndarray
    faces: np.ndarray
    uv: np.ndarray
    part: np.ndarray
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


def assemble(ict: Ict) -> Template:
    """Build the template from the scanned mean; takes about a minute."""
    layout, domain = build(), flatten(ict)
    placement = place(layout, domain)
    vertices, faces, uv, part, mirror, follow = _skin(ict, layout, domain, placement)
    skin = len(vertices)
    colors = np.ones((skin, 4))
    left = _eye(ict, vertices, layout)
    inside = [left, _mirrored(left, "eye_right"), teeth(ict, True), teeth(ict, False), gums(ict, True),
              gums(ict, False), tongue(ict)]  # fmt: skip
    rows, slices = [follow], {}
    for piece, cell in zip(inside, _CELLS, strict=True):
        start = len(vertices)
        slices[piece.part] = slice(start, start + len(piece.vertices))
        vertices = np.concatenate([vertices, piece.vertices])
        faces = np.concatenate([faces, piece.faces + start])
        uv = np.concatenate([uv, cell + piece.uv * _CELL_SIZE])
        part = np.concatenate([part, np.full(len(piece.faces), piece.part)])
        colors = np.concatenate([colors, piece.colors])
        rows.append(_affine_rows(ict, piece.vertices, REGIONS[piece.part], len(ict.neutral)))
    mirror = np.concatenate([mirror, _mirror_partners(vertices[skin:]) + skin])
    follow = sparse.vstack(rows).tocsr()
    placed = joints.place(vertices, skin, mirror, layout, slices)
    weights = skinning.weights(
        vertices, faces, skin, layout, mirror, slices, placed.joints, follow @ ict.expressions["jawOpen"]
    )
    return Template(vertices, faces, uv, part, colors, mirror, follow, skin, placed.joints, placed.tails, placed.rows,
                    weights, layout, slices)  # fmt: skip


_CELL_SIZE = 0.105
_CELLS = [np.array([0.01 + 0.112 * k, 0.885]) for k in range(7)]
"""Where the pieces inside the head have their texture, above the skin's."""


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


def _eye(ict: Ict, skin: np.ndarray, layout: Layout) -> Piece:
    """The left eye: centred as the back of the scan's eye is, a true ball, and as large as the lids leave room for."""
    scan = ict.neutral[EYE_LEFT.start : EYE_LEFT.start + SCLERA]
    back = scan[scan[:, 1] > np.median(scan[:, 1])]
    solution = np.linalg.lstsq(np.c_[2 * back, np.ones(len(back))], (back**2).sum(axis=1), rcond=None)[0]
    center = solution[:3]
    lids = layout.rings["eye"][LID_INNER]
    radius = np.percentile(np.linalg.norm(skin[lids] - center, axis=1), 15)
    return eyeball(center, radius, "eye_left")


def _mirrored(piece: Piece, part: str) -> Piece:
    return Piece(piece.vertices * [-1, 1, 1], piece.faces[:, ::-1], piece.uv[:, ::-1], piece.colors, part)


def _mirror_partners(points: np.ndarray) -> np.ndarray:
    from scipy.spatial import cKDTree

    return cKDTree(points).query(points * [-1, 1, 1])[1]


def _affine_rows(ict: Ict, points: np.ndarray, region: slice, columns: int) -> sparse.csr_matrix:
    table = affine_follow(ict.neutral[region], points)
    rows, inside = np.indices(table.shape)
    return sparse.coo_matrix(
        (table.ravel(), (rows.ravel(), inside.ravel() + region.start)), (len(points), columns)
    ).tocsr()
