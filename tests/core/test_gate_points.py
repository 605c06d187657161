"""The export gate on points: how far a file is off, and whether its format or the way there is to blame."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from headroom.core.formats import gate_points
from headroom.core.formats.gate import LOST, NOTE, ExportOptions, Line


def kinds(lines: list[Line]) -> list[str]:
    return [line.what for line in lines]


def points(
    before: np.ndarray, after: np.ndarray, frames: Any = range(6), tolerance: float = 0.1, ordered: bool = True,
    **others: Any,
) -> tuple[gate_points.Apart, list[Line]]:  # fmt: skip
    options = ExportOptions(tolerance=tolerance, limits=others.pop("limits", "fail"))
    return gate_points.points("Head", "talk", before, after, frames, options, ordered, **others)


@pytest.fixture
def cloud() -> np.ndarray:
    """Points that move over six frames; two lie in one place at first and part later, as closed lips do."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(1, 200, 3)) + rng.normal(0, 0.05, (6, 200, 3))
    points[0] = rng.normal(size=(200, 3))
    points[0, 1] = points[0, 0]
    return points


def test_split_and_shuffled_vertices_are_found_again(cloud: np.ndarray) -> None:
    taken = np.random.default_rng(1).permutation(np.r_[np.arange(200), np.arange(60)])
    assert gate_points.match(cloud, cloud[:, taken]).tolist() == taken.tolist()
    made, lines = points(cloud, cloud[:, taken], ordered=False)
    assert (made.total.error, lines) == (0.0, [])


def test_the_largest_error_says_where_it_is(cloud: np.ndarray) -> None:
    after = cloud.copy()
    after[4, 17] += [0.0, 0.002, 0.0]
    made, lines = points(cloud, after, [1, 5, 9, 13, 17, 21])
    assert made.total.error == pytest.approx(2.0)
    assert made.total.where == "vertex 17 of Head at frame 17 of talk"
    assert kinds(lines) == ["vertex_error"] and "1 of 200 vertices" in lines[0].why
    assert points(cloud, after, tolerance=3.0)[1] == []
    assert points(cloud, after, scale=0.01)[0].total.error == pytest.approx(0.02)


def test_lost_vertices_and_another_order_are_told(cloud: np.ndarray) -> None:
    _, lines = points(cloud, cloud[:, 5:])
    assert kinds(lines) == ["vertices_lost"] and lines[0].amount == 5
    _, lines = points(cloud, cloud[:, ::-1])
    assert kinds(lines) == ["vertex_order"] and lines[0].level == NOTE
    assert points(cloud, cloud[:, ::-1], ordered=False)[1] == []


def test_a_mesh_that_is_elsewhere_did_not_lose_its_vertices(cloud: np.ndarray) -> None:
    made, lines = points(cloud, 100 * cloud, ordered=False)
    assert made.total.error > 1000
    assert kinds(lines) == ["vertex_error"]


def test_numbers_that_are_none_are_an_error(cloud: np.ndarray) -> None:
    after = cloud.copy()
    after[2, 3] = np.nan
    made, lines = points(cloud, after)
    assert made.total.error == gate_points.ENDLESS, "which JSON can hold"
    assert "vertex_error" in kinds(lines)


@pytest.fixture
def bent(cloud: np.ndarray) -> np.ndarray:
    """The points once a modifier that no file can hold is gone: 3 mm elsewhere at one vertex."""
    held = cloud.copy()
    held[2, 40] += [0.003, 0.0, 0.0]
    return held


def test_what_a_format_cannot_hold_is_a_loss_by_name(cloud: np.ndarray, bent: np.ndarray) -> None:
    made, lines = points(cloud, bent, held=bent, causes=["Round"], format_="glTF")
    assert (made.total.error, made.lacks.error, made.way.error) == pytest.approx((3.0, 3.0, 0.0))
    (line,) = lines
    assert (line.what, line.level, line.amount) == ("not_held", LOST, pytest.approx(3.0))
    assert line.why.startswith("glTF cannot hold Round: Head is up to 3 mm off for that, at worst vertex 40 of Head")


def test_it_is_told_alone_when_that_was_asked(cloud: np.ndarray, bent: np.ndarray) -> None:
    _, (line,) = points(cloud, bent, held=bent, causes=["Round"], limits="tell")
    assert (line.what, line.level) == ("not_held", NOTE)


def test_what_is_not_seen_is_no_loss(cloud: np.ndarray, bent: np.ndarray) -> None:
    assert points(cloud, bent, held=bent, causes=["Round"], tolerance=4.0)[1] == []


def test_what_nothing_excuses_went_wrong_on_the_way(cloud: np.ndarray, bent: np.ndarray) -> None:
    """Also when it was only to be told what a format cannot hold."""
    made, lines = points(cloud, bent, held=bent, limits="tell")
    assert (made.lacks.error, made.way.error) == pytest.approx((0.0, 3.0))
    assert [(line.what, line.level) for line in lines] == [("vertex_error", LOST)]


def test_a_fault_is_not_hidden_behind_what_a_format_cannot_hold(cloud: np.ndarray, bent: np.ndarray) -> None:
    after = bent.copy()
    after[3, 90] += [0.0, 0.001, 0.0]
    made, lines = points(cloud, after, held=bent, causes=["Round"])
    assert (made.lacks.error, made.way.error) == pytest.approx((3.0, 1.0))
    assert kinds(lines) == ["not_held", "vertex_error"]
    assert "up to 1 mm off in talk, 1 of 200 vertices, at worst vertex 90" in lines[1].why


def test_two_that_pass_alone_do_not_pass_together(cloud: np.ndarray, bent: np.ndarray) -> None:
    after = bent.copy()
    after[2, 40] += [0.003, 0.0, 0.0]
    assert kinds(points(cloud, after, held=bent, causes=["Round"], tolerance=4.0)[1]) == ["vertex_error"]
