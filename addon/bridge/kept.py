"""Tables that Headroom keeps on objects as JSON: a .blend may come from anyone, and panels read them at each redraw.

Of an object that overrides one of a library Blender saves no custom property that the library's does not have. A
registered property is saved, so what is kept on an override lies there, under its name.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import bpy

LARGEST = 4 << 20
"""Characters; a head's recipe has ten thousand."""

OVER = "headroom_over"
"""The registered property of objects that holds, as JSON, what is kept on an override."""


def get(thing: bpy.types.Object, name: str) -> Any:
    """Give what is kept on an object under a name; None for nothing."""
    over = _over(thing)
    return over[name] if name in over else thing.get(name)


def put(thing: bpy.types.Object, name: str, value: str | dict[str, bpy.types.Object] | None) -> None:
    """Keep a text, or objects by key, on an object; None takes it off."""
    if thing.override_library is not None:
        names = {key: one.name for key, one in value.items()} if isinstance(value, dict) else value
        setattr(thing, OVER, json.dumps({**_over(thing), name: names}))
    elif value is not None:
        thing[name] = value
    elif thing.get(name) is not None:
        del thing[name]


def objects(thing: bpy.types.Object, name: str) -> list[bpy.types.Object]:
    """Give the objects that are kept under a name, those that are still there."""
    stored = get(thing, name)
    if isinstance(stored, dict):  # on an override: by their names, among which local ones come first
        found = [bpy.data.objects.get(one) for one in stored.values() if isinstance(one, str)]
    else:
        found = [stored[key] for key in stored.keys()] if hasattr(stored, "keys") else []
    return [one for one in found if isinstance(one, bpy.types.Object)]


def table_of(thing: bpy.types.Object | None, name: str) -> dict[str, Any]:
    """Give the table under a name; empty where there is none or something else lies there."""
    text = get(thing, name) if thing is not None else None
    return _table(text) if isinstance(text, str) and len(text) <= LARGEST else {}


def is_linked(block: bpy.types.ID) -> bool:
    """Tell whether a data-block is of another file, without an override that an artist may edit."""
    over = block.override_library
    return block.library is not None or (over is not None and over.is_system_override)


def _over(thing: bpy.types.Object) -> dict[str, Any]:
    return _read(getattr(thing, OVER, "")) if thing.override_library is not None else {}


@lru_cache(maxsize=8)
def _read(text: str) -> dict[str, Any]:
    return _table(text)


def _table(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
