"""Drawings of mouths over time, as Rhubarb Lip Sync writes them (TSV, and in JSON), so that 2D programs take them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..speech.holds import Hold
from .atomic import whole


def write_tsv(path: Path, holds: Sequence[Hold], duration: float, rest: str) -> None:
    """Write a line per drawing, its seconds and its name, and a last one with a mouth at rest at the very end.

    After Rhubarb's manual, "Tab-separated values". Raises `OutputError` when the place cannot be written.
    """
    lines = [f"{hold.start:.2f}\t{hold.shape}\n" for hold in holds]
    lines.append(f"{_cut(duration):.2f}\t{rest}\n")
    with whole(path) as file:
        file.write("".join(lines).encode())


def as_json(holds: Sequence[Hold], duration: float, sound: str) -> dict[str, Any]:
    """Give `metadata` and `mouthCues` as they stand in Rhubarb's JSON; `sound` is the recording's path."""
    ends = [hold.start for hold in holds[1:]] + [_cut(duration)]
    cues = [
        {"start": round(hold.start, 2), "end": round(end, 2), "value": hold.shape}
        for hold, end in zip(holds, ends, strict=True)
    ]
    return {"metadata": {"soundFile": sound, "duration": _cut(duration)}, "mouthCues": cues}


def _cut(seconds: float) -> float:
    """Cut to hundredths, as Rhubarb does."""
    return int(seconds * 100 + 1e-6) / 100
