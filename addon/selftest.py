# mypy: disable-error-code="valid-type"
"""What the last self-test found, for Preferences: kept in the window manager, so it is never saved and never undone."""

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, CollectionProperty, PointerProperty, StringProperty

if TYPE_CHECKING:
    from ..core.selftest import Outcome

NAME = "headroom_selftest"


class HeadroomCheck(bpy.types.PropertyGroup):
    """One line of the self-test; `name` is what was tried."""

    works: BoolProperty()
    said: StringProperty()


class HeadroomSelfTest(bpy.types.PropertyGroup):
    """The last self-test."""

    checks: CollectionProperty(type=HeadroomCheck)


def state_of(context: bpy.types.Context) -> Any:
    """Give what was found last."""
    return getattr(context.window_manager, NAME)


def keep(context: bpy.types.Context, outcomes: "tuple[Outcome, ...]") -> None:
    """Show these outcomes from now on."""
    checks = state_of(context).checks
    checks.clear()
    for outcome in outcomes:
        item = checks.add()
        item.name, item.works, item.said = outcome.name, outcome.works, outcome.said


def attach() -> None:
    """Hang the group onto the window manager; after its class is registered."""
    setattr(bpy.types.WindowManager, NAME, PointerProperty(type=HeadroomSelfTest))  # type: ignore[func-returns-value]


def detach() -> None:
    """Undo `attach`."""
    delattr(bpy.types.WindowManager, NAME)
