"""Correctives: named after what they mend, silent when it is not there, written as Blender can evaluate it."""

import re

import pytest

from headroom.core.head.anatomy import JOINTS
from headroom.core.head.correctives import CORRECTIVES, FOLLOW, FORMS, SHAPE_NAMES, Corrective, expand
from headroom.core.head.gaze import LOOK_DEGREES
from headroom.core.performance import SHAPES


def test_names_are_unique_and_few():
    assert len(set(SHAPE_NAMES)) == len(SHAPE_NAMES)
    assert len(CORRECTIVES) <= 72
    assert all(set(one.channels) <= {*SHAPES, *FOLLOW} for one in CORRECTIVES.values())


@pytest.mark.parametrize("form", FORMS)
def test_expressions_are_simple_and_mean_what_is_computed(form):
    """Blender's simple expressions know arithmetic, comparisons, min, max, clamp and a few more; nothing else here."""
    assert re.fullmatch(r"(max|min|[abc0-9.,()+*\- ])+", form)
    for a, b, c in ((0.3, 0.7, 0.2), (1, 1, 0), (0.2, 0.9, 0.8)):
        count = 3 if "c" in form else 2 if "b" in form else 1
        assert FORMS[form](*(a, b, c)[:count]) == pytest.approx(eval(form, {}, {"a": a, "b": b, "c": c, "max": max}))


def test_single_shapes_call_for_no_pair_corrective():
    for name in SHAPES:
        assert set(expand({name: 1.0})) == {name} | ({"tongueOut_jawOpen"} if name == "tongueOut" else set())
    assert "eyeBlinkLeft_half" in expand({"eyeBlinkLeft": 0.5})


def test_a_pair_calls_for_its_corrective_and_a_closed_mouth_does_not():
    values = {"jawOpen": 0.8, "mouthSmileLeft": 0.5}
    assert expand(values)["jawOpen_mouthSmileLeft"] == pytest.approx(0.4)
    assert "jawOpen_mouthSmileLeft" not in expand(values | {"mouthClose": 0.8})
    assert expand(values | {"jawOpen_mouthSmileLeft": 0.0})["jawOpen_mouthSmileLeft"] == 0.0


def test_absent_channels_are_at_rest():
    assert Corrective(("jawOpen", "mouthFunnel"), "a*b").value({"jawOpen": 1.0}) == 0.0


def test_lids_follow_the_bone_as_the_look_shape_would():
    lids = {name: one for name, one in FOLLOW.items() if name.startswith("lid")}
    assert len(lids) == 8
    for name, one in lids.items():
        way = re.fullmatch(r"lidFollow(Up|Down|In|Out)(Left|Right)", name)
        assert one.joint == f"eye.{way[2][0]}"
        assert abs(one.angle) == pytest.approx(LOOK_DEGREES[way[1]] * 3.141592653589793 / 180)
        assert one.value(one.angle) == pytest.approx(1) and one.value(-one.angle) == 0
    assert FOLLOW["lidFollowInLeft"].angle == -FOLLOW["lidFollowInRight"].angle


def test_what_follows_a_bone_stays_within_what_the_bone_can_do():
    assert all(one.joint in JOINTS for one in FOLLOW.values())
    neck = {name: one for name, one in FOLLOW.items() if name.startswith("neck")}
    assert {one.joint for one in neck.values()} == {"C4"} and len(neck) == 4
