"""Editing a head by its sliders: what is seen follows at once, everything else a moment after the last move.

While a slider is dragged only the basis and the shape keys that are on are moved, or a small image is painted. When it
rests, a thread makes all shapes, joints and colors of the new person, and they are written together. The head's own
step of undo was taken in between, when the mouse let go; `stale` tells after an undo or a redo what has to be made
again.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import bpy
import numpy as np

from ..core.errors import HeadroomError
from ..core.head.attributes import ATTRIBUTES
from . import person
from .bridge import heads, materials, meshes
from .bridge.correctives import OURS
from .jobs import Job

if TYPE_CHECKING:
    from ..core.head.head import Head
    from ..core.head.identity import Identity

REST = 0.15
"""Seconds without a move after which a slider is taken as let go."""

LOOK = 0.03
"""Seconds between two looks at whether something rests or is ready."""

COLORS = "Colors"
"""Group of the attributes that change no shape."""

_moved: dict[str, float] = {}
"""Heads whose shapes are not those of their sliders yet, by name, and when they last moved."""

_jobs: dict[str, tuple[str, Job]] = {}
"""Work on a head by name: for which identity, and the work."""

_held: dict[str, Held] = {}


@dataclasses.dataclass
class Held:
    """What a drag needs again and again: whose head, the attributes that it shows, what was sculpted, and what each
    key that is on adds (V, 3)."""

    identity: Identity
    shown: dict[str, float]
    level: str
    sculpted: np.ndarray | float
    basis: np.ndarray
    deltas: dict[str, np.ndarray]


def slid(body: bpy.types.Object) -> None:
    """Follow a slider of a head: show the person that the sliders now describe."""
    from ..core.head import generate

    if not heads.is_head(body) or why_not(body):
        return
    held = _held.get(body.name)
    if held is None:
        held = _held[body.name] = _hold(body)
    wanted = _wanted(body, held.identity)
    moved = {
        ATTRIBUTES[name].group == COLORS for name, value in wanted.attributes.items() if held.shown.get(name) != value
    }
    if False in moved:
        draw(body, held, generate.neutral(wanted, held.level) + held.sculpted)
    if True in moved:
        materials.sketch(body.data, *generate.sketch(wanted))
    held.shown = wanted.attributes
    body[heads.DRAWN] = wanted.to_json()
    _moved[body.name] = time.monotonic()
    _watch()


def draw(body: bpy.types.Object, held: Held, points: np.ndarray) -> None:
    """Move the basis to `points` (V, 3), and with it the shape keys that are on or an artist's; the others wait."""
    keys = body.data.shape_keys
    for key in keys.key_blocks:
        if (abs(key.value) > 1e-4 or key.name not in OURS) and key != keys.reference_key:
            if key.name not in held.deltas:
                held.deltas[key.name] = meshes.points_of(key) - held.basis
            key.points.foreach_set("co", np.ascontiguousarray(points + held.deltas[key.name], dtype=np.float32).ravel())
    meshes.write_basis(body.data, points)


def why_not(body: bpy.types.Object) -> str:
    """Say in one line why a head cannot be edited by sliders now, or nothing when it can."""
    return "Leave Edit Mode first" if body.mode == "EDIT" else _unfit(body)


def _unfit(body: bpy.types.Object) -> str:
    """Say in one line why a head cannot be edited by sliders in any mode."""
    if reason := heads.why_not_change(body):
        return reason
    keys = body.data.shape_keys
    if keys is None or keys.reference_key is None:
        return f"{body.name} has lost its shape keys; use Rebuild Head"
    if len(body.data.vertices) != heads.recipe(body).get("vertices"):
        return f"{body.name} has other vertices than when it was made; use Rebuild Head"
    return ""


def stale(body: bpy.types.Object) -> bool:
    """Tell whether a head's shapes, rig or images are of another person than its basis."""
    stored = heads.recipe(body)
    if not stored.get("identity") or _unfit(body):
        return False
    mark = heads.stamp(body)
    if body.get(heads.DRAWN, stored["identity"]) != stored["identity"]:
        return True
    rig = heads.rig_of(body)  # whether it is the head's own takes a look at all heads of the file
    odd = rig is not None and rig.get(heads.STAMP) != mark and heads.own_rig(body) is not None
    return odd or any(image.get(heads.STAMP) != mark for image in materials.images_of(body.data))


def settle(body: bpy.types.Object) -> None:
    """Make all shapes of a head fit its sliders now, waiting for it; does nothing when they do already.

    In Edit Mode it has to wait: leaving it would overwrite them.
    """
    from ..core.head import generate

    if body.mode == "EDIT":
        return
    if stale(body):
        wanted = heads.drawn_of(body)
        write(body, generate.decode(wanted, heads.level_of(body)), wanted, heads.level_of(body))
    forget(body)


def settle_all() -> None:
    """Settle every head that was moved: before the file is saved."""
    for name in list(_moved):
        if name in bpy.data.objects:
            settle(bpy.data.objects[name])


def write(body: bpy.types.Object, head: Head, identity: Identity, level: str) -> None:
    """Make a head another person, with everything that belongs to it, and put its sliders there."""
    heads.reshape(body, head, identity, level)
    person.show(body, identity.attributes)
    forget(body)


def forget(body: bpy.types.Object) -> None:
    """Drop what is held for a head: its data has been changed by something else."""
    for kept in (_held, _moved, _jobs):
        kept.pop(body.name, None)


def forget_all() -> None:
    """Drop everything: after undo or when another file was opened nothing that is held is true any more."""
    for _, job in _jobs.values():
        job.cancel()
    for kept in (_held, _moved, _jobs):
        kept.clear()


def look_again() -> None:
    """Find the heads that an undo, a redo or a file left between two people, and finish them."""
    forget_all()
    for body in filter(heads.is_head, bpy.data.objects):
        materials.refresh(body.data)
        if stale(body):
            _moved[body.name] = time.monotonic()
    if _moved:
        _watch()


def _hold(body: bpy.types.Object) -> Held:
    heads.own_looks(body)
    basis, identity = meshes.points_of(body.data.shape_keys.reference_key), heads.drawn_of(body)
    return Held(identity, identity.attributes, heads.level_of(body), heads.sculpted(body), basis, {})


def _wanted(body: bpy.types.Object, identity: Identity) -> Identity:
    """Give the person that a head's sliders describe."""
    from ..core.head.identity import Identity

    values = person.values_of(person.person_of(body), identity.attributes)
    return Identity(identity.code, {**identity.attributes, **values})


def _watch() -> None:
    if not bpy.app.background and not bpy.app.timers.is_registered(tick):
        bpy.app.timers.register(tick, first_interval=REST)


def tick() -> float | None:
    """Start work on heads that rest and write what is ready; the timer's beat while there is something to do."""
    for name, moved in list(_moved.items()):
        body: bpy.types.Object | None = bpy.data.objects.get(name)
        if body is None or not stale(body):
            _moved.pop(name)
            _jobs.pop(name, None)
            continue
        wanted = str(body.get(heads.DRAWN))
        known = _jobs.get(name)
        if known is not None and known[0] != wanted:
            known[1].cancel()
            known = _jobs.pop(name, None) and None
        if known is None and time.monotonic() - moved >= REST:
            _jobs[name] = (wanted, Job(_decoding(heads.drawn_of(body), heads.level_of(body))))
        elif known is not None and known[1].finished and not _busy():
            _finish(body, known[1])
    return LOOK if _moved else None


def _decoding(identity: Identity, level: str) -> Callable[[Any], Head]:
    from ..core.head import generate

    return lambda progress: generate.decode(identity, level, progress)


def _finish(body: bpy.types.Object, job: Job) -> None:
    try:
        write(body, job.result(), heads.drawn_of(body), heads.level_of(body))
    except HeadroomError as error:
        print(f"Headroom: {body.name}: {error}")
        forget(body)


def _busy() -> bool:
    """Tell whether something runs that must not be disturbed: a tool in use, or a mode that a rig cannot leave."""
    windows = bpy.context.window_manager.windows
    at_work = {operator.bl_idname for window in windows for operator in window.modal_operators}
    return bpy.context.mode not in ("OBJECT", "POSE") or bool(at_work - {"SCREEN_OT_animation_play"})


def stop() -> None:
    """Let go of everything: the extension is being disabled."""
    forget_all()
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)
