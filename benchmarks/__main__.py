"""`make bench`: speed and memory, peers in the same run; a table, and out/bench.json.

Every row is a process of its own on two cores. `seconds` is what the measured work took, `wall` and `cpu` the whole
process with its start, `peak` its largest memory. On a machine that is busy with other things compare `cpu`.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from . import machine
from .peers import rhubarb
from .process import Run, measure, run

ROOT = machine.ROOT
LINE = ROOT / "docs" / "demo" / "line.flac"
LENGTHS = (10, 60, 600)
PEER_LENGTHS = (10, 60)
"""Rhubarb needs minutes for the longest."""

GOALS = {
    "lip sync 10 s": ("times_real_time", ">=", 100),
    "lip sync 60 s": ("times_real_time", ">=", 150),
    "lip sync 600 s": ("times_real_time", ">=", 100),
    "lip sync 60 s, streamed": ("delay", "<=", 2.0),
    "enable the extension": ("seconds", "<=", 0.1),
    "cold start: generate": ("wall", "<=", 5.0),
    "cold start: lip sync": ("wall", "<=", 3.0),
    "put it into Blender": ("seconds", "<=", 0.5),
    "pull a slider": ("seconds", "<=", 0.015),
    "stabilize 1000 frames": ("seconds", "<=", 2.0),
    "rig a head that has no shapes": ("seconds", "<=", 20.0),
    "rig a body that has no shapes": ("seconds", "<=", 20.0),
    "tell 52 nameless keys": ("right", ">=", 0.95),
    "60 s x 60 channels, reduced": ("seconds", "<=", 0.5),
    "preview 60 s, a frame": ("late", "<=", 0.016),
    "weights of lips and phones": ("mb", "<=", 12.0),
    "weights of the head": ("mb", "<=", 20.0),
    "all weights": ("mb", "<=", 40.0),
}
"""Row -> which of its numbers, and what it should be."""

HEAD = ("head", "shapes", "template")
SPEECH = ("lips", "phones")

Rows = dict[str, dict[str, Any]]


def sounds(folder: Path) -> dict[int, Path]:
    """Write the bundled line, repeated to each length, as 16 kHz wav and as raw samples beside it."""
    samples, rate = soundfile.read(LINE, dtype="int16")
    paths = {}
    for seconds in LENGTHS:
        repeated = np.resize(samples, seconds * rate)
        paths[seconds] = folder / f"line-{seconds}.wav"
        soundfile.write(paths[seconds], repeated, rate)
        paths[seconds].with_suffix(".pcm").write_bytes(repeated.tobytes())
    return paths


def row(rows: Rows, name: str, work: Callable[[], Run]) -> None:
    """Measure one row and print it; one that fails says so and does not keep the others from running."""
    print(f"… {name}", file=sys.stderr, flush=True)
    try:
        made = work()
    except (RuntimeError, OSError) as error:
        rows[name] = {"error": str(error).strip().splitlines()[-1][:200]}
    else:
        cost = {"wall": made.wall, "cpu": made.cpu, "peak_mb": made.peak_mb}
        rows[name] = {
            key: round(value, 3) if isinstance(value, float) else value for key, value in (cost | made.said).items()
        }
    print(f"  {rows[name]}", file=sys.stderr, flush=True)


def measure_all(folder: Path) -> Rows:
    """Run every measurement."""
    rows: Rows = {}
    paths = sounds(folder)
    headroom = [str(Path(sys.executable).parent / "headroom")]
    build = [sys.executable, str(ROOT / "tools" / "build_zip.py"), str(folder)]
    row(rows, "build the zip", lambda: run(build, folder))
    archive = next(folder.glob("headroom-*.zip"), folder / "missing.zip")
    row(rows, "enable the extension", lambda: measure("enable", str(archive), folder=folder))
    row(rows, "cold start: generate", lambda: run([*headroom, "generate", "--json", "-o", "head.npz"], folder))
    row(
        rows,
        "cold start: lip sync",
        lambda: run([*headroom, "lipsync", "--json", "-o", "a.csv", str(paths[10])], folder),
    )
    row(rows, "generate a head", lambda: measure("generate", folder=folder))
    row(rows, "put it into Blender", lambda: measure("head_in_blender", folder=folder))
    row(rows, "pull a slider", lambda: measure("slider", folder=folder))
    row(rows, "pull a slider, film", lambda: measure("slider", "film", folder=folder))
    for seconds, path in paths.items():
        row(rows, f"lip sync {seconds} s", partial(measure, "lipsync", str(path), folder=folder))
    row(rows, "lip sync 60 s, streamed", lambda: measure("streamed", str(paths[60]), folder=folder))
    row(rows, "stabilize 1000 frames", lambda: measure("stabilize", folder=folder))
    for frames in ("1000", "4000"):
        row(rows, f"stabilize {frames}, as read", partial(measure, "stabilize", frames, "read", folder=folder))
    row(rows, "52 x 1800 keys, in bulk", lambda: measure("keys", "bulk", folder=folder))
    row(rows, "52 x 1800 keys, keyframe_insert", lambda: measure("keys", "insert", folder=folder))
    for way in ("reduced", "insert"):
        name = f"60 s x 60 channels, {'keyframe_insert' if way == 'insert' else 'reduced'}"
        row(rows, name, partial(measure, "few_keys", str(paths[60]), way, folder=folder))
    row(rows, "preview 60 s, a frame", lambda: measure("preview", str(paths[60]), folder=folder))
    for what in ("head", "body"):
        row(rows, f"rig a {what} that has no shapes", partial(measure, "rig", what, folder=folder))
    row(rows, "tell 52 nameless keys", lambda: measure("recognize", folder=folder))
    peers = ROOT / ".cache" / "peers"
    missing = rhubarb.install(peers)
    for seconds in PEER_LENGTHS:
        name = f"Rhubarb (words, wasm) {seconds} s"
        if missing:
            rows[name] = {"error": missing}
            continue
        row(rows, name, partial(rhubarb.lipsync, paths[seconds].with_suffix(".pcm"), peers))
        if "seconds" in rows[name]:
            rows[name]["times_real_time"] = round(seconds / rows[name]["seconds"], 1)
    weights = sorted((ROOT / "core" / "models").glob("*.safetensors"))
    rows["weights of lips and phones"] = size_of([path for path in weights if path.stem in SPEECH])
    rows["weights of the head"] = size_of([path for path in weights if path.stem in HEAD])
    rows["all weights"] = size_of(weights)
    return rows


def size_of(files: list[Path]) -> dict[str, Any]:
    """Say how large files are together."""
    return {"mb": round(sum(path.stat().st_size for path in files) / 1e6, 3), "files": len(files)}


def verdict(name: str, values: dict[str, Any]) -> str:
    """Say whether a row reaches its goal."""
    if name not in GOALS or GOALS[name][0] not in values:
        return ""
    key, sign, goal = GOALS[name]
    reached = values[key] >= goal if sign == ">=" else values[key] <= goal
    return f"{'reached' if reached else 'MISSED'}: {key} {sign} {goal:g}"


def table(rows: Rows) -> str:
    """Lay the rows out for people."""
    lines = [f"{'':34}{'seconds':>9}{'x real':>9}{'wall':>8}{'cpu':>8}{'peak MB':>9}"]
    for name, values in rows.items():
        if "error" in values:
            lines.append(f"{name:34}{values['error']}")
            continue
        cells = "".join(
            f"{values[key]:>{width}.{digits}f}" if isinstance(values.get(key), int | float) else " " * width
            for key, width, digits in (
                ("seconds", 9, 3), ("times_real_time", 9, 0), ("wall", 8, 2), ("cpu", 8, 2), ("peak_mb", 9, 0),
            )
        )  # fmt: skip
        extra = f"{values['mb']} MB in {values['files']} files  " if "mb" in values else ""
        if "delay" in values:
            extra = f"frames {values['delay']:.2f} s late  "
        if "worst_mm" in values:
            extra = f"{values['keys_per_second']:.1f} keys/s, at most {values['worst_mm']:.2f} mm  "
        lines.append(f"{name:34}{cells}  {extra}{verdict(name, values)}".rstrip())
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and write out/bench.json; the exit code is 1 when something could not be measured."""
    with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
        rows = measure_all(Path(folder))
    facts = machine.facts()
    goals = {name: verdict(name, values) for name, values in rows.items() if name in GOALS}
    out = ROOT / "out" / "bench.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps({"machine": facts, "results": rows, "goals": goals}, indent=1) + "\n", encoding="utf-8")
    print("\n" + ", ".join(f"{key} {value}" for key, value in facts.items()) + "\n")
    print(table(rows))
    print(f"\n{out.relative_to(ROOT)}")
    sys.exit(any("error" in values for values in rows.values()))


if __name__ == "__main__":
    main()
