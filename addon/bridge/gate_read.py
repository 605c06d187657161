"""What is in a file that was just written: read by Blender's own importer into a scene that goes again."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ...core.errors import OutputError
from ...core.formats.gate_compare import plain
from .. import compat
from .exports import call
from .gate_bake import WIDE
from .gate_clips import BONE, KEY
from .gate_copy import cleared, new_scene, shown
from .gate_sample import keys_of, world_points


@dataclass
class Back:
    """A file in a scene of its own: `things` are the meshes in it by original; those that are not there are left out.

    `owners` is what has animation, `rigs` the armatures, `stretch` how much longer all lasts than in the file.
    """

    scene: bpy.types.Scene
    things: dict[bpy.types.Object, bpy.types.Object]
    owners: list[Any]
    rigs: list[bpy.types.Object]
    stretch: float = 1.0

    def bones(self) -> set[str]:
        """Name the bones of all armatures."""
        return {bone.name for rig in self.rigs for bone in rig.pose.bones}

    def play(self, clip: str, only: bool) -> bool:
        """Let everything play one clip alone; tells whether it is there. The only clip may have any name."""
        found = False
        for owner in self.owners:
            data = owner.animation_data
            actions = actions_of(data)
            action = actions.get(clip) or (next(iter(actions.values()), None) if only else None)
            data.use_nla = False
            data.action = None
            if action is not None:
                compat.play(data, action)
                found = True
        return found

    def graph(self, frame: int) -> bpy.types.Depsgraph:
        """Show a frame of the file and give what is evaluated there."""
        at = frame * self.stretch
        self.scene.frame_set(math.floor(at), subframe=at - math.floor(at))
        return self.scene.view_layers[0].depsgraph

    def points(self, frames: list[int]) -> dict[bpy.types.Object, np.ndarray]:
        """Give where the vertices stand in the world at frames, (S, V, 3)."""
        seen: dict[bpy.types.Object, list[np.ndarray]] = {thing: [] for thing in self.things}
        for frame in frames:
            graph = self.graph(frame)
            for thing, back in self.things.items():
                seen[thing].append(world_points(back, graph))
        return {thing: np.stack(points) for thing, points in seen.items()}

    def values(self, thing: bpy.types.Object, names: list[str], frames: list[int]) -> np.ndarray:
        """Give what keys are at frames, (S, K); 0 for those that are not there."""
        keys = self.things[thing].data.shape_keys
        table = np.zeros((len(frames), len(names)), np.float32)
        for row, frame in enumerate(frames):
            blocks = keys.evaluated_get(self.graph(frame)).key_blocks
            table[row] = [blocks[name].value if name in blocks else 0.0 for name in names]
        return table

    def keyed(self, clip: str, only: bool) -> dict[str, set[str]]:
        """Name the keys and bones that a clip has curves for, by name of the mesh or the armature."""
        found: dict[str, set[str]] = {}
        for owner in self.owners:
            actions = actions_of(owner.animation_data)
            action = actions.get(clip) or (next(iter(actions.values()), None) if only else None)
            is_key = isinstance(owner, bpy.types.Key)
            pattern, name = (KEY, owner.user.name) if is_key else (BONE, owner.name)
            for curve in compat.fcurves(action) if action is not None else ():
                match = pattern.match(curve.data_path)
                if match:
                    found.setdefault(name, set()).add(bpy.utils.unescape_identifier(match[1]))
        return found


def names_of(thing: bpy.types.Object) -> list[str]:
    """Name the shape keys of something that was read, but for the basis."""
    return [key.name for key in keys_of(thing)]


def actions_of(data: bpy.types.AnimData) -> dict[str, bpy.types.Action]:
    """Give the actions of something that was read, by clip: the name of its track, or its own."""
    found: dict[str, bpy.types.Action] = {}
    for track in data.nla_tracks:
        for strip in track.strips:
            if strip.action is not None:
                found.setdefault(track.name, strip.action)
    if data.action is not None:
        found.setdefault(data.action.name, data.action)
    return found


@contextmanager
def read_back(path: Path, like: bpy.types.Scene, wanted: list[bpy.types.Object]) -> Iterator[Back]:
    """Open what was written; it goes again at the end. Raises `OutputError` when Blender cannot read it."""
    with cleared():
        scene = new_scene(like)
        before = set(bpy.data.objects)
        try:
            with shown(scene):
                READERS[path.suffix.lower()](path)
        except (RuntimeError, AttributeError, ValueError, KeyError, TypeError, IndexError) as error:
            lines = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
            raise OutputError(f"{path}: was written, but Blender cannot read it back: {lines[-1]}") from error
        fresh = [thing for thing in bpy.data.objects if thing not in before]
        rigs = [thing for thing in fresh if thing.type == "ARMATURE"]
        back = Back(scene, find(wanted, [thing for thing in fresh if thing.type == "MESH"]), [], rigs)
        if path.suffix.lower() == ".fbx":
            back.stretch = compat.stretch_of_fbx(scene)
        for thing in back.things.values():
            for key in keys_of(thing):
                key.slider_min, key.slider_max = -WIDE, WIDE  # the file's values count, not the sliders' ends
        holders = [*fresh, *(thing.data.shape_keys for thing in fresh if thing.type == "MESH")]
        back.owners = [one for one in holders if one is not None and one.animation_data is not None]
        yield back


def find(wanted: list[bpy.types.Object], there: list[bpy.types.Object]) -> dict[bpy.types.Object, bpy.types.Object]:
    """Find each mesh again: by its name or its mesh's, by these without signs, or the only one for the only one."""
    if len(wanted) == len(there) == 1:
        return {wanted[0]: there[0]}
    found: dict[bpy.types.Object, bpy.types.Object] = {}
    for fits in (_named, _alike):
        for thing in wanted:
            free = [other for other in there if other not in found.values()]
            other = next((other for other in free if fits(thing, other)), None)
            if thing not in found and other is not None:
                found[thing] = other
    return found


def _named(thing: bpy.types.Object, other: bpy.types.Object) -> bool:
    return bool({thing.name, thing.data.name} & {_own(other.name), _own(other.data.name)})


def _alike(thing: bpy.types.Object, other: bpy.types.Object) -> bool:
    mine = {plain(name) for name in (thing.name, thing.data.name)}
    return bool(mine & {plain(_own(name)) for name in (other.name, other.data.name)})


def _own(name: str) -> str:
    """Take off the number that Blender gives to what is there twice: the originals are in the file too."""
    start, dot, number = name.rpartition(".")
    return start if dot and number.isdigit() and len(number) == 3 else name


def _glb(path: Path) -> None:
    with compat.rate_for_gltf():
        call(bpy.ops.import_scene.gltf, filepath=str(path), import_pack_images=False, bone_heuristic="TEMPERANCE")


def _fbx(path: Path) -> None:
    bpy.ops.import_scene.fbx(filepath=str(path), anim_offset=0.0, use_image_search=False)


def _usd(path: Path) -> None:
    call(bpy.ops.wm.usd_import, filepath=str(path), import_textures_mode="IMPORT_NONE", create_world_material=False)


def _abc(path: Path) -> None:
    bpy.ops.wm.alembic_import(filepath=str(path), as_background_job=False, always_add_cache_reader=True)


READERS = {".glb": _glb, ".fbx": _fbx, ".usdc": _usd, ".abc": _abc}
