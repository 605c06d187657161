# mypy: disable-error-code="valid-type"
"""What the doctor found last, for its panel: kept in the window manager, so it is never saved and never undone."""

from typing import Any

import bpy
from bpy.props import BoolProperty, CollectionProperty, PointerProperty, StringProperty

NAME = "headroom_doctor"


class HeadroomFinding(bpy.types.PropertyGroup):
    """One line of the list; `name` is what the finding is called when it is fixed."""

    why: StringProperty()
    fix: StringProperty()
    ask: BoolProperty()
    note: BoolProperty()


class HeadroomDoctor(bpy.types.PropertyGroup):
    """The last look: whom it was at, what was found and what plays."""

    looked: BoolProperty()
    whom: StringProperty()
    plays: StringProperty()
    findings: CollectionProperty(type=HeadroomFinding)


def state_of(context: bpy.types.Context) -> Any:
    """Give what was found last."""
    return getattr(context.window_manager, NAME)


def why_not(context: bpy.types.Context) -> str:
    """Say in one line why there is nothing to look at, or nothing when there is; cheap."""
    from .bridge.heads import instanced

    thing = context.active_object
    if thing is None or thing.type not in ("MESH", "ARMATURE"):
        return instanced(thing) or "Select a head, one of its parts, or its rig"
    return ""


def look(context: bpy.types.Context) -> Any:
    """Look at what is active and selected, keep what was found, and give the `Report`."""
    from ..core.rig.doctor import EXPORT
    from .bridge import doctor

    bodies = doctor.bodies_of(context)
    report = doctor.examine(bodies, context.scene, context.view_layer)
    state = state_of(context)
    state.looked, state.whom, state.plays = True, ", ".join(body.name for body in bodies), "\n".join(report.plays)
    state.findings.clear()
    for finding in report.findings:
        item = state.findings.add()
        item.name, item.why, item.fix, item.ask = finding.ident, finding.why, finding.fix, finding.ask
        item.note = finding.where == EXPORT
    return report


def look_again(context: bpy.types.Context) -> None:
    """Renew a list that is shown: an undo may have brought back what was fixed."""
    if not state_of(context).looked:
        return
    if context.view_layer is None or not any(thing.type == "MESH" for thing in context.view_layer.objects):
        forget(context)
        return
    look(context)


def forget(context: bpy.types.Context) -> None:
    """Show no list any more: another file was opened."""
    state = state_of(context)
    state.looked, state.whom, state.plays = False, "", ""
    state.findings.clear()


def attach() -> None:
    """Hang the group onto the window manager; after its class is registered."""
    setattr(bpy.types.WindowManager, NAME, PointerProperty(type=HeadroomDoctor))  # type: ignore[func-returns-value]


def detach() -> None:
    """Undo `attach`."""
    delattr(bpy.types.WindowManager, NAME)
