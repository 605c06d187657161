"""Editing phones in a real window: they are shown as markers, one is moved, the lips follow, and each is one undo."""

import re
import time

import pytest

from headroom.tools.gui.window import Window

from .test_window import choose_sound, redo, run, undo

FACTS = """
import hashlib
scene = window().scene
body = next((o for o in bpy.data.objects if o.type == 'MESH' and o.data.shape_keys), None)
data = body.data.shape_keys.animation_data if body else None
track = data.nla_tracks.get('Headroom lips') if data else None
keys = []
if track is not None:
    action = track.strips[0].action
    bags = [bag for layer in action.layers for strip in layer.strips for bag in strip.channelbags] \\
        if hasattr(action, 'layers') else [action]
    points = [tuple(key.co) for bag in bags for curve in bag.fcurves for key in curve.keyframe_points]
    keys = [(round(frame, 4), round(value, 4)) for frame, value in points]
result = {
    'markers': sorted((m.frame, m.name) for m in scene.timeline_markers),
    'take': hashlib.sha256(body.get('headroom_take', '').encode()).hexdigest() if body else '',
    'keys': hashlib.sha256(repr(keys).encode()).hexdigest(),
    'shown': scene.headroom_phones.head.name if scene.headroom_phones.head else '',
}
"""


@pytest.fixture
def facts(window: Window):
    def look() -> dict:
        found = window.ask(FACTS)
        return found | {"markers": [tuple(one) for one in found["markers"]]}

    return look


def test_a_head_speaks(window: Window, facts) -> None:
    window.ask(
        """
bpy.ops.extensions.package_install_files(
    filepath='/mnt/work/headroom.zip', repo='user_default', enable_on_install=True, overwrite=True)
"""
    )
    assert window.ask("result = installed('headroom')") == [True, True], window.output()
    window.open_tab("Headroom")
    run(window, "headroom.generate_head", 120)
    window.fold("headroom.seed", 94)
    choose_sound(window, "line.wav")
    run(window, "headroom.lip_sync", 180)
    assert facts()["take"] and not facts()["markers"]


def test_a_click_shows_phones_as_markers(window: Window, facts) -> None:
    before = facts()
    window.press("headroom.show_phones")
    window.wait(lambda: len(facts()["markers"]) > 30, 10, "no markers")
    assert facts()["shown"]
    window.screenshot("p1-phones")
    shown = facts()
    undo(window, facts, before)
    redo(window, facts, shown)


def test_the_lips_follow_a_marker(window: Window, facts) -> None:
    """A marker is dragged and another one renamed, as the timeline does it: each one step of undo."""
    shown = facts()
    window.ask(
        """
with bpy.context.temp_override(window=window()):
    markers = sorted(window().scene.timeline_markers, key=lambda marker: marker.frame)
    phones = [marker for marker in markers if marker.name.isalpha() and marker.name != 'SIL']
    phones[8].name = 'uw'
    bpy.ops.ed.undo_push(message='Rename Marker')
    phones[9].frame += 2
    bpy.ops.ed.undo_push(message='Move Time Marker')
"""
    )
    moved = facts()
    run(window, "headroom.update_lips", 60)
    after = facts()
    assert after["take"] != shown["take"] and after["keys"] != shown["keys"]
    assert any(name == "UW" for _, name in after["markers"])
    window.screenshot("p2-updated")
    undo(window, facts, moved)
    redo(window, facts, after)


def test_the_lips_follow_by_themselves(window: Window, facts) -> None:
    before = facts()
    window.click(*window.find("headroom_phones.live"))
    window.ask(
        """
with bpy.context.temp_override(window=window()):
    next(marker for marker in window().scene.timeline_markers if marker.name == 'UW').name = 'm'
    bpy.ops.ed.undo_push(message='Rename Marker')
"""
    )
    window.wait(lambda: facts()["take"] != before["take"], 10, "the lips do not follow")
    window.screenshot("p3-live")
    window.click(*window.find("headroom_phones.live"))


def test_hiding_leaves_the_head_as_it_is(window: Window, facts) -> None:
    before = facts()
    window.press("headroom.hide_phones")
    window.wait(lambda: not facts()["markers"], 10, "markers stay")
    assert (facts()["take"], facts()["keys"]) == (before["take"], before["keys"])


def test_nothing_was_wrong(window: Window) -> None:
    time.sleep(1.0)
    wrong = re.findall(r"(?m)^.*(?:Traceback|Error: Python|rna_uiItemO|unknown operator).*$", window.output())
    assert not wrong, window.output()[-3000:]
