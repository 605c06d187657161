"""Keeps lids out of the eyes and lips out of the teeth, for any head in any shape, exactly.

What lies too deep goes straight out of the eye, or straight out of the mouth, as far as it must; the rings of skin
around it follow, less and less, so that nothing folds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .contact import Seam
from .rings import shares, spread
from .solids import Eyeball, Teeth, rounded

CLEARANCE = 0.0008
"""Metres that a closed lid stays off the eyeball: its thickness, and what the straight way of a shape key cuts off."""
MARGIN = 0.0006
"""Metres from the front to the back of the edge of a closed lid."""
OFF_EYE, OFF_TEETH = 0.00005, 0.0003
"""Metres that skin stays off eyes and teeth at least, where it does so at rest."""
DEEPEST = 0.006
"""Metres behind the front of the teeth from which on skin is not in them but within the mouth."""
LIP_RINGS, LID_RINGS = (12, 11), (6, 7)
"""Rings outside and inside of the one where lips or lids meet."""
LEEWAY = 0.6
"""The part of their distance from a corner of the eye at rest that points of closed lids keep along the line."""
LID_FRONT, LID_EDGE, LID_INNER, LIP_BORDER, LIP_INNER = 6, 7, 9, 7, 16
"""Of the rings of the lids, where they meet, the back of their edge and the one that touches the eye at rest; of those
of the mouth, where red begins and where the bag does."""
_THICK = np.array([1, 1, 1, 1, 1, 1, 1, 0.9, 0.6, 0.3, 0.1, 0, 0, 0])
"""How much of CLEARANCE each ring of the lids keeps, from the outermost in; the last ones lie on the eye."""


@dataclass(frozen=True)
class Eye:
    """One eye, Left or Right: the seam of its lids, the rings about it (R, N), its ball with cornea (first, last + 1
    vertex), where it turns (3,)."""

    side: str
    seam: Seam
    rings: np.ndarray
    ball: np.ndarray
    center: np.ndarray


@dataclass(frozen=True)
class Mouth:
    """The seam of the lips, the rings about it (R, N), and the quads (F, 4) of each row of teeth with its gums."""

    seam: Seam
    rings: np.ndarray
    teeth: Sequence[np.ndarray] = ()


def at_rest(vertices: np.ndarray, mouth: Mouth, left: Eye, right: Eye, model: np.ndarray) -> np.ndarray:
    """Give vertices (V, 3) with the lips together, the eyes round as in the model (V, 3), and the lids outside them."""
    rested = vertices + mouth.seam.close(vertices)
    for eye in (left, right):
        ball, room = slice(*eye.ball), rested[eye.rings[LID_INNER]]
        rested[ball] = rounded(rested[ball], model[ball].astype(np.float64), room)
        rested[eye.rings] += clear_lids(rested[eye.rings], rested[ball], Eyeball.of(rested[ball]))
    wall = Wall.of(rested, mouth)
    rested[mouth.rings] += clear_lips(rested[mouth.rings], [np.zeros_like(one.points) for one in wall.teeth], wall)
    rested[mouth.seam.lower] = rested[mouth.seam.upper] = (rested[mouth.seam.lower] + rested[mouth.seam.upper]) / 2
    return rested


def clear_lids(lids: np.ndarray, ball: np.ndarray, surface: Eyeball, thick: float = 0.0) -> np.ndarray:
    """Give what must be added to posed rings of lids (..., R, N, 3) so that they do not dip into the eye, which stands
    as its posed vertices (..., M, 3) do. thick: how far off it skin stays, metres, where lids are thick."""
    lack, way = surface.lacking(lids, ball)
    count = lids.shape[-3]
    keep = OFF_EYE + thick * np.resize(_THICK, count)[:, None]
    need = np.maximum(lack + keep, 0)
    if not need.any():
        return np.zeros_like(way)
    push = spread(need, shares(np.arange(count), 4), 4)
    if thick:  # the inside of a closed lid stays within, or it would come out before the other lid
        push[..., LID_EDGE + 1 :, :] = need[..., LID_EDGE + 1 :, :]
    return push[..., None] * way


def close_lids(neutral: np.ndarray, blink: np.ndarray, eye: Eye, surface: Eyeball) -> np.ndarray:
    """Correct a blink (V, 3) so that the lids meet, CLEARANCE off the eye.

    The blink may hold a look too: the lids then close over the turned eye.
    """
    posed = neutral + blink
    posed += eye.seam.close(posed)
    posed[eye.rings] += clear_lids(posed[eye.rings], posed[slice(*eye.ball)], surface, CLEARANCE)
    posed[eye.rings] += within_corners(neutral, posed, eye)
    posed[eye.seam.lower] = posed[eye.seam.upper]
    inward = eye.center - posed[eye.seam.lower]
    inward *= MARGIN / np.linalg.norm(inward, axis=1, keepdims=True)
    for edge in edges(eye):  # edges lie on each other, straight behind the seam: neither slips out before the other
        posed[edge] = posed[eye.seam.lower] + inward
    return posed - neutral


def within_corners(neutral: np.ndarray, posed: np.ndarray, eye: Eye) -> np.ndarray:
    """Give what must be added (R, N, 3) to the rings of lids that slid past a corner of the eye when they closed, so
    that they keep at least the LEEWAY of their places between the corners at rest (V, 3); what meets slides alike."""
    front, meet = LID_FRONT % len(eye.rings), (eye.seam.lower, eye.seam.upper)
    ring = eye.rings[front]
    corners = ring[~np.isin(ring, np.concatenate(meet))]
    if len(corners) != 2:
        return np.zeros((*eye.rings.shape, 3))
    (start, way, length), (first, along, whole) = _chord(posed[corners]), _chord(neutral[corners])
    place, room = np.mean([((posed[v] - start) @ way, LEEWAY * (neutral[v] - first) @ along) for v in meet], axis=0)
    slide = np.clip(place, room, length - LEEWAY * whole + room) - place
    order = np.argsort(ring)
    shift = np.zeros(len(ring))
    for side in meet:
        shift[order[np.searchsorted(ring[order], side)]] = slide
    near = shares(np.arange(len(eye.rings)), 4)[front]
    return (near[:, None] * shift)[..., None] * way


def _chord(ends: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Start (3,), direction (3,) and length of the line between two points (2, 3)."""
    way = ends[1] - ends[0]
    length = float(np.linalg.norm(way))
    return ends[0], way / max(length, 1e-9), length


def edges(eye: Eye) -> tuple[np.ndarray, np.ndarray]:
    """Give the vertices (P,) of the backs of both lids' edges that face each other, as those of the seam do."""
    ring = {int(v): k for row in eye.rings for k, v in enumerate(row)}
    back = eye.rings[LID_EDGE % len(eye.rings)]
    return tuple(back[[ring[int(v)] for v in side]] for side in (eye.seam.lower, eye.seam.upper))  # type: ignore[return-value]


@dataclass(frozen=True)
class Wall:
    """The teeth of a head at rest, and how far off each of them its lips may be asked to stay (R, N), at most."""

    teeth: tuple[Teeth, ...]
    vertices: tuple[np.ndarray, ...]
    room: tuple[np.ndarray, ...]

    @staticmethod
    def of(neutral: np.ndarray, mouth: Mouth) -> Wall:
        """Read off a head at rest (V, 3)."""
        teeth = tuple(Teeth.of(neutral, faces) for faces in mouth.teeth)
        room = []
        for one in teeth:
            lack, _ = one.lacking(neutral[mouth.rings], np.zeros_like(one.points))
            room.append(np.where(lack > DEEPEST, -np.inf, np.minimum(-lack, OFF_TEETH).clip(0)))
        return Wall(teeth, tuple(np.unique(faces) for faces in mouth.teeth), tuple(room))


def _lip_places(count: int) -> np.ndarray:
    """Where the mouth's rings lie when a push spreads: those of the lips close together, so that a lip moves whole."""
    k = np.arange(count)
    return k.clip(max=LIP_BORDER) + 0.2 * (k - LIP_BORDER).clip(0, LIP_INNER - LIP_BORDER) + (k - LIP_INNER).clip(0)


def clear_lips(lips: np.ndarray, moved: Sequence[np.ndarray], wall: Wall) -> np.ndarray:
    """Give what must be added to posed rings of the mouth (..., R, N, 3) so that no lip goes through teeth or gums, of
    which each row is moved by (..., P, 3)."""
    push = np.zeros_like(lips)
    places = _lip_places(lips.shape[-3])
    for teeth, by, room in zip(wall.teeth, moved, wall.room, strict=True):
        lack, way = teeth.lacking(lips + push, by)
        need = np.where(lack < DEEPEST, np.maximum(lack + room, 0), 0)
        need[..., LIP_INNER + 1 :, :] = 0
        for k in np.argwhere(need.any(axis=(-2, -1))):  # few are in the way
            at = tuple(k)
            push[at] += spread(need[at], shares(places, 7), 7)[..., None] * way[at]
    return push
