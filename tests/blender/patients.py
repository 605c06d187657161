"""Heads that move, for tests of the doctor: what it sees, whether they are seen to move, and ways to spoil them."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
import pytest


def points(body: bpy.types.Object, frame: int) -> np.ndarray:
    """Give the vertices of a mesh as it is shown at a frame."""
    bpy.context.scene.frame_set(frame)
    evaluated = body.evaluated_get(bpy.context.evaluated_depsgraph_get())
    found = np.empty(3 * len(evaluated.data.vertices), np.float32)
    evaluated.data.vertices.foreach_get("co", found)
    return found.reshape(-1, 3)


def moves(body: bpy.types.Object, first: int = 1, second: int = 16) -> bool:
    """Tell whether a mesh is seen to move between two frames, whatever it showed before."""
    if not body.visible_get() or body.mode == "EDIT":
        return False
    for key in body.data.shape_keys.key_blocks:
        key.value = 0.0
    return float(np.abs(points(body, second) - points(body, first)).max()) > 1e-4


@pytest.fixture
def doctor(part):
    return part("addon.bridge.doctor")


@pytest.fixture
def look(doctor):
    """Look at what is active: what is found, by kind."""

    def see() -> dict[str, Any]:
        context = bpy.context
        report = doctor.examine(doctor.bodies_of(context), context.scene, context.view_layer)
        return {finding.what: finding for finding in report.in_the_way}

    return see


@pytest.fixture
def fix(doctor):
    def end(finding: Any) -> None:
        context = bpy.context
        doctor.fix(doctor.bodies_of(context), context.scene, context.view_layer, finding.ident)

    return end


RAMP = np.linspace(0, 1, 31)


@pytest.fixture
def mouth(part, body, perform):
    """A head whose jaw opens from frame 1 to 31, on Headroom's layer of lips."""
    bpy.context.scene.render.fps = 30
    part("addon.bridge.actions").write(perform({("jawOpen", "lips"): RAMP}, 30.0), body, 1, 30)
    return body


@pytest.fixture
def by_hand(body):
    """A head whose jaw opens by an active action."""
    jaw = body.data.shape_keys.key_blocks["jawOpen"]
    for frame, value in ((1, 0.0), (31, 1.0)):
        jaw.value = value
        jaw.keyframe_insert("value", frame=frame)
    return body


def data(body):
    return body.data.shape_keys.animation_data


def jaw(body):
    return body.data.shape_keys.key_blocks["jawOpen"]


def strip(body, track: str = "Headroom lips"):
    return data(body).nla_tracks[track].strips[0]


def curves(part, holder) -> list[Any]:
    return part("addon.compat").fcurves(holder.action)


def mute_key(body, part):
    jaw(body).mute = True


def drive(body, part):
    jaw(body).driver_add("value").driver.expression = "0.3"


def cover(body, part):
    compat = part("addon.compat")
    action = bpy.data.actions.new("Hold")
    compat.fcurve(action, "KEY", 'key_blocks["jawOpen"].value').keyframe_points.insert(1, 0.2)
    track = data(body).nla_tracks.new()
    made = compat.nla_strip(track, "Hold", 1, action)
    return made


def one_key_by_hand(body, part):
    jaw(body).value = 0.2
    jaw(body).keyframe_insert("value", frame=1)
