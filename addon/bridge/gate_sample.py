"""What a head does in a clip, read off its doubles: keys, bones, places, and where vertices stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np

from ...core.formats import gate_compare
from ...core.progress import Progress, silent
from .gate_clips import Clip
from .gate_copy import Doubles

See = Callable[[int, bpy.types.Depsgraph], None]
"""Called at every frame of a clip with its number from 0 and what is evaluated there."""


@dataclass
class Motion:
    """One clip, frame by frame; arrays are by original object.

    keys     names of the shape keys but for the basis, (K,)
    values   what counts of each key, (F, K): 0 for those that are muted
    poses    bones in the space of their armature, (F, B, 4, 4)
    places   objects in the world, (F, 4, 4)
    shown    numbers of the frames that are compared, (S,)
    points   vertices in the world at these, (S, V, 3)
    baked    the same once all is keys and bones, which may not be able to hold what was there
    """

    clip: Clip
    keys: dict[bpy.types.Object, list[str]] = field(default_factory=dict)
    values: dict[bpy.types.Object, np.ndarray] = field(default_factory=dict)
    poses: dict[bpy.types.Object, np.ndarray] = field(default_factory=dict)
    places: dict[bpy.types.Object, np.ndarray] = field(default_factory=dict)
    shown: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    points: dict[bpy.types.Object, np.ndarray] = field(default_factory=dict)
    baked: dict[bpy.types.Object, np.ndarray] = field(default_factory=dict)

    @property
    def frames(self) -> int:
        return self.clip.last - self.clip.first + 1


def keys_of(thing: bpy.types.Object) -> list[Any]:
    """Give an object's shape keys without the one that the others start from."""
    keys = thing.data.shape_keys if thing.type == "MESH" else None
    return [key for key in keys.key_blocks if key != keys.reference_key] if keys is not None else []


def sample(made: Doubles, clip: Clip, progress: Progress, see: See | None = None) -> Motion:
    """Read what the doubles do in a clip, which they must be playing."""
    motion, frames = Motion(clip), clip.last - clip.first + 1
    for thing, copy in made.of.items():
        motion.keys[thing] = [key.name for key in keys_of(thing)]
        motion.values[thing] = np.zeros((frames, len(motion.keys[thing])), np.float32)
        motion.places[thing] = np.zeros((frames, 4, 4))
        if copy.pose is not None:
            motion.poses[thing] = np.zeros((frames, len(copy.pose.bones), 4, 4))
    audible = {thing: np.array([not key.mute for key in keys_of(thing)], bool) for thing in made.of}
    for frame in range(frames):
        progress(frame / frames, "Reading")
        graph = made.graph(clip.first + frame)
        for thing, copy in made.of.items():
            shown = copy.evaluated_get(graph)
            motion.places[thing][frame] = np.array(shown.matrix_world)
            if copy.pose is not None:
                flat = [np.array(bone.matrix) for bone in shown.pose.bones]
                motion.poses[thing][frame] = flat
            if motion.keys[thing]:
                blocks = copy.data.shape_keys.evaluated_get(graph).key_blocks
                now = np.empty(len(blocks), np.float32)
                blocks.foreach_get("value", now)
                basis = blocks.find(copy.data.shape_keys.reference_key.name)
                motion.values[thing][frame] = np.delete(now, basis) * audible[thing]
        if see is not None:
            see(frame, graph)
    return motion


def look(made: Doubles, motion: Motion, count: int, progress: Progress) -> None:
    """Choose the frames of a clip that are compared, and keep where the vertices stand there."""
    curves = [motion.values[thing] for thing in made.of]
    turns = [poses.reshape(motion.frames, -1) for poses in motion.poses.values()]
    motion.shown = gate_compare.sample(np.concatenate([*curves, *turns], axis=1), count)
    motion.points = seen(made, motion, motion.clip.first, progress)


def seen(
    made: Doubles, motion: Motion, first: int, progress: Progress = silent
) -> dict[bpy.types.Object, np.ndarray]:  # fmt: skip
    """Give where the vertices of the doubles stand at the compared frames of a clip that begins at frame `first`."""
    points: dict[bpy.types.Object, list[np.ndarray]] = {thing: [] for thing in made.meshes}
    for number, frame in enumerate(motion.shown.tolist()):
        progress(number / len(motion.shown), "Looking")
        graph = made.graph(first + frame)
        for thing, copy in made.meshes.items():
            points[thing].append(world_points(copy, graph))
    return {thing: np.stack(rows) for thing, rows in points.items()}


def world_points(thing: bpy.types.Object, graph: bpy.types.Depsgraph) -> np.ndarray:
    """Give where the vertices of an object stand in the world, (V, 3)."""
    shown = thing.evaluated_get(graph)
    flat = np.empty(3 * len(shown.data.vertices), np.float32)
    shown.data.vertices.foreach_get("co", flat)
    place = np.array(shown.matrix_world)
    return flat.reshape(-1, 3) @ place[:3, :3].T + place[:3, 3]
