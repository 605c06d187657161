"""One measurement, one process: wall time, processor time and peak memory as the system counts them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CORES = 2
"""What Headroom promises to run on; more are not used here even where there are more."""


@dataclass(frozen=True)
class Run:
    """What a process cost and said: seconds, seconds of processor time, peak memory in MiB, its last line as JSON."""

    wall: float
    cpu: float
    peak_mb: float
    said: dict[str, Any]


def run(command: list[str], folder: Path, timeout: float = 1800.0) -> Run:
    """Run a command on two cores in `folder`; raises `RuntimeError` with its errors when it fails."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(CORES), "PYTHONDONTWRITEBYTECODE": ""}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err, preexec_fn=_two
        )
        status, usage = _wait(process, begun + timeout)
        wall = time.perf_counter() - begun
        out.seek(0)
        err.seek(0)
        lines = [line for line in out.read().decode(errors="replace").splitlines() if line.strip()]
        if status != 0:
            raise RuntimeError(f"{' '.join(command)} failed ({status}):\n{err.read().decode(errors='replace')[-2000:]}")
    try:
        said = json.loads(lines[-1]) if lines else {}
    except ValueError:
        said = {}
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit, said)


def measure(name: str, *arguments: str, folder: Path) -> Run:
    """Run one of the functions in `measure.py` in a process of its own."""
    return run([sys.executable, "-m", "headroom.benchmarks.measure", name, *arguments], folder)


def _two() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])


def _wait(process: subprocess.Popen, until: float) -> tuple[int, Any]:
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, usage
        if time.perf_counter() > until:
            process.kill()
            until += 10
        time.sleep(0.005)
