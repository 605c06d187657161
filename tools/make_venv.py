"""Set up a virtual environment with pinned requirements and Headroom in it; standard library only.

    python3.11 tools/make_venv.py .venv requirements/runtime.txt requirements/blender-4.5.txt …

Works the same on Linux, macOS and Windows (`.venv\\Scripts` there). The last line written is a stamp file, `.ready`,
so that an interrupted set-up is taken up again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = (3, 11)
"""The Python that Blender 4.5 and 5.0 are built for; their wheels exist for no other."""


def fail(message: str) -> None:
    """End with one line on standard error."""
    sys.exit(f"setup: {message}")


def call(*command: str | Path, timeout: float | None = None) -> int:
    """Run a command from the repository's root without a standard input; gives its exit code."""
    parts = [str(part) for part in command]
    return subprocess.run(parts, cwd=ROOT, stdin=subprocess.DEVNULL, timeout=timeout).returncode


def create(venv: Path) -> Path:
    """Make the environment where it does not exist and give its Python."""
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if python.exists() and call(python, "-c", "import pip") == 0:
        return python
    if call(sys.executable, "-m", "venv", "--clear", venv) != 0:
        hint = "sudo apt-get install python3.11-venv" if sys.platform.startswith("linux") else "python -m ensurepip"
        if not sys.platform.startswith("linux") or os.geteuid() != 0 or shutil.which("apt-get") is None:
            fail(f"a virtual environment could not be made; run: {hint}")
        call("apt-get", "update", "-qq")
        package = "python{}.{}-venv".format(*sys.version_info)
        if call("apt-get", "install", "-y", "-qq", "--no-install-recommends", package) != 0:
            fail(f"apt could not install {package}")
        if call(sys.executable, "-m", "venv", "--clear", venv) != 0:
            fail("a virtual environment could not be made")
    return python


def main(venv_name: str, *requirements: str) -> None:
    """Create the environment, install, and see that Blender's module can be imported."""
    if sys.version_info[:2] != PYTHON:
        wanted, found = ".".join(map(str, PYTHON)), ".".join(map(str, sys.version_info[:2]))
        fail(f"needs Python {wanted}, this is {found}; install it, then: make PYTHON=/path/to/python{wanted} …")
    if call(sys.executable, ROOT / "tools/system_libraries.py") != 0:
        fail("system libraries are missing (see above)")
    start, venv = time.time(), ROOT / venv_name
    python = create(venv)
    print(f"setup: installing pinned packages into {venv_name} (about a minute, 2 GB)", flush=True)
    files = [argument for name in requirements for argument in ("-r", name)]
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    for attempt in range(3):
        if call(*pip, *files) == 0:
            break
        if attempt == 2:
            fail("packages could not be installed; see pip's messages above")
        time.sleep(10 * (attempt + 1))
    if call(*pip, "--no-deps", "--no-build-isolation", "--editable", ".") != 0:
        fail("headroom itself could not be installed")
    # Blender's module may hang when an interpreter that holds it ends the ordinary way.
    if call(python, "-c", "import bpy, os, sys; sys.stdout.flush(); os._exit(0)", timeout=300) != 0:
        fail("Blender's Python module cannot be imported; see the message above")
    (venv / ".ready").touch()
    print(f"setup: {venv_name} is ready, {time.time() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
