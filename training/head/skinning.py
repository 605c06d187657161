"""Smooth skinning: how much of each joint's motion every vertex takes.

Along the neck the skin is shared by height, which is a harmonic function on the surface itself: it rises from the
collar to the skull and follows the slant from throat to nape. Every vertebra's turn fades in over half the neck, since
skin slides over the spine and turns more evenly than the bones below it. The jaw takes what makes its bone agree with
the shape `jawOpen`.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import spsolve

from headroom.core.head.anatomy import JOINTS, SPINE

from .joints import SCANNED_OPEN, SCANNED_SLIDE
from .layout import THROAT_ROW, Layout, edges_of

INSIDE = {
    "eye_left": "eye.L", "eye_right": "eye.R", "teeth_upper": "skull", "gums_upper": "skull", "teeth_lower": "jaw",
    "gums_lower": "jaw", "tongue": "jaw", "cornea_left": "eye.L", "cornea_right": "eye.R",
}  # fmt: skip
"""Which joint carries each part inside the head, as a rigid whole; whatever is not named goes with the skull."""
FADE = 0.26
"""Half the stretch over which a vertebra's turn fades in, as a part of the neck's height."""
LARYNX_SHARE = 0.5
"""How much of the larynx's slide the skin over it takes; the rest is cartilage gliding under the skin."""
LARYNX_REACH = np.array([0.017, 0.022, 0.017])


def weights(
    vertices: np.ndarray,
    faces: np.ndarray,
    skin: int,
    layout: Layout,
    mirror: np.ndarray,
    slices: dict[str, slice],
    joints: np.ndarray,
    jaw_open: np.ndarray,
) -> np.ndarray:
    """Give skin weights (V, J) whose rows add up to 1; jaw_open (V, 3): the scan's `jawOpen`."""
    at = dict(zip(JOINTS, joints, strict=True))
    column = {name: k for k, name in enumerate(JOINTS)}
    average = neighbours(faces[(faces < skin).all(axis=1)], skin)
    table = np.zeros((len(vertices), len(JOINTS)))
    height = neck_height(vertices[:skin], average, layout, mirror, at)
    table[:skin, : len(SPINE) + 1] = shares(height)
    jaw = _jaw(vertices[:skin], average, jaw_open[:skin], at["jaw"])
    near = np.linalg.norm((vertices[:skin] - at["larynx"]) / LARYNX_REACH, axis=1)
    larynx = LARYNX_SHARE * np.exp(-(near**2)) * (1 - jaw)
    table[:skin] *= (1 - jaw - larynx)[:, None]
    table[:skin, column["jaw"]], table[:skin, column["larynx"]] = jaw, larynx
    for part, where in slices.items():
        table[where] = 0
        table[where, column[INSIDE.get(part, "skull")]] = 1
    return table / table.sum(axis=1, keepdims=True)


def neck_height(
    skin: np.ndarray, average: sparse.csr_matrix, layout: Layout, mirror: np.ndarray, at: dict[str, np.ndarray]
) -> np.ndarray:
    """Give how high on the neck each skin vertex is: 0 at the collar, 1 where skin lies on skull and jaw.

    The upper bound runs from the throat's angle to the back of the skull, the lower one along the mesh's lower edge.
    """
    throat, skull = skin[layout.grid[0, THROAT_ROW]], at["skull"]
    rise = (skull[2] + 0.012 - throat[2]) / (skin[layout.grid[-1, THROAT_ROW], 1] - throat[1])
    above = skin[:, 2] > throat[2] + rise * (skin[:, 1] - throat[1])
    collar = np.union1d(layout.grid[:, :2], mirror[layout.grid[:, :2]])
    fixed = above.copy()
    fixed[collar] = True
    value = above.astype(float)
    value[collar] = 0
    free = np.flatnonzero(~fixed)
    system = (sparse.identity(len(skin)) - average).tocsr()
    value[free] = spsolve(system[free][:, free].tocsc(), -(system[free] @ value))
    return value


def shares(height: np.ndarray) -> np.ndarray:
    """Give what part of the motion of chest, C7 … C1 and skull skin at `height` (N,) takes, (N, 9)."""
    middle = FADE + (1 - 2 * FADE) * np.linspace(0, 1, len(SPINE))
    turned = _smooth((height[:, None] - middle + FADE) / (2 * FADE))
    return -np.diff(turned, axis=1, prepend=1.0, append=0.0)


def _jaw(skin: np.ndarray, average: sparse.csr_matrix, jaw_open: np.ndarray, hinge: np.ndarray) -> np.ndarray:
    """How much of the jaw's motion each vertex takes in the scan's `jawOpen`."""
    bone = turned(skin - hinge, SCANNED_OPEN) + SCANNED_SLIDE * SCANNED_OPEN - (skin - hinge)
    fit = (bone * jaw_open).sum(axis=1) / np.maximum((bone**2).sum(axis=1), 1e-6)
    fit[np.linalg.norm(jaw_open, axis=1) < 2e-4] = 0
    for _ in range(3):
        fit = 0.5 * fit + 0.5 * (average @ fit)
    return fit.clip(0, 1)


def turned(points: np.ndarray, angle: float) -> np.ndarray:
    """Turn points (N, 3) about X by an angle in radians."""
    c, s = np.cos(angle), np.sin(angle)
    return points @ np.array([[1, 0, 0], [0, c, -s], [0, s, c]]).T


def posed(
    vertices: np.ndarray, skin_weights: np.ndarray, joints: np.ndarray, parents: tuple[int, ...], turns: np.ndarray
) -> np.ndarray:
    """Give vertices (V, 3) after linear blend skinning with every joint turned by turns (J, 3, 3) matrices."""
    rotation, origin = np.zeros((len(joints), 3, 3)), np.zeros((len(joints), 3))
    for k, parent in enumerate(parents):
        rotation[k] = turns[k] if parent < 0 else rotation[parent] @ turns[k]
        origin[k] = joints[k] if parent < 0 else origin[parent] + rotation[parent] @ (joints[k] - joints[parent])
    moved = np.einsum("jab,vjb->vja", rotation, vertices[:, None] - joints) + origin
    return np.einsum("vj,vja->va", skin_weights, moved)


def neighbours(faces: np.ndarray, count: int, points: np.ndarray | None = None) -> sparse.csr_matrix:
    """Give the matrix (V, V) that averages over the vertices next to each; a vertex without faces gives 0.

    With points (V, 3), nearer neighbours count more (one over the distance): what is linear in space then stays.
    """
    edges = edges_of(faces)
    length = (
        np.ones(len(edges)) if points is None else np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1)
    )
    graph = sparse.coo_matrix((1 / np.maximum(length, 1e-5), edges.T), (count, count)).tocsr()
    graph = graph + graph.T
    whole = np.asarray(graph.sum(axis=1)).ravel()
    return (sparse.diags(1 / np.where(whole > 0, whole, 1)) @ graph).tocsr()


def _smooth(t: np.ndarray) -> np.ndarray:
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)
