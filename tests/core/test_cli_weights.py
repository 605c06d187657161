"""Damaged model files through the command line: one line, exit code 2, nothing written."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from headroom.addon import cli
from headroom.core import weights
from headroom.core.head import decode, identity, population
from headroom.core.speech import lips, recognise
from headroom.core.stabilize import align, place

LINE = Path(__file__).resolve().parents[2] / "docs/demo/line.flac"


def forget() -> None:
    head = (population.population, identity.table, identity._probes, decode.network, decode._rows)
    for cached in (weights.load, *head, recognise.network, lips.network, place.network, align.network):
        cached.cache_clear()


@pytest.fixture
def models(tmp_path, monkeypatch):
    folder = tmp_path / "models"
    shutil.copytree(weights.FOLDER, folder)
    monkeypatch.setattr(weights, "FOLDER", folder)
    forget()
    yield folder
    forget()


def flip(path: Path) -> None:
    blob = bytearray(path.read_bytes())
    blob[len(blob) // 2] ^= 0xFF
    path.write_bytes(blob)


def older(path: Path) -> None:
    index = json.loads((path.parent / "index.json").read_text())
    index[path.stem]["format"] = 0
    (path.parent / "index.json").write_text(json.dumps(index))


@pytest.mark.parametrize("harm", [flip, older, Path.unlink, lambda path: path.write_bytes(b"")])
@pytest.mark.parametrize("name", ["head", "shapes", "template", "phones", "lips", "skull", "place"])
def test_damaged_weights_are_one_line_and_leave_nothing(name, harm, models, tmp_path, capsys):
    harm(models / f"{name}.safetensors")
    out = tmp_path / "out.npz"
    np.savez(tmp_path / "take.npz", vertices=np.random.default_rng(0).normal(size=(3, 500, 3)))
    verbs = {"phones": ["lipsync", str(LINE)], "skull": ["stabilize", str(tmp_path / "take.npz")]}
    verb = verbs.get({"lips": "phones", "place": "skull"}.get(name, name), ["generate"])
    assert cli.run([*verb, "-o", str(out)]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1 and f"weights {name}" in said[0] and "reinstall" in said[0]
    assert not list(tmp_path.glob("out*"))
