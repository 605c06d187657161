"""The extension's manifest says what it must, and the zip holds what users need and nothing else."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = re.compile(
    r"blender_manifest\.toml|__init__\.py|LICENSE|README\.md"
    r"|(addon|operators|panels|core)/([a-z0-9_]+/)*[a-z0-9_]+\.py"
    r"|addon/translations/[a-zA-Z_@]+\.po"
    r"|core/models/[a-z0-9_.-]+\.(safetensors|json|md)"
    r"|[a-z_/]+/"
)
LARGEST = 25_000_000


@pytest.fixture(scope="module")
def manifest() -> dict:
    return tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))


def test_the_manifest_says_who_and_what(manifest: dict) -> None:
    assert manifest["schema_version"] == "1.0.0"
    assert (manifest["id"], manifest["name"], manifest["type"]) == ("headroom", "Headroom", "add-on")
    assert re.fullmatch(r"\d+\.\d+\.\d+", manifest["version"])
    assert manifest["blender_version_min"] == "4.2.0"
    assert manifest["license"] == ["SPDX:GPL-3.0-or-later"]
    assert 0 < len(manifest["tagline"]) <= 64 and manifest["tagline"][-1] not in ".!?"


def test_keys_stand_where_blender_reads_them(manifest: dict) -> None:
    """Blender's own validation passes over a key in the wrong place."""
    known = {
        "schema_version", "id", "version", "name", "tagline", "maintainer", "type", "tags", "website",
        "blender_version_min", "blender_version_max", "license", "copyright", "permissions", "build", "platforms",
        "wheels",
    }  # fmt: skip
    assert set(manifest) <= known
    assert set(manifest["permissions"]) <= {"files", "clipboard", "camera", "microphone"}, "offline: no network"
    assert all(len(reason) <= 64 and reason[-1] != "." for reason in manifest["permissions"].values())
    assert set(manifest["build"]) <= {"paths", "paths_exclude_pattern", "generated"}


def test_the_version_stands_in_one_place(manifest: dict) -> None:
    assert "version" not in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert manifest["version"] not in (ROOT / "__init__.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Build the zip as `make zip` does."""
    command = [sys.executable, ROOT / "tools" / "build_zip.py", tmp_path_factory.mktemp("zip")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return zipfile.ZipFile(done.stdout.strip())


def test_the_zip_holds_only_what_users_need(archive: zipfile.ZipFile) -> None:
    strange = [name for name in archive.namelist() if not ALLOWED.fullmatch(name)]
    assert not strange, f"not meant for users: {strange[:20]}"


def test_the_zip_holds_all_that_is_needed(archive: zipfile.ZipFile) -> None:
    names = set(archive.namelist())
    wanted = {"blender_manifest.toml", "__init__.py", "LICENSE"}
    for folder in ("addon", "operators", "panels", "core"):
        wanted |= {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*.py")}
    wanted |= {path.relative_to(ROOT).as_posix() for path in (ROOT / "core" / "models").glob("*.safetensors")}
    assert not wanted - names


def test_the_zip_is_small(archive: zipfile.ZipFile) -> None:
    assert sum(entry.compress_size for entry in archive.infolist()) < LARGEST
