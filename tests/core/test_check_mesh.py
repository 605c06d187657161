"""What is wrong with a mesh is said before anyone looks for a face on it, and a good head is let pass."""

from __future__ import annotations

import numpy as np
import pytest

from headroom.core import weights
from headroom.core.errors import InputError
from headroom.core.rig.check_mesh import check, refuse

SIDES, RINGS = 24, 16


def ball(center=(0.0, 0.0, 0.0), radius: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Give an open ball of quads, the poles cut off."""
    turn, tilt = np.meshgrid(np.linspace(0, 2 * np.pi, SIDES, endpoint=False), np.linspace(0.3, np.pi - 0.3, RINGS))
    points = np.stack([np.cos(turn) * np.sin(tilt), np.sin(turn) * np.sin(tilt), np.cos(tilt)], axis=-1)
    ring, side = (axis.ravel() for axis in np.meshgrid(np.arange(RINGS - 1), np.arange(SIDES), indexing="ij"))
    after = (side + 1) % SIDES
    faces = [ring * SIDES + side, (ring + 1) * SIDES + side, (ring + 1) * SIDES + after, ring * SIDES + after]
    return points.reshape(-1, 3) * radius + np.array(center), np.stack(faces, axis=1)


def several(count: int) -> tuple[np.ndarray, np.ndarray]:
    vertices, faces = ball()
    size = len(vertices)
    return (
        np.concatenate([vertices + [0.3 * k, 0, 0] for k in range(count)]),
        np.concatenate([faces + size * k for k in range(count)]),
    )


def found(*mesh: np.ndarray) -> list[str]:
    return [flaw.what for flaw in check(*mesh)]


def test_a_good_mesh_has_no_flaws():
    assert found(*ball()) == []
    assert found(*several(5)) == [], "eyes, teeth and lashes are pieces of their own"
    vertices, faces = ball()
    assert found(1e-3 * vertices, faces) == [] and found(1e4 * vertices + 500, faces) == [], "in any unit, anywhere"
    assert found(vertices, faces, np.eye(4)) == []


def test_our_own_head_has_no_flaws():
    arrays = weights.load("template").arrays
    assert found(arrays["rest"], arrays["faces"]) == []


def test_triangles_among_quads_are_read():
    vertices, faces = ball()
    mixed = np.concatenate([faces[1:], [[*faces[0][:3], -1]], [[faces[0][0], faces[0][2], faces[0][3], -1]]])
    assert found(vertices, mixed) == []


@pytest.mark.parametrize(
    ("what", "mesh"),
    [
        ("empty", (np.zeros((0, 3)), np.zeros((0, 4), int))),
        ("empty", (ball()[0], np.zeros((0, 4), int))),
        ("damaged", (ball()[0], ball()[1] + 1)),
        ("damaged", (ball()[0], np.where(ball()[1] == 0, -5, ball()[1]))),
        ("damaged", (ball()[0][:, :2], ball()[1])),
        ("too_few", (np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1.0]]), np.array([[0, 1, 2], [0, 2, 3]]))),
        ("zero_size", (np.ones_like(ball()[0]), ball()[1])),
        ("flat", (ball()[0] * [1, 1, 0] @ np.linalg.qr(np.arange(9.0).reshape(3, 3) % 5)[0], ball()[1])),
    ],
)
def test_what_cannot_be_a_head_is_fatal(what, mesh):
    flaws = check(*mesh)
    assert flaws[0].what == what and flaws[0].fatal
    with pytest.raises(InputError, match="bust"):
        refuse(flaws, "bust")
    assert "\n" not in flaws[0].why


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_none_are_told_where(value):
    vertices, faces = ball()
    vertices[[7, 9], 1] = value
    (flaw,) = check(vertices, faces)
    assert flaw.what == "non_finite" and flaw.fatal and flaw.vertices.tolist() == [7, 9]


def test_a_vertex_thrown_far_off_is_told_and_does_not_make_the_mesh_flat():
    vertices, faces = several(5)
    vertices[3] = [0, 1e30, 0]
    flaws = {flaw.what: flaw for flaw in check(vertices, faces)}
    assert flaws["far_off"].vertices.tolist() == [3]
    assert not any(flaw.fatal for flaw in flaws.values())


def test_more_vertices_than_memory_holds_shapes_for_are_refused(monkeypatch):
    monkeypatch.setattr("headroom.core.rig.check_mesh.MOST", 300)
    flaws = check(*ball())
    assert [flaw.what for flaw in flaws] == ["too_many"]
    with pytest.raises(InputError, match=r"384 vertices.* decimate"):
        refuse(flaws, "scan")


def test_an_edge_of_three_faces():
    vertices, faces = ball()
    vertices = np.concatenate([vertices, [[0.3, 0.3, 0.3], [0.3, 0.3, 0.2]]])
    fin = [faces[40][0], faces[40][1], len(vertices) - 2, len(vertices) - 1]
    flaws = {flaw.what: flaw for flaw in check(vertices, np.concatenate([faces, [fin]]))}
    assert not flaws["non_manifold"].fatal
    assert flaws["non_manifold"].vertices.tolist() == sorted(faces[40][:2].tolist())


def test_a_face_turned_inside_out():
    vertices, faces = ball()
    faces[100] = faces[100][::-1]
    (flaw,) = check(vertices, faces)
    assert flaw.what == "flipped" and set(faces[100].tolist()) == set(flaw.vertices.tolist())


def test_faces_without_area():
    vertices, faces = ball()
    vertices[faces[100][1]] = vertices[faces[100][0]]
    vertices[faces[100][2]] = vertices[faces[100][3]]
    assert "degenerate" in found(vertices, faces)


def test_vertices_in_no_face():
    vertices, faces = ball()
    (flaw,) = check(np.concatenate([vertices, [[0.0, 0, 0]]]), faces)
    assert flaw.what == "loose_vertices" and flaw.vertices.tolist() == [len(vertices)]


def test_a_mesh_split_at_every_edge():
    """As game formats and bad exports have it; it still is one piece."""
    vertices, faces = ball()
    assert found(vertices[faces.ravel()], np.arange(faces.size).reshape(faces.shape)) == ["unwelded"]


def test_a_mesh_in_pieces():
    assert found(*several(20)) == ["in_pieces"]


TURN = np.linalg.qr(np.array([[2.0, 1, 0], [-1, 2, 0], [0, 0, 1]]))[0]
TURN = TURN * np.sign(np.linalg.det(TURN))


@pytest.mark.parametrize(
    ("axes", "what"),
    [
        (np.diag([-1.0, 1, 1]), ["mirrored"]),
        (np.diag([1.0, 1, 2]), ["scaled"]),
        (np.diag([100.0, 100, 100]), ["scaled"]),
        (np.diag([-0.01, -0.01, -0.01]), ["mirrored", "scaled"]),
        (np.array([[1.0, 0.3, 0], [0, 1, 0], [0, 0, 1]]), ["scaled", "rotated"]),
        (TURN, ["rotated"]),
        (np.diag([1.0, 1, 0]), ["zero_size"]),
        (np.diag([np.nan, 1, 1]), ["non_finite"]),
    ],
)
def test_transforms_that_were_not_applied(axes, what):
    matrix = np.eye(4)
    matrix[:3, :3] = axes
    flaws = check(*ball(), matrix)
    assert [flaw.what for flaw in flaws] == what
    assert [flaw.fatal for flaw in flaws] == [name in ("zero_size", "non_finite") for name in what]
