"""Stabilized faces as an artist wants to find them: a copy with a cache or shape keys, graphs, marks."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ...core.errors import InputError
from ...core.formats import sequences
from ...core.progress import silent
from ...core.sequence import MeshSequence
from ...core.stabilize.stabilize import StabilizeResult
from .. import compat
from . import actions, layers
from .captures import PendingCache, same_frame
from .heads import TAG, home
from .kept import table_of
from .meshes import points_of
from .sequence_files import add_cache, add_keys, new_mesh, play_keys, times

CAPTURE, ORIGINAL = "headroom_capture", "headroom_original"
"""Custom properties of a stabilized face: what was found, as JSON; the object that it was made from."""

RESIDUAL, CONFIDENCE = "residual_mm", "confidence"
"""Animated custom properties of a stabilized face."""

MARK = "unsure"
"""What timeline markers at frames to look at are called."""

BARS = "▁▂▃▄▅▆▇█"
WIDE = 20
"""Letters of a small graph."""

MOST = 100_000_000
"""Coordinates that shape keys may hold; a cache has no such limit."""


@dataclass(frozen=True)
class Stabilized:
    """A stabilized sequence, what was found in it, and the cache that it was written to, if it was."""

    name: str
    sequence: MeshSequence
    result: StabilizeResult
    cache: PendingCache | None


def add_face(made: Stabilized, original: bpy.types.Object | None, collection: bpy.types.Collection) -> bpy.types.Object:
    """Add a face that plays a stabilized sequence, from its cache or by a shape key per frame.

    It has the look of the original, with its modifiers applied, and stands where that does in the reference frame.
    """
    if made.cache is None and np.prod(made.sequence.vertices.shape) > MOST:
        raise InputError(f"{made.sequence.frame_count} frames are too many for shape keys; choose Cache")
    kept = made.cache.keep(f"{made.name}_stabilized") if made.cache is not None else None
    name = f"{made.name} stabilized"
    mesh = _seen(original, made) if original is not None else new_mesh(name, made.sequence)
    mesh.name = name
    body = bpy.data.objects.new(name, mesh)
    collection.objects.link(body)
    if kept is not None:
        add_cache(body, kept, made.sequence)
        if bpy.data.filepath:
            body.modifiers[0].filepath = bpy.path.relpath(str(kept))  # type: ignore[attr-defined]
    else:
        add_keys(body, made.sequence, silent)
        if made.sequence.fps is not None:
            play_keys(body, made.sequence)
    return body


def _seen(original: bpy.types.Object, made: Stabilized) -> bpy.types.Mesh:
    """Copy what is seen of a mesh in the reference frame, its vertices where they are when stabilized."""
    start, reference = times(made.sequence)[0], made.result.reference
    with same_frame(bpy.context.scene):
        bpy.context.scene.frame_set(start + reference)
        graph = bpy.context.evaluated_depsgraph_get()
        mesh = bpy.data.meshes.new_from_object(
            original.evaluated_get(graph), preserve_all_data_layers=True, depsgraph=graph
        )
        mirrored = original.matrix_world.determinant() < 0
    still = np.ascontiguousarray(made.sequence.vertices[reference : reference + 1], np.float32)
    mesh.vertices.foreach_set("co", still.ravel())
    if mirrored:
        mesh.flip_normals()
    mesh.update()
    return mesh


def add_corrected(made: Stabilized, original: bpy.types.Object) -> bpy.types.Object:
    """Add a copy of a mesh with shape keys, the skull's motion taken out of each of them; the basis stays in place."""
    body = copy(original, f"{made.name} stabilized")
    keys = body.data.shape_keys
    order = list(keys.key_blocks.keys())
    basis = order.index(keys.reference_key.name)
    track = made.result.track
    world = np.array(original.matrix_world, float)
    for number, key in enumerate(keys.key_blocks):
        if number != basis:
            still = made.sequence.vertices[number : number + 1][0].astype(float)
            held = (still - track.translation[basis]) @ track.rotation[basis]
            local = (held - world[:3, 3]) @ np.linalg.inv(world[:3, :3]).T
            key.points.foreach_set("co", np.ascontiguousarray(local, np.float32).ravel())
    body.data.update()
    return body


def copy(original: bpy.types.Object, name: str) -> bpy.types.Object:
    """Copy an object with its mesh; drivers of its shape keys listen to it. Headroom's own properties stay behind."""
    body, mesh = original.copy(), original.data.copy()
    for made in (body, mesh):
        if made.override_library is not None:
            made.make_local(clear_liboverride=True)
    body.name = mesh.name = name
    body.data = mesh
    home(original).objects.link(body)
    for mark in [key for key in body.keys() if key.startswith(TAG)]:
        del body[mark]
    keys, before = mesh.shape_keys, original.data.shape_keys
    if keys is not None and keys.animation_data is not None:
        for curve in keys.animation_data.drivers:
            for variable in curve.driver.variables:
                for target in variable.targets:
                    if target.id == before:
                        target.id = keys
    return body


def remember(body: bpy.types.Object, original: bpy.types.Object | None, made: Stabilized) -> None:
    """Keep what was found on a stabilized face: graphs that the Graph Editor shows, and numbers for the panel."""
    track, ordered = made.result.track, made.sequence.fps is not None
    body[CAPTURE] = json.dumps(
        {
            "frames": made.sequence.frame_count, "fps": made.sequence.fps, "start": times(made.sequence)[0],
            "reference": made.result.reference, "reference_name": made.sequence.names[made.result.reference],
            "metres": made.result.metres,
            "residual": [float(track.residual_mm.mean()), float(track.residual_mm.max())],
            "error": [float(track.error_mm.mean()), float(track.error_mm.max())],
            "confidence": [float(track.confidence.mean()), float(track.confidence.min())],
            "unsure": [made.sequence.names[frame] for frame in track.unsure],
            "bars": {RESIDUAL: bars(track.residual_mm), CONFIDENCE: bars(track.confidence, 1.0)},
        }
    )  # fmt: skip
    if original is not None:
        body[ORIGINAL] = original
    if ordered:
        show_graph(body, times(made.sequence)[0], {RESIDUAL: track.residual_mm, CONFIDENCE: track.confidence})


def show_graph(body: bpy.types.Object, start: int, graphs: dict[str, np.ndarray]) -> None:
    """Animate custom properties of an object, one value per frame, beside what it has; earlier ones are replaced."""
    data = body.animation_data_create()
    layers.leave_tweak_mode(body)
    if data.action is None:
        compat.play(data, bpy.data.actions.new(f"{body.name} graph"))
    for name, values in graphs.items():
        body[name] = float(values[0])
        path = f'["{name}"]'
        known = next((one for one in compat.fcurves(data.action) if one.data_path == path), None)
        curve = known or compat.fcurve(data.action, "OBJECT", path)
        actions.write_curve(curve, start + np.arange(len(values)), values)
    compat.play(data, data.action)


def bars(values: np.ndarray, most: float | None = None) -> str:
    """Draw values (F,) >= 0 as a line of letters, the largest of its frames in each; `most` is a full one."""
    pieces = np.array_split(values, min(WIDE, len(values)))
    ends = np.array([piece.min() if most is not None else piece.max() for piece in pieces])
    level = ends / max(most or float(ends.max()), 1e-9) * (len(BARS) - 1)
    return "".join(BARS[round(min(max(one, 0), len(BARS) - 1))] for one in level.tolist())


def info(body: bpy.types.Object | None) -> dict[str, Any]:
    """Give what was found when a face was stabilized; empty for anything else."""
    return table_of(body, CAPTURE)


def mark(scene: bpy.types.Scene, start: int, unsure: np.ndarray) -> None:
    """Set a timeline marker where a run of unsure frames (N,) begins, in place of those that are there."""
    unmark(scene)
    for run in np.split(unsure, np.flatnonzero(np.diff(unsure) > 1) + 1) if len(unsure) else []:
        name = MARK if len(run) == 1 else f"{MARK} ({len(run)} frames)"
        scene.timeline_markers.new(name, frame=start + int(run[0]))


def marks(scene: bpy.types.Scene) -> list[bpy.types.TimelineMarker]:
    """Give the markers that `mark` set."""
    return [marker for marker in scene.timeline_markers if marker.name == MARK or marker.name.startswith(f"{MARK} (")]


def unmark(scene: bpy.types.Scene) -> None:
    """Take the markers away again."""
    for marker in marks(scene):
        scene.timeline_markers.remove(marker)


def sequence_of(body: bpy.types.Object) -> MeshSequence:
    """Open what a stabilized face plays, without the motion of what carries it. Raises `InputError`."""
    cache: Any = next((one for one in body.modifiers if one.type == "MESH_CACHE"), None)
    fps = info(body).get("fps")
    if cache is not None:
        return replace(sequences.read(Path(bpy.path.abspath(cache.filepath))), fps=fps)
    keys = body.data.shape_keys
    if keys is None:
        raise InputError(f"{body.name} has lost its cache; stabilize the capture again")
    return MeshSequence(np.stack([points_of(key) for key in keys.key_blocks]), fps)


def original_of(body: bpy.types.Object) -> bpy.types.Object | None:
    """Give the object that a stabilized face was made from, if it was one and is still there."""
    original = body.get(ORIGINAL)
    return original if isinstance(original, bpy.types.Object) and original.name in bpy.data.objects else None
