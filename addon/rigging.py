"""`headroom rig`: shapes and bones for a head out of any file, and back into one."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.errors import InputError
from ..core.formats import npz
from ..core.progress import part
from . import session
from .arguments import options_from
from .outputs import Staging, destination
from .terminal import Bar, quiet

if TYPE_CHECKING:
    import bpy

    from ..core.progress import Progress
    from ..core.rig.rig import RigOptions
    from .bridge.rigging import Gathered

ENDINGS = (".blend", ".glb", ".fbx", ".usdc")
SOURCES = (".obj", ".glb", ".gltf", ".fbx", ".blend", ".usdc", ".usd", ".usdz", ".ply", ".stl")
OWN_SPACE = (".obj", ".ply", ".stl")
"""Endings of files whose landmarks are in the file's own axes, as its vertices are; others as Blender shows them."""
FPS = 24.0
MOST_MARKS = 1 << 20
"""Bytes that a file of landmarks may have."""


def rig(given: argparse.Namespace) -> int:
    """Give a head shapes and bones, and write it."""
    from ..core.rig.rig import RigOptions
    from .cli import finish

    options = options_from(RigOptions, given)
    source = given.mesh
    if not source.is_file():
        raise InputError(f"{source}: no such file")
    if source.suffix.lower() not in SOURCES:
        raise InputError(f"{source}: unknown ending {source.suffix or 'none'!r}; use one of {' '.join(SOURCES)}")
    target = destination(given.output, given.format, ENDINGS, source.stem)
    if target.exists() and target.resolve() == source.resolve():
        raise InputError(f"-o {target}: would replace the head itself; choose another name")
    marks = read_marks(given.landmarks) if given.landmarks else None
    summary = _run(given, source, target, marks, options)
    for warning in summary["warnings"]:
        print(f"headroom: warning: {source}: {warning}", file=sys.stderr)
    bones = f", {summary['bones']} bones" if summary["bones"] else ""
    line = f"{target}: {summary['shapes']} shapes{bones} for {summary['vertices']} vertices"
    finish({"verb": "rig", **summary}, [f"{line} ({summary['seconds']:.1f} s)"], given.json)
    return 0


def _run(
    given: argparse.Namespace, source: Path, target: Path, marks: np.ndarray | None, options: RigOptions
) -> dict[str, Any]:
    from ..core.rig.rig import rig as core_rig

    begun, bar = time.perf_counter(), Bar("rig")
    try:
        with Staging(target.parent) as stage, quiet():
            bar(0.0, "Opening")
            bodies = open_meshes(source, given.object or [])
            import bpy

            from .bridge import exports, heads, rigging

            try:
                gathered = rigging.gather(bodies)
                options, warnings = for_bodies(bodies, options)
                if marks is not None and source.suffix.lower() in OWN_SPACE:
                    world = np.array(bodies[0].matrix_world)
                    marks = marks @ world[:3, :3].T + world[:3, 3]
                if marks is None:
                    marks = find_marks(gathered, part(bar, 0.05, 0.3))
                made = core_rig(gathered.mesh, marks, options, part(bar, 0.3, 0.9))
            except InputError as error:
                raise InputError(f"{source}: {error}") from error
            bar(0.9, "Writing")
            written = rigging.write(gathered, made, options, bpy.context.scene)
            rigs = {one for one in (heads.rig_of(body) for body in bodies) if one is not None}
            active = bpy.context.view_layer.objects.active
            assert active is not None
            exports.export(stage / target.name, active, bodies, rigs)
    finally:
        bar.clear()
    if written.kept:
        warnings.append(f"kept as they were: {', '.join(written.kept[:5])}" + (" …" if len(written.kept) > 5 else ""))
    kinds, counts = np.unique(made.piece, return_counts=True)
    return {
        "input": str(source), "output": str(target), "objects": list(gathered.names),
        "vertices": len(gathered.mesh.vertices), "shapes": len(made.shape_names), "bones": len(made.joint_names),
        "pieces": dict(zip(kinds.tolist(), counts.tolist(), strict=True)), "error": round(made.error, 5),
        "kept": list(written.kept), "warnings": [*warnings, *made.warnings],
        "seconds": round(time.perf_counter() - begun, 3),
    }  # fmt: skip


def for_bodies(bodies: list[bpy.types.Object], options: RigOptions) -> tuple[RigOptions, list[str]]:
    """Leave bones out where a mesh has an armature already; gives warnings that say so, and whose mesh is shared."""
    from .bridge.heads import rig_of
    from .bridge.rigging import sharing

    warnings = [f"{body.name} shared its mesh with another object and has its own now" for body in sharing(bodies)]
    rigged = next((body for body in bodies if rig_of(body) is not None), None)
    if rigged is None or not options.bones:
        return options, warnings
    warnings.append(f"{rigged.name} has an armature already: no bones are added")
    return dataclasses.replace(options, bones=False), warnings


def find_marks(gathered: Gathered, progress: Progress) -> np.ndarray:
    """Find the landmarks (54, 3) of the one face of meshes. Raises `InputError` when there is none, or several."""
    from ..core.rig.check_mesh import far_off
    from ..core.rig.closeup import closeup
    from ..core.rig.face.find import NOBODY, find
    from ..core.rig.rig import checked

    mesh = gathered.mesh
    checked(mesh)
    progress(0.0, "Looking for the face")
    used = np.unique(mesh.triangles)
    stray = np.zeros(len(mesh.vertices), bool)
    stray[used] = far_off(mesh.vertices[used])
    triangles = mesh.triangles[~stray[mesh.triangles].any(axis=1)]
    faces = find(mesh.vertices, triangles, part(progress, 0.0, 0.7))
    some = None if faces else closeup(mesh.vertices, triangles)
    if some is not None:
        faces = find(mesh.vertices, triangles[some], part(progress, 0.7, 1.0))
    if not faces:
        raise InputError(NOBODY)
    if len(faces) > 1:
        spots = np.stack([face.landmarks.mean(axis=0) for face in faces])
        raise InputError(several(gathered.owners(spots)))
    return faces[0].landmarks


def several(owners: list[str]) -> str:
    """Say that there are several faces, and what to do; owners: the object that each is on."""
    names = list(dict.fromkeys(owners))
    if len(names) == 1:
        return f"{len(owners)} faces found on {names[0]}: separate the heads (P in Edit Mode) and pick one"
    if len(names) < len(owners):
        whose = next(name for name in names if owners.count(name) > 1)
        return f"{len(owners)} faces found, {owners.count(whose)} on {whose}: separate the heads (P) and pick one"
    shown = ", ".join(names[:4]) + (" …" if len(names) > 4 else "")
    return f"{len(owners)} faces found, on {shown}: pick one head (select it alone, or --object NAME)"


def read_marks(path: Path) -> np.ndarray:
    """Read landmarks (54, 3) from .npy, or from .npz as `landmarks`; the 51 usual ones alone will do, NaN is unknown.

    Raises `InputError` for anything else.
    """
    from ..core.rig.landmarks import NAMES

    if not path.is_file():
        raise InputError(f"--landmarks {path}: no such file")
    if path.stat().st_size > MOST_MARKS:
        raise InputError(f"--landmarks {path}: is too large for {len(NAMES)} points")
    try:
        packed = path.suffix.lower() == ".npz"
        stored = npz.Archive(path).read("landmarks", MOST_MARKS) if packed else npz.array(path, MOST_MARKS)
        marks = np.asarray(stored, np.float64)
    except (InputError, ValueError, TypeError) as error:
        raise InputError(f"--landmarks {path}: holds no landmarks; write a .npy of {len(NAMES)} points") from error
    if marks.shape not in ((len(NAMES), 3), (len(NAMES) - 3, 3)):
        raise InputError(f"--landmarks {path}: holds {marks.shape}, needed are {len(NAMES)} (or the usual 51) points")
    return np.concatenate([marks, np.full((len(NAMES) - len(marks), 3), np.nan)])


def open_meshes(path: Path, names: Sequence[str]) -> list[bpy.types.Object]:
    """Open a file in Blender and give its meshes that can be seen, or those called by `names`. Raises `InputError`."""
    if path.suffix.lower() == ".blend":
        session.open_file(path)
    else:
        session.fresh_scene(FPS)
        from .bridge.imports import bring

        bring(path)
    import bpy

    there = list(bpy.context.view_layer.objects)
    seen = [thing for thing in there if thing.visible_get()]
    bodies = [thing for thing in seen if thing.type == "MESH" and len(thing.data.polygons)]
    for name in names:
        if name not in [body.name for body in bodies]:
            hidden = any(thing.name == name for thing in bpy.context.scene.objects if thing not in seen)
            why = "is hidden; show it first" if hidden else "no such mesh with faces in it"
            raise InputError(f"{path}: --object {name}: {why}")
    if names:
        bodies = [body for body in bodies if body.name in names]
    if not bodies:
        raise InputError(f"{path}: {_instead(there, seen)}")
    return bodies


def _instead(there: list[bpy.types.Object], seen: list[bpy.types.Object]) -> str:
    """Say what a file without a mesh to rig holds instead."""
    if any(thing.type == "MESH" and thing not in seen and len(thing.data.polygons) for thing in there):
        return "all its meshes are hidden; show the head first"
    other = next((thing for thing in seen if thing.type in ("CURVE", "SURFACE", "META", "FONT", "CURVES")), None)
    if other is not None:
        return f"holds no mesh with faces, but {other.name}; convert that to a mesh first (Object > Convert)"
    return "holds no mesh with faces"
