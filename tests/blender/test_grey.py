"""Every button that cannot be pressed says why."""

from __future__ import annotations

import bpy
import pytest


def cube() -> None:
    bpy.ops.mesh.primitive_cube_add()


def cube_in_edit_mode() -> None:
    cube()
    bpy.ops.object.mode_set(mode="EDIT")


def lamp() -> None:
    bpy.ops.object.light_add()


@pytest.fixture
def grey(part):
    """Give the operators that cannot be pressed now: verb -> what Blender says when it is tried."""

    def look() -> dict[str, str]:
        found = {}
        for cls in part("addon.registration").CLASSES:
            if not issubclass(cls, bpy.types.Operator):
                continue
            verb = cls.bl_idname.partition(".")[2]
            operator = getattr(bpy.ops.headroom, verb)
            if not operator.poll():
                with pytest.raises(RuntimeError) as error:
                    operator()
                found[verb] = str(error.value)
        return found

    return look


@pytest.mark.parametrize(
    "scene", [None, cube, cube_in_edit_mode, lamp], ids=lambda one: getattr(one, "__name__", "empty")
)
def test_grey_buttons_say_why(grey, scene):
    if scene is not None:
        scene()
    found = grey()
    assert {"lip_sync", "update_lips", "stop", "examine" if scene in (None, lamp) else "stabilize"} <= set(found)
    silent = [verb for verb, said in found.items() if "context is incorrect" in said]
    assert not silent


def test_on_a_head_only_what_it_lacks_is_grey(grey, body):
    found = grey()
    assert not {"lip_sync", "examine", "export_check", "recognize_keys"} & set(found)
    assert "let it speak first" in found["edit_layer"] and "press Lip Sync first" in found["show_phones"]
    assert not [verb for verb, said in found.items() if "context is incorrect" in said]
