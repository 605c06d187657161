"""The table that flows through the house: layers add up, frames stand for times, shapes stay within 0..1."""

import numpy as np
import pytest

from headroom.core.errors import InputError
from headroom.core.performance import ARKIT_52, LAYERS, NECK, POSE, SHAPES, TONGUE, Performance


def table(fps: float = 60.0, frames: int = 4, **columns: float) -> Performance:
    """Make a performance whose columns are constant; a name is channel__layer."""
    pairs = [name.split("__") for name in columns]
    values = np.tile(np.array(list(columns.values()), dtype=np.float32), (frames, 1))
    return Performance(fps, tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs), values)


def test_names_are_apples_52_and_ours() -> None:
    assert len(ARKIT_52) == len(set(ARKIT_52)) == 52
    assert len(SHAPES) == len(set(SHAPES)) == 52 + len(TONGUE) + len(NECK)
    assert len(TONGUE) >= 8 and "tongueOut" not in TONGUE
    assert not set(SHAPES) & set(POSE)
    assert {"eyeBlinkLeft", "jawOpen", "mouthClose", "tongueOut"} <= set(ARKIT_52)
    assert LAYERS[0] == "lips"


def test_left_and_right_come_in_pairs() -> None:
    lonely = {"jawLeft", "jawRight", "mouthLeft", "mouthRight"}
    for name in set(ARKIT_52) - lonely:
        if name.endswith("Left"):
            assert name.removesuffix("Left") + "Right" in ARKIT_52


@pytest.mark.parametrize(
    ("fps", "channels", "layers", "shape"),
    [
        (60.0, ("jawOpen",), ("lips",), (4,)),
        (60.0, ("jawOpen",), ("lips",), (4, 2)),
        (60.0, ("jawOpen",), ("lips", "brows"), (4, 1)),
        (60.0, ("jawOpen", "jawOpen"), ("lips", "lips"), (4, 2)),
        (0.0, ("jawOpen",), ("lips",), (4, 1)),
        (float("nan"), ("jawOpen",), ("lips",), (4, 1)),
    ],
)
def test_parts_that_do_not_fit_are_refused(fps: float, channels: tuple, layers: tuple, shape: tuple) -> None:
    with pytest.raises(InputError):
        Performance(fps, channels, layers, np.zeros(shape, np.float32))


def test_a_channel_is_the_sum_of_its_layers() -> None:
    made = table(jawOpen__lips=0.25, jawOpen__emotion=0.5, headYaw__head=-2.0)
    np.testing.assert_allclose(made.channel("jawOpen"), 0.75)
    np.testing.assert_allclose(made.channel("browInnerUp"), 0.0)


def test_flatten_holds_shapes_within_0_and_1_and_leaves_poses_alone() -> None:
    flat = table(jawOpen__lips=0.75, jawOpen__emotion=0.5, mouthClose__lips=-0.5, headYaw__head=-2.0).flatten()
    assert flat.channels == ("jawOpen", "mouthClose", "headYaw")
    assert flat.layers == ("lips", "lips", "head")
    np.testing.assert_allclose(flat.values[0], [1.0, 0.0, -2.0])
    assert flat.values.dtype == np.float32


def test_flatten_does_not_touch_the_original() -> None:
    made = table(jawOpen__lips=2.0)
    made.flatten()
    np.testing.assert_allclose(made.values, 2.0)


def test_flatten_of_nothing_is_nothing() -> None:
    assert table().flatten().values.shape == (4, 0)


@pytest.mark.parametrize("fps", [23.976, 24, 25, 29.97, 30, 50, 60, 120])
def test_resampled_frames_stand_for_their_times(fps: float) -> None:
    ramp = np.arange(601, dtype=np.float32)[:, None] / 60  # the value is the time in seconds
    made = Performance(60.0, ("headYaw",), ("head",), ramp).resample(fps)
    assert abs(made.duration - 601 / 60) <= 0.51 / fps
    times = np.arange(made.frame_count) / fps
    inside = times <= 600 / 60
    np.testing.assert_allclose(made.values[inside, 0], times[inside], atol=1e-5)


def test_resampling_to_the_same_rate_changes_nothing() -> None:
    made = table(jawOpen__lips=0.5)
    np.testing.assert_array_equal(made.resample(60).values, made.values)


def test_an_empty_performance_resamples_to_an_empty_one() -> None:
    assert table(frames=0, jawOpen__lips=0.5).resample(24).values.shape == (0, 1)


def test_a_single_frame_stays_one() -> None:
    assert table(frames=1, jawOpen__lips=0.5).resample(24).values.shape == (1, 1)
