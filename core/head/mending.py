"""What a head's shapes need after decoding: contacts made exact, and shapes that follow from others computed.

A decoder hits a contact to within a fraction of a millimetre; here lips stop at lips and lids at the eye, for every
head, and correctives of the lids and the shapes that go with bones are worked out for its own geometry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..performance import SHAPES
from .anatomy import JAW_OPEN, JAW_SLIDE, JOINTS, SPINE
from .clearance import Eye, Mouth, Wall, clear_lids, clear_lips, close_lids
from .contact import close_mouth, part_lips
from .correctives import CORRECTIVES, SHAPE_NAMES
from .gaze import LOOK_DEGREES, look
from .solids import Eyeball

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


def mend(vertices: np.ndarray, shapes: np.ndarray, mouth: Mouth, eyes: Sequence[Eye], closing: np.ndarray) -> None:
    """Make contacts of `shapes` (S, V, 3), in the order of SHAPE_NAMES, exact on a neutral (V, 3), in place.

    Eyeballs turn first and lids part from them, then blinks and their correctives are made of what results. closing
    (V,): how much of `jawOpen` each vertex takes back in `mouthClose`.
    """
    for eye in eyes:
        ball = slice(*eye.ball)
        for way in LOOK_DEGREES:
            name = f"eyeLook{way}{eye.side}"
            shapes[_ROW[name], ball] = look(name, vertices[ball], eye.center)
    wall = Wall.of(vertices, mouth)
    for row, name in enumerate(SHAPES):
        if name != "mouthClose" and _moves(shapes[row], mouth.rings):
            shapes[row] = _lips(vertices, shapes[row], mouth, wall)
    shapes[_ROW["mouthClose"]] = close_mouth(shapes[_ROW["jawOpen"]], closing)
    for name, one in CORRECTIVES.items():
        first, *others = (shapes[_ROW[channel]] for channel in one.channels[:2])
        if others and _moves(first, mouth.rings):
            pair = first + others[0]
            shapes[_ROW[name]] = _lips(vertices, pair + shapes[_ROW[name]], mouth, wall) - pair
    for eye in eyes:
        _lids(vertices, shapes, eye)


def _moves(shape: np.ndarray, vertices: np.ndarray) -> bool:
    return bool(np.abs(shape[vertices]).max(initial=0) > MOVES)


def _lips(vertices: np.ndarray, shape: np.ndarray, mouth: Mouth, wall: Wall) -> np.ndarray:
    """Give a shape (V, 3) whose lips stay before the teeth and do not cross."""
    shape = shape.copy()
    for _ in range(2):  # parted lips are elsewhere before the teeth
        shape[mouth.rings] += clear_lips(vertices, shape, mouth, wall)
        shape = part_lips(vertices, shape, mouth.seam)
    return shape


def _lids(vertices: np.ndarray, shapes: np.ndarray, eye: Eye) -> None:
    """Keep lids off the eye; close the blink, alone and with each partner, and carry it round the eye on its way."""
    surface = Eyeball.of(vertices[slice(*eye.ball)])
    blink = f"eyeBlink{eye.side}"
    for row, name in enumerate(SHAPES):
        if name != blink and (_moves(shapes[row], eye.rings) or _moves(shapes[row], np.arange(*eye.ball))):
            shapes[row, eye.rings] += clear_lids(vertices + shapes[row], eye, surface)
    shut = shapes[_ROW[blink]] = close_lids(vertices, shapes[_ROW[blink]], eye, surface)
    shapes[_ROW[f"{blink}_half"]] = 0
    shapes[_ROW[f"{blink}_half"], eye.rings] = clear_lids(vertices + shut / 2, eye, surface)
    for name, one in CORRECTIVES.items():
        if len(one.channels) < 2 or name.endswith("_half"):
            continue
        pair = sum(shapes[_ROW[channel]] for channel in one.channels[:2])
        if one.channels[0] == blink:
            shapes[_ROW[name]] = close_lids(vertices, pair, eye, surface) - pair
        elif _moves(pair, eye.rings):
            shapes[_ROW[name], eye.rings] += clear_lids(vertices + pair + shapes[_ROW[name]], eye, surface)


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
