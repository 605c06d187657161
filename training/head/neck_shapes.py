"""The throat's shapes: a larynx that glides under the skin, a swallow, and the bands of a tense neck.

After HACK (Zhang et al. 2023) the larynx moves along the throat while the skin over it stays nearly where it is: what
travels is the bulge. So each shape raises the skin where the cartilage arrives, lets it sink where it left, and draws
the skin along by a fifth of the way only.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from headroom.core.head.anatomy import JOINTS, LARYNX_LIMITS

from .joints import prominence
from .layout import CHIN_ROW, EAR_CANAL, THROAT_ROW
from .template import Template
from .tongue_contact import normals

BULGE, SUNK = 0.0042, 0.0016
"""How high the cartilage lifts the skin where it arrives, and how far the skin sinks where it lay, metres."""
DRAWN = 0.2
"""How much of the larynx's way the skin goes along."""
SIZE = np.array([0.011, 0.03, 0.011])
"""Half size of the bulge in metres: across, deep, high."""


def neck_shapes(template: Template, back_up: np.ndarray) -> dict[str, np.ndarray]:
    """Give the shapes of `performance.NECK` as deltas (V, 3).

    back_up (V, 3): the tongue's back raised, as it is in a swallow.
    """
    up = _moved(template, LARYNX_LIMITS["Up"] * 0.8)
    swallow = _moved(template, LARYNX_LIMITS["Up"]) + _floor(template) + 0.8 * back_up
    return {
        "larynxUp": up,
        "larynxDown": _moved(template, -LARYNX_LIMITS["Down"]),
        "swallow": swallow,
        "neckTension": _tension(template),
    }


def _moved(template: Template, way: float) -> np.ndarray:
    """The larynx moved up the throat by `way` metres."""
    v, normal = template.vertices, _outward(template)
    start = prominence(v, template.layout)
    throat = v[template.layout.grid[0, :CHIN_ROW]]
    along = throat[THROAT_ROW - 1] - start
    end = start + along / np.linalg.norm(along) * way
    old, new = (np.exp(-(((v - at) / SIZE) ** 2).sum(axis=1)) for at in (start, end))
    wide = np.exp(-(((v - (start + end) / 2) / (1.8 * SIZE)) ** 2).sum(axis=1))
    delta = (BULGE * new - SUNK * old)[:, None] * normal + DRAWN * wide[:, None] * (end - start)
    return _skin_only(template, delta)


def _floor(template: Template) -> np.ndarray:
    """The floor of the mouth drawn up between chin and throat."""
    v = template.vertices
    at = v[template.layout.grid[0, THROAT_ROW : CHIN_ROW + 1]].mean(axis=0)
    near = np.exp(-(((v - at) / [0.02, 0.016, 0.014]) ** 2).sum(axis=1))
    return _skin_only(template, -0.0025 * near[:, None] * _outward(template))


def _tension(template: Template) -> np.ndarray:
    """Both sternocleidomastoids from behind the ear to the breastbone, and two bands of the platysma on each side."""
    v, layout = template.vertices, template.layout
    canal = v[layout.rings["ear"][EAR_CANAL]].mean(axis=0)
    throat = v[layout.grid[0, :CHIN_ROW]]
    notch = throat[np.argmax(throat[: CHIN_ROW // 2, 1])]
    chin = v[layout.grid[0, CHIN_ROW]]
    mastoid, sternum = canal + [-0.004, 0.020, -0.030], notch + [0.014, 0.002, 0]
    inner = (chin + [0.020, 0.016, -0.004], notch + [0.030, 0, -0.004], 0.0020, 0.0045)
    outer = (chin + [0.038, 0.034, 0.008], notch + [0.060, 0.012, 0], 0.0016, 0.0045)
    bands = [(mastoid, sternum, 0.0034, 0.0075), inner, outer]
    lift = np.zeros(len(v))
    for top, bottom, height, width in bands:
        for side in (1, -1):
            lift += height * _ridge(template, top * [side, 1, 1], bottom * [side, 1, 1], width)
    hollow = np.exp(-(((v - notch - [0, 0, 0.004]) / [0.012, 0.02, 0.010]) ** 2).sum(axis=1))
    return _skin_only(template, (lift - 0.003 * hollow)[:, None] * _outward(template))


def _ridge(template: Template, top: np.ndarray, bottom: np.ndarray, width: float) -> np.ndarray:
    """How much each vertex belongs to a band laid on the skin from `top` to `bottom`, 0..1, fading at its ends."""
    along = np.linspace(0, 1, 60)
    line = top + along[:, None] * (bottom - top)
    line = template.vertices[cKDTree(template.vertices[: template.skin]).query(line, k=6)[1]].mean(axis=1)
    for _ in range(12):
        line[1:-1] = (line[:-2] + 2 * line[1:-1] + line[2:]) / 4
    distance, nearest = cKDTree(line).query(template.vertices)
    return np.exp(-((distance / width) ** 2)) * np.sin(np.pi * along[nearest]) ** 0.5


def _outward(template: Template) -> np.ndarray:
    skin = template.faces[(template.faces < template.skin).all(axis=1)]
    return normals(template.vertices, skin)[0]


def _skin_only(template: Template, delta: np.ndarray) -> np.ndarray:
    """Keep what lies on the neck's skin: not the parts inside, the pocket of the mouth or the collar."""
    skull = template.skin_weights[:, JOINTS.index("skull")]
    delta = delta * np.clip(4 - 4 * skull, 0, 1)[:, None]
    inside = np.unique(template.faces[template.part != "skin"])
    delta[inside] = 0
    collar = template.layout.grid[:, 0]
    delta[collar] = delta[template.mirror[collar]] = 0
    return (delta + delta[template.mirror] * [-1, 1, 1]) / 2
