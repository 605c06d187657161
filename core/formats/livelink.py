"""Live Link Face CSV, as Epic's iPhone app records it: 52 ARKit shapes and nine angles per row."""

from __future__ import annotations

import csv
import io
import math
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np

from ..errors import InputError
from ..performance import ARKIT_52, Performance
from .atomic import whole

LAYER_OF = {"eyeBlink": "blinks", "eyeSquint": "blinks", "eyeWide": "blinks", "eyeLook": "gaze", "brow": "brows",
            "head": "head", "leftEye": "gaze", "rightEye": "gaze", "noseSneer": "emotion"}  # fmt: skip

# The app lists ARKit's shapes in Apple's order but for two pairs.
_SWAPPED = {"jawLeft": "jawRight", "jawRight": "jawLeft", "mouthLeft": "mouthRight", "mouthRight": "mouthLeft"}
SHAPE_ORDER = tuple(_SWAPPED.get(name, name) for name in ARKIT_52)
ANGLES = (
    "headYaw", "headPitch", "headRoll", "leftEyeYaw", "leftEyePitch", "leftEyeRoll", "rightEyeYaw", "rightEyePitch",
    "rightEyeRoll",
)  # fmt: skip
COLUMNS = (*SHAPE_ORDER, *ANGLES)
HEADER = ("Timecode", "BlendShapeCount", *(name[0].upper() + name[1:] for name in COLUMNS))
BASES = (24, 25, 30, 60, 120)  # frames that a timecode counts in a second
USUAL = (23.976, 24.0, 25.0, 29.97, 30.0, 48.0, 50.0, 60.0, 90.0, 120.0)
MOST_FRAMES = 120 * 3600 * 4
LONGEST_ROW = 64 << 10
"""Characters of a row; the app writes 800."""
LATEST = 1e6
"""Largest number in a take: of a day's timecode, and far beyond what a face does."""


def layer_of(channel: str) -> str:
    """Give the layer that a captured channel belongs to."""
    found = next((layer for start, layer in LAYER_OF.items() if channel.startswith(start)), "lips")
    return "emotion" if channel.startswith("cheekSquint") else found


def write(path: Path, performance: Performance) -> None:
    """Write a take: the layers added up, one row per frame, channels that the format lacks left out.

    The timecode starts at 00:00:00 and counts 60 frames a second with a fraction, as the app's does. Raises
    `OutputError` when the place cannot be written.
    """
    flat = performance.flatten()
    table = np.zeros((flat.frame_count, len(COLUMNS)), np.float32)
    for column, name in enumerate(COLUMNS):
        if name in flat.channels:
            table[:, column] = flat.values[:, flat.channels.index(name)]
    with whole(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        text.write(",".join(HEADER) + "\n")
        for frame, row in enumerate(table):
            cells = ",".join(f"{value:.10f}" for value in row.tolist())
            text.write(f"{timecode(frame / flat.fps)},{len(COLUMNS)},{cells}\n")
        text.flush()
        text.detach()


def timecode(seconds: float, base: int = 60) -> str:
    """Spell a time as HH:MM:SS:FF.mmm."""
    thousandths = round(seconds * base * 1000)
    whole_seconds, rest = divmod(thousandths, base * 1000)
    minutes, second = divmod(whole_seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def read(path: Path) -> Performance:
    """Read a take; its frames are laid out evenly at the rate that its timecodes show.

    Columns are found by name; those that are no face channel are ignored. Raises `InputError`, one line, when the
    file is missing or no such take.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            places, codes, values = _table(file, path)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: is not a Live Link Face CSV ({error})") from error
    fps, even = _evenly(codes, values)
    return Performance(fps, tuple(places), tuple(layer_of(name) for name in places), even)


def _table(file: IO[str], path: Path) -> tuple[dict[str, int], np.ndarray, np.ndarray]:
    """Read row by row: the place of each known channel, timecodes (F, 4) and values (F, C) float32."""
    rows = filter(None, csv.reader(_lines(file, path)))
    head = next(rows, [""])
    if head[0].strip() != "Timecode":
        raise InputError(f"{path}: is not a Live Link Face CSV; its first column must be Timecode")
    known = {name: (name[0].lower() + name[1:]) for name in HEADER[2:]}
    places = {known[name.strip()]: place for place, name in enumerate(head) if name.strip() in known}
    if not places:
        raise InputError(f"{path}: holds no face channels")
    values, codes, count, width = array("f"), array("d"), 0, len(head)
    for row in rows:
        if count == MOST_FRAMES:
            raise InputError(f"{path}: holds more than {MOST_FRAMES} frames, four hours; cut it into takes")
        try:
            numbers = [float(row[place]) for place in places.values()]
            code = [float(piece) for piece in row[0].replace(";", ":").split(":")]
        except (ValueError, IndexError) as error:
            if count and len(row) < width and next(rows, None) is None:
                raise InputError(f"{path}: breaks off in its last row; copy or export it again") from error
            raise InputError(f"{path}: row {count + 2} cannot be read as numbers") from error
        if len(code) != 4:
            raise InputError(f"{path}: row {count + 2} has no timecode HH:MM:SS:FF.mmm")
        if not all(-LATEST <= number <= LATEST for number in (*numbers, *code)):
            raise InputError(f"{path}: row {count + 2} holds values that are not numbers of a face")
        values.extend(numbers)
        codes.extend(code)
        count += 1
        last = len(row)
    if not count:
        raise InputError(f"{path}: holds no frames")
    if count > 1 and last < width:
        raise InputError(f"{path}: breaks off in its last row; copy or export it again")
    return places, np.frombuffer(codes).reshape(-1, 4), np.frombuffer(values, np.float32).reshape(-1, len(places))


def _lines(file: IO[str], path: Path) -> Iterator[str]:
    """Give the lines of a file, none of which is longer than a row can be."""
    while line := file.readline(LONGEST_ROW + 1):
        if len(line) > LONGEST_ROW:
            raise InputError(f"{path}: is not a Live Link Face CSV; a row has more than {LONGEST_ROW} characters")
        yield line


def _evenly(codes: np.ndarray, values: np.ndarray) -> tuple[float, np.ndarray]:
    """Find the frame rate from timecodes (F, 4), and put frames on an even grid where some were dropped."""
    if len(codes) == 1:
        return 60.0, values
    base = next((base for base in BASES if codes[:, 3].max() < base), 120)
    if base < 60 and len(codes) < 2 * base:
        base = 60  # too short to have counted up to the end of a second
    seconds = codes[:, :3] @ np.array([3600.0, 60.0, 1.0]) + codes[:, 3] / base
    seconds += 86400.0 * np.cumsum(np.r_[False, np.diff(seconds) < -43200])  # midnight
    step = float(np.median(np.diff(seconds)))
    if not 1 / 480 <= step <= 1:
        return 60.0, values  # timecodes that say nothing
    fps = min(USUAL, key=lambda usual: abs(math.log(usual * step)))
    if abs(math.log(fps * step)) > 0.01:
        fps = 1 / step
    order = np.maximum.accumulate(seconds - seconds[0])
    count = round(order[-1] * fps) + 1
    if not len(values) <= count <= 2 * len(values):
        return fps, values
    grid = np.arange(count) / fps
    return fps, np.stack([np.interp(grid, order, column) for column in values.T], axis=1).astype(np.float32)
