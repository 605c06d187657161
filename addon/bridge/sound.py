"""Sound in and out of Blender: decode what core cannot, find the sound of a strip or speaker, place it in sync."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ...core.errors import InputError, OutputError
from ...core.speech.sound import RATE, Sound, needs_decoder, read
from .. import compat
from .heads import TAG

PIECE = 30.0
"""Seconds decoded at a time, so that an hour of sound stays flat in memory."""


@dataclass(frozen=True)
class Cue:
    """Where a sound comes from and when it is heard.

    path      file on disk
    start     scene frame at which the part that is heard begins
    skip      seconds cut off the file's beginning
    duration  seconds heard, None for all the rest
    """

    path: Path
    start: float
    skip: float = 0.0
    duration: float | None = None


def open_sound(cue: Cue) -> Sound:
    """Open what a cue hears, any sound or video file, without reading it all; may run in a worker thread.

    Blender's own decoder (`aud`) is used for videos, and for everything where the soundfile library is missing.
    Raises `InputError`, one line, when there is no sound in it.
    """
    if needs_decoder(cue.path) or importlib.util.find_spec("soundfile") is None:
        return _decode(cue)
    sound = read(cue.path)
    if not cue.skip and cue.duration is None:
        return sound
    first = round(cue.skip * sound.rate)
    left = round(sound.duration * sound.rate) - first
    count = left if cue.duration is None else min(left, round(cue.duration * sound.rate))
    return Sound.from_blocks(lambda: _cut(sound.source(), first, count), sound.rate, count, str(cue.path))


def _cut(blocks: Iterable[np.ndarray], first: int, count: int) -> Iterator[np.ndarray]:
    """Give samples `first` to `first + count` of a stream."""
    at = 0
    for block in blocks:
        piece = block[max(0, first - at) : max(0, first + count - at)]
        at += len(block)
        if len(piece):
            yield piece
        if at >= first + count:
            return


def _decode(cue: Cue) -> Sound:
    aud: Any = importlib.import_module("aud")

    path = cue.path
    if not path.is_file():
        raise InputError(f"{path}: no such file; choose another")
    if not path.stat().st_size:
        raise InputError(f"{path}: the file is empty; choose another")
    silent_video = f"{path}: no sound in it that can be read; a silent video or a damaged file? Choose another"
    try:
        source = aud.Sound(str(path))
        whole = source.length / source.specs[0]
        source = source.rechannel(1).resample(RATE, 2)
    except aud.error as error:
        raise InputError(silent_video) from error
    heard = whole - cue.skip if cue.duration is None else min(whole - cue.skip, cue.duration)

    def blocks() -> Iterator[np.ndarray]:
        at, end = cue.skip, cue.skip + heard
        while at < end:
            upto = min(at + PIECE, end)
            try:
                piece = source.limit(at, upto).data()
            except aud.error as error:
                raise InputError(silent_video) from error
            if len(piece):
                yield piece[:, 0]
            at = upto

    return Sound.from_blocks(blocks, RATE, round(heard * RATE), str(path))


def from_strip(scene: bpy.types.Scene, name: str, edit: bpy.types.Scene) -> Cue:
    """Find the part of a sound that a sequencer strip plays, and when that is in `scene`.

    edit: the scene whose sequencer has the strip, often the same. Raises `InputError` when there is no such
    strip, or its file is gone.
    """
    strip = next((strip for strip in compat.sequence_strips_all(edit) if strip.name == name), None)
    if strip is None or strip.type != "SOUND" or strip.sound is None:
        raise InputError(f"no sound strip called {name!r} in the sequencer of {edit.name}; choose one under Speak")
    fps = frames_per_second(edit)
    skip = (strip.frame_final_start - strip.frame_start) / fps
    start = strip.frame_final_start if edit == scene else _heard_in(scene, edit, strip.frame_final_start)
    return Cue(_file_of(strip.sound), start, max(0.0, skip), strip.frame_final_duration / fps)


def _heard_in(scene: bpy.types.Scene, edit: bpy.types.Scene, frame: float) -> float:
    """Give the frame of a scene that an edit shows at its own `frame`: that of the strip which plays the scene there,
    else that of the same time."""
    for strip in compat.sequence_strips_all(edit):
        if strip.type == "SCENE" and strip.scene == scene and strip.frame_final_start <= frame < strip.frame_final_end:
            return scene.frame_start + strip.animation_offset_start + frame - strip.frame_start
    return frame * frames_per_second(scene) / frames_per_second(edit)


def from_speaker(scene: bpy.types.Scene, speaker: bpy.types.Object | None, start: float) -> Cue:
    """Find a speaker's sound; it begins where its NLA sound strip does, or at `start` when it has none."""
    if speaker is None or speaker.type != "SPEAKER":
        raise InputError("choose a speaker object as the source of the sound")
    if speaker.data.sound is None:
        raise InputError(f"speaker {speaker.name} has no sound; open one in its data tab")
    tracks = speaker.animation_data.nla_tracks if speaker.animation_data else ()
    starts = [strip.frame_start for track in tracks for strip in track.strips if strip.type == "SOUND"]
    return Cue(_file_of(speaker.data.sound), min(starts, default=start))


def belongs(strip: Any, owner: bpy.types.Object) -> bool:
    """Tell whether Headroom placed a strip for an object; in older files it is marked with the name alone."""
    return strip.get(TAG) in (owner, owner.name)


def place(scene: bpy.types.Scene, path: Path, start: int, owner: bpy.types.Object) -> Any:
    """Put a sound file on the sequencer so that playback is in sync with keys that begin at scene frame `start`.

    An earlier strip that Headroom placed for the same `owner` is replaced. Playback then follows the sound.
    """
    strips = compat.sequence_strips(scene, create=True)
    try:
        strip = strips.new_sound(path.stem, str(path), 1, int(start))
    except RuntimeError as error:  # a Blender that was built without sound
        raise OutputError(f"{path}: this Blender cannot place sounds ({str(error).strip()})") from error
    for old in [other for other in strips if belongs(other, owner)]:
        strips.remove(old)
    compat.show_in_sequencer(scene)
    strip.name = path.stem
    strip.channel = _free_channel(strips, strip)
    strip[TAG] = owner
    scene.sync_mode = "AUDIO_SYNC"
    return strip


def make_room(scene: bpy.types.Scene, start: float, frames: float) -> None:
    """Extend the scene's frame range over `frames` frames from `start`; it never shrinks."""
    scene.frame_start = max(0, min(scene.frame_start, int(start)))
    scene.frame_end = max(scene.frame_end, int(np.ceil(start + frames)) - 1)


def remapped(scene: bpy.types.Scene) -> str:
    """Say in one line that a scene stretches its animation against its sound, or nothing where it does not."""
    render = scene.render
    if render.frame_map_old == render.frame_map_new:
        return ""
    return f"{scene.name} plays at {render.frame_map_new / render.frame_map_old:.0%} time: it is remapped"


def warnings(scene: bpy.types.Scene) -> list[str]:
    """Say, a line each, why a mouth will not go with its sound in a scene."""
    why = remapped(scene)
    return [f"{why}, but its sound is not; press Why Is Nothing Moving? under Doctor"] if why else []


def frames_per_second(scene: bpy.types.Scene) -> float:
    """Give the scene's true frame rate, such as 23.976."""
    return scene.render.fps / scene.render.fps_base


def _free_channel(strips: Any, new: Any) -> int:
    """Find the lowest channel where a strip overlaps no other."""
    taken = {
        strip.channel
        for strip in strips
        if strip != new
        and strip.frame_final_start < new.frame_final_end
        and new.frame_final_start < strip.frame_final_end
    }
    return next(channel for channel in range(1, 129) if channel not in taken)


def _file_of(sound: bpy.types.Sound) -> Path:
    if sound.packed_file is not None:
        raise InputError(f"sound {sound.name} is packed in the .blend; unpack it (File > External Data) first")
    path = Path(bpy.path.abspath(sound.filepath, library=sound.library))
    if not path.is_file():
        raise InputError(f"{path}: the sound's file is missing; find it again under File > External Data")
    return path
