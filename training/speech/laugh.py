"""Make up laughter: breaths, and vowels that burst out a few times a second, higher than speech and dying away."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from headroom.core.speech import features
from headroom.core.speech.phones import NUMBER, SILENCE

RATE = features.HOP * 100
VOWELS = {
    "AA": (850, 1250, 2700), "AH": (700, 1350, 2600), "AE": (780, 1850, 2600), "EH": (630, 2000, 2700),
    "IH": (450, 2200, 2900), "IY": (330, 2500, 3200), "UH": (480, 1150, 2500),
}  # fmt: skip
"""First three resonances in hertz of a vocal tract between a man's and a woman's, from memory of Peterson & Barney
(1952), lifted a little, as mouths that laugh are open and wide."""


def laugh(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Make one bout of laughter at 16 kHz and its label of every 10 ms: HH for breath, a vowel for its burst.

    One laugh in six has no voice. Bachorowski et al. 2001 (JASA 110) measured bursts of 80-180 ms, 4-6 a second, at a
    pitch of 150-500 Hz and more that varies from burst to burst.
    """
    vowel = random.choice(list(VOWELS), p=[0.22, 0.3, 0.12, 0.14, 0.08, 0.06, 0.08])
    size, pitch = random.uniform(0.85, 1.3), random.uniform(130, 480)
    voiced, breath = random.random() > 1 / 6, random.uniform(0.05, 0.5)
    sound, label = [], []
    for burst in range(int(random.integers(2, 12))):
        level = np.exp(-burst * random.uniform(0.02, 0.25) + random.normal(0, 0.2))
        for name, frames in (("HH", int(random.integers(4, 14))), (vowel, int(random.integers(4, 17)))):
            count = frames * features.HOP
            noise = random.normal(size=count)
            source = 0.15 * noise
            if name != "HH":
                drop = np.linspace(random.uniform(1.0, 1.3), random.uniform(0.7, 1.0), count)
                phase = np.cumsum(pitch * np.exp(random.normal(0, 0.12)) * drop / RATE)
                pulses = np.diff(np.floor(phase), prepend=0.0)
                source = (pulses * 6 if voiced else noise * 0.6) + breath * 0.3 * noise
            ramp = np.minimum(1, np.minimum(np.arange(count), np.arange(count)[::-1]) / (0.01 * RATE))
            sound.append(level * ramp * resonate(source, np.array(VOWELS[vowel]) * size))
            label += [NUMBER[name]] * frames
    rest = int(random.integers(5, 40))
    sound, label = [np.zeros(rest * features.HOP), *sound], [NUMBER[SILENCE]] * rest + label
    whole = np.concatenate(sound)
    return (whole * 0.1 / (np.sqrt((whole**2).mean()) + 1e-9)).astype(np.float32), np.array(label, np.int64)


def resonate(source: np.ndarray, hertz: np.ndarray) -> np.ndarray:
    """Send a source through resonances at `hertz`, one after the other (Klatt 1980)."""
    out = lfilter([1.0], [1.0, -0.9], source)  # a voice falls off by 12 dB an octave, lips give back 6
    for center, width in zip((*hertz, 3800, 4800), (90, 110, 160, 250, 300), strict=True):
        near = np.exp(-np.pi * width / RATE)
        b, c = 2 * near * np.cos(2 * np.pi * min(center, 7600) / RATE), -(near**2)
        out = lfilter([1 - b - c], [1, -b, -c], out)
    return out
