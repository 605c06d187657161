"""Buttons, shortcuts and favorites take the sidebar's settings; scripts say themselves what they want.

Blender invokes nothing without a window: a stand-in for an operator is invoked here, real ones in the window tests.
"""

from __future__ import annotations

from types import SimpleNamespace

import bpy
import pytest


@pytest.fixture
def invoked(part):
    """Invoke an operator with some properties set; gives what it has then."""

    def invoke(verb: str, **given: object) -> dict[str, object]:
        known = bpy.context.window_manager.operator_properties_last(f"headroom.{verb}").bl_rna

        class Called(part("operators.sidebar").FromSidebar):
            properties = SimpleNamespace(bl_rna=known, is_property_set=lambda name: name in given)

            def settings(self, context):
                return context.scene.headroom

            def execute(self, context):
                return {"FINISHED"}

        called = Called()
        assert called.invoke(bpy.context, None) == {"FINISHED"}
        return {name: value for name, value in vars(called.properties).items() if name in known.properties.keys()}

    return invoke


def test_what_is_invoked_without_settings_takes_the_sidebars(invoked):
    settings = bpy.context.scene.headroom
    settings.filepath, settings.strength, settings.transcript = "//line.wav", 0.5, "hello"
    taken = invoked("lip_sync")
    assert (taken["filepath"], taken["strength"], taken["transcript"]) == ("//line.wav", 0.5, "hello")


def test_what_is_invoked_with_settings_keeps_to_them(invoked):
    assert invoked("lip_sync", filepath="//other.wav") == {}


def test_scripts_get_the_defaults(models, wave, body):
    bpy.context.scene.headroom.strength = 0.5
    bpy.ops.headroom.lip_sync(filepath=str(wave()))
    assert models[-1].strength == 1.0
