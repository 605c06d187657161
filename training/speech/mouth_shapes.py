"""Rhubarb's nine mouth shapes as poses of our controls, and its cues as curves.

The shapes mean what Rhubarb's manual says ("Mouth shapes"); the poses are ours. Every one of them that is not closed
parts the lips by more than counts as closed, and D, the widest, by about as much as an open vowel of ours. Rounded ones
open less than C: so they follow tracked lips better.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from headroom.core.speech.lips import COLUMN, CONTROLS, FPS

BLEND = 0.07  # seconds from one shape to the next
POSES: dict[str, dict[str, float]] = {
    # closed for p b m, "with slight pressure between the lips"
    "A": {"mouthPress": 0.3, "mouthRollLower": 0.1, "mouthRollUpper": 0.05},
    # "slightly open mouth with clenched teeth", most consonants and EE
    "B": {"jawOpen": 0.04, "mouthLowerDown": 0.16, "mouthUpperUp": 0.1, "mouthStretch": 0.15, "mouthSmile": 0.08},
    # "open mouth", EH and AE, and between A or B and D
    "C": {"jawOpen": 0.18, "mouthLowerDown": 0.12, "mouthUpperUp": 0.08, "mouthStretch": 0.08},
    # "wide open mouth", AA
    "D": {"jawOpen": 0.34, "mouthLowerDown": 0.12, "mouthUpperUp": 0.08},
    # "slightly rounded mouth", AO and ER, and between C or D and F
    "E": {"jawOpen": 0.10, "mouthFunnel": 0.14, "mouthPucker": 0.25},
    # "puckered lips", UW, OW and W
    "F": {"jawOpen": 0.03, "mouthFunnel": 0.1, "mouthPucker": 0.65},
    # "upper teeth touching the lower lip", F and V
    "G": {"jawOpen": 0.07, "mouthRollLower": 0.45, "mouthUpperUp": 0.2},
    # a long L, "the tongue raised behind the upper teeth", open between C and D
    "H": {"jawOpen": 0.20, "mouthLowerDown": 0.12, "mouthUpperUp": 0.08, "tongueTipUp": 1.0},
    # at rest
    "X": {},
}
SHAPES = tuple(POSES)
POSE = np.zeros((len(SHAPES), len(CONTROLS)))
for _row, _pose in enumerate(POSES.values()):
    for _name, _value in _pose.items():
        POSE[_row, COLUMN[_name]] = _value

Cue = tuple[float, float, str]


def plain(cues: Sequence[Cue]) -> list[Cue]:
    """Lay cues that overlap end to end: a later one in the row covers those before it."""
    edges = sorted({time for start, end, _ in cues for time in (start, end)})
    laid: list[Cue] = []
    for start, end in zip(edges, edges[1:], strict=False):
        over = [shape for low, high, shape in cues if low <= start and end <= high]
        shape = over[-1] if over else laid[-1][2] if laid else "X"
        if laid and laid[-1][2] == shape:
            laid[-1] = (laid[-1][0], end, shape)
        else:
            laid.append((start, end, shape))
    return laid


def curves(cues: Sequence[Cue], count: int) -> np.ndarray:
    """Turn cues into control curves, (count, C) at 60 frames a second.

    Shapes change linearly in `BLEND` around the moment that one takes over; where a shape is shown shorter, in less,
    so that it is fully there for a frame at least. At rest before the first and after the last.
    """
    laid = [("X", -9.0, 0.0), *((shape, start, end) for start, end, shape in plain(cues))]
    laid.append(("X", laid[-1][2], count / FPS + 9))
    time, value = [], []
    for (before, low, middle), (after, _, high) in zip(laid, laid[1:], strict=False):
        half = max(1e-4, min(BLEND, middle - low - 1 / FPS, high - middle - 1 / FPS) / 2)
        time += [middle - half, middle + half]
        value += [POSE[SHAPES.index(before)], POSE[SHAPES.index(after)]]
    frames = np.arange(count) / FPS
    return np.stack([np.interp(frames, time, column) for column in np.array(value).T], axis=1).astype(np.float32)
