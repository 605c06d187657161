"""A performance that was made elsewhere, played by any head: onto which layers, and what of it will not be seen."""

from __future__ import annotations

from dataclasses import replace

import bpy

from ...core.amounts import Amounts, scaled
from ...core.curves.reduce import ReduceOptions
from ...core.errors import InputError
from ...core.performance import CAPTURE, Performance
from ...core.progress import Progress
from ...core.rig.doctor import are, few
from . import actions, layers, sound

NAMED = 4
"""How many channels a warning names; a foreign head may lack most of them."""


def on_one_layer(performance: Performance) -> Performance:
    """Lay all of a performance on the layer of captures, which can be muted and edited without touching others."""
    flat = performance.flatten()
    return replace(flat, layers=(CAPTURE,) * len(flat.channels))


def ready(
    performance: Performance, amounts: Amounts, start: float, fps: float, keys: ReduceOptions, progress: Progress
) -> tuple[Performance, actions.Ready]:
    """Let a performance move as far as asked for and make its keys, all that `play` wants; for a worker."""
    progress(0.2, "Choosing keys")
    moved = scaled(performance, amounts)
    return moved, actions.keys_of(moved, start, fps, keys)


def play(
    performance: Performance,
    made: actions.Ready,
    body: bpy.types.Object,
    start: float,
    scene: bpy.types.Scene,
    keys: ReduceOptions,
) -> tuple[str, list[str]]:
    """Write a performance onto a head from a scene frame on, and make room for it.

    Gives what was done, and what the artist should know of it, a line each. Raises `InputError`, with nothing written,
    when nothing of it would be seen.
    """
    fps, moved = sound.frames_per_second(scene), channels_on(body, performance)
    actions.write(performance, body, start, fps, keys, ready=made)
    sound.make_room(scene, start, performance.duration * fps)
    done = f"{body.name} plays {len(moved)} channels for {performance.duration:.1f} s from frame {start:g}"
    return done, [*sound.warnings(scene), *unseen(performance, body)]


def channels_on(body: bpy.types.Object, performance: Performance) -> set[str]:
    """Name the channels of a performance that a head answers. Raises `InputError` when there are none."""
    moved = {name for target in actions.targets_of(body) for name in _channels(target, performance)}
    if not moved:
        raise InputError(
            f"{body.name} has no key or bone for any of the channels, such as {few(performance.channels)}; "
            "press Recognize Keys when it has them under other names, or Give Shapes"
        )
    return moved


def unseen(performance: Performance, body: bpy.types.Object) -> list[str]:
    """Say, a line each, what of a performance is not seen on a head, and what is added to it."""
    warnings = [
        f"drivers move {few(keys, NAMED)} of {name} and were left alone; delete them to see the take there"
        for name, keys in actions.driven(performance, body).items()
    ]
    if missing := actions.unanswered(performance, body):
        warnings.append(f"{body.name} has no shape key for {few(missing, NAMED)}")
    if hidden := [name for name in actions.overridden(body) if name in performance.channels]:
        warnings.append(f"keys made by hand win over the take on {few(hidden, NAMED)}; mute or move them to see it")
    if others := _added(performance, body):
        names = few((layers.track_name(name) for name in others), len(others))
        warnings.append(f"{names} {are(others)} added to the take; mute in the NLA editor what moves the face twice")
    return warnings


def _channels(target: layers.Target, performance: Performance) -> set[str]:
    """Name the channels that a target answers."""
    answered = {channel for path in target.paths for channel, _ in target.mixes.get(path, ((path, 1.0),))}
    return answered & set(performance.channels)


def _added(performance: Performance, body: bpy.types.Object) -> list[str]:
    """Name the layers beside a performance's own that move something of it too, and are not muted."""
    found = []
    for target in actions.targets_of(body):
        moved, data = set(target.take(performance).channels), target.thing.animation_data
        for name in layers.names_on(body):
            track = data.nla_tracks.get(layers.track_name(name)) if data is not None else None
            if name in performance.layers or track is None or track.mute:
                continue
            if moved & set(layers.curves_of(target, name).values()):
                found.append(name)
    return list(dict.fromkeys(found))
