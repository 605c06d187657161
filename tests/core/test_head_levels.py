"""Levels of detail on small meshes: what the film level adds, and what both levels keep."""

from dataclasses import replace

import numpy as np

from headroom.core.head.head import Head
from headroom.core.head.levels import coarse, refined, subdivision
from training.head.patches import Patch, coarse_corners, evens, quads


def sheet(bend):
    """A bent sheet of 6 x 4 quads as a head with one shape, and its grid of vertices."""
    x, y = np.meshgrid(np.arange(7.0), np.arange(5.0), indexing="ij")
    points = np.stack([x, y, bend(x, y)], axis=-1).reshape(-1, 3).astype(np.float32)
    index = np.arange(35).reshape(7, 5)
    faces = quads(index).astype(np.int32)
    weights = np.stack([x.ravel() / 6, 1 - x.ravel() / 6], axis=1).astype(np.float32)
    uv = (points[faces][:, :, :2] / 6).astype(np.float32)
    head = Head(points, faces, uv, np.full(len(faces), "skin"), np.ones((35, 4), np.float32), ("up",),
                0.1 * points[None], ("root", "tip"), (-1, 0), np.zeros((2, 3)), np.ones((2, 3)), weights)  # fmt: skip
    return head, index


def test_film_keeps_old_vertices_and_cuts_each_quad_into_four():
    head, _ = sheet(lambda x, y: np.sin(x) * y)
    film = refined(head)
    assert len(film.faces) == 4 * len(head.faces) and np.array_equal(film.neutral[:35], head.neutral)
    pairs = np.concatenate([np.stack([film.faces[:, k], film.faces[:, (k + 1) % 4]], 1) for k in range(4)])
    assert len(np.unique(pairs, axis=0)) == len(pairs)
    assert np.allclose(film.skin_weights.sum(axis=1), 1, atol=1e-6) and film.skin_weights.min() >= 0
    assert np.allclose(film.shapes[0], 0.1 * film.neutral, atol=1e-6)


def test_film_is_exact_on_cubics_inside_and_on_parabolas_at_the_border():
    cubic, _ = sheet(lambda x, y: 0.1 * x**3 - x)
    film = refined(cubic)
    inside = (film.neutral[:, 0] > 1) & (film.neutral[:, 0] < 5)
    assert np.allclose(film.neutral[inside, 2], 0.1 * film.neutral[inside, 0] ** 3 - film.neutral[inside, 0], atol=1e-5)
    bowl, _ = sheet(lambda x, y: 0.2 * y**2)
    film = refined(bowl)
    assert np.allclose(film.neutral[:, 2], 0.2 * film.neutral[:, 1] ** 2, atol=1e-5)


def test_film_of_a_closed_box_stays_closed():
    box = np.array([[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]])
    smooth, plain, faces = subdivision(box)
    edges, uses = np.unique(
        np.sort(np.concatenate([faces[:, [k, (k + 1) % 4]] for k in range(4)]), axis=1), axis=0, return_counts=True
    )
    assert set(uses) == {2} and smooth.shape == plain.shape == (26, 8)
    assert np.allclose(smooth.sum(axis=1), 1) and len(edges) == 48


def test_game_takes_a_subset_with_texture_and_shapes_and_winding():
    head, index = sheet(lambda x, y: 0 * x)
    corners = coarse_corners(head.faces, [Patch(index, evens(7), evens(5))])
    game = coarse(head, corners)
    assert len(game.faces) == 6 and len(game.neutral) == 12
    assert np.allclose(game.uv, game.neutral[game.faces][:, :, :2] / 6, atol=1e-6)
    assert np.allclose(game.shapes[0], 0.1 * game.neutral, atol=1e-6)
    a, b, c = (game.neutral[game.faces[:, k]] for k in range(3))
    fine = head.neutral[head.faces]
    turn = np.sign(np.cross(fine[0, 1] - fine[0, 0], fine[0, 2] - fine[0, 0])[2])
    assert (np.sign(np.cross(b - a, c - a)[:, 2]) == turn).all()


def test_game_leaves_the_four_strongest_joints_to_a_vertex():
    head, index = sheet(lambda x, y: 0 * x)
    shares = np.tile([0.3, 0.25, 0.2, 0.15, 0.1], (35, 1)).astype(np.float32)
    corners = coarse_corners(head.faces, [Patch(index, evens(7), evens(5))])
    game = coarse(replace(head, skin_weights=shares), corners)
    assert np.allclose(game.skin_weights, np.array([0.3, 0.25, 0.2, 0.15, 0]) / 0.9, atol=1e-6)
