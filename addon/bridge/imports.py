"""Brings meshes out of files of other programs into the open scene."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any

import bpy

from ...core.errors import InputError


def bring(path: Path) -> None:
    """Import a file by its ending. Raises `InputError` when Blender cannot."""
    opener = OPENERS.get(path.suffix.lower())
    if opener is None:
        raise InputError(f"{path}: unknown ending {path.suffix or 'none'!r}; use one of {' '.join(OPENERS)}")
    try:
        with redirect_stderr(StringIO()):  # importers print their tracebacks, whose last line is told below
            opener(path)
    except (RuntimeError, AttributeError) as error:
        raise InputError(f"{path}: Blender cannot open it ({_reason(str(error))})") from error


def _reason(said: str) -> str:
    """Give the line of an importer's complaint that says why: not where in its code that was."""
    lines = [
        line for line in said.splitlines() if line.strip() and not line.startswith(("Location:", "Traceback", " "))
    ]
    return lines[-1].removeprefix("Error: ").strip() if lines else "no reason given"


def _importer(category: str, verb: str) -> Callable[[Path], None]:
    def run(path: Path) -> None:
        operator: Any = getattr(getattr(bpy.ops, category), verb)
        operator(filepath=str(path.resolve()))

    return run


OPENERS: dict[str, Callable[[Path], None]] = {
    ".obj": _importer("wm", "obj_import"),
    ".ply": _importer("wm", "ply_import"),
    ".stl": _importer("wm", "stl_import"),
    ".glb": _importer("import_scene", "gltf"),
    ".gltf": _importer("import_scene", "gltf"),
    ".fbx": _importer("import_scene", "fbx"),
    ".usd": _importer("wm", "usd_import"),
    ".usdc": _importer("wm", "usd_import"),
    ".usdz": _importer("wm", "usd_import"),
}
"""Ending -> importer."""
