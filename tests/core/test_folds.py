"""Rings of skin: found in any quads, a push spreads over them, folds on them are evened out."""

import numpy as np
import pytest

from headroom.core.head.contact import Seam
from headroom.core.head.folds import turned, unfold
from headroom.core.head.rings import rings_about, shares, spread


@pytest.fixture
def funnel():
    """Eight rings of sixteen points, ever smaller and deeper."""
    turn = np.arange(16) * np.pi / 8
    size = np.linspace(1, 0.3, 8)[:, None]
    return np.stack([size * np.cos(turn), np.broadcast_to(1 - size, (8, 16)), size * np.sin(turn)], axis=-1)


def quads(rings, places):
    index = np.arange(rings * places).reshape(rings, places)
    following = np.roll(index, -1, axis=1)
    return np.stack([index[:-1], following[:-1], following[1:], index[1:]], axis=-1).reshape(-1, 4), index


def test_rings_are_found_around_a_seam_whose_corners_it_leaves_out():
    faces, index = quads(8, 16)
    meeting = index[4]
    lower, upper = meeting[1:8], meeting[:8:-1]
    seam = Seam(lower, upper, np.r_[index[1, 1:8]], np.arange(7), np.ones(7), lower)
    rings = rings_about(seam, np.random.default_rng(0).permutation(faces), 3, 2)
    assert [set(ring.tolist()) for ring in rings] == [set(ring.tolist()) for ring in index[1:7]]
    assert all((np.diff(column) == 16).all() for column in rings.T)


def test_a_push_is_met_everywhere_and_falls_off():
    need = np.zeros((9, 20))
    need[4, 0] = 1.0
    push = spread(need, shares(np.arange(9), 4), 4)
    assert (push >= need).all() and push[4, 19] == push[4, 1] > push[4, 2] > 0
    assert push[4, 10] == 0 and push[0, 0] == 0 and push[3, 1] > 0


def test_a_point_pulled_over_its_neighbours_is_put_back_between_them(funnel):
    shape = np.zeros_like(funnel)
    shape[4, 5] = 3 * (funnel[4, 8] - funnel[4, 5])
    assert turned(funnel + shape).any() and not turned(funnel).any()
    evened = unfold(funnel, shape[None])[0]
    assert not turned(funnel + evened).any()
    assert not evened[[0, -1]].any()


def test_smooth_shapes_and_points_that_must_stay_are_left_alone(funnel):
    gentle = 0.05 * funnel
    assert np.allclose(unfold(funnel, gentle[None])[0], gentle)
    shape = np.zeros_like(funnel)
    shape[4, 5] = 3 * (funnel[4, 8] - funnel[4, 5])
    still = np.zeros(funnel.shape[:2], bool)
    still[4, 5] = True
    assert np.allclose(unfold(funnel, shape[None], still)[0, 4, 5], shape[4, 5])
