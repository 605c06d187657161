"""Deformation transfer: a shape follows the identity's size, and comes back unchanged on its own mesh."""

import numpy as np
import pytest

from training.head.transfer import Transfer

N = 9


@pytest.fixture
def sheet():
    x, y = np.meshgrid(np.linspace(-1, 1, N), np.linspace(-1, 1, N), indexing="ij")
    source = np.stack([x, y, 0.1 * x * y], axis=-1).reshape(-1, 3)
    a = (np.arange(N - 1)[:, None] * N + np.arange(N - 1)).ravel()
    triangles = np.concatenate([np.stack([a, a + N, a + N + 1], 1), np.stack([a, a + N + 1, a + 1], 1)])
    bump = np.zeros_like(source)
    bump[:, 2] = 0.3 * np.clip(1 - (source[:, :2] ** 2).sum(1) / 0.5, 0, None)
    return triangles, source, bump[None]


def test_on_its_own_mesh_nothing_changes(sheet):
    triangles, source, shapes = sheet
    assert Transfer(triangles, source, shapes).to(source) == pytest.approx(shapes, abs=1e-6)


def test_a_larger_face_moves_further_the_same_way(sheet):
    triangles, source, shapes = sheet
    assert Transfer(triangles, source, shapes).to(1.5 * source + [0.2, 0, 1]) == pytest.approx(1.5 * shapes, abs=1e-6)


def test_what_no_shape_moves_stays(sheet):
    triangles, source, shapes = sheet
    wide = source * [1.3, 0.9, 1.1]
    still = np.abs(shapes[0]).max(axis=1) == 0
    assert np.abs(Transfer(triangles, source, shapes).to(wide)[0][still]).max() == 0
