"""The checker finds what it should: loops of the layout at every level, folds, eyes and teeth pierced; and the shipped
head passes where it is exact by construction."""

import numpy as np
import pytest

from headroom.core import weights
from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.head.head import Head
from headroom.core.head.levels import coarse, refined
from headroom.core.head.surface import Surface
from training.head import check, collisions, proof
from training.head.eyeball import cornea, eyeball
from training.head.layout import build
from training.head.patches import coarse_corners, quads


@pytest.fixture(scope="module")
def bare():
    """The layout and its mirror image as a head without a shape of its own."""
    layout = build()
    other = np.arange(layout.count) + layout.count
    other[layout.midline] = layout.midline
    used, compact = np.unique(np.concatenate([layout.faces, other[layout.faces][:, ::-1]]), return_inverse=True)
    faces = compact.reshape(-1, 4)
    count = len(used)
    head = Head(np.random.default_rng(0).random((count, 3)).astype(np.float32), faces, np.zeros((len(faces), 4, 2)),
                np.full(len(faces), "skin"), np.ones((count, 4)), (), np.zeros((0, count, 3)), (), (),
                np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((count, 0)))  # fmt: skip
    left = coarse_corners(layout.faces, layout.patches())
    right = left // 4 * 4 + 3 - left % 4 + 4 * len(layout.faces)
    return layout, head, np.concatenate([left, right[:, ::-1]])


@pytest.mark.parametrize("level", ["game", "standard", "film"])
def test_loops_around_lips_and_lids_close_at_every_level(bare, level):
    layout, head, corners = bare
    kept = np.unique(head.faces.ravel()[corners]) if level == "game" else np.arange(len(head.neutral))
    shown = {"game": lambda: coarse(head, corners), "film": lambda: refined(head), "standard": lambda: head}[level]()
    found = proof.loops(shown, layout, level, kept)
    assert all(found[name] >= least for name, least in check.LEAST.items()), found


def test_a_corner_pulled_over_its_neighbours_is_a_flip():
    x, y = np.meshgrid(np.arange(6.0), np.arange(6.0), indexing="ij")
    flat = np.stack([x, y, 0 * x], axis=-1).reshape(-1, 3)
    faces = quads(np.arange(36).reshape(6, 6))
    skin = Surface.of(faces)
    bent = flat + np.stack([0 * x, 0 * y, 0.3 * np.sin(x)], axis=-1).reshape(-1, 3)
    assert collisions.flipped(flat, bent, skin) == 0
    torn = flat.copy()
    torn[14, 0] += 2.5
    assert collisions.flipped(flat, torn, skin) > 0
    assert collisions.flipped(torn, torn, skin) == 0


def test_depth_in_an_eye_knows_the_cornea():
    center, radius = np.array([0.03, -0.08, 0.03]), 0.012
    eye = np.concatenate([eyeball(center, radius).vertices, cornea(center, radius).vertices])
    side, front = center + [radius + 1e-4, 0, 0], center + [0, -radius * 1.03, 0]
    assert collisions.in_eye(side[None], eye) == pytest.approx(-1e-4, abs=2e-6)
    assert collisions.in_eye(front[None], eye) == pytest.approx(0.009 * radius, abs=2e-5)
    assert collisions.in_eye(center[None] - [0, 0, 0.5 * radius], eye) == pytest.approx(0.5 * radius, abs=2e-6)


def test_depth_in_a_solid_is_zero_outside():
    box = np.array([[x, y, z] for z in (0, 1) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))], float)
    faces = np.array([[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]])
    assert collisions.in_solid(np.array([[2.0, 0.5, 0.5]]), box, faces) == 0
    assert collisions.in_solid(np.array([[0.5, 0.5, 0.9], [3, 3, 3]]), box, faces) == pytest.approx(0.1)


@pytest.mark.skipif("rest" not in weights.load("template").arrays, reason="the shipped template has no levels yet")
def test_the_shipped_head_holds_what_the_checker_asks_of_its_structure():
    mean = generate(GenerateOptions(seed=0, variety=0.0, set={"asymmetry": 0.0}))
    report = check.check(mean, [], weights.load("template").arrays, ["standard", "game"])
    assert not [line for line in report.broken if not line.startswith("faces turned over")], report.broken
