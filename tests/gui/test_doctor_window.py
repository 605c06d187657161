"""The doctor in a real window: a speaking head is spoiled, looked at and mended by clicks, each one step of undo."""

import re
import time

import pytest

from headroom.tools.gui.window import Window

from .test_window import choose_sound, redo, run, undo

FACTS = """
body = next((o for o in bpy.data.objects if o.type == 'MESH' and o.data.shape_keys), None)
keys = body.data.shape_keys if body else None
track = keys.animation_data.nla_tracks.get('Headroom lips') if keys and keys.animation_data else None
state = bpy.context.window_manager.headroom_doctor
result = {
    'muted': keys.key_blocks['jawOpen'].mute if keys else None, 'track': track.mute if track else None,
    'found': [item.name.split('|')[0] for item in state.findings], 'looked': state.looked, 'plays': state.plays,
}
"""


@pytest.fixture
def facts(window: Window):
    return lambda: window.ask(FACTS)


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
    window.fold("headroom.seed", 31)
    window.fold("headroom.amount", 77)
    choose_sound(window, "line.wav")
    run(window, "headroom.lip_sync", 180)
    assert facts()["track"] is False


def test_the_panel_opens(window: Window, facts) -> None:
    """It lies closed below the button that shows phones: its title is the next thing under it."""
    phones = window.find("headroom.show_phones")
    left = window.ask("result = sidebar()")[0]
    for below in (28, 36, 44):
        window.click(left + 60, phones[1] + below)
        time.sleep(0.5)
        if any("headroom.examine" in name for name, _ in window.buttons()):
            break
    window.press("headroom.examine")
    window.wait(lambda: facts()["looked"], 10, "nothing was looked at")
    found = facts()
    assert not found["found"] and "shape keys" in found["plays"]
    window.screenshot("d1-healthy")


def test_what_is_in_the_way_is_listed_and_mended(window: Window, facts) -> None:
    window.ask(
        """
body = next(o for o in bpy.data.objects if o.type == 'MESH' and o.data.shape_keys)
with bpy.context.temp_override(window=window()):
    body.data.shape_keys.key_blocks['jawOpen'].mute = True
    body.data.shape_keys.animation_data.nla_tracks['Headroom lips'].mute = True
    bpy.ops.ed.undo_push(message='Mute')
"""
    )
    window.press("headroom.examine")
    window.wait(lambda: facts()["found"] == ["muted_tracks", "muted_keys"], 10, "it was not found")
    window.screenshot("d2-found")
    before = facts()
    window.press("headroom.fix(")
    window.wait(lambda: facts()["found"] == ["muted_keys"], 10, "it was not mended")
    after = facts()
    assert after["track"] is False and after["muted"] is True
    undo(window, facts, before)
    redo(window, facts, after)
    undo(window, facts, before)


def test_all_is_mended_by_one_click(window: Window, facts) -> None:
    before = facts()
    window.press("headroom.fix_all")
    window.wait(lambda: not facts()["found"], 10, "it was not mended")
    after = facts()
    assert not after["track"] and not after["muted"]
    window.screenshot("d3-mended")
    undo(window, facts, before)
    redo(window, facts, after)


def test_nothing_was_wrong(window: Window) -> None:
    time.sleep(1.0)
    wrong = re.findall(r"(?m)^.*(?:Traceback|Error: Python|rna_uiItemO|unknown operator).*$", window.output())
    assert not wrong, window.output()[-3000:]
