"""One panel of Headroom by itself in a real window: its buttons are found fast, whatever else the sidebar holds."""

from __future__ import annotations

import time
from typing import Any

from headroom.tools.gui.window import Window, WindowError

ALONE = """
import importlib
bpy.ops.extensions.package_install_files(
    filepath='/mnt/work/headroom.zip', repo='user_default', enable_on_install=True, overwrite=True)
registration = importlib.import_module('bl_ext.user_default.headroom.addon.registration')
panel = next(one for one in registration.CLASSES if one.__name__ == '{panel}')
inside = [one for one in registration.CLASSES if getattr(one, 'bl_parent_id', '') == '{panel}']
for one in reversed([panel, *inside]):
    bpy.utils.unregister_class(one)
if hasattr(panel, 'bl_parent_id'):
    del panel.bl_parent_id
draw, drawn = panel.draw, []

def counted(self, context):
    drawn.append(context.region.width)
    draw(self, context)

panel.draw, panel.bl_options = counted, set()
for one in (panel, *inside):
    one.bl_category = 'Alone'
    bpy.utils.register_class(one)
result = installed('headroom')
"""

GENERATED = """
with bpy.context.temp_override(window=window()):
    bpy.ops.headroom.generate_head(seed=3, level='game')
"""
"""A head of our own."""

FOREIGN = """
with bpy.context.temp_override(window=window()):
    bpy.ops.mesh.primitive_uv_sphere_add(radius=0.1)
body = bpy.context.view_layer.objects.active
body.name = 'Ball'
for name, far in (('Basis', 0.0), ('jawOpen', 0.04), ('mouthSmileLeft', 0.01)):
    body.shape_key_add(name=name, from_mix=False).value = 0.0
    for point in body.data.shape_keys.key_blocks[name].points:
        point.co.z -= far * (point.co.z < 0.0)
"""
"""A ball with two keys, made at once."""

CLIP = """
scene = window().scene
scene.frame_start, scene.frame_end, scene.render.fps = 1, 12, 24
body = next(o for o in bpy.data.objects if o.type == 'MESH' and o.data.shape_keys)
for frame in range(1, 13):
    for name, value in {curves}.items():
        key = body.data.shape_keys.key_blocks[name]
        key.value = value * (frame - 1) / 11
        key.keyframe_insert('value', frame=frame)
scene.frame_set(12)
area, _ = view()
region = next(region for region in area.regions if region.type == 'WINDOW')
with bpy.context.temp_override(window=window(), area=area, region=region):
    bpy.context.view_layer.objects.active = body
    for other in bpy.data.objects:
        other.select_set(other == body)
    bpy.ops.view3d.view_axis(type='FRONT')
    bpy.ops.view3d.view_selected()
    bpy.ops.ed.undo_push(message='Head with a clip')
"""


def only(window: Window, panel: str) -> None:
    """Install the zip and put one of its panels, with what is inside it, open into a tab of its own."""
    assert window.ask(ALONE.format(panel=panel)) == [True, True], window.output()
    window.open_tab("Alone")
    window.wait("drawn", 20, "the panel is not drawn")


def alone(window: Window, panel: str, head: str, curves: dict[str, float]) -> None:
    """Do the same, and make a head with a clip.

    head: code that makes it; curves: what each of its shape keys grows to from frame 1 to 12.
    """
    only(window, panel)
    window.ask("for other in list(bpy.data.objects):\n    bpy.data.objects.remove(other)\n" + head)
    window.ask(CLIP.format(curves=curves))


def press(window: Window, command: str, until: Any, seconds: float = 20.0) -> None:
    """Click a button and wait until `until()` is true. What is under the mouse is known only once that is drawn, so on
    busy cores a button may be overlooked: it is looked for again."""
    for attempt in range(3):
        try:
            place = window.find(command)
            break
        except WindowError:
            if attempt == 2:
                raise
    window.click(*place)
    window.wait(until, seconds, f"{command} did not do it")


def stop(window: Window, command: str, seconds: float, step: str) -> None:
    """Click a button, and press Escape some seconds after its work began: it has to stop within half a second."""
    window.press(command)
    window.wait("bpy.context.window_manager.headroom.running", 5, "nothing runs")
    time.sleep(seconds)
    window.screenshot(step)
    assert window.ask("result = bpy.context.window_manager.headroom.running"), "it was done before anyone could stop it"
    window.inside("xdotool mousemove 500 420; sleep 0.3; xdotool key Escape")
    pressed = time.monotonic()
    window.wait("not bpy.context.window_manager.headroom.running", 5, "Escape did not stop it")
    assert time.monotonic() - pressed <= 0.5
    time.sleep(1.5)
