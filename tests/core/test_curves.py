"""Few keys: as near to the motion as promised, with every extreme, rest and contact in place."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from headroom.core.curves import extremes, hermite, reach
from headroom.core.curves.keys import Curve, Keys
from headroom.core.curves.reduce import AT_CONTACT, ELSEWHERE, ReduceOptions, contacts, off_at_lips, reduce
from headroom.core.errors import InputError
from headroom.core.performance import SHAPES, Performance

LINE = Path(__file__).parents[2] / "docs" / "demo" / "line.flac"
MOUTH = tuple(name for name in SHAPES if name.startswith(("mouth", "jaw", "cheek")))


def perform(columns: dict, fps: float = 60.0) -> Performance:
    channels, layers = zip(*columns, strict=True)
    return Performance(fps, channels, layers, np.stack(list(columns.values()), axis=1).astype(np.float32))


def wander(frames: int, channels: tuple[str, ...], seed: int = 0, width: int = 25) -> Performance:
    """Give smooth random motion that is often clipped at 0, and rests there for a while."""
    window = np.hanning(width + 2)[1:-1]
    noise = np.random.default_rng(seed).normal(0, 1, (len(channels), frames + width - 1))
    curves = np.stack([np.convolve(row, window / np.linalg.norm(window), mode="valid") for row in noise], axis=1)
    values = np.clip(0.25 + 0.3 * curves, 0, 1)
    values[frames // 2 : frames * 2 // 3] = 0
    return Performance(60.0, channels, ("lips",) * len(channels), values.astype(np.float32))


@cache
def spoken(fps: float = 60.0) -> Performance:
    from headroom.core.speech.lipsync import LipsyncOptions, lipsync
    from headroom.core.speech.sound import read

    return lipsync(read(LINE), LipsyncOptions(fps=fps)).performance


def at_frames(keys: Keys, performance: Performance) -> np.ndarray:
    return keys.at(np.arange(performance.frame_count) / performance.fps)


def finely(keys: Keys, performance: Performance) -> np.ndarray:
    return keys.at(np.linspace(0, performance.duration, performance.frame_count * 16))


@pytest.mark.parametrize("error", [0.05, 0.3, 1.0, 3.0])
@pytest.mark.parametrize("motion", ["spoken", "spoken at 24", "random", "noise"])
def test_lips_stay_within_the_millimetres(motion: str, error: float) -> None:
    """Of all channels together, at every frame; and each channel elsewhere within twice that."""
    performance = {
        "spoken": spoken,
        "spoken at 24": lambda: spoken(24.0),
        "random": lambda: wander(600, MOUTH),
        "noise": lambda: wander(200, MOUTH[::3], width=1),
    }[motion]()
    keys = reduce(performance, ReduceOptions(keys_error=error))
    assert off_at_lips(performance, keys).max() <= error
    off = np.abs(at_frames(keys, performance) - performance.values) * reach.anywhere(performance.channels)
    assert off.max() <= error / ELSEWHERE * 1.0001
    assert off_at_lips(performance, keys).max() >= (0 if motion == "noise" else error / 2), "more keys than needed"


def test_the_error_is_that_of_the_mean_head_in_its_skin() -> None:
    """Measured on vertices of a head that the model makes, all of lips and chin, not only those of the table."""
    from headroom.core.head.generate import GenerateOptions, generate

    head = generate(GenerateOptions(seed=0, variety=0.0))
    performance = spoken()
    keys = reduce(performance, ReduceOptions())
    rows = [head.shape_names.index(name) for name in performance.channels]
    lips = np.unique(head.faces[np.isin(head.region, ("lip_upper", "lip_lower", "chin")) & (head.part == "skin")])
    error = at_frames(keys, performance) - performance.values
    moved = np.tensordot(error, head.shapes[rows][:, lips] * 1000, axes=1)
    assert np.linalg.norm(moved, axis=2).max() < 0.33


def test_speech_needs_five_to_eight_keys_a_second() -> None:
    performance = spoken()
    keys = reduce(performance, ReduceOptions())
    active = np.ptp(performance.values, axis=0) > 0.02
    count = np.array([len(curve.time) for curve in keys.curves])
    assert 4 < count[active].mean() / performance.duration < 8
    assert (count[~active] <= 3 * performance.duration).all()
    assert reduce(performance, ReduceOptions(keys_error=1.0)).key_count < 0.7 * keys.key_count


@pytest.mark.parametrize("seed", range(3))
def test_extremes_are_keys_and_flat(seed: int) -> None:
    performance = wander(600, MOUTH[:8], seed)
    keys = reduce(performance, ReduceOptions())
    for column, curve in enumerate(keys.curves):
        values = performance.values[:, column].astype(float)
        high = int(values.argmax())
        assert high / 60 in curve.time
        (place,) = np.flatnonzero(curve.time == high / 60)
        assert curve.value[place] == values[high]
        assert curve.slope[place] == 0 or high in (0, len(values) - 1)
        inside = np.flatnonzero((values[1:-1] > values[:-2]) & (values[1:-1] > values[2:])) + 1
        inside = inside[(inside >= 12) & (inside < len(values) - 12)]
        tall = [f for f in inside if values[f] - max(values[f - 12 : f].min(), values[f + 1 : f + 13].min()) > 0.2]
        assert tall and all(f / 60 in curve.time for f in tall)


@pytest.mark.parametrize("error", [0.3, 3.0])
def test_nothing_overshoots_between_frames_either(error: float) -> None:
    for performance in (spoken(), wander(600, MOUTH), wander(200, MOUTH[:5], width=1)):
        values = finely(reduce(performance, ReduceOptions(keys_error=error)), performance)
        assert values.min() >= -1e-12
        assert (values.max(axis=0) <= performance.values.max(axis=0) + 1e-9).all()


def test_handles_lie_between_their_keys() -> None:
    """Then Blender's curves cannot overshoot, and an animator sees no loops."""
    for curve in reduce(wander(600, MOUTH), ReduceOptions()).curves:
        left, right = curve.handles()
        for near, far, handles in (
            (curve.value[:-1], curve.value[1:], right[:-1]),
            (curve.value[1:], curve.value[:-1], left[1:]),
        ):
            low, high = np.minimum(near, far), np.maximum(near, far)
            assert (handles[:, 1] >= low - 1e-9).all() and (handles[:, 1] <= high + 1e-9).all()


def test_silence_stays_exactly_zero() -> None:
    performance = wander(600, MOUTH)
    values = finely(reduce(performance, ReduceOptions(keys_error=3.0)), performance)
    time = np.linspace(0, performance.duration, len(values))
    assert not values[(time >= 300 / 60) & (time <= 399 / 60)].any()
    performance = spoken()
    still = (performance.values == 0).all(axis=1)
    assert still.any()
    assert not at_frames(reduce(performance, ReduceOptions()), performance)[still].any()


def test_a_lid_that_closes_is_shut() -> None:
    lid = np.zeros(120)
    lid[40:50] = np.sin(np.arange(10) / 9 * np.pi / 2)
    lid[50:55] = 1
    lid[55:70] = np.linspace(1, 0, 15)
    keys = reduce(perform({("eyeBlinkLeft", "blinks"): lid}), ReduceOptions(keys_error=5.0))
    values = keys.at(np.arange(120) / 60)[:, 0]
    assert (values[50:55] == 1).all() and not values[:40].any() and not values[70:].any()
    assert len(keys.curves[0].time) <= 10


@pytest.mark.parametrize("fps", [60.0, 24.0])
@pytest.mark.parametrize("error", [0.3, 1.0, 3.0])
def test_lips_that_touch_go_on_touching(fps: float, error: float) -> None:
    """`mouthClose` takes back all of `jawOpen` through the whole contact, between its frames too."""
    performance = spoken(fps)
    keys = reduce(performance, ReduceOptions(keys_error=error))
    touch = contacts(performance)
    assert touch.sum() > 10
    jaw, close = performance.channels.index("jawOpen"), performance.channels.index("mouthClose")
    begin = np.flatnonzero(touch & ~np.append(False, touch[:-1]))
    end = np.flatnonzero(touch & ~np.append(touch[1:], False))
    for low, high in zip(begin, end, strict=True):
        for frame in (low, high):
            for column in (jaw, close):
                assert frame / fps in keys.curves[column].time
        values = keys.at(np.linspace(low, high, 50) / fps)
        given = performance.values[low : high + 1]
        gap = (given[:, jaw] - given[:, close]).max()
        assert (values[:, jaw] - values[:, close]).max() <= gap + 1e-6
    assert off_at_lips(performance, keys)[touch].max() <= AT_CONTACT * error + 1e-9


def test_left_and_right_that_are_the_same_stay_so() -> None:
    performance = wander(300, ("mouthSmileLeft", "jawOpen", "mouthFunnel"))
    values = np.concatenate([performance.values, performance.values[:, :1]], axis=1)
    both = Performance(60.0, (*performance.channels, "mouthSmileRight"), ("lips",) * 4, values)
    keys = reduce(both, ReduceOptions())
    np.testing.assert_array_equal(keys.curves[0].time, keys.curves[3].time)
    np.testing.assert_array_equal(keys.curves[0].slope, keys.curves[3].slope)


def test_a_channel_on_two_layers_counts_as_one_face() -> None:
    """Two errors that are small alone add up at the lips, and then more keys are needed."""
    one = wander(300, ("jawOpen", "mouthFunnel"))
    two = wander(300, ("jawOpen", "mouthFunnel"), seed=1)
    both = Performance(
        60.0, (*one.channels, *two.channels), ("lips",) * 2 + ("emotion",) * 2,
        np.concatenate([one.values, two.values], axis=1),
    )  # fmt: skip
    keys = reduce(both, ReduceOptions())
    assert off_at_lips(both, keys).max() <= 0.3
    apart = [reduce(part, ReduceOptions()) for part in (one, two)]
    together = [curve for part in apart for curve in part.curves]
    loose = Keys(60.0, 300, both.channels, both.layers, tuple(together))
    assert off_at_lips(both, loose).max() > 0.3
    assert keys.layers == both.layers


def test_a_still_channel_has_two_keys() -> None:
    keys = reduce(
        perform({("jawOpen", "lips"): np.full(90, 0.4), ("cheekPuff", "lips"): np.zeros(90)}), ReduceOptions()
    )
    assert [len(curve.time) for curve in keys.curves] == [2, 2]
    assert keys.curves[0].time[-1] == 89 / 60


@pytest.mark.parametrize("frames", [0, 1, 2, 3])
@pytest.mark.parametrize("options", [ReduceOptions(), ReduceOptions(stepped=True), ReduceOptions(keys_error=0)])
def test_the_shortest_performances(frames: int, options: ReduceOptions) -> None:
    values = np.arange(frames * 2, dtype=np.float32).reshape(frames, 2) / 10
    performance = Performance(30.0, ("jawOpen", "headYaw"), ("lips", "head"), values)
    keys = reduce(performance, options)
    again = keys.sample()
    assert again.values.shape == values.shape and again.channels == performance.channels
    if not options.stepped:
        np.testing.assert_allclose(again.values, values, atol=1e-6)


def test_a_performance_without_channels() -> None:
    keys = reduce(Performance(30.0, (), (), np.zeros((9, 0), np.float32)), ReduceOptions())
    assert keys.key_count == 0 and keys.sample().values.shape == (9, 0)


def test_no_error_keys_every_frame() -> None:
    performance = wander(90, MOUTH[:4])
    keys = reduce(performance, ReduceOptions(keys_error=0))
    assert keys.key_count == 4 * 90
    np.testing.assert_allclose(at_frames(keys, performance), performance.values, atol=1e-9)


def test_frames_that_are_asked_for_are_keys() -> None:
    performance = wander(300, MOUTH[:4])
    keys = reduce(performance, ReduceOptions(keys_error=3.0), anchors=(0.5, 1.0, 99.0))
    for column, curve in enumerate(keys.curves):
        for time in (0.5, 1.0):
            (place,) = np.flatnonzero(curve.time == time)
            assert curve.value[place] == performance.values[round(time * 60), column]


def test_keys_are_reduced_again() -> None:
    """From what an animator has, at 60 frames a second, to fewer keys; and again, without wearing out."""
    performance = spoken()
    few = reduce(performance, ReduceOptions(keys_error=0.3))
    fewer = reduce(few.sample(60.0), ReduceOptions(keys_error=1.5))
    assert fewer.key_count < 0.7 * few.key_count
    assert off_at_lips(performance, fewer).max() <= 1.8
    again = reduce(few.sample(60.0), ReduceOptions(keys_error=0.3))
    assert again.key_count < 1.1 * few.key_count
    assert off_at_lips(few.sample(), again).max() <= 0.3


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_stepped_poses_are_held(step: int) -> None:
    performance = spoken(24.0)
    keys = reduce(performance, ReduceOptions(stepped=True, step=step))
    values = at_frames(keys, performance)
    for begin in range(0, len(values), step):
        assert (values[begin : begin + step] == values[begin]).all()
    assert all(curve.stepped for curve in keys.curves)
    assert keys.key_count < performance.values.size / step
    jaw, close = performance.channels.index("jawOpen"), performance.channels.index("mouthClose")
    touch = contacts(performance)
    for begin in range(0, len(values), step):
        if touch[begin : begin + step].any():
            assert extremes.touching(values[begin : begin + 1, jaw], values[begin : begin + 1, close])
    most = performance.values.max(axis=0)
    wide = most * reach.anywhere(performance.channels) > 2  # of these the widest moment is one of the poses, or near it
    assert wide.sum() > 10 and (values.max(axis=0) >= 0.8 * most)[wide].all()


def test_bad_numbers_are_refused() -> None:
    values = np.zeros((9, 1), np.float32)
    values[4] = np.nan
    with pytest.raises(InputError, match="no numbers"):
        reduce(Performance(30.0, ("jawOpen",), ("lips",), values), ReduceOptions())
    with pytest.raises(InputError, match="--keys-error"):
        ReduceOptions(keys_error=-1)
    with pytest.raises(InputError, match="follow each other"):
        Curve(np.array([1.0, 0.5]), np.zeros(2), np.zeros(2))


def test_a_curve_is_the_bezier_of_its_handles() -> None:
    """Handles at a third of the span: the cubic through them, at equal steps, is what `at` gives."""
    curve = Curve(np.array([0.0, 2.0, 3.0]), np.array([0.0, 1.0, 0.2]), np.array([0.3, 0.0, -1.0]))
    left, right = curve.handles()
    u = np.linspace(0, 1, 21)[:, None]
    for k in (0, 1):
        corners = [[curve.time[k], curve.value[k]], right[k], left[k + 1], [curve.time[k + 1], curve.value[k + 1]]]
        weights = ((1 - u) ** 3, 3 * u * (1 - u) ** 2, 3 * u * u * (1 - u), u**3)
        points = sum(weight * np.array(corner) for weight, corner in zip(weights, corners, strict=True))
        np.testing.assert_allclose(curve.at(points[:, 0]), points[:, 1], atol=1e-12)


def test_slopes_are_the_best_within_their_bounds() -> None:
    """A cubic is found again from two keys in the middle of it."""
    frames = np.arange(31.0)
    cubic = (frames / 30) ** 2 * (3 - 2 * frames / 30) * 0.8 + 0.1
    keyed = np.zeros((1, 31), bool)
    keyed[0, [0, 12, 30]] = True
    assert np.abs(hermite.fit(cubic[None], keyed).error).max() < 2e-3


def test_the_table_is_that_of_the_head() -> None:
    """A head model that changed needs `python -m training.head.reach`."""
    training = pytest.importorskip("headroom.training.head.reach")
    from headroom.core.head.generate import GenerateOptions, generate

    made = training.table(generate(GenerateOptions(seed=0, variety=0.0)))
    np.testing.assert_allclose(made["lips"].astype(float), reach.at_lips(SHAPES), atol=0.1)
    np.testing.assert_allclose(made["reach"].astype(float), reach.anywhere(SHAPES), atol=0.1)
