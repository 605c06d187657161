"""Lays the template's skin over a head that no population holds: stylized ones, scans, anything with a face.

Non-rigid registration in the manner of Amberg et al. 2007 ("Optimal step nonrigid ICP"): closest points that face the
same way pull, landmarks pull, displacements stay smooth, and the smoothness is loosened step by step.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import scipy.sparse as sparse

from .. import weights
from ..head.clearance import LID_FRONT, LID_INNER, LIP_BORDER, LIP_INNER
from ..head.decode import openings
from ..progress import Progress, silent
from .fit import Person, mouth_weight, skin_size, surface
from .landmarks import template_vertices
from .surface import Mesh, Nearest, solver

STIFFNESS = (100.0, 50.0, 25.0, 12.0, 6.0, 4.0, 3.0)
"""How much displacements must be smooth, step by step, against vertices that are pulled by 1."""
LINES = 2.0
"""How much the edges of lids pull, where they are seen."""
TAUT = 3.0
"""How many times that holds for lips and lids, which fold most easily."""
AGREE = 0.4
"""Least cosine between the normals of corresponding points."""
FARTHEST = (0.03, 0.012)
"""Metres beyond which a closest point is not believed, first and last."""
FACING = 0.006
MARKS = (10.0, 0.01)
"""How much a landmark pulls, first and last: a point that is pulled alone folds what lies about it."""


def lay(
    person: Person,
    target: Mesh,
    marks: np.ndarray,
    usable: np.ndarray,
    lines: tuple[np.ndarray, np.ndarray],
    progress: Progress = silent,
) -> np.ndarray:
    """Give the template's skin (N, 3) laid on the target, both in the template's frame; marks (54, 3) may be NaN.

    lines: vertices (M,) of the template whose places (M, 3) on the target are known, such as the edges of lids.

    What has no counterpart, the inside of the mouth and of the sockets, follows smoothly. usable (T,): triangles of
    the target that are skin.
    """
    count = skin_size()
    start = person.posed[:count]
    smooth = roughness()
    known = np.flatnonzero(np.isfinite(marks).all(axis=1))
    rows = template_vertices()[known]
    pull = mouth_weight(known)
    pull[np.isin(rows, lines[0])] = 0
    mesh = Mesh(target.vertices, target.triangles)
    nearest = Nearest(mesh, FACING, 0.002, usable)
    hidden = inside()
    placed, triangles = start, surface()
    for step, stiffness in enumerate(STIFFNESS):
        share = step / (len(STIFFNESS) - 1)
        far = FARTHEST[0] * (FARTHEST[1] / FARTHEST[0]) ** share
        mark = MARKS[0] * (MARKS[1] / MARKS[0]) ** share
        normals = Mesh(placed, triangles).normals
        index, _, goal, distance = nearest(placed, normals)
        agree = (normals * mesh.facing[index]).sum(axis=1)
        trust = np.clip((agree - AGREE) / 0.3, 0, 1) * np.exp(-((distance / far) ** 2)) * (distance < 2 * far)
        trust *= 1 - hidden
        if step == len(STIFFNESS) - 1:
            trust *= 2
        trust[lines[0]] = 0
        weight = trust + 1e-6
        weight[rows] += mark * pull
        wish = trust[:, None] * (goal - start)
        wish[rows] += (mark * pull)[:, None] * (marks[known] - start[rows])
        weight[lines[0]] += LINES
        wish[lines[0]] = LINES * (lines[1] - start[lines[0]])
        moved = solver(sparse.diags(weight) + stiffness * smooth)(wish)
        placed = start + moved
        progress((step + 1) / len(STIFFNESS), "Laying the face on")
    return placed


@cache
def inside() -> np.ndarray:
    """How much each vertex of the skin (N,) lies inside: in the mouth, behind the lids, up the nose."""
    fixed, count = weights.load("template").arrays, skin_size()
    hidden = np.clip(np.maximum(fixed["mask_bag"][:count], fixed["mask_hollow"][:count]).astype(np.float64), 0, 1)
    mouth, *eyes = openings()
    for rings, first in ((mouth.rings, LIP_INNER), *((eye.rings, LID_INNER) for eye in eyes)):
        hidden[rings[first:]] = 1
    return hidden


@cache
def roughness() -> sparse.csr_matrix:
    """What a smooth field on the template's skin makes small (N, N): the square of the graph's Laplacian, more of it on
    lips and lids."""
    triangles, count = surface(), skin_size()
    ends = Mesh(np.zeros((count, 3)), triangles).edges
    beside = sparse.coo_matrix((np.ones(len(ends)), ends.T), (count, count))
    beside = beside + beside.T
    pull = sparse.diags(np.asarray(beside.sum(axis=1)).ravel()) - beside
    stiff = np.ones(count)
    opening: Any
    for opening, outer in zip(openings(), (LIP_BORDER - 3, LID_FRONT - 3, LID_FRONT - 3), strict=True):
        for number, ring in enumerate(opening.rings):
            stiff[ring] = TAUT if number > outer else TAUT ** ((number + 1) / (outer + 2))
    return (pull.T @ sparse.diags(stiff / 36) @ pull).tocsr()
