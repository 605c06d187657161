"""Blender for the command line: the `bpy` module when run from Python, the running program under `--command`."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from ..core.errors import InputError

_resources: list[str] = []


def start() -> None:
    """Import bpy, with settings of its own so that nobody's are read or changed.

    Raises `InputError` when there is no Blender to import.
    """
    if "bpy" in sys.modules:
        return
    if "BLENDER_USER_RESOURCES" not in os.environ:
        _resources.append(tempfile.mkdtemp(prefix="headroom-blender-"))
        os.environ["BLENDER_USER_RESOURCES"] = _resources[0]
    try:
        import bpy  # noqa: F401
    except ImportError as error:
        raise InputError(
            "this needs Blender as a Python module (bpy), which is not installed; "
            "csv, json and npz work without it, or run: blender --command headroom"
        ) from error


def fresh_scene(fps: float) -> None:
    """Empty the session and set its frame rate."""
    start()
    import bpy

    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    set_rate(fps)


def open_file(path: Path, scripts: bool = False) -> None:
    """Open a .blend file, whose Python (drivers, texts that register) runs with `scripts` only.

    Raises `InputError` when Blender cannot.
    """
    start()
    import bpy

    try:
        bpy.ops.wm.open_mainfile(filepath=str(path.resolve()), load_ui=False, use_scripts=scripts)
    except RuntimeError as error:
        raise InputError(f"{path}: is no .blend file that this Blender can open") from error


def set_rate(fps: float) -> None:
    """Set the scene's frame rate, also a broken one such as 23.976."""
    import bpy

    render = bpy.context.scene.render
    render.fps = max(1, round(fps))
    render.fps_base = render.fps / fps


def leave(status: int) -> None:
    """End the process with `status`.

    Blender 4.5 as a module hangs for ever in Python's own clean-up, so once it was imported that is skipped.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    for folder in _resources:
        shutil.rmtree(folder, ignore_errors=True)
    if "bpy" in sys.modules:
        os._exit(status)
    sys.exit(status)
