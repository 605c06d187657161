"""Work in another Blender, that must not touch the scene, the undo history or the patience of anybody in this one."""

from __future__ import annotations

import queue
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO

import bpy

from ..core.errors import HeadroomError
from ..core.progress import Progress

TICK = 0.2  # seconds between two looks whether to stop
LINE = re.compile(r"headroom-progress ([\d.]+) (.*)")
NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows would open a console

ALONE = """
import importlib.util, sys
from pathlib import Path
root = Path({root!r})
spec = importlib.util.spec_from_file_location("headroom", root / "__init__.py", submodule_search_locations=[str(root)])
package = sys.modules["headroom"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(package)
from headroom.addon.cli import main
main()
"""
"""Runs the command line where Blender is a module: its package may go by another name there."""


def command() -> list[str]:
    """Give the command line up to the verb: this Blender with this extension, or this Python with this package."""
    package = (__package__ or "").rpartition(".")[0]
    if bpy.app.binary_path:
        return [bpy.app.binary_path, "--background", "--addons", package, "--command", "headroom"]
    return [sys.executable, "-I", "-X", "utf8", "-c", ALONE.format(root=str(Path(__file__).resolve().parents[1]))]


def run(words: list[str], progress: Progress, fine: tuple[int, ...] = (0,)) -> str:
    """Run a command line whose verb was given `--progress`, and give what it printed.

    It is ended when `progress` raises. Raises `HeadroomError` with what it complains about when its exit code is none
    of those that are `fine`. Touches nothing of Blender's, so it may run in a thread.
    """
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=printed, stderr=subprocess.PIPE, encoding="utf-8",
            errors="replace", creationflags=NO_WINDOW,
        )  # fmt: skip
        last, complaint = _watched(process, progress)
        if process.returncode not in fine:
            raise HeadroomError(complaint or f"the other Blender ended with code {process.returncode}: {last}")
        printed.seek(0)
        return printed.read().decode("utf-8", "replace")


def _watched(process: subprocess.Popen[str], progress: Progress) -> tuple[str, str]:
    """Report what a process says until it ends; gives its last line and its last complaint."""
    said: queue.Queue[str] = queue.Queue()
    reader = threading.Thread(target=_hand_on, args=(process.stderr, said), daemon=True)
    reader.start()
    done, stage, complaint, last = 0.0, "Starting Blender", "", ""
    try:
        while process.poll() is None or not said.empty() or reader.is_alive():
            progress(done, stage)
            try:
                line = said.get(timeout=TICK).strip()
            except queue.Empty:
                continue
            if found := LINE.fullmatch(line):
                done, stage = float(found.group(1)), found.group(2)
            elif line.startswith("headroom: "):
                complaint = line.removeprefix("headroom: ")
            last = line or last
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
    return last, complaint


def tell(done: float, stage: str) -> None:
    """Report progress to the Blender that asked, from the other one."""
    print(f"headroom-progress {done:.4f} {stage}", file=sys.stderr, flush=True)


def _hand_on(stream: IO[str], said: queue.Queue[str]) -> None:
    for line in stream:
        said.put(line)
