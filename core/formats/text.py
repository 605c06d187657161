"""Text files of others: as large as they may be, in UTF-8 or UTF-16."""

from __future__ import annotations

from pathlib import Path

from ..errors import InputError


def read_text(path: Path, largest: int) -> str:
    """Read a text of at most `largest` bytes, its lines ended by "\\n". Raises `InputError`, one line."""
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        with path.open("rb") as file:
            content = file.read(largest + 1)
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
