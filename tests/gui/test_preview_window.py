"""See before baking in a real window: Preview, scrub, pull a slider, play, Bake, undo and redo, by mouse and key."""

import re
import time

import numpy as np
import pytest

from headroom.core.formats import livelink
from headroom.core.performance import Performance
from headroom.tools.gui.window import Window

from .alone import GENERATED, only, press
from .test_window import choose_sound, redo, undo

FACTS = """
scene = window().scene
body = next(o for o in bpy.data.objects if o.type == 'MESH' and o.data.shape_keys)
keys = body.data.shape_keys
tracks = keys.animation_data.nla_tracks if keys.animation_data else ()
result = {
    'frame': scene.frame_current, 'end': scene.frame_end,
    'values': {k.name: round(k.value, 4) for k in keys.key_blocks if k.name in (
        'jawOpen', 'mouthPucker', 'mouthLowerDownLeft', 'tongueTipUp', 'browInnerUp')},
    'actions': sorted(a.name for a in bpy.data.actions if a.get('headroom')), 'tracks': len(tracks),
    'sounds': len(bpy.data.sounds), 'jaw': round(scene.headroom.jaw, 3),
    'marked': [one.name for one in (*bpy.data.shape_keys, *bpy.data.objects, *bpy.data.scenes)
               if one.get('headroom_preview') is not None],
    'running': bpy.context.window_manager.headroom.running,
}
"""

LIPS = """
scene, result = window().scene, []
body = next(o for o in bpy.data.objects if o.type == 'MESH' and o.data.shape_keys)
before = scene.frame_current
for frame in range(1, 160, 3):
    scene.frame_set(frame)
    result.append([round(key.value, 4) for key in body.data.shape_keys.key_blocks[:76]])
scene.frame_set(before)
"""

CLOSE = """
area, _ = view()
region = next(region for region in area.regions if region.type == 'WINDOW')
body = next(o for o in bpy.data.objects if o.type == 'MESH' and o.data.shape_keys)
with bpy.context.temp_override(window=window(), area=area, region=region):
    bpy.context.view_layer.objects.active = body
    for other in bpy.data.objects:
        other.select_set(other == body)
    bpy.ops.view3d.view_axis(type='FRONT')
    bpy.ops.view3d.view_selected()
    area.spaces.active.overlay.show_overlays = False
    bpy.ops.ed.undo_push(message='Head')
"""


@pytest.fixture
def facts(window: Window):
    return lambda: window.ask(FACTS)


def put(window: Window, frame: int) -> None:
    """Move the playhead as a scrub does."""
    window.ask(f"window().scene.frame_set({frame})")


def loudest(window: Window) -> int:
    """Put the playhead where the jaw opens furthest, a step of undo as by hand, and give the frame."""
    return window.ask(
        """
scene = window().scene
keys = next(o for o in bpy.data.objects if o.type == 'MESH' and o.data.shape_keys).data.shape_keys.key_blocks
jaw = {}
for frame in range(1, 160):
    scene.frame_set(frame)
    jaw[frame] = keys['jawOpen'].value
result = max(jaw, key=jaw.get)
scene.frame_set(result)
with bpy.context.temp_override(window=window()):
    bpy.ops.ed.undo_push(message='Change Frame')
"""
    )


def test_a_head_speaks_without_keys(window: Window, facts) -> None:
    only(window, "HEADROOM_PT_speak")
    window.ask("for other in list(bpy.data.objects):\n    bpy.data.objects.remove(other)\n" + GENERATED)
    window.ask(CLOSE)
    choose_sound(window, "line.wav")
    before = facts()
    press(window, "headroom.preview", lambda: facts()["marked"] and not facts()["running"], 60)
    loudest(window)
    during = facts()
    assert during["values"]["jawOpen"] > 0.1 and not during["actions"] and not during["sounds"]
    assert during["tracks"] == before["tracks"]
    time.sleep(1.0)
    window.screenshot("v1-preview")


def test_a_pulled_slider_moves_the_mouth(window: Window, facts) -> None:
    before = facts()
    window.drag(window.find("headroom.jaw", (0.6,)), 40)
    window.wait(lambda: facts()["jaw"] > 1.1, 10, "the slider does not move")
    after = facts()
    assert after["values"]["jawOpen"] == pytest.approx(min(1, before["values"]["jawOpen"] * after["jaw"]), abs=0.01)
    window.screenshot("v2-jaw")
    undo(window, facts, before)
    redo(window, facts, after)


def test_it_plays(window: Window, facts) -> None:
    put(window, 1)
    window.key("space")
    jaws: set[float] = set()

    def moved() -> bool:
        jaws.add(facts()["values"]["jawOpen"])
        return len(jaws) > 3

    window.wait(moved, 60, "the mouth does not move while it plays")
    window.key("space")
    window.wait("not window().screen.is_animation_playing", 10, "it plays on")


def test_stop_puts_everything_back(window: Window, facts) -> None:
    put(window, 1)
    press(window, "headroom.stop_preview", lambda: not facts()["marked"])
    loudest(window)
    after = facts()
    assert after["values"]["jawOpen"] == 0 and after["end"] == 250
    window.screenshot("v3-stopped")


def test_bake_writes_what_was_seen_as_one_step(window: Window, facts) -> None:
    window.ask("window().scene.headroom.keys_error = 0.0")  # a key at every frame: that can be compared
    press(window, "headroom.preview", lambda: facts()["marked"] and not facts()["running"], 60)
    shown = window.ask(LIPS)
    before = facts()
    press(window, "headroom.bake_preview", lambda: facts()["actions"] and not facts()["running"], 60)
    baked = facts()
    assert not baked["marked"] and baked["sounds"] == 1
    found = window.ask(LIPS)
    off = max(abs(a - b) for one, other in zip(shown, found, strict=True) for a, b in zip(one, other, strict=True))
    assert off < 1e-3
    time.sleep(2.0)  # drawn anew, with the buttons of before
    window.screenshot("v4-baked")
    window.key("ctrl+z")
    window.wait(lambda: not facts()["actions"], 10, "undo leaves keys")
    undone = facts()
    assert not undone["marked"] and undone["sounds"] == 0
    assert undone["values"]["jawOpen"] == 0, before
    window.key("ctrl+shift+z")
    window.wait(lambda: facts()["actions"] == baked["actions"], 10, "redo does not bring them back")
    assert window.ask(LIPS) == found


TAKE = """
scene = window().scene
rig = next(o for o in bpy.data.objects if o.type == 'ARMATURE')
body = next(o for o in bpy.data.objects if o.type == 'MESH' and o.data.shape_keys)
seen = body.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.vertices
result = {
    'turn': round(rig.pose.bones['head'].rotation_euler.y, 4), 'head': round(scene.headroom.head, 3),
    'jaw': round(body.data.shape_keys.key_blocks['jawOpen'].value, 4),
    'tracks': [len(one.animation_data.nla_tracks) if one.animation_data else 0 for one in (rig, body.data.shape_keys)],
    'seen': round(sum(abs(point.co.x) for point in seen), 3),
}
"""


def test_a_take_is_seen_and_baked(window: Window, facts) -> None:
    """The head bone turns as far as Head says, while previewing and after the bake; one step takes it back."""
    ramp = np.linspace(0, 1, 61, dtype=np.float32)
    values = np.stack([ramp / 2, ramp / 2], axis=1)
    livelink.write(window.shared / "take.csv", Performance(60.0, ("jawOpen", "headYaw"), ("lips", "head"), values))
    window.ask(
        """
settings = window().scene.headroom
settings.source, settings.take, settings.jaw = 'TAKE', '/mnt/work/take.csv', 1.0
with bpy.context.temp_override(window=window()):
    bpy.ops.ed.undo_push(message='Choose take')
"""
    )

    def look() -> dict:
        return window.ask(TAKE)

    put(window, 21)
    before = look()
    press(window, "headroom.preview", lambda: facts()["marked"] and not facts()["running"], 60)
    window.wait(lambda: look()["turn"] > 0.3, 10, "the head does not turn")
    shown = look()
    time.sleep(1.0)  # drawn with its sliders
    window.drag(window.find("headroom.head", (0.6,)), 40)
    window.wait(lambda: look()["head"] > 1.1, 10, "the slider does not move")
    pulled = look()
    assert pulled["turn"] == pytest.approx(shown["turn"] * pulled["head"], abs=1e-3)
    assert pulled["tracks"] == before["tracks"] and pulled["seen"] != shown["seen"]
    time.sleep(1.0)
    window.screenshot("v5-take")
    press(window, "headroom.bake_preview", lambda: look()["tracks"] != before["tracks"] and not facts()["running"], 60)
    assert not facts()["marked"]
    assert look()["turn"] == pytest.approx(pulled["turn"], abs=0.01)
    time.sleep(2.0)
    window.screenshot("v6-take-baked")
    window.key("ctrl+z")
    window.wait(lambda: look()["tracks"] == before["tracks"], 10, "undo leaves keys")
    assert look()["turn"] == 0 and not facts()["marked"]


def test_nothing_was_wrong(window: Window) -> None:
    time.sleep(1.0)
    wrong = re.findall(r"(?m)^.*(?:Traceback|Error: Python|rna_uiItemO|unknown operator).*$", window.output())
    assert not wrong, window.output()[-3000:]
