"""Speech with exact phone times: espeak-ng in many languages and voices, and flite's four American voices."""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile

from headroom.core.speech import espeak, ipa
from headroom.core.speech.phones import NUMBER
from headroom.core.speech.sound import Sound

SENTENCES = Path(__file__).with_name("sentences.txt")
ESPEAK_VOICES = (
    *(f"m{number}" for number in range(1, 9)), *(f"f{number}" for number in range(1, 6)), "klatt", "klatt2", "klatt5",
    "Alex", "Alicia", "Andrea", "Annie", "Denis", "Diogo", "Gene", "Hugo", "Jacky", "Mario", "Michael", "Nguyen",
    "adam", "anika", "antonio", "aunty", "belinda", "benjamin", "boris", "caleb", "edward", "grandma", "grandpa",
    "iven", "john", "kaukovalta", "linda", "marcelo", "max", "miguel", "norbert", "pablo", "quincy", "robert",
    "shelby", "steph", "travis", "victor", "whisper", "whisperf", "zac",
)  # fmt: skip
FLITE_VOICES = ("kal16", "awb", "rms", "slt")
UNHEARD = ("f4", "m7", "Andrea", "robert", "awb")
"""Voices of both synthesizers that are kept for judging how exactly phones are placed."""

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
SYNTHESIZED = 22050
WORD, PHONEME, PARAMETER_RATE, PARAMETER_PITCH = 1, 7, 1, 3


def sentences() -> list[tuple[str, str]]:
    """List (language, text) of our own sentences."""
    return [tuple(line.split("|", 1)) for line in SENTENCES.read_text(encoding="utf-8").splitlines()]


def invent(words: list[str], count: int, random: np.random.Generator) -> str:
    """Make up `count` words out of a language's letters, each following the last two as they do in `words`.

    They mean nothing, but the synthesizer reads them by the language's rules: sounds in ever new company.
    """
    after: dict[str, list[str]] = {}
    for word in words:
        spelled = "  " + word.strip(".,;:!?¿¡").lower() + " "
        for place in range(2, len(spelled)):
            after.setdefault(spelled[place - 2 : place], []).append(spelled[place])
    made = []
    while len(made) < count:
        word = "  "
        while len(word) < 12 and (len(word) == 2 or word[-1] != " "):
            word += random.choice(after[word[-2:]])
        if len(word.strip()) > 1:
            made.append(word.strip())
    return " ".join(made)


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


def drive(
    text: str, language: str, voice: str, rate: int, pitch: int | None, on_event: Callable[[_Event], None]
) -> np.ndarray:
    """Let espeak-ng speak at `SYNTHESIZED` samples a second, (N,) float32, and hand on what it says of the time.

    `voice` is a variant such as "f2", `rate` words a minute, `pitch` 0..100.
    """
    chunks: list[np.ndarray] = []

    def receive(wave, count, event):
        if wave and count > 0:
            chunks.append(np.ctypeslib.as_array(wave, (count,)).copy())
        place = 0
        while event[place].type:
            on_event(event[place])
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
        if pitch is not None:
            library.espeak_SetParameter(PARAMETER_PITCH, pitch, 0)
        spoken = text.encode()
        library.espeak_Synth(ctypes.c_char_p(spoken), ctypes.c_size_t(len(spoken) + 1), 0, 1, 0, 1, None, None)
        library.espeak_Synchronize()
    return np.concatenate(chunks).astype(np.float32) / 32768


def espeak_say(text: str, language: str, voice: str, rate: int, pitch: int) -> Spoken:
    """Speak with espeak-ng, with its own times of phones; as in `drive`."""
    events: list[tuple[float, list[str]]] = [(0.0, [])]

    def note(event: _Event) -> None:
        if event.type == PHONEME:
            labels = ipa.to_phones(event.string.decode("utf-8", "ignore"), language)
            events.append((event.audio / 1000, labels))

    sound = to_16k(drive(text, language, voice, rate, pitch, note), SYNTHESIZED)
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


def espeak_corpus(
    texts: list[str], minutes: float, seed: int = 0, unheard: bool = False
) -> Iterator[tuple[str, Spoken]]:
    """Speak our sentences, words shuffled between them, words made up, and English `texts` read by foreign voices.

    `unheard` takes the voices that are kept for judging instead of all others.
    """
    random = np.random.default_rng(seed)
    own = sentences()
    words: dict[str, list[str]] = {}
    for language, text in own:
        words.setdefault(language, []).extend(list(text) if language == "zh" else text.split())
    languages, weights = list(words), np.array([len(found) ** 0.5 for found in words.values()])
    latin = [
        code
        for code in languages
        if code not in ("ru", "el", "hi", "ko", "uk", "bg", "ar", "fa", "bn", "ta", "ja", "zh")
    ]
    voices = [voice for voice in ESPEAK_VOICES if (voice in UNHEARD) == unheard]
    left = minutes * 60
    while left > 0:
        kind = random.random()
        language = str(random.choice(languages, p=weights / weights.sum()))
        if kind < 0.2:
            language, text = own[random.integers(len(own))]
        elif kind < 0.4 or language in ("zh", "ja"):
            text = " ".join(random.choice(words[language], min(9, len(words[language])), replace=False))
        elif kind < 0.8:
            text = invent(words[language], int(random.integers(3, 10)), random)
        else:
            language = latin[random.integers(len(latin))] if random.random() < 0.5 else "en"
            text = texts[random.integers(len(texts))].lower()
        voice = str(random.choice(voices))
        spoken = espeak_say(text, language, voice, int(random.integers(100, 280)), int(random.integers(10, 95)))
        left -= len(spoken[0]) / RATE
        yield f"espeak-{voice}-{language}", spoken


def flite_corpus(
    texts: list[str], minutes: float, seed: int = 0, unheard: bool = False
) -> Iterator[tuple[str, Spoken]]:
    """Speak English texts, and made-up words, with flite's voices at several speeds; `unheard` as above."""
    random = np.random.default_rng(seed)
    pool = [text for language, text in sentences() if language == "en"] + [text.lower() for text in texts]
    words = " ".join(pool).split()
    voices = [voice for voice in FLITE_VOICES if (voice in UNHEARD) == unheard]
    left = minutes * 60
    while left > 0:
        voice = voices[random.integers(len(voices))]
        text = pool[random.integers(len(pool))] if random.random() < 0.6 else invent(words, 6, random)
        spoken = flite_say(text, voice, float(random.uniform(0.7, 1.4)))
        left -= len(spoken[0]) / RATE
        yield f"flite-{voice}", spoken
