"""What may be wrong with drivers of shape keys: they win over animation, are broken, or are muted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy

from ...core.head.correctives import CORRECTIVES, FOLLOW
from ...core.rig.doctor import are, few
from . import correctives
from .doctor_case import Case, Trouble, trouble


def check(case: Case) -> Iterator[Trouble]:
    """Look for drivers that keep shape keys from following their animation, or from following anything."""
    on = {name: curve for name, curve in case.drivers.items() if not curve.mute}
    over = {name: curve for name, curve in on.items() if name in case.wanted}
    if over:
        why = f"{_owner(over)} of {few(over)} on {case.body.name} {'win' if len(over) > 1 else 'wins'} over its keys"
        yield trouble("driven", case.body, why, _mute(over), lambda: _set_mute(case, over, True), ask=True)
    broken = {name: curve for name, curve in on.items() if name not in over and is_broken(curve)}
    if broken:
        yield _broken(case, broken)
    off = {name: curve for name, curve in case.drivers.items() if curve.mute and name not in case.wanted}
    if off:
        why = f"{_owner(off)} of {few(off)} on {case.body.name} {are(off)} muted"
        yield trouble("muted_drivers", case.body, why, "Unmute", lambda: _set_mute(case, off, False))


def is_broken(curve: Any) -> bool:
    """Tell whether a driver cannot be worked out: a variable points nowhere, or its expression fails."""
    driver = curve.driver
    return not driver.is_valid or any(not _is_there(target) for one in driver.variables for target in one.targets)


def _is_there(target: Any) -> bool:
    if target.id is None:
        return target.id_type == "SCENE"  # a property of the scene that is shown
    if target.data_path:
        try:
            target.id.path_resolve(target.data_path)
        except ValueError:
            return target.use_fallback_value
    return not target.bone_target or target.bone_target in target.id.pose.bones


def _broken(case: Case, broken: dict[str, Any]) -> Trouble:
    why = f"{_owner(broken)} of {few(broken)} on {case.body.name} cannot be worked out"
    if not bpy.context.preferences.filepaths.use_scripts_auto_execute and any(
        curve.driver.type == "SCRIPTED" and not curve.driver.is_simple_expression for curve in broken.values()
    ):
        why += "; it may need Auto Run Python Scripts"
    ours = [name for name in broken if name in CORRECTIVES or name in FOLLOW]
    if len(ours) == len(broken) and case.body.get("headroom") is not None:
        return trouble(
            "broken_drivers", case.body, why, "Make Anew", lambda: correctives.connect(case.body, case.rig, ours)
        )
    return trouble("broken_drivers", case.body, why, _mute(broken), lambda: _set_mute(case, broken, True), ask=True)


def _set_mute(case: Case, curves: dict[str, Any], mute: bool) -> None:
    for curve in curves.values():
        curve.mute = mute
    case.keys.update_tag()


def _owner(curves: dict[str, Any]) -> str:
    return "The drivers" if len(curves) > 1 else "The driver"


def _mute(curves: dict[str, Any]) -> str:
    return "Mute Drivers" if len(curves) > 1 else "Mute Driver"
