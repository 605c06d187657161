"""Faces are found on meshes that lie any which way, and only where there are some."""

from functools import cache

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from headroom.core.errors import InputError
from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.rig.face.find import Face, find, find_one
from headroom.core.rig.landmarks import reference, template_vertices

Mesh = tuple[np.ndarray, np.ndarray]


@cache
def head(seed: int = 60_001) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give vertices, triangles and landmarks of a head that no network was trained on."""
    made = generate(GenerateOptions(seed=seed))
    triangles = np.concatenate([made.faces[:, [0, 1, 2]], made.faces[:, [0, 2, 3]]]).astype(np.int64)
    vertices = made.neutral.astype(np.float64)
    return vertices, triangles, vertices[template_vertices()]


def off(face: Face, marks: np.ndarray, scale: float = 1.0) -> float:
    """Give the mean distance of landmarks from where they are, in percent of the head's height."""
    return 100 * float(np.linalg.norm(face.landmarks - marks, axis=1).mean()) / (reference()[1] * scale)


def ball(center: tuple[float, ...], radius: float) -> Mesh:
    """Make a sphere of triangles."""
    up, around = np.meshgrid(np.linspace(0, np.pi, 24), np.linspace(0, 2 * np.pi, 48), indexing="ij")
    points = np.stack([np.sin(up) * np.cos(around), np.sin(up) * np.sin(around), np.cos(up)], -1).reshape(-1, 3)
    a = (np.arange(23)[:, None] * 48 + np.arange(47)).ravel()
    triangles = np.concatenate([np.stack([a, a + 48, a + 1], 1), np.stack([a + 1, a + 48, a + 49], 1)])
    return points * radius + center, triangles


def joined(*meshes: Mesh) -> Mesh:
    """Put meshes into one."""
    before = np.cumsum([0, *(len(vertices) for vertices, _ in meshes)])
    return (
        np.concatenate([vertices for vertices, _ in meshes]),
        np.concatenate([triangles + start for (_, triangles), start in zip(meshes, before, strict=False)]),
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_head_is_found_whichever_way_it_lies_and_however_large_it_is(seed):
    vertices, triangles, marks = head()
    turn = Rotation.random(random_state=seed).as_matrix()
    scale, shift = (100.0, 0.01, 1.0)[seed], np.array([5.0, -3, 2])
    face = find_one(vertices @ turn.T * scale + shift, triangles)
    assert off(face, marks @ turn.T * scale + shift, scale) < 1.5
    assert np.degrees(np.arccos((np.trace(face.frame.turn @ turn.T) - 1) / 2)) < 12
    assert face.size == pytest.approx(reference()[1] * scale, rel=0.15)


def test_the_same_mesh_gives_the_same():
    vertices, triangles, _ = head()
    np.testing.assert_array_equal(find_one(vertices, triangles).landmarks, find_one(vertices, triangles).landmarks)


def test_flipped_normals_and_mirrored_meshes_do_not_matter():
    vertices, triangles, marks = head()
    assert off(find_one(vertices, triangles[:, ::-1]), marks) < 1.5


def test_a_small_head_on_a_large_body_is_found():
    vertices, triangles, marks = head()
    body = joined((vertices, triangles), ball((0, 0.1, -0.6), 0.42), ball((0, 0.1, -1.2), 0.4))
    assert off(find_one(*body), marks) < 2


def test_what_has_no_face_is_told():
    with pytest.raises(InputError, match="no face found"):
        find_one(*ball((0, 0, 0), 1.0))
    cube = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
    sides = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]])
    assert find(cube, np.concatenate([sides[:, :3], sides[:, [0, 2, 3]]])) == []


def test_two_heads_are_told():
    vertices, triangles, _ = head()
    with pytest.raises(InputError, match="2 faces"):
        find_one(*joined((vertices, triangles), (vertices + [0.4, 0, 0], triangles)))


@pytest.mark.parametrize("broken", ["empty", "not finite", "one point"])
def test_no_surface_is_told_in_one_line(broken):
    vertices, triangles, _ = head()
    mesh = {
        "empty": (vertices[:0], triangles[:0]),
        "not finite": (np.full_like(vertices, np.nan), triangles),
        "one point": (np.zeros_like(vertices), triangles),
    }[broken]
    with pytest.raises(InputError, match="no surface"):
        find(*mesh)
