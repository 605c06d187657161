"""Assembles the template: the placed skin, mirrored, with its pieces, parts, texture coordinates, joints and weights.

Everything the template inherits from the scan goes through one sparse matrix: `follow` carries displacements of scan
vertices to template vertices, so identities and expressions of the scan become identities and shapes of the template.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse

from .cavities import mend
from .domain import Domain, flatten
from .embed import Placement, place
from .eyeball import eyeball
from .ict import EYE_LEFT, EYE_RIGHT, LOWER_TEETH, SCLERA, Ict
from .layout import CHIN_ROW, EAR_CANAL, LID_INNER, LIP_INNER, Layout, build
from .pieces import REGIONS, Piece, affine_follow
from .teeth import gums, teeth
from .tongue import tongue
from .unwrap import unwrap

JOINTS = ("chest", "neck", "head", "jaw", "eye.L", "eye.R")
PARENTS = (-1, 0, 1, 2, 2, 2)
JOINT_MIRROR = (0, 1, 2, 3, 5, 4)


@dataclass(frozen=True)
class Template:
    """The mean head with what training needs to know about it.

    vertices (V, 3), faces (F, 4), uv (F, 4, 2), part (F,), colors (V, 4), mirror (V,): partner of each vertex,
    follow (V, S) and follow_joints (J, S): displacements of the scan to ours, skin: vertices before this are skin,
    joints (J, 3), tails (J, 3), skin_weights (V, J), ring_of: named half rings on the left, for correctives.
    """

    vertices: np.ndarray
    faces: np.ndarray
    uv: np.ndarray
    part: np.ndarray
    colors: np.ndarray
    mirror: np.ndarray
    follow: sparse.csr_matrix
    follow_joints: sparse.csr_matrix
    skin: int
    joints: np.ndarray
    tails: np.ndarray
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
    joints, tails, follow_joints = _joints(ict, vertices, layout, slices)
    weights = _weights(ict, vertices, follow, skin, slices, joints)
    return Template(vertices, faces, uv, part, colors, mirror, follow, follow_joints, skin, joints, tails, weights,
                    layout, slices)  # fmt: skip


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


def _joints(ict: Ict, vertices: np.ndarray, layout: Layout, slices: dict[str, slice]) -> tuple:
    """Joint positions on the mean, bone tails, and how joints follow the scan's identities."""
    canal = vertices[layout.rings["ear"][EAR_CANAL]].mean(axis=0)
    hinge = _jaw_hinge(ict)
    eye = vertices[slices["eye_left"]]
    eye = (eye.max(0) + eye.min(0)) / 2
    skull = np.array([0, canal[1] + 0.004, canal[2] - 0.022])
    base = np.array([0, canal[1] + 0.034, canal[2] - 0.118])
    floor = np.array([0, canal[1] + 0.036, vertices[:, 2].min() + 0.01])
    crown = np.array([0, skull[1], vertices[:, 2].max()])
    chin = vertices[layout.grid[0, CHIN_ROW]] * [0, 1, 1]
    joints = np.array([floor, base, skull, hinge, eye, eye * [-1, 1, 1]])
    tails = np.array([base, skull, crown, chin, eye + [0, -0.03, 0], eye * [-1, 1, 1] + [0, -0.03, 0]])
    rows = []
    for k, joint in enumerate(joints):
        if k >= 4:
            start = (EYE_LEFT, EYE_RIGHT)[k - 4].start
            rows.append(_affine_rows(ict, joint[None], slice(start, start + SCLERA), len(ict.neutral)))
            continue
        centred = [0, 0, 0] if k != 3 else [0.055, 0, 0]
        both = np.concatenate([joint + centred, joint - centred]).reshape(2, 3)
        distance = np.min(np.linalg.norm(ict.neutral[None, :11248] - both[:, None], axis=2), axis=0)
        near = np.flatnonzero(distance < np.sort(distance)[600])
        weight = np.full(len(near), 1 / len(near))
        rows.append(sparse.coo_matrix((weight, (np.zeros(len(near), int), near)), (1, len(ict.neutral))).tocsr())
    return joints, tails, sparse.vstack(rows).tocsr()


def _jaw_hinge(ict: Ict) -> np.ndarray:
    """The axis about which the scan's lower teeth turn when the jaw opens, on the midline."""
    teeth = ict.neutral[LOWER_TEETH]
    moved = teeth + ict.expressions["jawOpen"][LOWER_TEETH]
    a, b = teeth - teeth.mean(0), moved - moved.mean(0)
    u, _, vt = np.linalg.svd(a.T @ b)
    rotation = (u @ vt).T
    shift = moved.mean(0) - rotation @ teeth.mean(0)
    flat = np.linalg.solve((np.eye(3) - rotation)[1:, 1:], shift[1:])
    return np.array([0, *flat])


def _weights(
    ict: Ict, vertices: np.ndarray, follow: sparse.csr_matrix, skin: int, slices: dict[str, slice], joints: np.ndarray
) -> np.ndarray:
    """Smooth skinning: neck by height along its bones, jaw by how far opening moves the skin, eyes and teeth rigid."""
    weights = np.zeros((len(vertices), len(JOINTS)))
    base, skull = joints[1], joints[2]
    axis = (skull - base) / np.linalg.norm(skull - base)
    lean = np.array([0, 0.35, 1.0]) / np.linalg.norm([0, 0.35, 1.0])  # the neck's lines rise from front to back
    height = (vertices - base) @ (0.6 * axis + 0.4 * lean)
    length = np.linalg.norm(skull - base)
    neck = _smooth((height + 0.035) / 0.06)
    head = _smooth((height - 0.45 * length) / (0.75 * length))
    weights[:, 0] = 1 - neck
    weights[:, 1] = neck * (1 - head)
    weights[:, 2] = neck * head
    opening = np.linalg.norm(follow @ ict.expressions["jawOpen"], axis=1)
    lower = opening[slices["teeth_lower"]].max()
    jaw = _smooth((opening / lower - 0.08) / 0.8) * (vertices[:, 2] > skull[2] - 0.11)
    jaw[skin:] = 0
    weights[:, :3] *= (1 - jaw)[:, None]
    weights[:, 3] = jaw
    for name, column in (("eye_left", 4), ("eye_right", 5), ("teeth_upper", 2), ("gums_upper", 2), ("teeth_lower", 3),
                         ("gums_lower", 3), ("tongue", 3)):  # fmt: skip
        weights[slices[name]] = 0
        weights[slices[name], column] = 1
    return weights / weights.sum(axis=1, keepdims=True)


def _smooth(t: np.ndarray) -> np.ndarray:
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)
