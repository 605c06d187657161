"""Make sure that the system libraries Blender's Python module loads are there; standard library only.

Nothing is installed when they already are. As root on a Debian or Ubuntu, apt installs what is missing; otherwise
the exact line to run is printed and the exit code is 1.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys

PACKAGES = {
    "libX11.so.6": "libx11-6",
    "libXrender.so.1": "libxrender1",
    "libXfixes.so.3": "libxfixes3",
    "libXi.so.6": "libxi6",
    "libXext.so.6": "libxext6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",  # Workbench renders through EGL, without a display
}
"""Library name -> Debian package; what `ldd` shows for pip's bpy 4.5 and 5.0, and EGL for rendering."""


def missing() -> list[str]:
    """Give the names of libraries that cannot be loaded."""
    absent = []
    for name in PACKAGES:
        try:
            ctypes.CDLL(name)
        except OSError:
            absent.append(name)
    return absent


def main() -> int:
    """Check, install where that is allowed, check again; returns the exit code."""
    if not sys.platform.startswith("linux"):
        return 0  # Blender's wheels for macOS and Windows bring what they need
    absent = missing()
    if not absent:
        return 0
    packages = [PACKAGES[name] for name in absent]
    if shutil.which("apt-get") is None:
        print(f"Blender needs {', '.join(absent)}: install them with your system's package manager", file=sys.stderr)
        return 1
    if os.geteuid() != 0:
        print(f"Blender needs system libraries; run: sudo apt-get install {' '.join(packages)}", file=sys.stderr)
        return 1
    print(f"installing {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    for command in (["apt-get", "update", "-qq"], install):
        if subprocess.run(command, env=environment, stdin=subprocess.DEVNULL).returncode != 0:
            print(f"failed: {' '.join(command)}", file=sys.stderr)
            return 1
    absent = missing()
    if absent:
        print(f"still not there after installing: {', '.join(absent)}", file=sys.stderr)
    return 1 if absent else 0


if __name__ == "__main__":
    sys.exit(main())
