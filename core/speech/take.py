"""A take: what a head speaks and how that was heard, kept on the head so that its phones can be edited later."""

from __future__ import annotations

import base64
import dataclasses
import io
import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError
from ..formats import npz
from .features import FRAME_RATE
from .lipsync import LipsyncOptions
from .phones import INVENTORY, SILENCE, Phones, Word
from .recognise import Heard

VERSION = 1
FINE = 24
"""Steps per nat of the likeliest scores; they grow with the distance, so that no posterior is off by more than 2 %."""

LARGEST = 256 << 20  # bytes unpacked: more than four hours of speech
SMOOTHED = 4  # standard deviations that a Gaussian is cut off at
LATEST = 10_000_000  # scene frame: ten times what Blender shows
DAMAGED = "the phones that are stored on this head are damaged; press Lip Sync again"
BROKEN = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError, MemoryError, InputError)
"""What NumPy, json and our own checks raise for what is not a take."""


@dataclass(frozen=True)
class Clock:
    """Scene frames and seconds of a sound: second 0 is heard at frame `start`, `fps` frames pass in a second."""

    start: float
    fps: float

    def frame(self, seconds: float) -> int:
        """Give the whole frame that is nearest to a time."""
        return math.floor(self.start + seconds * self.fps + 0.5)

    def seconds(self, frame: float) -> float:
        """Give the time of a frame."""
        return (frame - self.start) / self.fps


@dataclass(frozen=True)
class Take:
    """What a head speaks: `phones` without gaps, how they were `heard`, and the `options` that move the mouth.

    The sound begins at scene frame `start` in a scene of `options.fps`; `sound` is the path of its file.
    """

    phones: Phones
    heard: Heard
    options: LipsyncOptions
    start: float = 1.0
    sound: str = ""

    @property
    def clock(self) -> Clock:
        """Scene frames for seconds and back."""
        return Clock(self.start, self.options.fps)

    @property
    def duration(self) -> float:
        """Seconds of sound."""
        return len(self.heard.loudness) / FRAME_RATE

    def frames(self, spans: tuple[tuple[float, float], ...]) -> list[tuple[int, int]]:
        """Give the scene frames, first and last, at which a mouth moves differently after edits of these `spans`.

        Smoothing widens them and a lead moves them; one frame more on either side, as slow rates look that far.
        """
        wide, last = SMOOTHED * self.options.smoothing, self.clock.frame(self.duration)
        found: list[tuple[int, int]] = []
        for low, high in spans:
            first = max(math.ceil(self.start), self.clock.frame(low - wide - self.options.lead) - 1)
            final = min(last, self.clock.frame(high + wide - self.options.lead) + 1)
            if found and first <= found[-1][1]:
                found[-1] = (found[-1][0], final)
            elif first <= final:
                found.append((first, final))
        return found

    def pack(self) -> str:
        """Give it as text for a custom property: about 200 kB for a minute of speech."""
        arrays: dict[str, np.ndarray] = {
            "label": self.phones.numbers().astype(np.uint8), "start": self.phones.start, "end": self.phones.end,
            "confidence": self.phones.confidence.astype(np.float32),
        }  # fmt: skip
        plainly: dict[str, Any] = {}
        for field in dataclasses.fields(Heard):
            value = getattr(self.heard, field.name)
            if isinstance(value, np.ndarray):
                arrays[f"heard.{field.name}"] = _small(field.name, value)
            else:
                plainly[field.name] = value
        about = {
            "version": VERSION, "start": self.start, "sound": self.sound, "heard": plainly,
            "options": dataclasses.asdict(self.options),
            "words": [[word.text, word.start, word.end] for word in self.phones.words],
        }  # fmt: skip
        arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
        file = io.BytesIO()
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
        return base64.b64encode(file.getvalue()).decode()


def unpack(text: str) -> Take:
    """Read what `Take.pack` gave. Raises `InputError`, one line, for anything else; nothing in it is run."""
    try:
        return _unpack(text)
    except BROKEN as error:
        raise InputError(DAMAGED) from error


def filled(phones: Phones, duration: float) -> Phones:
    """Let phones follow one another from 0 to `duration` seconds: silence takes every gap of a millisecond or more."""
    label: list[str] = []
    start: list[float] = []
    confidence: list[float] = []
    at = 0.0
    for name, low, high, sure in zip(phones.label, phones.start, phones.end, phones.confidence, strict=True):
        if low - at > 1e-3:
            label, start, confidence = [*label, SILENCE], [*start, at], [*confidence, 1.0]
            at = float(low)
        label, start, confidence = [*label, name], [*start, at], [*confidence, float(sure)]
        at = max(at, float(high))
    if duration - at > 1e-3 or not label:
        label, start, confidence = [*label, SILENCE], [*start, at], [*confidence, 1.0]
        at = max(at, duration)
    edges = np.array([*start, at])
    return Phones(tuple(label), edges[:-1], edges[1:], np.array(confidence), phones.words)


def _small(name: str, value: np.ndarray) -> np.ndarray:
    """Give an array in few bytes: scores as steps from frame to frame, other numbers with eleven bits."""
    if name == "scores":
        steps = np.round(FINE * np.log1p(-np.minimum(value.astype(np.float32), 0))).clip(0, 255).astype(np.uint8)
        return np.diff(steps, axis=0, prepend=np.zeros_like(steps[:1]))  # bytes wrap around, and back
    return value.astype(np.float16) if value.dtype.kind == "f" else value


def _scores(stored: np.ndarray) -> np.ndarray:
    """Undo `_small` for scores."""
    if stored.dtype != np.uint8:
        raise ValueError("scores of another kind")
    steps = np.cumsum(stored, axis=0, dtype=np.uint8)
    return -np.expm1(steps.astype(np.float32) / FINE).clip(0, 100)


def _unpack(text: str) -> Take:
    data = base64.b64decode(text, validate=True)
    arrays = npz.arrays(io.BytesIO(data), LARGEST)
    about = json.loads(arrays.pop("about").tobytes())
    if about["version"] != VERSION:
        raise ValueError("of another version")
    words = tuple(Word(str(text), float(start), float(end)) for text, start, end in about["words"])
    if not all(0 <= word.start <= word.end < math.inf for word in words):
        raise ValueError("words at no time")
    label = tuple(INVENTORY[number] for number in arrays["label"].tolist())
    start, end, confidence = (arrays[name].astype(np.float64) for name in ("start", "end", "confidence"))
    take = Take(
        Phones(label, start, end, np.clip(confidence, 0.0, 1.0), words), _heard(arrays, dict(about["heard"])),
        _options(about["options"]), float(about["start"]), str(about["sound"]),
    )  # fmt: skip
    if not abs(take.start) <= LATEST or not label or not np.isfinite(confidence).all() or start[0] > 1e-9:
        raise ValueError("phones at no time")
    if np.abs(start[1:] - end[:-1]).max(initial=0.0) > 1e-6 or end[-1] > take.duration + 1.0:
        raise ValueError("phones with gaps")
    return take


def _heard(arrays: dict[str, np.ndarray], plainly: dict[str, Any]) -> Heard:
    """Build what was heard, whatever fields it has: one value for each 10 ms in every array."""
    fields: dict[str, Any] = {}
    for field in dataclasses.fields(Heard):
        array = arrays.get(f"heard.{field.name}")
        if array is None:
            if field.name in plainly:
                fields[field.name] = plainly[field.name]
            continue  # a field of its own default, which an earlier version did not know
        if field.name == "scores":
            array = _scores(array)
        elif array.dtype == np.float16:
            array = array.astype(np.float32)
        fields[field.name] = array
    heard = Heard(**fields)
    count = len(heard.loudness)
    for name, value in fields.items():
        if isinstance(value, np.ndarray) and (value.ndim == 0 or len(value) != count or value.dtype.kind not in "fiub"):
            raise ValueError(f"{name} has another length")
    if heard.scores.shape != (count, len(INVENTORY)) or heard.loudness.ndim != 1 or not count:
        raise ValueError("scores of other phones")
    if not np.isfinite(heard.loudness).all():
        raise ValueError("loudness is no number")
    return heard


def _options(stored: Any) -> LipsyncOptions:
    """Build options out of what is known of them, each of its own kind; the rest keeps its default."""
    if not isinstance(stored, dict):
        raise ValueError("options are no table")
    known = {}
    for field in dataclasses.fields(LipsyncOptions):
        if field.name in stored:
            kind, value = type(field.default), stored[field.name]
            if kind is float and isinstance(value, int):
                value = float(value)
            if field.default is not None and not isinstance(value, kind):
                raise ValueError(f"{field.name} is of another kind")
            known[field.name] = value
    return LipsyncOptions(**known)
