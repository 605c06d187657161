"""Recognizes which channels the keys of a head answer: by their names, and where those say nothing, by what they do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from ..errors import Cancelled, HeadroomError, InputError
from ..performance import ARKIT_52, SHAPES
from ..progress import Progress, silent
from .face_space import mean_head, mean_triangles, motions, place_by_landmarks, places
from .keymap import Entry, KeyMap, merged
from .landmarks import NAMES, template_vertices
from .names import by_names, map_by_names
from .pulls import pulled

__all__ = ["Piece", "by_names", "by_shapes", "likeness", "recognize", "understand"]

LEAST = 0.3
"""Likeness below which a key is nobody's: between what shapes of a face reach on rigs of other makers and what keys of
other kinds do (`training/rig/judge_keys.py` tells how many of each)."""
JOINED, RARE = 0.05, 0.15
"""What is taken off halves of a channel and both sides in one key, and off shapes of tongue and throat that few rigs
have."""
UNMOVED = 0.15
"""What is taken off a look when the eye itself rests: then a lid alone moved, as in a blink."""
STRENGTH = 0.05
"""What is taken off for each e-fold between strengths, beyond LENIENT of them."""
LENIENT = 0.7
STILL = 1e-3
"""Metres; a part that moves less rests."""
MIDDLE = 0.004
"""Metres over which one half of a face gives way to the other."""
LARGEST = 4000
"""Keys a head may have."""

Meaning = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Piece:
    """One object of a character, in a space that all share: vertices (V, 3), triangles (T, 3), key -> deltas (V, 3)."""

    name: str
    vertices: np.ndarray
    triangles: np.ndarray
    keys: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Library:
    """Shapes to compare with: what each means, its motions (N, S, 3), plain ones (N, S, 3; 0 where there is none), what
    is taken off (N,), and which are looks (N,)."""

    meanings: tuple[Meaning, ...]
    motions: np.ndarray
    plain: np.ndarray
    penalty: np.ndarray
    look: np.ndarray


def recognize(pieces: Sequence[Piece], landmarks: np.ndarray | None, progress: Progress = silent) -> KeyMap:
    """Give the map of a character's keys: what their names say, then by shape what is left open.

    Keys of the same name in several pieces are one. Without landmarks (54, 3) of the face, NaN where unknown, names
    alone are read. Raises `InputError` when no piece has keys, or one has broken geometry.
    """
    if not any(piece.keys for piece in pieces):
        raise InputError("nothing here has shape keys; select the meshes of a head that has them")
    read = map_by_names({piece.name: tuple(piece.keys) for piece in pieces})
    if landmarks is None:
        return read
    progress(0.2, "Reading what the keys do")
    known = {entry.key for entry in read.entries}
    names = tuple(dict.fromkeys(key for piece in pieces for key in piece.keys if key not in known))
    vertices, triangles = _joined(pieces)
    found = by_shapes(names, vertices, triangles, (_delta(pieces, key) for key in names), landmarks, read.channels)
    progress(0.9, "Writing the map")
    return merged(read, [replace(one, object=piece.name) for piece in pieces for one in found if one.key in piece.keys])


def understand(pieces: Sequence[Piece], progress: Progress = silent) -> tuple[KeyMap, tuple[str, ...]]:
    """Give the map of a character's keys, and what to tell: as `recognize`, with the face found by itself.

    It is looked for only where names leave keys and channels of ARKit open.
    """
    read = recognize(pieces, None)
    known = {(one.object, one.key) for one in read.entries}
    open_keys = [key for piece in pieces for key in piece.keys if (piece.name, key) not in known]
    if not open_keys or set(ARKIT_52) <= set(read.channels):
        return read, ()
    from .face.find import find_one

    try:
        face = find_one(*_joined(pieces), progress=lambda done, stage: progress(0.6 * done, stage))
    except Cancelled:
        raise
    except HeadroomError as error:
        return read, (f"keys were read by their names alone: {error}",)
    return recognize(pieces, face.landmarks, lambda done, stage: progress(0.6 + 0.4 * done, stage)), ()


def by_shapes(
    names: Sequence[str],
    vertices: np.ndarray,
    triangles: np.ndarray,
    deltas: Iterable[np.ndarray],
    landmarks: np.ndarray,
    answered: Collection[str] = (),
    name: str = "",
) -> tuple[Entry, ...]:
    """Give what keys answer by what they do; keys that move no part of a face are left out.

    names (K,) of the keys; vertices (V, 3), triangles (T, 3), deltas (K, V, 3) and landmarks (54, 3) in any one space
    and unit, in any order. Channels in `answered` are given to nobody. Keys are given to channels so that likeness adds
    up to most (Kuhn 1955); an entry's score is that likeness. Raises `InputError` on geometry that cannot be read.
    """
    _check(names, vertices, triangles, landmarks)
    if not names:
        return ()
    read, covered = motions(vertices, triangles, deltas, place_by_landmarks(landmarks))
    alike = likeness(read, covered)
    free = np.array([not any(channel in answered for channel, _ in meaning) for meaning in library().meanings])
    entries = []
    for row, column in _given(alike, free):
        score = float(np.clip(alike[row, column], 0, 1))
        entries += [
            Entry(name, names[row], channel, weight, score, "shape") for channel, weight in library().meanings[column]
        ]
    return tuple(entries)


def likeness(read: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """Compare motions (K, S, 3) with the library's, (K, N): 1 for the same shape, below LEAST for another."""
    lib, part = library(), places().part
    covered = covered.copy()
    for inside in ("tongue", "teeth"):
        if not (np.linalg.norm(read[:, part == inside], axis=2) > STILL).any():
            covered[part == inside] = 0  # this character has them elsewhere, or not at all
    resting = np.linalg.norm(read[:, part == "eye"], axis=2).max(axis=1, initial=0) < STILL
    skin = covered * (part != "eye")
    whole, strength = _cosine(read, lib.motions, covered)
    outer, outer_strength = _cosine(read, lib.motions, skin)
    alike = np.where(resting[:, None], outer, whole)
    off = np.abs(np.where(resting[:, None], outer_strength, strength))
    alike = np.maximum(alike, _cosine(read, lib.plain, skin)[0])
    alike -= lib.penalty + UNMOVED * resting[:, None] * lib.look
    return alike - STRENGTH * np.clip(off - LENIENT, 0, 2)


@cache
def library() -> Library:
    """Give all that a key may be: channels, halves of those without a side, both sides of those with one."""
    head = mean_head()
    shapes = head.shapes[[head.shape_names.index(name) for name in SHAPES]]
    own, _ = motions(head.neutral, mean_triangles(), shapes, place_by_landmarks(head.neutral[template_vertices()]))
    real, nothing = dict(zip(SHAPES, own, strict=True)), np.zeros_like(own[0])
    plain = {name: pulled().get(name, nothing) for name in SHAPES}
    left = 1 / (1 + np.exp(-places().points[:, :1] / MIDDLE))
    rows: list[tuple[Meaning, np.ndarray, np.ndarray, float]] = [
        (((name, 1.0),), real[name], plain[name], 0.0 if name in ARKIT_52 else RARE) for name in SHAPES
    ]
    for name in ARKIT_52:
        if not name.endswith(("Left", "Right")) and name.startswith(("mouth", "brow", "cheek")):
            rows += [(((name, 1.0),), real[name] * half, plain[name] * half, JOINED) for half in (left, 1 - left)]
        if name.endswith("Left") and name not in ("jawLeft", "mouthLeft"):
            other = name.replace("Left", "Right")
            both = ((name, 0.5), (other, 0.5))
            rows.append((both, real[name] + real[other], plain[name] + plain[other], JOINED))
    meanings, moved, pulls, penalty = zip(*rows, strict=True)
    look = np.array([meaning[0][0].startswith("eyeLook") for meaning in meanings])
    return Library(meanings, np.stack(moved), np.stack(pulls), np.array(penalty), look)


def _given(alike: np.ndarray, free: np.ndarray) -> list[tuple[int, int]]:
    """Give keys to shapes, (row, column) pairs, so that likeness adds up to most, and no channel is answered twice: by
    a whole and by halves, or by one side and by both."""
    from scipy.optimize import linear_sum_assignment

    meanings, free = library().meanings, free.copy()
    while True:
        worth = np.where(free, np.clip(alike - LEAST, 0, None), 0)
        pairs = [(r, c) for r, c in zip(*linear_sum_assignment(-worth), strict=True) if worth[r, c] > 0]
        wholes: dict[str, list[tuple[float, int]]] = defaultdict(list)
        parts: dict[str, list[tuple[float, int]]] = defaultdict(list)
        for row, column in pairs:
            for channel, _ in meanings[column]:
                (wholes if column < len(SHAPES) else parts)[channel].append((alike[row, column], column))
        lost = set()
        for channel in wholes.keys() & parts.keys():
            better = max(wholes[channel])[0] >= max(parts[channel])[0] - JOINED
            lost |= {column for _, column in (parts if better else wholes)[channel]}
        if not lost:
            return pairs
        free[list(lost)] = False


def _cosine(read: np.ndarray, known: np.ndarray, covered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cosines (K, N) between motions where they are covered, and logarithms of how much stronger the first are."""
    weight = np.sqrt(covered * places().share)[:, None]
    one, two = (read * weight).reshape(len(read), -1), (known * weight).reshape(len(known), -1)
    length, other = (np.maximum(np.linalg.norm(x, axis=1), 1e-7) for x in (one, two))
    return (one @ two.T) / (length[:, None] * other), np.log(length[:, None] / other)


def _joined(pieces: Sequence[Piece]) -> tuple[np.ndarray, np.ndarray]:
    starts = np.cumsum([0, *(len(piece.vertices) for piece in pieces)])
    triangles = [piece.triangles + start for piece, start in zip(pieces, starts, strict=False)]
    return np.concatenate([piece.vertices for piece in pieces]), np.concatenate(triangles).astype(np.int64)


def _delta(pieces: Sequence[Piece], key: str) -> np.ndarray:
    return np.concatenate([piece.keys.get(key, np.zeros_like(piece.vertices)) for piece in pieces])


def _check(names: Sequence[str], vertices: np.ndarray, triangles: np.ndarray, landmarks: np.ndarray) -> None:
    if len(names) > LARGEST:
        raise InputError(f"{len(names)} shape keys are more than a face has; recognize the head's meshes alone")
    if landmarks.shape != (len(NAMES), 3) or np.isfinite(landmarks).all(axis=1).sum() < 8:
        raise InputError("too few landmarks of the face are known; place them by hand")
    if not len(triangles) or triangles.min() < 0 or triangles.max() >= len(vertices):
        raise InputError("the mesh has no faces; pick one with a surface")
    if not np.isfinite(vertices).all():
        raise InputError("the mesh has vertices that are nowhere (not a number); clean it up first")
