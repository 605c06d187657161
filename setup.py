"""What `pyproject.toml` cannot say: the version stands in the extension's manifest, and the root is the package."""

import tomllib
from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).parent
SHIPPED = ("addon", "operators", "panels", "core")

folders = sorted(file.parent for top in SHIPPED for file in (ROOT / top).rglob("__init__.py"))
setup(
    version=tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))["version"],
    packages=["headroom", *(".".join(["headroom", *folder.relative_to(ROOT).parts]) for folder in folders)],
)
