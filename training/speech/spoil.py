"""What microphones, rooms, music, codecs and moods do to speech: clean 16 kHz crops in, spoilt ones out."""

from __future__ import annotations

import io

import numpy as np
import soundfile
from scipy.signal import fftconvolve

from headroom.core.speech import features
from headroom.core.speech.recognise import LEVEL

CODECS = (("OGG", "VORBIS", 16000), ("MP3", "MPEG_LAYER_III", 16000), ("WAV", "GSM610", 8000), ("WAV", "ULAW", 8000))
"""Codecs of soundfile that keep the sound in time (checked by cross-correlation: no delay)."""


class Spoiler:
    """Spoils crops at random; `speech` lists recordings (int16) whose pieces make a babble."""

    def __init__(self, random: np.random.Generator, speech: list[np.ndarray], clean: float = 0.0) -> None:
        """Remember where chance and babble come from, and how many crops stay clean but for a little noise."""
        self.random, self.speech, self.clean = random, speech, clean

    def __call__(self, sound: np.ndarray) -> np.ndarray:
        """Spoil one crop, (N,) float, and bring it about to the level that `recognise` listens at."""
        random = self.random
        if random.random() < self.clean:
            sound = sound + self.noise(len(sound), speech=False) * loud(sound) * 10 ** (-random.uniform(30, 65) / 20)
            return np.clip(sound * LEVEL / (loud(sound) + 1e-5), -1, 1).astype(np.float32)
        if random.random() < 0.05:
            sound = whisper(sound, random)
        if random.random() < 0.06:  # a shout: pressed, with more of everything above 500 Hz
            sound = tone(np.tanh(sound / (loud(sound) + 1e-5) * random.uniform(1, 4)),
                         [0, 400, 1000, 4000, 8000], [-6, -4, 4, 6, 0])  # fmt: skip
        if random.random() < 0.4:
            sound = self.room(sound)
        if random.random() < 0.6:
            sound = self.microphone(sound)
        level = np.sqrt((sound**2).mean()) + 1e-5
        sound = sound + self.noise(len(sound)) * level * 10 ** (-random.uniform(3, 55) / 20)
        if random.random() < 0.12:
            sound = codec(sound, *CODECS[random.integers(len(CODECS))], float(random.uniform(0.3, 0.95)))
        sound = sound * LEVEL / (loud(sound) + 1e-5)
        if random.random() < 0.08:  # clipped
            most = np.percentile(np.abs(sound), random.uniform(80, 98)) + 1e-4
            sound = np.clip(sound, -most, most)
            sound = sound * LEVEL / (loud(sound) + 1e-5)
        return np.clip(sound * 10 ** (random.normal(0, 4) / 20), -1, 1).astype(np.float32)

    def room(self, sound: np.ndarray) -> np.ndarray:
        """Let a room echo."""
        random = self.random
        length = int(random.uniform(0.05, 0.5) * 16000)
        tail = random.normal(size=length) * np.exp(-6.9 * np.arange(length) / length)
        tail *= random.uniform(0.02, 0.4) / np.sqrt((tail**2).sum() + 1e-9)
        tail[0] = 1.0
        return fftconvolve(sound, tail)[: len(sound)]

    def microphone(self, sound: np.ndarray) -> np.ndarray:
        """Color the sound, or cut it down to what a telephone lets through."""
        random = self.random
        hertz = np.array([0, 200, 500, 1000, 2000, 4000, 6000, 8000.0])
        decibel = random.normal(0, 4, len(hertz))
        if random.random() < 0.25:
            high = random.uniform(3300, 7000)
            hertz, decibel = (
                np.r_[hertz[hertz < high], high, high + 100, 8000],
                np.r_[decibel[hertz < high], 0, -60, -60],
            )
        if random.random() < 0.25:
            low = random.uniform(80, 300)
            above = hertz > low
            hertz, decibel = np.r_[0, low - 40, low, hertz[above]], np.r_[-40, -40, 0, decibel[above]]
        return tone(sound, hertz, decibel)

    def noise(self, count: int, speech: bool = True) -> np.ndarray:
        """Make colored noise, a hum, music, or the babble of other people, of unit level."""
        pick = self.random.random()
        if pick < 0.5 or (not speech and pick > 0.8):
            spectrum = np.fft.rfft(self.random.normal(size=count))
            spectrum *= np.maximum(np.arange(len(spectrum)), 20.0) ** -self.random.uniform(0, 1)
            noise = np.fft.irfft(spectrum, count)
        elif pick < 0.6:
            time = np.arange(count) / 16000
            base = self.random.uniform(45, 400)
            noise = sum(np.sin(2 * np.pi * base * k * time + self.random.uniform(0, 6)) / k for k in range(1, 6))
        elif pick < 0.8:
            noise = music(count, self.random)
        else:
            noise = np.zeros(count)
            for _ in range(int(self.random.integers(3, 7))):
                pcm = self.speech[self.random.integers(len(self.speech))]
                start = int(self.random.integers(0, len(pcm) - count))
                noise += pcm[start : start + count]
        return noise / (np.sqrt((noise**2).mean()) + 1e-9)


def tone(sound: np.ndarray, hertz: np.ndarray | list, decibel: np.ndarray | list) -> np.ndarray:
    """Filter by gains in decibel at frequencies, linear between them."""
    spectrum = np.fft.rfft(sound)
    gain = 10 ** (np.interp(np.linspace(0, 8000, len(spectrum)), hertz, decibel) / 20)
    return np.fft.irfft(spectrum * gain, len(sound))


def whisper(sound: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Take the voice out: keep each moment's smooth spectrum, let noise excite it, and lose the lowest octaves."""
    size, hop = 512, 128
    window = np.hanning(size)
    padded = np.pad(sound, (size, size))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop] * window
    log = np.log(np.abs(np.fft.rfft(frames)) + 1e-5)
    cepstrum = np.fft.irfft(log)
    cepstrum[:, 28:-27] = 0  # harmonics lie beyond 1.7 ms
    noise = np.lib.stride_tricks.sliding_window_view(random.normal(size=len(padded)), size)[::hop] * window
    made = np.fft.irfft(np.exp(np.fft.rfft(cepstrum).real) * np.fft.rfft(noise) / 14)
    out = np.zeros(len(padded))
    for phase in range(size // hop):
        part = (made * window)[phase :: size // hop]
        out[phase * hop :][: part.size] += part.ravel()
    return tone(out[size : size + len(sound)], [0, 300, 900, 8000], [-25, -12, 0, 2])


def music(count: int, random: np.random.Generator) -> np.ndarray:
    """Make up music: chords that change, with a beat of drums."""
    time = np.arange(count) / 16000
    beat = random.uniform(0.25, 0.7)
    out, root = np.zeros(count), random.uniform(80, 300)
    scale = root * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
    for start in np.arange(-random.uniform(0, beat), time[-1], beat):
        first, last = np.searchsorted(time, (max(0, start), start + 4 * beat))
        part = time[first:last] - max(0, start)
        fade = np.exp(-part * random.uniform(0.5, 4))
        for pitch in random.choice(scale, 2) * random.choice([1, 2]):
            for k in range(1, 4):
                out[first:last] += fade * np.sin(2 * np.pi * pitch * k * part) / k**1.5
        if random.random() < 0.5:
            out[first:last] += random.uniform(0, 3) * np.exp(-part * 40) * random.normal(size=len(part))
    return out


def codec(sound: np.ndarray, kind: str, subtype: str, rate: int, squeeze: float) -> np.ndarray:
    """Send the sound through a codec and back; `squeeze` runs from 0 (good) to 1 (small)."""
    most = np.abs(sound).max() + 1e-6
    sent = sound / most * 0.9
    if rate < 16000:
        sent = np.fft.irfft(np.fft.rfft(sent)[: len(sent) // 4 + 1], len(sent) // 2) / 2
    with io.BytesIO() as file:
        settings = {"compression_level": squeeze} if kind in ("OGG", "MP3") else {}
        soundfile.write(file, sent.astype(np.float32), rate, format=kind, subtype=subtype, **settings)
        file.seek(0)
        back = soundfile.read(file, dtype="float32")[0]
    back = np.pad(back, (0, max(0, len(sent) - len(back))))[: len(sent)]
    if rate < 16000:
        back = np.fft.irfft(np.fft.rfft(back), len(sound)) * 2
    return back * most / 0.9


def loud(sound: np.ndarray) -> float:
    """Give the level that `recognise` brings to `LEVEL`."""
    return float(np.percentile(features.rms(sound, 800), 95))
