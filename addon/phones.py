# mypy: disable-error-code="valid-type"
"""Phones as markers: what a scene and its markers remember of them, and lips that follow while markers are dragged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty, PointerProperty, StringProperty

from ..core.errors import HeadroomError
from ..core.speech.phones import INVENTORY
from .jobs import Job

if TYPE_CHECKING:
    from .bridge.markers import Change

NAME, MARK = "headroom_phones", "headroom"
"""Names of the groups on scenes and on timeline markers; `bridge.markers` reads both."""

BEAT = 0.5
"""Seconds between two looks at the markers; who did not move in between is taken as let go."""

SOON = 0.05  # seconds between two looks at work that is going on

EXAMPLES = (
    "silence", "father", "cat", "cut", "law", "now", "my", "bee", "chin", "do", "this", "bed", "bird", "day", "fan",
    "go", "he", "bit", "see", "joy", "key", "lip", "me", "no", "sing", "go", "boy", "pin", "red", "so", "she", "to",
    "thin", "book", "too", "van", "we", "yes", "zoo", "vision", "French peur, German schön", "Spanish perro, pero",
    "French tu, German über", "German ach, Scottish loch",
)  # fmt: skip
"""A word for each of the inventory's phones."""

_known: dict[str, int] = {}
"""What the markers of a scene (by name) were like when the lips last followed them."""

_last: dict[str, int] = {}
_jobs: dict[str, tuple[int, Change, Job]] = {}


def phone_items() -> list[tuple[str, str, str]]:
    """Give every phone of the inventory as a choice."""
    return [
        (label, f"{label}   {word}", f"As in {word}" if word != "silence" else "Nothing is said")
        for label, word in zip(INVENTORY, EXAMPLES, strict=True)
    ]


class HeadroomMark(bpy.types.PropertyGroup):
    """What a timeline marker stands for: `kind` is "phone" or "word", "own" for an artist's, nothing for a new one;
    `place` in the head's phones or words; frame and name as they were set."""

    kind: StringProperty()
    place: IntProperty(default=-1)
    frame: IntProperty()
    was: StringProperty()


def _switched(group: Any, context: bpy.types.Context) -> None:
    group.problem = ""
    look_again()


class HeadroomPhones(bpy.types.PropertyGroup):
    """Whose phones a scene shows as markers, and how they are edited."""

    head: PointerProperty(type=bpy.types.Object)
    problem: StringProperty()
    live: BoolProperty(
        name="Live",
        description="Let the lips follow by themselves a moment after a marker was moved, renamed, added or deleted",
        update=_switched,
    )
    phone: EnumProperty(name="Phone", description="What Add Phone adds", items=phone_items(), default="M")


def phones_of(scene: bpy.types.Scene) -> HeadroomPhones:
    """Give what a scene remembers of phones."""
    return getattr(scene, NAME)


def attach() -> None:
    """Hang the groups onto scenes and markers; after their classes are registered."""
    setattr(bpy.types.Scene, NAME, PointerProperty(type=HeadroomPhones))  # type: ignore[func-returns-value]
    setattr(bpy.types.TimelineMarker, MARK, PointerProperty(type=HeadroomMark))  # type: ignore[func-returns-value]


def detach() -> None:
    """Undo `attach`, and look at no markers any more."""
    forget()
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)
    delattr(bpy.types.TimelineMarker, MARK)
    delattr(bpy.types.Scene, NAME)


def forget() -> None:
    """Drop what is known of markers: after undo or in another file it is not true any more."""
    for _, _, job in _jobs.values():
        job.cancel()
    for kept in (_known, _last, _jobs):
        kept.clear()


def look_again() -> None:
    """Begin to look at the markers of scenes whose lips shall follow."""
    forget()
    wanted = any(phones_of(scene).live for scene in bpy.data.scenes)
    if wanted and not bpy.app.background and not bpy.app.timers.is_registered(tick):
        bpy.app.timers.register(tick, first_interval=BEAT)


def tick() -> float | None:
    """Look once at every scene whose lips shall follow its markers; gives when to look again.

    Nothing of it is a step of undo: an artist's move of a marker is one, and after an undo the lips follow again.
    """
    scenes = [scene for scene in bpy.data.scenes if phones_of(scene).live]
    for scene in scenes:
        _follow(scene)
    return (SOON if _jobs else BEAT) if scenes else None


def _follow(scene: bpy.types.Scene) -> None:
    from .bridge import markers

    if markers.shown(scene) is None:
        return
    name, now = scene.name, markers.signature(scene)
    moving = _last.get(name) != now
    _last[name] = now
    job = _jobs.get(name)
    if job is not None and job[0] != now:
        job[2].cancel()
        job = None
        _jobs.pop(name)
    try:
        if name not in _known and not markers.pending(scene):
            _known[name] = now
        if _known.get(name) == now or moving or _busy():
            return
        if job is None:
            change = markers.prepare(scene)
            _jobs[name] = (now, change, Job(change.work))
        elif job[2].finished:
            _jobs.pop(name)
            markers.apply(scene, job[1], job[2].result())
            markers.state(scene).problem = job[1].problem
            _known[name] = _last[name] = markers.signature(scene)
    except HeadroomError as error:
        _jobs.pop(name, None)
        _known[name] = now
        markers.state(scene).problem = str(error)


def _busy() -> bool:
    """Tell whether a tool is in use that must not be disturbed, such as a marker that is being dragged."""
    windows = bpy.context.window_manager.windows
    at_work = {operator.bl_idname for window in windows for operator in window.modal_operators}
    return bool(at_work - {"SCREEN_OT_animation_play"})
