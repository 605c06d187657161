"""Check types with mypy against the stubs of one Blender version.

    python tools/check_types.py 4.5

The repository's root is the package itself, whatever its folder is called, and mypy names modules after folders: a
link `.cache/package/headroom` to the root gives them their real names.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("core", "addon", "operators", "panels", "training", "benchmarks", "tools")


def main(version: str) -> int:
    """Run mypy on the whole package and give its exit code."""
    link = ROOT / ".cache" / "package" / "headroom"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(ROOT, target_is_directory=True)
    stubs = ROOT / ".cache" / "types" / version / "bin" / "python"
    environment = {**os.environ, "MYPYPATH": str(link.parent)}
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml")]
    command += ["--python-executable", str(stubs), "--hide-error-context"]
    command += ["--cache-dir", str(ROOT / ".mypy_cache" / version), "-m", "headroom"]
    command += [part for name in PACKAGES for part in ("-p", f"headroom.{name}")]
    print(f"mypy against Blender {version}:", flush=True)
    return subprocess.run(command, cwd=link.parent, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
