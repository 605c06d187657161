"""Mending: lips never cross, lids stay off the eye, bones and shapes agree; on a small face made for the test."""

import numpy as np
import pytest

from headroom.core.head.anatomy import JAW_OPEN, JAW_SLIDE, JOINTS
from headroom.core.head.clearance import Eye, Mouth, Wall, clear_lids, clear_lips
from headroom.core.head.contact import Seam, close_mouth, part_lips
from headroom.core.head.correctives import SHAPE_NAMES
from headroom.core.head.following import SWELL, follow_bones
from headroom.core.head.mending import mend
from headroom.core.head.solids import Eyeball

ROW = {name: k for k, name in enumerate(SHAPE_NAMES)}


@pytest.fixture
def lips():
    """Two strips of three pairs: rows 0..2 lower skin, 3..5 lower edge, 6..8 upper edge, 9..11 upper skin."""
    x = np.array([-0.01, 0.0, 0.01])
    points = np.concatenate([np.stack([x, 0 * x, z + 0 * x], axis=1) for z in (-0.005, 0, 0, 0.005)])
    pair = np.tile([0, 1, 2], 4)
    weight = np.repeat([0.2, 0.5, -0.5, -0.2], 3)
    return points, Seam(np.arange(3, 6), np.arange(6, 9), np.arange(12), pair, weight, np.arange(12))


def test_lips_that_would_cross_give_way_by_half_each(lips):
    points, seam = lips
    shape = np.zeros_like(points)
    shape[seam.lower, 2] = 0.004
    parted = shape.copy()
    parted[seam.vertex] += part_lips(points, shape[seam.upper] - shape[seam.lower], seam)
    assert parted[seam.lower] == pytest.approx(parted[seam.upper], abs=1e-12)
    assert parted[seam.lower, 2] == pytest.approx(0.002)


def test_open_lips_are_left_alone(lips):
    points, seam = lips
    shape = np.zeros_like(points)
    shape[seam.lower] = [0, -0.001, -0.004]
    assert not part_lips(points, shape[seam.upper] - shape[seam.lower], seam).any()


def test_shapes_that_part_alone_part_together_at_any_values(lips):
    points, seam = lips
    rng = np.random.default_rng(0)
    shapes = 0.004 * rng.standard_normal((6, *points.shape))
    shapes[:, seam.vertex] += part_lips(points, shapes[:, seam.upper] - shapes[:, seam.lower], seam)
    for _ in range(20):
        posed = sum(value * shape for value, shape in zip(rng.random(6), shapes, strict=True))
        assert (posed[seam.upper] - posed[seam.lower])[:, 2].min() > -1e-9


def test_closing_takes_back_what_opens_at_every_value(lips):
    points = lips[0]
    opened = np.where(points[:, [2]] < 0.0025, [0, 0, -0.02], 0.0)
    closed = close_mouth(opened, np.ones(len(points)))
    for value in (0.1, 0.5, 1.0):
        assert value * opened + value * closed == pytest.approx(np.zeros_like(points))


def ball(center=(0, 0, 0), radius=0.012):
    rng = np.random.default_rng(1)
    way = rng.standard_normal((400, 3))
    return np.asarray(center) + radius * way / np.linalg.norm(way, axis=1, keepdims=True)


def test_lids_are_lifted_off_the_eye_where_a_shape_sinks_them():
    lid = np.array([[0.0, -0.0125, 0.0], [0.003, -0.0125, 0.0]])
    points = np.concatenate([ball(), lid])
    seam = Seam(np.array([400]), np.array([401]), np.array([401]), np.array([0]), np.array([-1.0]), np.arange(400, 402))
    eye = Eye("Left", seam, np.array([[400, 401]]), np.array([0, 400]), np.zeros(3))
    surface = Eyeball.of(points[:400])
    posed = points.copy()
    posed[400:, 1] += 0.004
    posed[eye.rings] += clear_lids(posed[eye.rings], posed[:400], surface)
    assert np.linalg.norm(posed[400:], axis=1).min() >= 0.0119
    assert not clear_lids(points[eye.rings], points[:400], surface).any()


def arch():
    """The front of a row of teeth: an arc of 2 cm, 1 cm high."""
    turn, z = np.meshgrid(np.linspace(-1.4, 1.4, 41), np.linspace(-0.01, 0, 21), indexing="ij")
    points = np.stack([0.02 * np.sin(turn), -0.02 * np.cos(turn), z], axis=-1).reshape(-1, 3)
    index = np.arange(41 * 21).reshape(41, 21)
    return points, np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], axis=-1).reshape(-1, 4)


def test_lips_are_brought_before_teeth_that_move_along():
    teeth, faces = arch()
    lip = np.array([[0.0, -0.021, -0.005], [0.004, -0.0207, -0.005]])
    points = np.concatenate([lip, teeth])
    none = np.zeros(0, int)
    mouth = Mouth(Seam(none, none, none, none, none, none), np.array([[0, 1]]), (faces + 2,))
    wall = Wall.of(points, mouth)
    shape = np.zeros_like(points)
    assert not clear_lips(points[mouth.rings], [shape[2:]], wall).any()
    shape[2:] = [0, -0.003, -0.004]  # the jaw comes forward and down, the lip stays
    moved = points[:2] + clear_lips(points[mouth.rings], [shape[2:]], wall)[0]
    front = np.linalg.norm(moved[:, :2] - [0, -0.003], axis=1)
    assert front.min() > 0.0202 and front.max() < 0.021


def small_head(lips):
    """A mouth between two eyes, hung on all joints; its jaw is the lower half."""
    mouth, seam = lips
    eyes, points = [], [mouth]
    for side, x in (("Left", 0.03), ("Right", -0.03)):
        start = sum(len(part) for part in points)
        lid = np.array([[x, -0.0125, 0.03], [x, -0.0125, 0.03]])
        points += [ball((x, 0, 0.03)), lid]
        lids = Seam(np.array([start + 400]), np.array([start + 401]), np.array([start + 401]), np.array([0]),
                    np.array([-1.0]), np.array([start + 400, start + 401]))  # fmt: skip
        rings = np.array([[start + 400, start + 401]])
        eyes.append(Eye(side, lids, rings, np.array([start, start + 400]), np.array([x, 0, 0.03])))
    return np.concatenate(points), Mouth(seam, np.arange(12).reshape(4, 3)), eyes


def test_the_jaw_bone_and_its_follower_bring_skin_where_the_shape_does(lips):
    points, seam, eyes = small_head(lips)
    shapes = np.zeros((len(SHAPE_NAMES), *points.shape))
    shapes[ROW["jawOpen"], :6] = [0.001, 0.008, -0.02]
    mend(points, shapes, seam, eyes, np.zeros(len(points)))
    hinge = np.array([0, 0.05, 0.02])
    joints = {name: hinge for name in JOINTS}
    weights = np.zeros((len(points), len(JOINTS)))
    weights[:, JOINTS.index("skull")] = 1
    weights[:6, [JOINTS.index("skull"), JOINTS.index("jaw")]] = [0.3, 0.7]
    follow_bones(points, np.zeros((1, 4), int), shapes, joints, weights, eyes)
    c, s = np.cos(JAW_OPEN), np.sin(JAW_OPEN)
    before = (points + shapes[ROW["jawFollowOpen"]])[:6]
    turned = (before - hinge) @ np.array([[1, 0, 0], [0, c, -s], [0, s, c]]).T + hinge + JAW_SLIDE * JAW_OPEN
    assert 0.3 * before + 0.7 * turned == pytest.approx((points + shapes[ROW["jawOpen"]])[:6], abs=1e-9)


def test_lids_follow_the_bone_and_leave_the_ball_to_it(lips):
    points, seam, eyes = small_head(lips)
    shapes = np.zeros((len(SHAPE_NAMES), *points.shape))
    lid = eyes[0].seam.outer
    shapes[ROW["eyeLookUpLeft"], lid] = [0, 0, 0.004]
    mend(points, shapes, seam, eyes, np.zeros(len(points)))
    follow_bones(points, np.zeros((1, 4), int), shapes, {}, np.zeros((len(points), 1)), eyes)
    follow, look = shapes[ROW["lidFollowUpLeft"]], shapes[ROW["eyeLookUpLeft"]]
    assert np.array_equal(follow[lid], look[lid]) and not follow[slice(*eyes[0].ball)].any()
    assert np.abs(look[slice(*eyes[0].ball)]).max() > 0.003


def test_the_neck_swells_in_flexion_and_turns_and_narrows_in_extension():
    assert SWELL["neckFollowFlexion"] > 0 > SWELL["neckFollowExtension"]
    assert SWELL["neckFollowTurnLeft"] == SWELL["neckFollowTurnRight"] > 0
