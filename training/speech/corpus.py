"""Prepared speech as training batches: crops of many voices, made noisy, echoing, faster, slower, louder, duller."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import fftconvolve

from headroom.core.speech import features
from headroom.core.speech.recognise import LEVEL

HOP = features.HOP
SHARES = {"speechocean": 0.40, "librispeech": 0.22, "espeak": 0.23, "flite": 0.15}
HELD_OUT = {"speechocean": 12, "librispeech": 30}
"""Speakers kept for judging, taken every n-th in sorted order; synthesizers are trained on whole."""


@dataclass(frozen=True)
class Corpus:
    """One prepared corpus, see `prepare`."""

    pcm: np.ndarray
    label: np.ndarray
    label_start: np.ndarray
    speaker: np.ndarray
    name: np.ndarray

    @staticmethod
    def load(path: Path) -> Corpus:
        """Read what `prepare` wrote."""
        with np.load(path) as file:
            return Corpus(*(file[key] for key in ("pcm", "label", "label_start", "speaker", "name")))

    def utterance(self, place: int) -> tuple[np.ndarray, np.ndarray]:
        """Give the sound (float32) and labels of one utterance."""
        start, end = self.label_start[place], self.label_start[place + 1]
        return self.pcm[start * HOP : end * HOP].astype(np.float32) / 32768, self.label[start:end]


def split(corpus: Corpus, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Divide the utterances by speaker into (training, held out)."""
    speakers = np.unique(corpus.speaker)
    count = HELD_OUT.get(kind, 0)
    kept = speakers[:: max(1, len(speakers) // count)][:count] if count else speakers[:0]
    held = np.isin(corpus.speaker, kept)
    return np.flatnonzero(~held), np.flatnonzero(held)


class Batches:
    """An endless stream of (mel (B, T, 64) float32, label (B, T) int64) for training."""

    def __init__(self, work: Path, size: int = 16, frames: int = 400, seed: int = 0) -> None:
        """Read every corpus of the work folder."""
        self.size, self.frames, self.random = size, frames, np.random.default_rng(seed)
        self.corpora = {kind: Corpus.load(work / f"{kind}.npz") for kind in SHARES if (work / f"{kind}.npz").exists()}
        self.places = {kind: split(corpus, kind)[0] for kind, corpus in self.corpora.items()}
        self.shares = np.array([SHARES[kind] for kind in self.corpora])
        self.shares /= self.shares.sum()

    def __iter__(self):
        while True:
            crops = [self.crop() for _ in range(self.size)]
            yield np.stack([mel for mel, _ in crops]), np.stack([label for _, label in crops])

    def crop(self) -> tuple[np.ndarray, np.ndarray]:
        """Make one training example: utterances in a row with pauses, cut to length, then spoilt."""
        random = self.random
        kind = list(self.corpora)[random.choice(len(self.shares), p=self.shares)]
        corpus, places = self.corpora[kind], self.places[kind]
        speed = float(np.exp(random.normal(0, 0.1)))
        need = int(self.frames * speed) + 8
        sound, label = corpus.utterance(places[random.integers(len(places))])
        while len(label) < need:
            more, labels = corpus.utterance(places[random.integers(len(places))])
            gap = int(random.integers(0, 60))
            level = np.exp(random.normal(0, 0.3))
            sound = np.concatenate([sound, np.zeros(gap * HOP, np.float32), more * level])
            label = np.concatenate([label, np.zeros(gap, label.dtype), labels])
        start = int(random.integers(0, len(label) - need + 1))
        if random.random() < 0.04:  # a room where nobody speaks
            sound, label = self.noise(len(sound)), np.zeros_like(label)
        sound, label = sound[start * HOP : (start + need) * HOP], label[start : start + need]
        times = np.arange(self.frames * HOP + 2 * features.MARGIN) * speed
        sound = np.interp(times, np.arange(len(sound)), sound).astype(np.float32)
        label = label[((np.arange(self.frames) + 0.5) * speed).astype(int)]
        sound = np.concatenate([np.zeros(features.MARGIN, np.float32), sound[: -features.MARGIN]])
        return mask(features.log_mel(self.spoil(sound)), random), label.astype(np.int64)

    def spoil(self, sound: np.ndarray) -> np.ndarray:
        """Add what microphones, rooms and codecs add."""
        random = self.random
        if random.random() < 0.4:  # a room
            length = int(random.uniform(0.05, 0.4) * 16000)
            tail = random.normal(size=length) * np.exp(-6.9 * np.arange(length) / length)
            tail *= random.uniform(0.02, 0.35) / np.sqrt((tail**2).sum() + 1e-9)
            tail[0] = 1.0
            sound = fftconvolve(sound, tail)[: len(sound)]
        if random.random() < 0.6:  # the tone of a microphone, or a telephone
            spectrum = np.fft.rfft(sound)
            hertz = np.linspace(0, 8000, len(spectrum))
            knots = np.array([0, 200, 500, 1000, 2000, 4000, 6000, 8000])
            decibel = np.interp(hertz, knots, random.normal(0, 4, len(knots)))
            if random.random() < 0.25:
                decibel = np.where(hertz > random.uniform(3300, 7000), -60, decibel)
            if random.random() < 0.25:
                decibel = np.where(hertz < random.uniform(80, 300), -40, decibel)
            sound = np.fft.irfft(spectrum * 10 ** (decibel / 20), len(sound))
        level = np.sqrt((sound**2).mean()) + 1e-5
        sound = sound + self.noise(len(sound)) * level * 10 ** (-random.uniform(5, 60) / 20)
        gain = LEVEL / (loud(sound) + 1e-5) * 10 ** (random.normal(0, 5) / 20)
        return np.clip(sound * gain, -1, 1).astype(np.float32)

    def noise(self, count: int) -> np.ndarray:
        """Make coloured noise, a hum, or babble, of unit level."""
        random = self.random
        pick = random.random()
        if pick < 0.6:
            spectrum = np.fft.rfft(random.normal(size=count))
            spectrum *= np.maximum(np.arange(len(spectrum)), 20.0) ** -random.uniform(0, 1)
            noise = np.fft.irfft(spectrum, count)
        elif pick < 0.75:
            time = np.arange(count) / 16000
            base = random.uniform(45, 400)
            noise = sum(np.sin(2 * np.pi * base * k * time + random.uniform(0, 6)) / k for k in range(1, 6))
        else:
            noise = np.zeros(count)
            corpus = next(iter(self.corpora.values()))
            for _ in range(int(random.integers(3, 7))):
                start = int(random.integers(0, len(corpus.pcm) - count))
                noise += corpus.pcm[start : start + count]
        return noise / (np.sqrt((noise**2).mean()) + 1e-9)


def loud(sound: np.ndarray) -> float:
    """Give the level that `recognise` brings to `LEVEL`."""
    return float(np.percentile(features.rms(sound, 800), 95))


def mask(mel: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Blank a band and a moment now and then (SpecAugment, Park et al. 2019)."""
    if random.random() < 0.5:
        low = int(random.integers(0, 56))
        mel[:, low : low + int(random.integers(1, 9))] = mel.mean()
    if random.random() < 0.3:
        start = int(random.integers(0, len(mel) - 12))
        mel[start : start + int(random.integers(2, 9))] = mel.mean()
    return mel
