"""Exporting by mouse in a real window: files are on the disk, the panel says what is in them, the scene stays."""

import json
import re

import pytest

from headroom.tools.gui.window import Window

from .alone import GENERATED, alone, press, stop

FACTS = """
state, body = bpy.context.window_manager.headroom_export, bpy.context.view_layer.objects.active
result = {
    'file': state.file, 'summary': state.summary, 'passed': state.passed,
    'lines': [[item.name, item.why, item.lost] for item in state.lines],
    'scene': [sorted(o.name for o in bpy.data.objects), sorted(a.name for a in bpy.data.actions), len(bpy.data.scenes),
              window().scene.frame_current, body.name if body else '',
              round(body.data.shape_keys.key_blocks['jawOpen'].value, 4) if body else 0],
}
"""


@pytest.fixture
def facts(window: Window):
    return lambda: window.ask(FACTS)


def choose(window: Window, **choices: str) -> None:
    """Choose in the panel's menus, as one step of its own."""
    window.ask(
        "settings = window().scene.headroom_export\n"
        + "".join(f"settings.{name} = {value!r}\n" for name, value in choices.items())
        + "with bpy.context.temp_override(window=window()):\n    bpy.ops.ed.undo_push(message='Choose')\n"
    )


def animations(window: Window, name: str) -> list[dict]:
    """Read the clips out of a .glb."""
    raw = (window.shared / "out" / name).read_bytes()
    return json.loads(raw[20 : 20 + int.from_bytes(raw[12:16], "little")])["animations"]


def test_a_click_writes_and_checks(window: Window, facts) -> None:
    alone(window, "HEADROOM_PT_export", GENERATED, {"jawOpen": 1.0, "tongueTipUp": 1.0})
    choose(window, format="glb", folder="/mnt/work/out/")
    before = facts()
    press(window, "headroom.export_check", lambda: facts()["file"])
    told = facts()
    name = told["file"]
    assert [path.name for path in (window.shared / "out").iterdir()] == [name]
    (clip,) = animations(window, name)
    assert "weights" in {channel["target"]["path"] for channel in clip["channels"]}
    assert told["passed"] and "145 of 145 keys" in told["summary"] and "nothing is lost" in told["summary"]
    assert told["scene"] == before["scene"]
    window.screenshot("e1-whole")


def test_what_is_lost_is_in_the_panel(window: Window, facts) -> None:
    """Live Link Face has no column for the tongue: the file is there, the panel says what that does."""
    before = facts()
    choose(window, format="csv")
    press(window, "headroom.export_check", lambda: facts()["file"].endswith(".csv"))
    told = facts()
    rows = (window.shared / "out" / told["file"]).read_text().splitlines()
    assert len(rows) == 1 + 12 and rows[0].startswith("Timecode,")
    assert not told["passed"] and "1 loss" in told["summary"] and "nothing is lost" not in told["summary"]
    what, why, lost = told["lines"][0]
    assert (what, lost) == ("no_column", True) and "tongueTipUp" in why
    assert told["scene"] == before["scene"]
    window.screenshot("e2-lost")


@pytest.mark.parametrize("seconds", [0.3, 3.0])
def test_escape_stops_at_once_and_leaves_nothing(window: Window, facts, seconds: float) -> None:
    """While the other Blender starts, and while it works; the panel still tells of the file before."""
    window.ask("window().scene.frame_end = 2000")
    choose(window, format="glb", folder="/mnt/work/stopped/")
    before = facts()
    stop(window, "headroom.export_check", seconds, f"e4-works-{seconds}")
    assert facts() == before and not (window.shared / "stopped").exists()
    assert not window.ask("import glob\nresult = glob.glob(bpy.app.tempdir + '/headroom-export-*')")


def test_a_grey_button_says_why(window: Window) -> None:
    window.ask(
        """
with bpy.context.temp_override(window=window()):
    bpy.context.view_layer.objects.active = None
drawn.clear()
[area.tag_redraw() for area in window().screen.areas]
"""
    )
    window.wait("drawn", 20, "the panel is not drawn again")
    window.screenshot("e3-grey")
    assert window.ask("result = bpy.ops.headroom.export_check.poll()") is False
    wrong = re.findall(r"(?m)^.*(?:Traceback|Error: Python|rna_uiItemO|unknown operator).*$", window.output())
    assert not wrong, window.output()[-3000:]
