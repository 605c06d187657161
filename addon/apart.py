"""Command lines that hand Blender a file which may end it, run in a process of their own: a crash becomes one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ..core.errors import InputError
from ..core.formats.atomic import sweep_after

RISKY = (".abc",)
"""Endings of files that Blender's reader crashes on when they are damaged."""
WITHIN = "HEADROOM_APART"
"""Environment variable that says: this is that process."""


def needed(arguments: list[str]) -> list[Path]:
    """Give the files for which a command line had better run apart; none where it does already."""
    if WITHIN in os.environ:
        return []
    return [Path(one) for one in arguments if Path(one).suffix.lower() in RISKY and Path(one).is_file()]


def run(arguments: list[str], risky: list[Path], folder: Path) -> int:
    """Run a command line in another process, which shares the terminal, and give its exit code.

    Raises `InputError` when it crashed; what it had begun to write in `folder` is taken away.
    """
    child = subprocess.Popen(command(arguments), env=os.environ | {WITHIN: "1"})
    try:
        status = child.wait()
    except KeyboardInterrupt:  # the terminal told the child too, which says so
        status = child.wait()
    if 0 <= status <= 255:
        return status
    sweep_after(child.pid, folder)
    names = ", ".join(str(path) for path in risky)
    raise InputError(f"{names}: Blender's reader crashed on it; the file is damaged, copy or export it again")


def command(arguments: list[str]) -> list[str]:
    """Give the command of the other process: this Blender, or this Python."""
    bpy = sys.modules.get("bpy")
    if bpy is not None and bpy.app.binary_path:
        return [bpy.app.binary_path, "--command", "headroom", *arguments]
    package = __package__.rpartition(".")[0]
    return [sys.executable, "-c", f"from {package}.addon.cli import main; main()", *arguments]
