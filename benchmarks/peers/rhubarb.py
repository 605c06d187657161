"""Rhubarb Lip Sync, the lip sync that most 2D and many 3D artists use today, on the same sounds."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from ..process import Run, run

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Heard:
    """What Rhubarb made of a sound: its cues (start, end, shape A to H or X), and the seconds of processor time.

    The port's cues may overlap: a later one covers those before it.
    """

    cues: tuple[tuple[float, float, str], ...]
    work_cpu: float


def install(folder: Path) -> str | None:
    """Install the npm package into `folder`; gives the reason when that cannot be done."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        return "Node.js is not installed"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "rhubarb.mjs"):
        shutil.copy(HERE / name, folder / name)
    if (folder / "node_modules" / "rhubarb-lip-sync-wasm").is_dir():
        return None
    command = ["npm", "install", "--no-audit", "--no-fund", "--silent"]
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return None if done.returncode == 0 else f"npm install failed: {done.stderr.strip()[-200:]}"


def lipsync(samples: Path, folder: Path) -> Run:
    """Time it on a file of raw samples; `said` counts the cues."""
    done = run(["node", "rhubarb.mjs", str(samples)], folder)
    return replace(done, said={**done.said, "cues": len(done.said["cues"])})


def hear(samples: Path, folder: Path, text: Path | None = None) -> Heard:
    """Give its cues for a file of raw 16 kHz mono 16-bit samples; with a file of what is said, it is told that too.

    Raises `RuntimeError` when it fails.
    """
    command = ["node", "rhubarb.mjs", str(samples), *([str(text)] if text else [])]
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"Rhubarb failed on {samples}: {done.stderr.strip()[-200:]}")
    said = json.loads(done.stdout.splitlines()[-1])
    return Heard(tuple((start, end, shape) for start, end, shape in said["cues"]), said["work_cpu"])
