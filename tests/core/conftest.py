"""What tests of the command line and of hostile files share."""

from __future__ import annotations

import json
import os
import signal
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from headroom.addon import cli
from headroom.core.errors import HeadroomError

SECONDS = 10
"""After which what is done with a hostile file counts as hung."""


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


def run_starved(act: Callable[[], object], megabytes: int) -> tuple[str, str, int]:
    """Do something in a process of its own that has so much memory more than this one, and some seconds.

    Gives how it ended ("done", "refused", "hung" or "broke"), what was said, and the MB that were taken.
    """
    import resource  # Windows has none

    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        try:
            signal.alarm(SECONDS)
            sizes = _memory()
            resource.setrlimit(resource.RLIMIT_AS, (sizes["VmSize"] + (megabytes << 20),) * 2)
            end, said = "done", ""
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    act()
            except HeadroomError as error:
                end, said = "refused", str(error)
            except BaseException as error:
                end, said = "broke", f"{type(error).__name__}: {error}"[:300]
            took = (_memory()["VmHWM"] - sizes["VmRSS"]) >> 20
            os.write(theirs, json.dumps([end, said, took]).encode())
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        answer = pipe.read()
    ended = os.waitpid(child, 0)[1]
    if not answer:
        return ("hung" if ended & 127 == signal.SIGALRM else "broke"), f"signal {ended & 127}", 0
    end, said, took = json.loads(answer)
    return end, said, took


def _memory() -> dict[str, int]:
    lines = (line.split() for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("Vm"))
    return {name.rstrip(":"): int(size) << 10 for name, size, _ in lines}


@pytest.fixture
def starved() -> Callable[[Callable[[], object], int], tuple[str, str, int]]:
    """Do something in little memory; see `run_starved`."""
    if sys.platform != "linux":
        pytest.skip("memory is limited and counted as Linux does")
    return run_starved


@pytest.fixture
def refuses(starved):
    """Do something that must be refused at once, in one line with some words in it and at most so many MB."""

    def run(act: Callable[[], object], words: str, megabytes: int) -> None:
        end, said, took = starved(act, max(192, 2 * megabytes))
        assert end == "refused", f"{end}: {said}"
        assert words in said and said.isprintable() and len(said) <= 2000, said
        assert took <= megabytes, f"{took} MB"

    return run
