"""Properties that F-curves name, by data path and index: found, read and set."""

from __future__ import annotations

from typing import Any


def owner_of(thing: Any, path: str) -> tuple[Any, str]:
    """Find whose property a path of a data-block names, and how it is called there; None for one that is gone."""
    stem, _, name = path.rpartition(".")
    try:
        owner = thing.path_resolve(stem) if stem else thing
    except ValueError:
        return None, name
    return (owner if hasattr(owner, name) else None), name


def read(owner: Any, name: str, index: int) -> float:
    """Read a property, or one number of several."""
    value = getattr(owner, name)
    return value[index] if hasattr(value, "__len__") else value


def put(owner: Any, name: str, index: int, value: float) -> None:
    """Set a property, or one number of several."""
    if hasattr(getattr(owner, name), "__len__"):
        getattr(owner, name)[index] = value
    else:
        setattr(owner, name, value)
