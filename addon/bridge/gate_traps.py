"""What a scene has that files cannot hold as it is: said, with what was done about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy
import numpy as np

from ...core.errors import InputError
from ...core.formats.gate import NOTE, Line
from ...core.rig import doctor
from ...core.rig.doctor import few
from .doctor_scene import RESHAPING
from .gate_clips import KEY
from .gate_copy import Doubles, drivers_of
from .gate_sample import Motion, keys_of
from .materials import nodes_of
from .meshes import points_of

APART = 1e-5
"""Metres between a mesh and its basis from which on they are two."""
SOME = 12
"""Keys that are asked whether they agree with their basis."""
OVER = 1e-3
"""How far a value may be out of 0..1."""


def refuse(bodies: list[bpy.types.Object]) -> None:
    """Raise `InputError` for what cannot be exported at all."""
    if not bodies:
        raise InputError("nothing to export: select a head, or meshes that go with it")
    for body in bodies:
        if body.mode == "EDIT":
            raise InputError(f"{body.name} is in Edit Mode; leave that first")
        keys = body.data.shape_keys
        if keys is not None and not keys.use_relative and len(keys.key_blocks) > 1:
            raise InputError(f"the shape keys of {body.name} are not relative, which no format knows; make them so")


def refuse_unsaved(bodies: list[bpy.types.Object]) -> None:
    """Raise `InputError` for an image with painting that no copy of the file would have."""
    for body in bodies:
        for node in nodes_of(body.data):
            image = getattr(node, "image", None)
            if image is not None and image.is_dirty:
                raise InputError(f"the image {image.name} has changes that are not saved; save or pack it first")


def unrun(made: Doubles) -> Iterator[Line]:
    """Tell of drivers that stood still because Blender was not allowed to run the file's Python."""
    made.graph(made.scene.frame_start)  # they are asked now
    if not bpy.app.autoexec_fail:
        return
    for thing, copy in made.of.items():
        stood = [one for one in drivers_of(copy) if one.type == "SCRIPTED" and not one.is_valid]
        if stood:
            why = (
                f"{len(stood)} scripted driver{'s' * (len(stood) != 1)} of {thing.name} did not run; "
                "allow Python scripts (--scripts) when you trust the file"
            )
            yield Line("scripts", thing.name, why, amount=len(stood))


def baked(made: Doubles, dropped: dict[bpy.types.Object, list[str]]) -> Iterator[Line]:
    """Tell what of the originals is baked, mended or left out in a file with keys."""
    for thing in made.meshes:
        name, keys = thing.name, thing.data.shape_keys
        if thing in dropped:
            why = f"{few(dropped[thing], 4)} of {name} {_is(dropped[thing])} left out, to keep the shape keys"
            yield Line("modifier", name, why, NOTE, len(dropped[thing]))
        lost = _bending(thing)
        if lost:
            why = f"{few(lost, 4)} of {name} {_is(lost)} left out: no file of keys can hold that; Alembic can"
            yield Line("modifier", name, why, NOTE, len(lost))
        yield from _skin(thing)
        if keys is None:
            continue
        muted = [key.name for key in keys_of(thing) if key.mute]
        if muted:
            yield Line("muted", name, f"{few(muted, 3)} of {name} {_is(muted)} muted: kept, at 0", NOTE, len(muted))
        mended = [key.name for key in keys_of(thing) if key.relative_key != keys.reference_key or key.vertex_group]
        if mended:
            why = f"{few(mended, 3)} of {name} {_is(mended)} masked or relative to another key: worked into the shape"
            yield Line("mended", name, why, NOTE, len(mended))
        if np.abs(points_of(thing.data.vertices) - points_of(keys.reference_key)).max(initial=0.0) > APART:
            why = f"the mesh of {name} is not at its basis; the basis was written"
            yield Line("mended", name, why, NOTE, len(thing.data.vertices))
        yield from _basis(thing)
        data = keys.animation_data
        driven = [curve for curve in data.drivers if KEY.match(curve.data_path)] if data is not None else []
        if driven:
            why = f"{len(driven)} driven key{'s' * (len(driven) != 1)} of {name} came as motion, without drivers"
            yield Line("driven", name, why, NOTE, len(driven))


def _basis(thing: bpy.types.Object) -> Iterator[Line]:
    """Tell of a rest that was applied to the basis and not to the keys: what the scene shows goes out as it is."""
    keys = keys_of(thing)
    rest = points_of(thing.data.shape_keys.reference_key)
    some = keys[:: max(1, len(keys) // SOME)]
    places, _ = doctor.pulled_back((points_of(key) for key in some), rest)
    if len(places):
        why = f"the basis of {thing.name} was edited alone: each key pulls {len(places)} vertices back; see Doctor"
        yield Line("edited_basis", thing.name, why, NOTE, len(places))


def not_held(thing: bpy.types.Object) -> list[str]:
    """Name what moves a mesh here and in no file of keys and bones, whoever writes it."""
    skin, bendy = _skins(thing), _bendy(thing)
    thick = ["Preserve Volume"] if any(one.use_deform_preserve_volume for one in skin) else []
    return [*_bending(thing), *thick, *([f"bendy bones ({few(bendy)})"] if bendy else [])]


def _bending(thing: bpy.types.Object) -> list[str]:
    """Name the modifiers that are on and no key can stand for; those that make vertices are left out before."""
    every: Any = thing.modifiers
    return [
        one.name for one in every if one.show_viewport and one.type != "ARMATURE" and one.type not in RESHAPING
    ]  # fmt: skip


def _skins(thing: bpy.types.Object) -> list[Any]:
    every: Any = thing.modifiers
    return [one for one in every if one.type == "ARMATURE" and one.object and one.show_viewport]


def _bendy(thing: bpy.types.Object) -> list[str]:
    return [bone.name for one in _skins(thing) for bone in one.object.data.bones if bone.bbone_segments > 1]


def _skin(thing: bpy.types.Object) -> Iterator[Line]:
    if any(one.use_deform_preserve_volume for one in _skins(thing)):
        why = f"{thing.name} is skinned with Preserve Volume, which files lack: bent parts come out thinner"
        yield Line("skinning", thing.name, why, NOTE, 1)
    bendy = _bendy(thing)
    if bendy:
        why = f"{few(bendy, 3)} of {_skins(thing)[0].object.name} bend, which files lack: they come as straight bones"
        yield Line("skinning", thing.name, why, NOTE, len(bendy))


def out_of_range(motions: list[Motion]) -> Iterator[Line]:
    """Tell which keys go beyond 0..1, where many engines cut them off."""
    for thing, names in motions[0].keys.items():
        if not names:
            continue
        low = np.min([motion.values[thing].min(axis=0) for motion in motions], axis=0)
        high = np.max([motion.values[thing].max(axis=0) for motion in motions], axis=0)
        far = np.maximum(high - 1.0, -low)
        wide = np.flatnonzero(far > OVER)
        if len(wide):
            worst = int(far.argmax())
            value = high[worst] if high[worst] - 1.0 >= -low[worst] else low[worst]
            why = (
                f"{few([names[one] for one in wide], 3)} of {thing.name} {_go(wide)} beyond 0 to 1, {names[worst]} to "
            )
            yield Line("out_of_range", thing.name, f"{why}{value:.2f}; many engines cut that off", NOTE, len(wide))


def units(scene: bpy.types.Scene, ending: str) -> Iterator[Line]:
    """Tell where a scene's unit is not the file's, in which it is written then."""
    scale = scene.unit_settings.scale_length
    if ending == ".glb" and abs(scale - 1.0) > 1e-4:
        why = f"{scene.name} counts {scale:g} m as one, glTF counts metres: all of it was scaled by {scale:g}"
        yield Line("units", scene.name, why, NOTE, abs(scale - 1.0))


def _is(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _go(names: np.ndarray) -> str:
    return "goes" if len(names) == 1 else "go"
