"""A head moved by nothing but a Live Link table: what has no column is told from what the table says wrongly.

The doubles are moved twice by what has a column, and by nothing else: as it is here, and as the file says. What is off
the first time has no column and is named; what is off the second time beside that went wrong on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ...core.formats import gate_compare, gate_points, livelink
from ...core.formats.gate import ExportOptions
from ...core.formats.gate_points import NAMED
from ...core.performance import Performance
from ...core.progress import Progress
from ...core.rig import viseme_names
from ...core.rig.doctor import few
from . import gate_clips, gate_sample, keymaps
from .actions import HEAD_TURNS
from .gate_bake import WIDE, moves_itself
from .gate_check import Findings
from .gate_copy import Doubles
from .gate_sample import Motion, keys_of
from .meshes import points_of

HEAD = "head"
"""The bone that Live Link turns."""
PLACES = ("location", "rotation_", "scale", "delta_")
"""How the paths of an object's own place, or of a bone's, begin."""

Cast = dict[bpy.types.Object, np.ndarray]
"""An array of each original."""
Value = Callable[[bpy.types.Object, str, int], float]
"""What a key of an object with a column is at a frame of a clip, counted from 0."""
Turn = Callable[[bpy.types.Object, int], np.ndarray]
"""How a rig's head is turned there: angles about x, y and z, (3,)."""


@dataclass
class Shown:
    """The doubles at the compared frames: vertices (S, V, 3), bones' own channels (S, B, 4, 4), keys (S, K)."""

    points: Cast = field(default_factory=dict)
    bones: Cast = field(default_factory=dict)
    keys: Cast = field(default_factory=dict)


def answering(made: Doubles, motion: Motion) -> dict[tuple[bpy.types.Object, str], str]:
    """Give which keys of which objects have a column: (object, key) -> channel, by the key map where one is stored.

    A key that answers but a part of a channel has none: a table could not say it.
    """
    found: dict[tuple[bpy.types.Object, str], str] = {}
    for thing in made.meshes:
        keys = motion.keys[thing]
        named: Mapping[str, str] = viseme_names.answers(keys).get(viseme_names.ARKIT, {})
        if keymaps.has_map(thing):
            whole = (entry for entry in keymaps.own_map(thing).entries if entry.weight == 1.0 and entry.key in keys)
            named = {entry.channel: entry.key for entry in whole}
        found |= {(thing, key): channel for channel, key in named.items() if channel in livelink.COLUMNS}
    return found


def check(
    files: list[Path], made: Doubles, motions: list[Motion], scene: bpy.types.Scene, options: ExportOptions,
    found: Findings, progress: Progress,
) -> None:  # fmt: skip
    """Compare every clip of the doubles with what its table makes of them; they serve for nothing else afterwards."""
    clips = [motion.clip for motion in motions]
    own = []
    for motion in motions:
        gate_clips.play(made, motion.clip, clips)
        own.append(_channels(made, motion))
    loose, turning = _still(made), _turned_by_hand(made)
    for number, (path, motion, bones) in enumerate(zip(files, motions, own, strict=True)):
        progress(number / len(files), "Checking")
        table = livelink.read(path)
        if table.frame_count != motion.frames:
            continue
        columns = answering(made, motion)
        _rest(made, motion, columns, bones, loose)
        held = _play(made, motion, columns, turning, _here(motion), _turns(bones, motion))
        after = _play(made, motion, columns, turning, *_there(table, columns))
        for thing in made.meshes:
            names = _lacking(thing, made, motion, columns, held, bones, loose)
            _compare(thing, motion, held, after, names, scene, options, found)


def _compare(
    thing: bpy.types.Object, motion: Motion, held: Shown, after: Shown, names: list[str], scene: bpy.types.Scene,
    options: ExportOptions, found: Findings,
) -> None:  # fmt: skip
    """Tell how far a mesh is off by its table, and by which of the names that have no column."""
    frames = [motion.clip.first + int(frame) for frame in motion.shown]
    before, clip = motion.points[thing], motion.clip.name
    made = gate_points.apart(
        thing.name, clip, frames, options.tolerance, scene.unit_settings.scale_length, np.arange(before.shape[1]),
        before, held.points[thing] if names else before, after.points[thing],
    )  # fmt: skip
    found.keep(made)
    found.lines += gate_points.wrong(thing.name, clip, made, before.shape[1], options.tolerance)
    if names:
        lead = f"Live Link Face has no column for {few(names, NAMED)}"
        found.lines += gate_points.not_held(thing.name, lead, clip, made.lacks, options, "no_column")


def _lacking(
    thing: bpy.types.Object, made: Doubles, motion: Motion, columns: dict[tuple[bpy.types.Object, str], str],
    held: Shown, bones: Cast, loose: set[bpy.types.Object],
) -> list[str]:  # fmt: skip
    """Name what moves a mesh and has no column: keys, those that do the most first, then bones and objects.

    Keys that drivers move by those with a column are none of them: they follow there too.
    """
    here = motion.values[thing][motion.shown]
    off = np.abs(held.keys[thing] - here).max(axis=0, initial=0.0)
    beyond = np.abs(here.clip(0.0, 1.0) - here).max(axis=0, initial=0.0)
    effect: dict[str, float] = {}
    for number, key in enumerate(keys_of(thing)):
        has_column = (thing, key.name) in columns
        if (beyond if has_column else off)[number] > gate_compare.VALUE and not key.mute:
            delta = points_of(key) - points_of(key.relative_key)
            name = f"{key.name} beyond 0 to 1" if has_column else key.name
            effect[name] = float(off[number] * np.linalg.norm(delta, axis=1).max(initial=0.0))
    names = sorted(effect, key=lambda name: -effect[name])
    for rig in made.rigs:
        names += [f"bone {name}" for name in _bones(rig, held.bones[rig], bones[rig])]
    moved = [one for one in made.of if one in loose and np.ptp(motion.places[one], axis=0).max() > gate_compare.MOVES]
    return names + [f"the place of {one.name}" for one in moved if one == thing or one in made.rigs]


def _bones(rig: bpy.types.Object, held: np.ndarray, here: np.ndarray) -> list[str]:
    """Name the bones whose own channels are others than here; those that drivers move follow other bones."""
    data = rig.animation_data
    paths = [curve.data_path for curve in data.drivers] if data is not None else []
    matches = [(match, path[match.end() :]) for path in paths if (match := gate_clips.BONE.match(path))]
    driven = {bpy.utils.unescape_identifier(match[1]) for match, rest in matches if rest.startswith(PLACES)}
    off = np.abs(held - here).max(axis=(0, 2, 3), initial=0.0)
    there = zip(rig.pose.bones, off, strict=True)
    return [bone.name for bone, much in there if much > gate_compare.MOVES and bone.name not in driven]


def _there(table: Performance, columns: dict[tuple[bpy.types.Object, str], str]) -> tuple[Value, Turn]:
    """Give keys and turns as a table says."""
    return (
        lambda thing, key, frame: table.channel(columns[thing, key])[frame],
        lambda rig, frame: np.array([sign * table.channel(name)[frame] for name, (_, sign) in HEAD_TURNS.items()]),
    )


def _here(motion: Motion) -> Value:
    """Give keys as they are here, as far as a table goes: ARKit's shapes are 0 to 1."""
    return lambda thing, key, frame: np.clip(motion.values[thing][frame, motion.keys[thing].index(key)], 0.0, 1.0)


def _turns(bones: Cast, motion: Motion) -> Turn:
    """Give turns as they are here."""
    from scipy.spatial.transform import Rotation

    row = {int(frame): number for number, frame in enumerate(motion.shown)}

    def turn(rig: bpy.types.Object, frame: int) -> np.ndarray:
        own = bones[rig][row[frame], rig.pose.bones.find(HEAD), :3, :3]
        return Rotation.from_matrix(own).as_euler("xyz")

    return turn


def _channels(made: Doubles, motion: Motion) -> Cast:
    """Read the bones' own channels at the compared frames of a clip that plays, (S, B, 4, 4)."""
    rows: dict[bpy.types.Object, list[np.ndarray]] = {rig: [] for rig in made.rigs}
    for frame in motion.shown.tolist():
        graph = made.graph(motion.clip.first + frame)
        for rig, copy in made.rigs.items():
            rows[rig].append(_own(copy, graph))
    return {rig: np.stack(stack) for rig, stack in rows.items()}


def _own(copy: bpy.types.Object, graph: bpy.types.Depsgraph) -> np.ndarray:
    bones = copy.evaluated_get(graph).pose.bones
    return np.array([np.array(bone.matrix_basis) for bone in bones]).reshape(-1, 4, 4)


def _play(
    made: Doubles, motion: Motion, columns: dict[tuple[bpy.types.Object, str], str],
    turning: dict[bpy.types.Object, list[Any]], value: Value, turn: Turn,
) -> Shown:  # fmt: skip
    """Move what has a column at the compared frames, and see what becomes of the doubles."""
    points: dict[bpy.types.Object, list[np.ndarray]] = {thing: [] for thing in made.meshes}
    keys: dict[bpy.types.Object, list[np.ndarray]] = {thing: [] for thing in made.meshes}
    bones: dict[bpy.types.Object, list[np.ndarray]] = {rig: [] for rig in made.rigs}
    for frame in motion.shown.tolist():
        for thing, key in columns:
            made.of[thing].data.shape_keys.key_blocks[key].value = value(thing, key, frame)
        for rig, curves in turning.items():
            for curve, angle in zip(curves, turn(rig, frame), strict=True):
                curve.driver.expression = repr(float(angle))
        graph = made.graph(motion.clip.first + frame)
        for rig, copy in made.rigs.items():
            bones[rig].append(_own(copy, graph))
        for thing, copy in made.meshes.items():
            points[thing].append(gate_sample.world_points(copy, graph))
            blocks = copy.data.shape_keys.evaluated_get(graph).key_blocks if motion.keys[thing] else {}
            keys[thing].append(np.array([blocks[name].value for name in motion.keys[thing]], np.float32))
    return Shown(*({thing: np.stack(stack) for thing, stack in by.items()} for by in (points, bones, keys)))


def _turned_by_hand(made: Doubles) -> dict[bpy.types.Object, list[Any]]:
    """Put drivers on the heads' turns, which win over all else there: gives their curves in the order of HEAD_TURNS."""
    turning: dict[bpy.types.Object, list[Any]] = {}
    for rig, copy in made.rigs.items():
        if HEAD not in copy.pose.bones:
            continue
        head = copy.pose.bones[HEAD]
        head.rotation_mode = "XYZ"
        for axis, _ in HEAD_TURNS.values():
            head.driver_remove("rotation_euler", axis)
            curve: Any = head.driver_add("rotation_euler", axis)
            for modifier in list(curve.modifiers):
                curve.modifiers.remove(modifier)
            curve.driver.type = "SCRIPTED"
            turning.setdefault(rig, []).append(curve)
    return turning


def _still(made: Doubles) -> set[bpy.types.Object]:
    """Take off the doubles what plays, and what they follow that is none of them; gives the originals that stand by
    themselves now. Drivers and constraints of bones stay, as on a head that is moved by a capture."""
    loose = set()
    for thing, copy in made.of.items():
        for owner in (copy, copy.data, getattr(copy.data, "shape_keys", None)):
            data = owner.animation_data if owner is not None else None
            if data is not None:
                data.use_nla, data.action = False, None
        if thing.parent not in made.of or thing.constraints or moves_itself(thing):
            copy.constraints.clear()
            for curve in list(copy.animation_data.drivers) if copy.animation_data is not None else ():
                if curve.data_path.startswith(PLACES):
                    copy.animation_data.drivers.remove(curve)
            copy.parent = None
            copy.matrix_parent_inverse.identity()
            loose.add(thing)
    return loose


def _rest(
    made: Doubles, motion: Motion, columns: dict[tuple[bpy.types.Object, str], str], bones: Cast,
    loose: set[bpy.types.Object],
) -> None:  # fmt: skip
    """Let everything rest that moves in a clip and has no column: keys at 0, bones in their rest pose, objects where
    the clip begins. What does not move belongs to the head, and stays."""
    from mathutils import Matrix

    for thing, copy in made.of.items():
        if thing in loose:
            copy.matrix_basis = Matrix(motion.places[thing][0].tolist())
        for number, key in enumerate(keys_of(copy)):
            curve = motion.values[thing][:, number]
            key.value = 0.0 if np.ptp(curve) > gate_compare.MOVES else curve[0]
            if (thing, key.name) in columns:
                key.slider_min, key.slider_max = -WIDE, WIDE
        for number, bone in enumerate(copy.pose.bones if copy.pose is not None else ()):
            poses = bones[thing][:, number]
            moves = np.ptp(poses, axis=0).max() > gate_compare.MOVES
            bone.matrix_basis = Matrix.Identity(4) if moves else Matrix(poses[0].tolist())
