"""Options of a verb: frozen dataclasses whose fields say enough to build a command line and a panel from them.

Each verb has one function and one options class. The command line derives its arguments from the class, operator
properties are tested against it, and the same object is stored on what was made so that it can be made again.
"""

from __future__ import annotations

import dataclasses
import typing
from typing import Any

from .errors import InputError


def option(
    default: Any,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
    choices: tuple[str, ...] = (),
) -> Any:
    """Declare one field of an options class.

    `help` is one sentence without a final period; `low` and `high` are inclusive; `unit` is what a number counts
    ("seconds", "frames per second"); `choices` lists the values a string may take.
    """
    metadata = {"help": help, "low": low, "high": high, "unit": unit, "choices": choices}
    if isinstance(default, dict):
        return dataclasses.field(default_factory=lambda: dict(default), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def check(options: Any) -> None:
    """Refuse values outside a field's range or choices; call it in `__post_init__`.

    Raises `InputError` naming the option as the command line spells it.
    """
    for field in dataclasses.fields(options):
        value, rule = getattr(options, field.name), field.metadata
        name = field.name.replace("_", "-")
        if rule["choices"] and value not in rule["choices"]:
            raise InputError(f"--{name} {value}: not known; choose one of {', '.join(rule['choices'])}")
        if rule["low"] is None and rule["high"] is None:
            continue
        low, high = rule["low"], rule["high"]
        if value is not None and not (low <= value <= high):  # also refuses NaN
            unit = f" {rule['unit']}" if rule["unit"] else ""
            raise InputError(f"--{name} {value}: must lie between {low:g} and {high:g}{unit}")


def field_types(options_class: type) -> dict[str, Any]:
    """Give each field's resolved Python type by name."""
    return typing.get_type_hints(options_class)
