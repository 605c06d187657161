"""Preferences in a real window: libraries of the system are fine, the self-test passes, memory is let go."""

import pytest

from headroom.tools.gui.window import Window

OPEN = """
bpy.ops.extensions.package_install_files(
    filepath='/mnt/work/headroom.zip', repo='user_default', enable_on_install=True, overwrite=True)
area, _ = view()
area.type = 'PREFERENCES'
region = next(one for one in area.regions if one.type == 'WINDOW')
view.__globals__['view'] = lambda: (area, region)
bpy.context.preferences.active_section = 'ADDONS'
with bpy.context.temp_override(window=window(), area=area, region=region):
    bpy.ops.preferences.addon_expand(module='bl_ext.user_default.headroom')
window().screen.areas  # drawn anew
bpy.context.window_manager.addon_search = 'Headroom'
result = installed('headroom')
"""
CHECKS = """
state = bpy.context.window_manager.headroom_selftest
result = [[one.name, one.works, one.said] for one in state.checks]
"""

OWN = """
bpy.context.window_manager.headroom_selftest.checks.clear()
with bpy.context.temp_override(window=window()):
    bpy.ops.screen.userpref_show('INVOKE_DEFAULT')
"""
OWN_TEST = """
other = bpy.context.window_manager.windows[1]
area = other.screen.areas[0]
region = next(one for one in area.regions if one.type == 'WINDOW')
with bpy.context.temp_override(window=other, area=area, region=region):
    bpy.ops.headroom.self_test('INVOKE_DEFAULT')
"""


@pytest.fixture
def checks(window: Window):
    return lambda: window.ask(CHECKS)


def test_preferences_show_where_libraries_are_from(window: Window) -> None:
    assert window.ask(OPEN) == [True, True], window.output()
    window.wait(lambda: window.find("headroom.self_test"), 30, "no self-test in Preferences")
    window.screenshot("p1-preferences")
    lines = window.ask(
        "import importlib\n"
        "module = importlib.import_module('bl_ext.user_default.headroom.addon.libraries')\n"
        "result = [[one.name, one.state, one.origin] for one in module.lines()]"
    )
    assert lines and all(state == "fine" for _, state, _ in lines), lines


def test_the_self_test_can_be_stopped(window: Window, checks) -> None:
    window.press("headroom.self_test")
    window.wait("bpy.context.window_manager.headroom.running", 10, "it does not run")
    window.key("Escape")
    window.wait("not bpy.context.window_manager.headroom.running", 10, "Esc does not stop it")
    assert checks() == []


def test_the_self_test_passes(window: Window, checks) -> None:
    window.press("headroom.self_test")
    window.wait(checks, 120, "no result")
    window.screenshot("p2-self-test")
    assert all(works for _, works, _ in checks()), checks()


def test_memory_is_let_go(window: Window) -> None:
    window.press("headroom.release_memory")
    held = "__import__('importlib').import_module('bl_ext.user_default.headroom.core.memory').held()"
    window.wait(f"{held} == 0", 20, "memory is still held")
    window.screenshot("p3-released")


def test_it_runs_in_a_window_of_its_own_too(window: Window, checks) -> None:
    window.ask(OWN)
    window.wait("len(bpy.context.window_manager.windows) == 2", 20, "no window of Preferences")
    window.ask(OWN_TEST)
    window.wait(checks, 120, "no result")
    assert all(works for _, works, _ in checks()), checks()
