"""A head whose keys have no names is understood by mouse and keyboard in a real window, corrected, and speaks."""

import json
import re
import time

import numpy as np
import pytest

from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.performance import ARKIT_52
from headroom.tools.gui.window import Window

from .alone import only
from .test_window import choose_sound, redo, run, undo

ADD = """
import numpy as np
bpy.data.objects.remove(bpy.data.objects['Cube'])
with np.load('/mnt/work/keys.npz') as stored:
    points, faces, shapes = stored['points'], stored['faces'], stored['shapes']
mesh = bpy.data.meshes.new('Game Head')
mesh.from_pydata(points.tolist(), [], faces.tolist())
mesh.shade_smooth()
body = bpy.data.objects.new('Game Head', mesh)
window().scene.collection.objects.link(body)
body.shape_key_add(name='Basis')
for number, delta in enumerate(shapes, 1):
    key = body.shape_key_add(name=f'Key {number}')
    key.value = 0.0
    key.points.foreach_set('co', np.ascontiguousarray(points + delta, dtype=np.float32).ravel())
area, _ = view()
region = next(region for region in area.regions if region.type == 'WINDOW')
bpy.context.preferences.view.filebrowser_display_type = 'SCREEN'
with bpy.context.temp_override(window=window(), area=area, region=region):
    for other in bpy.data.objects:
        other.select_set(other == body)
    bpy.context.view_layer.objects.active = body
    bpy.ops.view3d.view_axis(type='FRONT')
    bpy.ops.view3d.view_selected()
    bpy.ops.ed.undo_push(message='Add head')
"""

MAP = "result = bpy.data.objects['Game Head'].get('headroom_keymap', '')"

VALUES = """
body, scene, result = bpy.data.objects['Game Head'], window().scene, {}
for frame in range(scene.frame_start, scene.frame_end + 1, 2):
    scene.frame_set(frame)
    for key in body.data.shape_keys.key_blocks[1:]:
        result.setdefault(key.name, []).append(round(key.value, 4))
"""


@pytest.fixture(scope="module")
def truth() -> dict[str, str]:
    """What each of the nameless keys is."""
    order = np.random.default_rng(3).permutation(len(ARKIT_52))
    return {f"Key {number}": ARKIT_52[k] for number, k in enumerate(order, 1)}


@pytest.fixture
def table(window: Window):
    """Read the map: key -> (channel, score, how)."""

    def read() -> dict[str, tuple[str, float, str]]:
        text = window.ask(MAP)
        return {row[1]: (row[2], row[4], row[5]) for row in json.loads(text)["entries"]} if text else {}

    return read


def test_the_panel_lists_the_keys(window: Window, truth, table) -> None:
    head = generate(GenerateOptions(seed=5, level="game"))
    used, faces = np.unique(
        head.faces[np.isin(head.part, ("skin", "mouth", "eye_left", "eye_right"))], return_inverse=True
    )
    shapes = np.stack([head.shapes[head.shape_names.index(name)][used] for name in truth.values()])
    np.savez(window.shared / "keys.npz", points=head.neutral[used], faces=faces.reshape(-1, 4), shapes=shapes)
    only(window, "HEADROOM_PT_keymap")
    assert window.ask("result = bpy.ops.headroom.recognize_keys.poll()") is False
    window.ask(ADD)
    assert window.ask("result = bpy.ops.headroom.lip_sync.poll()") is False
    window.screenshot("k1-panel")
    assert not table()


def test_keys_are_recognized_by_what_they_do(window: Window, truth, table) -> None:
    run(window, "headroom.recognize_keys", 120)
    window.wait(lambda: len(table()) > 0, 10, "no map")
    found = table()
    right = [key for key, (channel, _, _) in found.items() if channel == truth[key]]
    assert len(right) >= 48, {key: found.get(key) for key in truth if key not in right}
    assert all(how == "shape" and 0.3 <= score <= 1 for _, score, how in found.values())
    window.screenshot("k2-recognized")
    assert window.ask("result = bpy.ops.headroom.lip_sync.poll()") is True
    undo(window, table, {})
    redo(window, table, found)


def test_a_row_is_corrected_by_typing(window: Window, table) -> None:
    before = table()
    x, y = window.find('key="Key 2"')
    window.click(window.ask("result = sidebar()")[0] + 40, y)
    window.click(x, y)
    window.inside("sleep 0.5; xdotool type --delay 60 tongueOu; sleep 0.5; xdotool key Return; sleep 0.5")
    window.wait(lambda: table() != before, 10, "nothing was chosen")
    after = table()
    assert after["Key 2"] == ("tongueOut", 1.0, "hand")
    assert {key: row for key, row in after.items() if key != "Key 2"} == {
        key: row for key, row in before.items() if key != "Key 2"
    }
    window.screenshot("k3-corrected")
    undo(window, table, before)
    redo(window, table, after)


def test_the_map_is_saved_as_a_preset(window: Window, table) -> None:
    window.press("headroom.save_key_map")
    time.sleep(1.5)
    window.screenshot("k4-saving")
    window.inside("xdotool mousemove 600 400; sleep 0.3; xdotool key Return; sleep 0.5")
    file = window.shared / "home" / "Game_Head_keys.json"
    window.wait(file.is_file, 10, "no file")
    rows = json.loads(file.read_text())["entries"]
    assert {row[1]: (row[2], row[4], row[5]) for row in rows} == table()


def test_it_speaks(window: Window, truth) -> None:
    window.open_tab("Headroom")
    choose_sound(window, "line.wav")
    run(window, "headroom.lip_sync", 120)
    window.wait("bpy.data.objects['Game Head'].data.shape_keys.animation_data is not None", 10, "no keys")
    values = window.ask(VALUES)
    jaw = next(key for key, channel in truth.items() if channel == "jawOpen")
    widest = values[jaw].index(max(values[jaw]))
    moving = {truth[key] for key, curve in values.items() if max(curve) - min(curve) > 0.05}
    window.ask(
        f"window().scene.frame_set(window().scene.frame_start + {2 * widest}); "
        "[area.tag_redraw() for area in window().screen.areas]"
    )
    time.sleep(1.0)
    window.screenshot("k5-speaks")
    assert (
        "jawOpen" in moving and len(moving) >= 5 and all(name.startswith(("jaw", "mouth", "cheek")) for name in moving)
    ), moving


def test_nothing_was_wrong(window: Window) -> None:
    wrong = re.findall(r"(?m)^.*(?:Traceback|Error: Python|rna_uiItemO|unknown operator).*$", window.output())
    assert not wrong, window.output()[-3000:]
