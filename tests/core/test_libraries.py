"""Libraries are found and judged without importing them."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from headroom.core import libraries
from headroom.core.libraries import BROKEN, FINE, LIBRARIES, MISSING, OTHER, Library

ROOT = Path(__file__).resolve().parents[2]
OURS = Library("madeup-lib", "madeup_lib", "2.6", "2.15")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def install(folder: Path, version: str, module: bool = True) -> None:
    meta = folder / f"madeup_lib-{version}.dist-info"
    meta.mkdir(parents=True)
    (meta / "METADATA").write_text(f"Metadata-Version: 2.1\nName: madeup-lib\nVersion: {version}\n")
    if module:
        (folder / "madeup_lib").mkdir()
        (folder / "madeup_lib" / "__init__.py").write_text("raise ImportError('never imported')\n")


def test_the_ranges_are_those_of_the_package_and_the_lock():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {one.name: one for one in map(Requirement, project["dependencies"])}
    assert {library.name for library in LIBRARIES} == set(asked)
    lock = (ROOT / "requirements" / "extension.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lock if "==" in line)
    for library in LIBRARIES:
        assert Version(str(asked[library.name].specifier).removeprefix(">=")) == Version(library.lowest)
        assert library.name == "numpy" or libraries.within(pins[library.name], library)


@pytest.mark.parametrize(
    ("version", "state"),
    [("2.6.0", FINE), ("2.6.0+debian", FINE), ("2.14.1", FINE), ("2.5.1", OTHER), ("2.15", OTHER), ("3.0", OTHER)],
)
def test_a_version_is_judged_by_its_numbers(folder, version, state):
    install(folder, version)
    found = libraries.look_at(OURS)
    assert (found.version, found.state, found.folder) == (version, state, folder.resolve())


def test_what_is_not_there_is_missing(folder):
    assert libraries.look_at(OURS).state == MISSING


def test_what_is_there_in_name_only_is_broken(folder):
    install(folder, "2.7", module=False)
    assert libraries.look_at(OURS).state == BROKEN


def test_a_copy_in_front_is_told(folder, monkeypatch):
    front = folder / "front"
    front.mkdir()
    monkeypatch.syspath_prepend(str(folder / "back"))
    install(folder / "back", "2.7")
    (front / "madeup_lib.py").write_text("")
    monkeypatch.syspath_prepend(str(front))
    found = libraries.look_at(OURS)
    assert found.state == OTHER and found.hidden_by == (front / "madeup_lib.py").resolve()


def test_a_copy_that_does_not_say_its_version_is_told(folder):
    (folder / "madeup_lib").mkdir()
    (folder / "madeup_lib" / "__init__.py").write_text("")
    found = libraries.look_at(OURS)
    assert (found.state, found.version, found.folder) == (OTHER, "", folder.resolve())


def test_looking_imports_nothing_heavy():
    code = (
        "import sys; from headroom.core import libraries; libraries.look(); "
        "print([one for one in ('torch', 'scipy', 'soundfile', 'safetensors') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
