"""Decodes an identity: its neutral alone, fast enough to follow a slider, or the whole rigged head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from .. import device, weights
from ..progress import Progress, silent
from .clearance import LID_RINGS, LIP_RINGS, Eye, Mouth, at_rest
from .complexion import TONES, paint
from .contact import Seam, close_mouth
from .correctives import SHAPE_NAMES
from .creases import Risk, Skin
from .following import follow_bones
from .hairs import with_hairs
from .head import PARTS, REGIONS, Head
from .identity import Identity
from .mending import BASES, CHANNELS, mend
from .population import population
from .rings import rings_about
from .textures import atlas, sketchbook
from .textures import paint as paint_canvas

SAMPLED = 4
"""Of so many vertices one tells a part's color while a slider moves."""


def neutral(identity: Identity, level: str = "standard") -> np.ndarray:
    """Give the vertices (V, 3) float32 of a head at rest, as `decode` would; a few milliseconds."""
    fixed = weights.load("template").arrays
    vertices, _ = with_hairs(fixed, _at_rest(identity), np.zeros((0, 0, 3)))
    if level != "standard":
        from .levels import points_at_level

        vertices = points_at_level(vertices, level)
    return vertices.astype(np.float32)


def decode(
    identity: Identity,
    level: str = "standard",
    progress: Progress = silent,
    asked: Mapping[str, Any] | None = None,
) -> Head:
    """Build the head of an identity: its geometry, shapes of its own, contacts made exact, colors.

    `level` is one of `generate.LEVELS`; `asked` (seed and the like) is kept with the attributes. Raises
    `WeightsError` on damaged weights.
    """
    progress(0.2, "Shaping the face")
    fixed, config = weights.load("template").arrays, weights.load("template").config
    vertices = _at_rest(identity)
    joints = joints_of(fixed, vertices)
    progress(0.4, "Making its shapes")
    shapes = np.zeros((len(SHAPE_NAMES), *vertices.shape), np.float32)
    shapes[_rows(), fixed["entry_vertex"]] = motions(identity.coefficients())
    at = dict(zip(config["joints"], joints, strict=False))  # tails come after
    mouth, *eyes = openings()
    eyes = [replace(eye, center=at[f"eye.{eye.side[0]}"]) for eye in eyes]
    weighted = _normalized(fixed["skin_weights"].astype(np.float32))
    mend(vertices, shapes, mouth, eyes, fixed["closing"].astype(np.float64), risks())
    follow_bones(vertices, fixed["faces"].astype(np.int64), shapes, at, weighted, eyes)
    progress(0.7, "Growing lashes and brows")
    vertices, shapes = with_hairs(fixed, vertices, shapes)
    tones = tones_of(identity)
    count = len(joints) // 2
    head = Head(
        neutral=vertices.astype(np.float32),
        faces=fixed["faces"].astype(np.int32),
        uv=fixed["uv"].astype(np.float32),
        part=np.array(PARTS)[fixed["part"]],
        colors=paint(fixed["colors"], masks(), tones),
        shape_names=SHAPE_NAMES,
        shapes=shapes,
        joint_names=tuple(config["joints"]),
        joint_parents=tuple(config["parents"]),
        joints=joints[:count].astype(np.float32),
        joint_tails=joints[count:].astype(np.float32),
        skin_weights=weighted,
        region=np.array(REGIONS)[fixed["region"]],
        textures={"color": atlas(tones)},
        attributes={**(asked or {}), **identity.attributes},
        provenance={"weights": config["made"], "identity": identity.to_json(), "level": level},
    )
    if level != "standard":
        from .levels import at_level

        head = at_level(head, level)
    progress(1.0, "Head ready")
    return head


def tones_of(identity: Identity) -> dict[str, float]:
    """Give the TONES of a person."""
    return {name: identity.attributes.get(name, usual) for name, usual in TONES.items()}


def sketch(identity: Identity) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Give what a color slider shows while it moves: the color (4,) of each part, linear RGBA, and a small atlas."""
    tones, some = tones_of(identity), slice(None, None, SAMPLED)
    base = weights.load("template").arrays["colors"][some]
    colors = paint(base, {name: mask[some] for name, mask in masks().items()}, tones)
    return {part: colors[rows].mean(axis=0) for part, rows in _samples().items()}, paint_canvas(sketchbook(), tones)


@cache
def _samples() -> dict[str, np.ndarray]:
    """Which of the sampled vertices belong to each part, in the order of PARTS."""
    fixed = weights.load("template").arrays
    used = {part: np.unique(fixed["faces"][fixed["part"] == k]) for k, part in enumerate(PARTS)}
    return {part: rows[rows % SAMPLED == 0] // SAMPLED for part, rows in used.items() if len(rows)}


@cache
def masks() -> dict[str, np.ndarray]:
    """The template's masks (V,), by name."""
    arrays = weights.load("template").arrays
    return {name.removeprefix("mask_"): array for name, array in arrays.items() if name.startswith("mask_")}


def _at_rest(identity: Identity) -> np.ndarray:
    """Vertices (V, 3) without lashes and brows, the lips together, the lids outside the eyes."""
    vertices = population().vertices(identity.coefficients(), identity.attributes.get("asymmetry", 1.0))
    vertices = vertices.astype(np.float64)
    return at_rest(vertices, *openings(), weights.load("template").arrays["rest"])


@cache
def openings() -> tuple[Mouth, Eye, Eye]:
    """The mouth and both eyes of the template; where eyes turn is left to each head."""
    fixed = weights.load("template").arrays
    faces, part = fixed["faces"].astype(np.int64), np.array(PARTS)[fixed["part"]]
    skin = faces[np.isin(part, ("skin", "mouth"))]
    lips = seam(fixed, "lips")
    teeth = tuple(faces[np.isin(part, (f"teeth_{jaw}", f"gums_{jaw}"))] for jaw in ("upper", "lower"))
    left, right = (
        Eye(side, lid, rings_about(lid, skin, *LID_RINGS), ball, np.zeros(3))
        for side, ball in zip(("Left", "Right"), fixed["eyes"].astype(int), strict=True)
        for lid in (seam(fixed, f"lid_{side.lower()}"),)
    )
    return Mouth(lips, rings_about(lips, skin, *LIP_RINGS), teeth), left, right


@cache
def risks() -> tuple[Risk, Risk]:
    """Which faces of the skin, game level included, channels may turn over, and which shapes on top of others may:
    read off the mean and its shapes."""
    fixed, rest = weights.load("template").arrays, population().mean
    faces, game = fixed["faces"].astype(np.int64), fixed["game"].astype(np.int64)
    soft = np.isin(np.array(PARTS)[fixed["part"]], ("skin", "mouth"))
    skin = Skin.of(len(rest), faces[soft], faces.ravel()[game[soft[game[:, 0] // 4]]])
    shapes = np.zeros((len(SHAPE_NAMES), *rest.shape), np.float32)
    shapes[_rows(), fixed["entry_vertex"]] = network().motion.detach().numpy()
    opened = SHAPE_NAMES.index("jawOpen")
    shapes[SHAPE_NAMES.index("mouthClose")] = close_mouth(shapes[opened], fixed["closing"].astype(np.float32))
    later = {row: shapes[row] + sum(part * shapes[on] for on, part in under.items()) for row, under in BASES.items()}
    return Risk.of(skin, rest, {row: shapes[row] for row in CHANNELS}), Risk.of(skin, rest, later)


def joints_of(fixed: Mapping[str, np.ndarray], vertices: np.ndarray) -> np.ndarray:
    """Joints, then tails (2J, 3), as mixes of vertices; the template says which."""
    rows, mixed = fixed["joint_row"].astype(np.int64), fixed["joint_weight"].astype(np.float64)
    joints = np.zeros((rows.max() + 1, 3))
    np.add.at(joints, rows, mixed[:, None] * vertices[fixed["joint_vertex"].astype(np.int64)])
    return joints


def motions(mixture: np.ndarray) -> np.ndarray:
    """What each stored (shape, vertex) pair adds (N, 3) to a head of the given coefficients (K,)."""
    import torch

    with torch.inference_mode():
        vertex = torch.from_numpy(weights.load("template").arrays["entry_vertex"].astype(np.int64))
        return device.run(network(), torch.from_numpy(np.asarray(mixture, np.float32))[None], vertex)[0].numpy()


@cache
def network() -> Any:
    """Load the network once. Raises `WeightsError`."""
    from .net import ShapeDecoder

    stored = weights.load("shapes")
    arrays = weights.Arrays(stored.arrays)
    arrays["fields"] = arrays["fields"].astype(np.float32) * arrays.pop("fields_scale")[:, None, None, None]
    return replace(stored, arrays=arrays).fill(ShapeDecoder(stored.config))


@cache
def _rows() -> np.ndarray:
    """The row of SHAPE_NAMES of each stored pair."""
    learned = [SHAPE_NAMES.index(name) for name in weights.load("shapes").config["shapes"]]
    return np.array(learned)[weights.load("template").arrays["entry_shape"]]


def seam(fixed: Mapping[str, np.ndarray], name: str) -> Seam:
    """Read the seam called `name` (lips, lid_left, lid_right) from the template's arrays."""
    return Seam(*(fixed[f"{name}_{key}"] for key in ("lower", "upper", "vertex", "pair", "weight", "outer")))


def _normalized(rows: np.ndarray) -> np.ndarray:
    return rows / rows.sum(axis=1, keepdims=True)
