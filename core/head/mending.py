"""What a head's shapes need after decoding: contacts made exact, and shapes that follow from others computed.

A decoder hits a contact to within a fraction of a millimetre; here lips stop at lips and lids at the eye, for every
head, and correctives of the lids and the shapes that go with bones are worked out for its own geometry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..performance import SHAPES
from .anatomy import JAW_OPEN, JAW_SLIDE, JOINTS, SPINE
from .contact import Seam, clear_lids, close_lid, close_mouth, part_lips
from .correctives import CORRECTIVES, SHAPE_NAMES
from .gaze import LOOK_DEGREES, look

MOVES = 1e-4
"""Metres below which a shape leaves a contact alone."""
SWELL = {
    "neckFollowFlexion": 0.16,
    "neckFollowExtension": -0.16,
    "neckFollowTurnLeft": 0.072,
    "neckFollowTurnRight": 0.072,
}
"""How much of its radius the neck swells at the limit of a motion, measured on the mean. Turned, that keeps its volume;
bent forward or back, half of the change is made good: the rest is the spine lying behind the neck's middle."""
_ROW = {name: k for k, name in enumerate(SHAPE_NAMES)}


@dataclass(frozen=True)
class Eye:
    """One eye, Left or Right: the seam of its lids, its ball (first, last + 1 vertex), where it turns (3,)."""

    side: str
    seam: Seam
    ball: np.ndarray
    center: np.ndarray


def mend(vertices: np.ndarray, shapes: np.ndarray, lips: Seam, eyes: Sequence[Eye], closing: np.ndarray) -> None:
    """Make contacts of `shapes` (S, V, 3), in the order of SHAPE_NAMES, exact on a neutral (V, 3), in place.

    Eyeballs turn first and lids part from them, then blinks and their correctives are made of what results. closing
    (V,): how much of `jawOpen` each vertex takes back in `mouthClose`.
    """
    for eye in eyes:
        ball = slice(*eye.ball)
        for way in LOOK_DEGREES:
            name = f"eyeLook{way}{eye.side}"
            shapes[_ROW[name], ball] = look(name, vertices[ball], eye.center)
    for row, name in enumerate(SHAPES):
        shape = shapes[row]
        if name != "mouthClose" and np.abs(shape[lips.vertex]).max() > MOVES:
            shapes[row] = part_lips(vertices, shape, lips)
        for eye in eyes:
            if not name.startswith("eyeBlink") and np.abs(shape[eye.seam.outer]).max() > MOVES:
                shapes[row] += clear_lids(vertices, shape, eye.seam, eye.ball)
    shapes[_ROW["mouthClose"]] = close_mouth(shapes[_ROW["jawOpen"]], closing)
    for eye in eyes:
        _lids(vertices, shapes, eye)
    for name, one in CORRECTIVES.items():
        first, *others = (shapes[_ROW[channel]] for channel in one.channels[:2])
        if others and np.abs(first[lips.vertex]).max() > MOVES:
            pair = first + others[0] + shapes[_ROW[name]]
            shapes[_ROW[name]] += part_lips(vertices, pair, lips) - pair


def _lids(vertices: np.ndarray, shapes: np.ndarray, eye: Eye) -> None:
    """Close the blink, alone and with each partner, and carry the lid round the eye on its way."""
    blink = f"eyeBlink{eye.side}"
    shut = shapes[_ROW[blink]] = close_lid(vertices, shapes[_ROW[blink]], eye.seam, eye.ball)
    shapes[_ROW[f"{blink}_half"]] = clear_lids(vertices, shut, eye.seam, eye.ball, at=0.5)
    for name, one in CORRECTIVES.items():
        if one.channels[0] == blink and len(one.channels) == 2:
            pair = shut + shapes[_ROW[one.channels[1]]]
            shapes[_ROW[name]] = close_lid(vertices, pair, eye.seam, eye.ball) - pair
    wide, down = f"eyeWide{eye.side}", f"eyeLookDown{eye.side}"
    both = shapes[_ROW[wide]] + shapes[_ROW[down]]
    shapes[_ROW[f"{wide}_{down}"]] = clear_lids(vertices, both, eye.seam, eye.ball)


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
    normal = np.zeros_like(vertices)
    for k in range(4):
        np.add.at(normal, quads[:, k], cross)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    return radius * share[:, None] ** 2 * normal
