"""Hear phones in a sound: a first pass measures the level, a second one scores every 10 ms, a path is chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from .. import weights
from ..progress import Progress, silent
from . import features
from .phones import BILABIAL, INVENTORY, NUMBER, Phones, from_frames
from .sound import Sound

if TYPE_CHECKING:
    from .phones_net.net import PhoneNet

LEVEL = 0.1
"""The root mean square (of 50 ms) that loud speech is brought to before it is listened to."""

QUIET = 1e-4  # below this level (-80 dBFS) a sound counts as digital silence and is not blown up
CHUNK = 1600  # frames scored at a time: 16 s
SWITCH = 2.0
"""What it costs, in nats, to go from one phone to another; tuned on held-out speakers (training/LOG-speech.md)."""

FAVOUR = 1.0
"""What p, b and m are favoured by, in nats: lips that miss a contact are what an eye sees first."""


@dataclass(frozen=True)
class Heard:
    """What the phone network says: `scores` (T, 44) float16 log-probabilities and `loudness` (T,) float32, both at
    100 frames a second. Loudness is a root mean square with loud speech at `LEVEL`."""

    scores: np.ndarray
    loudness: np.ndarray


@cache
def network() -> PhoneNet:
    """Load the phone network once. Raises `WeightsError`."""
    from .phones_net.net import PhoneNet

    stored = weights.load("phones")
    return stored.fill(PhoneNet(**stored.config))


def listen(sound: Sound, progress: Progress = silent) -> Heard:
    """Score the phones of a sound, piece by piece: memory grows by 100 bytes a frame, whatever the length.

    Raises `InputError` when the sound breaks off, `WeightsError` when the network cannot be loaded.
    """
    stage = "Listening"
    loudness = _loudness(sound, lambda done: progress(0.15 * done, stage))
    gain = level_gain(loudness)
    from .phones_net.net import infer

    net = network()
    total = len(loudness)
    scores = np.empty((total, len(INVENTORY)), np.float16)
    for start, mel in _mel_chunks(sound, gain, total, net.reach):
        end = min(total, start + CHUNK)
        scores[start:end] = infer(net, mel).numpy()[net.reach : net.reach + end - start]
        progress(0.15 + 0.85 * end / total, stage)
    return Heard(scores, loudness * gain)


def loudness_of(sound: Sound, progress: Progress = silent) -> np.ndarray:
    """Measure a sound without listening for phones: `Heard.loudness`, (T,). Raises `InputError` as `listen` does."""
    loudness = _loudness(sound, lambda done: progress(done, "Listening"))
    return loudness * level_gain(loudness)


def level_gain(loudness: np.ndarray) -> float:
    """Give the factor that brings loud speech to `LEVEL`; 1 for silence. `loudness` is (T,) per 10 ms."""
    count = len(loudness) // 5
    if count == 0:
        return 1.0
    level = float(np.percentile(np.sqrt((loudness[: count * 5].reshape(count, 5) ** 2).mean(axis=1)), 95))
    return LEVEL / level if level > QUIET else 1.0


def _loudness(sound: Sound, progress: Callable[[float], None]) -> np.ndarray:
    """Measure every 10 ms, (T,) float32; a last part of a frame counts as one."""
    parts, rest, seen = [], np.zeros(0, np.float32), 0
    expected = max(1.0, sound.duration * features.RATE)
    for block in sound.blocks():
        rest = np.concatenate([rest, block])
        whole = len(rest) // features.HOP * features.HOP
        parts.append(features.rms(rest[:whole]))
        rest, seen = rest[whole:], seen + len(block)
        progress(min(1.0, seen / expected))
    if len(rest):
        parts.append(features.rms(np.pad(rest, (0, features.HOP - len(rest)))))
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def _mel_chunks(sound: Sound, gain: float, total: int, reach: int) -> Iterator[tuple[int, np.ndarray]]:
    """Give (first frame, features with `reach` frames of context on both sides) for every `CHUNK` frames."""
    hop = features.HOP
    lead = reach * hop + features.MARGIN
    need = (CHUNK + 2 * reach) * hop + 2 * features.MARGIN
    buffer, start = [np.zeros(lead, np.float32)], 0
    held = lead
    for block in sound.blocks():
        buffer.append(np.clip(block * np.float32(gain), -1, 1))
        held += len(block)
        if held < need:
            continue
        samples, place = np.concatenate(buffer), 0
        while held - place >= need:
            yield start, features.log_mel(samples[place : place + need])
            place, start = place + CHUNK * hop, start + CHUNK
        buffer, held = [samples[place:]], held - place
    samples = np.concatenate(buffer)
    while start < total:
        frames = min(CHUNK, total - start)
        frames += frames % 2  # the network works on pairs
        size = (frames + 2 * reach) * hop + 2 * features.MARGIN
        yield start, features.log_mel(np.pad(samples, (0, max(0, size - len(samples))))[:size])
        samples, start = samples[CHUNK * hop :], start + CHUNK


def best_path(
    scores: np.ndarray, switch: float = SWITCH, favour: np.ndarray | float = 0.0, progress: Progress = silent
) -> np.ndarray:
    """Choose the likeliest phone of every frame, (T, K) log-probabilities -> (T,), paying `switch` for each change.

    `favour` (K,) is added to every frame's scores.
    """
    total, labels = scores.shape
    stayed = np.zeros((total, labels), bool)
    source = np.zeros(total, np.int16)
    value = np.zeros(labels, np.float32)
    for t in range(total):
        if t % 4096 == 0:
            progress(t / total, "Reading phones")
            part = scores[t : t + 4096].astype(np.float32) + favour
        best = int(value.argmax())
        source[t] = best
        entered = value[best] - switch
        np.greater_equal(value, entered, out=stayed[t])
        value = np.maximum(value, entered)
        value += part[t % 4096]
        value -= value.max()
    path = np.zeros(total, np.int16)
    state = int(value.argmax()) if total else 0
    for t in range(total - 1, -1, -1):
        path[t] = state
        if not stayed[t, state]:
            state = int(source[t])
    return path


def hear_frames(heard: Heard, progress: Progress = silent) -> np.ndarray:
    """Choose the likeliest phone of every frame, (T,) places in `INVENTORY`; p, b and m are favoured."""
    favour = np.zeros(len(INVENTORY), np.float32)
    favour[[NUMBER[label] for label in BILABIAL]] = FAVOUR
    return best_path(heard.scores, favour=favour, progress=progress)


def recognise(heard: Heard, progress: Progress = silent) -> Phones:
    """Turn scores into phones that follow one another without gaps, silence included."""
    path = hear_frames(heard, progress)
    confidence = np.exp(heard.scores[np.arange(len(path)), path].astype(np.float32))
    return from_frames(path, features.FRAME_RATE, confidence)
