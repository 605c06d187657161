"""A scene's sound beside a file that cannot hold it."""

from __future__ import annotations

import importlib
import wave
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ...core.formats.gate import LOST, NOTE, Line
from ...core.rig.doctor import few
from .. import compat
from .gate_copy import shown
from .sound import frames_per_second

RATE = 48000
HEADER = 44
"""Bytes of a .wav without a sound in it."""


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
        if not path.is_file() or path.stat().st_size <= HEADER:
            _mix(path, scene, frames / fps)
        seconds, loudest = _measure(path)
    except (RuntimeError, AttributeError, ImportError, OSError, wave.Error, EOFError) as error:
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


def _mix(path: Path, scene: bpy.types.Scene, seconds: float) -> None:
    """Write the strips of a scene as a .wav without Blender's own mixdown, which in some builds of 5.2 says that it is
    done and writes nothing, or an empty file. Volumes that are animated, and panning, are not heard in it."""
    aud: Any = importlib.import_module("aud")
    mixed, fps = aud.Sound.silence(RATE).limit(0, seconds).rechannel(2), frames_per_second(scene)
    for strip in compat.sequence_strips_all(scene):
        if strip.type != "SOUND" or strip.mute or not _there(strip.sound) or strip.sound.packed_file is not None:
            continue
        begins = (strip.frame_final_start - scene.frame_start) / fps
        skipped = (strip.frame_final_start - strip.frame_start) / fps - min(begins, 0.0)
        lasts = strip.frame_final_duration / fps + min(begins, 0.0)
        if lasts <= 0 or begins >= seconds:
            continue
        sound = aud.Sound(bpy.path.abspath(strip.sound.filepath, library=strip.sound.library))
        loud = strip.volume * (2**0.5 if sound.specs[1] == 1 else 1.0)  # one channel on two is made softer
        sound = sound.rechannel(2).resample(RATE, 2).limit(skipped, skipped + lasts).volume(loud)
        mixed = mixed.mix(sound.delay(max(begins, 0.0)).limit(0, seconds))
    mixed.limit(0, seconds).write(
        str(path), RATE, 2, aud.FORMAT_S16, aud.CONTAINER_WAV, aud.CODEC_PCM, 192_000, 4096
    )  # fmt: skip


def _measure(path: Path) -> tuple[float, int]:
    """Give the seconds and the largest value of a .wav of 16 bits."""
    with wave.open(str(path), "rb") as file:
        loudest = 0
        while block := file.readframes(1 << 16):
            loudest = max(loudest, int(np.abs(np.frombuffer(block, np.int16).astype(np.int32)).max()))
        return file.getnframes() / file.getframerate(), loudest
