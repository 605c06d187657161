"""Zips with libraries: all of them, in the versions that are tested, and none that only NVIDIA's cards can use."""

import re
import zipfile
from pathlib import Path

import pytest

from headroom.tools import packages

ROOT = Path(__file__).resolve().parents[2]


def pinned(name):
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if "==" in line and not line.startswith("#"))


def test_what_is_carried_is_what_is_tested():
    runtime = pinned("runtime.txt")
    carried = pinned("extension.txt")
    assert {name: carried.get(name) for name in runtime if name != "numpy"} == {
        name: version for name, version in runtime.items() if name != "numpy"
    }
    assert "numpy" not in carried, "Blender brings it, and another beside it breaks its sound library"


def wheel(folder, name, *needs):
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        lines = [f"Name: {name}", *(f"Requires-Dist: {need}" for need in needs)]
        archive.writestr(f"{name}-1.0.dist-info/METADATA", "\r\n".join(lines))
    return path


def test_what_a_wheel_needs_depends_on_the_system(tmp_path):
    needs = ('nvidia-cublas; platform_system == "Linux"', "filelock", 'more; extra == "opt"',
             'setuptools; python_version >= "3.12"')  # fmt: skip
    path = wheel(tmp_path, "torch", *needs)
    names = {
        target: {one.name for one in packages.needs(path, packages.Target(*target))}
        for target in (("linux-x64", "3.11"), ("windows-x64", "3.13"))
    }
    assert names == {("linux-x64", "3.11"): {"nvidia-cublas", "filelock"},
                     ("windows-x64", "3.13"): {"filelock", "setuptools"}}  # fmt: skip


@pytest.fixture
def gathered(tmp_path, monkeypatch):
    """Let the index give some wheels: `gathered(target, make)`."""
    monkeypatch.setattr(packages, "CACHE", tmp_path)

    def gather(target, make, given=None):
        def pip(command, **_):
            place = Path(command[command.index("--dest") + 1])
            make(place)
            return type("Done", (), {"returncode": 0, "stderr": ""})

        monkeypatch.setattr(packages.subprocess, "run", pip)
        return packages.wheels(target, given)

    return gather


def test_wheels_for_nvidia_alone_are_left_out(gathered):
    linux = packages.Target("linux-x64", "3.13")
    with pytest.raises(packages.Missing, match="--wheels"):
        gathered(linux, lambda place: wheel(place, "torch", 'nvidia-cublas; platform_system == "Linux"'))
    windows = packages.Target("windows-x64", "3.13")
    found = gathered(windows, lambda place: wheel(place, "torch", 'nvidia-cublas; platform_system == "Linux"'))
    assert [one.name for one in found] == ["torch-1.0-py3-none-any.whl"]


def test_a_library_that_is_missing_is_told(gathered):
    target = packages.Target("macos-arm64", "3.11")
    with pytest.raises(packages.Missing, match="lacks sympy"):
        gathered(target, lambda place: wheel(place, "torch", "sympy", "numpy"))


def test_each_python_goes_with_its_blenders():
    low = {python: re.search(r'min = "([\d.]+)"', lines).group(1) for python, lines in packages.PYTHONS.items()}
    assert low == {"3.11": "4.2.0", "3.13": "5.1.0"}
    assert 'max = "5.1.0"' in packages.PYTHONS["3.11"]


def test_a_wheel_of_ones_own_comes_first(gathered, tmp_path):
    given = tmp_path / "given"
    given.mkdir()
    wheel(given, "torch", "filelock")
    target = packages.Target("linux-x64", "3.13")
    found = gathered(target, lambda place: wheel(place, "filelock"), given)
    assert [one.name.split("-")[0] for one in found] == ["filelock", "torch"]
