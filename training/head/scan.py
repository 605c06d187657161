"""Fits the shipped decoder to a raw face scan with 51 landmarks, as a test on a person nobody trained on.

    python -m training.head.scan --scan ../shared/samples/scan --save out.npz

First a similarity from the landmarks, then rounds of closest points on the scan (point to plane, those far away or
turned away dropped) and a ridge fit of the code towards the mean face, the similarity again, and so on.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import igl
import numpy as np

from headroom.core import weights
from headroom.core.head.head import REGIONS
from headroom.core.head.population import population
from headroom.core.rig.fit import FACE, NEAR, STIFF

from .register import similarity

ROUNDS = 24


def main() -> None:
    """Fit, print the errors, draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scan", type=Path, default=Path("../shared/samples/scan"))
    parser.add_argument("--save", type=Path, help="write the fitted code and vertices there (.npz)")
    args = parser.parse_args()
    points, triangles = read_obj(args.scan / "face_scan.obj")
    marks = np.load(args.scan / "face_scan_landmarks.npy", allow_pickle=False)
    code, vertices, turn, shift = fit(points, triangles, marks)
    seen = face_vertices()
    placed = vertices @ turn.T + shift
    distance = np.sqrt(igl.point_mesh_squared_distance(placed[seen], points, triangles)[0]) * 1000
    inside = distance < 1000 * NEAR
    print(f"over {inside.sum()} of {len(seen)} vertices of the face: median {np.median(distance[inside]):.2f} mm, "
          f"mean {distance[inside].mean():.2f}, 95 % {np.percentile(distance[inside], 95):.2f} mm; "
          f"place {code[0]:.2f}, code of size {np.linalg.norm(code[1:]) / np.sqrt(len(code) - 1):.2f}")  # fmt: skip
    if args.save:
        np.savez(args.save, code=code, vertices=placed, faces=weights.load("template").arrays["faces"], points=points,
                 triangles=triangles)  # fmt: skip


def face_vertices() -> np.ndarray:
    """Vertices of the front of the face."""
    fixed = weights.load("template").arrays
    named = np.array([name.split(".")[0] in FACE for name in REGIONS])
    return np.unique(fixed["faces"][named[fixed["region"]]])


def fit(
    points: np.ndarray, triangles: np.ndarray, marks: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Give code (C,), vertices (V, 3), and turn (3, 3) and shift (3,) that bring them onto the scan."""
    tried = [_fit_at(place, points, triangles, marks) for place in (-1.0, -0.5, 0.0)]
    return min(tried, key=lambda one: one[1])[0]


def _fit_at(place: float, points: np.ndarray, triangles: np.ndarray, marks: np.ndarray) -> tuple[tuple, float]:
    """Fit with the first number of the code fixed; give the fit and its mean distance over the face."""
    heads, seen = population(), face_vertices()
    landmark = weights.load("head").arrays["landmarks"].astype(np.int64)
    start, basis = heads.basis(place)
    code = np.r_[place, np.zeros(heads.size - 1)]
    table = np.concatenate([seen, landmark])
    moves = np.einsum("ck,knd->cnd", basis, heads.at(table))
    rest = (heads.mean[table] + np.tensordot(start, heads.at(table), 1)).astype(np.float64)
    faces = _facing(points, triangles)
    now = rest
    turn, shift = similarity(now[len(seen) :], marks)
    for step in range(ROUNDS):
        placed = now @ turn.T + shift
        square, index, goal = igl.point_mesh_squared_distance(placed[: len(seen)], points, triangles)
        near = NEAR * (3 if step < 6 else 1)
        trust = (square < near**2) / (1 + square / 0.002**2)
        mark = np.full(len(landmark), 0.5 if step < 8 else 0.05)
        weight = np.sqrt(np.r_[trust, mark])
        # the pose by whole points, then the shape along normals, in the frame of our mesh
        turn, shift = similarity(now, np.concatenate([goal, marks]), weight**2)
        back = np.linalg.inv(turn)
        wish = (np.concatenate([goal, marks]) - shift) @ back.T
        normal = np.concatenate([faces[index] @ turn, np.zeros((len(landmark), 3))])
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
        along = np.concatenate([
            np.einsum("cnd,nd->cn", moves, normal) * weight,
            0.15 * (moves * weight[:, None]).reshape(len(moves), -1),
            (moves[:, len(seen) :] * weight[len(seen) :, None]).reshape(len(moves), -1),
        ], axis=1)  # fmt: skip
        left = wish - rest
        right = np.concatenate([
            (left * normal).sum(axis=1) * weight, 0.15 * (left * weight[:, None]).ravel(),
            (left[len(seen) :] * weight[len(seen) :, None]).ravel(),
        ])  # fmt: skip
        code[1:] = np.linalg.solve(along @ along.T + STIFF * np.eye(len(along)), along @ right)
        now = rest + np.tensordot(code[1:], moves, 1)
    distance = np.sqrt(igl.point_mesh_squared_distance(now[: len(seen)] @ turn.T + shift, points, triangles)[0])
    vertices = heads.vertices(heads.coefficients(code)).astype(np.float64)
    return (code, vertices, turn, shift), float(np.minimum(distance, NEAR).mean())


def _facing(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = (points[triangles[:, k]] for k in range(3))
    return np.cross(b - a, c - a) / np.maximum(np.linalg.norm(np.cross(b - a, c - a), axis=1, keepdims=True), 1e-15)


def read_obj(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read points and triangles of an OBJ file."""
    points, triangles = [], []
    for line in path.read_text(encoding="ascii", errors="replace").splitlines():
        kind, *values = line.split() or [""]
        if kind == "v":
            points.append([float(x) for x in values[:3]])
        elif kind == "f":
            corners = [int(x.split("/")[0]) - 1 for x in values]
            triangles += [[corners[0], corners[k], corners[k + 1]] for k in range(1, len(corners) - 1)]
    return np.array(points), np.array(triangles)


if __name__ == "__main__":
    main()
