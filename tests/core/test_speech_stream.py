"""Lip sync of sound that comes in pieces: the same as of the whole, in flat memory, as late as it says."""

from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from headroom.core.errors import InputError
from headroom.core.speech import ear, lips, recognise
from headroom.core.speech.lipsync import LipsyncOptions, lipsync, solve
from headroom.core.speech.sound import Resampler, Sound, read
from headroom.core.speech.stream import Stream

LINE = Path(__file__).parents[2] / "docs" / "demo" / "line.flac"
GAIN = 1.3


@pytest.fixture(autouse=True, scope="module")
def restless():
    """Let an untrained network move every control by all that it sees: nothing hides behind a mouth that rests."""
    import torch

    from headroom.core.speech.lips_net.net import LipsNet

    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = LipsNet().eval()
    with torch.no_grad():
        net.head.weight.mul_(8)
        net.head.bias.add_(1.5)
    patch = pytest.MonkeyPatch()
    patch.setattr(lips, "network", lambda: net)
    yield
    patch.undo()


@cache
def sound() -> np.ndarray:
    """Speech with pauses: breath, a soft repetition, a gap of digital silence, and a part of a frame at the end."""
    line = np.concatenate(list(read(LINE).blocks()))
    breath = np.random.default_rng(0).normal(0, 1e-3, 20_000).astype(np.float32)
    return np.concatenate(
        [line[:50_000], breath, line[:20_000] * 0.3, np.zeros(9_999, np.float32), line[30_000:50_777]]
    )


def streamed(options: LipsyncOptions, samples: np.ndarray, sizes, gain: float | None = GAIN) -> np.ndarray:
    """Feed samples in pieces of `sizes`, over and over; gives all frames."""
    stream, made, at, turn = Stream(options, gain), [], 0, 0
    while at < len(samples):
        made.append(stream.feed(samples[at : at + sizes[turn % len(sizes)]]))
        at, turn = at + sizes[turn % len(sizes)], turn + 1
    made.append(stream.finish())
    assert {(part.fps, part.channels, part.layers) for part in made if part is not None} == {
        (options.fps, made[-1].channels, ("lips",) * len(made[-1].channels))
    }
    return np.concatenate([part.values for part in made if part is not None])


def whole(options: LipsyncOptions, samples: np.ndarray) -> np.ndarray:
    return lipsync(Sound.from_array(samples, 16000), options, gain=GAIN).performance.values


def same(options: LipsyncOptions, samples: np.ndarray, sizes) -> None:
    expected = whole(options, samples)
    assert (np.ptp(expected, axis=0) > 0.1).any()
    np.testing.assert_allclose(streamed(options, samples, sizes), expected, atol=1e-5, rtol=0)


RANDOM = tuple(np.random.default_rng(1).integers(1, 20_000, 40).tolist())


@pytest.mark.parametrize("sizes", [(16,), (1600,), (48_000,), RANDOM, (10**9,), (1, 0, 159, 161, 3000)])
def test_pieces_of_any_size_give_what_the_whole_gives(sizes):
    same(LipsyncOptions(), sound(), sizes)


@pytest.mark.parametrize(
    "options",
    [
        {"fps": 24},
        {"fps": 23.976},
        {"fps": 30, "closure": 0.9, "jaw": 0.7},
        {"fps": 120},
        {"fps": 1},
        {"smoothing": 0.2},
        {"smoothing": 0.05, "lead": 0.5, "fps": 25},
        {"lead": -0.5},
        {"articulation": "shouted", "vowels": 1.5, "consonants": 0.5, "dynamics": 3},
    ],
    ids=str,
)
def test_every_option_gives_what_the_whole_gives(options):
    same(LipsyncOptions(**options), sound(), RANDOM)


@pytest.mark.parametrize(
    "options",
    [
        {"visemes": "oculus"},
        {"visemes": "rhubarb", "fps": 24},
        {"visemes": "vrm", "fps": 12, "lead": 0.2},
        {"visemes": "microsoft", "fps": 2, "lead": -0.3, "smoothing": 0.1},
    ],
    ids=str,
)
def test_visemes_are_streamed_too(options):
    same(LipsyncOptions(**options), sound(), RANDOM)


def test_long_phones_and_long_pauses_do_not_matter():
    """A hummed m, a held diphthong and minutes of silence: nothing waits for their end, nothing forgets their start."""
    random = np.random.default_rng(3)
    frames = [0] * 30
    for number, length in (
        (22, 400),
        (1, 12),
        (0, 50),
        (25, 300),
        (22, 3),
        (14, 160),
        (0, 6000),
        (27, 9),
        (0, 49),
        (1, 9),
    ):
        frames += [number] * length
    frames += [0] * 100
    labels = np.array(frames)
    truth = np.eye(44)[labels] * 0.8 + random.dirichlet(np.ones(44) * 0.2, len(labels)) * 0.2
    scores = np.log(truth + 1e-5).astype(np.float32)
    loudness = (0.1 * (labels != 0) + 1e-4).astype(np.float32)
    heard = recognise.Heard(scores, loudness)
    for options in (LipsyncOptions(fps=24), LipsyncOptions(visemes="oculus", fps=24)):
        stream = Stream(options, GAIN)
        pieces = iter([recognise.Heard(scores[at : at + 7], loudness[at : at + 7]) for at in range(0, len(labels), 7)])
        stream.ear = SimpleNamespace(
            feed=lambda samples, rest=pieces: [next(rest)], finish=lambda rest=pieces: next(rest)
        )
        made = [stream.feed(np.zeros(0)) for _ in range((len(labels) - 1) // 7)]
        made.append(stream.finish())
        values = np.concatenate([part.values for part in made if part is not None])
        expected = solve(recognise.recognise(heard), heard, options).values
        np.testing.assert_allclose(values, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("count", [0, 1, 159, 3000, 16000])
def test_silence_and_short_sounds_give_a_still_mouth_of_their_length(count):
    values = streamed(LipsyncOptions(fps=30), np.zeros(count, np.float32), (1600,))
    assert (values == 0).all() and len(values) == max(1, round(-(-count // 160) * 0.3))


def test_sound_of_48_khz_comes_through_the_resampler():
    from scipy.signal import resample_poly

    samples = resample_poly(sound()[:100_000], 3, 1).astype(np.float32)
    options = LipsyncOptions()
    resampler, stream, made = Resampler(48_000), Stream(options, GAIN), []
    for at in range(0, len(samples), 4800):
        made.append(stream.feed(resampler.feed(samples[at : at + 4800])))
    made += [stream.feed(resampler.finish()), stream.finish()]
    expected = lipsync(Sound.from_array(samples, 48_000), options, gain=GAIN).performance
    values = np.concatenate([part.values for part in made if part is not None])
    np.testing.assert_allclose(values, expected.values, atol=1e-5, rtol=0)


@pytest.mark.parametrize("gain", [GAIN, None])
@pytest.mark.parametrize(
    "options", [{}, {"fps": 24}, {"fps": 2}, {"smoothing": 0.1, "lead": 0.2}, {"lead": -0.5}], ids=str
)
def test_frames_come_as_late_as_it_says(options, gain):
    options = LipsyncOptions(**options)
    stream, frames, waits = Stream(options, gain), 0, []
    for at in range(0, 80_000, 160):
        made = stream.feed(sound()[at : at + 160])
        frames += made.frame_count if made else 0
        waits.append((at + 160) / 16000 - frames / options.fps)  # what was fed beyond the first frame still missing
    assert stream.delay - 0.03 - 1 / options.fps < max(waits) <= stream.delay + 1e-9
    assert Stream(LipsyncOptions(), GAIN).delay < 1.6


def held(stream: Stream) -> int:
    """Count the numbers that a stream remembers."""
    found, seen, todo = (
        0,
        set(),
        [stream.__dict__, stream.ear.__dict__, stream.ear.windows.__dict__, stream.path.__dict__],
    )
    todo += [stream.rate.__dict__]
    while todo:
        thing = todo.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, np.ndarray):
            found += thing.size if thing.base is None else thing.base.size
        elif isinstance(thing, dict):
            todo += list(thing.values())
        elif isinstance(thing, list | tuple):
            found += len(thing)
            todo += list(thing)
    return found


@pytest.mark.parametrize("options", [LipsyncOptions(fps=24), LipsyncOptions(visemes="vrm", fps=2)], ids=["24", "vrm"])
def test_memory_stays_the_same_however_long_it_goes_on(options, monkeypatch):
    monkeypatch.setattr(recognise, "score", lambda net, mel: heard(len(mel) - 2 * net.reach))
    random = np.random.default_rng(0)

    def heard(frames):
        labels = np.repeat(random.integers(0, 44, frames), 5)[:frames]
        return np.log(np.eye(44, dtype=np.float32)[labels] * 0.9 + 0.002)

    stream, sizes = Stream(options, GAIN), []
    for _ in range(60):
        stream.feed(random.normal(0, 0.05, 16_000).astype(np.float32))
        sizes.append(held(stream))
    assert max(sizes[5:]) <= 1.1 * max(sizes[2:10])


def test_without_a_gain_the_level_is_followed():
    """A microphone that is set 20 dB too low, or 10 too high, moves the mouth about as one that is known."""
    samples = np.tile(sound()[:70_000], 2)
    expected = whole(LipsyncOptions(), samples)[250:]
    for factor in (0.1, 1.0, 3.0):
        values = streamed(LipsyncOptions(), np.clip(samples * factor, -1, 1), (1600,), None)[250:]
        assert np.corrcoef(values.ravel(), expected.ravel())[0, 1] > 0.9


def test_a_measured_microphone_gives_what_lip_sync_gives():
    samples = sound()
    gain = recognise.gain_of(Sound.from_array(samples, 16000))
    expected = lipsync(Sound.from_array(samples, 16000), LipsyncOptions()).performance.values
    np.testing.assert_allclose(streamed(LipsyncOptions(), samples, RANDOM, gain), expected, atol=1e-5, rtol=0)


def test_what_cannot_be_streamed_is_refused():
    with pytest.raises(InputError, match="leave the transcript out"):
        Stream(LipsyncOptions(transcript="hello"))
    for gain in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match="gain"):
            Stream(LipsyncOptions(), gain)
    stream = Stream(LipsyncOptions(), GAIN)
    for bad in (np.zeros((10, 2)), np.zeros(10, np.int16), np.array([0.0, np.nan]), 3.0):
        with pytest.raises(InputError, match="mono"):
            stream.feed(bad)
    assert stream.feed(np.zeros(100)) is None
    stream.finish()
    with pytest.raises(ValueError, match="finished"):
        stream.feed(np.zeros(10))


def test_the_ear_hears_what_listening_hears():
    samples = sound()[:70_123]
    listener = ear.Ear(GAIN)
    parts = [*listener.feed(samples[:30_001]), *listener.feed(samples[30_001:]), listener.finish()]
    expected = recognise.listen(Sound.from_array(samples, 16000), gain=GAIN)
    np.testing.assert_allclose(np.concatenate([part.scores for part in parts]), expected.scores, atol=1e-4)
    np.testing.assert_allclose(np.concatenate([part.loudness for part in parts]), expected.loudness, atol=1e-6)
