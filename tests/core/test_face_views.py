"""Pictures of a surface that the face finder looks at, and what is made of what it sees."""

import numpy as np
import pytest

from headroom.core.rig.face.find import AROUND, Guess, _aside, distinct, meet, sides
from headroom.core.rig.face.views import CHANNELS, View, sample
from headroom.core.rig.frame import steady

CUBE = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
SIDES = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]])
TRIANGLES = np.concatenate([SIDES[:, [0, 1, 2]], SIDES[:, [0, 2, 3]]])


def test_points_lie_evenly_on_the_surface():
    cloud = sample(CUBE, TRIANGLES, 6000, np.random.default_rng(0))
    on = np.isclose(cloud.points, 0, atol=1e-6) | np.isclose(cloud.points, 1, atol=1e-6)
    assert on.any(axis=1).all()
    per_side = [np.isclose(cloud.points[:, axis], at, atol=1e-6).sum() for axis in range(3) for at in (0, 1)]
    assert max(per_side) - min(per_side) < 60


def test_a_triangle_without_area_gets_no_points():
    flat = np.concatenate([TRIANGLES, [[0, 0, 1]]])
    assert np.isfinite(sample(CUBE, flat, 500, np.random.default_rng(0)).normals).all()


@pytest.mark.parametrize("flipped", [False, True])
def test_a_wall_faces_the_viewer_whichever_way_its_normals_point(flipped):
    order = TRIANGLES[:, ::-1] if flipped else TRIANGLES
    cloud = sample(CUBE, order, 60_000, np.random.default_rng(0))
    image = View(np.eye(3), np.array([0.5, 0.5, 0.5]), 2.0).picture(cloud, 64)
    assert image.shape == (CHANNELS, 64, 64)
    assert image[4, 18:46, 18:46].all(), "the cube's front is covered without holes"
    assert not image[4, :14].any()
    assert (image[1, 18:46, 18:46] < -0.99).all()


def test_what_lies_behind_does_not_shine_through():
    behind = CUBE * [1, 0.01, 1] + [0, 5, 0]
    both = np.concatenate([CUBE, behind @ np.array([[1, 0.5, 0], [0, 1, 0], [0, 0, 1]])])
    cloud = sample(both, np.concatenate([TRIANGLES, TRIANGLES + 8]), 30_000, np.random.default_rng(0))
    image = View(np.eye(3), np.array([0.5, 0.5, 0.5]), 2.0).picture(cloud, 64)
    assert (image[1, 20:44, 20:44] < -0.99).all()


def test_nothing_in_sight_is_an_empty_picture():
    cloud = sample(CUBE, TRIANGLES, 100, np.random.default_rng(0))
    assert not View(np.eye(3), np.array([50.0, 0, 0]), 1.0).picture(cloud, 32).any()


def test_lines_of_sight_meet_in_the_point_even_when_a_view_errs():
    random = np.random.default_rng(1)
    points = random.normal(0, 0.1, (54, 3))
    views = [View(_aside(*degrees), np.array([0.01, 0.02, 0.03]), 0.5) for degrees in AROUND]
    at = np.stack([view.project(points)[:, [0, 2]] for view in views])
    sure = np.ones(at.shape[:2])
    at[2] += 0.2
    found, miss = meet(views, at, sure)
    assert np.abs(found - points).max() < 0.01
    exact, none = meet(views[:2], at[:2], sure[:2])
    assert np.abs(exact - points).max() < 1e-6 and none.max() < 1e-6
    assert miss.max() > 0.002


def test_a_similarity_passes_over_points_that_are_wrong():
    random = np.random.default_rng(2)
    source = random.normal(0, 0.05, (54, 3))
    turn = _aside(130, 50)
    goal = 7 * source @ turn.T + [1, 2, 3]
    goal[:6] += 2
    frame = steady(source, goal, np.ones(54), 4)
    assert abs(frame.scale - 7) < 0.3 and np.abs(frame.turn - turn).max() < 0.05
    assert np.abs(frame.shift - [1, 2, 3]).max() < 0.05


def test_every_way_a_head_may_lie_is_near_one_that_is_tried():
    from scipy.spatial.transform import Rotation

    ways = Rotation.random(300, random_state=0).as_matrix()
    cosine = (np.einsum("aij,bij->ab", ways, sides()) - 1) / 2
    assert np.degrees(np.arccos(cosine.max(axis=1))).max() < 46


def test_guesses_of_one_face_are_one():
    here = Guess(np.eye(3), np.zeros(3), 1.0, 0.9)
    same = Guess(_aside(20, 0), np.array([0.1, 0, 0]), 1.2, 0.5)
    other = Guess(np.eye(3), np.array([2.0, 0, 0]), 1.0, 0.7)
    assert distinct([same, here, other]) == [here, other]
