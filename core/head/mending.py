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
from .folds import unfold
from .gaze import LOOK_DEGREES, look
from .solids import Eyeball

MOVES = 1e-4
"""Metres below which a shape leaves a contact alone."""
SETTLED = 1e-6
"""Metres below which what was mended counts as left alone."""
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
    moving = [k for k, name in enumerate(SHAPES) if name != "mouthClose" and _moves(shapes[k], mouth.rings)]
    shapes[moving] = _lips(vertices, shapes[moving], mouth, wall)
    shapes[_ROW["mouthClose"]] = close_mouth(shapes[_ROW["jawOpen"]], closing)
    pairs = [name for name, one in CORRECTIVES.items() if len(one.channels) > 1]
    pairs = [name for name in pairs if _moves(shapes[_ROW[CORRECTIVES[name].channels[0]]], mouth.rings)]
    if pairs:
        rows = [_ROW[name] for name in pairs]
        both = np.stack([_pair(shapes, name) for name in pairs])
        shapes[rows] = _lips(vertices, both + shapes[rows], mouth, wall) - both
    for eye in eyes:
        _lids(vertices, shapes, eye)


def _moves(shape: np.ndarray, vertices: np.ndarray) -> bool:
    return bool(np.abs(shape[vertices]).max(initial=0) > MOVES)


def _pair(shapes: np.ndarray, name: str) -> np.ndarray:
    """What the two channels of a corrective do at full without it (V, 3)."""
    first, second = CORRECTIVES[name].channels[:2]
    return shapes[_ROW[first]] + shapes[_ROW[second]]


def _lips(vertices: np.ndarray, shapes: np.ndarray, mouth: Mouth, wall: Wall) -> np.ndarray:
    """Give shapes (S, V, 3) whose lips stay before the teeth, do not cross and do not fold."""
    shapes, rings = shapes.copy(), mouth.rings
    todo = np.arange(len(shapes))
    for turn in range(3):  # parted or evened lips are elsewhere before the teeth
        before = shapes[todo[:, None, None], rings]
        for k in todo:
            shapes[k, rings] += clear_lips(vertices, shapes[k], mouth, wall)
            shapes[k] = part_lips(vertices, shapes[k], mouth.seam)
        if turn < 2:
            here = todo[:, None, None], rings
            shapes[here] = unfold(vertices[rings], shapes[here])
        todo = todo[np.abs(shapes[todo[:, None, None], rings] - before).max(axis=(1, 2, 3), initial=0) > SETTLED]
    return shapes


def _lids(vertices: np.ndarray, shapes: np.ndarray, eye: Eye) -> None:
    """Keep lids off the eye; close the blink, alone and with each partner, and carry it round the eye on its way."""
    surface, blink = Eyeball.of(vertices[slice(*eye.ball)]), f"eyeBlink{eye.side}"
    watched = np.concatenate([eye.rings.ravel(), np.arange(*eye.ball)])
    rows = [k for k, name in enumerate(SHAPES) if name != blink and _moves(shapes[k], watched)]
    shapes[rows] = _clear(vertices, shapes[rows], eye, surface)
    shut = shapes[_ROW[blink]] = _shut(vertices, shapes[[_ROW[blink]]], eye, surface)[0]
    half = shut / 2
    shapes[_ROW[f"{blink}_half"]] = _clear(vertices, half[None], eye, surface)[0] - half
    pairs = [name for name, one in CORRECTIVES.items() if len(one.channels) > 1]
    closed = [name for name in pairs if CORRECTIVES[name].channels[0] == blink]
    others = [name for name in pairs if name not in closed and _moves(_pair(shapes, name), eye.rings)]
    for names, solve in ((closed, _shut), (others, _clear)):
        both = np.array([_pair(shapes, name) for name in names])
        rows = [_ROW[name] for name in names]
        if rows:
            added = 0 if solve is _shut else shapes[rows]
            shapes[rows] = solve(vertices, both + added, eye, surface) - both


def _clear(vertices: np.ndarray, shapes: np.ndarray, eye: Eye, surface: Eyeball) -> np.ndarray:
    """Give shapes (S, V, 3) whose lids neither dip into the eye nor fold."""
    shapes, rings = shapes.copy(), eye.rings
    for shape in shapes:
        shape[rings] += clear_lids(vertices + shape, eye, surface)
    for _ in range(2):
        evened = unfold(vertices[rings], shapes[:, rings])
        for k in np.flatnonzero(np.abs(evened - shapes[:, rings]).max(axis=(1, 2, 3)) > SETTLED):
            shapes[k, rings] = evened[k]
            shapes[k, rings] += clear_lids(vertices + shapes[k], eye, surface)
    return shapes


def _shut(vertices: np.ndarray, shapes: np.ndarray, eye: Eye, surface: Eyeball) -> np.ndarray:
    """Give shapes (S, V, 3) whose lids meet, off the eye and unfolded."""
    shapes, rings = shapes.copy(), eye.rings
    edges = np.isin(rings, np.union1d(eye.seam.lower, eye.seam.upper))
    for turn in range(3):
        for k, shape in enumerate(shapes):
            shapes[k] = close_lids(vertices, shape, eye, surface)
        if turn < 2:
            shapes[:, rings] = unfold(vertices[rings], shapes[:, rings], edges)
    return shapes


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
