"""A folder of OBJ or PLY files as a mesh sequence: one frame per file, in the order people count."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..errors import InputError, OutputError
from ..progress import Progress, silent
from ..sequence import MeshSequence
from . import objs, ply
from .atomic import whole
from .frames import MOST_FRAMES, Spool, blocks
from .times import scene_frame

READERS: dict[str, Callable[[bytes, bool], tuple[np.ndarray, np.ndarray | None]]] = {
    ".obj": objs.read,
    ".ply": ply.read,
}
REPLACERS = {".obj": objs.replaced, ".ply": ply.replaced}
WRITERS = {".obj": objs.write, ".ply": ply.write}
LARGEST = 256 << 20
"""Bytes of a frame: a face of a million vertices has half as many."""


def read(folder: Path) -> MeshSequence:
    """Open a folder; faces are those of its first file, names those of its files.

    A folder tells no frame rate, so it is a set of expressions until somebody says otherwise. Raises `InputError`.
    """
    files = frames_in(folder)
    endings = sorted({file.suffix.lower() for file in files})
    if not files:
        raise InputError("has no .obj and no .ply files in it")
    if len(endings) > 1:
        raise InputError("has .obj and .ply files in it; give a folder of one kind")
    if len(files) > MOST_FRAMES:
        raise InputError(f"has {len(files):,} frames; give {MOST_FRAMES:,} at most")
    first, faces = _load(files, 0, True)

    def load(frame: int) -> np.ndarray:
        vertices = _load(files, frame, False)[0]
        if len(vertices) != len(first):
            raise InputError(
                f"{_name(files, frame)} has {len(vertices)} vertices, {_name(files, 0)} has {len(first)}; "
                "all frames must be one mesh, deformed"
            )
        return vertices

    names = tuple(file.name for file in files)
    return MeshSequence(Spool((len(files), len(first), 3), load), None, faces, names)


def frames_in(folder: Path) -> list[Path]:
    """List the files of a folder that are frames, in natural order: 2 before 10."""
    files = [file for file in folder.iterdir() if file.suffix.lower() in READERS and not file.name.startswith(".")]
    return sorted((file for file in files if file.is_file()), key=lambda file: (_natural(file.name), file.name))


def _natural(name: str) -> list[tuple[int, int, str]]:
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"([0-9]+)", name.lower())]


def _name(files: list[Path], frame: int) -> str:
    return f"frame {frame} ({files[frame].name})"


def _load(files: list[Path], frame: int, with_faces: bool) -> tuple[np.ndarray, np.ndarray | None]:
    try:
        return READERS[files[frame].suffix.lower()](_bytes(files, frame), with_faces)
    except InputError as error:
        raise InputError(f"{_name(files, frame)} {error}") from error


def _bytes(files: list[Path], frame: int) -> bytes:
    try:
        if files[frame].stat().st_size > LARGEST:
            raise InputError(f"is larger than {LARGEST >> 20} MB; give a mesh of a face")
        return files[frame].read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})") from error


def write(folder: Path, ending: str, sequence: MeshSequence, stem: str, progress: Progress = silent) -> None:
    """Write one file per frame, called as the frames are, or `stem`_0000 and so on.

    Each is written whole; to have all or none, write into a new folder and move it. Raises `OutputError`.
    """
    names = iter(file_names(sequence, stem))
    for block in blocks(sequence, progress):
        for vertices in block:
            WRITERS[ending](folder / f"{next(names)}{ending}", vertices, sequence.faces)


def write_like(
    folder: Path, originals: list[Path], sequence: MeshSequence, turns: np.ndarray, home: Path, progress: Progress
) -> None:
    """Write the files that frames came from with other vertices, normals turned by (F, 3, 3), and all else kept.

    `home` is the folder that they will lie in: from there OBJs find their materials. Raises as `write` does.
    """
    names = file_names(sequence, home.name)
    frame = 0
    for block in blocks(sequence, progress):
        for vertices in block:
            source = originals[frame]
            data = _bytes(originals, frame)
            made = REPLACERS[source.suffix.lower()](data, vertices, turns[frame])
            if source.suffix.lower() == ".obj":
                made = re.sub(rb"(?m)^mtllib +", b"mtllib " + _way(home, source.parent), made)
            with whole(folder / f"{names[frame]}{source.suffix.lower()}") as file:
                file.write(made)
            frame += 1


def _way(start: Path, end: Path) -> bytes:
    """Give the way from one folder to another as OBJ writes it, nothing when it is none or has blanks in it."""
    try:
        way = Path(os.path.relpath(end.resolve(), start.resolve())).as_posix() + "/"
    except ValueError:  # another drive
        return b""
    return b"" if way == "./" or re.search(r"\s", way) else way.encode()


def file_names(sequence: MeshSequence, stem: str) -> list[str]:
    """Give each frame a file name without ending: its own where all have one, else a number, the scene's if known."""
    numbers = [scene_frame(name) for name in sequence.names]
    if numbers and None not in numbers:
        return [f"{stem}_{number:04d}" for number in numbers if number is not None]
    own = [re.sub(r"[^\w.+-]+", "_", re.sub(r"(?i)\.(obj|ply)$", "", name)).strip(".") for name in sequence.names]
    if own and all(own) and len({name.lower() for name in own}) == len(own) and max(map(len, own)) < 200:
        return own
    digits = max(4, len(str(sequence.frame_count - 1)))
    return [f"{stem}_{frame:0{digits}d}" for frame in range(sequence.frame_count)]


def check_free(folder: Path, ending: str, names: list[str]) -> None:
    """Refuse a folder that holds frames which would not be written over: they would mix. Raises `OutputError`."""
    mine = {f"{name}{ending}".lower() for name in names}
    others = [file.name for file in frames_in(folder) if file.name.lower() not in mine] if folder.is_dir() else []
    if others:
        raise OutputError(f"{folder}: holds other frames already, such as {others[0]}; choose an empty folder")
