"""An Alembic file that ends Blender ends in one line; a good one is read as before."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from headroom.addon import apart, cli

HEADROOM = Path(sys.executable).with_name("headroom")
CRASH = """
import os, signal, sys
from pathlib import Path
from headroom.core.formats.atomic import whole
with whole(Path(sys.argv[1])) as file:
    file.write(b"half of it")
    file.flush()
    os.kill(os.getpid(), signal.SIGSEGV)
"""


@pytest.fixture
def damaged(tmp_path):
    path = tmp_path / "take.abc"
    path.write_bytes(b"Ogawa")
    return path


def test_a_crash_is_one_line_and_leaves_nothing(damaged, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out.npz"
    monkeypatch.setattr(apart, "command", lambda arguments: [sys.executable, "-c", CRASH, str(out)])
    assert cli.run_guarded(["stabilize", str(damaged), "-o", str(out)]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"headroom: {damaged}: Blender's reader crashed on it; the file is damaged, copy or export it again"
    ]
    assert list(tmp_path.iterdir()) == [damaged]


def test_exit_codes_come_through(damaged, tmp_path, monkeypatch):
    monkeypatch.setattr(apart, "command", lambda arguments: [sys.executable, "-c", "raise SystemExit(3)"])
    assert cli.run_guarded(["stabilize", str(damaged), "-o", str(tmp_path / "out.npz")]) == 3


def test_only_what_is_risky_runs_apart(damaged, tmp_path, monkeypatch):
    assert apart.needed(["stabilize", str(damaged), "-o", "x.npz"]) == [damaged]
    assert not apart.needed(["stabilize", str(tmp_path / "none.abc"), "-o", "x.npz"])
    assert not apart.needed(["stabilize", "take.npz", "-o", "x.abc"])
    monkeypatch.setenv(apart.WITHIN, "1")
    assert not apart.needed(["stabilize", str(damaged), "-o", "x.npz"])


def test_a_whole_file_goes_through_the_console_script(tmp_path):
    if importlib.util.find_spec("bpy") is None:
        pytest.skip("there is no Blender as a module")
    from headroom.core.head.generate import GenerateOptions, generate

    head = generate(GenerateOptions(level="game"))
    jaw = head.shapes[head.shape_names.index("jawOpen")]
    vertices = (head.neutral + np.linspace(0, 1, 6)[:, None, None] * jaw).astype(np.float32)
    np.savez(tmp_path / "take.npz", vertices=vertices, faces=head.faces, fps=24.0)

    def run(*arguments: object) -> str:
        command = [HEADROOM, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0 and not done.stderr, done.stderr
        return done.stdout

    run("stabilize", tmp_path / "take.npz", "-o", tmp_path / "take.abc", "--reference", "0")
    assert "take.npz" in run(
        "stabilize", tmp_path / "take.abc", "-o", tmp_path / "out" / "take.npz", "--reference", "0"
    )
    with np.load(tmp_path / "out" / "take.npz") as stored:
        assert stored["stabilized"].shape == vertices.shape
