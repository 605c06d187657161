"""A head without keys is rigged by mouse and keyboard in a real window: landmarks are looked for, one is dragged, and
shapes and bones are given, taken back in one step and given again."""

import re
import time

import numpy as np
import pytest

from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.performance import ARKIT_52, TONGUE
from headroom.tools.gui.window import Window

from .alone import only
from .test_window import redo, undo

ADD = """
import numpy as np
from mathutils import Euler, Matrix
made = []
bpy.data.objects.remove(bpy.data.objects['Cube'])
with np.load('/mnt/work/head.npz') as stored:
    for name in ('Face', 'Eyes'):
        mesh = bpy.data.meshes.new(name)
        mesh.from_pydata(stored[name + '_points'].tolist(), [], stored[name + '_faces'].tolist())
        mesh.uv_layers.new(name='Mine')
        mesh.shade_smooth()
        made.append(bpy.data.objects.new(name, mesh))
        window().scene.collection.objects.link(made[-1])
face, eyes = made
area, _ = view()
region = next(region for region in area.regions if region.type == 'WINDOW')
with bpy.context.temp_override(window=window(), area=area, region=region):
    bpy.context.view_layer.objects.active = face
    for other in bpy.data.objects:
        other.select_set(other in made)
    face.modifiers.new('Decimate', 'DECIMATE').ratio = 0.6
    bpy.ops.object.modifier_apply(modifier='Decimate')
    for number, loop in enumerate(face.data.uv_layers['Mine'].data):
        loop.uv = (number % 7 / 7, number % 5 / 5)
    face.vertex_groups.new(name='Mine').add([0, 5, 9], 0.5, 'REPLACE')
    for body in made:
        body.matrix_world = Matrix.LocRotScale((1.0, 0.5, 0.2), Euler((0.0, 0.1, 0.6)), (7, 7, 7))
    bpy.ops.view3d.view_axis(type='FRONT')
    bpy.ops.view3d.view_selected()
    bpy.ops.ed.undo_push(message='Add head')
"""

FACTS = """
import hashlib
import numpy as np

def digest(collection, name, width):
    read = np.empty(len(collection) * width, np.float32)
    collection.foreach_get(name, read)
    return hashlib.sha256(read.tobytes()).hexdigest()[:12]

def weights(body, name):
    number = body.vertex_groups.find(name)
    found = [(v.index, round(g.weight, 3)) for v in body.data.vertices for g in v.groups if g.group == number]
    return hashlib.sha256(repr(found).encode()).hexdigest()[:12] if found else ''

face, eyes = bpy.data.objects['Face'], bpy.data.objects['Eyes']
keys = lambda body: list(body.data.shape_keys.key_blocks.keys()) if body.data.shape_keys else []
result = {
    'own': {body.name: [len(body.data.vertices), len(body.data.polygons), digest(body.data.vertices, 'co', 3),
                        digest(body.data.uv_layers['Mine'].data, 'uv', 2), weights(body, 'Mine')]
            for body in (face, eyes)},
    'keys': {body.name: keys(body) for body in (face, eyes)},
    'groups': {body.name: sorted(body.vertex_groups.keys()) for body in (face, eyes)},
    'bones': sorted(b.name for o in bpy.data.objects if o.type == 'ARMATURE' for b in o.data.bones),
    'landmarks': {o.name: [round(x, 4) for x in o.matrix_world.translation] for o in window().scene.objects
                  if o.type == 'EMPTY'},
    'objects': sorted(o.name for o in window().scene.objects),
}
"""

PLACE = """
from bpy_extras.view3d_utils import location_3d_to_region_2d
area, _ = view()
region = next(region for region in area.regions if region.type == 'WINDOW')
there = bpy.data.objects['{name}'].matrix_world.translation
at = location_3d_to_region_2d(region, area.spaces.active.region_3d, there)
result = [round(region.x + at.x), round(window().height - region.y - at.y)]
"""

CHIN = """
import numpy as np
face = bpy.data.objects['Face']
read, points = bpy.context.evaluated_depsgraph_get, []
for value in (0.0, 1.0):
    face.data.shape_keys.key_blocks['jawOpen'].value = value
    bpy.context.view_layer.update()
    shown = face.evaluated_get(read())
    flat = np.empty(len(shown.data.vertices) * 3, np.float32)
    shown.data.vertices.foreach_get('co', flat)
    points.append(flat.reshape(-1, 3))
size = float(np.ptp(points[0][:, 2]))
chin = int(np.linalg.norm(points[0] - np.array(face.matrix_world.inverted() @ Vector({menton})), axis=1).argmin())
crown = int(points[0][:, 2].argmax())
result = [float((points[1] - points[0])[k, 2]) / size for k in (chin, crown)]
"""


@pytest.fixture
def facts(window: Window):
    return lambda: window.ask(FACTS)


@pytest.fixture(scope="module")
def seen() -> dict:
    """What earlier steps saw."""
    return {}


def test_the_panel_says_what_it_wants(window: Window, facts) -> None:
    head, stored = generate(GenerateOptions(seed=11, level="game")), {}
    pieces = {"Face": ("skin", "mouth"), "Eyes": ("eye_left", "cornea_left", "eye_right", "cornea_right")}
    for name, parts in pieces.items():
        used, faces = np.unique(head.faces[np.isin(head.part, parts)], return_inverse=True)
        stored |= {f"{name}_points": head.neutral[used], f"{name}_faces": faces.reshape(-1, 4)}
    np.savez(window.shared / "head.npz", **stored)
    only(window, "HEADROOM_PT_shapes")
    window.ask(
        """
bpy.context.view_layer.objects.active = bpy.data.objects['Camera']
bpy.data.objects['Cube'].select_set(False)
"""
    )
    assert window.ask("result = bpy.ops.headroom.give_shapes.poll()") is False
    window.ask(ADD)
    assert window.ask("result = bpy.ops.headroom.give_shapes.poll()") is True
    window.screenshot("r1-panel")


def test_landmarks_are_found_and_shown(window: Window, facts, seen) -> None:
    before = facts()
    window.press("headroom.find_landmarks")
    window.wait("bpy.context.window_manager.headroom.running", 5, "nothing runs")
    window.screenshot("r2-looks")
    window.wait(lambda: len(facts()["landmarks"]) == 54, 120, "no landmarks")
    window.screenshot("r3-landmarks")
    seen["found"] = facts()  # by now they are drawn, and lie on the skin
    undo(window, facts, before)
    redo(window, facts, seen["found"])


def test_a_landmark_is_dragged(window: Window, facts, seen) -> None:
    """Clicked, moved by G, and put down with a click; it stays on the skin, and the panel says which one it is."""
    x, y = window.ask(PLACE.format(name="tragion.R"))
    window.click(x, y)
    assert window.ask("result = bpy.context.view_layer.objects.active.name") == "tragion.R"
    window.inside(
        f"xdotool mousemove {x} {y}; sleep 0.3; xdotool key g; sleep 0.3; xdotool mousemove {x - 2} {y - 5}; "
        f"sleep 0.2; xdotool mousemove {x - 3} {y - 9}; sleep 0.3; xdotool click 1; sleep 0.3"
    )
    dragged = facts()["landmarks"]
    moved = {name for name, place in dragged.items() if place != seen["found"]["landmarks"][name]}
    assert moved == {"tragion.R"}
    window.screenshot("r4-dragged")
    seen["dragged"] = facts()


def test_shapes_and_bones_are_given_and_what_it_had_stays(window: Window, facts, seen) -> None:
    """With the landmark that was dragged still chosen: the head need not be selected again."""
    window.press("headroom.give_shapes")
    window.wait("bpy.context.window_manager.headroom.running", 5, "nothing runs")
    window.wait("bpy.data.objects['Face'].data.shape_keys is not None", 180, "no shape keys")
    made = facts()
    window.screenshot("r5-rigged")
    assert made["own"] == seen["dragged"]["own"]
    assert set(ARKIT_52) | set(TONGUE) <= set(made["keys"]["Face"])
    assert {"eyeLookUpLeft", "eyeLookInRight"} <= set(made["keys"]["Eyes"])
    assert {"neck", "head", "jaw_master", "eye.L", "eye.R"} <= set(made["bones"])
    assert {"Mine", "DEF-jaw", "DEF-skull", "DEF-C4"} <= set(made["groups"]["Face"])
    assert {"DEF-eye.L", "DEF-eye.R"} <= set(made["groups"]["Eyes"])
    assert not made["landmarks"]
    seen["made"] = made


def test_it_is_one_undo_step(window: Window, facts, seen) -> None:
    undo(window, facts, seen["dragged"])
    redo(window, facts, seen["made"])


def test_the_jaw_opens(window: Window, seen) -> None:
    menton = seen["dragged"]["landmarks"]["menton"]
    chin, crown = window.ask("from mathutils import Vector\n" + CHIN.format(menton=menton))
    time.sleep(1.0)
    window.screenshot("r6-open")
    assert chin < -0.03 and abs(crown) < 0.001, (chin, crown)
    window.ask("bpy.data.objects['Face'].data.shape_keys.key_blocks['jawOpen'].value = 0")


def test_nothing_was_wrong(window: Window) -> None:
    wrong = re.findall(r"(?m)^.*(?:Traceback|Error: Python|rna_uiItemO|unknown operator).*$", window.output())
    assert not wrong, window.output()[-3000:]
