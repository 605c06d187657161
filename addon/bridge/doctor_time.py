"""What may be wrong in time: the playback range, the frame rate, keys moved or stretched against the sound."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from ...core.errors import InputError
from . import sound, takes
from .doctor_case import Case, Source, Trouble, setting, trouble
from .doctor_sound import Heard, heard

ENOUGH = 5
"""Frames of motion that must lie in what is played."""
APART = 1.0
"""Frames that keys may be off the sound."""
NEAR = 1e-3
"""Share by which two frame rates, or a stretch, may differ: 24 and 23.976 are two."""


def check(case: Case) -> Iterator[Trouble]:
    """Look for what keeps motion from being played when it should."""
    yield from _range(case)
    yield from _rate(case)
    yield from _against_sound(case)


def _range(case: Case) -> Iterator[Trouble]:
    scene, motion = case.scene, case.motion
    if motion is None:
        return
    preview = scene.use_preview_range
    if motion[1] < 0:
        why = f"{case.body.name} moves in frames {motion[0]:.0f} to {motion[1]:.0f}; no scene plays frames before 0"
        yield trouble("range", scene, why)
        return
    first, last = (
        (scene.frame_preview_start, scene.frame_preview_end) if preview else (scene.frame_start, scene.frame_end)
    )
    if _overlap(motion, (first, last)) >= min(ENOUGH, motion[1] - motion[0]):
        return
    why = f"{case.body.name} moves in frames {motion[0]:.0f} to {motion[1]:.0f}, but {first} to {last} are played"
    whole = _overlap(motion, (scene.frame_start, scene.frame_end)) >= min(ENOUGH, motion[1] - motion[0])

    def extend() -> None:
        scene.use_preview_range = False
        if not whole:
            sound.make_room(scene, motion[0], motion[1] - motion[0] + 1)

    yield trouble("range", scene, why, "No Preview Range" if preview and whole else "Extend Range", extend)


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> float:
    return min(one[1], other[1]) - max(one[0], other[0])


def _rate(case: Case) -> Iterator[Trouble]:
    scene, render = case.scene, case.scene.render
    why = sound.remapped(scene)
    if why and case.motion is not None:

        def straight() -> None:
            render.frame_map_new = render.frame_map_old

        yield trouble("remapped", scene, why, "Do Not Remap", straight, ask=True)
    take, now = take_of(case), sound.frames_per_second(scene)
    if take is None or abs(now / take.options.fps - 1) < NEAR / 2:
        return
    fps = take.options.fps
    why = f"{case.body.name} was lip-synced for {fps:.5g} frames per second, {scene.name} plays {now:.5g}"
    yield trouble("fps", scene, why, f"Play {fps:.5g}", lambda: set_rate(render, fps), ask=True)


def set_rate(render: Any, fps: float) -> None:
    """Let a scene play at a frame rate, as Blender writes such rates: 23.976 is 24 / 1.001."""
    whole = round(fps)
    ntsc = abs(whole / 1.001 - fps) < NEAR * 10 and abs(whole - fps) > NEAR * 10
    exact = abs(whole - fps) < NEAR
    if exact or ntsc:
        render.fps, render.fps_base = whole, 1.001 if ntsc else 1.0
    else:
        ratio = Fraction(fps).limit_denominator(1000)
        render.fps, render.fps_base = max(1, round(fps)), max(1, round(fps)) / float(ratio)


def take_of(case: Case) -> Any:
    """Give what a head speaks; None when it does not remember that, or when it is damaged."""
    try:
        return takes.take_of(case.body) if takes.has(case.body) else None
    except InputError:
        return None


def _against_sound(case: Case) -> Iterator[Trouble]:
    """The lips and the sound that they were made for, which both began at the take's start."""
    take, lips = take_of(case), _lips(case)
    if take is None or lips is None:
        return
    strip = lips.holder
    if abs(strip.scale - 1) > NEAR:
        yield trouble(
            "stretched", case.body, f"NLA strip {strip.name} is stretched to {strip.scale:.0%}, its sound is not",
            "Do Not Stretch", setting(strip, scale=1.0),
        )  # fmt: skip
        return
    moved = strip.frame_start - strip.action_frame_start
    played = heard(case, take)
    if played is None or played.start is None:
        return
    late = (take.start + moved) - played.start
    if abs(late) <= APART:
        return
    side = "late" if late > 0 else "early"
    yield trouble(
        "offset", case.body, f"The lips of {case.body.name} are {abs(late):.0f} frames {side} against the sound",
        *_align(case, take, moved, late, played),
    )  # fmt: skip


def _align(case: Case, take: Any, moved: float, late: float, played: Heard) -> tuple[str, Any]:
    """Move back what was moved: the keys, else the sound."""
    if abs(moved) > APART and abs(take.start - played.start) <= APART:
        strips = [source.holder for source in case.sources if source.track is not None and _moved(source, moved)]
        return "Move Keys", lambda: _shift(strips, -moved)
    if played.move is None:
        return "", None
    return "Move Sound", lambda: played.move(round(late))


def _moved(source: Source, frames: float) -> bool:
    strip = source.holder
    return abs(strip.frame_start - strip.action_frame_start - frames) <= APART


def _shift(strips: list[Any], frames: float) -> None:
    """Move NLA strips; the end is set first where one moves on, since its start cannot pass it."""
    for strip in strips:
        start, end = strip.frame_start + frames, strip.frame_end + frames
        if frames > 0:
            strip.frame_end = end
        strip.frame_start = start
        strip.frame_end = end


def _lips(case: Case) -> Source | None:
    from .layers import track_name

    return next(
        (one for one in case.sources if one.track is not None and one.track.name == track_name("lips") and one.moving),
        None,
    )
