"""Pictures of the tutorials: taken while tests walk them, kept by `make pictures`, and compared with what is kept."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
from PIL import Image

from headroom.tools.gui.window import Window

KEPT = Path(__file__).resolve().parents[2] / "docs" / "images" / "tutorials"
MADE = KEPT / "made_with.txt"
"""Which Blender the pictures show; only that one is held against them."""

NEWEST = "sid"
"""The system whose window the tutorials show."""

BLOCK = 16
"""Pixels; what is compared is the mean of such squares."""
DIFFERENT, FEW = 10.0, 0.03
"""Levels of gray, of 255, by which a square may differ, and the share of squares that may differ more: lines of the
viewport's grid and a cursor, but no panel that was moved."""


def picture(window: Window, name: str, still: bool = False) -> None:
    """Take a picture of a step; `make pictures` keeps it, any other run fails when the tutorials show another one.

    still: the mouse stays where it is, since a dialog closes when it moves away.
    """
    time.sleep(1.5)  # panels unfold slowly
    path = window.screenshot(f"tutorial-{name}", still)
    if window.suite != NEWEST:
        return
    kept, version = KEPT / f"{name}.webp", window.ask("result = bpy.app.version_string")
    if os.environ.get("HEADROOM_PICTURES"):
        KEPT.mkdir(parents=True, exist_ok=True)
        Image.open(path).convert("RGB").save(kept, quality=80, method=6)
        MADE.write_text(version + "\n", encoding="utf-8")
        return
    assert kept.is_file(), f"the tutorials lack {name}; run: make pictures"
    if MADE.read_text(encoding="utf-8").strip() == version:
        share = _different(path, kept)
        assert share <= FEW, f"{share:.1%} of the picture {name} is out of date; run: make pictures, and look at it"


def _different(one: Path, other: Path) -> float:
    """Give the share of squares in which two pictures of a window differ."""
    first, second = _squares(one), _squares(other)
    return 1.0 if first.shape != second.shape else float((np.abs(first - second) > DIFFERENT).mean())


def _squares(path: Path) -> np.ndarray:
    gray = np.asarray(Image.open(path).convert("L"), np.float32)
    high, wide = (size // BLOCK * BLOCK for size in gray.shape)
    return gray[:high, :wide].reshape(high // BLOCK, BLOCK, wide // BLOCK, BLOCK).mean(axis=(1, 3))
