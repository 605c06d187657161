"""The head: one person's geometry with everything that moves it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .correctives import CORRECTIVES, expand

PARTS = (
    "skin", "eye_left", "eye_right", "teeth_upper", "teeth_lower", "gums_upper", "gums_lower", "tongue", "mouth",
    "cornea_left", "cornea_right", "lashes", "brows",
)  # fmt: skip
"""Names a face's `part` may have. Left is the character's left, +X."""

REGIONS = (
    "", "forehead", "scalp", "nape", "throat", "chest", "nose", "lip_upper", "lip_lower", "chin",
    *(f"{name}.{side}" for name in ("temple", "brow", "eyelid_upper", "eyelid_lower", "cheek", "jaw", "ear")
      for side in "LR"),
)  # fmt: skip
"""Names a face's `region` may have; empty for what lies inside the head, and for lashes and brows."""

LEVELS = ("game", "standard", "film")
"""Levels of detail, coarse to fine; the decoder makes the standard one."""


@dataclass(frozen=True)
class Head:
    """A head in metres, Z up, looking along -Y, its left side at +X.

    neutral        (V, 3) float32  the face at rest
    faces          (F, 4) int32    quads, counter-clockwise seen from outside
    uv             (F, 4, 2) float32  texture coordinates per corner, 0..1
    part           (F,) str        one of PARTS
    colors         (V, 4) float32  albedo and roughness-free tint per vertex, linear RGBA 0..1
    shape_names    (S,) tuple      `correctives.SHAPE_NAMES`: channels, correctives, lids that follow eye bones
    shapes         (S, V, 3) float32  what each shape adds to `neutral` at value 1
    joint_names    (J,) tuple      parents before children
    joint_parents  (J,) int        index of the parent, -1 for a root
    joints         (J, 3) float32  where each joint turns
    joint_tails    (J, 3) float32  where the bone drawn for it ends
    skin_weights   (V, J) float32  rows sum to 1
    region         (F,) str        one of REGIONS; empty (0,) when the mesh does not know its regions
    textures       dict            images (H, W, 4) uint8, sRGB; "color" is the atlas that `uv` refers to
    attributes     dict            what was asked for (seed, sliders), enough to make the head again
    provenance     dict            version and weights that made it, identity code
    """

    neutral: np.ndarray
    faces: np.ndarray
    uv: np.ndarray
    part: np.ndarray
    colors: np.ndarray
    shape_names: tuple[str, ...]
    shapes: np.ndarray
    joint_names: tuple[str, ...]
    joint_parents: tuple[int, ...]
    joints: np.ndarray
    joint_tails: np.ndarray
    skin_weights: np.ndarray
    region: np.ndarray = field(default_factory=lambda: np.zeros(0, "<U1"))
    textures: dict[str, np.ndarray] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)

    def pose(self, values: dict[str, float]) -> np.ndarray:
        """Give the vertices (V, 3) with shapes at the given values, correctives included.

        Unknown names raise KeyError.
        """
        index = {name: k for k, name in enumerate(self.shape_names)}
        vertices = self.neutral.copy()
        for name, value in expand(values).items():
            if name in index or name not in CORRECTIVES:
                vertices += value * self.shapes[index[name]]
        return vertices
