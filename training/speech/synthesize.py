"""Speech with exact phone times: espeak-ng in many languages and voices, and flite's four American voices."""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from headroom.core.speech import espeak, ipa
from headroom.core.speech.phones import NUMBER
from headroom.core.speech.sound import Sound

SENTENCES = Path(__file__).with_name("sentences.txt")
ESPEAK_VOICES = (*(f"m{number}" for number in range(1, 9)), *(f"f{number}" for number in range(1, 6)), "klatt2")
FLITE_VOICES = ("kal16", "awb", "rms", "slt")
FLITE = {"pau": "SIL", "ax": "AH", "axr": "ER", "h#": "SIL", "ssil": "SIL", "dx": "D", "el": "L", "en": "N", "em": "M"}
RATE, HOP = 16000, 160
Spoken = tuple[np.ndarray, np.ndarray]  # int16 sound at 16 kHz, and one place in the inventory per 10 ms


class _Event(ctypes.Structure):
    """`espeak_EVENT` of speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int), ("unique", ctypes.c_uint), ("text", ctypes.c_int), ("length", ctypes.c_int),
        ("audio", ctypes.c_int), ("sample", ctypes.c_int), ("user", ctypes.c_void_p), ("string", ctypes.c_char * 8),
    )  # fmt: skip


CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))
PHONEME, PARAMETER_RATE, PARAMETER_PITCH, PARAMETER_RANGE = 7, 1, 3, 4


def sentences() -> list[tuple[str, str]]:
    """List (language, text) of our own sentences."""
    return [tuple(line.split("|", 1)) for line in SENTENCES.read_text(encoding="utf-8").splitlines()]


def to_frames(events: list[tuple[float, list[str]]], count: int) -> np.ndarray:
    """Lay phones starting at given seconds out on 10 ms frames, (count,) int8; several labels share their span."""
    frames = np.zeros(count, np.int8)
    centre = (np.arange(count) + 0.5) * HOP / RATE
    for (start, labels), (end, _) in zip(events, [*events[1:], (count * HOP / RATE, [])], strict=True):
        inside = np.flatnonzero((centre >= start) & (centre < end))
        for piece, label in zip(np.array_split(inside, max(1, len(labels))), labels, strict=False):
            frames[piece] = NUMBER[label]
    return frames


def to_16k(samples: np.ndarray, rate: int) -> np.ndarray:
    """Resample float samples to 16 kHz int16."""
    sound = np.concatenate(list(Sound.from_array(samples.astype(np.float32), rate).blocks()))
    return (np.clip(sound, -1, 1) * 32767).astype(np.int16)


def espeak_say(text: str, language: str, voice: str, rate: int, pitch: int) -> Spoken:
    """Speak with espeak-ng: `voice` is a variant such as "f2", `rate` words a minute, `pitch` 0..100."""
    chunks: list[np.ndarray] = []
    events: list[tuple[float, list[str]]] = [(0.0, [])]

    def receive(wave, count, event):
        if wave and count > 0:
            chunks.append(np.ctypeslib.as_array(wave, (count,)).copy())
        place = 0
        while event[place].type:
            if event[place].type == PHONEME:
                labels = ipa.to_phones(event[place].string.decode("utf-8", "ignore"), language)
                events.append((event[place].audio / 1000, labels))
            place += 1
        return 0

    with espeak.LOCK:
        library = espeak.choose(language)
        callback = CALLBACK(receive)
        library.espeak_SetSynthCallback(callback)
        name = espeak.ALIASES.get(language, language)
        if library.espeak_SetVoiceByName(f"{name}+{voice}".encode()) != 0:
            espeak.choose(language)
        library.espeak_SetParameter(PARAMETER_RATE, rate, 0)
        library.espeak_SetParameter(PARAMETER_PITCH, pitch, 0)
        spoken = text.encode()
        library.espeak_Synth(ctypes.c_char_p(spoken), ctypes.c_size_t(len(spoken) + 1), 0, 1, 0, 1, None, None)
        library.espeak_Synchronize()
    sound = to_16k(np.concatenate(chunks).astype(np.float32) / 32768, 22050)
    return sound, to_frames(events, len(sound) // HOP)


def flite_say(text: str, voice: str, stretch: float = 1.0) -> Spoken:
    """Speak with flite, which prints "phone:end" per segment."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        command = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch}", "-psdur", "-t", text, "-o", path]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        samples, rate = soundfile.read(path, dtype="float32")
    events, start = [], 0.0
    for item in done.stdout.split():
        name, _, end = item.rpartition(":")
        events.append((start, [FLITE.get(name, name.upper())]))
        start = float(end)
    sound = to_16k(samples, rate)
    return sound, to_frames([*events, (start, [])], len(sound) // HOP)


def espeak_corpus(texts: list[str], minutes: float, seed: int = 0) -> Iterator[tuple[str, Spoken]]:
    """Speak our sentences, with words shuffled between them, and English `texts` read by foreign voices."""
    random = np.random.default_rng(seed)
    own = sentences()
    words: dict[str, list[str]] = {}
    for language, text in own:
        words.setdefault(language, []).extend(text.split())
    languages = [language for language in words if language not in ("ja", "zh")]
    left = minutes * 60
    while left > 0:
        kind = random.random()
        if kind < 0.35:
            language, text = own[random.integers(len(own))]
        elif kind < 0.75:
            language = languages[random.integers(len(languages))]
            text = " ".join(random.choice(words[language], min(8, len(words[language])), replace=False))
        else:
            latin = [code for code in languages if code not in ("ru", "el", "hi", "ko")]
            language = latin[random.integers(len(latin))] if random.random() < 0.5 else "en"
            text = texts[random.integers(len(texts))].lower()
        voice = str(random.choice(ESPEAK_VOICES))
        spoken = espeak_say(text, language, voice, int(random.integers(110, 240)), int(random.integers(20, 80)))
        left -= len(spoken[0]) / RATE
        yield f"espeak-{voice}", spoken


def flite_corpus(texts: list[str], minutes: float, seed: int = 0) -> Iterator[tuple[str, Spoken]]:
    """Speak English texts with flite's voices at several speeds."""
    random = np.random.default_rng(seed)
    pool = [text for language, text in sentences() if language == "en"] + [text.lower() for text in texts]
    left = minutes * 60
    while left > 0:
        voice = FLITE_VOICES[random.integers(len(FLITE_VOICES))]
        spoken = flite_say(pool[random.integers(len(pool))], voice, float(random.uniform(0.75, 1.35)))
        left -= len(spoken[0]) / RATE
        yield f"flite-{voice}", spoken
