"""How loud loud speech is, estimated while it comes in: live sound cannot be measured as a whole."""

from __future__ import annotations

import numpy as np

from . import features
from .recognise import LEVEL

BLOCK = 5 * features.HOP
"""Samples measured at a time: 50 ms."""

USUAL = 0.03
"""Level (root mean square) of loud speech that is expected before any was heard: -30 dB below full scale."""

LEAST = 1e-3  # below this (-60 dB) a room is quiet, whatever hisses in it
SHARE = 0.95  # of speech that is softer than the level: the percentile that `recognise.level_gain` takes
PAUSE = 20.0  # decibels below the level from which on nobody speaks, and nothing is learned
FIRST, LATER = 6.0, 1.0  # decibels: how far one block moves the estimate at first, and in the long run
SETTLED = 60  # blocks of speech until then: 3 s


class Level:
    """Follows the 95th percentile of 50 ms of speech, by stochastic approximation (Robbins and Monro, 1951).

    A block above the estimate raises it by 0.95 of a step, one below lowers it by 0.05 of it: at the percentile both
    balance. Pauses change nothing. It knows only what was heard, so that the first word may be taken for too loud or
    too soft; whoever knows the microphone gives a gain instead.
    """

    def __init__(self) -> None:
        """Start at what is usual."""
        self.decibel, self.heard = 20 * np.log10(USUAL), 0

    def feed(self, samples: np.ndarray) -> float:
        """Take the next `BLOCK` samples, (N,), and give the gain that they are to be listened at."""
        loud = 20 * np.log10(max(float(np.sqrt(np.mean(samples.astype(np.float64) ** 2))), 1e-9))
        if loud > self.decibel - PAUSE:
            step = FIRST + (LATER - FIRST) * min(self.heard / SETTLED, 1)
            self.decibel += step * (SHARE if loud > self.decibel else SHARE - 1)
            self.decibel = max(self.decibel, 20 * np.log10(LEAST))
            self.heard += 1
        return self.gain

    @property
    def gain(self) -> float:
        """The factor that brings loud speech to `LEVEL`, by what is known now."""
        return float(LEVEL / 10 ** (self.decibel / 20))
