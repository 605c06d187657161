"""A recorded performance moves as far as asked for, as a whole and frame by frame."""

import numpy as np
import pytest

from headroom.core.amounts import Amounts, Frames, scaled
from headroom.core.errors import InputError
from headroom.core.performance import ARKIT_52, CAPTURE, POSE, Performance

CHANNELS = (*ARKIT_52, *POSE)


@pytest.fixture
def take() -> Performance:
    """Three seconds at 60 frames a second, in which everything moves and lips touch within the open jaw."""
    values = np.random.default_rng(3).uniform(0, 0.6, (180, len(CHANNELS))).astype(np.float32)
    jaw, close = CHANNELS.index("jawOpen"), CHANNELS.index("mouthClose")
    values[:, close] = values[:, jaw] * np.random.default_rng(4).uniform(0.5, 1.0, 180)
    return Performance(60.0, CHANNELS, (CAPTURE,) * len(CHANNELS), values)


def moved(take: Performance, **amounts: float) -> dict[str, float]:
    """Give what each channel was multiplied by, over frames in which nothing is cut off."""
    small = Performance(take.fps, take.channels, take.layers, take.values / 4)
    made = scaled(small, Amounts(**amounts))
    assert made.values.dtype == np.float32
    return {name: made.channel(name).sum() / small.channel(name).sum() for name in CHANNELS}


def test_nothing_asked_for_changes_no_bit(take):
    raw = take.values.copy()
    raw[5, 3] = 1.0028  # as phones write now and then
    before = Performance(60.0, take.channels, take.layers, raw)
    assert scaled(before, Amounts()).values.tobytes() == raw.tobytes()


def test_each_slider_moves_its_own():
    of = Amounts(strength=0.5, jaw=1.5, lips=0.6, head=2.0).of
    assert of("jawOpen") == of("jawLeft") == of("mouthClose") == 0.75
    assert of("mouthSmileLeft") == of("mouthFunnel") == pytest.approx(0.3)
    assert of("browInnerUp") == of("eyeBlinkLeft") == of("eyeLookUpLeft") == of("leftEyeYaw") == of("tongueOut") == 0.5
    assert {of(name) for name in POSE if name.startswith("head")} == {2.0}


def test_one_slider_leaves_the_rest(take):
    found = moved(take, head=0.0)
    assert {found[name] for name in CHANNELS if name.startswith("head")} == {0.0}
    assert all(found[name] == 1.0 for name in CHANNELS if not name.startswith("head"))
    found = moved(take, lips=1.8)
    lips = {name for name in CHANNELS if name.startswith("mouth") and name != "mouthClose"}
    assert {name for name, far in found.items() if abs(far - 1) > 1e-3} == lips


def test_shapes_stay_within_their_range_and_turns_do_not(take):
    made = scaled(take, Amounts(strength=2.0, jaw=2.0, lips=2.0, head=2.0))
    shapes = [CHANNELS.index(name) for name in ARKIT_52]
    assert made.values[:, shapes].min() >= 0 and made.values[:, shapes].max() == 1.0
    np.testing.assert_allclose(made.channel("headYaw"), 2 * take.channel("headYaw"))


@pytest.mark.parametrize("amounts", [{"jaw": 0.2}, {"lips": 2.0}, {"strength": 1.7, "jaw": 1.9}, {"jaw": 0.0}])
def test_lips_that_touch_go_on_touching(take, amounts):
    made = scaled(take, Amounts(**amounts))
    assert np.all(made.channel("mouthClose") <= made.channel("jawOpen"))
    assert np.all(made.channel("mouthClose") >= 0.49 * made.channel("jawOpen"))


def test_a_slider_that_hardly_moves_hardly_moves_anything(take):
    """Also where a phone closed the mouth further than the jaw was open, which real takes do."""
    close, jaw = CHANNELS.index("mouthClose"), CHANNELS.index("jawOpen")
    take.values[:, close] = take.values[:, jaw] + 0.05
    made = scaled(take, Amounts(strength=0.999))
    assert np.abs(made.values - take.values).max() < 1e-3


@pytest.mark.parametrize("fps", [24.0, 23.976, 30.0, 60.0, 72.0])
@pytest.mark.parametrize("amounts", [Amounts(), Amounts(1.9, 1.4, 0.7, 0.3)])
def test_frame_by_frame_it_is_the_same(take, fps, amounts):
    frames = Frames(take)
    frames.fps, frames.amounts = fps, amounts
    whole = scaled(take, amounts).resample(fps)
    assert frames.frame_count == whole.frame_count
    each = np.concatenate([frames.at(frame).values for frame in range(whole.frame_count)])
    np.testing.assert_allclose(each, whole.values, atol=1e-5)
    halfway = (whole.values[7] + whole.values[8]) / 2
    np.testing.assert_allclose(frames.at(7.5).values[0], halfway, atol=1e-5)
    assert not frames.at(-1).values.any() and not frames.at(whole.frame_count).values.any()


def test_amounts_out_of_range_are_refused():
    with pytest.raises(InputError, match=r"--head 2\.5: must lie between 0 and 2"):
        Amounts(head=2.5)
