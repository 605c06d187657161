"""Undo and redo across an artist's hour in a real window, by ctrl+z and ctrl+shift+z: every button is one step."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

import pytest

from headroom.tools.gui.window import Window

BLENDER = Path(__file__).parents[1] / "blender"

READY = """
import importlib, sys
bpy.ops.extensions.package_install_files(
    filepath='/mnt/work/headroom.zip', repo='user_default', enable_on_install=True, overwrite=True)
sys.path.insert(0, '/mnt/work')
import states
part = lambda name: importlib.import_module('bl_ext.user_default.headroom.' + name)
for other in list(bpy.data.objects):
    bpy.data.objects.remove(other)
result = installed('headroom')
with bpy.context.temp_override(window=window()):
    bpy.ops.ed.undo_push(message='Begin')
"""
STATE = "window().view_layer.update(); result = {name: repr(told) for name, told in states.everything(part).items()}"
IN_VIEW = """
area, _ = view()
region = next(one for one in area.regions if one.type == 'WINDOW')
body = next((one for one in bpy.data.objects if one.type == 'MESH' and one.get('headroom') is not None), None)
with bpy.context.temp_override(window=window(), area=area, region=region):
    {code}
"""

HOUR = (
    ("generate", "press('generate_head', seed=3, level='game')"),
    ("vary", "press('vary_head', seed=5)"),
    ("slide", "slide()"),
    ("lip sync", "press('lip_sync', filepath='/mnt/work/line.wav')"),
    ("show phones", "press('show_phones')"),
    ("retype", "retype()"),
    ("update lips", "press('update_lips')"),
    ("take", "press('import_live_link', filepath='/mnt/work/take.csv')"),
    ("reduce", "press('reduce_keys', layer='capture', stepped=True, step=4)"),
    ("hide phones", "press('hide_phones')"),
    ("spoil", "spoil()"),
    ("fix", "fix()"),
    ("foreign head", "foreign()"),
    ("give shapes", "press('give_shapes')"),
    ("place landmarks", "press('place_landmarks')"),
    ("clear landmarks", "press('clear_landmarks')"),
)  # fmt: skip
"""What is pressed, in this order; what is no button is an artist's own step."""

HANDS = """
def press(name, **settings):
    getattr(bpy.ops.headroom, name)(
        'EXEC_DEFAULT' if name == 'retype_phone' else 'INVOKE_DEFAULT', True, **settings)

def slide():
    part('addon.person').person_of(body).nose_width = 1.5
    bpy.ops.ed.undo_push(message='Slide')

def retype():
    window().scene.frame_set(24)
    press('retype_phone', text='uw')

def spoil():
    body.data.shape_keys.key_blocks['jawOpen'].mute = True
    body.data.shape_keys.animation_data.use_nla = False
    bpy.ops.ed.undo_push(message='Spoil')

def fix():
    bpy.ops.headroom.examine()
    press('fix_all')

def foreign():
    mesh = bpy.data.meshes.new_from_object(body)
    points = part('addon.bridge.meshes').points_of(body.data.shape_keys.reference_key)
    mesh.vertices.foreach_set('co', points.ravel())
    made = bpy.data.objects.new('Foreign', mesh)
    made.location.x = 0.5
    window().scene.collection.objects.link(made)
    part('addon.bridge.heads').select_only(made)
    bpy.ops.ed.undo_push(message='Foreign')
"""

_states: list[dict[str, str]] = []


def state(window: Window) -> dict[str, str]:
    return window.ask(STATE)


def until(window: Window, wanted: dict[str, str], what: str) -> None:
    """Wait until the file is as wanted, and say what is not."""
    end = time.monotonic() + 15
    while (found := state(window)) != wanted:
        if time.monotonic() > end:
            names = [name for name in {*found, *wanted} if found.get(name) != wanted.get(name)]
            told = [f"{name}: {_apart(found.get(name, '-'), wanted.get(name, '-'))}" for name in names[:3]]
            pytest.fail(f"{what}: {told}")
        time.sleep(0.2)


def _apart(one: str, other: str) -> str:
    """Show where two descriptions part."""
    place = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"{one[max(0, place - 80) : place + 80]} / {other[max(0, place - 80) : place + 80]}"


def settled(window: Window) -> None:
    """Wait until work is done, and what a slider began."""
    window.wait("not bpy.context.window_manager.headroom.running", 180, "work does not end")
    window.wait("not part('addon.editing')._moved", 60, "a slider does not rest")


def test_the_window_is_ready(window: Window, tmp_path: Path) -> None:
    import numpy as np

    from headroom.core.formats import livelink
    from headroom.core.performance import Performance

    for name in ("states.py", "talking.py"):
        shutil.copy(BLENDER / name, window.shared / name)
    values = np.linspace(0, 1, 61, dtype=np.float32)[:, None]
    livelink.write(window.shared / "take.csv", Performance(60.0, ("jawOpen",), ("lips",), values))
    assert window.ask(READY) == [True, True], window.output()
    window.ask(HANDS)
    _states[:] = [state(window)]


def test_every_step_is_taken_back_and_done_again(window: Window) -> None:
    for name, code in HOUR:
        window.ask(IN_VIEW.format(code=code), 120)
        time.sleep(0.4)  # an operator that was just called begins with the next event
        settled(window)
        after = state(window)
        assert after != _states[-1], f"{name} changes nothing: {window.output()[-600:]}"
        window.key("ctrl+z")
        until(window, _states[-1], f"{name} undone")
        window.key("ctrl+shift+z")
        settled(window)
        until(window, after, f"{name} redone")
        _states.append(after)
    window.screenshot("u1-hour")


def test_export_is_no_step(window: Window) -> None:
    window.ask(IN_VIEW.format(code="press('export_check', folder='/mnt/work', format='glb')"), 180)
    settled(window)
    assert state(window) == _states[-1]


def test_the_whole_hour_is_taken_back_and_done_again(window: Window) -> None:
    names = ["begin", *(name for name, _ in HOUR)]
    for number in reversed(range(len(_states) - 1)):
        window.key("ctrl+z")
        settled(window)
        until(window, _states[number], f"{names[number + 1]} undone in a row")
    window.screenshot("u2-undone")
    for number in range(1, len(_states)):
        window.key("ctrl+shift+z")
        settled(window)
        until(window, _states[number], f"{names[number]} redone in a row")
    window.screenshot("u3-redone")


def test_nothing_was_wrong(window: Window) -> None:
    wrong = re.findall(r"(?m)^.*(?:Traceback|Error: Python|rna_uiItemO|unknown operator).*$", window.output())
    assert not wrong, window.output()[-3000:]
