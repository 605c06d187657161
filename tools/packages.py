"""Build the zips that users install: the extension with all its libraries, one for each system and Python.

    .venv/bin/python tools/packages.py out
    .venv/bin/python tools/packages.py out --only linux-x64-py313 --wheels FOLDER

Libraries are those of `requirements/extension.txt`, as wheels. Where the index has none that fits, or only one for
NVIDIA (torch for Linux on Python 3.13), the zip is left out, with a line that says so; a folder given with `--wheels`
comes first. Prints each zip with its size.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from headroom.tools.build_zip import ROOT, build, builder

LOCK = ROOT / "requirements" / "extension.txt"
CACHE = ROOT / ".cache" / "wheels"
LARGEST = 400
"""Megabytes that a zip may have."""

SYSTEMS = {
    "linux-x64": ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64",
                  "manylinux_2_5_x86_64", "manylinux1_x86_64"),
    "windows-x64": ("win_amd64",),
    "macos-arm64": ("macosx_14_0_arm64", "macosx_13_0_arm64", "macosx_12_0_arm64", "macosx_11_0_arm64",
                    "macosx_11_0_universal2", "macosx_10_9_universal2"),
}  # fmt: skip
"""Blender's names of systems, and the tags of wheels that run there."""

PYTHONS = {
    "3.11": 'blender_version_min = "4.2.0"\nblender_version_max = "5.1.0"',
    "3.13": 'blender_version_min = "5.1.0"',
}
"""Python versions, and which Blenders have them."""

FOR_NVIDIA = ("nvidia", "triton", "cuda")
"""How the names of libraries begin that wheels for NVIDIA's cards need."""
BLENDERS = {"numpy"}
"""What comes with Blender."""
PLATFORM = {"linux-x64": "Linux", "windows-x64": "Windows", "macos-arm64": "Darwin"}


@dataclass(frozen=True)
class Target:
    """A system and a Python that a zip is for."""

    system: str
    python: str

    @property
    def name(self) -> str:
        return f"{self.system}-py{self.python.replace('.', '')}"


class Missing(Exception):
    """Why a zip cannot be made."""


def wheels(target: Target, given: Path | None) -> list[Path]:
    """Give the wheels of a target, out of the cache or the index. Raises `Missing`."""
    folder = CACHE / target.name
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [line for line in LOCK.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    for own in given.glob("*.whl") if given is not None else ():
        name = canonicalize_name(own.name.split("-")[0])
        for other in folder.glob("*.whl"):
            if canonicalize_name(other.name.split("-")[0]) == name:
                other.unlink()
        shutil.copy(own, folder / own.name)
        wanted = [line for line in wanted if canonicalize_name(line.split("==")[0]) != name]
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps",
               "--only-binary=:all:", "--python-version", target.python, "--dest", str(folder), *wanted]  # fmt: skip
    for tag in SYSTEMS[target.system]:
        command += ["--platform", tag]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        wrong = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["pip failed"]
        raise Missing(wrong[0].removeprefix("ERROR: "))
    found = sorted(folder.glob("*.whl"))
    asked = {wheel: {canonicalize_name(one.name) for one in needs(wheel, target)} for wheel in found}
    for wheel, names in asked.items():
        if any(name.startswith(FOR_NVIDIA) for name in names):
            wheel.unlink()
            raise Missing(f"the index has {wheel.name} for NVIDIA alone: name a folder with a CPU wheel, --wheels")
    there = {canonicalize_name(wheel.name.split("-")[0]) for wheel in found} | BLENDERS
    if lack := set().union(*asked.values()) - there:
        raise Missing(f"{LOCK.name} lacks {', '.join(sorted(lack))}")
    return found


def needs(wheel: Path, target: Target) -> list[Requirement]:
    """Give what a wheel asks for on a target."""
    with zipfile.ZipFile(wheel) as archive:
        meta = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        lines = re.findall(r"^Requires-Dist: *(.+)$", archive.read(meta).decode(), re.M)
    there = {"platform_system": PLATFORM[target.system], "python_version": target.python, "extra": ""}
    every = [Requirement(line.strip()) for line in lines]
    return [one for one in every if one.marker is None or one.marker.evaluate(there)]


def package(target: Target, plain: Path, found: list[Path], folder: Path) -> Path:
    """Put the plain extension and wheels into one zip, built and validated by Blender's builder."""
    path = folder / f"{plain.stem}-{target.name}.zip"
    path.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        place = Path(scratch) / "headroom"
        with zipfile.ZipFile(plain) as archive:
            archive.extractall(place)
        (place / "wheels").mkdir()
        for wheel in found:
            shutil.copy(wheel, place / "wheels" / wheel.name)
        manifest = place / "blender_manifest.toml"
        text = manifest.read_text(encoding="utf-8")
        names = ",\n".join(f'  "./wheels/{wheel.name}"' for wheel in found)
        added = f'{PYTHONS[target.python]}\nplatforms = ["{target.system}"]\nwheels = [\n{names},\n]'
        text, count = re.subn(r'^blender_version_min = ".*"$', added, text, flags=re.M)
        assert count == 1, "the manifest has no blender_version_min"
        manifest.write_text(text, encoding="utf-8")
        for verb in (["build", "--source-dir", str(place), "--output-filepath", str(path)], ["validate", str(path)]):
            done = subprocess.run([sys.executable, "-I", str(builder()), *verb], capture_output=True, text=True)
            if done.returncode:
                path.unlink(missing_ok=True)
                sys.exit(f"packages: {target.name}: {verb[0]} failed\n{done.stdout}{done.stderr}")
    return path


def main() -> None:
    """Build all, or some."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    targets = {one.name: one for one in (Target(system, python) for system in SYSTEMS for python in PYTHONS)}
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", choices=targets, action="append")
    parser.add_argument("--wheels", type=Path, help="a folder of wheels that come before those of the index")
    options = parser.parse_args()
    plain, large = build(options.folder), []
    for name in options.only or targets:
        try:
            found = wheels(targets[name], options.wheels)
        except Missing as why:
            print(f"{name}: left out: {why}", flush=True)
            continue
        path = package(targets[name], plain, found, options.folder)
        size = path.stat().st_size / 1e6
        large += [path.name] if size > LARGEST else []
        print(f"{path}: {size:.0f} MB, {len(found)} wheels", flush=True)
    if large:
        sys.exit(f"packages: larger than {LARGEST} MB: {', '.join(large)}")


if __name__ == "__main__":
    main()
