"""Faces that look the wrong way are turned like those beside them, also across seams, and nothing else is touched."""

from __future__ import annotations

import numpy as np
import pytest

from headroom.core.rig.surface import Mesh, triangles_of
from headroom.core.rig.winding import consistent

SIDES = 12


def tube(twist: bool = False) -> Mesh:
    """Give a ring of quads, or a Möbius strip."""
    turn = np.linspace(0, 2 * np.pi, SIDES, endpoint=False)
    tilt = turn / 2 if twist else np.zeros(SIDES)
    across = np.stack([np.cos(turn) * np.sin(tilt), np.sin(turn) * np.sin(tilt), np.cos(tilt)], axis=1)
    middle = np.stack([2 * np.cos(turn), 2 * np.sin(turn), 0 * turn], axis=1)
    vertices = np.concatenate([middle - across / 2, middle + across / 2])
    low, after = np.arange(SIDES), (np.arange(SIDES) + 1) % SIDES
    quads = np.stack([low, after, after + SIDES, low + SIDES], axis=1)
    if twist:
        quads[-1] = [SIDES - 1, SIDES, 0, 2 * SIDES - 1]
    return Mesh(vertices, triangles_of(quads))


def normals(mesh: Mesh) -> np.ndarray:
    return mesh.facing


def test_a_good_mesh_is_given_back_as_it_is():
    mesh = tube()
    assert consistent(mesh) is mesh


@pytest.mark.parametrize("soup", [False, True])
def test_turned_faces_are_turned_back(soup):
    mesh = tube()
    wrong = mesh.triangles.copy()
    wrong[[3, 4, 11]] = wrong[[3, 4, 11], ::-1]
    vertices = mesh.vertices
    if soup:  # a vertex for each corner, as some files have it
        vertices, wrong = vertices[wrong].reshape(-1, 3), np.arange(wrong.size).reshape(-1, 3)
    mended = consistent(Mesh(vertices, wrong))
    np.testing.assert_allclose(normals(mended), normals(mesh), atol=1e-12)
    assert mended.vertices is vertices


def test_pieces_do_not_turn_each_other():
    one, two = tube(), tube()
    inward = two.triangles[:, ::-1].copy()
    inward[5] = inward[5, ::-1]
    both = Mesh(
        np.concatenate([one.vertices, two.vertices + 9]), np.concatenate([one.triangles, inward + len(one.vertices)])
    )
    mended = normals(consistent(both))
    np.testing.assert_allclose(mended, np.concatenate([normals(one), -normals(two)]), atol=1e-12)


def test_what_has_one_side_only_stays():
    strip = tube(twist=True)
    np.testing.assert_array_equal(consistent(strip).triangles, strip.triangles)
