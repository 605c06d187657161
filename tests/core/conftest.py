"""What tests of the command line share."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.addon import cli


@pytest.fixture
def fails(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """Run a command line that must end in code 2, one line, and no new files; gives the line."""

    def run(*arguments: object) -> str:
        before = sorted(tmp_path.rglob("*"))
        capsys.readouterr()
        assert cli.run([str(argument) for argument in arguments]) == 2
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == 1, lines
        assert sorted(tmp_path.rglob("*")) == before
        return lines[0]

    return run
