"""Clips that were made for other names than a head's own: what they mean here by its key map, and how they are put so.

A clip says "jawOpen" where a head says "MouthOpen", and both answer one channel: by the map that is stored (recognized
by shape, or set by hand), or else by what the names say.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bpy
import numpy as np

from ...core.rig.names import by_names
from ...core.rig.translate import Meaning, translate
from .. import compat
from . import doctor_remedies as remedies
from . import keyframes, keymaps
from .doctor_case import Case, Source, named_key, sources_of
from .drivers import Property, drive
from .heads import TAG


def meaning(body: bpy.types.Object, names: Iterable[str], maker: bpy.types.Object | None = None) -> Meaning:
    """Give what those `names` of a clip that a mesh has no keys for mean there: name -> (key, factor) pairs.

    `maker` is the mesh that the clip was made for, where that is known.
    """
    names = list(dict.fromkeys(names))
    lost = [name for name in names if name not in body.data.shape_keys.key_blocks]
    theirs = keymaps.table(maker) if maker is not None and lost else ()
    return translate(lost, keymaps.table(body), names, theirs) if lost else {}


def hint(body: bpy.types.Object, lost: Iterable[str]) -> str:
    """Say what to do when names mean something and nothing is known of what a mesh's keys do; nothing otherwise."""
    unknown = not keymaps.has_map(body) and not keymaps.table(body)
    return "; press Recognize Keys in Key Map first" if unknown and by_names(lost) else ""


def same(body: bpy.types.Object, name: str, other: bpy.types.Object) -> set[str]:
    """Name the keys of another part of a head that do what a key of this mesh does: of its name, or of its channels."""
    channels = {entry.channel for entry in keymaps.table(body) if entry.key == name}
    return {name, *(entry.key for entry in keymaps.table(other) if entry.channel in channels)}


def put(case: Case, source: Source, meant: Meaning) -> None:
    """Let curves move the keys that they mean. Plain other names are written into the action; else a copy of it plays,
    where a curve moves several keys, or several one: these are added up, each as much as its key does for it."""
    plain = {name: pairs[0][0] for name, pairs in meant.items() if len(pairs) == 1 and pairs[0][1] == 1.0}
    if len(meant) == len(plain) == len(set(plain.values())):
        remedies.respell(source, plain)
        return
    action, parts = source.action, dict[str, list[tuple[Any, float]]]()
    made = bpy.data.actions.new(f"{action.name} {case.body.name}")
    if isinstance(action.get(TAG), str):
        made[TAG] = action[TAG]
    there = {named_key(curve) for curve in source.curves}
    for curve in source.curves:
        if named_key(curve) not in meant:
            copy = compat.fcurve(made, "KEY", curve.data_path, curve.array_index)
            keyframes.fill(copy, keyframes.read(curve))
            copy.mute = curve.mute
        for key, factor in meant.get(named_key(curve), ()):
            if key not in there:  # what is keyed by its own name stays
                parts.setdefault(key, []).append((curve, factor))
    for key, some in parts.items():
        copy = compat.fcurve(made, "KEY", remedies.path_of(key))
        keyframes.fill(copy, _added(some))
        copy.mute = all(curve.mute for curve, _ in some)
    remedies.keep(action)
    source.holder.action = made
    compat.choose_slot(source.holder, next(iter(compat.slots(made)), None))


def _added(parts: list[tuple[Any, float]]) -> keyframes.Points:
    """Add curves up, each times its factor: one keeps its keys, of several there is one wherever any has one."""
    if len(parts) == 1:
        curve, factor = parts[0]
        return keyframes.scaled(keyframes.read(curve), factor)
    frames = np.unique(np.concatenate([keyframes.read(curve)["co"][:, 0] for curve, _ in parts]))
    values = [[factor * curve.evaluate(frame) for frame in frames] for curve, factor in parts]
    return keyframes.linear(frames, np.sum(values, axis=0))


def follow(case: Case, other: bpy.types.Object) -> None:
    """Drive a part's shape keys by those of the head that is animated: of the same names, or of the same channels."""
    keys, own = other.data.shape_keys, case.keys.key_blocks
    blocks = [key.name for key in keys.key_blocks if key != keys.reference_key]
    by: dict[str, list[tuple[str, float]]] = {name: [(name, 1.0)] for name in blocks if name in own}
    for name, pairs in meaning(case.body, blocks, other).items():
        for key, factor in pairs:
            if key not in blocks:
                by.setdefault(key, []).append((name, factor))
    for key, parts in by.items():
        if key in case.drivers or own[key] == case.keys.reference_key:
            continue
        letters = {f"v{number}": Property(keys, remedies.path_of(name)) for number, (name, _) in enumerate(parts)}
        terms = [
            letter if factor == 1.0 else f"{factor:g} * {letter}"
            for letter, (_, factor) in zip(letters, parts, strict=True)
        ]
        drive(case.keys, remedies.path_of(key), " + ".join(terms), letters)


def copy_animation(case: Case, other: bpy.types.Object) -> None:
    """Give a mesh copies of the actions on another one's shape keys, in its own names."""
    remedies.copy_animation(case, other)
    for source in list(sources_of(case.keys)):
        meant = meaning(case.body, filter(None, map(named_key, source.curves)), other)
        if meant:
            put(case, source, meant)
