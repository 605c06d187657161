"""A scene's sound beside a file that cannot hold it."""

from __future__ import annotations

import wave
from pathlib import Path

import bpy
import numpy as np

from ...core.formats.gate import LOST, NOTE, Line
from ...core.rig.doctor import few
from .. import compat
from .gate_copy import shown
from .sound import frames_per_second

RATE = 48000


def audible(scene: bpy.types.Scene) -> tuple[list[str], list[str]]:
    """Name what is heard in a scene's frame range, strips and speakers, and of these what has lost its file."""
    heard: list[str] = []
    gone: list[str] = []
    first, last = scene.frame_start, scene.frame_end + 1
    for strip in compat.sequence_strips_all(scene):
        if (
            strip.type == "SOUND"
            and not strip.mute
            and strip.frame_final_start < last
            and strip.frame_final_end > first
        ):
            (heard if _there(strip.sound) else gone).append(strip.name)
    for thing in scene.objects:
        if thing.type == "SPEAKER" and thing.data.sound is not None and not thing.data.muted:
            (heard if _there(thing.data.sound) else gone).append(thing.name)
    return heard, gone


def _there(sound: bpy.types.Sound | None) -> bool:
    if sound is None:
        return False
    return sound.packed_file is not None or Path(bpy.path.abspath(sound.filepath, library=sound.library)).is_file()


def write(path: Path, scene: bpy.types.Scene, wanted: bool) -> list[Line]:
    """Write what is heard in the frame range as a .wav, when anything is; tells about it."""
    heard, gone = audible(scene)
    lines = [
        Line("sound_lost", name, f"the sound of {name} is lost: its file is missing", LOST, 1) for name in gone
    ]  # fmt: skip
    if not heard:
        return lines
    if not wanted:
        return [*lines, Line("sound_lost", heard[0], f"the sound of {few(heard)} was left out", NOTE, len(heard))]
    frames, fps = scene.frame_end - scene.frame_start + 1, frames_per_second(scene)
    try:
        with shown(scene):
            bpy.ops.sound.mixdown(
                filepath=str(path), container="WAV", codec="PCM", format="S16", mixrate=RATE, check_existing=False
            )
        seconds, loudest = _measure(path)
    except (RuntimeError, AttributeError, OSError, wave.Error, EOFError) as error:
        reason = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
        return [*lines, Line("sound_lost", heard[0], f"the sound of {few(heard)} is lost: {reason}", LOST, len(heard))]
    if not loudest:
        lines.append(Line("sound_lost", heard[0], f"{few(heard)} came out silent", LOST, len(heard)))
    elif abs(seconds - frames / fps) > 1.5 / fps:
        why = f"the sound lasts {seconds:.2f} s, the motion {frames / fps:.2f} s"
        lines.append(Line("sound_lost", heard[0], why, LOST, abs(seconds - frames / fps)))
    else:
        lines.append(Line("sound", path.name, f"the sound of {few(heard)} is in {path.name}", NOTE, len(heard)))
    return lines


def _measure(path: Path) -> tuple[float, int]:
    """Give the seconds and the largest value of a .wav of 16 bits."""
    with wave.open(str(path), "rb") as file:
        loudest = 0
        while block := file.readframes(1 << 16):
            loudest = max(loudest, int(np.abs(np.frombuffer(block, np.int16).astype(np.int32)).max()))
        return file.getnframes() / file.getframerate(), loudest
