"""What a user types after `make demo` reaches the program as it is."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINE = "docs/demo/line"

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def demo(folder: Path, *given: str) -> list[str]:
    """Run `make demo` with a program in headroom's place that prints its arguments."""
    shutil.copy(ROOT / "Makefile", folder / "Makefile")
    program = folder / ".venv" / "bin" / "headroom"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n", encoding="utf-8")
    program.chmod(0o755)
    (folder / ".venv" / ".ready").touch()
    command = ["make", "--no-print-directory", "--assume-old=.venv/.ready", "demo", *given]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_without_a_recording_the_bundled_line_is_spoken(tmp_path: Path) -> None:
    assert demo(tmp_path) == ["demo", f"--audio={LINE}.flac", f"--text={LINE}.txt"]
    assert (ROOT / f"{LINE}.flac").is_file() and (ROOT / f"{LINE}.txt").is_file()


def test_a_recording_without_a_text_gets_none(tmp_path: Path) -> None:
    assert demo(tmp_path, "AUDIO=a.wav") == ["demo", "--audio=a.wav", "--text="]


@pytest.mark.parametrize("text", ['it\'s "here"', "$5 & `id` $(id) ${HOME}", "a # b; c | d", "-x", "über größe"])
def test_text_and_path_stay_what_they_are(tmp_path: Path, text: str) -> None:
    assert demo(tmp_path, f"AUDIO={text}.wav", f"TEXT={text}") == ["demo", f"--audio={text}.wav", f"--text={text}"]
