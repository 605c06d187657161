"""Reads the ICT face model: the scanned surface that the template is registered to and learns from.

Source: ICT Vision and Graphics Lab, ICT-FaceKit, MIT licence. Arrays come out in Headroom's frame: metres, Z up,
looking along -Y.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

SKIN, BAG, SOCKETS, GUMS, TEETH = (
    slice(0, 11248),
    slice(11248, 13294),
    slice(13294, 14062),
    slice(14062, 17039),
    slice(17039, 21451),
)
UPPER_TEETH, LOWER_TEETH = slice(17039, 19247), slice(19247, 21451)
EYE_LEFT, EYE_RIGHT = slice(21451, 23021), slice(23021, 24591)
SCLERA = 770
"""Vertices of the white come first in each eye."""
SURFACE = 14062
"""Vertices before this one form one disc: skin, mouth bag and eye sockets, bounded by the lower edge of the neck."""


@dataclass(frozen=True)
class Ict:
    """neutral (V, 3), identity (100, V, 3) deltas per standard deviation, expression name -> (V, 3) deltas,
    triangles (T, 3) of the surface, mirror (SURFACE,) partner."""

    neutral: np.ndarray
    identity: np.ndarray
    expressions: dict[str, np.ndarray]
    triangles: np.ndarray
    mirror: np.ndarray


def to_headroom(vectors: np.ndarray) -> np.ndarray:
    """Turn centimetres, Y up, facing +Z into metres, Z up, facing -Y; works on points and on deltas."""
    x, y, z = np.moveaxis(vectors.astype(np.float64), -1, 0)
    return np.stack([x, -z, y], axis=-1) / 100


def read(data: Path) -> Ict:
    """Read `ict_facekit.npz` from the data folder."""
    with np.load(data / "ict_facekit.npz", allow_pickle=False) as file:
        neutral = to_headroom(file["neutral"])
        identity = to_headroom(file["identity"])
        names = [str(n) for n in file["expression_names"]]
        expressions = dict(zip(names, to_headroom(file["expression"]), strict=True))
        faces = file["faces"]
    quads = faces[faces.max(axis=1) < SURFACE]
    four = quads[quads[:, 3] >= 0]
    triangles = np.concatenate([four[:, [0, 1, 2]], four[:, [0, 2, 3]], quads[quads[:, 3] < 0][:, :3]])
    surface = neutral[:SURFACE]
    mirror = cKDTree(surface).query(surface * [-1, 1, 1])[1]
    neutral[:SURFACE] = (surface + surface[mirror] * [-1, 1, 1]) / 2
    return Ict(neutral, identity, expressions, triangles, mirror)


def boundary_loops(faces: np.ndarray) -> list[list[int]]:
    """Walk the open edges of a mesh with consistent winding; each loop as vertex indices in winding order."""
    edges = {(int(a), int(b)) for face in faces for a, b in _sides(face)}
    following = {a: b for a, b in edges if (b, a) not in edges}
    loops, seen = [], set()
    for start in following:
        if start in seen:
            continue
        loop = [start]
        while (step := following[loop[-1]]) != start:
            loop.append(step)
        seen.update(loop)
        loops.append(loop)
    return loops


def _sides(face: np.ndarray) -> list[tuple[int, int]]:
    corners = [v for v in face if v >= 0]
    return list(zip(corners, corners[1:] + corners[:1], strict=True))
