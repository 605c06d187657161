"""The ways to lip-sync that are judged: Headroom, Rhubarb, the articulatory teacher, and loudness alone.

Each takes a recording and gives controls at 60 frames a second; what was said it may only read from the sound, and
from the text where its name says so.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from headroom.benchmarks.peers import rhubarb
from headroom.core.performance import Performance
from headroom.core.speech import lips, recognise
from headroom.core.speech.lips import COLUMN, CONTROLS, FPS, SIDES
from headroom.core.speech.lips_net.net import LipsNet
from headroom.core.speech.lipsync import LipsyncOptions, lipsync
from headroom.core.speech.phones import Phones
from headroom.core.speech.phones_net.net import PhoneNet
from headroom.core.speech.recognise import LEVEL, loudness_of
from headroom.core.speech.sound import RATE, Sound

from . import train_lips, train_phones
from .mouth_shapes import curves
from .recordings import Recording
from .teacher import articulate

GATE = 6.0
"""Decibels below loud speech at which a mouth that knows loudness alone is shut: so it closes nine of ten p b m.
Between 6 and 25 its correlation with tracked lips hardly changes."""

GATE_JAW = 0.34
GATE_WINDOW = 5  # frames of 10 ms


@dataclass(frozen=True)
class Said:
    """What a way made of a recording: controls (F, C) at 60 frames a second, its phones where it has any, and the
    processor's seconds that it took."""

    controls: np.ndarray
    phones: Phones | None
    seconds: float


Way = Callable[[Recording], Said]


def controls_of(performance: Performance) -> np.ndarray:
    """Give the controls (F, C) behind a performance, whose left and right move alike."""
    names = [f"{name}Left" if name in SIDES else name for name in CONTROLS]
    return np.stack([performance.channel(name) for name in names], axis=1)


def sound_of(recording: Recording) -> Sound:
    """Hand a recording to the core."""
    return Sound.from_array(recording.sound, RATE)


@dataclass
class Headroom:
    """The whole chain as shipped, or with other networks in place of the shipped ones.

    `folds` maps a person to a lips network that was trained without them.
    """

    phones: PhoneNet | None = None
    lips: LipsNet | None = None
    folds: dict[str, LipsNet] = field(default_factory=dict)

    def __call__(self, recording: Recording, text: bool = False) -> Said:
        """Lip-sync a recording, told its text or not."""
        options = LipsyncOptions(transcript=recording.text if text else "", language=recording.language)
        with self.networks(recording.speaker):
            begin = time.process_time()
            result = lipsync(sound_of(recording), options)
            seconds = time.process_time() - begin
        return Said(controls_of(result.performance), result.phones, seconds)

    def with_text(self, recording: Recording) -> Said:
        """Lip-sync a recording whose text is known."""
        return self(recording, text=True)

    def teacher(self, recording: Recording) -> Said:
        """Let the articulatory teacher move the mouth to the phones that are heard."""
        with self.networks(recording.speaker):
            begin = time.process_time()
            heard = recognise.listen(sound_of(recording))
            phones = recognise.recognise(heard)
            controls = articulate(phones, round(len(heard.loudness) / 100 * FPS), FPS)
        return Said(controls, phones, time.process_time() - begin)

    @contextmanager
    def networks(self, speaker: str) -> Iterator[None]:
        """Put networks in place of those that the core loads."""
        shipped = recognise.network, lips.network
        phones, moving = self.phones, self.folds.get(speaker, self.lips)
        if phones is not None:
            recognise.network = lambda: phones  # type: ignore[assignment]
        if moving is not None:
            lips.network = lambda: moving  # type: ignore[assignment]
        try:
            yield
        finally:
            recognise.network, lips.network = shipped


def headroom(work: Path, phones: Path | None = None, moving: Path | None = None) -> Headroom:
    """Prepare the chain with the fold networks that `train_lips --cross` left, and checkpoints where they are given."""

    def filled(path: Path) -> LipsNet:
        network = LipsNet(**train_lips.CONFIG)
        network.load_state_dict(torch.load(path, weights_only=True))
        return network.eval().requires_grad_(False)

    chain = Headroom(
        train_phones.restore(phones).requires_grad_(False) if phones else None,
        filled(moving) if moving else None,
    )
    for number, people in enumerate(train_lips.FOLDS):
        path = work / f"lips_fold_{number}.pt"
        if path.exists():
            chain.folds |= dict.fromkeys(people, filled(path))
    return chain


def loudness(recording: Recording) -> Said:
    """Open the jaw with loudness: shut `GATE` dB below loud speech, wide open at it."""
    begin = time.process_time()
    level = np.convolve(loudness_of(sound_of(recording)), np.hanning(GATE_WINDOW + 2)[1:-1] / 3, mode="same")
    count = round(len(level) / 100 * FPS)
    decibel = np.interp(np.arange(count) / FPS * 100 - 0.5, np.arange(len(level)), 20 * np.log10(level / LEVEL + 1e-6))
    controls = np.zeros((count, len(CONTROLS)), np.float32)
    controls[:, COLUMN["jawOpen"]] = GATE_JAW * np.clip(1 + decibel / GATE, 0, 1)
    return Said(controls, None, time.process_time() - begin)


class Rhubarb:
    """Rhubarb's word recogniser; what it heard is kept in the work folder, by the sound."""

    def __init__(self, work: Path, peers: Path) -> None:
        """Install it. Raises `RuntimeError` where that cannot be done."""
        missing = rhubarb.install(peers)
        if missing:
            raise RuntimeError(missing)
        self.kept, self.peers = work / "rhubarb", peers
        self.kept.mkdir(exist_ok=True)

    def __call__(self, recording: Recording, text: bool = False) -> Said:
        """Turn its cues into curves."""
        cues, seconds = self.hear(recording, recording.text if text else "")
        return Said(curves(cues, round(recording.duration * FPS)), None, seconds)

    def with_text(self, recording: Recording) -> Said:
        """The same, with the text as its dialog."""
        return self(recording, text=True)

    def hear(self, recording: Recording, text: str) -> tuple[list[tuple[float, float, str]], float]:
        """Give its cues and the seconds that it took, when it was asked the first time."""
        pcm = (np.clip(recording.sound, -1, 1) * 32767).astype("<i2").tobytes()
        path = self.kept / f"{hashlib.sha256(pcm + text.encode()).hexdigest()[:24]}.json"
        if not path.exists():
            with tempfile.TemporaryDirectory() as folder:
                samples, dialog = Path(folder) / "said.pcm", Path(folder) / "said.txt"
                samples.write_bytes(pcm)
                dialog.write_text(text, encoding="utf-8")
                heard = rhubarb.hear(samples, self.peers, dialog if text else None)
            path.write_text(json.dumps({"cues": heard.cues, "seconds": heard.work_cpu}))
        found = json.loads(path.read_text())
        return [(start, end, shape) for start, end, shape in found["cues"]], found["seconds"]

    def prepare(self, asked: list[tuple[Recording, str]], workers: int = 2) -> None:
        """Let it hear recordings, each with its text or "", side by side."""
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(lambda each: self.hear(*each), asked))
