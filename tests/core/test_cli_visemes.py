"""`headroom lipsync --visemes …`: tables of visemes and rows of mouth drawings."""

from __future__ import annotations

import csv
import json
import wave
from pathlib import Path

import numpy as np
import pytest

from headroom.addon import cli
from headroom.core.formats import table
from headroom.core.speech import lipsync, recognise
from headroom.core.speech.phones import INVENTORY, from_frames
from headroom.core.speech.viseme_tables import SETS

M, AA = INVENTORY.index("M"), INVENTORY.index("AA")
SAID = np.r_[np.zeros(30, int), np.full(10, M), np.full(20, AA), np.full(10, M), np.zeros(30, int)]


@pytest.fixture(autouse=True)
def mama(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put "mam" in the recogniser's place."""
    heard = recognise.Heard(np.zeros((100, len(INVENTORY)), np.float16), np.full(100, 0.1, np.float32))
    monkeypatch.setattr(lipsync, "listen", lambda sound, progress=None, gain=None: heard)
    monkeypatch.setattr(lipsync, "recognise", lambda heard, progress=None: from_frames(SAID, 100.0))


@pytest.fixture
def line(tmp_path: Path) -> Path:
    path = tmp_path / "line.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(bytes(32000))
    return path


def run(*arguments: object) -> int:
    return cli.run(["lipsync", *map(str, arguments)])


@pytest.mark.parametrize("name", SETS)
def test_tables_hold_visemes_by_name(name, line, tmp_path) -> None:
    for ending in ("npz", "json"):
        path = tmp_path / f"a.{ending}"
        assert run(line, "-o", path, "--visemes", name, "--fps", 30) == 0
        performance, phones = (table.read_npz if ending == "npz" else table.read_json)(path)
        assert performance.channels == SETS[name].visemes and performance.fps == 30
        assert phones.label == ("SIL", "M", "AA", "M", "SIL")
    assert run(line, "-o", tmp_path / "a.csv", "--visemes", name, "--fps", 30) == 0
    with (tmp_path / "a.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["seconds", *SETS[name].visemes] and len(rows) == 30
    read = np.array([[float(row[viseme]) for viseme in SETS[name].visemes] for row in rows])
    np.testing.assert_allclose(read, performance.values, atol=1e-5)
    assert float(rows[15]["seconds"]) == pytest.approx(0.5)


def test_mouth_drawings_for_2d_programs(line, tmp_path) -> None:
    assert run(line, "-o", tmp_path / "a.tsv", "--visemes", "rhubarb", "--fps", 24) == 0
    rows = [row.split("\t") for row in (tmp_path / "a.tsv").read_text().splitlines()]
    assert [shape for _, shape in rows] == ["X", "A", "D", "A", "X", "X"]
    assert [float(time) for time, _ in rows] == sorted(float(time) for time, _ in rows) and rows[-1][0] == "1.00"
    assert run(line, "-o", tmp_path / "a.json", "--visemes", "preston_blair", "--fps", 24) == 0
    content = json.loads((tmp_path / "a.json").read_text())
    assert [cue["value"] for cue in content["mouthCues"]] == ["rest", "MBP", "AI", "MBP", "rest"]
    assert content["metadata"] == {"soundFile": str(line), "duration": 1.0}
    assert run(line, "-o", tmp_path / "b.json", "--visemes", "oculus") == 0
    assert "mouthCues" not in json.loads((tmp_path / "b.json").read_text())


@pytest.mark.parametrize(("more", "words"), [((), "rhubarb"), (("--visemes", "vrm"), "rhubarb")])
def test_only_drawings_go_into_a_tsv(more, words, line, tmp_path, capsys) -> None:
    assert run(line, "-o", tmp_path / "a.tsv", *more) == cli.BAD_INPUT
    error = capsys.readouterr().err
    assert words in error and len(error.splitlines()) == 1
    assert not (tmp_path / "a.tsv").exists()


def test_an_unknown_set_is_one_line(line, tmp_path, capsys) -> None:
    assert run(line, "-o", tmp_path / "a.npz", "--visemes", "klingon") == cli.BAD_INPUT
    assert "--visemes klingon: not known; choose one of auto, arkit, oculus" in capsys.readouterr().err
