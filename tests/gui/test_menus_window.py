"""Headroom's entries in Blender's menus, and a dropped sound, in real windows: the head speaks each time."""

from __future__ import annotations

import time

import numpy as np
import pytest
import soundfile

from headroom.tools.gui.window import Window

from .alone import FOREIGN
from .test_entries_window import CHOSEN, FILES
from .test_window import undo

READY = f"""
bpy.ops.extensions.package_install_files(
    filepath='/mnt/work/headroom.zip', repo='user_default', enable_on_install=True, overwrite=True)
bpy.context.preferences.view.filebrowser_display_type = 'SCREEN'
for other in list(bpy.data.objects):
    bpy.data.objects.remove(other)
{FOREIGN}
with bpy.context.temp_override(window=window()):
    bpy.ops.ed.undo_push(message='Head')
"""
FACTS = """
data = bpy.data.objects['Ball'].data.shape_keys.animation_data
tracks = {track.name: track.strips[0].frame_start for track in data.nla_tracks} if data else {}
result = {'tracks': tracks, 'running': bpy.context.window_manager.headroom.running}
"""
NOTHING = {"tracks": {}, "running": False}
DROPPED = """
area, _ = view()
region = next(one for one in area.regions if one.type == 'WINDOW')
with bpy.context.temp_override(window=window(), area=area, region=region):
    bpy.ops.wm.drop_import_file('INVOKE_DEFAULT', directory='/mnt/work/', files=[{'name': 'short.wav'}])
"""
KEYS_MENU = """
area = next(one for one in window().screen.areas if one.type == 'PROPERTIES')
area.spaces.active.context = 'DATA'
region = next(one for one in area.regions if one.type == 'WINDOW')
with bpy.context.temp_override(window=window(), area=area, region=region):
    bpy.ops.wm.call_menu('INVOKE_DEFAULT', name='MESH_MT_shape_key_context_menu')
"""
"""What the arrow beside the list of shape keys opens."""
IMPORT_MENU = """
area, _ = view()
region = next(one for one in area.regions if one.type == 'WINDOW')
with bpy.context.temp_override(window=window(), area=area, region=region):
    bpy.ops.wm.call_menu('INVOKE_DEFAULT', name='TOPBAR_MT_file_import')
"""
CUT = """
scene, edit = window().scene, bpy.data.scenes.new('Edit')
edit.render.fps = scene.render.fps
shown = window().workspace
if hasattr(shown, 'sequencer_scene'):
    shown.sequencer_scene = edit
else:
    edit = scene
editor = edit.sequence_editor_create()
strips = editor.strips if hasattr(editor, 'strips') else editor.sequences
line = strips.new_sound('line', '/mnt/work/short.wav', 1, 31)
editor.active_strip = line
line.select = True
area, _ = view()
area.type = 'SEQUENCE_EDITOR'
"""
CUT_SHOWN = """
area = next(one for one in window().screen.areas if one.type == 'SEQUENCE_EDITOR')
region = next(one for one in area.regions if one.type == 'WINDOW')
with bpy.context.temp_override(window=window(), area=area, region=region):
    bpy.ops.sequencer.view_all()
x, y = region.view2d.view_to_region(line.frame_final_start + line.frame_final_duration / 2, 1.5, clip=False)
result = [region.x + x, window().height - region.y - y]
"""
CUT_CLOSED = "next(one for one in window().screen.areas if one.type == 'SEQUENCE_EDITOR').type = 'VIEW_3D'"


@pytest.fixture
def facts(window: Window):
    return lambda: window.ask(FACTS)


def speaks(window: Window, facts, frame: float) -> None:
    """Wait until the head speaks from a frame on."""
    wanted = {"tracks": {"Headroom Rest": frame, "Headroom lips": frame}, "running": False}
    window.wait(lambda: facts() == wanted, 90, f"the head does not speak: {facts()}")


def choose(window: Window, name: str) -> None:
    """Choose a file in the file browser that is open."""
    window.wait(f"len({FILES})", 20, "no file browser")
    time.sleep(0.5)
    window.ask(CHOSEN.replace("take.csv", name))


def test_a_dropped_sound(window: Window, facts) -> None:
    """Without a head it says so; with one it is spoken as the sidebar says, but for the sound."""
    samples, rate = soundfile.read(window.shared / "line.wav", dtype="int16")
    soundfile.write(window.shared / "short.wav", samples[: 2 * rate], rate)
    window.ask(READY)
    window.ask("window().view_layer.objects.active = None")
    window.ask(DROPPED)
    time.sleep(0.5)
    window.screenshot("e1-no-head")
    window.key("Escape")  # away with the message
    assert facts() == NOTHING
    window.ask(
        "window().view_layer.objects.active = bpy.data.objects['Ball']\n"
        "settings = window().scene.headroom\n"
        "settings.source, settings.strip, settings.start = 'STRIP', 'no such', 11"
    )
    window.ask(DROPPED)
    speaks(window, facts, 11.0)
    undo(window, facts, NOTHING)


def test_what_the_search_starts_takes_the_sidebars_settings(window: Window, facts) -> None:
    """As a shortcut and a favorite do: with no settings of its own."""
    window.ask(
        "settings = window().scene.headroom\n"
        "settings.source, settings.filepath, settings.start = 'FILE', '/mnt/work/short.wav', 16\n"
        "area, _ = view()\n"
        "region = next(one for one in area.regions if one.type == 'WINDOW')\n"
        "with bpy.context.temp_override(window=window(), area=area, region=region):\n"
        "    bpy.ops.headroom.lip_sync('INVOKE_DEFAULT')"
    )
    speaks(window, facts, 16.0)
    undo(window, facts, NOTHING)
    window.ask("window().scene.headroom.filepath = ''")


def test_a_favorite_does_what_its_button_does(window: Window, facts) -> None:
    """A right click on Lip Sync, Add to Quick Favorites, and Q in the viewport: as the sidebar says by then."""
    window.open_tab("Headroom")
    x, y = window.find("headroom.lip_sync")
    window.inside(f"xdotool mousemove {x} {y}; sleep 0.4; xdotool click 3; sleep 1")
    window.screenshot("e2-favorite-menu", still=True)
    window.inside("xdotool key Return; sleep 1")
    window.ask(
        "settings = window().scene.headroom\n"
        "settings.source, settings.filepath, settings.start = 'FILE', '/mnt/work/short.wav', 19"
    )
    window.inside("xdotool mousemove 500 420; sleep 0.3; xdotool key q; sleep 1")
    window.screenshot("e2-favorites", still=True)
    window.inside("xdotool key Return; sleep 0.3")
    speaks(window, facts, 19.0)
    undo(window, facts, NOTHING)
    window.ask("window().scene.headroom.filepath = ''")


def test_the_menu_of_shape_keys_asks_for_a_sound(window: Window, facts) -> None:
    """Headroom is the menu's last entry, Lip Sync the first in its own; there is no sound yet."""
    window.ask("settings = window().scene.headroom\nsettings.source, settings.start = 'FILE', 21")
    window.inside("xdotool mousemove 700 200; sleep 0.5")
    window.ask(KEYS_MENU)
    window.inside("sleep 1; xdotool key End; sleep 0.5; xdotool key Right; sleep 0.7")
    window.screenshot("e2-keys-menu", still=True)
    window.inside("xdotool key Return; sleep 1")
    choose(window, "short.wav")
    speaks(window, facts, 21.0)
    assert window.ask("result = window().scene.headroom.filepath") == "/mnt/work/short.wav"
    window.screenshot("e3-spoken")
    undo(window, facts, NOTHING)


def test_a_strip_of_the_sequencer_is_spoken(window: Window, facts) -> None:
    """Right-click on it; from Blender 5.0 it is in the sequencer of a scene that the window does not show."""
    window.ask(CUT)
    time.sleep(1.5)
    x, y = window.ask(CUT_SHOWN)
    time.sleep(0.5)
    window.inside(f"xdotool mousemove {x} {y}; sleep 0.7; xdotool click 3; sleep 1; xdotool key End; sleep 0.5")
    window.screenshot("e4-strip-menu", still=True)
    window.inside("xdotool key Return; sleep 0.5")
    speaks(window, facts, 31.0)
    window.ask(CUT_CLOSED)
    time.sleep(1.0)
    undo(window, facts, NOTHING)


def test_file_import_reads_a_take(window: Window, facts) -> None:
    from headroom.core.formats import livelink
    from headroom.core.performance import Performance

    values = np.linspace(0, 1, 61, dtype=np.float32)[:, None]
    livelink.write(window.shared / "take.csv", Performance(60.0, ("jawOpen",), ("lips",), values))
    window.inside("xdotool mousemove 300 300; sleep 0.5")
    window.ask(IMPORT_MENU)
    window.inside("sleep 1; xdotool key End; sleep 0.4; xdotool key Up; sleep 0.5")
    window.screenshot("e5-import-menu", still=True)
    window.inside("xdotool key Return; sleep 1")
    choose(window, "take.csv")
    window.wait(lambda: "Headroom capture" in facts()["tracks"], 20, "the take is not played")
    undo(window, facts, NOTHING)
