"""Build and validate the extension with Blender's own builder, which lies in the bpy wheel and needs no Blender.

    .venv/bin/python tools/build_zip.py out

Prints the zip's path.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def builder() -> Path:
    """Give Blender's extension script, without importing Blender."""
    spec = importlib.util.find_spec("bpy")
    if spec is None or spec.origin is None:
        sys.exit("build_zip: bpy is not installed here; run: make setup")
    return next(Path(spec.origin).parent.glob("*/scripts/addons_core/bl_pkg/cli/blender_ext.py"))


def build(folder: Path) -> Path:
    """Write headroom-<version>.zip into a folder, replacing an older one; ends the process when that fails."""
    version = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))["version"]
    path = folder / f"headroom-{version}.zip"
    folder.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    script = str(builder())
    for verb in (["build", "--source-dir", str(ROOT), "--output-filepath", str(path)], ["validate", str(path)]):
        done = subprocess.run([sys.executable, "-I", script, *verb], capture_output=True, text=True)
        if done.returncode != 0:
            path.unlink(missing_ok=True)
            sys.exit(f"build_zip: {verb[0]} failed\n{done.stdout}{done.stderr}")
    return path


if __name__ == "__main__":
    print(build(Path(sys.argv[1] if len(sys.argv) > 1 else "out")))
