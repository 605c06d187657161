"""Colors of a head, per vertex: skin, lips, brows, cropped hair, iris."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

SKIN = np.array([(0.78, 0.52, 0.40), (0.64, 0.37, 0.25), (0.45, 0.23, 0.14), (0.22, 0.10, 0.06), (0.09, 0.045, 0.03)])
HAIR = np.array([(0.42, 0.27, 0.13), (0.14, 0.07, 0.035), (0.050, 0.024, 0.012), (0.016, 0.010, 0.007)])
IRIS = np.array([(0.13, 0.24, 0.36), (0.12, 0.20, 0.12), (0.22, 0.12, 0.04), (0.07, 0.03, 0.012)])
"""Linear RGB stops, light to dark."""
TONES = {"skin_tone": 0.3, "hair_tone": 0.3, "eye_tone": 0.3, "freckles": 0.25, "redness": 0.4, "stubble": 0.0}
"""The attributes that color a head, each with its value for people who were made before it existed."""


def paint(base: np.ndarray, masks: Mapping[str, np.ndarray], tones: Mapping[str, float]) -> np.ndarray:
    """Give colors (V, 4), linear RGBA, from the template's `base` (V, 4), its masks (V,) in 0..1 and TONES of a person;
    freckles, redness and stubble are too fine for vertices and left to the texture.

    Masks: skin (1 where skin), lips, brows, scalp, lashes, blush, bag (inside of the mouth, 1 at its back), iris.
    """
    skin, strands = stop(SKIN, tones["skin_tone"]), stop(HAIR, tones["hair_tone"])
    color = base[:, :3].astype(np.float64)
    color = _mix(color, skin, masks["skin"])
    color = _mix(color, skin * [1.02, 0.66, 0.60], 0.55 * masks["blush"])
    color = _mix(color, 0.55 * skin * [0.95, 0.50, 0.50] + [0.20, 0.055, 0.055], 0.85 * masks["lips"])
    color = _mix(color, 0.2 * skin + [0.34, 0.085, 0.075], masks["bag"] > 0)
    color *= 1 - 0.6 * masks["bag"][:, None]
    color = _mix(color, 0.35 * skin + 0.65 * strands, 0.80 * masks["scalp"])
    color = _cover(color, strands, 0.75 * masks["brows"])
    color = _mix(color, 0.25 * strands, 0.9 * masks["lashes"])
    color = np.where(masks["iris"][:, None] > 0, stop(IRIS, tones["eye_tone"]) * 2.2 * masks["iris"][:, None], color)
    return np.concatenate([color.clip(0, 1), np.ones((len(color), 1))], axis=1).astype(np.float32)


def _mix(color: np.ndarray, other: np.ndarray, share: np.ndarray) -> np.ndarray:
    share = np.asarray(share, np.float64)[:, None]
    return color * (1 - share) + other * share


def _cover(color: np.ndarray, other: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Mix as hair thickens over skin: in proportion, so that a thin cover darkens without turning grey."""
    share = np.asarray(share, np.float64)[:, None]
    return np.exp(np.log(color.clip(1e-4)) * (1 - share) + np.log(other) * share)


def stop(stops: np.ndarray, at: float) -> np.ndarray:
    """Give the color (3,) at a place 0..1 between stops (N, 3)."""
    where = np.linspace(0, 1, len(stops))
    return np.array([np.interp(at, where, stops[:, k]) for k in range(3)])
