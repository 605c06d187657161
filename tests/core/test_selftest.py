"""The self-test finds nothing wrong with what works, and says what is wrong with what does not."""

from __future__ import annotations

import json
import shutil

import pytest

from headroom.addon import cli
from headroom.core import device, libraries, memory, selftest, weights
from headroom.core.errors import Cancelled
from headroom.core.speech import lips

NAMES = ["Libraries", "Model files", "Device", "Sound", "Lip sync", "Transcript", "Head", "Stabilizer", "Face finder"]


@pytest.fixture
def quick(monkeypatch):
    """Leave out what takes seconds."""
    for name in ("_head", "_stabilizer", "_finder"):
        monkeypatch.setattr(selftest, name, lambda made, progress: "not tried")


def by_name(outcomes) -> dict[str, selftest.Outcome]:
    return {one.name: one for one in outcomes}


def test_all_works_here(capsys):
    assert cli.run(["self-test", "--json"]) == 0
    checks = json.loads(capsys.readouterr().out)["checks"]
    assert [one["name"] for one in checks] == NAMES
    assert all(one["works"] and one["said"] for one in checks), checks


def test_a_damaged_model_is_named_and_the_rest_is_tried(quick, tmp_path, monkeypatch, capsys):
    models = tmp_path / "models"
    shutil.copytree(weights.FOLDER, models)
    monkeypatch.setattr(weights, "FOLDER", models)
    memory.release()
    weights.load("lips")  # one that was loaded before it was damaged is looked at again
    (models / "lips.safetensors").write_bytes(b"nothing")
    assert cli.run(["self-test"]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(NAMES)
    assert [line for line in lines if line.startswith("FAIL")] == [
        f"FAIL  Model files: weights lips: {models / 'lips.safetensors'} is damaged; reinstall Headroom"
    ]
    memory.release()


def test_a_library_that_cannot_be_imported_is_named(quick, monkeypatch):
    wrong = libraries.Library("madeup", "no_such_module_anywhere", "1", "2")
    spare = libraries.Library("spare", "no_such_module_either", "1", "2", "something else")
    monkeypatch.setattr(libraries, "LIBRARIES", (spare, wrong))
    found = by_name(selftest.run())["Libraries"]
    assert not found.works and found.said.startswith("madeup cannot be imported")
    monkeypatch.setattr(libraries, "LIBRARIES", (spare,))
    found = by_name(selftest.run())["Libraries"]
    assert found.works and found.said == "something else instead of spare"


def test_a_bug_is_a_line_too(quick, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("by\nnothing")

    monkeypatch.setattr(lips, "move", broken)
    found = by_name(selftest.run())["Lip sync"]
    assert not found.works and found.said.startswith("ZeroDivisionError: by nothing; reinstall")


def test_a_device_that_is_not_there_is_told(quick, monkeypatch):
    monkeypatch.setattr(device, "_cards", lambda: ())
    device.choose("cuda")
    try:
        found = by_name(selftest.run())["Device"]
        assert (
            not found.works
            and found.said == "PyTorch offers no CUDA here; the CPU is used; choose Automatic or CPU above"
        )
    finally:
        device.choose("auto")


def test_it_can_be_stopped():
    def stop(done: float, stage: str) -> None:
        if stage == "Lip sync":
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        selftest.run(stop)
