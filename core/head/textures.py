"""Paints the texture of a head: skin with its blotches, pores and freckles, lips, stubble, iris, teeth and tongue.

What a pixel shows never changes, only the colors do. So the painting is done once, as shares of a few pigments per
pixel; a person's texture is then one product of shares and pigments, a few hundredths of a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.ndimage import map_coordinates

from .. import weights
from .complexion import HAIR, IRIS, SKIN, stop
from .head import PARTS
from .raster import Texels, texels

SIZES = (512, 1024, 2048)
PIGMENTS = (
    "skin", "blood", "shade", "spots", "lips", "inside", "strands", "stubble", "white", "vein", "iris", "iris_light",
    "limbus", "pupil", "enamel", "plaque", "gums", "tongue", "lash",
)  # fmt: skip
CORNEA_ALPHA = 8
"""Nearly clear. What lies behind is painted on it too, for viewers that take no notice of alpha."""


@dataclass(frozen=True)
class Canvas:
    """share (P, K) float32 of each pigment in PIGMENTS at the covered pixels, pixel (H, W) which of them is shown,
    alpha (P,) uint8."""

    share: np.ndarray
    pixel: np.ndarray
    alpha: np.ndarray


def atlas(tones: Mapping[str, float], size: int = 1024) -> np.ndarray:
    """Give a head's color texture (size, size, 4) uint8, sRGB with alpha; row 0 is the top.

    tones: each of `complexion.TONES`, 0..1.
    """
    return paint(canvas(size), tones)


@cache
def canvas(size: int) -> Canvas:
    """Prepare the shipped template's canvas; a second, once."""
    return prepare(weights.load("template").arrays, size)


@cache
def sketchbook(step: int = 4, size: int = 1024) -> Canvas:
    """Prepare a canvas with one in `step` by `step` of the pixels, for what must be painted while a slider moves."""
    made = canvas(size)
    shown, compact = np.unique(made.pixel[step // 2 :: step, step // 2 :: step], return_inverse=True)
    return Canvas(made.share[shown], compact.reshape(size // step, -1), made.alpha[shown])


def paint(made: Canvas, tones: Mapping[str, float]) -> np.ndarray:
    """Give the texture (H, W, 4) uint8 of a canvas in a person's colors."""
    linear = made.share @ pigments(tones).astype(np.float32)
    color = _SRGB[(linear.clip(0, 1) * (len(_SRGB) - 1)).astype(np.uint16)]
    return np.concatenate([color, made.alpha[:, None]], axis=1)[made.pixel]


def pigments(tones: Mapping[str, float]) -> np.ndarray:
    """Give the linear RGB (K, 3) of PIGMENTS for a person."""
    skin, strands = stop(SKIN, tones["skin_tone"]), stop(HAIR, tones["hair_tone"])
    eye, redness, stubble = stop(IRIS, tones["eye_tone"]), tones["redness"], tones["stubble"]
    freckles = tones["freckles"] * (1 - 0.7 * tones["skin_tone"])
    blood = skin * [1.04, 0.74 - 0.16 * redness, 0.68 - 0.14 * redness]
    table = {
        "skin": skin,
        "blood": blood,
        "shade": skin * [0.62, 0.53, 0.52],
        "spots": skin * (1 - freckles * np.array([0.35, 0.52, 0.62])),
        "lips": 0.55 * skin * [0.95, 0.50, 0.50] + [0.17, 0.050, 0.050],
        "inside": 0.10 * skin + [0.20, 0.040, 0.036],
        "strands": strands,
        "stubble": skin * (1 - 0.62 * stubble) + strands * 0.62 * stubble,
        "white": [0.74, 0.70, 0.67],
        "vein": [0.62, 0.26, 0.22],
        "iris": eye,
        "iris_light": eye * 1.7 + eye.mean() * np.array([0.30, 0.27, 0.15]),
        "limbus": eye * 0.22,
        "pupil": [0.004, 0.004, 0.004],
        "enamel": [0.76, 0.71, 0.60],
        "plaque": [0.50, 0.38, 0.22],
        "gums": [0.46, 0.15, 0.14],
        "tongue": [0.52, 0.19, 0.18],
        "lash": 0.22 * strands,
    }
    return np.array([table[name] for name in PIGMENTS])


def prepare(fixed: Mapping[str, np.ndarray], size: int) -> Canvas:
    """Lay out what every pixel shows; `fixed`: the template's faces, uv, part, rest (V, 3) in metres, masks, eyes."""
    spot = texels(fixed["faces"].astype(np.int64), fixed["uv"], size)
    place = spot.mix(fixed["rest"].astype(np.float32))
    part = fixed["part"][spot.face]
    share = np.zeros((len(part), len(PIGMENTS)), np.float32)
    layer = _Layers(share)
    _skin(layer, spot, place, fixed, np.isin(part, _parts("skin", "mouth")))
    for eye, side in zip(fixed["eyes"], ("left", "right"), strict=True):
        ball = fixed["rest"][eye[0] : eye[1]].astype(np.float64)
        _eye(
            layer,
            place,
            (ball.max(axis=0) + ball.min(axis=0)) / 2,
            np.isin(part, _parts(f"eye_{side}", f"cornea_{side}")),
        )
    _mouth(layer, place, part)
    layer.over(part == PARTS.index("lashes"), "lash", 1.0)
    layer.over(part == PARTS.index("brows"), "strands", 1.0)
    cornea = np.isin(part, _parts("cornea_left", "cornea_right"))
    return Canvas(share, spot.pixel, np.where(cornea, CORNEA_ALPHA, 255).astype(np.uint8))


class _Layers:
    """Lays pigments over one another: each takes its share from all that lie below."""

    def __init__(self, share: np.ndarray) -> None:
        self.share = share

    def over(self, where: np.ndarray, pigment: str, cover: np.ndarray | float) -> None:
        """Cover the pixels `where` (P,) with a pigment, by a share or one for each of them."""
        covered = np.broadcast_to(np.asarray(cover, np.float32), (int(where.sum()),)).clip(0, 1)
        self.share[where] *= 1 - covered[:, None]
        self.share[where, PIGMENTS.index(pigment)] += covered

    def shade(self, where: np.ndarray, light: np.ndarray) -> None:
        """Make pixels lighter or darker by a factor (N,)."""
        self.share[where] *= light[:, None].astype(np.float32)


def _skin(layer: _Layers, spot: Texels, place: np.ndarray, fixed: Mapping[str, np.ndarray], where: np.ndarray) -> None:
    some = Texels(spot.face[where], spot.vertex[where], spot.weight[where], spot.pixel)
    at = place[where]
    names = ("lips", "brows", "scalp", "lashes", "blush", "bag", "hollow", "under", "stubble", "wet")
    mask = {name: some.mix(fixed[f"mask_{name}"].astype(np.float32)) for name in names}
    coarse, middle, fine = (noise(at, cell, seed) for seed, cell in enumerate((0.021, 0.006, 0.0016)))
    pores = noise(at, 0.0007, 3)
    shown = 1 - (mask["bag"] > 0)
    layer.over(where, "skin", 1.0)
    layer.over(where, "blood", (0.16 + 0.26 * coarse.clip(-0.5, 1) + 0.20 * middle.clip(-0.6, 1)) * shown)
    layer.over(where, "blood", 1.0 * mask["blush"] * (0.8 + 0.4 * middle))
    layer.over(where, "shade", (0.32 * mask["under"] + 0.06 * coarse.clip(0, 1)) * shown)
    front = _ease((-0.045 - at[:, 1]) / 0.03) * _ease((noise(at, 0.016, 6) + 0.3) / 0.8)
    specks = 0.75 * dots(at, 0.0034, 0.18, 5) * front + 0.6 * dots(at, 0.0061, 0.16, 12) * front
    moles = 0.9 * dots(at, 0.045, 0.024, 7)
    layer.over(where, "spots", (specks + moles) * shown * (1 - mask["lips"]))
    layer.over(where, "stubble", mask["stubble"] * (0.65 + 0.25 * noise(at, 0.0008, 8)))
    red = _ease((mask["lips"] - 0.15) / 0.6)
    layer.over(where, "lips", red * (0.80 + 0.10 * middle))
    creases = noise(at * [1.0, 0.25, 0.25], 0.0011, 9)  # lips wrinkle upright
    layer.shade(where, 1 + (0.09 * creases * red + 0.030 * fine + 0.028 * pores + 0.02 * middle) * shown)
    layer.over(where, "inside", (mask["bag"] > 0).astype(np.float32))
    layer.shade(where, 1 - 0.72 * mask["bag"])
    layer.over(where, "blood", 0.55 * mask["wet"])
    layer.over(where, "inside", 0.75 * mask["hollow"])
    layer.shade(where, 1 - 0.80 * mask["hollow"])
    layer.over(where, "strands", mask["scalp"] * (0.68 + 0.16 * noise(at, 0.0008, 10)))
    layer.over(where, "strands", 0.50 * mask["brows"] * (0.7 + 0.5 * noise(at, 0.0012, 11)))
    layer.over(where, "strands", 0.45 * mask["lashes"])


def _eye(layer: _Layers, place: np.ndarray, center: np.ndarray, where: np.ndarray) -> None:
    """White with veins, iris with fibres, the dark ring around it, pupil; angles from the axis, which is -Y."""
    away = place[where] - center
    across = np.hypot(away[:, 0], away[:, 2])
    polar = np.arctan2(across, -away[:, 1])
    turn = np.arctan2(away[:, 2], away[:, 0])
    limit = 0.39 * np.ones_like(polar)
    radius = polar / limit
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    fibres = noise(np.c_[circle * 0.9, 0.12 * radius], 0.055, 20)
    broad = noise(np.c_[circle * 0.9, 0.3 * radius], 0.30, 21)
    layer.over(where, "white", 1.0)
    web = 1 - np.abs(noise(np.c_[circle * 0.8, polar], 0.16, 22)) / 0.10
    layer.over(where, "vein", 0.35 * web.clip(0, 1) * _ease((polar - 0.55) / 0.6))
    layer.over(where, "vein", 0.30 * _ease((polar - 0.65) / 0.9))
    iris = _ease((1.045 - radius) / 0.07)
    layer.over(where, "iris", iris)
    light = 0.50 + 0.55 * fibres + 0.25 * broad
    collar = np.exp(-(((radius - 0.56) / 0.10) ** 2))
    layer.over(where, "iris_light", iris * (light + 0.30 * collar).clip(0, 1) * _ease((radius - 0.34) / 0.16))
    layer.over(where, "limbus", iris * (0.85 * _ease((radius - 0.80) / 0.18) + 0.5 * _ease((0.46 - radius) / 0.08)))
    layer.over(where, "pupil", _ease((0.385 - radius) / 0.03))


def _mouth(layer: _Layers, place: np.ndarray, part: np.ndarray) -> None:
    for name in ("teeth_upper", "teeth_lower"):
        where = part == PARTS.index(name)
        at = place[where]
        deep = ((at[:, 1] - at[:, 1].min()) / np.ptp(at[:, 1])).clip(0, 1)
        root = ((at[:, 2] - at[:, 2].min()) / np.ptp(at[:, 2])).clip(0, 1)
        root = root if name == "teeth_upper" else 1 - root
        layer.over(where, "enamel", 1.0)
        layer.over(where, "plaque", 0.10 + 0.45 * _ease((root - 0.35) / 0.4) + 0.05 * noise(at, 0.002, 30))
        layer.shade(where, 1 - 0.80 * deep**0.8)
    for name in ("gums_upper", "gums_lower", "tongue"):
        where = part == PARTS.index(name)
        at = place[where]
        layer.over(where, "tongue" if name == "tongue" else "gums", 1.0)
        bumps = noise(at, 0.0011, 31) * (0.14 if name == "tongue" else 0.06)
        deep = ((at[:, 1] - at[:, 1].min()) / np.ptp(at[:, 1])).clip(0, 1)
        layer.shade(where, (1 + bumps + 0.08 * noise(at, 0.006, 32)) * (1 - 0.55 * deep))


def noise(points: np.ndarray, cell: float, seed: int) -> np.ndarray:
    """Smooth random values (P,), about -1..1, that change over `cell`; the same at the same point on any texture."""
    table = np.random.default_rng(seed).uniform(-1, 1, (32, 32, 32)).astype(np.float32)
    value = map_coordinates(table, (points / cell).T % 32, order=1, mode="grid-wrap", prefilter=False)
    return value * 1.6


def dots(points: np.ndarray, cell: float, radius: float, seed: int) -> np.ndarray:
    """Round soft spots (P,) in 0..1, one in most cells of a grid in space; radius of the largest in cells, < 0.25."""
    table = np.random.default_rng(seed).random((32, 32, 32, 4)).astype(np.float32)
    where = points / np.float32(cell)
    low = np.floor(where)
    i, j, k = low.astype(int).T % 32
    spot = table[i, j, k]
    away = np.linalg.norm(where - low - (0.25 + 0.5 * spot[:, :3]), axis=1)
    return _ease(1.2 - away / (radius * np.maximum(spot[:, 3], 0.02))) * (spot[:, 3] > 0.25)


def _parts(*names: str) -> list[int]:
    return [PARTS.index(name) for name in names]


def _ease(t: np.ndarray) -> np.ndarray:
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)


def _table() -> np.ndarray:
    linear = np.linspace(0, 1, 8192)
    curve = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.round(255 * curve).astype(np.uint8)


_SRGB = _table()
"""Linear light in 8192 steps to sRGB."""
