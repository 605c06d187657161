"""Wavefront OBJ, one frame per file: vertices and faces. All else in a file is passed over, or kept as it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..errors import InputError
from .atomic import whole
from .frames import refuse_polygons, refuse_texts

PER_VERTEX = (3, 4, 6, 7)
"""Numbers after a `v`: place, with a weight, with a color, with both."""
LONGEST = 256
"""Characters of a vertex: seven numbers take 170."""


def read(data: bytes, with_faces: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """Read vertices (V, 3) float32 and, when asked for, faces (P, C) with -1 padding. Raises `InputError`."""
    lines = _lines(data)
    rows = [line[2:] for line in lines if line[:2] in (b"v ", b"v\t")]
    if not rows:
        raise InputError("has no vertices")
    numbers = _numbers(rows)
    faces = [line[2:].split() for line in lines if line[:2] in (b"f ", b"f\t")] if with_faces else []
    return np.ascontiguousarray(numbers[:, :3], np.float32), _faces(faces, len(numbers)) if faces else None


def _lines(data: bytes) -> list[bytes]:
    refuse_texts(data)
    return data.replace(b"\\\r\n", b" ").replace(b"\\\n", b" ").splitlines()


def _numbers(rows: list[bytes]) -> np.ndarray:
    """Read rows of equally many numbers (V, N)."""
    each = len(rows[0].split())
    if max(map(len, rows)) > LONGEST:
        raise InputError(f"has a vertex of more than {LONGEST} characters")
    try:
        numbers = np.array(list(map(float, b" ".join(rows).split())))
    except ValueError as error:
        raise InputError("has a vertex that is not made of numbers") from error
    if each not in PER_VERTEX or len(numbers) != each * len(rows):
        row = next((row for row, text in enumerate(rows) if len(text.split()) != each or each not in PER_VERTEX), 0)
        raise InputError(f"vertex {row} has {len(rows[row].split())} numbers instead of three")
    return numbers.reshape(-1, each)


def _faces(rows: list[list[bytes]], count: int) -> np.ndarray:
    """Read faces from their corners `v`, `v/t`, `v//n` or `v/t/n`, counted from 1, or backwards from -1."""
    widest = max(map(len, rows))
    refuse_polygons(len(rows), widest)
    try:
        corners = [[int(corner.split(b"/", 1)[0]) for corner in row] for row in rows]
    except ValueError as error:
        raise InputError("has a face that is not made of numbers") from error
    if any(abs(corner) > count for row in corners for corner in row):
        raise InputError("has a face whose vertices are not there")
    faces = np.full((len(corners), widest), -1, np.int64)
    for face, row in zip(faces, corners, strict=True):
        face[: len(row)] = [corner - 1 if corner > 0 else count + corner for corner in row]
        if len(row) < 3 or face[: len(row)].min() < 0 or face.max() >= count:
            raise InputError(f"has a face whose vertices are not there: {row[:8]}")
    return faces.astype(np.int32)


def write(path: Path, vertices: np.ndarray, faces: np.ndarray | None) -> None:
    """Write one frame, vertices (V, 3). Raises `OutputError`."""
    text = "\n".join(map("v %.9g %.9g %.9g".__mod__, map(tuple, vertices.tolist())))
    if faces is not None:
        rows = [" ".join(str(corner + 1) for corner in face if corner >= 0) for face in faces.tolist()]
        text += "\nf " + "\nf ".join(rows) if rows else ""
    with whole(path) as file:
        file.write(text.encode() + b"\n")


def replaced(data: bytes, vertices: np.ndarray, turn: np.ndarray) -> bytes:
    """Give a file other vertices (V, 3) and turn its normals by (3, 3); texture coordinates and all else stay."""
    lines = _lines(data)
    places = [number for number, line in enumerate(lines) if line[:2] in (b"v ", b"v\t")]
    for number, vertex in zip(places, vertices.tolist(), strict=True):
        beside = lines[number].split()[4:]
        lines[number] = b"v %.9g %.9g %.9g" % tuple(vertex) + b"".join(b" " + one for one in beside)
    places = [number for number, line in enumerate(lines) if line[:3] in (b"vn ", b"vn\t")]
    if places:
        normals = _numbers([lines[number][3:] for number in places])[:, :3] @ turn.T
        for number, normal in zip(places, normals.tolist(), strict=True):
            lines[number] = b"vn %.6g %.6g %.6g" % tuple(normal)
    return b"\n".join(lines) + b"\n"
