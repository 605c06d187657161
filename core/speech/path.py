"""The likeliest phone of every frame, decided as sound comes in: what is decided stays, and lags behind by `AHEAD`."""

from __future__ import annotations

import numpy as np

from ..progress import Progress, silent

SWITCH = 2.0
"""What it costs, in nats, to go from one phone to another; tuned on held-out speakers (training/LOG-speech.md)."""

GRID = 10
"""Frames between two decisions. They fall on multiples of it, so that pieces of any size decide the same."""

AHEAD = 20
"""Frames that are heard beyond what is decided. No path falls back by more than `SWITCH`, so that paths meet soon: on
nine minutes of held-out speakers 20 frames decide every frame as the whole sound does, 10 frames all but a few."""


class PathFinder:
    """Viterbi's algorithm with a fixed look-ahead: `feed` scores, take what is decided, `finish` with the rest.

    Every change of phone costs `switch`, and so is always from the phone that is best at the time. `favour` (K,) is
    added to every frame's scores.
    """

    def __init__(self, labels: int, switch: float = SWITCH, favour: np.ndarray | float = 0.0) -> None:
        """Start before the first frame."""
        self.switch, self.favour = np.float32(switch), favour
        self.value = np.zeros(labels, np.float32)
        # of each frame that is not decided: the best phone before it, and which phones were entered from that one
        self.steps: list[tuple[int, np.ndarray]] = []
        self.seen = 0

    def feed(self, scores: np.ndarray) -> np.ndarray:
        """Take log-probabilities of the next frames, (N, K), and give the phones decided by them, (M,) int16."""
        rows = scores.astype(np.float32) + self.favour
        parts, place = [np.zeros(0, np.int16)], 0
        while place < len(rows):
            count = min(GRID - self.seen % GRID, len(rows) - place)
            self._advance(rows[place : place + count])
            place += count
            if self.seen % GRID == 0:
                self.value -= self.value.max()
                parts.append(self._decide(len(self.steps) - AHEAD))
        return np.concatenate(parts)

    def finish(self) -> np.ndarray:
        """Give the phones of the frames that are left, (M,) int16."""
        return self._decide(len(self.steps))

    def _advance(self, rows: np.ndarray) -> None:
        """Go through frames, (N, K) float32."""
        value = self.value
        for row in rows:
            best = int(value.argmax())
            entered = value[best] - self.switch
            self.steps.append((best, value < entered))
            np.maximum(value, entered, out=value)
            value += row
        self.seen += len(rows)

    def _decide(self, count: int) -> np.ndarray:
        """Decide the next `count` frames: go back from the phone that is best by now."""
        if count <= 0:
            return np.zeros(0, np.int16)
        path, state = np.zeros(len(self.steps), np.int16), int(self.value.argmax())
        for place in range(len(path) - 1, -1, -1):
            path[place] = state
            best, entered = self.steps[place]
            if entered[state]:
                state = best
        del self.steps[:count]
        return path[:count]


def best_path(
    scores: np.ndarray, switch: float = SWITCH, favour: np.ndarray | float = 0.0, progress: Progress = silent
) -> np.ndarray:
    """Choose the likeliest phone of every frame, (T, K) log-probabilities -> (T,), paying `switch` for each change.

    `favour` (K,) is added to every frame's scores.
    """
    total, labels = scores.shape
    finder, parts = PathFinder(labels, switch, favour), []
    for start in range(0, total, 4096):
        progress(start / total, "Reading phones")
        parts.append(finder.feed(scores[start : start + 4096]))
    return np.concatenate([*parts, finder.finish()])
