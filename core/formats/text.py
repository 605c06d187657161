"""Text files of others: as large as they may be, in UTF-8 or UTF-16."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ..errors import InputError

MOST_VALUES = 32_000_000
"""Values that a JSON may have: two hours of a whole face at 60 frames a second."""


def read_text(path: Path, largest: int) -> str:
    """Read a text of at most `largest` bytes, its lines ended by "\\n". Raises `InputError`, one line."""
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size  # as much room as is asked for is taken at once
            content = file.read(min(size, largest) + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
    if len(content) > largest:
        raise InputError(f"{path}: larger than {largest >> 20} MB; is it the right file?")
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is no text in UTF-8 or UTF-16; save it as UTF-8") from error
    if "\0" in text:
        raise InputError(f"{path}: is no text")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse_json(text: str, most: int = MOST_VALUES) -> Any:
    """Read JSON of at most `most` values, which take up to forty times the room of their text: counted before that.

    Raises ValueError for anything else, and when it is nested too deeply.
    """
    if text.count(",") + text.count("[") + text.count("{") > most:
        raise ValueError(f"more than {most:,} values")
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("too deeply nested") from None
