"""Blender's decoder gives the same sound as the core's reader."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"


def whole(sound) -> np.ndarray:
    return np.concatenate(list(sound.blocks()))


def test_decoder_and_reader_agree(part, wave):
    bridge = part("addon.bridge.sound")
    cue = bridge.Cue(wave(3.0), 1)
    decoded, read = whole(bridge._decode(cue)), whole(bridge.open_sound(cue))
    assert len(decoded) == pytest.approx(len(read), abs=16)
    count = min(len(decoded), len(read))
    np.testing.assert_allclose(decoded[:count], read[:count], atol=2e-3)


@pytest.mark.parametrize("decode", [False, True])
def test_a_cue_cuts_the_sound(part, wave, decode):
    bridge = part("addon.bridge.sound")
    path = wave(4.0)
    opener = bridge._decode if decode else bridge.open_sound
    everything = whole(opener(bridge.Cue(path, 1)))
    middle = whole(opener(bridge.Cue(path, 1, skip=1.0, duration=2.0)))
    assert len(middle) == pytest.approx(32000, abs=16)
    np.testing.assert_allclose(middle[:31000], everything[16000:47000], atol=1e-3)


def test_long_sound_comes_in_pieces(part, wave):
    bridge = part("addon.bridge.sound")
    sizes = [len(block) for block in bridge._decode(bridge.Cue(wave(70.0), 1)).blocks()]
    assert len(sizes) >= 3
    assert sum(sizes) == pytest.approx(70 * 16000, abs=32)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not here")
def test_videos(part):
    bridge, errors = part("addon.bridge.sound"), part("core.errors")
    talk = bridge.open_sound(bridge.Cue(SAMPLES / "video" / "expressive_33s.mp4", 1))
    assert talk.duration == pytest.approx(33.6, abs=0.5)
    assert np.abs(whole(talk)).max() > 0.1
    with pytest.raises(errors.InputError, match="silent video"):
        bridge.open_sound(bridge.Cue(SAMPLES / "video" / "talk_25s.mp4", 1))
