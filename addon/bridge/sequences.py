"""Mesh sequences out of files that Blender reads, and out of what moves in its scene."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ...core.errors import InputError
from ...core.formats import alembic, glb, sequences
from ...core.formats.frames import Spool
from ...core.formats.times import Times, scene_names
from ...core.sequence import MeshSequence
from .. import compat
from .meshes import evaluated_points, points_of

CACHES = ("MESH_CACHE", "MESH_SEQUENCE_CACHE")
FPS = 24.0
"""Frames per second of a cache that does not say."""


def read(path: Path, fps: float | None = None, name: str = "") -> MeshSequence:
    """Open a sequence of any kind; `.abc` and `.glb` come into the open scene, a `.blend` takes its place.

    `name` says which object is meant where several move, `fps` at which rate to look at what does not say. Frames are
    fetched when asked for, by moving the scene in time, and kept. Raises `InputError` that names the file.
    """
    path = Path(path)
    if path.is_dir() or path.suffix.lower() not in OPENERS:
        return sequences.read(path)
    with sequences.about(path):
        body, frames = _open(path, fps, name)
        return of_object(body, frames)


def read_shapes(path: Path, name: str = "") -> MeshSequence:
    """Open the shape keys of the mesh in a `.blend` or `.glb`, the basis first, whether they move or not.

    Raises `InputError` that names the file.
    """
    with sequences.about(path):
        return shapes_of(_open(Path(path), None, name)[0])


def _open(path: Path, fps: float | None, name: str) -> tuple[bpy.types.Object, range | None]:
    """Let Blender open a file; gives the mesh that is meant, and the scene frames that count where the file tells."""
    if not path.is_file():
        raise InputError("no such file")
    ending = path.suffix.lower()
    before = set(bpy.data.objects.keys()) if ending != ".blend" else set()
    try:
        frames = OPENERS[ending](path, fps)
    except RuntimeError as error:
        raise InputError(f"Blender cannot open it ({_last_line(error)})") from error
    bodies = [body for body in bpy.context.scene.objects if body.name not in before]
    return _chosen(bodies, name), frames


def _last_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1].removeprefix("Error: ")[:200] if lines else "no reason given"


def _open_blend(path: Path, fps: float | None) -> range | None:
    bpy.ops.wm.open_mainfile(filepath=str(path.resolve()), load_ui=False, use_scripts=False)
    return None


def _open_glb(path: Path, fps: float | None) -> range | None:
    return _import(path, fps, glb.times(path), _import_gltf)


def _import_gltf(filepath: str) -> None:
    with compat.rate_for_gltf():
        bpy.ops.import_scene.gltf(filepath=filepath)


def _open_abc(path: Path, fps: float | None) -> range | None:
    return _import(path, fps, alembic.times(path), bpy.ops.wm.alembic_import)


def _import(path: Path, fps: float | None, times: Times | None, operator: Any) -> range | None:
    """Import a file at its own rate, so that its frames are the scene's; gives the frames that move."""
    render = bpy.context.scene.render
    rate = times.fps if times is not None else fps or FPS
    render.fps = max(1, round(rate))
    render.fps_base = render.fps / rate
    operator(filepath=str(path.resolve()))
    return times.frames if times is not None else None


OPENERS = {".blend": _open_blend, ".glb": _open_glb, ".abc": _open_abc}


def _chosen(bodies: list[bpy.types.Object], name: str) -> bpy.types.Object:
    """Find the mesh that is meant: the one of that name, or the largest that moves or has shape keys."""
    meshes = [body for body in bodies if body.type == "MESH"]
    if name:
        found = next((body for body in meshes if body.name == name), None)
        if found is None:
            there = ", ".join(body.name for body in meshes[:8]) or "none"
            raise InputError(f"has no mesh called {name!r}; there are: {there}")
        return found
    able = [body for body in meshes if moves(body) or has_shapes(body)]
    if not able:
        raise InputError("has no mesh with animation, a cache or shape keys; nothing in it moves")
    return max(able, key=lambda body: len(body.data.vertices))


def has_shapes(body: bpy.types.Object) -> bool:
    """Tell whether a mesh has shape keys other than the basis."""
    keys = body.data.shape_keys
    return keys is not None and len(keys.key_blocks) > 1


def moves(body: bpy.types.Object) -> bool:
    """Tell whether a mesh moves in time: it, its shape keys, its parents or its rig are animated, or it has a cache."""
    return any(modifier.type in CACHES for modifier in body.modifiers) or any(
        data.action is not None or len(data.nla_tracks) for data in _animations(body)
    )


def _animations(body: bpy.types.Object) -> list[bpy.types.AnimData]:
    """Find all that may move a mesh."""
    owners: list[Any] = [body.data.shape_keys] if body.data.shape_keys is not None else []
    waiting: list[bpy.types.Object | None] = [body]
    while waiting:
        one = waiting.pop()
        if one is not None and one not in owners:
            owners.append(one)
            waiting.append(one.parent)
            rigs: list[Any] = [modifier for modifier in one.modifiers if modifier.type == "ARMATURE"]
            waiting += [modifier.object for modifier in rigs]
    return [owner.animation_data for owner in owners if owner.animation_data is not None]


def of_object(body: bpy.types.Object, frames: range | None = None) -> MeshSequence:
    """Look at a mesh as a sequence, in world space: in time when it moves, else one frame for each of its shape keys.

    `frames` are the scene's that count; without them those that its animation and the scene have in common. Raises
    `InputError`.
    """
    if moves(body):
        return _in_time(body, frames if frames is not None else _range(body))
    return shapes_of(body)


def shapes_of(body: bpy.types.Object) -> MeshSequence:
    """Look at a mesh's shape keys as a set of expressions in world space, the basis first. Raises `InputError`."""
    if not has_shapes(body):
        raise InputError(f"{body.name} does not move: it has no animation, no cache and no shape keys")
    world = np.array(body.matrix_world, np.float32)
    keys = body.data.shape_keys.key_blocks
    points = np.stack([points_of(key) for key in keys])
    return MeshSequence(points @ world[:3, :3].T + world[:3, 3], None, faces_of(body.data), tuple(keys.keys()))


def _in_time(body: bpy.types.Object, frames: range) -> MeshSequence:
    scene, name = bpy.context.scene.name, body.name  # names: pointers may not outlive the next step of undo
    render = bpy.context.scene.render
    bpy.data.scenes[scene].frame_set(frames[0])
    first = evaluated_points(body)
    evaluated = body.evaluated_get(bpy.context.evaluated_depsgraph_get())
    shown: Any = evaluated.to_mesh()
    faces = faces_of(shown)
    evaluated.to_mesh_clear()

    names = scene_names(frames)

    def load(frame: int) -> np.ndarray:
        bpy.data.scenes[scene].frame_set(frames[frame])
        points = evaluated_points(bpy.data.objects[name])
        if len(points) != len(first):
            raise InputError(
                f"frame {frame} ({names[frame]}) has {len(points)} vertices, the first has {len(first)}; "
                "all frames must be one mesh, deformed"
            )
        return points

    spool = Spool((len(frames), len(first), 3), load)
    return MeshSequence(spool, render.fps / render.fps_base, faces, names)


def _range(body: bpy.types.Object) -> range:
    """Give the scene frames in which a mesh moves, as far as its animation and caches tell."""
    scene = bpy.context.scene
    spans = [_of_cache(modifier) for modifier in body.modifiers if modifier.type in CACHES]
    for data in _animations(body):
        spans += [(strip.frame_start, strip.frame_end) for track in data.nla_tracks for strip in track.strips]
        if data.action is not None:
            spans.append((data.action.frame_range[0], data.action.frame_range[1]))
    known = [span for span in spans if span is not None]
    first, last = scene.frame_start, scene.frame_end
    if known:
        begins, ends = int(np.floor(min(a for a, _ in known))), int(np.ceil(max(b for _, b in known)))
        if max(first, begins) < min(last, ends):
            first, last = max(first, begins), min(last, ends)
        else:  # the scene shows another time
            first, last = begins, ends
    return range(first, last + 1)


def _of_cache(modifier: Any) -> tuple[float, float] | None:
    """Give the first and the last scene frame of a cache modifier; None when it does not tell."""
    render = bpy.context.scene.render
    try:
        if modifier.type == "MESH_SEQUENCE_CACHE":
            times = alembic.times(Path(bpy.path.abspath(modifier.cache_file.filepath)))
            rate = render.fps / render.fps_base
            return None if times is None else (times.first * rate, (times.first + (times.count - 1) / times.fps) * rate)
        count = sequences.read(Path(bpy.path.abspath(modifier.filepath))).frame_count
        return modifier.frame_start, modifier.frame_start + (count - 1) * modifier.frame_scale
    except (InputError, OSError, AttributeError):
        return None


def faces_of(mesh: Any) -> np.ndarray | None:
    """Read the faces (P, C) of a mesh, -1 where one has fewer corners than others; None when it has none."""
    if not len(mesh.polygons):
        return None
    starts, sizes = np.empty(len(mesh.polygons), np.int32), np.empty(len(mesh.polygons), np.int32)
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.polygons.foreach_get("loop_start", starts)
    mesh.polygons.foreach_get("loop_total", sizes)
    mesh.loops.foreach_get("vertex_index", corners)
    column = np.arange(sizes.max())
    place = starts[:, None] + column
    return np.where(column < sizes[:, None], corners[np.minimum(place, len(corners) - 1)], -1).astype(np.int32)
