"""Log-mel features of 16 kHz sound, 100 frames a second."""

from __future__ import annotations

from functools import cache

import numpy as np

from .sound import RATE

HOP = 160  # 10 ms; frame t stands for the sound from 10 t to 10 t + 10 ms
WINDOW = 400  # 25 ms, Hann, centred on the middle of its frame
FFT = 512
BANDS = 64
LOW, HIGH = 60.0, 7600.0  # Hz
FRAME_RATE = RATE / HOP
MARGIN = (WINDOW - HOP) // 2  # samples needed on either side of a frame


@cache
def filters(warp: float = 1.0) -> np.ndarray:
    """Give the triangular mel filters, (257, 64) float32: HTK's scale, 2595 log10(1 + f / 700).

    `warp` listens that much higher, as if to a smaller person; training varies it.
    """
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in (LOW, HIGH))
    edges = 700 * (10 ** (np.linspace(low, high, BANDS + 2) / 2595) - 1) * warp
    bins = np.arange(FFT // 2 + 1)[:, None] * RATE / FFT
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


def log_mel(samples: np.ndarray, warp: float = 1.0) -> np.ndarray:
    """Turn samples with `MARGIN` extra on both sides, (160 T + 240,), into (T, 64) float32, about -1..1 for speech.

    Natural log of the mel energy of a window, floored 100 dB below full scale, scaled by 1/6 around -6.
    """
    from scipy.fft import rfft

    count = (len(samples) - 2 * MARGIN) // HOP
    if count <= 0:
        return np.zeros((0, BANDS), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float32), WINDOW)[::HOP][:count]
    spectrum = rfft(frames * np.hanning(WINDOW).astype(np.float32), FFT, axis=1)
    energy = (spectrum.real**2 + spectrum.imag**2) @ filters(warp)
    return ((np.log(energy + 1e-6) + 6) / 6).astype(np.float32)


def rms(samples: np.ndarray, hop: int = HOP) -> np.ndarray:
    """Give the root mean square of each whole hop, (N,) -> (N // hop,) float32."""
    count = len(samples) // hop
    return np.sqrt((samples[: count * hop].reshape(count, hop) ** 2).mean(axis=1))
