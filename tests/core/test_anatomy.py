"""Joints and ranges: as measured on people, and spread so that every vertebra reaches its limit together."""

import numpy as np
import pytest

from headroom.core.head.anatomy import (
    EYE_LIMITS,
    JAW_SLIDE,
    JOINT_MIRROR,
    JOINTS,
    LIMITS,
    MOTIONS,
    PARENTS,
    SPINE,
    limit,
    share,
    spread,
)


def test_parents_come_before_children_and_seven_vertebrae_move():
    assert PARENTS[0] == -1 and all(parent < k for k, parent in enumerate(PARENTS))
    assert [name for name in SPINE if name.startswith("C")] == [f"C{k}" for k in range(7, 0, -1)]
    for name, below in zip(SPINE, ("chest", *SPINE), strict=False):
        assert JOINTS[PARENTS[JOINTS.index(name)]] == below


def test_eyes_mirror_each_other_and_the_rest_themselves():
    assert [JOINTS[k] for k in JOINT_MIRROR] == [*JOINTS[:-2], "eye.R", "eye.L"]


def test_ranges_add_up_to_what_people_reach():
    """Clinical ranges of the whole neck: 110 to 140 degrees up and down, 40 to 65 to a shoulder, 70 to 90 aside."""
    assert 110 < np.degrees(limit("flexion") + limit("extension")) < 140
    assert 40 < np.degrees(limit("lateral")) < 65
    assert 70 < np.degrees(limit("axial")) < 90


@pytest.mark.parametrize("motion", MOTIONS)
def test_shares_add_up_and_reach_all_limits_at_once(motion):
    parts = share(motion)
    assert sum(parts.values()) == pytest.approx(1)
    for name in SPINE:
        assert parts[name] * limit(motion) == pytest.approx(getattr(LIMITS[name], motion))


def test_looking_aside_happens_mostly_between_the_first_two_vertebrae():
    parts = share("axial")
    assert max(parts, key=parts.get) == "C1" and parts["C1"] > 0.45


def test_a_turn_is_kept_when_it_is_spread():
    for turn in ([0.3, 0.1, -0.5], [-0.3, 0, 0]):
        parts = spread(np.array(turn))
        assert sum(parts.values()) == pytest.approx(np.array(turn))
    assert spread(np.array([0.3, 0, 0]))["C1"][0] > spread(np.array([-0.3, 0, 0]))["C1"][0] * -1


def test_the_jaw_slides_forward_and_down_and_eyes_turn_most_downward():
    assert JAW_SLIDE[1] < 0 and JAW_SLIDE[2] < 0
    assert max(EYE_LIMITS, key=EYE_LIMITS.get) == "Down"
