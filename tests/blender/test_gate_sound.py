"""The sound beside an export, also where Blender's own mixdown writes nothing."""

import wave

import bpy
import numpy as np
import soundfile


def test_strips_are_mixed_where_they_are_heard(part, tmp_path) -> None:
    """A tone from frame 25 on, whose first half second is cut off; another one begins before the scene does."""
    rate = 8000
    time = np.arange(2 * rate) / rate
    for name, level in (("late", 0.5), ("early", 0.25)):
        soundfile.write(tmp_path / f"{name}.wav", level * np.sin(2 * np.pi * 440 * time) * (time >= 0.5), rate)
    scene = bpy.context.scene
    scene.render.fps, scene.frame_start, scene.frame_end = 24, 1, 72
    strips = part("addon.compat").sequence_strips(scene, create=True)
    late = strips.new_sound("late", str(tmp_path / "late.wav"), 1, 13)
    late.frame_offset_start = 12
    strips.new_sound("early", str(tmp_path / "early.wav"), 2, -11)
    path = tmp_path / "mixed.wav"
    part("addon.bridge.gate_sound")._mix(path, scene, 3.0)
    with wave.open(str(path), "rb") as file:
        assert file.getframerate() == 48000 and abs(file.getnframes() - 144000) < 2000  # less than a frame
    loud = (
        np.abs(soundfile.read(path, frames=144000)[0]).max(axis=1).reshape(12, -1).max(axis=1)
    )  # quarters of a second
    expected = [0.25] * 4 + [0.75] * 2 + [0.5] * 4 + [0.0] * 2
    assert np.allclose(loud, expected, atol=0.08), loud
