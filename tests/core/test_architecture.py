"""The rules of the house, held by reading the source: who may import whom, and what the repository may hold."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ("addon", "operators", "panels", "core")
BLENDER = {"bpy", "bpy_extras", "mathutils", "aud", "gpu", "gpu_extras", "bmesh", "blf", "addon_utils"}
HEAVY = {"torch", "scipy"}
"""Seconds to import: nothing that enabling the extension imports may have them at module level."""

MAY_IMPORT = {
    "panels": {
        "panels",
        "addon.properties",
        "addon.person",
        "addon.active",
        "addon.doctor",
        "addon.mixing",
        "addon.gate",
        "addon.rig_properties",
        "addon.translate",
    },
    "operators": {"operators", "addon", "core"},
    "addon.bridge": {"addon.bridge", "addon.compat", "core"},
    "addon.registration": {"addon", "operators", "panels", "core"},
    "addon": {"addon", "core"},
    "core": {"core"},
    "training": {"training", "core"},
    "training.speech.judge": {"training", "core", "benchmarks"},
    "training.speech.rivals": {"training", "core", "benchmarks"},
}
"""Folder or module -> what it may import of ours; the most exact entry counts."""

TEXT = {".py", ".toml", ".txt", ".md", ".sh", ".json", ".yml", ""}
LONGEST = 400
LIGHTEST = 40_000_000


def tracked() -> list[Path]:
    """Give every file that git tracks, and those it would."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def name_of(path: Path) -> str:
    """Give a module's dotted name inside the package, "" for the root."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, top_level_only: bool = False) -> set[str]:
    """Give the dotted names a file imports; ours without "headroom.", imported names included."""
    package = path.relative_to(ROOT).parent.parts
    found = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            start = ".".join(part for part in (base, node.module or "") if part)
            found.update(f"{start}.{alias.name}".lstrip(".") for alias in node.names)
        for child in ast.iter_child_nodes(node):
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            if not (top_level_only and (inside or is_type_checking(child))):
                visit(child)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return {name.removeprefix("headroom.") for name in found}


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def within(name: str, places: set[str]) -> bool:
    return any(name == place or name.startswith(place + ".") for place in places)


def rule_for(module: str) -> set[str]:
    """Give what a module may import: the rule of the longest matching name."""
    fitting = [place for place in MAY_IMPORT if module == place or module.startswith(place + ".")]
    return MAY_IMPORT[max(fitting, key=len)]


@pytest.mark.parametrize("path", modules(*SHIPPED, "training"), ids=name_of)
def test_imports_point_downwards(path: Path) -> None:
    ours = {name for name in imports(path) if within(name, {*SHIPPED, "training", "benchmarks", "tests"})}
    wrong = sorted(name for name in ours if not within(name, rule_for(name_of(path))))
    assert not wrong, f"{name_of(path)} must not import {', '.join(wrong)}"


MESH_MAKERS = {"training.rig.remeshed", "training.rig.judge_transfer", "training.rig.suzanne"}
"""What makes meshes to judge on by Blender's own modifiers; no weights come of it."""


@pytest.mark.parametrize("path", modules("core", "training"), ids=name_of)
def test_core_and_training_do_not_know_blender(path: Path) -> None:
    if name_of(path) in MESH_MAKERS:
        return
    wrong = sorted(name for name in imports(path) if name.split(".")[0] in BLENDER)
    assert not wrong, f"{name_of(path)} imports {', '.join(wrong)}"


@pytest.mark.parametrize("path", modules(*SHIPPED), ids=name_of)
def test_only_networks_import_torch_at_module_level(path: Path) -> None:
    if path.name == "net.py":
        return
    wrong = sorted(name for name in imports(path, top_level_only=True) if name.split(".")[0] == "torch")
    assert not wrong, f"{name_of(path)} imports {', '.join(wrong)} at module level"


def test_the_root_imports_only_inside_functions() -> None:
    assert not imports(ROOT / "__init__.py", top_level_only=True)


def test_what_enabling_imports_is_light() -> None:
    """Follow module-level imports from the registration on: no torch, no scipy on the way."""
    seen: set[Path] = set()
    waiting = [ROOT / "__init__.py", *modules("operators", "panels"), ROOT / "addon" / "registration.py"]
    while waiting:
        path = waiting.pop()
        if path in seen or not path.is_file():
            continue
        seen.add(path)
        for name in imports(path, top_level_only=True):
            assert name.split(".")[0] not in HEAVY, f"{name_of(path)} imports {name}"
            parts = name.split(".")
            for length in range(len(parts), 0, -1):
                place = ROOT.joinpath(*parts[:length])
                waiting += [place.with_suffix(".py"), place / "__init__.py"]
    assert len(seen) > 1


@pytest.mark.parametrize("path", [p for p in modules(*SHIPPED, "training") if p.name == "__init__.py"], ids=name_of)
def test_package_files_are_empty(path: Path) -> None:
    assert not path.read_text(encoding="utf-8").strip()


def test_every_shipped_folder_is_a_package() -> None:
    bare = {path.parent for path in modules(*SHIPPED) if not (path.parent / "__init__.py").is_file()}
    assert not bare, f"without __init__.py: {sorted(map(str, bare))}"


def test_files_stay_readable() -> None:
    long = {
        name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in tracked() if path.suffix == ".py"
    }
    assert not {name: lines for name, lines in long.items() if lines > LONGEST}


def test_no_junk_drawers() -> None:
    assert not [path for path in tracked() if path.stem in {"utils", "helpers", "misc", "common"}]


def test_weights_are_small_and_safe() -> None:
    files = [path for path in tracked() if path.suffix in {".safetensors", ".pt", ".pth", ".pkl", ".bin", ".onnx"}]
    assert all(path.suffix == ".safetensors" and path.parent == ROOT / "core" / "models" for path in files), files
    assert sum(path.stat().st_size for path in files) <= LIGHTEST


def test_nothing_names_a_registry_or_a_machine() -> None:
    """Addresses and absolute paths of the machine where something was made do not travel."""
    telling = re.compile(
        r"https?://[^\s/]*(?:pypi|pythonhosted|npmjs|deb\.debian|download\.pytorch|registry)"  # where packages live
        r"|--(?:extra-)?index-url|--find-links|file:///"
        r"|(?<![\w.])/(?:work|root|home|Users)/[\w.]"
    )
    allowed = {"LICENSE", Path(__file__).name}
    found = []
    for path in tracked():
        if path.name in allowed or path.suffix not in TEXT:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="ignore").splitlines(), 1):
            if telling.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert not found, "\n".join(found)


def test_no_recording_is_committed() -> None:
    """The one sound is the demo's line, which training/speech/make_line.py makes with a synthesizer."""
    kinds = {".wav", ".mp3", ".flac", ".ogg", ".opus", ".mp4", ".mov", ".avi", ".webm"}
    sounds = [path.relative_to(ROOT).as_posix() for path in tracked() if path.suffix in kinds]
    assert sounds == ["docs/demo/line.flac"]
