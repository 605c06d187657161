"""Layers by mouse in a real window: muted and deleted; and a head redone from its panel."""

import re

import pytest

from headroom.tools.gui.window import Window

from .alone import GENERATED, only, press
from .test_window import redo, undo

WRITTEN = """
import importlib
import numpy as np
core = importlib.import_module('bl_ext.user_default.headroom.core.performance')
actions = importlib.import_module('bl_ext.user_default.headroom.addon.bridge.actions')
ramp = np.linspace(0, 1, 12, dtype=np.float32)
take = core.Performance(24.0, ('jawOpen', 'browInnerUp', 'headYaw'), ('lips', 'brows', 'head'), np.stack([ramp] * 3, 1))
body = next(o for o in bpy.data.objects if o.type == 'MESH' and o.data.shape_keys)
actions.write(take, body, 1.0, 24.0)
window().scene.frame_set(12)
with bpy.context.temp_override(window=window()):
    bpy.ops.ed.undo_push(message='Write layers')
"""

FACTS = """
body = next(o for o in bpy.data.objects if o.type == 'MESH' and o.data.shape_keys)
data, scene = body.data.shape_keys.animation_data, window().scene
scene.frame_set(12)
result = {
    'tracks': [track.name for track in data.nla_tracks], 'muted': [track.mute for track in data.nla_tracks],
    'jaw': round(body.data.shape_keys.key_blocks['jawOpen'].value, 2),
    'edited': data.use_tweak_mode and data.action.name or '',
}
"""


@pytest.fixture
def facts(window: Window):
    return lambda: window.ask(FACTS)


def test_layers_are_listed(window: Window, facts) -> None:
    only(window, "HEADROOM_PT_layers")
    window.ask("for other in list(bpy.data.objects):\n    bpy.data.objects.remove(other)\n" + GENERATED + WRITTEN)
    assert facts()["jaw"] == 1.0
    lines = [window.find(f"edit_layer(layer='{name}')", (0.85,))[1] for name in ("head", "brows", "lips")]
    assert lines == sorted(lines), "the topmost comes first"
    window.screenshot("l1-layers")


def test_an_eye_is_clicked(window: Window, facts) -> None:
    before = facts()
    window.click(*window.find("lips_shown", (0.07,)))
    window.wait(lambda: facts()["jaw"] == 0.0, 10, "the lips still move")
    window.screenshot("l2-muted")
    muted = facts()
    undo(window, facts, before)
    redo(window, facts, muted)
    undo(window, facts, before)


def test_a_strength_is_pulled(window: Window, facts) -> None:
    before = facts()
    window.drag(window.find("lips_strength", (0.7,)), -40)
    window.wait(lambda: 0.0 < facts()["jaw"] < 0.95, 10, "the lips move as before")
    window.screenshot("l3-weaker")
    weaker = facts()
    undo(window, facts, before)
    redo(window, facts, weaker)
    undo(window, facts, before)


def test_keys_are_opened_and_closed_with_the_pen(window: Window, facts) -> None:
    pen = "edit_layer(layer='lips')"
    window.click(*window.find(pen, (0.85,)))
    window.wait(lambda: facts()["edited"], 10, "no keys are open")
    window.screenshot("l4-edited")
    window.click(*window.find(pen, (0.85,)))
    window.wait(lambda: not facts()["edited"], 10, "the keys stay open")


def test_a_layer_is_deleted_when_that_is_confirmed(window: Window, facts) -> None:
    before = facts()
    x, y = window.find("headroom.delete_layer")
    window.click(x, y)
    window.inside("sleep 0.5; xdotool key Return; sleep 0.5")
    window.wait(lambda: "Headroom lips" not in facts()["tracks"], 10, "the layer stays")
    window.screenshot("l5-deleted")
    undo(window, facts, before)


def test_the_last_operation_is_done_again_with_another_seed(window: Window) -> None:
    """As the panel of Adjust Last Operation does it after a click: undone, and done with what was changed."""
    seeds = "result = [o['headroom_seed'] for o in bpy.data.objects if 'headroom_seed' in o]"
    only(window, "HEADROOM_PT_generate")
    window.ask("window().scene.headroom.seed, window().scene.headroom.level = 4, 'game'")
    before = window.ask(seeds)
    press(window, "headroom.generate_head", lambda: sorted(window.ask(seeds)) == sorted([*before, 4]), 60)
    window.ask(
        """
bpy.context.window_manager.operators[-1].properties.seed = 9
area, _ = view()
region = next(one for one in area.regions if one.type == 'WINDOW')
with bpy.context.temp_override(window=window(), area=area, region=region):
    bpy.ops.ed.undo_redo()
"""
    )
    assert sorted(window.ask(seeds)) == sorted([*before, 9])
    window.key("F9")
    window.screenshot("l6-redo")


def test_nothing_was_wrong(window: Window) -> None:
    wrong = re.findall(r"(?m)^.*(?:Traceback|Error: Python|rna_uiItemO|unknown operator).*$", window.output())
    assert not wrong, window.output()[-3000:]
