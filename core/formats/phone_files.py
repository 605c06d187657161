"""What other programs found out about a recording: its phones, its mouth shapes, or its text with times."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..speech.captions import Caption
from ..speech.phones import Phones
from . import rhubarb, subtitles, table, textgrid
from .text import parse_json, read_text

ENDINGS = (".textgrid", ".tsv", ".json", ".npz", ".srt", ".vtt")
LARGEST = 256 << 20  # bytes: our own tables hold an hour's curves too


def read(path: Path) -> Phones | tuple[Caption, ...]:
    """Read a file of `ENDINGS`: a TextGrid, Rhubarb's TSV or JSON, our own JSON or .npz, or subtitles.

    Raises `InputError`, one line, for anything else.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise InputError(f"{path}: phones come from {' '.join(ENDINGS)}, not from {ending or 'a name without ending'}")
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    if ending == ".textgrid":
        return textgrid.read(path)
    if ending == ".tsv":
        return rhubarb.read_tsv(path)
    if ending in (".srt", ".vtt"):
        return subtitles.read(path)
    if path.stat().st_size > LARGEST:
        raise InputError(f"{path}: larger than {LARGEST >> 20} MB; is it the right file?")
    if ending == ".json" and _of_rhubarb(path):
        return rhubarb.read_json(path)
    phones = (table.read_json if ending == ".json" else table.read_npz)(path)[1]
    if phones is None:
        raise InputError(f"{path}: holds curves but no phones; write it again with headroom lipsync")
    return phones


def later(given: Phones | tuple[Caption, ...], seconds: float) -> Phones | tuple[Caption, ...]:
    """Begin `seconds` later, for a recording whose beginning is cut off; what lies before is left out."""
    if not isinstance(given, Phones):
        return tuple(
            replace(caption, start=max(0.0, caption.start - seconds), end=caption.end - seconds)
            for caption in given
            if caption.end > seconds
        )
    kept = given.end > seconds
    label = tuple(label for label, inside in zip(given.label, kept, strict=True) if inside)
    words = tuple(
        replace(word, start=max(0.0, word.start - seconds), end=word.end - seconds)
        for word in given.words
        if word.end > seconds
    )
    start, end = np.maximum(given.start[kept] - seconds, 0), given.end[kept] - seconds
    return Phones(label, start, end, given.confidence[kept], words)


def _of_rhubarb(path: Path) -> bool:
    try:
        return rhubarb.is_rhubarb(parse_json(read_text(path, LARGEST)))
    except ValueError:
        raise InputError(f"{path}: is no JSON; use what Rhubarb or headroom lipsync wrote") from None


def beside(folder: Path, recording: Path) -> Path:
    """Give the file in `folder` that belongs to a recording: the one of the same name. Raises `InputError`."""
    found = sorted(path for path in folder.iterdir() if path.stem == recording.stem and path.suffix.lower() in ENDINGS)
    if len(found) != 1:
        what = ", ".join(path.name for path in found[:4]) if found else "none"
        raise InputError(f"{folder}: needs one file of phones called {recording.stem} (found: {what})")
    return found[0]
