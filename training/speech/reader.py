"""Read lips out of sound by ridge regression: what a few minutes of video can teach for sure.

On people it never saw, the linear reader follows tracked lips better than networks trained on the same clips
(training/LOG-speech.md). It sees a tenth of a second to either side. The lips network learns from what it reads in
hours of speech.
"""

from __future__ import annotations

import numpy as np

from .clips import Clip

REACH, STEP = 6, 2  # frames of 60 a second
PENALTY = 0.4
LIVELINESS = 1.35
"""A regression shrinks what it is unsure of; its motion is made this much larger, so that mouths open as real ones."""


class Reader:
    """Maps the lips network's input (F, 46) to gap, width, and heights of upper and lower lip, (F, 4) mm."""

    def __init__(self, clips: list[Clip]) -> None:
        """Fit to clips, each person's motion standardized."""
        inputs, targets, means, deviations = [], [], [], []
        for clip in clips:
            seen = np.isfinite(clip.tracked[:, 0])
            mean, deviation = clip.tracked[seen].mean(axis=0), clip.tracked[seen].std(axis=0)
            inputs.append(surroundings(clip.inputs)[seen])
            targets.append((clip.tracked[seen] - mean) / deviation)
            means.append(mean)
            deviations.append(deviation)
        x = np.concatenate(inputs)
        self.center, self.scale = x.mean(axis=0), x.std(axis=0) + 0.02
        x = (x - self.center) / self.scale
        square = x.T @ x + PENALTY * len(x) * np.eye(x.shape[1])
        self.weight = np.linalg.solve(square, x.T @ np.concatenate(targets))
        self.mean, self.deviation = np.median(means, axis=0), np.median(deviations, axis=0)

    def __call__(self, inputs: np.ndarray, liveliness: float = LIVELINESS) -> np.ndarray:
        """Read lips, (F, 46) -> (F, 4) mm; the gap is never negative."""
        z = (surroundings(inputs) - self.center) / self.scale @ self.weight
        read = self.mean + liveliness * self.deviation * z
        read[:, 0] = np.maximum(read[:, 0], 0)
        return read


def surroundings(inputs: np.ndarray) -> np.ndarray:
    """Line up what is heard before, at and after every frame: likely phones, their logarithms, phones by loudness."""
    phones, level = inputs[:, :-2], inputs[:, -2:]
    rows = np.concatenate([phones, np.log(phones + 0.02), phones * level[:, :1], level], axis=1)
    padded = np.pad(rows, ((REACH, REACH), (0, 0)), mode="edge")
    return np.concatenate([padded[start : start + len(rows)] for start in range(0, 2 * REACH + 1, STEP)], axis=1)
