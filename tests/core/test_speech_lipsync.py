"""The whole way from a sound to lips, on the bundled line and on what is no speech."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from headroom.core.errors import Cancelled, InputError, WeightsError
from headroom.core.speech import recognise
from headroom.core.speech.lipsync import LipsyncOptions, lipsync, solve
from headroom.core.speech.phones import BILABIAL, NUMBER
from headroom.core.speech.sound import Sound, read

LINE = Path(__file__).parents[2] / "docs" / "demo" / "line.flac"
TEXT = LINE.with_suffix(".txt").read_text().strip()
SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "speech"


@cache
def line() -> np.ndarray:
    return np.concatenate(list(read(LINE).blocks()))


@cache
def spoken(transcript: str = "", fps: float = 60.0):
    return lipsync(read(LINE), LipsyncOptions(transcript=transcript, fps=fps))


def shut(performance) -> np.ndarray:
    """Whether the lips touch, per frame, after what the controls do to the ICT face."""
    gap = 32.8 * performance.channel("jawOpen") - 38.9 * performance.channel("mouthClose")
    gap += 13.7 * performance.channel("mouthFunnel") + 6.8 * performance.channel("mouthLowerDownLeft")
    gap += 7.1 * performance.channel("mouthUpperUpLeft")
    gap = np.maximum(gap, 0)
    return gap <= max(1.0, 0.1 * np.percentile(gap, 95))


def closed_at(performance, start: float, end: float, reach: float = 0.04) -> bool:
    frames = shut(performance)
    first, last = int(np.ceil((start - reach) * performance.fps)), int((end + reach) * performance.fps)
    return bool(frames[max(0, first) : last + 1].any())


def test_the_bundled_line_is_heard_and_aligned():
    free, placed = spoken(), spoken(TEXT)
    assert free.warnings == placed.warnings == ()
    assert len(placed.phones.words) == len(TEXT.split())
    assert placed.phones.words[0].text == "Maybe" and 0.2 < placed.phones.words[0].start < 0.6
    time = np.arange(0.05, 8.0, 0.01)

    def at(phones):
        return np.array(phones.label)[np.clip(np.searchsorted(phones.start, time, "right") - 1, 0, None)]

    assert (at(free.phones) == at(placed.phones)).mean() > 0.6


@pytest.mark.parametrize("fps", [24.0, 30.0, 60.0])
def test_lips_close_where_the_transcript_has_p_b_m(fps):
    result = spoken(TEXT, fps)
    spans = [
        (start, end)
        for label, start, end in zip(result.phones.label, result.phones.start, result.phones.end, strict=True)
        if label in BILABIAL
    ]
    assert len(spans) >= 10
    assert all(closed_at(result.performance, *span) for span in spans)


def test_without_a_transcript_lips_close_at_the_same_places():
    placed, free = spoken(TEXT), spoken()
    phones = placed.phones
    spans = [
        (start, end)
        for label, start, end in zip(phones.label, phones.start, phones.end, strict=True)
        if label in BILABIAL
    ]
    assert np.mean([closed_at(free.performance, *span) for span in spans]) >= 0.8


def test_pieces_of_any_size_give_what_the_whole_gives(monkeypatch):
    samples = line()
    monkeypatch.setattr(recognise, "CHUNK", 200)
    cuts = np.sort(np.random.default_rng(0).integers(0, len(samples), 50))
    pieces = Sound.from_blocks(lambda: np.split(samples, cuts), 16000, len(samples))
    in_pieces = recognise.listen(pieces).scores
    monkeypatch.setattr(recognise, "CHUNK", 100_000)
    at_once = recognise.listen(Sound.from_array(samples, 16000)).scores
    assert in_pieces.shape == at_once.shape == (-(-len(samples) // 160), 44)
    np.testing.assert_allclose(in_pieces.astype(float), at_once.astype(float), atol=0.02)


@pytest.mark.parametrize(("rate", "channels"), [(48000, 2), (44100, 1), (22050, 1)])
def test_other_rates_and_stereo_say_the_same(rate, channels):
    from scipy.signal import resample_poly

    samples = resample_poly(line(), rate, 16000)
    samples = np.repeat(samples[:, None], channels, axis=1) if channels > 1 else samples
    result = lipsync(Sound.from_array(samples, rate), LipsyncOptions())
    expected = spoken().performance.channel("jawOpen")
    count = min(len(expected), result.performance.frame_count)
    assert np.corrcoef(expected[:count], result.performance.channel("jawOpen")[:count])[0, 1] > 0.95


def test_level_does_not_matter():
    soft = lipsync(Sound.from_array(line() * 0.02, 16000), LipsyncOptions())
    expected = spoken().performance.channel("jawOpen")
    assert np.corrcoef(expected, soft.performance.channel("jawOpen"))[0, 1] > 0.97


NOISE = {
    "silence": lambda n: np.zeros(n),
    "hiss": lambda n: np.random.default_rng(0).normal(0, 0.003, n),
    "one sample": lambda n: np.zeros(1),
}


@pytest.mark.parametrize("kind", NOISE)
def test_silence_is_a_still_mouth_and_a_warning(kind):
    samples = NOISE[kind](32000)
    result = lipsync(Sound.from_array(samples, 16000), LipsyncOptions(transcript="hello there"))
    assert (result.performance.values == 0).all() and result.performance.frame_count >= 1
    assert any("nothing is said" in warning for warning in result.warnings)


def test_another_transcript_is_refused_with_a_warning_and_the_sound_is_followed():
    wrong = "Seventeen thousand curious tourists choose to visit Tokyo this season"
    result = spoken(wrong)
    assert len(result.warnings) == 1 and "does not fit" in result.warnings[0]
    assert result.phones.words == () and result.phones.label == spoken().phones.label


def test_an_unknown_language_is_refused_before_listening():
    with pytest.raises(InputError, match="--language xx"):
        lipsync(read(LINE), LipsyncOptions(transcript="hello", language="xx"))


@pytest.mark.parametrize("bad", [{"fps": 0.5}, {"fps": float("nan")}, {"strength": 3.0}, {"lead": 2.0}, {"jaw": -1.0}])
def test_options_out_of_range_are_refused(bad):
    with pytest.raises(InputError, match=f"--{next(iter(bad))}"):
        LipsyncOptions(**bad)


def test_options_shape_the_motion():
    heard = recognise.listen(read(LINE))
    base = solve(spoken().phones, heard, LipsyncOptions())
    np.testing.assert_allclose(base.values, spoken().performance.values, atol=1e-6)
    none = solve(spoken().phones, heard, LipsyncOptions(tongue=0, jaw=0.5))
    assert none.channel("tongueTipUp").max() == 0
    np.testing.assert_allclose(none.channel("jawOpen"), base.channel("jawOpen") * 0.5, atol=1e-6)
    early = solve(spoken().phones, heard, LipsyncOptions(lead=0.1))
    np.testing.assert_allclose(early.values[:-6], base.values[6:], atol=1e-6)
    soft = solve(spoken().phones, heard, LipsyncOptions(smoothing=0.05))
    assert np.abs(np.diff(soft.values, axis=0)).sum() < 0.9 * np.abs(np.diff(base.values, axis=0)).sum()
    still = (base.values == 0).all(axis=1)
    assert still.any() and (soft.values[still] == 0).all()


def test_progress_is_often_and_may_cancel():
    calls = []
    lipsync(read(LINE), LipsyncOptions(), lambda done, stage: calls.append((done, stage)))
    shares = [done for done, _ in calls]
    assert shares == sorted(shares) and shares[-1] == 1.0 and len({stage for _, stage in calls}) >= 3

    def stop(done, stage):
        if done > 0.3:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        lipsync(read(LINE), LipsyncOptions(), stop)


def test_ten_minutes_stay_small_in_memory():
    import tracemalloc

    block = np.random.default_rng(0).normal(0, 0.01, 16000).astype(np.float32)
    sound = Sound.from_blocks(lambda: (block for _ in range(600)), 16000, 600 * 16000)
    tracemalloc.start()
    for _ in recognise._mel_chunks(sound, 1.0, 60_000, 42):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6


def test_missing_weights_are_said(monkeypatch, tmp_path):
    from headroom.core import weights

    load = weights.load.__wrapped__
    recognise.network.cache_clear()
    monkeypatch.setattr(weights, "load", lambda name: load(name, tmp_path))
    with pytest.raises(WeightsError, match="weights phones"):
        lipsync(read(LINE), LipsyncOptions())
    recognise.network.cache_clear()


@pytest.mark.skipif(not SAMPLES.exists(), reason="needs the recordings in ../shared/samples/speech")
@pytest.mark.parametrize("name", ["de_9s", "fr_7s", "ja_9s", "ru_6s", "zh_8s", "en_20s", "en_25s"])
def test_real_recordings_in_six_languages_move_a_mouth(name):
    result = lipsync(read(SAMPLES / f"{name}.wav"), LipsyncOptions(fps=30))
    rate = sum(label != "SIL" for label in result.phones.label) / result.performance.duration
    assert 4 < rate < 22 and result.warnings == ()
    assert any(NUMBER[label] in (NUMBER["M"], NUMBER["B"], NUMBER["P"]) for label in result.phones.label)
    assert 0.05 < result.performance.channel("jawOpen").max() < 0.9
