"""Mesh sequences into files that Blender writes: Alembic, glTF, .blend."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
import numpy as np

from ...core.errors import OutputError
from ...core.formats import pc2
from ...core.formats.times import scene_frame
from ...core.progress import Progress, silent
from ...core.sequence import MeshSequence
from .. import compat
from . import motions
from .exports import call

if TYPE_CHECKING:
    from ...core.stabilize.stabilize import StabilizeResult

FIRST = 1
"""Scene frame of a sequence's first frame when it does not say."""
LINEAR = 1
"""Index of LINEAR among the interpolations of keys; foreach_set takes numbers."""


def write(
    path: Path, sequence: MeshSequence, result: StabilizeResult | None = None, progress: Progress = silent
) -> None:
    """Write a sequence through the open scene, which must be empty and run at its rate; the ending decides how.

    `.abc` holds it frame by frame; `.blend` plays it from a PC2 beside it; `.glb` has a morph target per frame. A set
    of expressions becomes shape keys where there are any, and frames in `.abc`. The skull's motion in a `result` goes
    with a sequence on an empty. Raises `OutputError`.
    """
    if result is not None and sequence.fps is not None:
        name, start, scene = f"{path.stem} skull", times(sequence)[0], bpy.context.scene.collection
        motions.add_empty(name, result.track, result.place, result.metres, start, scene)
    try:
        WRITERS[path.suffix.lower()](path, sequence, progress)
    except RuntimeError as error:
        lines = [line for line in str(error).splitlines() if line.strip()] or ["no reason given"]
        raise OutputError(f"{path}: Blender could not write it: {lines[-1]}") from error
    if not path.is_file() or not path.stat().st_size:
        raise OutputError(f"{path}: Blender wrote nothing there")


def _abc(path: Path, sequence: MeshSequence, progress: Progress) -> None:
    with tempfile.TemporaryDirectory(prefix=".headroom-", dir=path.parent) as folder:
        cache = Path(folder) / "frames.pc2"
        pc2.write(cache, sequence, progress)
        body = add_mesh(path.stem, sequence)
        add_cache(body, cache, sequence)
        first, last = times(sequence)
        call(
            bpy.ops.wm.alembic_export, filepath=str(path), start=first, end=last, evaluation_mode="VIEWPORT",
            uvs=False, normals=False, packuv=False, face_sets=False, export_hair=False, export_particles=False,
        )  # fmt: skip


def _blend(path: Path, sequence: MeshSequence, progress: Progress) -> None:
    body = add_mesh(path.stem, sequence)
    if sequence.fps is None:
        add_keys(body, sequence, progress)
    else:
        cache = pc2.beside(path)
        pc2.write(cache, sequence, progress)
        add_cache(body, cache, sequence)
        body.modifiers[0].filepath = f"//{cache.name}"  # type: ignore[attr-defined]
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True, compress=True, relative_remap=False)


def _glb(path: Path, sequence: MeshSequence, progress: Progress) -> None:
    body = add_mesh(path.stem, sequence)
    add_keys(body, sequence, progress)
    if sequence.fps is not None:
        play_keys(body, sequence)
    with compat.rate_for_gltf():
        call(
            bpy.ops.export_scene.gltf, filepath=str(path), export_format="GLB", export_morph=True,
            export_morph_normal=False, export_normals=False, export_try_sparse_sk=True,
            export_animations=sequence.fps is not None, export_animation_mode="SCENE",
            export_anim_scene_split_object=False, export_force_sampling=True, export_optimize_animation_size=False,
            export_extras=False, export_materials="NONE",
        )  # fmt: skip


WRITERS = {".abc": _abc, ".blend": _blend, ".glb": _glb}


def add_mesh(name: str, sequence: MeshSequence) -> bpy.types.Object:
    """Put the first frame of a sequence into the scene, and let the scene show all of its frames."""
    body = bpy.data.objects.new(name, new_mesh(name, sequence))
    scene = bpy.context.scene
    scene.collection.objects.link(body)
    scene.frame_start, scene.frame_end = times(sequence)
    scene.frame_set(scene.frame_start)
    return body


def new_mesh(name: str, sequence: MeshSequence) -> bpy.types.Mesh:
    """Make a mesh of the first frame of a sequence."""
    mesh = bpy.data.meshes.new(name)
    points = np.ascontiguousarray(sequence.vertices[0:1][0], np.float32)
    mesh.vertices.add(len(points))
    mesh.vertices.foreach_set("co", points.ravel())
    if sequence.faces is not None:
        kept = sequence.faces >= 0
        sizes, corners = kept.sum(axis=1), sequence.faces[kept]
        mesh.loops.add(len(corners))
        mesh.polygons.add(len(sizes))
        mesh.polygons.foreach_set("loop_start", np.r_[0, np.cumsum(sizes)[:-1]].astype(np.int32))
        mesh.loops.foreach_set("vertex_index", corners.astype(np.int32))
    mesh.update(calc_edges=True)
    mesh.shade_smooth()
    return mesh


def times(sequence: MeshSequence) -> tuple[int, int]:
    """Give the scene frames of the first and the last frame: its own, when its frames are called by them."""
    own = scene_frame(sequence.names[0]) if sequence.names else None
    first = FIRST if own is None else own
    return first, first + sequence.frame_count - 1


def add_cache(body: bpy.types.Object, cache: Path, sequence: MeshSequence) -> None:
    """Let a mesh play a PC2 file, one sample per scene frame."""
    modifier: Any = body.modifiers.new("Stabilized", "MESH_CACHE")
    modifier.cache_format = "PC2"
    modifier.filepath = str(cache)
    modifier.frame_start = times(sequence)[0]


def add_keys(body: bpy.types.Object, sequence: MeshSequence, progress: Progress) -> None:
    """Give a mesh a shape key per frame, called as the frames are; the first is the basis."""
    names = sequence.names or tuple(f"{frame:04d}" for frame in range(sequence.frame_count))
    for frame, name in enumerate(names):
        progress(frame / len(names), "Writing frames")
        key = body.shape_key_add(name=name if frame or sequence.names else "Basis", from_mix=False)
        key.value = 0.0  # Blender 5.0 starts keys at 1
        key.points.foreach_set("co", np.ascontiguousarray(sequence.vertices[frame : frame + 1], np.float32).ravel())


def play_keys(body: bpy.types.Object, sequence: MeshSequence) -> None:
    """Animate a mesh's shape keys so that one after the other is shown; between two frames it is between the two."""
    keys = body.data.shape_keys
    action = bpy.data.actions.new(body.name)
    first = times(sequence)[0]
    for frame, key in enumerate(keys.key_blocks):
        if not frame:
            continue
        near = np.arange(frame - 1, min(frame + 2, sequence.frame_count))
        points = np.stack([first + near, near == frame], axis=1).astype(np.float32)
        curve = compat.fcurve(action, "KEY", key.path_from_id("value"))
        curve.keyframe_points.add(len(near))
        curve.keyframe_points.foreach_set("co", points.ravel())
        curve.keyframe_points.foreach_set("interpolation", np.full(len(near), LINEAR, np.int32))
        curve.update()
    compat.play(keys.animation_data_create(), action)
