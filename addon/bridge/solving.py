"""Shapes of a head for solving a stabilized face, and the copy that plays the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from ...core.errors import InputError
from ...core.performance import SHAPES
from ...core.sequence import MeshSequence, RigidTrack
from ...core.stabilize.place import Place
from ...core.stabilize.stabilize import StabilizeResult
from . import stabilized
from .meshes import points_of

ERROR = "solve_error_mm"
"""Animated custom property of a stabilized face: how far the shapes stay from it, root mean square."""

MOVERS = ("ARMATURE", "MESH_CACHE", "MESH_SEQUENCE_CACHE")
"""Modifiers that would move a copy a second time."""


@dataclass(frozen=True)
class Shapes:
    """A mesh at rest (V, 3) and what its shape keys add (S, V, 3), in world space, with their names (S,)."""

    name: str
    neutral: np.ndarray
    deltas: np.ndarray
    names: tuple[str, ...]


def head_for(body: bpy.types.Object, name: str) -> bpy.types.Object:
    """Find the mesh whose shapes a stabilized face is solved to; raises `InputError` when there is none."""
    head = bpy.data.objects.get(name) if name else stabilized.original_of(body)
    if head is None:
        raise InputError(
            f"no object called {name!r}; choose a mesh with ARKit's shape keys"
            if name
            else "choose a mesh with ARKit's shape keys"
        )
    keys = head.data.shape_keys if head.type == "MESH" else None
    if keys is None or not set(SHAPES) & set(keys.key_blocks.keys()):
        raise InputError(f"{head.name} has no shape key with an ARKit name such as jawOpen; choose another mesh")
    if len(head.data.vertices) != len(body.data.vertices):
        counts = f"{len(head.data.vertices)} vertices, the capture {len(body.data.vertices)}"
        raise InputError(f"{head.name} has {counts}; choose a head of the same mesh")
    return head


def shapes_of(head: bpy.types.Object) -> Shapes:
    """Read a mesh's shape keys."""
    keys, world = head.data.shape_keys, np.array(head.matrix_world, np.float32)
    turn = world[:3, :3].T
    basis = keys.reference_key
    named = [key for key in keys.key_blocks if key != basis]
    deltas = np.stack([points_of(key) - points_of(key.relative_key) for key in named])
    return Shapes(
        head.name, points_of(basis) @ turn + world[:3, 3], deltas @ turn, tuple(key.name for key in named)
    )  # fmt: skip


def at_peace(body: bpy.types.Object, sequence: MeshSequence) -> StabilizeResult:
    """Give a stabilized face's result as if it had been captured so: nothing moves its skull."""
    found, count = stabilized.info(body), sequence.frame_count
    track = RigidTrack(np.tile(np.eye(3), (count, 1, 1)), np.zeros((count, 3)), *np.zeros((3, count)))
    return StabilizeResult(track, found["reference"], Place(np.eye(3), np.zeros(3), 0.0), found["metres"])


def between(points: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Give the matrix (4, 4) that takes points (V, 3) to where they were moved."""
    one = np.ones((len(points), 1))
    found = np.eye(4)
    found[:3] = np.linalg.lstsq(np.hstack([points, one]), moved, rcond=None)[0].T
    return found


def add_copy(original: bpy.types.Object, body: bpy.types.Object, place: np.ndarray) -> bpy.types.Object:
    """Add a copy of the original at rest, carried as the stabilized face is; `place` (4, 4) brings its skull there."""
    head = stabilized.copy(original, f"{original.name} solved")
    head.animation_data_clear()
    keys = head.data.shape_keys
    data = keys.animation_data
    if data is not None:
        data.action = None
        for track in list(data.nla_tracks):
            data.nla_tracks.remove(track)
    for key in keys.key_blocks:
        key.value = 0.0
    movers: list[Any] = [modifier for modifier in head.modifiers if modifier.type in MOVERS]
    for modifier in movers:
        head.modifiers.remove(modifier)
    for constraint in list(head.constraints):
        head.constraints.remove(constraint)
    world = Matrix((place @ np.array(original.matrix_world, float)).tolist())
    head.parent, head.parent_type = body.parent, "OBJECT"
    head.matrix_parent_inverse = body.matrix_parent_inverse
    head.matrix_basis = world
    head.hide_render = False
    head.hide_set(False)
    body.hide_set(True)
    body.hide_render = True
    return head
