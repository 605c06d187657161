"""Mesh sequences in files, whatever kind: which module reads and writes which ending."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..progress import Progress, silent
from ..sequence import MeshSequence
from . import folders, mdd, pc2, points_npz

READERS: dict[str, Callable[[Path], MeshSequence]] = {
    ".npz": points_npz.read, ".pc2": pc2.read, ".mdd": mdd.read,
}  # fmt: skip
WRITERS: dict[str, Callable[[Path, MeshSequence, Progress], None]] = {
    ".pc2": pc2.write, ".mdd": mdd.write,
}  # fmt: skip
FOLDERS = tuple(folders.READERS)
"""Endings of files that hold one frame: a sequence is a folder of them."""


def read(path: Path) -> MeshSequence:
    """Open a sequence: `.npz`, `.pc2`, `.mdd` or a folder of `.obj` or `.ply`; frames stay there until asked for.

    Raises `InputError` that names the file. What is wrong with a frame shows when it is read: do that within `about`.
    """
    path = Path(path)
    with about(path):
        if path.is_dir():
            return folders.read(path)
        ending = path.suffix.lower()
        if ending in FOLDERS:
            raise InputError("is one frame, which has no motion; give the folder that holds all of them")
        if ending not in READERS:
            known = ", ".join(READERS)
            raise InputError(f"unknown ending {path.suffix or 'none'!r}; give {known}, or a folder of .obj or .ply")
        if not path.is_file():
            raise InputError("no such file")
        try:
            return READERS[ending](path)
        except OSError as error:
            raise InputError(f"cannot be read ({error.strerror or error})") from error


def write(
    path: Path, sequence: MeshSequence, arrays: dict[str, np.ndarray] | None = None, progress: Progress = silent
) -> None:
    """Write a stabilized sequence as the ending of `path` says; `arrays` go with it where the format has room, `.npz`.

    A path that ends in `.obj` or `.ply` means frames called after it, in its folder. Raises `OutputError`.
    """
    ending = path.suffix.lower()
    if ending == ".npz":
        points_npz.write(path, sequence, arrays, "stabilized", progress)
    elif ending in FOLDERS:
        folders.write(path.parent, ending, sequence, path.stem, progress)
    else:
        WRITERS[ending](path, sequence, progress)


@contextmanager
def about(path: Path | str) -> Iterator[None]:
    """Let complaints about a sequence begin with its file or object; those about options are left as they are."""
    try:
        yield
    except InputError as error:
        if str(error).startswith(("--", str(path))):
            raise
        raise InputError(f"{path}: {error}") from error
