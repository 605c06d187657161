# mypy: disable-error-code="valid-type"
"""The attributes of a head as sliders: on a head they edit it, in a scene they say what the next heads shall have."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import bpy
import numpy as np
from bpy.props import BoolProperty, FloatProperty, PointerProperty

from ..core.head.attributes import ATTRIBUTES

NAME = "headroom_person"
_muted: list[bool] = []


def groups() -> dict[str, list[str]]:
    """Give the attributes by group, in the order in which they are defined."""
    found: dict[str, list[str]] = {}
    for name, rule in ATTRIBUTES.items():
        found.setdefault(rule.group, []).append(name)
    return found


def title(name: str) -> str:
    """Spell an attribute for people."""
    return name.replace("_", " ").title()


def description(name: str) -> str:
    """Say what an attribute does, as a tooltip."""
    phrase = ATTRIBUTES[name].help
    return phrase[:1].upper() + phrase[1:]


def lock_name(group: str) -> str:
    """Name the property that keeps a group of attributes as it is."""
    return "lock_" + group.lower().replace(" ", "_")


def _slid(person: Any, context: bpy.types.Context) -> None:
    if not _muted:
        from . import editing

        editing.slid(person.id_data)


def _sliders(update: Any = None) -> dict[str, Any]:
    """Declare one slider per attribute; `update` is called when one is moved."""
    made: dict[str, Any] = {}
    for name, rule in ATTRIBUTES.items():
        unit_range = (rule.low, rule.high) == (0.0, 1.0)
        settings: dict[str, Any] = {"update": update} if update else {}
        made[name] = FloatProperty(  # type: ignore[func-returns-value]
            name=title(name), description=description(name), min=rule.low, max=rule.high,
            default=rule.default if rule.default is not None else (rule.low + rule.high) / 2,
            subtype="FACTOR" if unit_range else "NONE", precision=2 if rule.high - rule.low <= 10 else 0,
            step=1 if rule.high - rule.low <= 10 else 100, **settings,
        )  # fmt: skip
    return made


class HeadroomPerson(bpy.types.PropertyGroup):
    """Who a head is, as sliders that change it while they are dragged, and which groups stay when it is varied."""

    __annotations__ = {
        **_sliders(update=_slid),
        **{
            lock_name(group): BoolProperty(  # type: ignore[func-returns-value]
                name=f"Keep {group}", description=f"Keep {group.lower()} as it is when the head is randomized or varied"
            )
            for group in groups()
        },
    }


class HeadroomWishes(bpy.types.PropertyGroup):
    """What the next heads shall have; only the attributes that are listed in the settings count."""

    __annotations__ = _sliders()


def person_of(body: bpy.types.Object) -> Any:
    """Give the sliders of a head."""
    return getattr(body, NAME)


def values_of(person: Any, before: Mapping[str, float]) -> dict[str, float]:
    """Read the sliders; those that stand where `before` has them give exactly that, not what 32 bits left of it.

    Attributes that `before` does not know, since the head is older than they are, count once they are set.
    """
    values = {}
    for name in ATTRIBUTES:
        shown, known = getattr(person, name), before.get(name)
        if known is None and not person.is_property_set(name):
            continue
        same = known is not None and np.float32(known) == np.float32(shown)
        values[name] = float(known) if same and known is not None else float(f"{shown:.6g}")
    return values


def show(body: bpy.types.Object, values: Mapping[str, float]) -> None:
    """Put the sliders of a head where it has its attributes, without editing it by that."""
    with muted():
        for name in ATTRIBUTES:
            if name in values:
                setattr(person_of(body), name, values[name])


@contextmanager
def muted() -> Iterator[None]:
    """Let sliders be set without anything following."""
    _muted.append(True)
    try:
        yield
    finally:
        _muted.pop()


def locked(body: bpy.types.Object) -> tuple[str, ...]:
    """Name the groups that shall stay when a head is varied."""
    return tuple(group for group in groups() if getattr(person_of(body), lock_name(group)))


def attach() -> None:
    """Hang the sliders onto objects."""
    setattr(bpy.types.Object, NAME, PointerProperty(type=HeadroomPerson))  # type: ignore[func-returns-value]


def detach() -> None:
    """Undo `attach`."""
    delattr(bpy.types.Object, NAME)
