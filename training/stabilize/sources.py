"""Faces to learn from, each with an exact skull: people of the ICT model, and Headroom's own with their own shapes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.performance import ARKIT_52

from ..head import ict as model

INSIDE = {"bag": 0.3, "sockets": 0.3, "teeth": 0.15, "eyes": 0.3}
"""How often what lies inside a face comes along with its skin."""
OWN_NAMES = tuple(name for name in ARKIT_52 if name != "tongueOut")
_OWN_PARTS = {
    "bag": ("mouth",),
    "teeth": ("teeth_upper", "teeth_lower", "gums_upper", "gums_lower"),
    "eyes": ("eye_left", "eye_right"),
    "sockets": (),
}


@dataclass(frozen=True)
class Source:
    """A person: neutral (V, 3) and shapes (S, V, 3) in metres, triangles (T, 3); the skull is where neutral has it.

    inside: kind -> which triangles (T,) are inside the face.
    """

    names: tuple[str, ...]
    neutral: np.ndarray
    shapes: np.ndarray
    triangles: np.ndarray
    inside: dict[str, np.ndarray]


def ict_people(data: Path, count: int, seed: int) -> Iterator[Source]:
    """Draw people of the ICT model; its shapes are the same for everyone, so they have to be varied afterwards."""
    ict, rng = model.read(data), np.random.default_rng(seed)
    with np.load(data / "ict_facekit.npz", allow_pickle=False) as file:
        faces = file["faces"]
    triangles = np.concatenate([faces[:, [0, 1, 2]], faces[faces[:, 3] >= 0][:, [0, 2, 3]]])
    triangles = triangles[triangles.max(axis=1) < model.EYE_RIGHT.stop]
    names = tuple(name for name in ict.expressions if not name.startswith("PupilDilate"))
    shapes = np.stack([ict.expressions[name] for name in names]).astype(np.float32)
    low = triangles.min(axis=1)
    inside = {
        "bag": (low >= model.BAG.start) & (low < model.BAG.stop),
        "sockets": (low >= model.SOCKETS.start) & (low < model.SOCKETS.stop),
        "teeth": (low >= model.GUMS.start) & (low < model.TEETH.stop),
        "eyes": low >= model.EYE_LEFT.start,
    }
    for _ in range(count):
        code = rng.normal(size=len(ict.identity)) * rng.uniform(0.5, 1.1)
        neutral = ict.neutral + np.tensordot(code, ict.identity, axes=1)
        yield Source(names, neutral.astype(np.float32), shapes, triangles, inside)


def own_people(count: int, seed: int) -> Iterator[Source]:
    """Generate Headroom's own heads: other faces, other meshes, shapes that differ from person to person."""
    for k in range(count):
        head = generate(GenerateOptions(seed=seed + k, variety=1.2))
        rows = [head.shape_names.index(name) for name in OWN_NAMES]
        wanted = ("skin", *(part for parts in _OWN_PARTS.values() for part in parts))
        faces = head.faces[np.isin(head.part, wanted)].astype(np.int64)
        part = np.repeat(head.part[np.isin(head.part, wanted)][None], 2, axis=0).ravel()
        triangles = np.concatenate([faces[:, [0, 1, 2]], faces[:, [0, 2, 3]]])
        inside = {kind: np.isin(part, parts) for kind, parts in _OWN_PARTS.items()}
        yield Source(OWN_NAMES, head.neutral, head.shapes[rows], triangles, inside)
