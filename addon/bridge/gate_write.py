"""Baked heads into files: one that holds every clip, or one per clip where a format holds one."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ...core.errors import InputError, OutputError
from ...core.formats import pc2
from ...core.progress import Progress
from . import exports, gate_sample
from .gate_clips import Clip
from .gate_copy import Doubles, called_alike, new_scene, shown
from .gate_sample import Motion

ENDINGS = (".glb", ".fbx", ".usdc", ".abc", ".csv")
TOGETHER = (".glb",)
"""Formats with all clips in one file."""
ZERO = (".glb", ".fbx", ".csv")
"""Formats whose clips begin at time 0, as games want them; the others keep the scene's frames, as films do."""

METRES = (".glb",)
"""Formats that count metres, whatever the scene counts; Blender's writer leaves that to us."""
WORDS = (".usdc",)
"""Formats that take letters, digits and underscores alone in names."""


def able(ending: str) -> None:
    """Raise `InputError` when this Blender was built without a format."""
    built = bpy.app.build_options
    if (ending == ".usdc" and not built.usd) or (ending == ".abc" and not built.alembic):
        raise InputError(f"this Blender was built without {ending}; use one from blender.org, or another format")


def files_of(path: Path, clips: list[Clip]) -> list[Path]:
    """Name the file of every clip."""
    if len(clips) == 1 or path.suffix.lower() in TOGETHER:
        return [path] * len(clips)
    names = [bpy.path.clean_name(clip.name) for clip in clips]
    names = [f"{name}_{number}" if name in names[:number] else name for number, name in enumerate(names)]
    return [path.with_name(f"{path.stem}@{name}{path.suffix}") for name in names]


def keyed(path: Path, made: Doubles, motions: list[Motion]) -> None:
    """Write plain doubles with the motions that lie on them. Raises `OutputError`."""
    ending, bodies = path.suffix.lower(), list(made.meshes.values())
    first = 0 if ending in ZERO else motions[0].clip.first
    made.scene.frame_start = first
    made.scene.frame_end = first + max(motion.frames for motion in motions) - 1
    made.scene.frame_set(first)
    with called_alike(made), shown(made.scene):
        exports.export(path, bodies[0], bodies[1:], list(made.rigs.values()), clips=ending in TOGETHER)


def vertices(path: Path, made: Doubles, clip: Clip, scene: bpy.types.Scene, progress: Progress) -> Motion:
    """Write where the vertices of the doubles stand at every frame, all modifiers applied, as Alembic.

    Raises `OutputError`, also for a mesh whose number of vertices changes.
    """
    with tempfile.TemporaryDirectory(prefix=".headroom-", dir=path.parent) as folder:
        caches = {thing: Path(folder) / f"{number}.pc2" for number, thing in enumerate(made.meshes)}
        frames = clip.last - clip.first + 1
        graph = made.graph(clip.first)
        stage, counts = new_scene(scene), {}
        for thing, copy in made.meshes.items():
            mesh = bpy.data.meshes.new_from_object(copy.evaluated_get(graph), depsgraph=graph)
            still = bpy.data.objects.new("cache", mesh)
            stage.collection.objects.link(still)
            counts[thing] = len(mesh.vertices)
            modifier: Any = still.modifiers.new("Cache", "MESH_CACHE")
            modifier.cache_format, modifier.filepath = "PC2", str(caches[thing])
            modifier.frame_start = clip.first
            caches[thing].write_bytes(pc2.HEADER.pack(pc2.MAGIC, pc2.VERSION, counts[thing], 0.0, 1.0, frames))

        def keep(frame: int, graph: bpy.types.Depsgraph) -> None:
            for thing, copy in made.meshes.items():
                points = gate_sample.world_points(copy, graph)
                if len(points) != counts[thing]:
                    raise OutputError(
                        f"{path}: {thing.name} has {len(points)} vertices at frame {clip.first + frame} and "
                        f"{counts[thing]} before; only a mesh that keeps its vertices can be written"
                    )
                with caches[thing].open("ab") as file:
                    file.write(np.ascontiguousarray(points, "<f4").tobytes())

        motion = gate_sample.sample(made, clip, progress, keep)
        twins = Doubles(stage, dict(zip(made.meshes, stage.collection.objects, strict=True)))
        stage.frame_start, stage.frame_end = clip.first, clip.last
        stage.frame_set(clip.first)
        with called_alike(twins), shown(stage):
            exports.alembic(path, clip.first, clip.last)
        bpy.data.scenes.remove(stage)
    return motion
