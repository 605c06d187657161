"""A skull's motion as keys: on an empty, or on a bone."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from ...core.sequence import RigidTrack
from ...core.stabilize.place import Place
from ...core.stabilize.upright import axes_of
from .. import compat
from . import actions
from .controls import LIMITS

LAYER = "head"
NECK = np.array([0.0, 0.005, -0.014])
"""Where the skull sits on the neck of a canonical head, metres: what the empty turns about."""
SIZE = 0.12
"""Metres from the empty's middle to the ends of its axes: the face is inside."""

Curves = dict[tuple[str, int], np.ndarray]


def motion_of(track: RigidTrack) -> np.ndarray:
    """Give the motion (F, 4, 4) that a stabilized face needs to be the capture again."""
    motion = np.tile(np.eye(4), (len(track.rotation), 1, 1))
    motion[:, :3, :3] = track.rotation.transpose(0, 2, 1)
    motion[:, :3, 3] = -np.einsum("fji,fj->fi", track.rotation, track.translation)
    return motion


def add_empty(
    name: str, track: RigidTrack, place: Place, metres: float, start: int, collection: bpy.types.Collection
) -> bpy.types.Object:
    """Add an empty that moves as the skull does and turns about where it sits on the neck."""
    empty = bpy.data.objects.new(name, None)
    collection.objects.link(empty)
    empty.empty_display_type, empty.empty_display_size = "ARROWS", SIZE / metres
    empty.rotation_mode = "QUATERNION"
    curves = curves_of(motion_of(track) @ _rest(place), "QUATERNION")
    action = bpy.data.actions.new(f"{name} motion")
    write(action, start, curves)
    compat.play(empty.animation_data_create(), action)
    return empty


def carry(empty: bpy.types.Object, body: bpy.types.Object, place: Place) -> None:
    """Let a stabilized face, which stands in the world as it does in the reference frame, be moved by its empty."""
    body.parent = empty
    body.matrix_parent_inverse = Matrix(np.linalg.inv(_rest(place)).tolist())


def _rest(place: Place) -> np.ndarray:
    """Where the empty is in the reference frame (4, 4)."""
    rest = np.eye(4)
    rest[:3, 3] = np.linalg.solve(place.matrix, NECK - place.shift)
    return rest


def on_bone(rig: bpy.types.Object, bone: str, track: RigidTrack, place: Place, start: int) -> None:
    """Key a bone as the skull moves, on a track of its own; keys made by hand stay, and win.

    Headroom's rigs are turned about the head's own axes, wherever the capture stands; other rigs as the capture moves
    in the world, which they are taken to stand in as it does. Parents of the bone are taken to rest.
    """
    posed = rig.pose.bones[bone]
    if rig.get(LIMITS) is not None:
        axes = axes_of(place)
        moved = np.tile(np.eye(4), (len(track.rotation), 1, 1))
        moved[:, :3, :3] = axes @ track.rotation.transpose(0, 2, 1) @ axes.T
    else:
        world = np.array(rig.matrix_world, float)
        moved = np.linalg.inv(world) @ motion_of(track) @ world
    rest = np.array(posed.bone.matrix_local, float)
    local = np.linalg.inv(rest) @ moved @ rest
    if posed.rotation_mode == "AXIS_ANGLE":
        posed.rotation_mode = "QUATERNION"
    curves = curves_of(local, posed.rotation_mode)
    if all(posed.lock_location) or posed.bone.use_connect:
        curves = {key: values for key, values in curves.items() if key[0] != "location"}
    frames = start + np.arange(len(local))
    full = {(posed.path_from_id(name), index): values for (name, index), values in curves.items()}
    actions.replace_layer(rig, "OBJECT", LAYER, frames, full)


def keyed_by_hand(rig: bpy.types.Object, bone: str) -> bool:
    """Tell whether keys in the active action hide what `on_bone` writes."""
    data = rig.animation_data
    if data is None or data.action is None:
        return False
    path = rig.pose.bones[bone].path_from_id()
    return any(curve.data_path.startswith(path) for curve in compat.fcurves(data.action))


def curves_of(motion: np.ndarray, mode: str) -> Curves:
    """Give the channels of a motion (F, 4, 4) so that neighbours are always nearest to each other.

    Quaternions keep to one sign and Euler angles run on past 180 degrees: no turn goes the long way.
    """
    curves: Curves = {("location", axis): motion[:, axis, 3] for axis in range(3)}
    rows: list[tuple[float, ...]] = []
    before: Any = None
    for matrix in motion[:, :3, :3]:
        turn: Any = Matrix(matrix.tolist()).to_quaternion()
        if mode != "QUATERNION":
            turn = turn.to_euler(mode, before) if before is not None else turn.to_euler(mode)
        elif before is not None:
            turn.make_compatible(before)
        rows.append(tuple(turn))
        before = turn
    name = "rotation_quaternion" if mode == "QUATERNION" else "rotation_euler"
    for index, values in enumerate(np.array(rows).T):
        curves[name, index] = values
    return curves


def write(action: bpy.types.Action, start: int, curves: Curves) -> None:
    """Write an object's channels into an action, one linear key per frame from `start` on."""
    for (path, index), values in curves.items():
        curve = compat.fcurve(action, "OBJECT", path, index)
        actions.write_curve(curve, start + np.arange(len(values)), values)
