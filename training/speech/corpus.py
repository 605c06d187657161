"""Prepared speech as training batches: crops of many voices, faster and slower, of larger and smaller people."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from headroom.core.speech import features

from .laugh import laugh
from .spoil import Spoiler

HOP = features.HOP
SHARES = {"speechocean": 0.36, "librispeech": 0.28, "espeak": 0.24, "flite": 0.12}
LAUGHTER = 0.03
"""How many examples begin with laughter."""

UNKNOWN = -1
"""A label that says nothing; training passes over such frames."""

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

    def __init__(self, work: Path, size: int = 16, frames: int = 400, seed: int = 0, clean: float = 0.0) -> None:
        """Read every corpus of the work folder."""
        self.size, self.frames, self.random = size, frames, np.random.default_rng(seed)
        paths = {kind: (work / f"{kind}-realigned.npz", work / f"{kind}.npz") for kind in SHARES}
        found = {kind: next((path for path in both if path.exists()), None) for kind, both in paths.items()}
        self.corpora = {kind: Corpus.load(path) for kind, path in found.items() if path is not None}
        self.places = {kind: split(corpus, kind)[0] for kind, corpus in self.corpora.items()}
        self.shares = np.array([SHARES[kind] for kind in self.corpora])
        self.shares /= self.shares.sum()
        self.spoiler = Spoiler(self.random, [corpus.pcm for corpus in self.corpora.values()], clean)

    def __iter__(self):
        while True:
            crops = [self.crop() for _ in range(self.size)]
            yield np.stack([mel for mel, _ in crops]), np.stack([label for _, label in crops])

    def crop(self) -> tuple[np.ndarray, np.ndarray]:
        """Make one training example: utterances in a row with pauses, cut to length, then varied and spoilt."""
        random = self.random
        kind = list(self.corpora)[random.choice(len(self.shares), p=self.shares)]
        corpus, places = self.corpora[kind], self.places[kind]
        place = pace(self.frames, random)  # where in the utterance, in frames, each 10 ms of the example is taken
        need = int(place[-1]) + 8
        sound, label = corpus.utterance(places[random.integers(len(places))])
        if random.random() < LAUGHTER:
            sound, label = laugh(random)
        while len(label) < need:
            more, labels = corpus.utterance(places[random.integers(len(places))])
            gap = int(random.integers(0, 60))
            level = np.exp(random.normal(0, 0.3))
            sound = np.concatenate([sound, np.zeros(gap * HOP, np.float32), more * level])
            label = np.concatenate([label, np.zeros(gap, label.dtype), labels])
        start = int(random.integers(0, len(label) - need + 1))
        if random.random() < 0.05:  # a room where nobody speaks
            sound, label = self.spoiler.noise(len(sound), speech=False), np.zeros_like(label)
        sound, label = sound[start * HOP : (start + need) * HOP], label[start : start + need]
        count = self.frames * HOP + 2 * features.MARGIN
        times = np.interp((np.arange(count) - features.MARGIN) / HOP, np.arange(self.frames + 1), place) * HOP
        sound = np.interp(times, np.arange(len(sound)), sound).astype(np.float32)
        label = label[(0.5 * (place[1:] + place[:-1])).astype(int)]
        # a recording played faster has a higher voice and a smaller head; the filters vary the head on their own
        warp = round(float(np.clip(np.exp(random.normal(0, 0.07)), 0.86, 1.05)), 2)
        mel = features.log_mel(self.spoiler(sound), warp)
        return mask(mel, random), label.astype(np.int64)


def pace(frames: int, random: np.random.Generator) -> np.ndarray:
    """Draw how fast an utterance is gone through: places in it at the edges of `frames` frames, (frames + 1,).

    Speed wanders around a speed of the example's own; now and then it nearly stands, as vowels in a song do.
    """
    knots = random.normal(0, 0.12, frames // 40 + 2)
    if random.random() < 0.08:
        knots -= random.uniform(0.3, 1.0) * (random.random(len(knots)) < 0.4)
    slow = np.interp(np.arange(frames), np.arange(len(knots)) * 40, knots)
    speed = np.clip(np.exp(random.normal(0, 0.13) + slow), 0.3, 1.8)
    return np.r_[0.0, np.cumsum(speed)]


def mask(mel: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Blank a band and a moment now and then (SpecAugment, Park et al. 2019)."""
    if random.random() < 0.5:
        low = int(random.integers(0, 56))
        mel[:, low : low + int(random.integers(1, 9))] = mel.mean()
    if random.random() < 0.3:
        start = int(random.integers(0, len(mel) - 12))
        mel[start : start + int(random.integers(2, 9))] = mel.mean()
    return mel
