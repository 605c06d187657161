"""Reading sound: any rate in pieces, and one clear line for what is no sound."""

import struct

import numpy as np
import pytest
import soundfile

from headroom.core.errors import InputError
from headroom.core.speech.sound import RATE, Sound, needs_decoder, read


def whole(sound: Sound) -> np.ndarray:
    return np.concatenate(list(sound.blocks()))


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000])
def test_resampling_leaves_no_seams_and_keeps_the_tone(rate):
    time = np.arange(rate + 17) / rate
    samples = (0.5 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
    cuts = np.sort(np.random.default_rng(0).integers(0, len(samples), 30))
    at_once = whole(Sound.from_array(samples, rate))
    in_pieces = whole(Sound.from_blocks(lambda: np.split(samples, cuts), rate, len(samples)))
    np.testing.assert_array_equal(at_once, in_pieces)
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(len(at_once)) / RATE)
    assert len(at_once) == -(-len(samples) * RATE // rate)
    assert np.abs(at_once - expected)[200:-200].max() < 0.003


def test_stereo_is_mixed_and_integers_are_scaled():
    left, right = np.full(1600, 0.5), np.full(1600, -0.1)
    mixed = whole(Sound.from_array(np.stack([left, right], axis=1), 16000))
    np.testing.assert_allclose(mixed, 0.2, atol=1e-6)
    np.testing.assert_allclose(whole(Sound.from_array(np.full(100, 16384, np.int16), 16000)), 0.5)


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3"])
def test_files_are_read_in_every_format(tmp_path, ending):
    path = tmp_path / f"tone.{ending}"
    tone = 0.5 * np.sin(2 * np.pi * 300 * np.arange(44100) / 44100)
    soundfile.write(path, np.stack([tone, tone], axis=1), 44100)
    sound = read(path)
    heard = whole(sound)
    assert sound.duration == pytest.approx(1.0, abs=0.08)
    assert np.sqrt((heard[4000:12000] ** 2).mean()) == pytest.approx(0.354, abs=0.02)


def hostile(folder, kind):
    path = folder / f"{kind}.wav"
    tone = np.sin(np.arange(32000) * 0.1) * 0.3
    if kind == "text":
        path.write_text("this is no sound at all\n" * 50)
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "folder":
        path.mkdir()
    elif kind == "nan":
        soundfile.write(path, np.where(np.arange(32000) == 9000, np.nan, tone), 16000, subtype="FLOAT")
    elif kind != "missing":
        soundfile.write(path, tone if kind != "no samples" else tone[:0], 16000)
        blob = bytearray(path.read_bytes())
        if kind == "truncated":
            blob = blob[: len(blob) // 3]
        elif kind == "rate 0":
            blob[24:28] = struct.pack("<I", 0)
        elif kind == "thousand channels":
            blob[22:24] = struct.pack("<H", 1000)
        path.write_bytes(blob)
    return path


KINDS = ["missing", "empty", "text", "folder", "nan", "truncated", "rate 0", "thousand channels", "no samples"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_sound_gets_one_line_naming_the_file(tmp_path, kind):
    path = hostile(tmp_path, kind)
    with pytest.raises(InputError) as caught:
        whole(read(path))
    message = str(caught.value)
    assert path.name in message and "\n" not in message


@pytest.mark.parametrize("ending", ["flac", "mp3", "ogg"])
def test_a_compressed_file_cut_short_is_refused_or_read_as_far_as_it_says(tmp_path, ending):
    path = tmp_path / f"cut.{ending}"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, 64000), 16000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    try:
        sound = read(path)
        heard = len(whole(sound)) / RATE
    except InputError as error:
        assert path.name in str(error) and "\n" not in str(error)
    else:
        assert ending != "flac" and heard == pytest.approx(sound.duration, rel=0.05)


def test_arrays_without_samples_or_with_silly_rates_are_refused():
    for samples, rate in [(np.zeros(0), 16000), (np.zeros((2, 2, 2)), 16000), (np.zeros(9), 0), (np.zeros(9), 10**7)]:
        with pytest.raises(InputError):
            Sound.from_array(samples, rate)


def test_videos_are_left_to_blenders_decoder(tmp_path):
    assert needs_decoder(tmp_path / "take.MP4") and needs_decoder(tmp_path / "memo.m4a")
    assert not needs_decoder(tmp_path / "line.flac")
