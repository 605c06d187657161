"""Headroom's shortcuts are few, changeable, and clash with none of Blender's."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import bpy
import pytest

MODIFIERS = ("ctrl", "shift", "alt", "oskey")


def blenders(**choices: str) -> set[tuple]:
    """Give the keys of every keymap of Blender's own, as it has them with these preferences; "any" for those that do
    not care for keys held with them."""
    place = Path(bpy.utils.system_resource("SCRIPTS")) / "presets/keyconfig/keymap_data/blender_default.py"
    spec = importlib.util.spec_from_file_location("blender_default", place)
    default = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(default)
    found = set()
    for _, _, content in default.generate_keymaps(default.Params(**choices)):
        for _, keys, _ in content["items"]:
            held = "any" if keys.get("any") else tuple(name for name in MODIFIERS if keys.get(name))
            found.add((keys["type"], held))
    return found


@pytest.mark.parametrize("mouse", ["LEFT", "RIGHT"])
@pytest.mark.parametrize("space", ["PLAY", "TOOL", "SEARCH"])
def test_none_clashes_with_blenders_own_in_any_editor(part, mouse, space):
    theirs = blenders(select_mouse=mouse, spacebar_action=space)
    assert len(theirs) > 300
    for operator, keys in part("addon.shortcuts").SHORTCUTS:
        held = tuple(name for name in MODIFIERS if keys.get(name))
        assert not {(keys["type"], held), (keys["type"], "any")} & theirs, operator


def test_they_stand_where_blender_lists_them_and_go_with_the_extension(part):
    shortcuts = part("addon.shortcuts")

    def listed() -> list[str]:
        keymaps = bpy.context.window_manager.keyconfigs.addon.keymaps
        return [item.idname for keymap in keymaps for item in keymap.keymap_items if "headroom" in item.idname]

    assert sorted(set(listed())) == ["headroom.lip_sync", "headroom.update_lips"]
    assert len(listed()) == len(shortcuts.EDITORS) * len(shortcuts.SHORTCUTS)
    shortcuts.detach()
    assert not listed()
    shortcuts.attach()
    assert len(listed()) == len(shortcuts.EDITORS) * len(shortcuts.SHORTCUTS)
