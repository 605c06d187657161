"""Heads that leave Blender, for tests of the export gate: how they are made, exported and looked at."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

KEYED = [".glb", ".fbx", ".usdc"]
EVERY = [*KEYED, ".abc", ".csv"]
FIRST, LAST = 101, 121


@pytest.fixture
def gate(part):
    return part("addon.bridge.gate")


@pytest.fixture
def export(part, gate, tmp_path):
    """Export meshes by the gate: `export(".glb", body, clips="actions")`; gives the report."""
    options = part("core.formats.gate").ExportOptions

    def run(ending, *bodies, **settings):
        return gate.export(tmp_path / f"talk{ending}", bodies, bpy.context.scene, options(**settings))

    return run


@pytest.fixture
def talking(part, body, perform):
    """A head that opens its jaw, smiles and turns, on Headroom's layers, at 23.976 frames a second from frame 101."""
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = 24, 1.001
    scene.frame_start, scene.frame_end = FIRST, LAST
    ramp = np.linspace(0, 1, LAST - FIRST + 1)
    columns = {("jawOpen", "lips"): ramp, ("mouthSmileLeft", "emotion"): ramp[::-1], ("headYaw", "head"): 0.5 * ramp}
    part("addon.bridge.actions").write(perform(columns, 24 / 1.001), body, FIRST, 24 / 1.001)
    scene.frame_set(FIRST + 3)
    return body


@pytest.fixture
def acting(body, part):
    """A head with two actions of its own, of different keys, and a nod of its rig; none plays."""
    scene = bpy.context.scene
    scene.render.fps, scene.frame_start, scene.frame_end = 30, 1, 250
    keys, rig = body.data.shape_keys, part("addon.bridge.heads").rig_of(body)
    for name, key, values in (
        ("Head talk", "jawOpen", np.linspace(0, 1, 12)),
        ("smile", "mouthSmileLeft", np.linspace(1, 0, 20)),
    ):
        keys.animation_data_create().action = None
        key_in(body, key, values, first=7)
        keys.animation_data.action.name = name
        keys.animation_data.action.use_fake_user = True
        keys.animation_data.action = None
        keys.key_blocks[key].value = 0.3
    head = rig.pose.bones["head"]
    rig.animation_data_create()
    head.rotation_mode = "XYZ"
    for frame, angle in ((1, 0.0), (18, 0.4)):
        head.rotation_euler = (angle, 0, 0)
        head.keyframe_insert("rotation_euler", frame=frame)
    rig.animation_data.action.name = "Head Rig talk"
    rig.animation_data.action.use_fake_user = True
    rig.animation_data.action = None
    head.rotation_euler = (0.2, 0, 0)
    keys.key_blocks["cheekPuff"].value = 0.5
    return body


@pytest.fixture
def family(part, talking):
    """The head with teeth that have keys of their own, and glasses without, on a bone."""
    rig = part("addon.bridge.heads").rig_of(talking)
    teeth = talking.copy()
    teeth.data = talking.data.copy()
    teeth.name = teeth.data.name = "Teeth.upper 1"
    talking.users_collection[0].objects.link(teeth)
    glasses = bpy.data.objects.new("Glasses", bpy.data.meshes.new("Frame"))
    glasses.data.from_pydata([(0, -0.1, 0.1), (0.1, -0.1, 0.1), (0.1, -0.1, 0.15)], [], [(0, 1, 2)])
    talking.users_collection[0].objects.link(glasses)
    glasses.parent, glasses.parent_type, glasses.parent_bone = rig, "BONE", "DEF-skull"
    glasses.location = (0.01, 0.02, 0.0)
    return [talking, teeth, glasses]


def key_in(thing, name, values, first=FIRST):
    """Key a shape key by hand, a key per frame."""
    key = thing.data.shape_keys.key_blocks[name]
    for frame, value in enumerate(values):
        key.value = value
        key.keyframe_insert("value", frame=first + frame)


def found(report, what):
    return [line for line in report.lines if line.what == what]


def lost(report):
    return sorted({line.what for line in report.losses})


def points(thing, frame):
    """Give the vertices of a mesh in the world as they are shown at a frame."""
    bpy.context.scene.frame_set(frame)
    shown = thing.evaluated_get(bpy.context.evaluated_depsgraph_get())
    flat = np.empty(3 * len(shown.data.vertices), np.float32)
    shown.data.vertices.foreach_get("co", flat)
    place = np.array(thing.matrix_world)
    return flat.reshape(-1, 3) @ place[:3, :3].T + place[:3, 3]
