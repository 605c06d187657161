"""Visemes as drawings: one mouth at a time, held for some frames, as 2D animation wants it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from . import contacts
from .lips import FPS
from .phones import Phones
from .viseme_tables import VisemeSet
from .visemes import CHUNK, weights

if TYPE_CHECKING:
    from .lipsync import LipsyncOptions

LEAST = 2
"""Frames that a drawing is shown at least."""

CHANGE = 0.1  # what another drawing must be better by, summed over the frames it is shown
PINNED = 1000.0  # what a drawing that must be there is worth in a frame


@dataclass(frozen=True)
class Hold:
    """A drawing and from when it is shown, in seconds, until the next one."""

    start: float
    shape: str


def holds(
    phones: Phones, duration: float, kind: VisemeSet, options: LipsyncOptions, least: int = LEAST
) -> tuple[Hold, ...]:
    """Choose which drawing of `kind` is shown when, on frames of `options.fps`; the first begins at 0.

    Each is shown for `least` frames or more, and of all such rows it is the one nearest to what the visemes want. The
    contact of every p b m and f v is among them: where frames are too few, what is between two contacts gives way, and
    the later contact comes later. Of the options smoothing and lead act.
    """
    count = max(1, round(duration * options.fps))
    score = _wanted(phones, kind, options, count)
    for frame, shape in _pins(phones, kind, options, count, least):
        score[frame, kind.visemes.index(shape)] += PINNED
    shown = _rows(score, least)
    begins = np.flatnonzero(np.r_[True, shown[1:] != shown[:-1]])
    return tuple(Hold(float(frame / options.fps), kind.visemes[shown[frame]]) for frame in begins)


def _wanted(phones: Phones, kind: VisemeSet, options: LipsyncOptions, count: int) -> np.ndarray:
    """Give how much each drawing is wanted while a frame is on the screen, (count, V)."""
    total = int(np.ceil(count / options.fps * FPS)) + 1
    fine = np.concatenate(
        [
            weights(phones, None, kind, options, first, min(CHUNK, total - first))
            for first in range(0, total, CHUNK)
        ]
    )  # fmt: skip
    summed = np.concatenate([np.zeros((1, fine.shape[1])), np.cumsum(fine, axis=0)])
    edges = np.arange(count + 1) / options.fps * FPS
    below = np.minimum(edges.astype(int), total - 1)
    at = summed[below] + (edges - below)[:, None] * fine[below]
    return np.diff(at, axis=0) * options.fps / FPS


def _pins(phones: Phones, kind: VisemeSet, options: LipsyncOptions, count: int, least: int) -> list[tuple[int, str]]:
    """List the frames that must show a contact: `least` about its middle, after those of the contact before it."""
    pins: list[tuple[int, str]] = []
    free, shown = 0, ""
    for one in contacts.find(phones):
        shape = max(kind.parts[contacts.GROUPS[one.group][0]][0][1], default=kind.rest)
        moment = one.middle - options.lead
        begin = round(moment * options.fps - least / 2)
        if not shape or not 0 <= moment * options.fps < count:
            continue
        begin = max(begin, 0 if shape == shown else free)
        begin = max(0, min(begin, count - least))
        pins += [(frame, shape) for frame in range(begin, min(begin + least, count))]
        free, shown = begin + least, shape
    return pins


def _rows(score: np.ndarray, least: int) -> np.ndarray:
    """Choose a drawing for every frame, (T, V) -> (T,), each for `least` frames in a row, with the highest sum.

    Dynamic programming over frames, drawings and where each row of one drawing begins.
    """
    frames = len(score)
    if frames <= least:
        return np.full(frames, score.sum(axis=0).argmax())
    summed = np.concatenate([np.zeros((1, score.shape[1])), np.cumsum(score, axis=0)])
    best = np.full(score.shape, -np.inf)
    came = np.full(score.shape, -1)  # which drawing was shown before a row that is `least` long here; -1: it goes on
    for end in range(least - 1, frames):
        begin = end - least + 1
        gain = summed[end + 1] - summed[begin]
        before = int(best[begin - 1].argmax()) if begin else -1
        entered = gain + (best[begin - 1, before] - CHANGE if begin else 0.0)
        stayed = best[end - 1] + score[end]
        best[end] = np.maximum(entered, stayed)
        came[end] = np.where(entered > stayed, before, -1)
    shown = np.empty(frames, int)
    at, drawing = frames - 1, int(best[-1].argmax())
    while at >= 0:
        if came[at, drawing] < 0 and at >= least:
            shown[at] = drawing
            at -= 1
        else:
            shown[max(0, at - least + 1) : at + 1] = drawing
            at, drawing = at - least, int(came[at, drawing])
    return shown
