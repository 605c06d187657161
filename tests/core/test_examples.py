"""The examples of the documentation run as they stand, one page after the other."""

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from headroom.addon import headfile
from headroom.core.formats import points_npz, table
from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.sequence import MeshSequence
from headroom.core.speech.lipsync import LipsyncOptions, lipsync
from headroom.core.speech.sound import read

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "README.md", "docs/api.md", "docs/lipsync.md", "docs/stabilize.md",
    *(f"docs/formats/{name}.md" for name in ("npz", "curves", "weights")),
)  # fmt: skip


def blocks(page: str) -> list[str]:
    """Give the Python of a page that needs no Blender."""
    found = re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.S | re.M)
    return [block for block in found if "bpy." not in block]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The files that the pages speak of."""
    place = tmp_path_factory.mktemp("examples")
    samples, rate = soundfile.read(ROOT / "docs/demo/line.flac", dtype="float32")
    for name in ("line.wav", "microphone.wav"):
        soundfile.write(place / name, samples[: 3 * rate], rate)
    said = lipsync(read(place / "line.wav"), LipsyncOptions())
    table.write_npz(place / "line.npz", said.performance, said.phones)
    table.write_json(place / "line.json", said.performance, said.phones)
    head = generate(GenerateOptions(seed=1))
    headfile.save(place / "head.npz", head)
    frames = [head.pose({"jawOpen": 0.5 - 0.5 * np.cos(k / 2), "mouthSmileLeft": (k % 5) / 8}) for k in range(24)]
    points_npz.write(place / "take.npz", MeshSequence(np.stack(frames) + np.linspace(0, 0.02, 24)[:, None, None], 30.0))
    return place


@pytest.mark.parametrize("page", PAGES)
def test_examples_run(folder, monkeypatch, capsys, page):
    monkeypatch.chdir(folder)
    quiet = np.zeros(48000, np.float32)
    shown: list[np.ndarray] = []
    names = {"microphone": lambda: np.split(quiet, 10), "show": lambda channels, values: shown.append(values)}
    found = blocks(page)
    assert found, "this page has no example any more"
    for number, block in enumerate(found, 1):
        exec(compile(block, f"{page}, example {number}", "exec"), names)
    said = capsys.readouterr().out
    if page == "docs/api.md":
        assert "Key 0 is jawOpen" in said and "Key 1 is mouthFunnel" in said
        assert "stopped; nothing was written" in said
        assert {"line.csv", "line.TextGrid"} <= {path.name for path in folder.iterdir()}
    if page == "docs/lipsync.md":
        assert sum(len(values) for values in shown) == 30
