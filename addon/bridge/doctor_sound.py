"""What may be wrong with the sound of speech: missing, muted anywhere on its way, or not what playback follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import bpy

from ...core.errors import InputError
from .. import compat
from . import sound, takes
from .doctor_case import Case, Trouble, setting, trouble


@dataclass(frozen=True)
class Heard:
    """What lets a head's sound be heard.

    thing  a sequencer strip, or a speaker object
    sound  the sound data-block
    start  scene frame at which its part begins that the take hears; None when that is not known
    move   moves it by frames; None when that must be done by hand
    """

    thing: Any
    sound: Any
    start: float | None = None
    move: Callable[[int], Any] | None = None


def check(case: Case) -> Iterator[Trouble]:
    """Look for what keeps the sound that a head speaks from being heard, or playback from following it."""
    try:
        take = takes.take_of(case.body) if takes.has(case.body) else None
    except InputError:
        take = None
    found = heard(case, take)
    if found is None:
        return
    yield from _file(case, take, found)
    if found.thing.bl_rna.identifier == "Object":
        yield from _speaker(found.thing)
    else:
        yield from _strip(case, found.thing)
    yield from _scene(case.scene)


def heard(case: Case, take: Any) -> Heard | None:
    """Find the sound of a head: the strip that Headroom placed for it, or a strip or speaker that plays its file."""
    strips = [one for one in compat.sequence_strips_all(case.scene) if one.type == "SOUND" and one.sound is not None]
    for strip in strips:
        if sound.belongs(strip, case.body):
            return Heard(strip, strip.sound, float(strip.frame_start), partial(_move, strip))
    if take is None or not take.sound:
        return None
    playing = [strip for strip in strips if _path(strip.sound) == Path(take.sound)]
    if playing:
        strip = min(playing, key=lambda one: abs(one.frame_final_start - take.start))
        return Heard(strip, strip.sound, float(strip.frame_final_start), partial(_move, strip))
    for thing in case.scene.objects:
        if thing.type == "SPEAKER" and thing.data.sound is not None and _path(thing.data.sound) == Path(take.sound):
            return Heard(thing, thing.data.sound)
    return None


def _move(strip: Any, frames: int) -> None:
    strip.frame_start += frames


def _path(sound: Any) -> Path:
    return Path(bpy.path.abspath(sound.filepath, library=sound.library))


def _file(case: Case, take: Any, found: Heard) -> Iterator[Trouble]:
    path = _path(found.sound)
    if found.sound.packed_file is not None or path.is_file():
        return
    why = f"The sound file {path.name} of {case.body.name} is missing"
    if take is not None and take.sound and Path(take.sound).is_file():
        yield trouble("missing_sound", case.body, why, "Find It", setting(found.sound, filepath=take.sound))
    else:
        yield trouble("missing_sound", case.body, f"{why}; File > External Data > Find Missing Files")


def _strip(case: Case, strip: Any) -> Iterator[Trouble]:
    scene = case.scene
    if strip.mute or strip.volume == 0:
        yield trouble(
            "muted_strip", scene, f"Sound strip {strip.name} is muted", "Unmute", lambda: _loud(strip),
            detail=strip.name,
        )  # fmt: skip
    channel = scene.sequence_editor.channels[strip.channel]
    if channel.mute:
        yield trouble(
            "muted_channel", scene, f"{channel.name} of the sequencer is muted, with sound strip {strip.name}",
            "Unmute", setting(channel, mute=False), detail=channel.name,
        )  # fmt: skip


def _loud(thing: Any) -> None:
    for name in ("mute", "muted"):
        if hasattr(thing, name):
            setattr(thing, name, False)
    if thing.volume == 0:
        thing.volume = 1.0


def _speaker(speaker: bpy.types.Object) -> Iterator[Trouble]:
    data = speaker.data
    if data.muted or data.volume == 0:
        yield trouble("muted_speaker", speaker, f"Speaker {speaker.name} is muted", "Unmute", lambda: _loud(data))
    animation = speaker.animation_data
    tracks = animation.nla_tracks if animation is not None else ()
    playing = [(track, strip) for track in tracks for strip in track.strips if strip.type == "SOUND"]
    if playing and not (animation.use_nla and any(not track.mute and not strip.mute for track, strip in playing)):

        def switch_on() -> None:
            animation.use_nla = True
            for track, strip in playing:
                track.mute = strip.mute = False

        yield trouble(
            "silent_speaker", speaker, f"The NLA strip that starts speaker {speaker.name} is muted", "Unmute", switch_on
        )


def _scene(scene: bpy.types.Scene) -> Iterator[Trouble]:
    if not scene.use_audio or scene.audio_volume == 0:

        def loud() -> None:
            scene.use_audio = True
            scene.audio_volume = scene.audio_volume or 1.0

        yield trouble("muted_scene", scene, f"The audio of {scene.name} is muted", "Unmute", loud)
    if scene.sync_mode == "NONE":
        yield trouble(
            "sync", scene, f"{scene.name} plays every frame, so slow playback falls behind the sound", "Sync to Audio",
            setting(scene, sync_mode="AUDIO_SYNC"),
        )  # fmt: skip
