"""What the sidebar asks about the active object; cheap, since it is asked at every redraw.

What answers is imported when the sidebar is first drawn, so that enabling the extension stays quick.
"""

from __future__ import annotations

import sys
from typing import Any

import bpy

DOUBTFUL = 0.5
"""Score below which what a key does is to be looked at by the artist."""


def head(context: bpy.types.Context) -> bpy.types.Object | None:
    """Give the Headroom head that is active, itself or through its rig."""
    from .bridge import heads

    return heads.head_of(context.active_object)


def rig(context: bpy.types.Context) -> bpy.types.Object | None:
    """Give the active head's rig, when it is one of ours."""
    from .bridge import heads

    body = head(context)
    armature = heads.rig_of(body) if body is not None else None
    return armature if armature is not None and armature.get("limits") is not None else None


def sound_strip(context: bpy.types.Context) -> tuple[str, str]:
    """Name the sequencer's active strip when it is a sound, and the scene that it is in when that is not the window's:
    from Blender 5.0 the sequencer shows a scene of its own."""
    scene = getattr(context, "sequencer_scene", None) or context.scene
    strip = scene.sequence_editor.active_strip if scene.sequence_editor is not None else None
    if strip is None or strip.type != "SOUND":
        return "", ""
    return strip.name, "" if scene == context.scene else scene.name


def is_variant(context: bpy.types.Context) -> bool:
    """Tell whether the active object is a preview out of a grid of variants."""
    from .bridge import variants

    return bool(variants.variant_of(context.active_object))


def is_anyone_saved() -> bool:
    """Tell whether there are people to choose from."""
    from . import people

    return bool(people.names())


def why_not_edit(context: bpy.types.Context) -> str:
    """Say in one line why the sliders of the active head do nothing, or nothing when they work."""
    from . import editing

    body = head(context)
    return editing.why_not(body) if body is not None else ""


def why_not_speak(context: bpy.types.Context) -> str:
    """Say in one line why what is active cannot speak, or nothing when it can."""
    from .bridge import takes

    return takes.why_not(context.active_object)


def why_not_stabilize(context: bpy.types.Context) -> str:
    """Say in one line why what is active cannot be stabilized, or nothing when it can."""
    from .bridge import captures

    return captures.why_not(context.active_object)


def capture(context: bpy.types.Context) -> dict[str, Any]:
    """Give what was found in the active object when it was stabilized; empty for anything else."""
    thing = context.active_object
    if thing is None or thing.get("headroom_capture") is None:
        return {}
    from .bridge import stabilized

    return stabilized.info(thing)


def landmarks(context: bpy.types.Context) -> dict[str, Any]:
    """Give what the panel of rigging shows: how many landmarks there are, the place of the one that is active in words
    (empty for anything else), and the names of the meshes whose they are."""
    from ..core.rig.landmark_places import PLACES
    from .bridge import landmarks

    thing = context.active_object
    number = thing.get(landmarks.TAG) if thing is not None else None
    place = PLACES[number] if isinstance(number, int) and 0 <= number < len(PLACES) else ""
    whose = [body.name for body in landmarks.bodies_of(context.scene)]
    return {"count": len(landmarks.shown(context.scene)), "place": place, "whose": whose}


def keys(context: bpy.types.Context) -> dict[str, Any]:
    """Give what the panel of the key map shows: the mesh whose keys are listed (None without), how many of its keys and
    how many objects a map moves, how many of these keys are doubtful, and whether there is a map."""
    from .bridge import keymaps

    thing = context.active_object
    if thing is None or thing.type != "MESH" or thing.data.shape_keys is None:
        return {"mesh": None}
    family, stored = keymaps.members(thing), keymaps.has_map(thing)
    table = keymaps.table(thing)
    doubtful = len({entry.key for entry in table if entry.score < DOUBTFUL}) if stored else 0
    count = len({entry.key for entry in table})
    return {"mesh": thing, "stored": stored, "mapped": count, "doubtful": doubtful, "objects": len(family)}


def meanings(thing: bpy.types.Object) -> tuple[Any, ...]:
    """Give the entries of the map for an object's keys."""
    from .bridge import keymaps

    return keymaps.table(thing)


def driven(thing: bpy.types.Object) -> set[str]:
    """Name the keys of an object that drivers move."""
    from .bridge import keymaps

    return keymaps.driven(thing)


def layers(context: bpy.types.Context) -> dict[str, Any]:
    """Give what the panel of layers shows: the head, why there is nothing to mix, its layers from the topmost, and the
    one whose keys are being edited (empty for none)."""
    from .bridge import layers, stack

    body = stack.owner(context.active_object)
    why_not = stack.why_not(body or context.active_object)
    names = layers.names_on(body)[::-1] if not why_not and body is not None else []
    edited = stack.edited(body) if names and body is not None else ""
    return {"head": body, "why_not": why_not, "names": names, "edited": edited}


def speaks(context: bpy.types.Context) -> bool:
    """Tell whether the active head remembers what it speaks, or phones are shown."""
    from .bridge import markers, takes

    return markers.shown(context.scene) is not None or takes.has(takes.speaker(context.active_object))


def phones(context: bpy.types.Context) -> dict[str, Any]:
    """Give what the panel of phones shows: whose they are, whether the active head has others, what is wrong, and rows
    of those near the playhead (see `markers.near`)."""
    from ..core.errors import HeadroomError
    from .bridge import markers, takes

    body, shown = takes.speaker(context.active_object), markers.shown(context.scene)
    found = {"shown": "", "other": False, "problem": markers.state(context.scene).problem, "rows": []}
    if shown is None:
        return found
    try:
        rows = markers.near(context.scene)
    except HeadroomError as error:
        return found | {"shown": shown.name, "problem": str(error)}
    return found | {"shown": shown.name, "other": takes.has(body) and body != shown, "rows": rows}


def preview(context: bpy.types.Context) -> dict[str, Any]:
    """Give what the panel of a preview shows: the head that is previewed (empty without), whether it is the active one,
    whether it plays a take, and whether another sound, text or take was chosen since."""
    known = sys.modules.get(f"{__package__}.preview")  # not even there yet: nothing is previewed
    session = known.session_of(context) if known is not None else None
    body = session.body if session is not None else None
    if known is None or body is None:
        return {"head": "", "mine": False, "take": False, "stale": False}
    from .bridge import takes

    mine = takes.speaker(context.active_object) == body
    stale = known.is_stale(context.scene, session)
    return {"head": body.name, "mine": mine, "take": session.asked[0] == "TAKE", "stale": stale}
