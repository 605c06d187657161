"""Preferences: what they show, what their buttons do, and whom they blame for a library."""

from __future__ import annotations

import sys
from pathlib import Path

import bpy
import pytest

PACKAGE = "bl_ext.user_default.headroom"


@pytest.fixture
def preferences(installed):
    return bpy.context.preferences.addons[PACKAGE].preferences


@pytest.fixture
def device(part):
    module = part("core.device")
    yield module
    module.choose("auto")


@pytest.fixture
def libraries(part):
    module = part("addon.libraries")
    module._lines.cache_clear()
    yield module
    module._lines.cache_clear()


@pytest.fixture
def site(monkeypatch):
    """The folder that Blender unpacks the wheels of all extensions to, in front of all others."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    folder = Path(bpy.utils.user_resource("EXTENSIONS", path=f".local/lib/{version}/site-packages", create=True))
    monkeypatch.syspath_prepend(str(folder))
    made = []

    def unpack(name: str, version: str) -> None:
        meta = folder / f"{name}-{version}.dist-info"
        meta.mkdir()
        (meta / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text("")
        monkeypatch.delitem(sys.modules, name, raising=False)
        made.extend([meta, folder / name])

    yield unpack
    import shutil

    for one in made:
        shutil.rmtree(one)


@pytest.fixture
def extension():
    """Put another extension beside ours that carries wheels."""
    made = []

    def add(ident: str, name: str, *wheels: str) -> None:
        repository = next(one for one in bpy.context.preferences.extensions.repos if one.module == "user_default")
        folder = Path(repository.directory) / ident
        folder.mkdir()
        listed = ", ".join(f'"./wheels/{wheel}"' for wheel in wheels)
        (folder / "blender_manifest.toml").write_text(f'id = "{ident}"\nname = "{name}"\nwheels = [{listed}]\n')
        made.append(folder)

    yield add
    import shutil

    for one in made:
        shutil.rmtree(one)


def line(libraries, name: str):
    return next(one for one in libraries.lines() if one.name == name)


def test_the_chosen_device_is_used_from_then_on_and_after_a_start(preferences, device, part) -> None:
    preferences.device = "cpu"
    assert device.place() == "cpu" and device._State.chosen == "cpu"
    device.choose("auto")
    part("addon.preferences").attach()  # as at the start of Blender
    assert device._State.chosen == "cpu"
    preferences.device = "auto"
    assert device._State.chosen == "auto"


def test_a_device_that_is_not_there_is_one_line(preferences, device, part, monkeypatch) -> None:
    monkeypatch.setattr(device, "_cards", lambda: ())
    said = part("addon.preferences").device_lines
    assert said("auto") == ["PyTorch finds no graphics card that it can use; the CPU is used"]
    assert said("cpu") == []
    assert said("cuda") == ["PyTorch offers no CUDA here; the CPU is used"]
    preferences.device = "cuda"
    try:
        assert device.place() == "cpu"
        assert said("cuda") == ["PyTorch offers no CUDA here; the CPU is used"]
    finally:
        preferences.device = "auto"
    monkeypatch.setenv("HEADROOM_DEVICE", "cpu")
    assert said("auto")[0] == "HEADROOM_DEVICE=cpu in the environment wins over what is chosen here"


def test_every_library_here_is_fine(libraries) -> None:
    assert [(one.name, one.state) for one in libraries.lines()] == [
        (one, "fine") for one in ("numpy", "torch", "scipy", "safetensors", "soundfile", "espeakng-loader")
    ]


def test_another_extension_that_brings_another_version_is_named(libraries, site, extension) -> None:
    extension("painter", "Neural Painter", "torch-3.1.0-cp311-cp311-manylinux_2_28_x86_64.whl")
    site("torch", "3.1.0")
    said = line(libraries, "torch")
    assert (said.version, said.state, said.origin) == ("3.1.0", "other", "from Neural Painter")
    assert "made for 2.6 to before 2.15" in said.advice and "disable Neural Painter" in said.advice


def test_another_extension_with_a_version_that_fits_is_fine(libraries, site, extension) -> None:
    extension("painter", "Neural Painter", "torch-2.9.0-cp311-cp311-win_amd64.whl", "scipy-1.17.1-cp311.whl")
    site("torch", "2.9.0")
    said = line(libraries, "torch")
    assert (said.state, said.origin, said.advice) == ("fine", "from Neural Painter", "")


def test_numpy_over_blenders_own_is_told(libraries, site, extension) -> None:
    extension("maths", "Maths", "numpy-2.2.0-cp311-cp311-win_amd64.whl")
    kept = sys.modules["numpy"]
    site("numpy", "2.2.0")
    sys.modules.pop("numpy", None)
    try:
        said = line(libraries, "numpy")
    finally:
        sys.modules["numpy"] = kept
    assert said.state == "other" and "sound may break" in said.advice and "disable Maths" in said.advice


def test_what_can_be_missing_says_what_is_used_instead(libraries, part, monkeypatch) -> None:
    found = part("core.libraries")
    monkeypatch.setattr(found, "look", lambda: [found.Found(one) for one in found.LIBRARIES])
    by_name = {one.name: one for one in libraries.lines()}
    assert (by_name["soundfile"].state, by_name["soundfile"].advice) == ("fine", "Blender's own decoder is used")
    assert by_name["torch"].state == "missing" and by_name["torch"].advice.startswith("install the Headroom zip")


def test_memory_is_let_go(part) -> None:
    weights, memory = part("core.weights"), part("core.memory")
    weights.load("head")
    held = memory.held()
    assert held > 1e6
    assert bpy.ops.headroom.release_memory() == {"FINISHED"}
    assert memory.held() == 0 and part("addon.preferences").megabytes() == 0


def test_memory_is_kept_while_something_runs() -> None:
    bpy.context.window_manager.headroom.running = True
    try:
        with pytest.raises(RuntimeError, match="Headroom is at work"):
            bpy.ops.headroom.release_memory()
    finally:
        bpy.context.window_manager.headroom.running = False


def test_the_self_test_shows_a_line_for_each_check_and_touches_nothing(part, monkeypatch) -> None:
    before = set(bpy.data.objects)
    assert bpy.ops.headroom.self_test() == {"FINISHED"}
    checks = bpy.context.window_manager.headroom_selftest.checks
    assert len(checks) == 9 and all(one.works and one.said for one in checks), [(c.name, c.said) for c in checks]
    assert set(bpy.data.objects) == before

    def broken(*_):
        raise part("core.errors").InputError("no sound today")

    monkeypatch.setattr(part("addon.bridge.sound"), "open_sound", broken)
    assert bpy.ops.headroom.self_test() == {"FINISHED"}
    assert [(one.name, one.said) for one in checks if not one.works] == [("Sound", "no sound today")]
