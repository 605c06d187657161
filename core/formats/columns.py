"""Curves as a plain CSV: one column per channel, one row per frame, for spreadsheets and scripts."""

from __future__ import annotations

from pathlib import Path

from ..performance import Performance
from .atomic import whole


def write(path: Path, performance: Performance) -> None:
    """Write a header (`seconds` and the channels, layers added up) and a row per frame, values rounded to 1e-5.

    Raises `OutputError` when the place cannot be written.
    """
    flat = performance.flatten()
    with whole(path) as file:
        file.write((",".join(("seconds", *flat.channels)) + "\n").encode())
        for frame, row in enumerate(flat.values.tolist()):
            cells = (f"{value:.5f}".rstrip("0").rstrip(".") for value in row)
            file.write((",".join((f"{frame / flat.fps:.5f}", *cells)) + "\n").encode())
