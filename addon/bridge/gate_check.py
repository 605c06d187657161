"""A file that was read back against what the doubles did: objects, keys, their values, vertices, clips."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import bpy
import numpy as np

from ...core.formats import gate_compare, gate_points
from ...core.formats.gate import LOST, ExportOptions, Line
from ...core.formats.gate_points import Apart
from . import gate_read, gate_traps
from .gate_copy import Doubles
from .gate_read import Back
from .gate_sample import Motion

SPELLED = {".glb": "glTF", ".fbx": "FBX", ".usdc": "USD", ".abc": "Alembic"}
"""Formats as people call them."""

KEEPS_ORDER = (".fbx", ".usdc", ".abc")
"""Formats that keep the order of vertices; glTF splits them at seams."""


WHOLE = (".usdc",)
"""Formats whose clips are tables of all keys and all joints, so that none can be left open."""


@dataclass
class Findings:
    """What was found in the files so far: keys under their own names, the largest error in mm and where, lines.

    lacks   the largest error by what the format cannot hold alone, in mm
    way     the largest one by all else
    """

    kept: int | None = None
    error: float | None = None
    worst: str = ""
    lacks: float | None = None
    way: float | None = None
    lines: list[Line] = field(default_factory=list)

    def points(
        self, thing: bpy.types.Object, motion: Motion, after: np.ndarray, options: ExportOptions, ending: str,
        scale: float,
    ) -> None:  # fmt: skip
        """Compare the vertices of an object (S, W, 3) in a clip."""
        frames = [motion.clip.first + int(frame) for frame in motion.shown]
        held = motion.baked.get(thing)
        causes = gate_traps.not_held(thing) if held is not None else []
        made, lines = gate_points.points(
            thing.name, motion.clip.name, motion.points[thing], after, frames, options, ending in KEEPS_ORDER, scale,
            held, causes, SPELLED[ending],
        )  # fmt: skip
        self.keep(made)
        self.lines += lines

    def keep(self, made: Apart) -> None:
        """Keep the largest errors."""
        if self.error is None or made.total.error > self.error:
            self.error, self.worst = made.total.error, made.total.where
        self.lacks = max(self.lacks or 0.0, made.lacks.error)
        self.way = max(self.way or 0.0, made.way.error)


def keyed(
    files: list[Path], made: Doubles, motions: list[Motion], like: bpy.types.Scene, options: ExportOptions,
    first: int | None,
) -> Findings:  # fmt: skip
    """Read files with shape keys back, one after the other, and compare every clip; `first` is the frame at which
    clips begin in the files, None their own."""
    found = Findings(kept=0)
    moving, curves = {}, {}
    for path in dict.fromkeys(files):
        inside = [motion for file, motion in zip(files, motions, strict=True) if file == path]
        with gate_read.read_back(path, like, list(made.meshes)) as back:
            if path == files[0]:
                _names(found, back, made, motions[0])
            for motion in inside:
                name, only = motion.clip.name, len(inside) == 1
                if not back.play(name, only):
                    if _moves(motion):
                        found.lines.append(Line("clip_lost", name, f"clip {name} is not in {path.name}"))
                    continue
                _clip(found, back, motion, motion.clip.first if first is None else first, options, path, like)
                curves[name] = _curves(back, made, motion, name, only)
                moving[name] = {
                    thing.name: gate_compare.moved(keys, motion.values[thing]) for thing, keys in motion.keys.items()
                } | {rig.name: _turned(rig, motion) & back.bones() for rig in made.rigs}
    if len(motions) > 1 and files[0].suffix.lower() not in WHOLE:
        found.lines += gate_compare.bleed(moving, curves)
    return found


def cache(
    path: Path, made: Doubles, motion: Motion, like: bpy.types.Scene, options: ExportOptions, found: Findings
) -> None:
    """Read a vertex cache back and compare it."""
    with gate_read.read_back(path, like, list(made.meshes)) as back:
        for thing in made.meshes:
            if thing not in back.things:
                found.lines.append(Line("object_lost", thing.name, f"{thing.name} is not in {path.name}"))
        points = back.points([motion.clip.first + int(frame) for frame in motion.shown])
        for thing, after in points.items():
            found.points(thing, motion, after, options, ".abc", like.unit_settings.scale_length)


def _names(found: Findings, back: Back, made: Doubles, motion: Motion) -> None:
    for thing in made.meshes:
        names = motion.keys[thing]
        if thing not in back.things:
            found.lines.append(Line("object_lost", thing.name, f"{thing.name} is not in the file", LOST, len(names)))
            continue
        there = gate_read.names_of(back.things[thing])
        found.kept = (found.kept or 0) + len(set(names) & set(there))
        found.lines += gate_compare.keys(thing.name, names, there, gate_compare.moved(names, motion.values[thing]))


def _clip(
    found: Findings, back: Back, motion: Motion, first: int, options: ExportOptions, path: Path, like: bpy.types.Scene
) -> None:
    frames = [first + int(frame) for frame in motion.shown]
    shown = back.points(frames)
    for thing, points in shown.items():
        found.points(thing, motion, points, options, path.suffix.lower(), like.unit_settings.scale_length)
        names = motion.keys[thing]
        pairs = gate_compare.pair(names, gate_read.names_of(back.things[thing]))
        there = [name for name in names if name in pairs]
        if there:
            columns = [names.index(name) for name in there]
            after = back.values(thing, [pairs[name] for name in there], frames)
            before = motion.values[thing][motion.shown][:, columns]
            found.lines += gate_compare.values(thing.name, motion.clip.name, there, before, after)


def _curves(back: Back, made: Doubles, motion: Motion, clip: str, only: bool) -> dict[str, set[str]]:
    """Name what a clip of a file has curves for, by the names of the originals."""
    there = back.keyed(clip, only)
    found: dict[str, set[str]] = {}
    for thing, other in back.things.items():
        pairs = gate_compare.pair(motion.keys[thing], gate_read.names_of(other))
        found[thing.name] = {name for name, new in pairs.items() if new in there.get(other.data.name, set())}
    for rig in made.rigs:
        found[rig.name] = set().union(*(there.get(other.name, set()) for other in back.rigs))
    return found


def _turned(rig: bpy.types.Object, motion: Motion) -> set[str]:
    from .gate_bake import local_poses

    local = local_poses(rig, motion.poses[rig]).reshape(motion.frames, len(rig.data.bones), 16)
    wide = np.ptp(local, axis=0).max(axis=1)
    return {bone.name for bone, width in zip(rig.data.bones, wide, strict=True) if width > gate_compare.MOVES}


def _moves(motion: Motion) -> bool:
    tables = [*motion.values.values(), *motion.places.values(), *motion.poses.values()]
    return any(table.size and np.ptp(table, axis=0).max() > gate_compare.MOVES for table in tables)
