"""Heads drawn rather than built like people's: eyes in round holes without lids, mouths open that go nowhere."""

import numpy as np
import pytest

from headroom.core.head.correctives import SHAPE_NAMES
from headroom.core.head.decode import openings
from headroom.core.rig.fit import Person, jaw_opened, population
from headroom.core.rig.frame import Frame
from headroom.core.rig.landmarks import template_vertices
from headroom.core.rig.lids import PIXEL, depth
from headroom.core.rig.lines import INNER, holes_of, lip_lines
from headroom.core.rig.pieces import profile
from headroom.core.rig.shapes import Ball
from headroom.core.rig.slide import RAGGED, ragged, slide
from headroom.core.rig.surface import Mesh

RADIUS, MIDDLE = 0.018, np.array([0.03, -0.08, 0.02])


def sphere(count: int = 24) -> tuple[np.ndarray, np.ndarray]:
    """An eye."""
    up, around = np.meshgrid(np.linspace(0.01, np.pi - 0.01, count), np.linspace(0, 2 * np.pi, 2 * count))
    points = np.stack([np.sin(up) * np.cos(around), np.sin(up) * np.sin(around), np.cos(up)], axis=2).reshape(-1, 3)
    return points, grid_faces(2 * count, count)


def grid_faces(rows: int, columns: int) -> np.ndarray:
    cell = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    a, b, c, d = cell, cell + 1, cell + columns + 1, cell + columns
    return np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])


@pytest.fixture(scope="module")
def head():
    """A sheet of skin bent over an eye, with a round hole in it, and the eye: the mesh, and which vertices are skin."""
    x, z = np.meshgrid(np.linspace(-3, 3, 97), np.linspace(-3, 3, 97))
    off = np.hypot(x, z)
    y = -np.sqrt(np.maximum(1.12**2 - off**2, 0.0)) - 0.25 * np.minimum(off, 1)
    skin = np.stack([x, y, z], axis=2).reshape(-1, 3)
    triangles = grid_faces(97, 97)
    open_ = off.ravel() > 0.85
    triangles = triangles[open_[triangles].all(axis=1)]
    ball, faces = sphere()
    points = MIDDLE + RADIUS * np.concatenate([skin, ball])
    used, corner = np.unique(np.concatenate([triangles, faces + len(skin)]), return_inverse=True)
    return Mesh(points[used], corner.reshape(-1, 3)), used < len(skin)


@pytest.fixture(scope="module")
def closed(head):
    mesh, skin = head
    ball = profile(Ball(MIDDLE, RADIUS), mesh.vertices[~skin])
    of_triangle = skin[mesh.triangles].all(axis=1)
    hole = holes_of(mesh, of_triangle, (~of_triangle).astype(int), {"Left": ball})["Left"]
    shapes = np.zeros((len(SHAPE_NAMES), len(mesh.vertices), 3), np.float32)
    rows = np.flatnonzero(skin)
    slide(shapes, mesh, rows, mesh.beside[rows][:, rows], ball, "Left", hole)
    return mesh, skin, ball, shapes


def seen(mesh, skin, moved):
    """Count the pixels of the eye that no skin hides."""
    low, count = MIDDLE[[0, 2]] - 1.5 * RADIUS, int(3 * RADIUS / PIXEL)
    posed = Mesh(mesh.vertices + moved, mesh.triangles)
    front, eye = (
        depth(posed, some[mesh.triangles].all(axis=1), low, count, MIDDLE[1] + RADIUS) for some in (skin, ~skin)
    )
    return int((eye < front - 1e-5).sum())


def test_skin_slides_over_an_eye_without_lids(closed):
    mesh, skin, ball, shapes = closed
    blink = shapes[SHAPE_NAMES.index("eyeBlinkLeft")]
    at_rest = seen(mesh, skin, np.zeros_like(blink))
    assert at_rest > 2000
    assert seen(mesh, skin, blink) < 0.02 * at_rest
    half = seen(mesh, skin, 0.5 * blink + shapes[SHAPE_NAMES.index("eyeBlinkLeft_half")])
    assert 0.2 * at_rest < half < 0.7 * at_rest
    assert ragged(shapes, mesh, skin, ball, "Left") < 0.2  # some of it is drawn far, nearly none turns over


def test_it_goes_round_the_eye_not_through_it(closed):
    mesh, skin, _, shapes = closed
    blink, half = (shapes[SHAPE_NAMES.index(name)] for name in ("eyeBlinkLeft", "eyeBlinkLeft_half"))
    for moved in (blink, 0.5 * blink + half):
        there = mesh.vertices[skin] + moved[skin]
        front = there[:, 1] < MIDDLE[1]
        assert np.linalg.norm(there[front] - MIDDLE, axis=1).min() > RADIUS


def test_only_what_lies_about_the_eye_moves(closed):
    mesh, skin, _, shapes = closed
    away = np.linalg.norm(mesh.vertices - MIDDLE, axis=1) > 2.6 * RADIUS
    assert not shapes[:, away].any()
    assert not shapes[:, ~skin].any()


def test_lids_follow_looks_and_open_wide(closed):
    mesh, skin, _, shapes = closed
    open_ = [seen(mesh, skin, shapes[SHAPE_NAMES.index(name)]) for name in ("eyeSquintLeft", "eyeBlinkLeft_half",
                                                                           "eyeWideLeft")]  # fmt: skip
    rest = seen(mesh, skin, np.zeros_like(shapes[0]))
    assert open_[0] < rest < open_[2]


def test_torn_lids_are_seen(closed):
    mesh, skin, ball, shapes = closed
    torn = shapes.copy()
    random = np.random.default_rng(0)
    row = SHAPE_NAMES.index("eyeBlinkLeft")
    torn[row, skin] += random.normal(0, 0.3 * RADIUS, (skin.sum(), 3)) * (np.abs(torn[row, skin]) > 0)
    assert ragged(torn, mesh, skin, ball, "Left") > max(RAGGED, 2 * ragged(shapes, mesh, skin, ball, "Left"))
    assert ragged(np.zeros_like(torn), mesh, skin, ball, "Left") == 0


@pytest.fixture(scope="module")
def person():
    heads = population()
    still = np.zeros(len(heads.basis(0.0)[0]), np.float32)
    vertices = heads.vertices(still).astype(np.float64)
    frame = Frame(1.0, np.eye(3), np.zeros(3))
    return Person(np.zeros(1), still, vertices, jaw_opened(still), 0.0, frame)


@pytest.mark.parametrize("apart", [0.0, 0.003, 0.012])
def test_lips_are_laid_where_a_mouth_was_drawn_open(person, apart):
    marks = person.vertices[template_vertices()].copy()
    marks[INNER[5:], 2] -= apart
    rows, goal = lip_lines(marks, person)
    if apart < 0.006:
        assert not len(rows)
        return
    place = dict(zip(rows, goal, strict=True))
    seam = openings()[0].seam
    gap = [place[high][2] - place[low][2] for high, low in zip(seam.upper, seam.lower, strict=True) if high != low]
    assert max(gap) == pytest.approx(apart, abs=0.003)
    assert min(gap) > -0.001
