"""Shapes that go with bones: computed for each head from its own geometry and shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .anatomy import JAW_OPEN, JAW_SLIDE, JOINTS, SPINE
from .clearance import Eye
from .correctives import SHAPE_NAMES
from .gaze import LOOK_DEGREES

SWELL = {
    "neckFollowFlexion": 0.16,
    "neckFollowExtension": -0.16,
    "neckFollowTurnLeft": 0.072,
    "neckFollowTurnRight": 0.072,
}
"""How much of its radius the neck swells at the limit of a motion, measured on the mean. Turned, that keeps its volume;
bent forward or back, half of the change is made good: the rest is the spine lying behind the neck's middle."""
SOFT = 8
"""How often the directions in which the neck swells are averaged with those beside them."""
_ROW = {name: k for k, name in enumerate(SHAPE_NAMES)}


def follow_bones(
    vertices: np.ndarray, faces: np.ndarray, shapes: np.ndarray, joints: Mapping[str, np.ndarray], weights: np.ndarray,
    eyes: Sequence[Eye],
) -> None:  # fmt: skip
    """Fill the shapes that go with bones (`correctives.FOLLOW`) in place.

    joints: name to place (3,); weights (V, J): how much each of `anatomy.JOINTS` moves a vertex. Nothing is filled
    for joints that a head does not have.
    """
    for eye in eyes:
        for way in LOOK_DEGREES:
            lid = shapes[_ROW[f"lidFollow{way}{eye.side}"]]
            lid[:] = shapes[_ROW[f"eyeLook{way}{eye.side}"]]
            lid[eye.ball[0] : eye.ball[1]] = 0  # the bone turns the eye
    if set(joints) != set(JOINTS):
        return
    weights = weights[: len(vertices)]
    shapes[_ROW["jawFollowOpen"]] = _jaw(
        vertices, shapes[_ROW["jawOpen"]], joints["jaw"], weights[:, JOINTS.index("jaw")]
    )
    between = weights[:, [JOINTS.index(name) for name in (*SPINE[:-1], "larynx")]].sum(axis=1)
    swelling = _swelling(vertices, faces, between)
    for name, part in SWELL.items():
        shapes[_ROW[name]] = part * swelling


def _jaw(vertices: np.ndarray, opened: np.ndarray, hinge: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """What to add before the jaw bone turns by JAW_OPEN so that skin then is where `jawOpen` brings it."""
    c, s = np.cos(JAW_OPEN), np.sin(JAW_OPEN)
    turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    moving = np.flatnonzero((weight > 1e-4) | (np.abs(opened).max(axis=1) > 1e-6))
    w, v = weight[moving, None], vertices[moving]
    blend = (1 - w)[..., None] * np.eye(3) + w[..., None] * turn
    goal = v + opened[moving] - w * (hinge - turn @ hinge + JAW_SLIDE * JAW_OPEN)
    moved = np.zeros_like(vertices)
    moved[moving] = np.linalg.solve(blend, goal[..., None])[..., 0] - v
    return moved


def _swelling(vertices: np.ndarray, faces: np.ndarray, between: np.ndarray) -> np.ndarray:
    """The neck grown by its own radius, (V, 3): outward, most in the middle."""
    faces = faces[(faces < len(vertices)).all(axis=1)]
    share = between.clip(0, 1)
    ring = vertices[share > 0.9] if (share > 0.9).any() else vertices
    radius = np.linalg.norm((ring - ring.mean(axis=0))[:, :2], axis=1).mean()
    quads = faces[(share[faces] > 0).any(axis=1)]
    cross = np.cross(vertices[quads[:, 2]] - vertices[quads[:, 0]], vertices[quads[:, 3]] - vertices[quads[:, 1]])
    corners, value = quads.ravel(), cross
    for _ in range(SOFT):  # or skin folds where it creases
        normal = np.stack([np.bincount(corners, axis.repeat(4), len(vertices)) for axis in value.T], axis=1)
        normal = normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
        value = normal[quads].mean(axis=1)
    return radius * share[:, None] ** 2 * normal
