"""Grows lashes and brows out of a face: each hair stands on its root and turns with the skin or the lid below it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Hairs:
    """Where N hairs of K vertices stand.

    root (N, 4) vertices and weight (N, 4) that mix the root from them; frame (N, 4) vertices that turn the hair: its x
    axis runs from the first to the second, its y axis points from the middle of the other two to the root; offset
    (N, K, 3) metres in that frame.
    """

    root: np.ndarray
    weight: np.ndarray
    frame: np.ndarray
    offset: np.ndarray

    def grow(self, vertices: np.ndarray) -> np.ndarray:
        """Give the hairs' vertices (..., N * K, 3) on vertices (..., V, 3)."""
        root, axes = frames(vertices, self.root, self.weight, self.frame)
        grown = root[..., None, :] + np.einsum("nke,...ned->...nkd", self.offset, axes)
        return grown.reshape(*vertices.shape[:-2], -1, 3)


def with_hairs(
    fixed: Mapping[str, np.ndarray], vertices: np.ndarray, shapes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Append lashes and brows to vertices (V, 3) and to what shapes (S, V, 3) add; `fixed` is the template's arrays."""
    kinds = [part for part in ("lashes", "brows") if f"{part}_root" in fixed]
    every = [Hairs(*(fixed[f"{part}_{key}"] for key in ("root", "weight", "frame", "offset"))) for part in kinds]
    grown = np.concatenate([vertices, *(hairs.grow(vertices) for hairs in every)])
    moved = np.zeros((len(shapes), len(grown), 3), shapes.dtype)
    if not len(shapes):
        return grown, moved
    first = len(vertices)
    moved[:, :first] = shapes
    for hairs in every:
        near, place = np.unique([hairs.root, hairs.frame], return_inverse=True)
        root, frame = place.reshape(2, *hairs.root.shape)
        near_moved = shapes[:, near]
        which = np.flatnonzero(np.abs(near_moved).max(axis=(1, 2)) > 1e-7)
        last = first + hairs.offset.size // 3
        posed = replace(hairs, root=root, frame=frame).grow(vertices[near] + near_moved[which])
        moved[which, first:last] = posed - grown[first:last]
        first = last
    return grown, moved


def frames(
    vertices: np.ndarray, root: np.ndarray, weight: np.ndarray, frame: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give roots (..., N, 3) and axes (..., N, 3, 3), one a row, of hairs on vertices (..., V, 3)."""
    foot = np.einsum("nk,...nkd->...nd", weight, vertices[..., root, :])
    ends = vertices[..., frame, :]
    x = _unit(ends[..., 1, :] - ends[..., 0, :])
    y = foot - (ends[..., 2, :] + ends[..., 3, :]) / 2
    z = _unit(np.cross(x, y))
    return foot, np.stack([x, np.cross(z, x), z], axis=-2)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
