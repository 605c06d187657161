"""Performances and phones as plain tables: .json for people and scripts, .npz for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..performance import Performance
from ..speech.phones import Phones, Word
from . import npz
from .atomic import whole
from .text import parse_json, read_text

VERSION = 1
LARGEST = 256 << 20  # bytes of a JSON
LARGEST_VALUES, LARGEST_BESIDE = 512 << 20, 32 << 20  # bytes in an .npz: four hours of a face; names and phones
BESIDE = (
    "fps", "channels", "layers", "phone_label", "phone_start", "phone_end", "phone_confidence", "word_text",
    "word_start", "word_end",
)  # fmt: skip


def write_npz(path: Path, performance: Performance, phones: Phones | None = None) -> None:
    """Write `fps`, `channels` (C,), `layers` (C,), `values` (F, C) and, with phones, `phone_label`, `phone_start`,
    `phone_end` (seconds), `phone_confidence`, `word_text`, `word_start`, `word_end`.

    A channel on several layers has a column for each. Raises `OutputError` when the place cannot be written.
    """
    arrays: dict[str, np.ndarray] = {
        "fps": np.array(performance.fps, dtype=np.float64),
        "channels": np.array(performance.channels, dtype=str),
        "layers": np.array(performance.layers, dtype=str),
        "values": performance.values.astype(np.float32),
    }
    if phones is not None:
        arrays |= {
            "phone_label": np.array(phones.label, dtype=str),
            "phone_start": phones.start,
            "phone_end": phones.end,
            "phone_confidence": phones.confidence,
            "word_text": np.array([word.text for word in phones.words], dtype=str),
            "word_start": np.array([word.start for word in phones.words], dtype=np.float64),
            "word_end": np.array([word.end for word in phones.words], dtype=np.float64),
        }
    with whole(path) as file:
        np.savez_compressed(file, **arrays)


def read_npz(path: Path) -> tuple[Performance, Phones | None]:
    """Read what `write_npz` wrote. Raises `InputError`, one line, for anything else; pickled arrays are refused."""
    path = _existing(path)
    try:
        table = npz.arrays(path, LARGEST_BESIDE, BESIDE) | npz.arrays(path, LARGEST_VALUES, ("values",))
    except InputError as error:
        raise InputError(f"{path}: is not a performance that can be read; {error}") from error
    try:
        performance = _performance(
            float(table["fps"]), table["channels"].tolist(), table.get("layers"), table["values"]
        )
        return performance, _phones(table) if "phone_label" in table else None
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{path}: is not a performance ({error})") from error


def write_json(
    path: Path, performance: Performance, phones: Phones | None = None, more: dict[str, Any] | None = None
) -> None:
    """Write one object: `fps`, `channels` and `layers` by name, `values` one list per frame, rounded to 1e-5, and
    `phones` as `{label, start, end, confidence}`, `words` as `{text, start, end}`; `more` is put in as it is."""
    content: dict[str, Any] = {
        **(more or {}),
        "headroom": VERSION,
        "fps": performance.fps,
        "channels": list(performance.channels),
        "layers": list(performance.layers),
    }
    if phones is not None:
        rows = zip(phones.label, phones.start.tolist(), phones.end.tolist(), phones.confidence.tolist(), strict=True)
        content["phones"] = [
            {"label": label, "start": round(start, 4), "end": round(end, 4), "confidence": round(sure, 3)}
            for label, start, end, sure in rows
        ]
        content["words"] = [
            {"text": word.text, "start": round(word.start, 4), "end": round(word.end, 4)} for word in phones.words
        ]
    with whole(path) as file:
        file.write(json.dumps(content, ensure_ascii=False)[:-1].encode() + b', "values": [\n')
        for place, row in enumerate(performance.values):
            cells = ", ".join(format(value, ".5f").rstrip("0").rstrip(".") or "0" for value in row.tolist())
            file.write(b"[" + cells.encode() + (b"],\n" if place + 1 < performance.frame_count else b"]\n"))
        file.write(b"]}\n")


def read_json(path: Path) -> tuple[Performance, Phones | None]:
    """Read what `write_json` wrote. Raises `InputError`, one line, for anything else."""
    try:
        content = parse_json(read_text(path, LARGEST))
    except ValueError as error:
        raise InputError(f"{path}: is not a performance that can be read") from error
    try:
        values = np.array(content["values"], dtype=np.float32)
        if values.size == 0:
            values = values.reshape(0, len(content["channels"]))
        layers = np.array(content["layers"], dtype=str) if "layers" in content else None
        performance = _performance(float(content["fps"]), list(content["channels"]), layers, values)
        if "phones" not in content:
            return performance, None
        rows, words = content["phones"], content.get("words", [])
        table = {
            f"phone_{key}": np.array([row[key] for row in rows]) for key in ("label", "start", "end", "confidence")
        }
        table |= {f"word_{key}": np.array([word[key] for word in words]) for key in ("text", "start", "end")}
        return performance, _phones(table)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        raise InputError(f"{path}: is not a performance ({error})") from error


def _existing(path: Path) -> Path:
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file")
    return Path(path)


def _performance(fps: float, channels: list[Any], layers: np.ndarray | None, values: np.ndarray) -> Performance:
    """Check what came from a file as far as `Performance` does not."""
    if not (np.isfinite(fps) and 0 < fps <= 10_000):
        raise ValueError(f"{fps} frames per second")
    if values.dtype.kind not in "fiu" or not np.isfinite(values).all():
        raise ValueError("values that are not numbers")
    if not all(isinstance(name, str) for name in channels):
        raise ValueError("channels without names")
    names = ("lips",) * len(channels) if layers is None else tuple(str(layer) for layer in layers)
    return Performance(fps, tuple(channels), names, values.astype(np.float32))


def _phones(table: dict[str, np.ndarray]) -> Phones:
    """Build phones from a file's arrays."""
    label = tuple(str(name) for name in table["phone_label"])
    table["sure"] = table.get("phone_confidence", np.ones(len(label)))
    texts = [str(text) for text in table.get("word_text", ())]
    spans = zip(texts, table.get("word_start", ()), table.get("word_end", ()), strict=True)
    words = tuple(Word(text, float(start), float(end)) for text, start, end in spans)
    start, end, confidence = (np.asarray(table[key], np.float64) for key in ("phone_start", "phone_end", "sure"))
    return Phones(label, start, end, confidence, words)
