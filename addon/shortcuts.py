"""Headroom's few shortcuts: in Preferences > Keymap like all others, to be changed or switched off there.

All are on L, for lips, with keys beside it that Blender uses nowhere; a test holds that for its own keymaps.
"""

from __future__ import annotations

from typing import Any

import bpy

EDITORS: tuple[tuple[str, Any], ...] = (("3D View", "VIEW_3D"), ("Dopesheet", "DOPESHEET_EDITOR"))
"""Keymaps that have them, as Blender calls these; the second is that of the Timeline too."""

SHORTCUTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("headroom.lip_sync", {"type": "L", "value": "PRESS", "ctrl": True, "shift": True}),
    ("headroom.update_lips", {"type": "L", "value": "PRESS", "shift": True, "alt": True}),
)
"""What each does, and its keys."""

_added: list[tuple[Any, Any]] = []


def attach() -> None:
    """Add them, where there is a keyboard."""
    known = bpy.context.window_manager.keyconfigs.addon
    for name, space in EDITORS if known is not None else ():
        keymap = known.keymaps.new(name=name, space_type=space)
        _added.extend((keymap, keymap.keymap_items.new(operator, **keys)) for operator, keys in SHORTCUTS)


def detach() -> None:
    """Take them away again."""
    for keymap, item in _added:
        keymap.keymap_items.remove(item)
    _added.clear()
