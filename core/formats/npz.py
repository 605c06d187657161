"""NumPy's arrays in files of others: what they claim is checked before a byte is unpacked, and nothing is ever run.

A small .npz may unpack to many gigabytes, its headers may lie, and it may hold pickles, which run code. `numpy.load`
refuses only the last. Everything in Headroom that reads .npz or .npy does it here. Formats: NumPy's "NEP 1" for .npy,
PKWARE's APPNOTE 4.3.16 and 4.3.14 for the end of a zip.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import prod
from pathlib import Path
from tokenize import TokenError
from typing import IO

import numpy as np

from ..errors import InputError

BROKEN = (OSError, EOFError, zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, ValueError)
"""What `zipfile` and NumPy raise for damaged, encrypted or lying files."""
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How NumPy packs. What bzip2 and LZMA make of a few bytes comes out at once in Python, gigabytes of it."""
DIRECTORY = 1 << 20
"""Bytes that the list of a zip's members may have: ten thousand of them."""
HEADER = 10_000
"""Characters that an array's header may have, as NumPy itself limits it."""
PLAIN = "biufU"
"""Kinds of arrays that are read: truth values, whole numbers, floats, texts."""
LAST_SIGN = 0x10FFFF
_END, _FAR_END, _FAR = b"PK\5\6", b"PK\6\6", b"PK\6\7"


@dataclass(frozen=True)
class Header:
    """What an array's own header says: its shape, the kind of its items, and whether columns come first."""

    shape: tuple[int, ...]
    dtype: np.dtype
    fortran: bool

    @property
    def size(self) -> int:
        """Bytes of its items."""
        return prod(self.shape) * self.dtype.itemsize


class Archive:
    """The arrays of an .npz, none of them unpacked yet. Raises `InputError` for what is none."""

    def __init__(self, file: Path | IO[bytes]) -> None:
        try:
            if isinstance(file, Path):
                with file.open("rb") as opened:
                    _refuse_crowd(opened)
            else:
                _refuse_crowd(file)
            self._zip = zipfile.ZipFile(file)
        except (*BROKEN, LookupError, OverflowError) as error:
            raise InputError("is no .npz file; write one with numpy.savez") from error
        self._members = {one.filename.removesuffix(".npy"): one for one in self._zip.infolist()}

    @property
    def names(self) -> tuple[str, ...]:
        """What the arrays are called."""
        return tuple(self._members)

    def packed_size(self, name: str) -> int:
        """Bytes that an array takes in the file."""
        return self._members[name].compress_size

    def open(self, name: str) -> tuple[IO[bytes], Header]:
        """Open an array behind its header, which fits its size. Raises `InputError`."""
        try:
            info = self._members[name]
            if info.compress_type not in PACKED:
                raise InputError(f"its `{name}` is packed as NumPy does not; write it again with numpy.savez")
            member = self._zip.open(info)
            found = _header(member)
            start = member.tell()
        except (*BROKEN, KeyError) as error:
            raise InputError(f"its `{name}` is no array that can be read") from error
        _refuse_odd(found, f"its `{name}`")
        if start + found.size != info.file_size:
            raise InputError(
                f"its `{name}` is said to be {_shown(found.shape)}, which does not fit its size; write it again"
            )
        return member, found

    def read(self, name: str, largest: int) -> np.ndarray:
        """Read an array of at most `largest` bytes. Raises `InputError`."""
        member, header = self.open(name)
        return _filled(member, header, largest, f"its `{name}`")


def arrays(
    file: Path | IO[bytes], largest: int, wanted: Callable[[str], bool] | Iterable[str] | None = None
) -> dict[str, np.ndarray]:
    """Read the arrays of an .npz that are `wanted` (all, unless said), at most `largest` bytes of them together.

    What is wanted and not there is left out. Raises `InputError`, which does not name the file.
    """
    archive, found = Archive(file), {}
    chosen = wanted if callable(wanted) or wanted is None else set(wanted).__contains__
    for name in archive.names:
        if chosen is None or chosen(name):
            found[name] = archive.read(name, largest)
            largest -= found[name].nbytes
    return found


def array(path: Path, largest: int) -> np.ndarray:
    """Read an .npy of at most `largest` bytes. Raises `InputError`, which does not name the file."""
    try:
        with path.open("rb") as file:
            header = _header(file)
            _refuse_odd(header, "it")
            return _filled(file, header, largest, "it")
    except BROKEN as error:
        raise InputError("is no .npy file; write one with numpy.save") from error


def fill(member: IO[bytes], into: np.ndarray) -> None:
    """Read the items of an array that lies in one piece. Raises one of `BROKEN` when there are too few."""
    view = into.reshape(-1).view(np.uint8).data
    while view:
        read = member.readinto(view)  # type: ignore[attr-defined]
        if not read:
            raise EOFError
        view = view[read:]


def _filled(member: IO[bytes], header: Header, largest: int, called: str) -> np.ndarray:
    if header.size > largest:
        raise InputError(f"{called} unpacks to {header.size >> 20:,} MB; {largest >> 20:,} MB are the most")
    made = np.empty(prod(header.shape), header.dtype)
    try:
        fill(member, made)
    except BROKEN as error:
        raise InputError(f"{called} is damaged; write it again") from error
    if made.dtype.kind == "U" and made.view(made.dtype.byteorder + "u4").max(initial=0) > LAST_SIGN:
        raise InputError(f"{called} is text that cannot be read; write it again")
    return made.reshape(header.shape, order="F" if header.fortran else "C")


def _header(file: IO[bytes]) -> Header:
    """Read an array's header, of which no more is taken in than it may have."""
    magic = file.read(8)
    version = np.lib.format.read_magic(io.BytesIO(magic))
    if version not in ((1, 0), (2, 0)):
        raise ValueError(version)
    size = file.read(2 if version == (1, 0) else 4)
    length = int.from_bytes(size, "little")
    if length > HEADER:
        raise ValueError(length)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    try:
        shape, fortran, dtype = read(io.BytesIO(size + file.read(length)))
    except (SyntaxError, TokenError, TypeError, MemoryError, RecursionError) as error:  # what Python's parser raises
        raise ValueError("header") from error
    return Header(shape, dtype, fortran)


def _refuse_odd(header: Header, called: str) -> None:
    if header.dtype.hasobject:
        raise InputError(f"{called} is pickled, which could run code; save plain numbers")
    if header.dtype.kind not in PLAIN or not header.dtype.itemsize:
        raise InputError(f"{called} is neither numbers nor texts; save plain numbers")
    if min(header.shape, default=1) < 0:
        raise InputError(f"{called} is said to be {_shown(header.shape)}, which does not fit its size; write it again")


def _shown(shape: tuple[int, ...]) -> str:
    return str(shape) if len(shape) < 8 and all(abs(side) < 1 << 63 for side in shape) else "of an impossible shape"


def _refuse_crowd(file: IO[bytes]) -> None:
    """Refuse a zip whose list of members is huge: `zipfile` reads all of it at once."""
    size = file.seek(0, io.SEEK_END)
    begun = file.seek(max(0, size - 22 - 0xFFFF))
    tail = file.read()
    at = tail.rindex(_END)
    length = struct.unpack_from("<I", tail, at + 12)[0]
    if tail[max(0, at - 20) :].startswith(_FAR):  # the 64-bit end of the list lies before the place that tells of it
        file.seek(max(0, begun + at - 20 - 56))
        far = file.read(56)
        length = struct.unpack_from("<Q", far, 40)[0] if far.startswith(_FAR_END) else length
    if length > DIRECTORY:
        raise ValueError(length)
    file.seek(0)
