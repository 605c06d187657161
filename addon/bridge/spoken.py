"""What a lip sync leaves in a scene: keys on the head, the sound in its place, and what the head remembers of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ...core.curves.reduce import ReduceOptions
from . import actions, markers, sound, takes
from .sound import Cue

if TYPE_CHECKING:
    from ...core.performance import Performance
    from ...core.speech.lipsync import LipsyncOptions, LipsyncResult


def write(
    scene: bpy.types.Scene,
    body: bpy.types.Object,
    result: LipsyncResult,
    options: LipsyncOptions,
    cue: Cue,
    keys: ReduceOptions,
    place: bool,
    ready: actions.Ready | None = None,
) -> list[str]:
    """Let a head speak: write the keys, `place` the sound in the sequencer, and make room for it in the scene.

    `ready` are the keys where they were made beforehand. Gives what the artist should know, a line each.
    """
    fps = sound.frames_per_second(scene)
    if place:
        sound.place(scene, cue.path, int(cue.start), body)
    actions.write(result.performance, body, cue.start, fps, keys, ready=ready)
    sound.make_room(scene, cue.start, result.performance.duration * fps)
    takes.store(body, takes.spoken(result, options, cue))
    takes.remember_keys(body, keys)
    if markers.shown(scene) == body:
        markers.show(scene, body)
    return [*result.warnings, *sound.warnings(scene), *left_out(result.performance, body)]


def left_out(performance: Performance, body: bpy.types.Object) -> list[str]:
    """Say what of a performance will not be seen on this head, a line each."""
    missing, hidden = actions.unanswered(performance, body), actions.overridden(body)
    warnings = [
        f"drivers move {', '.join(keys)} of {name} and were left alone; delete them to see the lips there"
        for name, keys in actions.driven(performance, body).items()
    ]
    if missing:
        warnings.append(f"{body.name} has no shape key for {', '.join(missing)}")
    hidden = [name for name in hidden if name in performance.channels]
    if hidden:
        warnings.append(
            f"keys made by hand win over the lips on {', '.join(hidden)}; mute or move them to see the lips"
        )
    return warnings
