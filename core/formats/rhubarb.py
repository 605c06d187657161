"""Rhubarb Lip Sync's mouth shapes (TSV and JSON): each becomes the phone that looks most like it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..speech.phones import SILENCE, Phones
from . import spans
from .text import parse_json, read_text

LARGEST = 16 << 20  # bytes
PHONE = {"A": "M", "B": "S", "C": "EH", "D": "AA", "E": "AO", "F": "UW", "G": "F", "H": "L", "X": SILENCE}
"""The shapes as Rhubarb's manual describes them: A closed lips (p b m), B clenched teeth (most consonants, ee), C open
(eh, ae), D wide open (aa), E slightly rounded (ao, er), F puckered (uw, ow, w), G teeth on the lower lip (f v), H the
tongue raised (a long l), X rest."""


def read_tsv(path: Path) -> Phones:
    """Read lines of a time and a shape, each lasting until the next. Raises `InputError`, one line."""
    times: list[tuple[str, float, str]] = []
    for number, line in enumerate(read_text(path, LARGEST).split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path}: line {number}"
        time, _, shape = line.strip().partition("\t")
        try:
            times.append((where, float(time), shape.strip()))
        except ValueError as error:
            raise InputError(f"{where}: is no time and mouth shape of Rhubarb, such as 0.35 and B") from error
    if not times:
        raise InputError(f"{path}: holds no mouth shapes")
    ends = [time for _, time, _ in times[1:]] + [times[-1][1]]
    return _phones((where, start, end, shape) for (where, start, shape), end in zip(times, ends, strict=True))


def read_json(path: Path) -> Phones:
    """Read the object that `rhubarb -f json` writes. Raises `InputError`, one line."""
    try:
        content = parse_json(read_text(path, LARGEST))
        cues = content["mouthCues"]
        rows = [(float(cue["start"]), float(cue["end"]), str(cue["value"])) for cue in cues]
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise InputError(f"{path}: is no JSON of Rhubarb; it lacks mouthCues with start, end and value") from error
    return _phones((f"{path}: mouth cue {place + 1}", *row) for place, row in enumerate(rows))


def is_rhubarb(content: Any) -> bool:
    """Tell whether a JSON object is Rhubarb's; our own may hold mouth cues too, beside the phones they come from."""
    return isinstance(content, dict) and "mouthCues" in content and "headroom" not in content


def _phones(cues: Iterable[tuple[str, float, float, str]]) -> Phones:
    """Check cues (what to call it, start, end, shape) and make phones of them."""
    before, made = 0.0, []
    for where, start, end, shape in cues:
        if shape not in PHONE:
            raise InputError(f"{where}: mouth shape {shape[:20]!r} is not known; Rhubarb has {' '.join(PHONE)}")
        spans.check(start, end, before, where)
        before = end
        made.append((start, end, (PHONE[shape],)))
    return spans.to_phones(made)
