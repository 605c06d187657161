"""Tables that Headroom keeps on objects as JSON: a .blend may come from anyone, and panels read them at each redraw."""

from __future__ import annotations

import json
from typing import Any

import bpy

LARGEST = 4 << 20
"""Characters; a head's recipe has ten thousand."""


def table_of(thing: bpy.types.ID | None, name: str) -> dict[str, Any]:
    """Give the table under a name; empty where there is none or something else lies there."""
    text = thing.get(name) if thing is not None else None
    if not isinstance(text, str) or len(text) > LARGEST:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
