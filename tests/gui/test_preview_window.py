"""See before baking in a real window: Preview, scrub, pull a slider, play, Bake, undo and redo, by mouse and key."""

import re
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image
from scipy.signal import correlate, resample_poly

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
    window.ask("bpy.context.preferences.system.audio_device = 'OpenAL'")
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


CAMERA = """
scene = window().scene
bpy.context.preferences.view.render_display_type = 'NONE'
camera = bpy.data.objects.new('Camera', bpy.data.cameras.new('Camera'))
scene.collection.objects.link(camera)
scene.camera = camera
camera.location, camera.rotation_euler = (0.0, -0.9, body.location.z + 0.05), (1.5708, 0.0, 0.0)
scene.render.engine, scene.render.resolution_x, scene.render.resolution_y = 'BLENDER_WORKBENCH', 160, 160
done = []
bpy.app.handlers.render_complete.append(lambda *_: done.append(1))
bpy.app.handlers.render_cancel.append(lambda *_: done.append(0))
with bpy.context.temp_override(window=window()):
    bpy.ops.ed.undo_push(message='Camera')
"""


def rendered(window: Window, name: str) -> np.ndarray:
    """Press F12 and give the picture."""
    window.ask("done.clear()")
    window.key("96")  # F12: by its name xdotool presses Alt with it
    window.wait("done == [1]", 60, "no picture is rendered")
    window.ask(f"bpy.data.images['Render Result'].save_render('/mnt/work/{name}.png', scene=window().scene)")
    return np.asarray(Image.open(window.shared / f"{name}.png").convert("RGB"), np.float32)


def test_a_picture_shows_what_is_in_the_file(window: Window, facts) -> None:
    """F12 while previewing: the head at rest is rendered, and the preview is there again afterwards."""
    window.ask(CAMERA)
    before = facts()
    assert before["values"]["jawOpen"] > 0.1
    shown = rendered(window, "previewed")
    window.wait(lambda: facts() == before, 10, "the preview does not come back")
    press(window, "headroom.stop_preview", lambda: not facts()["marked"])
    plain = rendered(window, "plain")
    assert np.abs(shown - plain).max() <= 2 and plain.std() > 5
    press(window, "headroom.preview", lambda: facts()["marked"] and not facts()["running"], 60)


def test_it_plays_and_is_heard(window: Window, facts) -> None:
    """In sync: where the sound is, is where the playhead is. Debian's 4.3 has no `aud`, and is silent."""
    audible = window.ask("import importlib.util\nresult = importlib.util.find_spec('aud') is not None")
    assert audible or window.suite == "trixie"
    put(window, 1)
    window.key("space")
    jaws: set[float] = set()
    apart: list[float] = []

    def moved() -> bool:
        jaws.add(facts()["values"]["jawOpen"])
        apart.append(window.ask(APART) if audible else 0.0)
        return len(jaws) > 30

    window.wait(moved, 60, "the mouth does not move while it plays")
    window.key("space")
    window.wait("not window().screen.is_animation_playing", 10, "it plays on")
    assert np.median(np.abs(apart)) < 0.15
    assert not audible or like(window.shared / "heard.wav", window.shared / "line.wav") > 0.9


APART = """
import sys
preview = sys.modules['bl_ext.user_default.headroom.addon.preview']
(session,) = preview._sessions.values()
scene, handle = window().scene, session.playback._handle
heard = handle.position if handle is not None and handle.status else 0.0
result = heard - (scene.frame_current_final - session.cue.start) / scene.render.fps
"""


def like(heard: Path, spoken: Path) -> float:
    """Give how well any half a second of what was spoken is found in what was heard (1: all of it)."""
    said, rate = soundfile.read(spoken, dtype="float32")
    there, fast = soundfile.read(heard, dtype="float32", always_2d=True)
    there = resample_poly(there.mean(axis=1), rate, fast)
    best, long = 0.0, rate // 2
    for first in range(0, min(len(said), 2 * rate) - long, long // 2):
        piece = said[first : first + long]
        alike = correlate(there, piece, "valid", "fft")
        loud = np.sqrt(np.convolve(there**2, np.ones(long), "valid") * (piece**2).sum())
        best = max(best, float((alike / np.maximum(loud, 1e-3)).max()))
    return best


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
