"""How long foreign heads take: finding a face and giving shapes, telling what nameless keys do."""

from __future__ import annotations

import time
from typing import Any

import numpy as np


def rig(what: str = "head") -> dict[str, Any]:
    """Time finding the face of a mesh of some 50,000 vertices and giving it all shapes and bones; networks are loaded.

    "head" is a head alone, "body" one on a body of seven times its height, both turned and in centimetres.
    """
    from ..core.rig.face.find import find_one, marker, seeker
    from ..core.rig.rig import rig as give

    mesh = _head(what == "body")
    seeker(), marker()
    begun, used = time.perf_counter(), time.process_time()
    face = find_one(mesh.vertices, mesh.triangles)
    found = time.perf_counter() - begun
    made = give(mesh, face.landmarks)
    return {
        "seconds": time.perf_counter() - begun,
        "found": found,
        "work_cpu": time.process_time() - used,
        "vertices": len(mesh.vertices),
        "shapes": len(made.shape_names),
    }


def recognize() -> dict[str, Any]:
    """Time telling what 52 keys without names do on a head of 18,000 vertices, with its face to be found."""
    from ..core.head.generate import GenerateOptions, generate
    from ..core.performance import ARKIT_52
    from ..core.rig.recognise import Piece, understand
    from ..core.rig.surface import triangles_of

    head = generate(GenerateOptions(seed=3))
    keys = {f"{k}": head.shapes[head.shape_names.index(name)] for k, name in enumerate(ARKIT_52)}
    piece = Piece("Head", head.neutral.astype(np.float64), triangles_of(head.faces.astype(np.int64)), keys)
    begun, used = time.perf_counter(), time.process_time()
    found, _ = understand([piece])
    seconds = time.perf_counter() - begun
    right = sum(one.channel == ARKIT_52[int(one.key)] for one in found.entries)
    return {"seconds": seconds, "work_cpu": time.process_time() - used, "right": right / len(ARKIT_52)}


def _head(with_body: bool) -> Any:
    """Give a head with as many vertices as film heads have after a sculpt."""
    from scipy.spatial.transform import Rotation

    from ..core.head.generate import GenerateOptions, generate
    from ..core.rig.surface import Mesh, triangles_of

    head = generate(GenerateOptions(seed=3, level="film"))
    faces = head.faces[~np.isin(head.part, ("lashes", "brows"))]
    used, corner = np.unique(triangles_of(faces.astype(np.int64)), return_inverse=True)
    points, triangles = head.neutral[used].astype(np.float64), corner.reshape(-1, 3)
    if with_body:
        torso, closed = _ball((0.25, 0.14, 0.8))
        triangles = np.concatenate([triangles, closed + len(points)])
        points = np.concatenate([points, torso + [0.0, 0.05, points[:, 2].min() - 0.75]])
    turn = Rotation.from_euler("xyz", [50, 160, -70], degrees=True).as_matrix()
    return Mesh(100 * points @ turn.T, triangles)


def _ball(size: tuple[float, float, float], count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Give an ellipsoid."""
    up, around = np.meshgrid(np.linspace(0.01, np.pi - 0.01, count), np.linspace(0, 2 * np.pi, count), indexing="ij")
    unit = np.stack([np.sin(up) * np.cos(around), np.sin(up) * np.sin(around), np.cos(up)], axis=2).reshape(-1, 3)
    cell = (np.arange(count - 1)[:, None] * count + np.arange(count - 1)).ravel()
    a, b, c, d = cell, cell + count, cell + count + 1, cell + 1
    return unit * size, np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
