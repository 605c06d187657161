"""Where the libraries that Headroom imports come from, in words: its own zip, another extension's, Blender, the system.

Blender unpacks the wheels of all extensions into one folder, where the highest version of each wins.
"""

from __future__ import annotations

import re
import sys
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import bpy

from ..core import libraries
from ..core.libraries import BROKEN, FINE, MISSING, OTHER, Found

OURS = Path(__file__).resolve().parents[1]
TOO_LARGE = 1 << 20
"""Bytes of a manifest."""
REINSTALL = "install the Headroom zip that is made for your system and Blender"


@dataclass(frozen=True)
class Line:
    """One library: what it is, one of the states of `core.libraries`, where it comes from, and what to do."""

    name: str
    version: str
    state: str
    origin: str
    advice: str


def lines() -> tuple[Line, ...]:
    """Tell about every library; looked up again only when extensions come or go."""
    shared = _shared()
    changed = shared.stat().st_mtime_ns if shared.is_dir() else 0
    return _lines(tuple(bpy.context.preferences.addons.keys()), tuple(sys.path), changed)


@lru_cache(maxsize=1)
def _lines(addons: tuple[str, ...], paths: tuple[str, ...], changed: int) -> tuple[Line, ...]:
    carried = _carried()
    return tuple(_line(found, carried) for found in libraries.look())


def _line(found: Found, carried: dict[str, list[tuple[str, str, Path]]]) -> Line:
    library = found.library
    if found.state == MISSING:
        advice = f"{library.without} is used" if library.without else REINSTALL
        return Line(library.name, "", FINE if library.without else MISSING, "not there", advice)
    bringers = carried.get(_plain(library.name), [])
    within = found.folder is not None and found.folder.is_relative_to(_shared())
    theirs = [name for name, version, folder in bringers if version == found.version and folder != OURS]
    ours = any(version == found.version and folder == OURS for _, version, folder in bringers)
    origin, others = _origin(found.folder, within, ours, theirs), " and ".join(theirs)
    if found.state == BROKEN:
        advice = f"is there in name only; {REINSTALL}"
    elif found.hidden_by is not None:
        advice = f"another copy is imported instead: {found.hidden_by}; take that away"
    elif found.state == OTHER:
        advice = f"Headroom is made for {library.range}"
        if within and others and not ours:
            advice += f"; disable {others}, or keep it and press Self-Test to see whether it works"
        else:
            advice += "; press Self-Test to see whether it works"
    elif library.name == "numpy" and within:
        state = f"hides Blender's own numpy; sound may break: disable {others or 'the extension that brings it'}"
        return Line(library.name, found.version, OTHER, origin, state)
    else:
        advice = ""
    return Line(library.name, found.version or "unknown version", found.state, origin, advice)


def _origin(folder: Path | None, within: bool, ours: bool, theirs: list[str]) -> str:
    """Say in words where a folder of libraries is from."""
    if within:
        names = [*(["Headroom"] if ours else []), *theirs]
        return f"from {' and '.join(names)}" if names else "left over from an extension"
    blender = Path(bpy.utils.resource_path("LOCAL")).resolve()
    if folder is None:
        return "from nowhere"
    if folder.is_relative_to(blender):
        return "from Blender"
    if folder.is_relative_to(Path(sys.prefix).resolve()) or folder.is_relative_to("/usr"):
        return "from Blender's Python"
    return f"from {folder}"


def _shared() -> Path:
    """Give the folder that the wheels of all extensions are unpacked to."""
    return Path(bpy.utils.user_resource("EXTENSIONS", path=".local")).resolve()


def _carried() -> dict[str, list[tuple[str, str, Path]]]:
    """Read from the manifests of installed extensions which wheels they carry: library -> (extension, version, its
    folder)."""
    found: dict[str, list[tuple[str, str, Path]]] = {}
    for repository in bpy.context.preferences.extensions.repos:
        folder = Path(repository.directory)
        for manifest in sorted(folder.glob("*/blender_manifest.toml")) if folder.is_dir() else ():
            try:
                with manifest.open("rb") as file:
                    table = tomllib.loads(file.read(TOO_LARGE).decode("utf-8"))
                wheels = [str(one) for one in table.get("wheels", ())]
            except (OSError, ValueError, TypeError):  # somebody else's, and not ours to complain about
                continue
            for wheel in wheels:
                name, _, rest = re.split(r"[/\\]", wheel)[-1].partition("-")
                bringer = (str(table.get("name", manifest.parent.name)), rest.split("-")[0], manifest.parent.resolve())
                if bringer not in found.setdefault(_plain(name), []):
                    found[_plain(name)].append(bringer)
    return found


def _plain(name: str) -> str:
    """Spell a library's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
