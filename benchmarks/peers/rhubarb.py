"""Rhubarb Lip Sync, the lip sync that most 2D and many 3D artists use today, on the same sounds."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from ..process import Run, run

HERE = Path(__file__).resolve().parent


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
    """Run it on a file of raw samples."""
    return run(["node", "rhubarb.mjs", str(samples)], folder)
