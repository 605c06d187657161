"""Lashes and brows stand on the skin, whatever the face, and turn with it."""

import numpy as np
import pytest

from headroom.core.head.hairs import Hairs, with_hairs


@pytest.fixture
def hairs():
    """Two hairs of four vertices on a patch of eight points."""
    offset = np.random.default_rng(2).uniform(-0.004, 0.004, (2, 4, 3))
    offset[:, 0] = 0  # the root itself
    return Hairs(np.array([[0, 1, 2, 3], [2, 3, 4, 5]]), np.full((2, 4), 0.25), np.array([[0, 1, 6, 7], [2, 3, 6, 7]]),
                 offset)  # fmt: skip


POINTS = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0.1], [0, 1, 0], [1, 2, 0], [0, 2, 0.2], [-0.3, -1, -1], [1, -1, -1.0]])


def test_hairs_stand_on_their_roots(hairs):
    grown = hairs.grow(POINTS).reshape(2, 4, 3)
    assert grown[0, 0] == pytest.approx(POINTS[:4].mean(axis=0)) and grown[1, 0] == pytest.approx(
        POINTS[2:6].mean(axis=0)
    )
    assert np.linalg.norm(grown - grown[:, :1], axis=2) == pytest.approx(np.linalg.norm(hairs.offset, axis=2))


def test_hairs_turn_with_the_skin(hairs):
    angle = 0.7
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    shift = np.array([0.1, -0.2, 0.3])
    assert hairs.grow(POINTS @ turn.T + shift) == pytest.approx(hairs.grow(POINTS) @ turn.T + shift)


def test_shapes_carry_hairs_only_where_the_skin_below_moves(hairs):
    fixed = {f"lashes_{key}": getattr(hairs, key) for key in ("root", "weight", "frame", "offset")}
    shapes = np.zeros((2, 8, 3))
    shapes[0, :, 2] = 0.01
    vertices, moved = with_hairs(fixed, POINTS, shapes)
    assert vertices.shape == (16, 3) and moved.shape == (2, 16, 3)
    assert moved[0, 8:] == pytest.approx(np.tile([0, 0, 0.01], (8, 1))) and not moved[1].any()
    alone, none = with_hairs(fixed, POINTS, np.zeros((0, 0, 3)))
    assert np.array_equal(alone, vertices) and not len(none)
