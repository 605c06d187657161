"""Meshes of a scene as one mesh to rig, and what they get written back: shape keys, an armature, weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import bpy
import numpy as np
from mathutils import Matrix

from ...core.errors import InputError
from ...core.head.correctives import CORRECTIVES
from ...core.head.head import Head
from . import armatures, correctives, meshes
from .heads import home, instanced, rig_of, select_only
from .skeleton import DEFORM

if TYPE_CHECKING:
    from ...core.rig.rig import Mesh, RiggedMesh, RigOptions

RIGGED = "headroom_rigged"
"""Custom property of a mesh that got shapes: the options as JSON."""

STILL = 2e-5
"""Metres of a head of usual size below which a shape does not move an object, and no key is made."""

HALVING = ("MIRROR", "MULTIRES", "ARRAY")
"""Modifiers that show more than the mesh has: shapes of what they hide cannot be written."""


@dataclass(frozen=True)
class Gathered:
    """Several objects as one mesh in world space; `first` (N + 1,) says where the vertices of each begin."""

    mesh: Mesh
    names: tuple[str, ...]
    first: np.ndarray

    def part(self, number: int) -> slice:
        """The vertices of one of the objects."""
        return slice(int(self.first[number]), int(self.first[number + 1]))

    def owners(self, points: np.ndarray) -> list[str]:
        """Name the object that is nearest to each of some points (N, 3)."""
        from scipy.spatial import cKDTree

        nearest = cKDTree(self.mesh.vertices).query(points)[1]
        return [self.names[k] for k in np.searchsorted(self.first, nearest, side="right") - 1]


@dataclass(frozen=True)
class Written:
    """What objects got: how many shape keys in all, names of keys and vertex groups that were there and were kept, and
    the armature, if one was made."""

    keys: int
    kept: tuple[str, ...]
    rig: bpy.types.Object | None


def why_not(body: bpy.types.Object | None) -> str:
    """Say in one line why an object cannot be rigged, or nothing when it can; cheap."""
    if body is None or body.type != "MESH":
        return instanced(body) or "Select a mesh: the head, with its eyes and teeth when they are objects of their own"
    if any(one.library is not None or one.override_library is not None for one in (body, body.data)):
        return f"{body.name} is linked from another file, where its mesh is; make it local first (Object > Relations)"
    if not len(body.data.polygons):
        return f"{body.name} has no faces"
    if body.data.shape_keys is not None and not body.data.shape_keys.use_relative:
        return f"{body.name} has absolute shape keys; make them relative first (Shape Keys > Relative)"
    modifiers: Any = body.modifiers
    halving = next((one for one in modifiers if one.type in HALVING and one.show_viewport), None)
    if halving is not None:
        return f"{body.name} has the modifier {halving.name}; apply it first, since shapes need all vertices"
    return ""


def sharing(bodies: Sequence[Any]) -> list[Any]:
    """Give those of some objects whose mesh is another's too: one eye used twice cannot look two ways."""
    first: dict[str, Any] = {}
    return [body for body in bodies if first.setdefault(body.data.name, body) != body]


def gather(bodies: Sequence[bpy.types.Object]) -> Gathered:
    """Read objects at rest, in world space, mirrored ones turned outside out. Raises `InputError` for what cannot be
    rigged."""
    from ...core.rig.rig import Mesh

    points, triangles, first = [np.zeros((0, 3))], [np.zeros((0, 3), np.int64)], [0]
    for body in bodies:
        reason = why_not(body)
        if reason:
            raise InputError(reason)
        world = np.array(body.matrix_world, dtype=np.float64)
        if not np.isfinite(world).all():
            raise InputError(f"{body.name} has a transform that is no number; clear it first (Object > Clear)")
        if abs(np.linalg.det(world[:3, :3])) < 1e-18:
            raise InputError(f"{body.name} is scaled to nothing; give it a size first")
        body.data.calc_loop_triangles()
        flat = np.empty(len(body.data.loop_triangles) * 3, dtype=np.int32)
        body.data.loop_triangles.foreach_get("vertices", flat)
        corners = flat.reshape(-1, 3).astype(np.int64)
        if np.linalg.det(world[:3, :3]) < 0:
            corners = corners[:, ::-1]
        triangles.append(corners + first[-1])
        rest = _rest(body).astype(np.float64)
        wrong = np.flatnonzero(~np.isfinite(rest).all(axis=1))
        if len(wrong):
            raise InputError(
                f"{body.name} has {len(wrong)} vertices that are no numbers, the first is {wrong[0]}; delete them"
            )
        points.append(rest @ world[:3, :3].T + world[:3, 3])
        first.append(first[-1] + len(points[-1]))
    mesh = Mesh(np.concatenate(points), np.concatenate(triangles))
    return Gathered(mesh, tuple(body.name for body in bodies), np.array(first))


def _rest(body: bpy.types.Object) -> np.ndarray:
    keys = body.data.shape_keys
    return meshes.points_of(keys.reference_key if keys is not None else body.data.vertices)


def write(gathered: Gathered, rigged: RiggedMesh, options: RigOptions, scene: bpy.types.Scene) -> Written:
    """Give objects their shapes, and an armature; what they have stays. Raises `InputError` when they changed."""
    bodies: list[Any] = [scene.objects.get(name) for name in gathered.names]
    for number, body in enumerate(bodies):
        there = gathered.part(number)
        if body is None or body.type != "MESH" or len(body.data.vertices) != there.stop - there.start:
            raise InputError(f"{gathered.names[number]} has gone or was changed meanwhile; try again")
    skin = [int((rigged.piece[gathered.part(k)] == "skin").sum()) for k in range(len(bodies))]
    face = bodies[int(np.argmax(skin))]
    kept: list[str] = []
    rig = _armature(face, rigged, scene) if rigged.joint_names else None
    count = 0
    for body in sharing(bodies):
        body.data = body.data.copy()
    for number, body in enumerate(bodies):
        part = gathered.part(number)
        names = _keys(body, rigged, part, body == face, kept)
        count += len(names)
        if rig is not None:
            _bind(body, rig, rigged, part, kept)
        correctives.connect(body, rig, names)
        body[RIGGED] = json.dumps({"options": asdict(options), "error": round(rigged.error, 5)})
    select_only(face)
    return Written(count, tuple(dict.fromkeys(kept)), rig)


def _keys(body: bpy.types.Object, rigged: RiggedMesh, part: slice, every: bool, kept: list[str]) -> list[str]:
    """Add the shape keys that move an object, or `every` one; names them."""
    rest = _rest(body)
    back = np.linalg.inv(np.array(body.matrix_world, dtype=np.float64)[:3, :3]).T
    shapes = rigged.shapes[:, part]
    moving = {
        name
        for name, delta in zip(rigged.shape_names, shapes, strict=True)
        if every or np.abs(delta).max(initial=0) > STILL * rigged.frame.scale
    }
    moving |= {channel for name in moving & set(CORRECTIVES) for channel in CORRECTIVES[name].channels}
    if moving and body.data.shape_keys is None:
        body.shape_key_add(name="Basis", from_mix=False).value = 0.0
    keys, active = body.data.shape_keys, body.active_shape_key_index
    names = []
    for name, delta in zip(rigged.shape_names, shapes, strict=True):
        if name not in moving:
            continue
        if name in keys.key_blocks:
            kept.append(name)
            continue
        key = body.shape_key_add(name=name, from_mix=False)
        key.value = 0.0
        key.points.foreach_set("co", np.ascontiguousarray(rest + delta @ back, dtype=np.float32).ravel())
        names.append(name)
    body.active_shape_key_index = active
    return names


def _armature(face: bpy.types.Object, rigged: RiggedMesh, scene: bpy.types.Scene) -> bpy.types.Object:
    """Make the rig where the head is: built at the size and in the direction that heads usually have, and moved."""
    rig = armatures.new_armature(f"{face.name} Rig", _as_head(rigged), home(face), scene)
    frame = np.eye(4)
    frame[:3, :3] = rigged.frame.scale * rigged.frame.turn
    frame[:3, 3] = rigged.frame.shift
    rig.matrix_world = Matrix(frame.tolist())
    bpy.context.view_layer.update()
    return rig


def _as_head(rigged: RiggedMesh) -> Head:
    """What an armature is built from, in the frame of generated heads."""
    rows = np.isin(rigged.piece, ("skin", "eye_left", "eye_right"))
    return Head(
        neutral=rigged.frame.inward(rigged.points[rows]).astype(np.float32),
        faces=np.zeros((0, 4), np.int32),
        uv=np.zeros((0, 4, 2), np.float32),
        part=np.zeros(0, "<U1"),
        colors=np.zeros((0, 4), np.float32),
        shape_names=(),
        shapes=np.zeros((0, int(rows.sum()), 3), np.float32),
        joint_names=rigged.joint_names,
        joint_parents=rigged.joint_parents,
        joints=rigged.frame.inward(rigged.joints).astype(np.float32),
        joint_tails=rigged.frame.inward(rigged.joint_tails).astype(np.float32),
        skin_weights=rigged.weights[rows],
    )


def _bind(body: bpy.types.Object, rig: bpy.types.Object, rigged: RiggedMesh, part: slice, kept: list[str]) -> None:
    """Give an object weights and let the rig move it; vertex groups of the same names stay as they are."""
    there = {group.name for group in body.vertex_groups}
    weights = rigged.weights[part]
    used = weights.max(axis=0, initial=0) > 0
    fresh = [k for k, name in enumerate(rigged.joint_names) if DEFORM + name not in there and used[k]]
    kept += [DEFORM + name for name in rigged.joint_names if DEFORM + name in there]
    head = replace(
        _as_head(rigged), joint_names=tuple(rigged.joint_names[k] for k in fresh), skin_weights=weights[:, fresh]
    )
    meshes.add_skin_weights(body, head)
    if rig_of(body) is None:
        modifier: Any = body.modifiers.new("Armature", "ARMATURE")
        modifier.object = rig
        body.modifiers.move(len(body.modifiers) - 1, 0)
    if body.parent is None:
        body.parent = rig
        body.matrix_parent_inverse = rig.matrix_world.inverted()
