"""Listen to sound as it comes in: what `recognise.listen` hears in a whole sound, some tenths of a second later."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from . import features, recognise
from .level import BLOCK, Level
from .path import GRID
from .recognise import Heard, Windows
from .sound import RATE

PIECE = GRID * features.HOP  # samples taken at a time: as much as one step of the network


class Ear:
    """Scores phones and measures loudness piece by piece.

    `gain` brings loud speech to `recognise.LEVEL`; without one it follows what was heard so far, see `Level`.
    """

    def __init__(self, gain: float | None) -> None:
        """Load the phone network and start before the first sample. Raises `WeightsError`."""
        self.network = recognise.network()
        self.level = Level() if gain is None else None
        self.gain = 1.0 if gain is None else gain
        self.windows = Windows(self.network.reach, GRID)
        self.samples = np.zeros(0, np.float32)  # too few to be a frame, or a block whose level is measured
        self.frames = 0

    @property
    def delay(self) -> float:
        """Seconds of sound after a frame that have to be fed until it is scored, at the most."""
        unit = features.HOP if self.level is None else BLOCK
        return (self.network.reach + GRID) / features.FRAME_RATE + unit / RATE

    def feed(self, samples: np.ndarray) -> Iterator[Heard]:
        """Take the next samples, (N,) float32, and give what is heard by them, step by step: loudness goes ahead."""
        self.samples = np.concatenate([self.samples, samples])
        unit, step = (features.HOP, PIECE) if self.level is None else (BLOCK, BLOCK)
        whole = len(self.samples) // unit * unit
        ready, self.samples = self.samples[:whole], self.samples[whole:]
        for start in range(0, whole, step):
            part = ready[start : start + step]
            if self.level is not None:
                self.gain = self.level.feed(part)
            yield self._hear(part, list(self.windows.feed(part, self.gain)))

    def finish(self) -> Heard:
        """Give the rest; a last part of a frame counts as one."""
        mels = list(self.windows.feed(self.samples, self.gain))
        total = self.frames + -(-len(self.samples) // features.HOP)
        mels += self.windows.finish(total)
        scored = self.windows.start - GRID * len(mels)
        heard = self._hear(np.pad(self.samples, (0, -len(self.samples) % features.HOP)), mels)
        return Heard(heard.scores[: total - scored], heard.loudness)

    def _hear(self, samples: np.ndarray, mels: list[np.ndarray]) -> Heard:
        """Measure whole frames of sound and score features."""
        loudness = features.rms(samples) * self.gain
        self.frames += len(loudness)
        none = np.zeros((0, self.network.labels), np.float32)
        return Heard(np.concatenate([none, *(recognise.score(self.network, mel) for mel in mels)]), loudness)
