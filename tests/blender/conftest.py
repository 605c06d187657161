"""Runs every test here in a Blender (the pip module) where the zip that users get is installed."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from types import ModuleType

_resources = tempfile.mkdtemp(prefix="headroom-test-")
os.environ["BLENDER_USER_RESOURCES"] = _resources

import bpy  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402

ROOT = Path(__file__).parents[2]
PACKAGE = "bl_ext.user_default.headroom"
sys.path.insert(0, str(Path(__file__).parent))
_status = 0


def build_zip(folder: Path) -> Path:
    """Build the extension with Blender's own builder, as `make zip` does."""
    builder = Path(bpy.utils.resource_path("LOCAL")) / "scripts/addons_core/bl_pkg/cli/blender_ext.py"
    command = [sys.executable, "-I", str(builder), "build", "--source-dir", str(ROOT), "--output-dir", str(folder)]
    made = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert made.returncode == 0, made.stdout + made.stderr
    return next(folder.glob("*.zip"))


@pytest.fixture(scope="session", autouse=True)
def installed(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """Install and enable the zip; gives the installed package."""
    import addon_utils

    path = build_zip(tmp_path_factory.mktemp("zip"))
    bpy.ops.extensions.package_install_files(
        filepath=str(path), repo="user_default", enable_on_install=True, overwrite=True
    )
    assert addon_utils.check(PACKAGE) == (True, True)
    package = importlib.import_module(PACKAGE)
    assert str(package.__file__).startswith(_resources)
    return package


@pytest.fixture(autouse=True)
def empty_scene(installed: ModuleType) -> None:
    """Start each test with nothing in the scene."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)


@pytest.fixture
def part(installed: ModuleType):
    """Import a module of the installed extension: `part("addon.bridge.heads")`."""
    return lambda name: importlib.import_module(f"{PACKAGE}.{name}")


@pytest.fixture
def small_head(part):
    """A synthetic `Head` with every shape and every joint."""
    import synthetic

    correctives = part("core.head.correctives")
    names = (*part("core.performance").SHAPES, *correctives.CORRECTIVES, *correctives.FOLLOW)
    return synthetic.head(part("core.head.head").Head, names, part("core.head.anatomy"))


@pytest.fixture
def body(part, small_head):
    """The synthetic head, in the scene."""
    return part("addon.bridge.heads").add_head(small_head)


@pytest.fixture
def perform(part):
    """Make a performance from `{(channel, layer): values}`."""

    def make(columns: dict[tuple[str, str], np.ndarray], fps: float = 60.0):
        channels, layers = zip(*columns, strict=True)
        values = np.stack(list(columns.values()), axis=1).astype(np.float32)
        return part("core.performance").Performance(fps, channels, layers, values)

    return make


@pytest.fixture
def speak(part):
    """Let a head say "bob … may … too": `speak(body, frame)`; gives the take."""
    import talking

    return partial(talking.speak, part)


@pytest.fixture
def spoken(part):
    """Give what a head says, (label, seconds): `spoken(body)`, that of "Head" without one."""
    import talking

    return partial(talking.spoken, part)


@pytest.fixture
def said(part, monkeypatch, wave):
    """Choose a sound in which "bob … may … too" is heard; gives the names of the sounds that were listened to."""
    import previewing

    yield from previewing.said(part, monkeypatch, wave)


@pytest.fixture
def another(part, small_head):
    """Add another synthetic head."""
    return lambda: part("addon.bridge.heads").add_head(small_head, name="Other")


@pytest.fixture
def wave(tmp_path: Path):
    """Write a wav file of some seconds of noise bursts and give its path."""
    import wave as wavefile

    def write(seconds: float = 2.0, name: str = "noise.wav", rate: int = 16000) -> Path:
        rng = np.random.default_rng(1)
        count = round(seconds * rate)
        envelope = np.sin(np.arange(count) / rate * 2 * np.pi * 2).clip(0)
        samples = (rng.standard_normal(count) * envelope * 6000).astype(np.int16)
        path = tmp_path / name
        with wavefile.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(samples.tobytes())
        return path

    return write


@pytest.fixture
def models(part, monkeypatch, small_head, perform):
    """Put synthetic people and a simple jaw in the models' place: these tests are about Blender, and fast.

    The real models run in test_whole.py.
    """
    import synthetic

    generate, lipsync = part("core.head.generate"), part("core.speech.lipsync")
    asked: list[object] = []
    people = synthetic.People(small_head, part("core.head.attributes").ATTRIBUTES)
    monkeypatch.setattr(part("core.head.identity"), "Identity", synthetic.Identity)
    for name in ("identify", "vary", "neutral", "sketch", "decode", "carry"):
        monkeypatch.setattr(generate, name, getattr(people, name))
    monkeypatch.setattr(people, "asked", asked)

    def fake_lipsync(sound, options, progress=None, given=None):
        asked.append(options)
        frames = round(sum(len(block) for block in sound.blocks()) / 16000 * 60)
        ramp = np.linspace(0, 1, frames)
        performance = perform({("jawOpen", "lips"): ramp, ("mouthClose", "lips"): ramp / 2})
        phones = part("core.speech.phones").from_frames(np.zeros(0, int), 100.0)
        ticks = round(frames / 60 * 100)
        heard = part("core.speech.recognise").Heard(np.zeros((ticks, 44), np.float16), np.zeros(ticks, np.float32))
        return lipsync.LipsyncResult(performance.resample(options.fps), phones, (), heard)

    monkeypatch.setattr(lipsync, "lipsync", fake_lipsync)
    return asked


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Remember how it went, for the end."""
    global _status
    _status = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave at once: Blender 4.5 as a module hangs in Python's own clean-up."""
    shutil.rmtree(_resources, ignore_errors=True)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_status)
