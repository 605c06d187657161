"""Live Link Face CSVs out of a head, and the same head moved by what they hold: what comes of it elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ...core.errors import InputError
from ...core.formats import gate_compare, livelink
from ...core.formats.gate import NOTE, ExportOptions, Line
from ...core.performance import Performance
from ...core.progress import Progress, part
from ...core.rig import viseme_names
from ...core.rig.doctor import few
from . import gate_clips, gate_sample, gate_traps
from .actions import HEAD_TURNS
from .gate_bake import WIDE, local_poses
from .gate_check import Findings
from .gate_clips import Clip
from .gate_copy import Doubles
from .gate_sample import Motion
from .meshes import points_of
from .sound import frames_per_second

UNMOVED = 1e-6
"""Metres below which a key leaves a vertex where it is."""


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
        found.kept = len({key for motion in motions for key in _answering(made, motion)})
        _still(made)
        for path, motion in zip(files, motions, strict=True):
            progress(0.8, "Checking")
            _shown(livelink.read(path), made, motion, scene, options, found)
    _without(made, motions, found)
    found.lines += gate_traps.out_of_range(motions)
    return found


def performance_of(made: Doubles, motion: Motion, fps: float) -> Performance:
    """Read the channels of Live Link Face off a motion.

    Raises `InputError` when no key answers one.
    """
    columns: dict[str, np.ndarray] = {}
    for (thing, key), channel in _answering(made, motion).items():
        columns.setdefault(channel, motion.values[thing][:, motion.keys[thing].index(key)])
    if not columns:
        raise InputError("no shape key has a name of ARKit such as jawOpen, and Live Link Face has no others")
    for rig in made.rigs:
        if "head" in rig.data.bones:
            bone: Any = rig.data.bones.find("head")
            local = local_poses(rig, motion.poses[rig])[:, bone]
            angles = _angles(local)
            columns |= {channel: sign * angles[:, axis] for channel, (axis, sign) in HEAD_TURNS.items()}
            break
    table = np.stack([np.asarray(column, np.float32) for column in columns.values()], axis=1)
    return Performance(fps, tuple(columns), tuple(livelink.layer_of(name) for name in columns), table)


def _answering(made: Doubles, motion: Motion) -> dict[tuple[bpy.types.Object, str], str]:
    """Give which keys of which objects have a column: (object, key) -> channel."""
    return {
        (thing, key): channel
        for thing in made.meshes
        for channel, key in viseme_names.answers(motion.keys[thing]).get(viseme_names.ARKIT, {}).items()
        if channel in livelink.COLUMNS
    }


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


def _still(made: Doubles) -> None:
    """Take what plays off the doubles; drivers stay, as on a head that is moved by a capture."""
    for copy in made.of.values():
        for owner in (copy, getattr(copy.data, "shape_keys", None)):
            data = owner.animation_data if owner is not None else None
            if data is not None:
                data.use_nla, data.action = False, None
        for key in gate_sample.keys_of(copy):
            key.slider_min, key.slider_max, key.value = -WIDE, WIDE, 0.0


def _shown(
    back: Performance, made: Doubles, motion: Motion, scene: bpy.types.Scene, options: ExportOptions, found: Findings
) -> None:
    """Move the doubles by what a table says and see how far from the original they are; a note, since the format has
    no more columns."""
    if back.frame_count != motion.frames:
        return
    answering = _answering(made, motion)
    seen: dict[bpy.types.Object, list[np.ndarray]] = {thing: [] for thing in made.meshes}
    for frame in motion.shown.tolist():
        for (thing, name), channel in answering.items():
            made.of[thing].data.shape_keys.key_blocks[name].value = back.channel(channel)[frame]
        for copy in made.rigs.values():
            if "head" in copy.pose.bones:
                head = copy.pose.bones["head"]
                head.rotation_mode = "XYZ"
                for channel, (axis, sign) in HEAD_TURNS.items():
                    head.rotation_euler[axis] = sign * back.channel(channel)[frame]
        graph = made.graph(motion.clip.first + frame)
        for thing, copy in made.meshes.items():
            seen[thing].append(gate_sample.world_points(copy, graph))
    frames = [motion.clip.first + int(frame) for frame in motion.shown]
    scale = scene.unit_settings.scale_length
    for thing, points in seen.items():
        off = np.linalg.norm(np.stack(points) - motion.points[thing], axis=2).max(axis=0, initial=0.0) * scale * 1e3
        error, where, _ = gate_compare.points(
            thing.name, motion.clip.name, motion.points[thing], np.stack(points), frames, np.inf, True, scale
        )
        if found.error is None or error > found.error:
            found.error, found.worst = error, where
        names, reach = _lacking(made, [motion], thing), np.zeros(len(off), bool)
        for key in gate_sample.keys_of(made.of[thing]):
            if key.name in names:
                reach |= np.abs(points_of(key) - points_of(key.relative_key)).max(axis=1) > UNMOVED
        if reach.any() and not reach.all():
            why = f"where these move nothing, {thing.name} is up to {off[~reach].max():.3f} mm off by its table"
            found.lines.append(Line("no_column", thing.name, why, NOTE, 0))


def _without(made: Doubles, motions: list[Motion], found: Findings) -> None:
    """Tell which keys move and have no column."""
    for thing in made.meshes:
        lacking = _lacking(made, motions, thing)
        if lacking:
            why = f"Live Link Face has no column for {len(lacking)} keys of {thing.name} that move: {few(lacking, 4)}"
            found.lines.append(Line("no_column", thing.name, why, NOTE, len(lacking)))


def _lacking(made: Doubles, motions: list[Motion], thing: bpy.types.Object) -> list[str]:
    """Name the keys that move and have neither a column nor a driver that makes them follow those that do."""
    data = thing.data.shape_keys.animation_data if thing.data.shape_keys is not None else None
    driven = [gate_clips.KEY.match(curve.data_path) for curve in data.drivers] if data is not None else []
    follow = {match[1] for match in driven if match}
    having = {key for (other, key) in _answering(made, motions[0]) if other == thing}
    moved = set().union(*(gate_compare.moved(one.keys[thing], one.values[thing]) for one in motions))
    return sorted(moved - having - follow)
