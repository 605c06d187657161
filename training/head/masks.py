"""Paints the template: where skin, lips, brows, hair, lashes and iris are, as masks in 0..1 per vertex."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .ict import Ict
from .layout import EAR_CANAL, LID_EDGE, LID_INNER, LIP_BORDER, LIP_INNER, NOSTRIL_RIM, THROAT_ROW, edges_of
from .regions import hairline

if TYPE_CHECKING:
    from .template import Template

NAMES = ("skin", "lips", "brows", "scalp", "lashes", "blush", "bag", "iris", "hollow", "under", "stubble", "wet")
NOSE_TIP = 4857
BROW_MARKS = (3615, 4240, 4114, 2734, 2509)
BROW_WIDTH = (0.0036, 0.0041, 0.0038, 0.0033, 0.0024)
"""Landmarks of the left brow on the scan, inner to outer, and its half height there in metres."""


def masks(ict: Ict, template: Template) -> dict[str, np.ndarray]:
    """Give every mask that `core.head.complexion` and `core.head.textures` name."""
    count = len(template.vertices)
    rings = template.layout.rings
    table = {name: np.zeros(count) for name in NAMES}
    table["skin"][: template.skin] = 1
    mouth = rings["mouth"]
    for k, value in ((-1, 0.2), (0, 0.75)):
        table["lips"][mouth[LIP_BORDER + k]] = value
    for ring in mouth[LIP_BORDER + 1 : LIP_INNER + 1]:
        table["lips"][ring] = 1
    for k, ring in enumerate(mouth[LIP_INNER:]):
        table["bag"][ring] = k / (len(mouth) - LIP_INNER)
    table["bag"][template.layout.fills["mouth"].ravel()] = 1
    table["brows"] = _brows(ict, template.vertices) * table["skin"]
    table["scalp"] = _scalp(template)
    eye = rings["eye"]
    upper = slice(len(eye[0]) // 2 + 1, None)
    for k, value in ((LID_EDGE, 0.6), (LID_EDGE + 1, 0.55), (LID_EDGE - 1, 0.15)):
        table["lashes"][template.layout.lids(k)[upper]] = value
    for k in (LID_EDGE, LID_EDGE + 1):
        table["lashes"][template.layout.lids(k)[: upper.start]] = 0.2
    for ring in eye[LID_EDGE + 1 : LID_INNER + 1]:
        table["blush"][ring] = 0.8
        table["wet"][ring] = 1
    under = slice(2, upper.start - 3)
    for k, value in ((0, 0.35), (1, 0.7), (2, 1.0), (3, 1.0), (4, 0.8), (5, 0.5), (6, 0.3)):
        table["under"][template.layout.lids(k)[under]] = value
    for name, first in (("nostril", NOSTRIL_RIM), ("ear", EAR_CANAL)):
        inner = rings[name][first:]
        for k, ring in enumerate(inner):
            table["hollow"][ring] = min(1.0, k / 3)
        table["hollow"][template.layout.fills[name].ravel()] = 1
    table["stubble"] = _stubble(template) * (1 - table["lips"])
    tip = np.linalg.norm(template.vertices - ict.neutral[NOSE_TIP], axis=1)
    table["blush"] += 0.6 * np.exp(-((tip / 0.014) ** 2)) * table["skin"]
    cheek = np.array([0.044, -0.082, -0.004])
    table["blush"] += 0.5 * np.exp(-((np.linalg.norm(template.vertices - cheek, axis=1) / 0.022) ** 2)) * table["skin"]
    for ring in rings["ear"][3:]:
        table["blush"][ring] = np.maximum(table["blush"][ring], 0.35)
    half = template.layout.count
    for name in ("lips", "bag", "lashes", "blush", "hollow", "under", "wet"):
        values = table[name]
        values[template.mirror[:half]] = values[:half]
    for side in ("left", "right"):
        part = template.eye(side)
        base = template.colors[part, :3]
        brown = (base[:, 0] > base[:, 2] * 2) & (base[:, 0] > 0.01)
        table["iris"][part] = np.where(brown, base[:, 0] / base[brown, 0].max(), 0)
    return {name: values.clip(0, 1) for name, values in table.items()}


def brow_line(ict: Ict) -> tuple[np.ndarray, np.ndarray]:
    """Points (60, 3) along the left brow from its inner end, and its half height (60,) there."""
    line = ict.neutral[list(BROW_MARKS)]
    at, stops = np.linspace(0, len(line) - 1, 60), np.arange(len(line))
    fine = np.stack([np.interp(at, stops, line[:, k]) for k in range(3)], axis=1)
    return fine, np.interp(at, stops, BROW_WIDTH)


def _brows(ict: Ict, vertices: np.ndarray) -> np.ndarray:
    fine, width = brow_line(ict)
    result = np.zeros(len(vertices))
    for side in (1, -1):
        distance = np.linalg.norm(vertices[:, None] - fine * [side, 1, 1], axis=2) / width
        result = np.maximum(result, np.exp(-(distance.min(axis=1) ** 3)))
    return result


def _stubble(template: Template) -> np.ndarray:
    """Where a beard grows: around the mouth, over chin and jaw, up the cheeks before the ears; soft at its edge."""
    names = ["lip_upper", "lip_lower", "chin", "jaw.L", "jaw.R", "throat"]
    beard = np.zeros(len(template.vertices))
    beard[np.unique(template.faces[np.isin(template.region, names)])] = 1
    height = template.vertices[:, 2] - template.vertices[template.layout.grid[0, THROAT_ROW], 2]
    beard *= np.clip(height / 0.02 + 1.0, 0, 1)  # not down the throat
    edges = edges_of(template.faces[(template.faces < template.skin).all(axis=1)])
    for _ in range(4):
        total, count = np.zeros_like(beard), np.zeros_like(beard)
        for a, b in (edges.T, edges.T[::-1]):
            np.add.at(total, a, beard[b])
            np.add.at(count, a, 1)
        beard = 0.5 * beard + 0.5 * total / np.maximum(count, 1)
    return beard


def _scalp(template: Template) -> np.ndarray:
    """Behind and above a hairline from the forehead over the temples and around the ears to the nape."""
    scalp = hairline(template.vertices)
    ear = np.concatenate([*template.layout.rings["ear"], template.layout.fills["ear"].ravel()])
    scalp[ear] = scalp[template.mirror[ear]] = 0
    scalp[template.skin :] = 0
    return scalp
