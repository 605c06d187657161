"""People that an artist saved, as files in Blender's folder of user presets: who they are as JSON, never a script.

A preset of Blender's own kind is a script that Blender runs; what lies here may come from anyone and is only read.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ..core.errors import InputError
from ..core.formats.atomic import sweep, whole

if TYPE_CHECKING:
    from ..core.head.identity import Identity

PLACE = "presets/headroom"
LARGEST = 64 << 10
"""Bytes beyond which a file is not one of ours; they take 5 kB."""


def names() -> list[str]:
    """Name the people that are saved, in order."""
    folder = _folder()
    return sorted(path.stem for path in folder.glob("[!.]*.json") if path.is_file()) if folder.is_dir() else []


def save(name: str, identity: Identity) -> str:
    """Save a person and give the name as it could be kept; one saved under that name before is replaced.

    Raises `InputError` for a name that no file can have, `OutputError` when nothing can be written there.
    """
    kept = bpy.path.clean_name(name.strip()).replace("_", " ").strip()[:60]
    if not kept:
        raise InputError(f"{name!r}: give the person a name with letters or digits in it")
    bpy.utils.user_resource("SCRIPTS", path=PLACE, create=True)
    sweep(_folder())
    with whole(_path(kept)) as file:
        file.write(identity.to_json().encode())
    return kept


def load(name: str) -> Identity:
    """Read a saved person; raises `InputError` when the file has gone or is something else."""
    from ..core.head.identity import Identity

    path = _path(name)
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for
            raise ValueError("no file")
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
        if len(raw) > LARGEST:
            raise ValueError("too large")
        return Identity.from_json(raw.decode())
    except (OSError, ValueError, InputError) as error:
        raise InputError(f"{path}: is no person that Headroom saved; remove it or save one again") from error


def remove(name: str) -> None:
    """Delete a saved person; one that has gone already is no error."""
    try:
        _path(name).unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{_path(name)}: cannot be removed ({error.strerror}); delete the file by hand") from error


def _folder() -> Path:
    return Path(bpy.utils.user_resource("SCRIPTS", path=PLACE))


def _path(name: str) -> Path:
    """Where a person lies; raises `InputError` for a name that leads elsewhere."""
    if not name or name.startswith(".") or Path(name).name != name or "\\" in name:
        raise InputError(f"{name!r}: not the name of a saved person; choose one from the list")
    return _folder() / f"{name}.json"
