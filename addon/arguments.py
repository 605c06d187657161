"""Options classes as command-line arguments, and as the words an artist types into one field."""

from __future__ import annotations

import argparse
import dataclasses
import types
import typing
from typing import Any, NoReturn

from ..core.errors import InputError
from ..core.options import field_types


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one line and one exception, not a page and an exit."""

    def error(self, message: str) -> NoReturn:
        """Raise `InputError` with argparse's message."""
        raise InputError(f"{message}; see {self.prog} --help")


def add_options(parser: argparse.ArgumentParser, options_class: type, leave_out: tuple[str, ...] = ()) -> None:
    """Give a parser one argument per field of an options class, with its help, unit, default and choices."""
    group = parser.add_argument_group("settings")
    for field in dataclasses.fields(options_class):
        if field.name in leave_out:
            continue
        kind = _plain(field_types(options_class)[field.name])
        flag, settings = f"--{field.name.replace('_', '-')}", _settings(field, kind)
        group.add_argument(flag, dest=field.name, default=None, **settings)


def options_from(options_class: type, given: argparse.Namespace) -> Any:
    """Build the options object from what was given on the command line; its own check refuses bad values."""
    values = {}
    for field in dataclasses.fields(options_class):
        value = getattr(given, field.name, None)
        if value is None:
            continue
        kind = _plain(field_types(options_class)[field.name])
        if _origin(kind) is dict:
            value = assignments(" ".join(value), field.name)
        elif _origin(kind) is tuple:
            value = tuple(part for part in value.replace(",", " ").split())
        values[field.name] = value
    return options_class(**values)


def words(options: Any) -> list[str]:
    """Spell an options object of plain values as a command line gives it."""
    spelled = []
    for field in dataclasses.fields(options):
        value, flag = getattr(options, field.name), field.name.replace("_", "-")
        spelled.append((f"--{flag}" if value else f"--no-{flag}") if isinstance(value, bool) else f"--{flag}={value}")
    return spelled


def assignments(text: str, option: str = "set") -> dict[str, float]:
    """Read `nose_width=1.5 skin_tone=0.3` (blanks or commas between) into numbers by name.

    Raises `InputError` for anything else.
    """
    values = {}
    for word in text.replace(",", " ").split():
        name, sign, number = word.partition("=")
        try:
            values[name] = float(number)
        except ValueError:
            name = ""
        if not (name and sign):
            raise InputError(f"--{option} {word}: write NAME=NUMBER, such as nose_width=1.5")
    return values


def _settings(field: dataclasses.Field, kind: Any) -> dict[str, Any]:
    rule = field.metadata
    text = rule["help"].replace("%", "%%")
    if rule["low"] is not None and rule["high"] is not None:
        text += f", {rule['low']:g} to {rule['high']:g}{' ' + rule['unit'] if rule['unit'] else ''}"
    elif rule["unit"]:
        text += f", {rule['unit']}"
    if field.default not in (dataclasses.MISSING, None, "", ()):
        text += f" (default: {field.default})"
    if kind is bool:
        return {"help": text, "action": argparse.BooleanOptionalAction}
    if _origin(kind) is dict:
        return {"help": text, "action": "append", "metavar": "NAME=NUMBER"}
    if _origin(kind) is tuple:
        return {"help": text, "metavar": "NAME,NAME"}
    settings: dict[str, Any] = {"help": text, "type": kind if kind in (int, float) else str}
    if rule["choices"] and len(rule["choices"]) <= 8:
        settings["metavar"] = "{" + ",".join(rule["choices"]) + "}"
    else:
        settings["metavar"] = "N" if kind in (int, float) else field.name.upper()
    return settings


def _plain(kind: Any) -> Any:
    """Take the `| None` off a type."""
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        return next(part for part in typing.get_args(kind) if part is not type(None))
    return kind


def _origin(kind: Any) -> Any:
    return typing.get_origin(kind) or kind
