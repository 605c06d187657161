"""The asset library in a real window: made by the button, its shelf opened, an expression clicked, a head dropped."""

import pytest

from headroom.tools.gui.window import Window

from .alone import GENERATED, only, press

FILES = (
    "[area for one in bpy.context.window_manager.windows for area in one.screen.areas if area.type == 'FILE_BROWSER']"
)
RUNNING = "bpy.context.window_manager.headroom.running"
CHOSEN = f"""
area = {FILES}[0]
assert area.spaces.active.params.filename == 'Headroom Assets', area.spaces.active.params.filename
area.spaces.active.params.directory = b'/mnt/work/home/'
operator = area.spaces.active.active_operator
operator.level, operator.heads, operator.size = 'game', 1, 64
region = next(one for one in area.regions if one.type == 'WINDOW')
with bpy.context.temp_override(window=window(), area=area, region=region):
    bpy.ops.file.execute('INVOKE_DEFAULT')
"""
MADE = """
from pathlib import Path
folder = Path('/mnt/work/home/Headroom Assets')
result = sorted(one.relative_to(folder).as_posix() for one in folder.rglob('*')) if folder.is_dir() else []
"""
LIBRARIES = "[(one.name, one.import_method) for one in bpy.context.preferences.filepaths.asset_libraries]"
VALUES = """
body = next(o for o in bpy.data.objects if o.type == 'MESH' and o.data.shape_keys)
result = {key.name: round(key.value, 3) for key in body.data.shape_keys.key_blocks
          if round(key.value, 3) and '_' not in key.name}
"""
SHELF = """
area, _ = view()
shelf = next(region for region in area.regions if region.type == 'ASSET_SHELF')
result = [shelf.x, window().height - shelf.y - shelf.height, shelf.width, shelf.height]
"""
REDO = SHELF.replace("ASSET_SHELF", "HUD")


@pytest.fixture(scope="module")
def values(window: Window):
    return lambda: window.ask(VALUES)


def test_the_button_makes_a_library(window: Window) -> None:
    only(window, "HEADROOM_PT_assets")
    window.ask("bpy.context.preferences.view.filebrowser_display_type = 'SCREEN'")
    window.ask(
        f"""
for other in list(bpy.data.objects):
    bpy.data.objects.remove(other)
{GENERATED}
body = bpy.context.view_layer.objects.active
area, _ = view()
region = next(region for region in area.regions if region.type == 'WINDOW')
with bpy.context.temp_override(window=window(), area=area, region=region):
    bpy.ops.view3d.view_axis(type='FRONT')
    bpy.ops.view3d.view_selected()
    bpy.ops.ed.undo_push(message='Head')
"""
    )
    press(window, "make_asset_library", lambda: window.ask(f"result = len({FILES})"))
    window.screenshot("s1-folder")
    window.ask(CHOSEN)
    window.wait(RUNNING, 20, "nothing runs")
    window.screenshot("s2-working")
    window.wait(f"not {RUNNING}", 300, "the library is not made")
    assert window.ask(MADE) == [
        "Expressions.blend", "Heads", "Heads/Young Woman.blend", "Visemes.blend", "blender_assets.cats.txt"
    ], window.output()  # fmt: skip
    assert ["Headroom", "APPEND"] in window.ask(f"result = {LIBRARIES}")


def test_a_click_in_the_shelf(window: Window, values) -> None:
    """The first of the shelf, in alphabetical order, is Anger."""
    assert values() == {}
    left, top, _, height = window.wait(lambda: (found := window.ask(SHELF))[3] > 40 and found, 20, "no shelf")
    window.screenshot("s3-shelf")
    window.click(left + 60, top + height // 2)
    window.wait(lambda: values(), 20, "no expression")
    window.screenshot("s4-anger")
    assert values()["browDownLeft"] == 1.0


def test_the_amount_in_the_redo_panel(window: Window, values) -> None:
    """It starts from the face before the click."""
    left, top, _, height = window.ask(REDO)
    window.click(left + 30, top + height // 2)
    left, top, width, height = window.wait(lambda: (found := window.ask(REDO))[3] > 60 and found, 10, "it stays folded")
    window.inside(f"xdotool mousemove {left + width * 2 // 3} {top + height - 39}; sleep 0.5")
    window.inside("xdotool click --repeat 2 --delay 80 1; sleep 0.7; xdotool key ctrl+a; xdotool type 0.5; sleep 0.3")
    window.inside("xdotool key Return")
    window.wait(lambda: values().get("browDownLeft") == 0.5, 10, "the amount does nothing")
    window.screenshot("s5-amount")
    window.key("ctrl+z")
    window.wait(lambda: values() == {}, 10, "one step of undo does not take it back")
