"""Generate: a seed and a few wishes become a rigged head."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import numpy as np

from .. import weights
from ..options import check, option
from ..performance import SHAPES
from ..progress import Progress, silent
from . import attributes
from .complexion import paint
from .contact import Seam, close_lid, close_mouth
from .correctives import SHAPE_NAMES
from .gaze import LOOK_DEGREES, look
from .hairs import with_hairs
from .head import PARTS, REGIONS, Head

ASYMMETRY = 0.35
"""Share of a sampled face's left-right difference that is kept: all of it looks crooked without hair and expression."""


@dataclass(frozen=True)
class GenerateOptions:
    """What to generate; the same options always give the same head."""

    seed: int = option(0, "Number that picks the person; the same number gives the same head", low=0, high=2**31 - 1)
    variety: float = option(0.8, "How far from the average face a person may be", low=0.0, high=1.5)
    set: dict[str, float] = option({}, "Attributes to fix, such as nose_width=1.5")

    def __post_init__(self) -> None:
        check(self)
        attributes.check(self.set)


def generate(options: GenerateOptions, progress: Progress = silent) -> Head:
    """Make a head from options; raises `InputError` on unknown attributes, `WeightsError` on damaged weights."""
    progress(0.0, "Loading the head model")
    template = weights.load("template")
    rng = np.random.default_rng(options.seed)
    code = (rng.standard_normal(template.config["code"]) * options.variety).clip(-2.5, 2.5)
    tones = dict(zip(("skin_tone", "hair_tone", "eye_tone"), rng.random(3) ** (1.6, 0.7, 0.8), strict=True))
    tones["hair_tone"] = max(tones["hair_tone"], min(1.0, 1.4 * tones["skin_tone"]))  # dark skin, dark hair and eyes
    tones["eye_tone"] = max(tones["eye_tone"], min(1.0, 1.6 * tones["skin_tone"]))
    tones |= {name: options.set[name] for name in tones if name in options.set}
    code = attributes.steer(code, options.set, template.arrays["measure"], template.arrays["move"])
    provenance = {"weights": template.config["made"], "code": [round(float(c), 6) for c in code]}
    return decode(code, tones, asdict(options), provenance, progress, options.set.get("asymmetry", ASYMMETRY))


def decode(
    code: np.ndarray,
    tones: dict[str, float],
    attributes: dict[str, Any],
    provenance: dict[str, Any],
    progress: Progress = silent,
    asymmetry: float = 1.0,
) -> Head:
    """Build the head of an identity code (C,): geometry from the decoder, contacts made exact, colors from `tones`."""
    import torch

    progress(0.2, "Shaping the face")
    fixed, config = weights.load("template").arrays, weights.load("template").config
    net = network()
    with torch.inference_mode():
        batch = torch.from_numpy(np.asarray(code, np.float32))[None]
        vertices, joints = (x[0].numpy().astype(np.float64) for x in net.neutral(batch))
        entry_vertex = torch.from_numpy(fixed["entry_vertex"].astype(np.int64))
        motion = net.motions(batch, entry_vertex)[0].numpy().astype(np.float64)
    progress(0.6, "Making its shapes")
    vertices = _evened(vertices, fixed["mirror"], asymmetry)
    joints = _evened(
        joints, np.concatenate([config["joint_mirror"], np.add(config["joint_mirror"], len(joints) // 2)]), asymmetry
    )
    vertices += _seam(fixed, "lips").close(vertices)
    shapes = np.zeros((len(SHAPE_NAMES), *vertices.shape))
    learned = [SHAPES.index(name) for name in weights.load("head").config["shapes"]]
    shapes[np.array(learned)[fixed["entry_shape"]], fixed["entry_vertex"]] = motion
    shapes[SHAPES.index("mouthClose")] = close_mouth(
        shapes[SHAPES.index("jawOpen")], fixed["closing"].astype(np.float64)
    )
    for side, bone, eye in zip(("left", "right"), ("eye.L", "eye.R"), fixed["eyes"], strict=True):
        index = SHAPES.index(f"eyeBlink{side.title()}")
        shapes[index] = close_lid(vertices, shapes[index], _seam(fixed, f"lid_{side}"), eye)
        for name in (f"eyeLook{way}{side.title()}" for way in LOOK_DEGREES):
            ball = slice(*eye)
            follow = SHAPE_NAMES.index(name.replace("eyeLook", "lidFollow"))
            shapes[follow] = shapes[SHAPES.index(name)]
            shapes[follow, ball] = 0  # the bone turns the eye
            shapes[SHAPES.index(name), ball] = look(name, vertices[ball], joints[list(config["joints"]).index(bone)])
    vertices, shapes = with_hairs(fixed, vertices, shapes)
    masks = {name.removeprefix("mask_"): array for name, array in fixed.items() if name.startswith("mask_")}
    count = len(joints) // 2
    progress(1.0, "Head ready")
    return Head(
        neutral=vertices.astype(np.float32),
        faces=fixed["faces"].astype(np.int32),
        uv=fixed["uv"].astype(np.float32),
        part=np.array(PARTS)[fixed["part"]],
        colors=paint(fixed["colors"], masks, tones["skin_tone"], tones["hair_tone"], tones["eye_tone"]),
        shape_names=SHAPE_NAMES,
        shapes=shapes.astype(np.float32),
        joint_names=tuple(config["joints"]),
        joint_parents=tuple(config["parents"]),
        joints=joints[:count].astype(np.float32),
        joint_tails=joints[count:].astype(np.float32),
        skin_weights=_normalized(fixed["skin_weights"].astype(np.float32)),
        region=np.array(REGIONS)[fixed["region"]] if "region" in fixed else np.zeros(0, "<U1"),
        attributes=attributes,
        provenance=provenance,
    )


@cache
def network() -> Any:
    """Load the decoder once. Raises `WeightsError`."""
    from .net import HeadDecoder

    stored = weights.load("head")
    return stored.fill(HeadDecoder(stored.config))


def _seam(fixed: dict[str, np.ndarray], name: str) -> Seam:
    return Seam(*(fixed[f"{name}_{key}"] for key in ("lower", "upper", "vertex", "pair", "weight", "outer")))


def _evened(points: np.ndarray, mirror: np.ndarray, asymmetry: float) -> np.ndarray:
    """Keep a share of what makes points (N, 3) differ from their mirror partners (N,)."""
    even = (points + points[mirror] * [-1, 1, 1]) / 2
    return even + asymmetry * (points - even)


def _normalized(rows: np.ndarray) -> np.ndarray:
    return rows / rows.sum(axis=1, keepdims=True)
