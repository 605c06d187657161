"""Stanford PLY, one frame per file: text or binary of either byte order; vertices and faces.

The header lists elements (vertex, face, …) with typed properties; what is not a place or a face is passed over, or kept
as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..errors import InputError
from .atomic import whole
from .frames import refuse_polygons, refuse_texts

TYPES = {
    "char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4", "float": "f4",
    "double": "f8", "int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2", "int32": "i4", "uint32": "u4",
    "float32": "f4", "float64": "f8",
}  # fmt: skip
ORDERS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
CORNERS = ("vertex_indices", "vertex_index")
LONGEST_HEADER = 64 << 10
MOST_CORNERS = 255


@dataclass
class Element:
    """A kind of row: how many, and its properties: name -> type, or the types of a list's length and items."""

    name: str
    count: int
    properties: dict[str, str | tuple[str, str]] = field(default_factory=dict)

    def add(self, name: str, kind: str | tuple[str, str]) -> None:
        """Add a property; one that is there already means that the header is wrong."""
        if name in self.properties:
            raise ValueError(name)
        self.properties[name] = kind

    @property
    def fixed(self) -> bool:
        return all(isinstance(kind, str) for kind in self.properties.values())


def read(data: bytes, with_faces: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """Read vertices (V, 3) float32 and, when asked for, faces (P, C) with -1 padding. Raises `InputError`."""
    order, elements, start = _header(data)
    vertices = faces = None
    body = _Text(data[start:]) if not order else _Binary(data, start, order)
    for element in elements:
        if element.name == "vertex":
            columns = body.table(element)
            missing = [axis for axis in "xyz" if axis not in columns]
            if missing:
                raise InputError(f"its vertices have no {missing[0]}")
            vertices = np.stack([columns[axis] for axis in "xyz"], axis=1).astype(np.float32)
        elif element.name == "face" and with_faces:
            faces = body.lists(element)
        elif element.fixed:
            body.table(element)
        else:
            body.lists(element)
        if vertices is not None and (faces is not None or not with_faces):
            break
    if vertices is None or not len(vertices):
        raise InputError("has no vertices")
    if faces is not None and not len(faces):
        faces = None
    if faces is not None and (faces.shape[1] < 3 or faces.max() >= len(vertices) or faces[:, :3].min() < 0):
        raise InputError("has a face whose vertices are not there")
    return vertices, faces


def _header(data: bytes) -> tuple[str, list[Element], int]:
    """Read the byte order ("" for text), the elements, and where the body begins."""
    end = data.find(b"end_header", 0, LONGEST_HEADER)
    if not data.startswith(b"ply") or end < 0:
        raise InputError("is no PLY file")
    start = data.find(b"\n", end) + 1 or len(data)
    order, elements = None, []
    try:
        for words in (line.split() for line in data[:end].decode("ascii", "replace").splitlines()):
            if words[:1] == ["format"]:
                order = ORDERS[words[1]]
            elif words[:1] == ["element"]:
                elements.append(Element(words[1], int(words[2])))
            elif words[:2] == ["property", "list"]:
                elements[-1].add(words[4], (TYPES[words[2]], TYPES[words[3]]))
            elif words[:1] == ["property"]:
                elements[-1].add(words[2], TYPES[words[1]])
    except (KeyError, IndexError, ValueError) as error:
        raise InputError("has a header that cannot be read") from error
    if order is None or any(not 0 <= element.count <= len(data) or not element.properties for element in elements):
        raise InputError("has a header that does not fit its size")
    return order, elements, start


class _Text:
    """The body of a text file, read element by element."""

    def __init__(self, data: bytes) -> None:
        refuse_texts(data)
        self.lines, self.at = [line for line in data.splitlines() if line.strip()], 0

    def _rows(self, element: Element) -> list[bytes]:
        rows = self.lines[self.at : self.at + element.count]
        self.at += element.count
        if len(rows) < element.count:
            raise InputError(f"breaks off at {element.name} {len(rows)} of {element.count}")
        return rows

    def table(self, element: Element) -> dict[str, np.ndarray]:
        """Give the columns of an element without lists, by name."""
        if not element.fixed:
            raise InputError(f"has lists in its element {element.name!r}")
        rows = self._rows(element)
        try:
            numbers = np.array(list(map(float, b" ".join(rows).split()))).reshape(len(rows), -1)
        except ValueError as error:
            raise InputError(f"has a {element.name} that is not made of numbers") from error
        if rows and numbers.shape[1] != len(element.properties):
            raise InputError(f"has {numbers.shape[1]} numbers in each {element.name}, not as its header says")
        return dict(zip(element.properties, numbers.T, strict=False))

    def lists(self, element: Element) -> np.ndarray:
        """Give the corners (P, C) of faces, -1 where there are fewer."""
        made = []
        try:
            for row in self._rows(element):
                words, at, corners = row.split(), 0, []
                for name, kind in element.properties.items():
                    size = int(words[at]) if isinstance(kind, tuple) else 0
                    if name in CORNERS:
                        corners = [int(word) for word in words[at + 1 : at + 1 + size]]
                    at += 1 + size
                if at > len(words):
                    raise InputError(f"has a {element.name} that breaks off")
                made.append(corners)
        except (ValueError, IndexError) as error:
            raise InputError(f"has a {element.name} that is not made of numbers") from error
        return _padded(made)


class _Binary:
    """The body of a binary file, read element by element."""

    def __init__(self, data: bytes, start: int, order: str) -> None:
        self.data, self.at, self.order = data, start, order

    def table(self, element: Element) -> dict[str, np.ndarray]:
        """Give the columns of an element without lists, by name."""
        if not element.fixed:
            raise InputError(f"has lists in its element {element.name!r}")
        rows = self.rows(element)
        return {name: rows[name] for name in element.properties}

    def rows(self, element: Element) -> np.ndarray:
        """Give an element without lists as an array of its rows."""
        kind = np.dtype([(name, self.order + str(one)) for name, one in element.properties.items()])
        return self._take(kind, element.count, element)

    def lists(self, element: Element) -> np.ndarray:
        """Give the corners (P, C) of faces, -1 where there are fewer."""
        if not element.count:
            return _padded([])
        begun = self.at
        sizes: dict[str, int] = {}
        first = self._row(element, sizes)
        kind = self._like(element, sizes)
        if kind.itemsize == self.at - begun and begun + kind.itemsize * element.count <= len(self.data):
            rows = np.frombuffer(self.data, kind, element.count, begun)
            if all((rows["n " + name] == size).all() for name, size in sizes.items()):  # all faces have as many corners
                self.at = begun + rows.nbytes
                found = next((name for name in CORNERS if name in sizes), None)
                return rows[found].astype(np.int64) if found else _padded([])
        return _padded([first, *(self._row(element, {}) for _ in range(element.count - 1))])

    def _like(self, element: Element, sizes: dict[str, int]) -> np.dtype:
        fields: list = []
        for name, kind in element.properties.items():
            if isinstance(kind, tuple):
                fields += [("n " + name, self.order + kind[0]), (name, self.order + kind[1], (sizes[name],))]
            else:
                fields.append((name, self.order + kind))
        return np.dtype(fields)

    def _row(self, element: Element, sizes: dict[str, int]) -> list[int]:
        corners: list[int] = []
        for name, kind in element.properties.items():
            if isinstance(kind, str):
                self._take(np.dtype(kind), 1, element)
                continue
            size = int(self._take(np.dtype(self.order + kind[0]), 1, element)[0])
            if not 0 <= size <= MOST_CORNERS:
                raise InputError(f"has a {element.name} of {size} corners")
            items = self._take(np.dtype(self.order + kind[1]), size, element)
            sizes[name] = size
            if name in CORNERS:
                corners = items.tolist()
        return corners

    def _take(self, kind: np.dtype, count: int, element: Element) -> np.ndarray:
        if self.at + kind.itemsize * count > len(self.data):
            raise InputError(f"breaks off among its {element.count} of element {element.name!r}")
        taken = np.frombuffer(self.data, kind, count, self.at) if count else np.empty(0, kind)
        self.at += taken.nbytes
        return taken


def _padded(rows: list[list[int]]) -> np.ndarray:
    widest = max(map(len, rows), default=3)
    refuse_polygons(len(rows), widest)
    made = np.full((len(rows), widest), -1, np.int64)
    for row, corners in zip(made, rows, strict=True):
        row[: len(corners)] = corners
    return made.astype(np.int64)


def replaced(data: bytes, vertices: np.ndarray, turn: np.ndarray) -> bytes:
    """Give a file other vertices (V, 3) and turn its normals by (3, 3); colors, faces and all else stay."""
    order, elements, start = _header(data)
    body = _Text(data[start:]) if not order else _Binary(data, start, order)
    for element in elements:
        if element.name == "vertex":
            break
        body.table(element) if element.fixed else body.lists(element)
    begun = body.at
    columns = {name: column.copy() for name, column in body.table(element).items()}
    columns |= dict(zip("xyz", vertices.T, strict=True))
    normals = ("nx", "ny", "nz")
    if all(name in columns for name in normals):
        columns |= dict(zip(normals, turn @ np.stack([columns[name] for name in normals]).astype(float), strict=True))
    if isinstance(body, _Text):
        rows = zip(*(column.tolist() for column in columns.values()), strict=True)
        body.lines[begun : body.at] = [b" ".join(b"%.9g" % number for number in row) for row in rows]
        return data[:start] + b"\n".join(body.lines) + b"\n"
    end, body.at = body.at, begun
    table = body.rows(element).copy()
    for name, column in columns.items():
        table[name] = column
    return data[:begun] + table.tobytes() + data[end:]


def write(path: Path, vertices: np.ndarray, faces: np.ndarray | None) -> None:
    """Write one frame, vertices (V, 3), as a little-endian binary file. Raises `OutputError`."""
    faces = np.empty((0, 3), np.int32) if faces is None else faces
    sizes = (faces >= 0).sum(axis=1)
    header = [
        "ply", "format binary_little_endian 1.0", f"element vertex {len(vertices)}",
        *(f"property float {axis}" for axis in "xyz"), f"element face {len(sizes)}",
        "property list uchar int vertex_indices", "end_header",
    ]  # fmt: skip
    with whole(path) as file:
        file.write("\n".join(header).encode() + b"\n")
        file.write(np.ascontiguousarray(vertices, "<f4").tobytes())
        for run in np.split(np.arange(len(sizes)), np.flatnonzero(np.diff(sizes)) + 1):
            rows = np.empty(len(run), [("n", "u1"), ("corners", "<i4", (int(sizes[run].max(initial=0)),))])
            rows["n"], rows["corners"] = sizes[run], faces[run, : rows["corners"].shape[1]]
            file.write(rows.tobytes())
