"""Faces that shapes turn over are told apart from sharp edges, and evened out on any head and at every level."""

import numpy as np
import pytest

from headroom.core import weights
from headroom.core.head.creases import Risk, Skin, even, lying
from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.head.surface import Surface
from training.head import check
from training.head.layout import build
from training.head.patches import quads

SIZE = 12


@pytest.fixture
def sheet():
    """A flat sheet of quads (F, 4) on points (V, 3)."""
    x, y = np.meshgrid(np.arange(SIZE), np.arange(SIZE), indexing="ij")
    points = np.stack([x, y, 0 * x], axis=-1).reshape(-1, 3) * 0.001
    return points, quads(np.arange(SIZE * SIZE).reshape(SIZE, SIZE))


def folded(points):
    shape = np.zeros_like(points)
    shape[5 * SIZE + 5 : 5 * SIZE + 8] = [0.0025, 0, 0]  # over the two rows beyond
    return shape


def test_a_pleat_is_turned_over_and_a_sharp_edge_is_not(sheet):
    points, faces = sheet
    skin = Surface.of(faces)
    assert not skin.turned(points).any()
    assert skin.turned(points + folded(points)).any()
    edge = points.copy()  # a narrow strip between two broad sides that part from it by more than a right angle
    rows = edge.reshape(SIZE, SIZE, 3)
    rows[6:, :, 0] -= 0.0009
    rows[6:, :, 2] = -np.arange(SIZE - 6)[:, None] * 0.001
    rows[6:, :, 0] -= 0.0003 * np.arange(SIZE - 6)[:, None]
    assert not skin.turned(edge).any()


def test_a_border_has_no_neighbours_to_turn_from(sheet):
    faces = sheet[1]
    assert (Surface.of(faces).beside == np.arange(len(faces))[:, None]).sum() == 4 * (SIZE - 1)


def test_what_folds_is_evened_at_all_levels_and_what_stays_stays(sheet):
    points, faces = sheet
    coarse = quads(np.arange(SIZE * SIZE).reshape(SIZE, SIZE)[::2, ::2])
    skin = Skin.of(len(points), faces, coarse)
    shapes = np.stack([0 * points, folded(points)])
    risk = Risk.of(skin, points, dict(enumerate(shapes)))
    state, still = lying(skin, points), np.zeros(shapes.shape[:2], bool)
    still[1, 5 * SIZE + 6] = True
    found = risk.folded(points, shapes, state)
    assert len(found[0]) and set(found[0]) == {1}
    before = shapes.copy()
    even(skin, points, shapes, found, state, still)
    assert np.array_equal(shapes[0], before[0]) and np.array_equal(shapes[1, still[1]], before[1, still[1]])
    shapes = before
    even(skin, points, shapes, found, state, np.zeros_like(still))
    assert not skin.surface.turned(points + shapes[1]).any()


@pytest.mark.parametrize("seed", [4, 10])
def test_shapes_fold_hardly_a_face_of_a_head(seed):
    head = generate(GenerateOptions(seed=seed))
    layout, fixed = build(), weights.load("template").arrays
    posed = {name: check.pose(head, name, values) for name, values in check.poses(head) if "tongue" not in name}
    for level in ("standard", "game"):
        view, worst = check.View(level, layout, head, fixed), check.Worst()
        worst.take(view, head, posed)
        assert sum(worst.flips.values()) <= 2, worst.flips
        assert worst.seen["lid in eye"][0] < check.TOLERANCE and worst.seen["lip in tooth"][0] < check.TOLERANCE
