"""What a user does with Headroom, in order, by mouse and keyboard in a real window; each test builds on the last.

Run with `make test-gui`; the pictures land in out/gui/ and are meant to be looked at.
"""

import re
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from headroom.core.performance import ARKIT_52
from headroom.tools.gui.window import Window, WindowError

from .alone import stop

LINE_SECONDS = 7.0

FACTS = """
scene, bodies = window().scene, [o for o in bpy.data.objects if o.type == 'MESH' and o.data.shape_keys]
result = {
    'objects': sorted(o.name for o in bpy.data.objects),
    'shapes': [list(o.data.shape_keys.key_blocks.keys()) for o in bodies],
    'vertices': [len(o.data.vertices) for o in bodies],
    'bones': [sorted(b.name for b in o.data.bones) for o in bpy.data.objects if o.type == 'ARMATURE'],
    'actions': sorted(a.name for a in bpy.data.actions),
    'sounds': len(bpy.data.sounds),
    'strips': sum(len(getattr(s.sequence_editor, 'strips_all', None) or getattr(s.sequence_editor, 'sequences_all', []))
                  for s in bpy.data.scenes if s.sequence_editor),
    'end': scene.frame_end,
    'running': bpy.context.window_manager.headroom.running,
}
"""

VALUES = """
body = next(o for o in bpy.data.objects if o.type == 'MESH' and o.data.shape_keys)
scene, result = window().scene, {}
for frame in range(scene.frame_start, scene.frame_end + 1, 2):
    scene.frame_set(frame)
    for key in body.data.shape_keys.key_blocks[1:]:
        result.setdefault(key.name, []).append(round(key.value, 4))
"""


@pytest.fixture
def facts(window: Window):
    return lambda: window.ask(FACTS)


def choose_sound(window: Window, name: str) -> None:
    """Fill the sound field as the file browser does, and remember that as one step of its own."""
    window.ask(
        f"""
window().scene.headroom.filepath = '/mnt/work/{name}'
with bpy.context.temp_override(window=window()):
    bpy.ops.ed.undo_push(message='Choose sound')
"""
    )


def run(window: Window, command: str, seconds: float) -> None:
    """Press a button and wait until its work is done; what was quick is done before anyone sees it run."""
    window.press(command)
    with suppress(WindowError):
        window.wait("bpy.context.window_manager.headroom.running", 3, "")
    window.wait("not bpy.context.window_manager.headroom.running", seconds, f"{command} did not finish")


def undo(window: Window, look: Callable[[], dict], wanted: dict) -> None:
    """Take one step back and wait until everything is as wanted: a key is handled when Blender gets to it."""
    window.key("ctrl+z")
    window.wait(lambda: look() == wanted, 10, "one step of undo does not lead there")


def redo(window: Window, look: Callable[[], dict], wanted: dict) -> None:
    """Take one step forward again, as `undo` goes back."""
    window.key("ctrl+shift+z")
    window.wait(lambda: look() == wanted, 10, "one step of redo does not lead there")


def test_the_zip_installs_and_stays_light(window: Window) -> None:
    window.ask(
        """
bpy.ops.extensions.package_install_files(
    filepath='/mnt/work/headroom.zip', repo='user_default', enable_on_install=True, overwrite=True)
"""
    )
    assert window.ask("result = installed('headroom')") == [True, True], window.output()
    heavy = window.ask("import sys; result = [name for name in ('torch', 'scipy', 'soundfile') if name in sys.modules]")
    assert not heavy, f"enabling imported {heavy}"


def test_the_sidebar_has_a_tab(window: Window) -> None:
    window.open_tab("Headroom")
    window.screenshot("1-tab")
    assert window.find("headroom.generate_head")[1] < window.find("headroom.lip_sync")[1]


def test_lip_sync_is_grey_without_a_head(window: Window) -> None:
    assert window.ask("result = bpy.ops.headroom.lip_sync.poll()") is False


def test_a_click_makes_a_head(window: Window, facts) -> None:
    window.ask(
        """
bpy.data.objects.remove(bpy.data.objects['Cube'])
with bpy.context.temp_override(window=window()):
    bpy.ops.ed.undo_push(message='Delete cube')
"""
    )
    window.ask("window().scene.headroom.seed = 5")
    run(window, "headroom.generate_head", 120)
    made = facts()
    assert len(made["shapes"]) == 1, made["objects"]
    assert set(ARKIT_52) <= set(made["shapes"][0])
    assert made["vertices"][0] > 1000 and len(made["bones"][0]) >= 4
    assert window.ask(SEEDS) == [5]
    look_at_the_head(window)
    window.screenshot("2-head")


SEEDS = "result = [o['headroom_seed'] for o in bpy.data.objects if 'headroom_seed' in o]"


def look_at_the_head(window: Window) -> None:
    """Turn the view to the face, as the numpad does."""
    window.ask(
        """
area, _ = view()
region = next(region for region in area.regions if region.type == 'WINDOW')
with bpy.context.temp_override(window=window(), area=area, region=region):
    for other in bpy.data.objects:
        other.select_set(other.type == 'MESH')
    bpy.ops.view3d.view_axis(type='FRONT')
    bpy.ops.view3d.view_selected()
    area.spaces.active.shading.color_type = 'TEXTURE'
    for other in bpy.data.objects:
        other.select_set(False)
"""
    )
    time.sleep(1.0)


def test_making_a_head_is_one_undo_step(window: Window, facts) -> None:
    before = facts()
    window.key("ctrl+z")
    window.wait(lambda: facts()["objects"] == ["Camera", "Light"], 10, "the head stays")
    redo(window, facts, before)


PERSON = """
import importlib
editing = importlib.import_module('bl_ext.user_default.headroom.addon.editing')
body = next(o for o in bpy.data.objects if o.type == 'MESH' and o.data.shape_keys)
points = [0.0] * (3 * len(body.data.vertices))
body.data.shape_keys.reference_key.points.foreach_get('co', points)
result = {
    'nose_width': round(body.headroom_person.nose_width, 4), 'stale': editing.stale(body),
    'points': hash(tuple(points)),
    'variants': sum('headroom_variant' in o for o in bpy.data.objects),
}
"""


def person(window: Window) -> dict:
    return window.ask(PERSON)


def settled(window: Window) -> dict:
    """Wait until everything of the head is of one person."""
    window.wait(lambda: not person(window)["stale"], 5, "the head is still between two people")
    return person(window)


def test_a_slider_shapes_the_head(window: Window) -> None:
    """The panel and a group of attributes inside it are opened by their titles, then a slider is pulled."""
    left = window.ask("result = sidebar()")[0]
    window.unfold("headroom.generate_head", 4)
    lock = window.find("lock_nose", shares=(0.79,))
    window.click(left + 60, lock[1])
    before = settled(window)
    slider = window.find("headroom_person.nose_width")
    window.drag(slider, 40)
    assert person(window)["nose_width"] > before["nose_width"]
    after = settled(window)
    assert after["points"] != before["points"]
    window.screenshot("2b-slider")
    undo(window, lambda: person(window), before)
    redo(window, lambda: person(window), after)
    window.unfold("headroom.generate_head", 4)


def test_variants_are_shown_and_one_is_kept(window: Window, facts) -> None:
    made, before = facts(), settled(window)
    window.unfold("headroom.generate_head", 3)
    run(window, "headroom.variants", 60)
    assert person(window)["variants"] == 9
    window.ask(
        """
variants = sorted((o for o in bpy.data.objects if 'headroom_variant' in o), key=lambda o: o.name)
area, _ = view()
region = next(region for region in area.regions if region.type == 'WINDOW')
with bpy.context.temp_override(window=window(), area=area, region=region):
    for other in bpy.data.objects:
        other.select_set(other in variants)
    bpy.ops.view3d.view_selected()
    for other in bpy.data.objects:
        other.select_set(other == variants[3])
    bpy.context.view_layer.objects.active = variants[3]
"""
    )
    time.sleep(1.0)
    window.screenshot("2c-variants")
    run(window, "headroom.keep_variant", 60)
    kept = settled(window)
    assert kept["variants"] == 0 and kept["points"] != before["points"]
    assert facts() == made
    look_at_the_head(window)


def test_varying_is_one_undo_step(window: Window) -> None:
    before = settled(window)
    run(window, "headroom.vary_head", 60)
    window.wait(lambda: person(window)["points"] != before["points"], 10, "the head is the same")
    after = settled(window)
    window.screenshot("2d-varied")
    undo(window, lambda: person(window), before)
    redo(window, lambda: person(window), after)
    window.unfold("headroom.generate_head", 3)


def test_a_click_makes_it_speak(window: Window, facts) -> None:
    choose_sound(window, "line.wav")
    run(window, "headroom.lip_sync", 180)
    made = facts()
    assert made["actions"] and made["sounds"] == 1 and made["strips"] == 1
    values = window.ask(VALUES)
    moving = [name for name, curve in values.items() if max(curve) - min(curve) > 0.05]
    assert "jawOpen" in moving and len(moving) >= 5, moving
    widest = values["jawOpen"].index(max(values["jawOpen"]))
    window.ask(f"window().scene.frame_set(window().scene.frame_start + {2 * widest})")
    window.screenshot("3-speaks")


def test_speaking_is_one_undo_step(window: Window, facts) -> None:
    before = facts()
    silent = {"actions": [], "strips": 0, "objects": before["objects"]}
    undo(window, lambda: {name: facts()[name] for name in silent}, silent)
    redo(window, facts, before)


def test_playback_runs(window: Window) -> None:
    """After the undo: in Blender 5.2 playing is a step of its own."""
    window.ask("window().scene.frame_set(1)")
    window.key("space")
    time.sleep(2.0)
    window.screenshot("4-plays")
    window.key("space")
    assert window.ask("result = window().scene.frame_current") > 1
    assert not window.ask("result = window().screen.is_animation_playing")


def test_escape_stops_at_once_and_changes_nothing(window: Window, facts) -> None:
    choose_sound(window, "long.wav")
    before = facts()
    stop(window, "headroom.lip_sync", 0.5, "5-works")
    assert facts() == before
    window.screenshot("6-stopped")


def test_a_missing_sound_is_reported_and_changes_nothing(window: Window, facts) -> None:
    choose_sound(window, "nowhere.wav")
    before = facts()
    window.press("headroom.lip_sync")
    window.wait("not bpy.context.window_manager.headroom.running", 30, "it still runs")
    time.sleep(0.5)
    window.screenshot("7-missing")
    window.key("Escape")
    assert facts() == before


def test_it_can_be_disabled_and_nothing_was_wrong(window: Window) -> None:
    window.ask("import addon_utils; addon_utils.disable('bl_ext.user_default.headroom', default_set=True)")
    assert window.ask("result = installed('headroom')")[1] is False
    assert not window.ask("result = hasattr(bpy.types.Scene, 'headroom')")
    wrong = re.findall(r"(?m)^.*(?:Traceback|Error: Python|rna_uiItemO|unknown operator).*$", window.output())
    assert not wrong, window.output()[-3000:]
