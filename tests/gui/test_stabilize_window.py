"""Stabilizing a capture by mouse and keyboard in a real window: it comes to rest, is undone, and stops at Escape."""

import re

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from headroom.core.formats import sequences
from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.sequence import MeshSequence
from headroom.tools.gui.window import Window

from .alone import only, stop
from .test_window import run

SHORT, LONG = 24, 900

ADD = """
import numpy as np
with np.load('/mnt/work/{name}.npz') as stored:
    points, faces = stored['points'], stored['faces']
mesh = bpy.data.meshes.new('{name}')
mesh.from_pydata(points.tolist(), [], faces.tolist())
mesh.shade_smooth()
body = bpy.data.objects.new('{name}', mesh)
window().scene.collection.objects.link(body)
cache = body.modifiers.new('Cache', 'MESH_CACHE')
cache.cache_format, cache.filepath, cache.frame_start = 'PC2', '/mnt/work/{name}.pc2', 1
area, _ = view()
region = next(region for region in area.regions if region.type == 'WINDOW')
with bpy.context.temp_override(window=window(), area=area, region=region):
    for other in bpy.data.objects:
        other.select_set(other == body)
    bpy.context.view_layer.objects.active = body
    window().scene.frame_end = {frames}
    window().scene.frame_set(7)
    bpy.ops.view3d.view_axis(type='FRONT')
    bpy.ops.view3d.view_selected()
    bpy.ops.ed.undo_push(message='Add capture')
"""

FACTS = """
scene = window().scene
result = {
    'objects': sorted(o.name for o in bpy.data.objects), 'actions': sorted(a.name for a in bpy.data.actions),
    'hidden': sorted(o.name for o in bpy.context.view_layer.objects if o.hide_get()),
    'frame': scene.frame_current, 'markers': len(scene.timeline_markers),
    'active': bpy.context.view_layer.objects.active.name if bpy.context.view_layer.objects.active else '',
}
"""


def capture(window: Window, name: str, frames: int) -> None:
    """Put a shaking head beside the window, and into its scene."""
    head = generate(GenerateOptions(seed=5, level="game"))
    rng = np.random.default_rng(0)
    turns = Rotation.from_rotvec(rng.normal(size=(frames, 3)) * 0.05).as_matrix()
    faces = [head.pose({"jawOpen": max(0.0, float(np.sin(frame / 3)))}) for frame in range(min(frames, SHORT))]
    still = np.stack([faces[frame % len(faces)] for frame in range(frames)])
    moved = still @ turns.transpose(0, 2, 1) + rng.normal(size=(frames, 1, 3)) * 0.01
    sequences.write(window.shared / f"{name}.pc2", MeshSequence(moved.astype(np.float32), 24.0))
    np.savez(window.shared / f"{name}.npz", points=moved[0], faces=head.faces)
    window.ask(ADD.format(name=name, frames=frames))


@pytest.fixture
def facts(window: Window):
    return lambda: window.ask(FACTS)


def test_the_panel_is_there(window: Window, facts) -> None:
    only(window, "HEADROOM_PT_stabilize")
    window.ask("bpy.data.objects.remove(bpy.data.objects['Cube'])")
    assert window.ask("result = bpy.ops.headroom.stabilize.poll()") is False
    capture(window, "Take", SHORT)
    window.screenshot("s1-panel")
    assert window.find("headroom.stabilize(")


def test_a_click_brings_a_capture_to_rest(window: Window, facts) -> None:
    before = facts()
    run(window, "headroom.stabilize(", 120)
    made = facts()
    assert set(made["objects"]) - set(before["objects"]) == {"Take stabilized", "Take skull"}
    assert made["active"] == "Take stabilized" and made["hidden"] == ["Take"] and made["frame"] == before["frame"]
    window.find("headroom.solve_capture")
    window.screenshot("s2-stabilized")
    moved = window.ask(
        """
import numpy as np
body, points = bpy.data.objects['Take stabilized'], []
for frame in (1, 5, 9):
    window().scene.frame_set(frame)
    shown = body.evaluated_get(bpy.context.evaluated_depsgraph_get())
    read = np.empty(len(shown.data.vertices) * 3, np.float32)
    shown.data.vertices.foreach_get('co', read)
    points.append(read.reshape(-1, 3))
window().scene.frame_set(7)
top = points[0][:, 2] > points[0][:, 2].max() - 0.05
result = float(max(np.linalg.norm(one[top] - points[0][top], axis=1).max() for one in points))
"""
    )
    assert moved < 0.002, f"the scalp still moves by {1000 * moved:.1f} mm"


def test_it_is_one_undo_step(window: Window, facts) -> None:
    after = facts()
    window.key("ctrl+z")
    window.wait(lambda: facts()["objects"] == ["Camera", "Light", "Take"], 10, "one step of undo does not lead there")
    assert not facts()["hidden"] and not facts()["actions"]
    window.key("ctrl+shift+z")
    window.wait(lambda: facts() == after, 10, "one step of redo does not lead there")


@pytest.mark.parametrize("seconds", [0.4, 2.5])
def test_escape_stops_at_once_and_changes_nothing(window: Window, facts, seconds: float) -> None:
    """While frames are read, and later."""
    if "Long" not in facts()["objects"]:
        capture(window, "Long", LONG)
    before = facts()
    stop(window, "headroom.stabilize(", seconds, f"s3-works-{seconds}")
    assert facts() == before
    left = window.ask(
        """
import glob
result = glob.glob(bpy.utils.user_resource('EXTENSIONS') + '/.user/**/.headroom-*', recursive=True)
"""
    )
    assert not left


def test_nothing_was_wrong(window: Window) -> None:
    wrong = re.findall(r"(?m)^.*(?:Traceback|Error: Python|rna_uiItemO|unknown operator).*$", window.output())
    assert not wrong, window.output()[-3000:]
