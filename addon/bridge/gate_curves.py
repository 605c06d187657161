"""Live Link Face CSVs out of a head: its channels, clip by clip, and whether they can be read as they were meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ...core.errors import InputError
from ...core.formats import gate_compare, livelink
from ...core.formats.gate import ExportOptions, Line
from ...core.performance import Performance
from ...core.progress import Progress, part
from . import gate_clips, gate_sample, gate_table, gate_traps
from .actions import HEAD_TURNS
from .gate_bake import local_poses
from .gate_check import Findings
from .gate_clips import Clip
from .gate_copy import Doubles
from .gate_sample import Motion
from .sound import frames_per_second


def export(
    files: list[Path], made: Doubles, clips: list[Clip], scene: bpy.types.Scene, options: ExportOptions,
    progress: Progress,
) -> Findings:  # fmt: skip
    """Write the channels of ARKit in every clip, and check what the table says and what a head makes of it."""
    found, motions = Findings(), []
    for number, (path, clip) in enumerate(zip(files, clips, strict=True)):
        share = part(progress, 0.8 * number / len(files), 0.8 * (number + 1) / len(files))
        gate_clips.play(made, clip, clips)
        motion = gate_sample.sample(made, clip, part(share, 0.0, 0.6))
        if options.check:
            gate_sample.look(made, motion, options.samples, part(share, 0.6, 1.0))
        motions.append(motion)
        performance = performance_of(made, motion, frames_per_second(scene))
        livelink.write(path, performance)
        if options.check:
            _table(path, performance, motion, found)
    if options.check:
        found.kept = len({key for motion in motions for key in gate_table.answering(made, motion)})
        progress(0.8, "Checking")
        gate_table.check(files, made, motions, scene, options, found, part(progress, 0.8, 1.0))
    found.lines += gate_traps.out_of_range(motions)
    return found


def performance_of(made: Doubles, motion: Motion, fps: float) -> Performance:
    """Read the channels of Live Link Face off a motion.

    Raises `InputError` when no key answers one.
    """
    columns: dict[str, np.ndarray] = {}
    for (thing, key), channel in gate_table.answering(made, motion).items():
        columns.setdefault(channel, motion.values[thing][:, motion.keys[thing].index(key)])
    if not columns:
        raise InputError(
            "no shape key has a name of ARKit such as jawOpen: press Recognize Keys when they do the same under others"
        )
    for rig in made.rigs:
        if "head" in rig.data.bones:
            bone: Any = rig.data.bones.find("head")
            local = local_poses(rig, motion.poses[rig])[:, bone]
            angles = _angles(local)
            columns |= {channel: sign * angles[:, axis] for channel, (axis, sign) in HEAD_TURNS.items()}
            break
    table = np.stack([np.asarray(column, np.float32) for column in columns.values()], axis=1)
    return Performance(fps, tuple(columns), tuple(livelink.layer_of(name) for name in columns), table)


def _angles(turns: np.ndarray) -> np.ndarray:
    """Give the angles about x, y and z, in that order, of matrices (F, 4, 4), (F, 3), without jumps."""
    from scipy.spatial.transform import Rotation

    return np.unwrap(Rotation.from_matrix(turns[:, :3, :3]).as_euler("xyz"), axis=0)


def _table(path: Path, meant: Performance, motion: Motion, found: Findings) -> None:
    """Compare a table with what was meant to be in it."""
    back, flat = livelink.read(path), meant.flatten()
    if back.frame_count != motion.frames or abs(back.fps - meant.fps) > 0.01 * meant.fps:
        why = f"{path.name} reads as {back.frame_count} frames of {back.fps:g}, not {motion.frames} of {meant.fps:g}"
        found.lines.append(Line("time", path.name, why))
        return
    after = np.stack([back.channel(name) for name in flat.channels], axis=1)
    found.lines += gate_compare.values(path.name, motion.clip.name, flat.channels, flat.values, after)
