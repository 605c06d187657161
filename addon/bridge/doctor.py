"""Why nothing moves: everything that is in the way of a head, the likeliest first, each with what ends it.

One look asks every `doctor_*` module about every mesh of a head; a fix looks again, so nothing is held in between.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

import bpy

from ...core.errors import InputError
from ...core.rig.doctor import EXPORT, PLAYBACK, Finding, few, ordered
from . import doctor_actions, doctor_drivers, doctor_keys, doctor_nla, doctor_scene, doctor_sound, doctor_time, heads
from . import doctor_remedies as remedies
from .doctor_case import Case, Trouble, parent_rig, trouble

CHECKS = (doctor_scene, doctor_keys, doctor_actions, doctor_nla, doctor_drivers, doctor_time, doctor_sound)
AT_REST = ("no_animation", "flat")
"""What is no trouble of a part while the head that it belongs to moves."""
MOST = 100
"""Fixes in a row, after which something must be going round in circles."""


@dataclass(frozen=True)
class Report:
    """What one look found: findings, the likeliest first, and per mesh what plays, a line each."""

    findings: tuple[Finding, ...]
    plays: tuple[str, ...]

    @property
    def in_the_way(self) -> tuple[Finding, ...]:
        """The findings about playback."""
        return tuple(finding for finding in self.findings if finding.where != EXPORT)


def bodies_of(context: bpy.types.Context) -> list[bpy.types.Object]:
    """Give the meshes to look at: what is active and selected, and what is seen with it on the same rig or parent.

    The one that is meant comes first: the active one, or the one with animation. Empty when no mesh is meant.
    """
    layer = context.view_layer
    chosen = [thing for thing in (layer.objects.active, *layer.objects.selected) if thing is not None]
    meshes = [thing for thing in chosen if thing.type == "MESH"]
    family = [part for thing in chosen for part in _family(thing, context.scene) if part.data.shape_keys is not None]
    family = [part for part in family if not meshes or part.visible_get(view_layer=layer)]
    family.sort(key=lambda part: part.data.shape_keys.animation_data is None)
    once = list({thing.name_full: thing for thing in (*meshes, *family)}.values())
    keyed = [thing for thing in once if thing.data.shape_keys is not None]
    return keyed or once[:1]


def _family(thing: bpy.types.Object, scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """Give the meshes of one character: those that share a rig, or else what is parented to one another."""
    rig = thing if thing.type == "ARMATURE" else _rig(thing) if thing.type == "MESH" else None
    meshes = [other for other in scene.objects if other.type == "MESH"]
    if rig is not None:
        return [other for other in meshes if _rig(other) == rig]
    return [other for other in meshes if other.parent is not None and other.parent in (thing, thing.parent)]


def _rig(body: bpy.types.Object) -> bpy.types.Object | None:
    return heads.rig_of(body) or parent_rig(body)


def examine(bodies: Iterable[bpy.types.Object], scene: bpy.types.Scene, layer: bpy.types.ViewLayer) -> Report:
    """Look at meshes, the one that is meant first, and tell what is in the way and what plays; changes nothing."""
    cases = _cases(bodies, scene, layer)
    findings = ordered(one.finding for one in _look(cases))
    return Report(tuple(findings), tuple(_plays(case) for case in cases if case.motion is not None))


def fix(bodies: Iterable[bpy.types.Object], scene: bpy.types.Scene, layer: bpy.types.ViewLayer, ident: str) -> Finding:
    """End one finding. Raises `InputError` when it is not there any more, or when only the artist can end it."""
    found = next((one for one in _look(_cases(bodies, scene, layer)) if one.finding.ident == ident), None)
    if found is None:
        raise InputError("that is not in the way any more; look again")
    if found.cure is None:
        raise InputError(f"{found.finding.why}: this cannot be done for you, mend it by hand")
    found.cure()
    layer.update()
    return found.finding


def fix_all(context: bpy.types.Context) -> tuple[list[Finding], list[Finding]]:
    """End all findings but those that ask first, also those that come to light on the way.

    Gives what was ended and what is left.
    """
    done: dict[str, Finding] = {}
    for _ in range(MOST):
        scene, layer = context.scene, context.view_layer
        found = _look(_cases(bodies_of(context), scene, layer))
        left = [finding for finding in ordered(one.finding for one in found) if finding.where != EXPORT]
        todo = [one for one in left if one.fix and not one.ask and one.ident not in done]
        if not todo:
            break
        done[todo[0].ident] = todo[0]
        next(one.cure for one in found if one.cure and one.finding.ident == todo[0].ident)()
        layer.update()
    return [one for ident, one in done.items() if ident not in {other.ident for other in left}], left


def _cases(bodies: Iterable[bpy.types.Object], scene: bpy.types.Scene, layer: bpy.types.ViewLayer) -> list[Case]:
    bodies = list(bodies)
    return [Case(body, scene, layer, bodies) for body in bodies]


def _look(cases: list[Case]) -> list[Trouble]:
    """Ask every check about every mesh; parts with keys of their own may rest while the head moves."""
    speaking = any(case.motion is not None for case in cases)
    return [
        one for number, case in enumerate(cases) for one in _look_at(case)
        if not (speaking and number and one.finding.what in AT_REST)
    ]  # fmt: skip


def _look_at(case: Case) -> list[Trouble]:
    found = [one for check in CHECKS for one in check.check(case)]
    own = {case.body.name, case.rig.name if case.rig is not None else ""}
    kept = [one for one in found if one.finding.thing in own and one.finding.where != EXPORT]
    if not case.is_linked:
        return found
    fixed_there = [Trouble(replace(one.finding, fix=""), None) if one in kept else one for one in found]
    why = f"{case.body.name} is linked from another file and cannot be changed here"
    where = PLAYBACK if kept or case.motion is None else EXPORT  # one that plays as it is meant to is a note
    cure = partial(remedies.override, case)
    override = trouble("linked", case.body, why, "Override", cure, ask=True, where=where)
    return [*fixed_there, override]


def _plays(case: Case) -> str:
    """Say what moves a mesh that is not kept still."""
    first, last = case.motion or (0.0, 0.0)
    names = [
        name for name, moved in case.wanted.items() if any(one.plays and not curve.mute for one, curve in moved)
    ]  # fmt: skip
    sources = list(dict.fromkeys(one.name for one in case.sources if one.plays and one.moving))
    what = f"{len(names)} shape key{'s' * (len(names) != 1)}" if names else "its rig"
    return f"{case.body.name}: {what}, frames {first:.0f} to {last:.0f}, by {few(sources)}"
