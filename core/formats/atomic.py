"""Writing a file whole or not at all, and clearing away what was left where a run was killed."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from ..errors import OutputError

HIDDEN = f".headroom-{os.getpid()}-"
"""How files and folders begin that this process is writing."""
STALE = 24 * 3600.0
"""Seconds after which nobody writes any more to what nobody has touched for so long."""


def sweep(folder: Path) -> None:
    """Clear away what killed runs left in a folder: hidden files and folders of ours, untouched for a day."""
    for left in folder.glob(".headroom-*"):
        try:
            if time.time() - max(one.lstat().st_mtime for one in (left, *left.rglob("*"))) > STALE:
                remove(left)
        except OSError:  # somebody else's, or gone by now
            continue


def sweep_after(process: int, folder: Path) -> None:
    """Clear away what a process that has ended was writing in a folder."""
    for left in folder.glob(f".headroom-{process}-*") if folder.is_dir() else ():
        with suppress(OSError):
            remove(left)


def remove(path: Path) -> None:
    """Remove a file, or a folder with what is in it. Raises OSError."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


@contextmanager
def whole(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file beside `path` for bytes, which takes its place only once all is written.

    Raises `OutputError`, one line, when it cannot be written there; `path` then is as it was before.
    """
    path = Path(path)
    temporary = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=HIDDEN, suffix=".part")
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            yield file
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)  # mkstemp lets only the owner read
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror or error}); choose another place") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
