"""A Live Link take by right-click, file browser and drop in a real window: found, played, undone."""

import numpy as np
import pytest

from headroom.core.formats import livelink
from headroom.core.performance import Performance
from headroom.tools.gui.window import Window

from .alone import FOREIGN
from .test_window import redo, undo

FACTS = """
body = next(o for o in bpy.data.objects if o.type == 'MESH' and o.data.shape_keys)
scene, data = window().scene, body.data.shape_keys.animation_data
before, values = scene.frame_current, []
for frame in (11, 23):
    scene.frame_set(frame)
    values.append(round(body.data.shape_keys.key_blocks['jawOpen'].value, 2))
scene.frame_set(before)
tracks = {track.name: track.strips[0].frame_start for track in data.nla_tracks} if data else {}
result = {'values': values, 'tracks': tracks, 'running': bpy.context.window_manager.headroom.running}
"""
NOTHING = {"values": [0.0, 0.0], "tracks": {}, "running": False}
PLAYED = {"values": [0.0, 0.5], "tracks": {"Headroom Rest": 11.0, "Headroom capture": 11.0}, "running": False}
FILES = (
    "[area for one in bpy.context.window_manager.windows for area in one.screen.areas if area.type == 'FILE_BROWSER']"
)

CHOSEN = f"""
area = {FILES}[0]
area.spaces.active.params.directory, area.spaces.active.params.filename = b'/mnt/work/', 'take.csv'
region = next(one for one in area.regions if one.type == 'WINDOW')
with bpy.context.temp_override(window=window(), area=area, region=region):
    bpy.ops.file.execute('INVOKE_DEFAULT')
"""
DROPPED = """
area, _ = view()
region = next(one for one in area.regions if one.type == 'WINDOW')
with bpy.context.temp_override(window=window(), area=area, region=region):
    bpy.ops.wm.drop_import_file('INVOKE_DEFAULT', directory='/mnt/work/', files=[{'name': 'take.csv'}])
"""


@pytest.fixture
def facts(window: Window):
    return lambda: window.ask(FACTS)


def test_a_head_without_a_take(window: Window, facts) -> None:
    values = np.linspace(0, 1, 61, dtype=np.float32)[:, None]
    livelink.write(window.shared / "take.csv", Performance(60.0, ("jawOpen",), ("lips",), values))
    window.ask(
        f"""
bpy.ops.extensions.package_install_files(
    filepath='/mnt/work/headroom.zip', repo='user_default', enable_on_install=True, overwrite=True)
bpy.context.preferences.view.filebrowser_display_type = 'SCREEN'
for other in list(bpy.data.objects):
    bpy.data.objects.remove(other)
{FOREIGN}
body.shape_key_remove(body.data.shape_keys.key_blocks['mouthSmileLeft'])
scene = window().scene
scene.render.fps = 24
scene.frame_set(11)
with bpy.context.temp_override(window=window()):
    bpy.ops.ed.undo_push(message='Head')
"""
    )
    assert facts() == NOTHING


def test_a_take_by_the_right_mouse_button(window: Window, facts) -> None:
    """Headroom is the last entry of the menu, Import Live Link the second in its own."""
    window.inside("xdotool mousemove 500 420; sleep 0.7; xdotool click 3; sleep 1; xdotool key End; sleep 0.5")
    window.inside("xdotool key Right; sleep 0.7")
    window.screenshot("i1-menu", still=True)
    window.inside("xdotool key Down; sleep 0.5; xdotool key Return; sleep 1")
    window.wait(f"len({FILES})", 20, "no file browser")
    window.screenshot("i2-files")
    window.ask(CHOSEN)
    window.wait(lambda: facts() == PLAYED, 20, "the take is not played")
    window.screenshot("i3-played")
    undo(window, facts, NOTHING)


def test_a_take_that_is_dropped(window: Window, facts) -> None:
    window.ask(DROPPED)
    window.wait(lambda: facts() == PLAYED, 20, "the take is not played")
    undo(window, facts, NOTHING)
    redo(window, facts, PLAYED)
