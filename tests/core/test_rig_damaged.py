"""A head whose mesh is broken, or that hangs on a huge body, is rigged like a clean one."""

from __future__ import annotations

import numpy as np
import pytest

from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.rig.closeup import closeup
from headroom.core.rig.face.find import find
from headroom.core.rig.landmarks import reference, template_vertices
from headroom.core.rig.rig import Mesh, RigOptions, rig
from headroom.core.rig.surface import triangles_of

SEED = 11


@pytest.fixture(scope="module")
def mesh():
    head = generate(GenerateOptions(seed=SEED, level="game"))
    return Mesh(head.neutral.astype(np.float64), triangles_of(head.faces.astype(np.int64)))


@pytest.fixture(scope="module")
def marks():
    return generate(GenerateOptions(seed=SEED)).neutral[template_vertices()].astype(np.float64)


def ball(center, radius, sides=32):
    """Give an open ball of triangles."""
    turn, tilt = np.meshgrid(np.linspace(0, 2 * np.pi, sides, endpoint=False), np.linspace(0.2, np.pi - 0.2, sides))
    points = np.stack([np.cos(turn) * np.sin(tilt), np.sin(turn) * np.sin(tilt), np.cos(tilt)], axis=-1)
    ring, side = (axis.ravel() for axis in np.meshgrid(np.arange(sides - 1), np.arange(sides), indexing="ij"))
    after = (side + 1) % sides
    quads = [ring * sides + side, (ring + 1) * sides + side, (ring + 1) * sides + after, ring * sides + after]
    return points.reshape(-1, 3) * radius + np.array(center), triangles_of(np.stack(quads, axis=1))


def joined(*meshes):
    before = np.cumsum([0, *(len(vertices) for vertices, _ in meshes)])
    parts = zip(meshes, before, strict=False)
    return Mesh(np.concatenate([v for v, _ in meshes]), np.concatenate([t + start for (_, t), start in parts]))


def damaged(mesh):
    """Add fins, doubled, flat and flipped faces, loose vertices and a face that reaches far out."""
    random, count = np.random.default_rng(0), len(mesh.vertices)
    triangles = mesh.triangles.copy()
    flipped = random.choice(len(triangles), len(triangles) // 4, replace=False)
    triangles[flipped] = triangles[flipped, ::-1]
    some = mesh.triangles[random.choice(len(triangles), 60, replace=False)]
    tips = mesh.vertices[some[:, 0]] + [0, 0, 0.003]
    fins = np.c_[some[:, :2], count + np.arange(60)]
    flat = some[:, [0, 1, 1]]
    far = [[0, 1, count + 60]]
    loose = random.normal(0, 0.3, (20, 3))
    return Mesh(
        np.concatenate([mesh.vertices, tips, [[1e30, 0, 0]], loose]),
        np.concatenate([triangles, fins, some, flat, far]),
    )


@pytest.fixture(scope="module")
def clean(mesh, marks):
    return rig(mesh, marks, RigOptions(shapes="arkit"))


@pytest.fixture(scope="module")
def broken(mesh, marks):
    """The damaged head on a body and under a hat that are pieces of their own."""
    worse = damaged(mesh)
    whole = joined((worse.vertices, worse.triangles), ball((0, 0.05, -1.0), 0.7), ball((0, 0.0, 0.24), 0.05))
    return rig(whole, marks, RigOptions(shapes="arkit")), len(worse.vertices)


@pytest.mark.parametrize("name", ["jawOpen", "eyeBlinkLeft", "mouthSmileRight", "browInnerUp", "eyeLookUpLeft"])
def test_a_broken_mesh_gets_the_shapes_of_a_clean_one(mesh, clean, broken, name):
    made, count = broken[0], len(mesh.vertices)
    row = clean.shape_names.index(name)
    off = np.linalg.norm(made.shapes[row, :count] - clean.shapes[row], axis=1)
    assert 1000 * off.mean() < 0.1
    assert np.isfinite(made.shapes).all() and np.abs(made.shapes).max() < 0.1


def test_a_body_of_its_own_stays_when_the_head_turns_and_a_hat_goes_along(broken):
    made, count = broken
    body, hat = made.weights[count : count + 1024], made.weights[count + 1024 :]
    assert (body[:, made.joint_names.index("skull")] < 0.01).all()
    assert body[:, made.joint_names.index("chest")].mean() > 0.9
    assert (hat[:, made.joint_names.index("skull")] > 0.99).all()


def test_a_head_on_a_body_twenty_times_its_size_is_found_in_a_close_up(mesh, marks):
    body = joined((mesh.vertices, mesh.triangles), ball((0, 0.1, -2.6), 2.3, 48))
    some = closeup(body.vertices, body.triangles)
    (face,) = find(body.vertices, body.triangles[some])
    off = np.linalg.norm(face.landmarks - marks, axis=1).mean()
    assert off < 0.02 * reference()[1]


def test_a_close_up_of_what_is_evenly_dense_shows_nothing_new():
    x, y = np.meshgrid(np.linspace(0, 6, 40), np.linspace(0, 6, 40), indexing="ij")
    corner = np.arange(1600).reshape(40, 40)
    quads = np.stack([corner[:-1, :-1], corner[1:, :-1], corner[1:, 1:], corner[:-1, 1:]], axis=-1).reshape(-1, 4)
    assert closeup(np.stack([x, y, np.sin(x) * np.cos(y)], axis=-1).reshape(-1, 3), triangles_of(quads)) is None
    assert closeup(np.zeros((0, 3)), np.zeros((0, 3), int)) is None
