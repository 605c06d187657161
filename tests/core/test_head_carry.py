"""What was sculpted on one level of detail is found again on another."""

from __future__ import annotations

import numpy as np
import pytest

from headroom.core.head import generate
from headroom.core.head.carry import carry
from headroom.core.head.levels import game_vertices


@pytest.fixture(scope="module")
def neutrals() -> dict[str, np.ndarray]:
    identity = generate.identify(generate.GenerateOptions(seed=1))
    return {level: generate.neutral(identity, level) for level in generate.LEVELS}


@pytest.fixture(scope="module")
def bumps(neutrals) -> dict[str, np.ndarray]:
    """The tip of the nose pulled 1 cm to the front, and what is within some 3 cm with it."""
    tip = neutrals["standard"][np.argmin(neutrals["standard"][:, 1])]
    return {level: bump(points, tip) for level, points in neutrals.items()}


def bump(points: np.ndarray, tip: np.ndarray) -> np.ndarray:
    share = np.exp(-(((points - tip) / 0.015) ** 2).sum(axis=1))
    return share[:, None] * np.array([0, -0.01, 0], np.float32)


@pytest.mark.parametrize("before", generate.LEVELS)
@pytest.mark.parametrize("after", generate.LEVELS)
def test_a_bump_arrives(bumps, before, after):
    arrived, wanted = carry(bumps[before], before, after), bumps[after]
    assert arrived.shape == wanted.shape and arrived.dtype == np.float32
    away = np.linalg.norm(arrived - wanted, axis=1)
    assert away.max() < (0.0015 if "game" in (before, after) else 0.0005)
    assert away.mean() < 5e-5


def test_what_both_levels_have_comes_back_exactly(neutrals):
    offsets = np.random.default_rng(0).normal(0, 0.01, neutrals["standard"].shape).astype(np.float32)
    np.testing.assert_array_equal(carry(carry(offsets, "standard", "film"), "film", "standard"), offsets)
    coarse = offsets[game_vertices()]
    np.testing.assert_allclose(carry(carry(coarse, "game", "film"), "film", "game"), coarse, atol=1e-9)
