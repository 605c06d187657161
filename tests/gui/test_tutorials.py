"""The tutorials of docs/tutorials, walked in order by mouse and keyboard in a real window.

Each builds on the one before, as an artist's first hour does. Pictures are taken here; `make pictures` keeps them.
"""

import re
import time
from pathlib import Path

import numpy as np
import pytest

from headroom.core.head.generate import GenerateOptions, generate
from headroom.tools.gui.window import Window

from .alone import press
from .pictured import picture
from .test_stabilize_window import capture

SAID = (Path(__file__).resolve().parents[2] / "docs" / "demo" / "line.txt").read_text(encoding="utf-8").strip()

VIEWPORT = """
area, _ = view()
region = next(region for region in area.regions if region.type == 'WINDOW')
"""
BODY = "bpy.context.view_layer.objects.active"
HEADS = "result = [o.name for o in bpy.data.objects if o.type == 'MESH' and o.data.shape_keys]"
ACTIVE = "body = bpy.context.view_layer.objects.active\n"
SEEN = (
    VIEWPORT
    + ACTIVE
    + """
from bpy_extras.view3d_utils import location_3d_to_region_2d
from mathutils import Vector
places = [location_3d_to_region_2d(region, area.spaces.active.region_3d, body.matrix_world @ Vector(corner))
          for corner in body.bound_box]
result = (max(place.y for place in places) - min(place.y for place in places)) / region.height
"""
)
PLACE = (
    VIEWPORT
    + """
from bpy_extras.view3d_utils import location_3d_to_region_2d
from mathutils import Vector
body = bpy.data.objects[{name!r}]
middle = body.matrix_world @ (sum((Vector(corner) for corner in body.bound_box), Vector()) / 8)
at = location_3d_to_region_2d(region, area.spaces.active.region_3d, middle)
result = [round(region.x + at.x), round(window().height - region.y - at.y)]
"""
)
TIMELINE = """
area = next(area for area in window().screen.areas if area.type == 'DOPESHEET_EDITOR')
region = next(region for region in area.regions if region.type == 'WINDOW')
x, _ = region.view2d.view_to_region({frame}, 0, clip=False)
result = [round(region.x + x), window().height - region.y - region.height + 12]
"""
CURVES = """
body = next(o for o in bpy.data.objects if o.type == 'MESH' and o.data.shape_keys)
data = body.data.shape_keys.animation_data
result = sorted(track.name for track in data.nla_tracks) if data else []
"""
ACTOR = """
with bpy.context.temp_override(window=window()):
    window().scene.cursor.location = (0.4, 0.0, 0.0)
    capture = bpy.context.view_layer.objects.active
    bpy.ops.headroom.generate_head(seed=5, level='game')
    body = bpy.context.view_layer.objects.active
    body.name = 'Actor'
    window().scene.headroom.stabilize.head = body
    body.select_set(False)
    capture.select_set(True)
    bpy.context.view_layer.objects.active = capture
    bpy.ops.ed.undo_push(message='Add actor')
"""
"""A head of the same vertices as the capture, with shape keys, beside it."""
TAKE = "result = next(o['headroom_take'] for o in bpy.data.objects if o.get('headroom_take'))"
FRESH = """
for other in list(bpy.data.objects):
    bpy.data.objects.remove(other)
for strip in list(getattr(window().scene.sequence_editor, 'strips', None)
                  or getattr(window().scene.sequence_editor, 'sequences', ())):
    editor = window().scene.sequence_editor
    (editor.strips if hasattr(editor, 'strips') else editor.sequences).remove(strip)
window().scene.timeline_markers.clear()
"""


def keys(window: Window, *names: str) -> None:
    """Press keys with the mouse over the 3D view."""
    for name in names:
        window.inside(f"xdotool mousemove 330 420; sleep 0.3; xdotool key {name}; sleep 0.8")


def click_on(window: Window, name: str) -> None:
    """Click on an object in the 3D view."""
    window.click(*window.ask(PLACE.format(name=name)))


def fold_head(window: Window) -> None:
    """Open or fold the first panel, Head, by its title."""
    left, top, _, _ = window.ask("result = sidebar()")
    window.click(left + 60, top + 14)
    time.sleep(0.5)


@pytest.fixture(scope="module", autouse=True)
def _installed(window: Window) -> None:
    window.ask(
        """
bpy.ops.extensions.package_install_files(
    filepath='/mnt/work/headroom.zip', repo='user_default', enable_on_install=True, overwrite=True)
"""
    )
    assert window.ask("result = installed('headroom')") == [True, True], window.output()


def test_first_head(window: Window) -> None:
    """A head is made, its nose pulled, and a relative chosen."""

    def variants() -> list[str]:
        return window.ask("result = sorted(o.name for o in bpy.data.objects if 'headroom_variant' in o)")

    keys(window, "Delete")
    window.open_tab("Headroom")
    picture(window, "first-1-tab")

    press(window, "headroom.generate_head", lambda: window.ask(HEADS), 120)
    time.sleep(1.0)
    assert window.ask(SEEN) > 0.3, "the new head is too small to see"
    picture(window, "first-2-head")

    left = window.ask("result = sidebar()")[0]
    window.unfold("headroom.generate_head", 4)
    lock = window.find("lock_nose", shares=(0.79,))
    window.click(left + 60, lock[1])
    before = window.ask(ACTIVE + "result = body.headroom_person.nose_length")
    window.drag(window.find("headroom_person.nose_length"), 30)
    assert window.ask(ACTIVE + "result = body.headroom_person.nose_length") > before
    time.sleep(1.5)
    picture(window, "first-3-slider")
    window.click(left + 60, lock[1])
    window.unfold("headroom.generate_head", 4)

    window.unfold("headroom.generate_head", 3)
    window.ask("import random; random.seed(4)")  # the same people in each picture
    press(window, "headroom.variants", lambda: len(variants()) == 9, 60)
    keys(window, "KP_1")
    picture(window, "first-4-variants")
    name = variants()[4]
    click_on(window, name)
    assert window.ask(ACTIVE + "result = body.name") == name
    press(window, "headroom.keep_variant", lambda: not variants(), 60)


def test_speak(window: Window) -> None:
    """A sound is chosen, and the head speaks it."""
    fold_head(window)
    click_on(window, "Head")
    keys(window, "KP_1", "KP_Decimal")
    window.write("headroom.filepath", "/mnt/work/line.wav")
    window.write("headroom.transcript", SAID)
    picture(window, "speak-1-sound")
    previewed = "any(key.get('headroom_preview') is not None for key in bpy.data.shape_keys)"
    press(window, "headroom.preview", previewed, 180)
    window.click(*window.ask(TIMELINE.format(frame=49)))
    window.drag(window.find("headroom.jaw", (0.6,)), 20)
    assert window.ask("result = window().scene.headroom.jaw") > 1
    assert not window.ask(CURVES), "a preview wrote keys"
    picture(window, "speak-2-preview")
    window.scroll(20)
    press(window, "headroom.bake_preview", lambda: window.ask(CURVES) == ["Headroom Rest", "Headroom lips"], 180)
    window.scroll(20)
    keys(window, "space")
    window.wait("window().scene.frame_current > 52", 30, "it does not play")
    keys(window, "space")
    window.click(*window.ask(TIMELINE.format(frame=49)))
    picture(window, "speak-3-speaks")
    window.find("headroom.delete_layer")
    picture(window, "speak-4-layers")
    window.scroll(20)


def test_phones(window: Window) -> None:
    """A phone is retyped, and the lips follow."""
    window.press("headroom.show_phones")
    window.wait("len(window().scene.timeline_markers) > 30", 10, "no markers")
    window.click(*window.ask(TIMELINE.format(frame=49)))
    assert window.ask("result = window().scene.frame_current") == 49
    picture(window, "phones-1-shown")
    take = window.ask(TAKE)
    window.press("headroom.retype_phone")
    time.sleep(2.0)  # until the dialog stands there
    window.inside("xdotool key ctrl+a; xdotool type --delay 40 uw; sleep 0.4")
    picture(window, "phones-2-retype", still=True)
    window.inside("xdotool key Return; sleep 0.4; xdotool key Return; sleep 0.5")
    assert window.ask("result = 'uw' in [marker.name for marker in window().scene.timeline_markers]")
    press(window, "headroom.update_lips", lambda: window.ask(TAKE) != take, 60)
    picture(window, "phones-3-updated")
    window.press("headroom.hide_phones")
    window.wait("len(window().scene.timeline_markers) == 0", 10, "markers stay")


def test_export(window: Window) -> None:
    """It is written for an engine, and compared."""
    window.fold("headroom.delete_layer", -60)
    picture(window, "export-1-panel")
    window.write("headroom_export.folder", "/mnt/work/game/")
    press(window, "headroom.export_check", "bpy.context.window_manager.headroom_export.file", 120)
    state = "state = bpy.context.window_manager.headroom_export"
    told = f"{state}; result = [state.passed, [one.why for one in state.lines]]"
    passed, why = window.ask(told)
    assert passed, why
    assert sorted(path.suffix for path in (window.shared / "game").iterdir()) == [".glb", ".wav"]
    picture(window, "export-2-checked")


def test_stabilize(window: Window) -> None:
    """A capture comes to rest, and its curves are solved."""
    window.ask(FRESH)
    capture(window, "Take", 24)
    window.scroll(20)
    left, top, _, _ = window.ask("result = sidebar()")
    window.click(left + 60, top + 14 + 28)
    time.sleep(0.5)
    picture(window, "stabilize-1-capture")
    press(window, "headroom.stabilize(", f"{BODY}.name == 'Take stabilized'", 120)
    picture(window, "stabilize-2-rests")
    window.ask(ACTOR)
    press(window, "headroom.solve_capture", f"{BODY}.name != 'Take stabilized'", 120)
    picture(window, "stabilize-3-solved")
    window.click(left + 60, top + 14 + 28)


def test_rig(window: Window) -> None:
    """A head without shape keys gets them, and speaks."""
    window.ask(FRESH)
    bring_mesh(window)
    keys(window, "KP_1", "KP_Decimal")
    fold_head(window)
    window.unfold("headroom.generate_head", 3)
    picture(window, "rig-1-mesh")
    marks = "len([o for o in window().scene.objects if o.type == 'EMPTY'])"
    press(window, "headroom.find_landmarks", f"{marks} == 54", 120)
    keys(window, "KP_Decimal")
    picture(window, "rig-2-landmarks")
    press(window, "headroom.give_shapes", "bpy.data.objects['Face'].data.shape_keys is not None", 180)
    time.sleep(1.0)
    picture(window, "rig-3-shapes")
    window.unfold("headroom.generate_head", 3)
    fold_head(window)
    spoken = (
        "(body := bpy.data.objects['Face']).get('headroom_take') is not None and body.data.shape_keys.animation_data"
    )
    press(window, "headroom.lip_sync", f"bool({spoken})", 180)
    window.click(*window.ask(TIMELINE.format(frame=49)))
    picture(window, "rig-4-speaks")


def bring_mesh(window: Window) -> None:
    """Import a head of two objects, as a sculptor hands it on."""
    head = generate(GenerateOptions(seed=11, level="game"))
    pieces, lines, first = {"Face": ("skin", "mouth"), "Eyes": ("eye_left", "eye_right")}, [], 1
    for name, parts in pieces.items():
        used, faces = np.unique(head.faces[np.isin(head.part, parts)], return_inverse=True)
        lines += [f"o {name}", *("v {:.6f} {:.6f} {:.6f}".format(*point) for point in head.neutral[used])]
        lines += ["f " + " ".join(map(str, face)) for face in faces.reshape(-1, 4) + first]
        first += len(used)
    (window.shared / "sculpt.obj").write_text("\n".join(lines))
    window.ask(
        """
with bpy.context.temp_override(window=window()):
    bpy.ops.wm.obj_import(filepath='/mnt/work/sculpt.obj', forward_axis='Y', up_axis='Z')
    for body in bpy.context.selected_objects:
        body.data.shade_smooth()
"""
    )


def test_nothing_was_wrong(window: Window) -> None:
    wrong = re.findall(r"(?m)^.*(?:Traceback|Error: Python|rna_uiItemO|unknown operator).*$", window.output())
    assert not wrong, window.output()[-3000:]
