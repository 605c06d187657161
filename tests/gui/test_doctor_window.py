"""The doctor by mouse in a real window: a spoiled head is looked at and mended by clicks, and then it moves."""

import re

import pytest

from headroom.tools.gui.window import Window

from .alone import FOREIGN, alone, press
from .test_window import redo, undo

FACTS = """
import numpy as np
scene, state = window().scene, bpy.context.window_manager.headroom_doctor
body = next(o for o in bpy.data.objects if o.type == 'MESH' and o.data.shape_keys)
before, points = scene.frame_current, []
for frame in (1, 12):
    scene.frame_set(frame)
    shown = body.evaluated_get(bpy.context.evaluated_depsgraph_get())
    flat = np.empty(len(shown.data.vertices) * 3, np.float32)
    shown.data.vertices.foreach_get('co', flat)
    points.append(flat.reshape(-1, 3))
scene.frame_set(before)
result = {
    'moves': bool(np.linalg.norm(points[1] - points[0], axis=1).max() > 0.005),
    'found': [item.name.split('|')[0] for item in state.findings if not item.note],
    'why': [item.why for item in state.findings], 'looked': state.looked, 'plays': state.plays,
}
"""


@pytest.fixture
def facts(window: Window):
    return lambda: window.ask(FACTS)


def spoil(window: Window, code: str) -> None:
    """Do something to the head's shape keys, `keys`, as one step."""
    window.ask(
        f"""
keys = next(o for o in bpy.data.objects if o.type == 'MESH' and o.data.shape_keys).data.shape_keys
with bpy.context.temp_override(window=window()):
    {code}
    bpy.ops.ed.undo_push(message='Spoil')
"""
    )


def test_a_healthy_head(window: Window, facts) -> None:
    alone(window, "HEADROOM_PT_doctor", FOREIGN, {"jawOpen": 1.0})
    press(window, "headroom.examine", lambda: facts()["looked"])
    found = facts()
    assert found["moves"] and not found["found"] and "1 shape key, frames 1 to 12" in found["plays"]
    window.screenshot("d1-healthy")


def test_what_is_in_the_way_is_listed_and_mended(window: Window, facts) -> None:
    spoil(window, "keys.key_blocks['jawOpen'].mute = True")
    press(window, "headroom.examine", lambda: facts()["found"] == ["muted_keys"])
    before = facts()
    assert not before["moves"] and "jawOpen is muted" in before["why"][0]
    press(window, "headroom.fix(", lambda: not facts()["found"])
    after = facts()
    assert after["moves"]
    undo(window, facts, before)
    redo(window, facts, after)


def test_all_is_mended_by_one_click(window: Window, facts) -> None:
    """The clip is of other names than the head, and lies about; the key is muted. Names come to light on the way."""
    spoil(
        window,
        "keys.animation_data.action = None; jaw = keys.key_blocks['jawOpen']; "
        "jaw.name, jaw.value, jaw.mute = 'MouthOpen', 0, True",
    )
    press(window, "headroom.examine", lambda: facts()["found"] == ["unassigned", "muted_keys"])
    before = facts()
    assert not before["moves"]
    window.screenshot("d2-found")
    press(window, "headroom.fix_all", lambda: not facts()["found"])
    after = facts()
    assert after["moves"]
    window.screenshot("d3-mended")
    undo(window, facts, before)
    redo(window, facts, after)


def test_nothing_was_wrong(window: Window) -> None:
    wrong = re.findall(r"(?m)^.*(?:Traceback|Error: Python|rna_uiItemO|unknown operator).*$", window.output())
    assert not wrong, window.output()[-3000:]
