"""Lip sync: one function from a sound to a performance of the mouth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..options import check, option
from ..performance import Performance
from ..progress import Progress, part, silent
from . import contacts, dictionary, features, lips, visemes
from .align import align
from .captions import Caption, spell_captions
from .phones import INVENTORY, SILENCE, Phones
from .rate import at_rate
from .recognise import Heard, listen, loudness_of, recognise
from .shaping import STYLES, articulation, axis
from .sound import Sound
from .transcript import Spelled, spell

JAW = ("jawOpen", "jawForward", "mouthClose")
SILENT = "nothing is said in this sound; the mouth stays still"
NO_FIT = "the transcript does not fit the sound and was left out; check its text and --language"
TOO_LATE = "phones after the end of the sound were left out; do they belong to this sound?"
NAMED = 8  # words that a warning lists
TARGETS = ("auto", "arkit", "oculus", "vrm", "rhubarb", "preston_blair", "microsoft", "metahuman")
"""What can be moved: ARKit's shapes (MetaHuman's Live Link takes those), or a set of visemes. "auto" is what the head
answers to, ARKit's shapes where nobody asks it."""


@dataclass(frozen=True)
class LipsyncOptions:
    """How to lip-sync a sound."""

    transcript: str = option("", "What is said; leave it out to let the sound speak for itself")
    language: str = option("en", "Language of the transcript as a code such as en, de, fr, ja or zh")
    dictionary: str = option("", "File with pronunciations of the transcript's words, as CMUdict has them or in IPA")
    visemes: str = option(
        "auto", "What moves: ARKit's shapes or a set of visemes; auto is what the head has", choices=TARGETS
    )
    fps: float = option(60.0, "Frames per second of the result", low=1, high=240, unit="frames per second")
    strength: float = option(1.0, "How far everything moves", low=0, high=2)
    jaw: float = option(1.0, "How far the jaw opens", low=0, high=2)
    lips: float = option(1.0, "How far the lips round, spread and part", low=0, high=2)
    tongue: float = option(1.0, "How far the tongue moves", low=0, high=2)
    articulation: str = option("neutral", "Way of speaking; it scales the other settings", choices=tuple(STYLES))
    dynamics: float = option(1.0, "How much wider louder speech opens the mouth", low=0, high=3)
    closure: float = option(1.0, "How firmly the lips meet in p, b and m; below 1 they stay apart", low=0, high=2)
    teeth: float = option(1.0, "How far the lower lip goes to the teeth in f and v", low=0, high=2)
    vowels: float = option(1.0, "How far open vowels open", low=0, high=2)
    rounding: float = option(1.0, "How far w, oo, o, r and sh round the lips", low=0, high=2)
    spreading: float = option(1.0, "How far ee, eh and s spread the lips", low=0, high=2)
    consonants: float = option(1.0, "How far other consonants open", low=0, high=2)
    smoothing: float = option(0.0, "Softens fast motion; contacts of the lips stay", low=0, high=0.2, unit="seconds")
    lead: float = option(0.0, "Moves the mouth this much ahead of the sound", low=-0.5, high=0.5, unit="seconds")

    def __post_init__(self) -> None:
        """Refuse what is out of range."""
        check(self)


@dataclass(frozen=True)
class LipsyncResult:
    """The mouth's motion on layer "lips", the phones it follows, what the user should know, and what was heard: with
    that the mouth can be moved again to phones that were edited."""

    performance: Performance
    phones: Phones
    warnings: tuple[str, ...]
    heard: Heard


def lipsync(
    sound: Sound,
    options: LipsyncOptions,
    progress: Progress = silent,
    given: Phones | tuple[Caption, ...] | None = None,
    gain: float | None = None,
) -> LipsyncResult:
    """Make a mouth say a sound: hear its phones (or place a transcript's), and move lips, jaw and tongue to them.

    `given` is what is known already (see `core.formats.phone_files`): phones are followed as they are, captions are
    placed within their times; both win over the transcript. `gain` brings loud speech to `recognise.LEVEL`; without
    one the sound is measured. Silence is no error: the mouth is still and a warning says so. Raises `InputError` for
    a sound that breaks off, an unknown language or a bad dictionary, `WeightsError` for damaged model files, and lets
    pass what `progress` raises.
    """
    progress(0.0, "Listening")
    if isinstance(given, Phones):
        loudness = loudness_of(sound, part(progress, 0.0, 0.8), gain)
        heard = Heard(np.zeros((len(loudness), len(INVENTORY)), np.float32), loudness)  # nobody asked what it heard
        phones, warnings = _cut(given, len(loudness) / features.FRAME_RATE)
        phones = replace(phones, confidence=np.ones(len(phones.label)))
    else:
        words, windows = _text(options, given)
        heard = listen(sound, part(progress, 0.0, 0.7), gain)
        phones, warnings = _placed(heard, words, windows, part(progress, 0.7, 0.8))
    if phones.silent:
        warnings.insert(0, SILENT)
    performance = solve(phones, heard, options, part(progress, 0.8, 1.0))
    progress(1.0, "Done")
    return LipsyncResult(performance, phones, tuple(warnings), heard)


def _text(options: LipsyncOptions, given: tuple[Caption, ...] | None) -> tuple[list[Spelled], np.ndarray | None]:
    """Spell what is said, with the seconds between which each word is where they are known."""
    known = dictionary.read(Path(options.dictionary)) if options.dictionary else None
    if given is not None:
        return spell_captions(given, options.language, known)
    if not options.transcript.strip():
        return [], None
    return spell(options.transcript, options.language, known), None


def _placed(
    heard: Heard, words: list[Spelled], windows: np.ndarray | None, progress: Progress
) -> tuple[Phones, list[str]]:
    """Place the words that are heard, or recognise phones where there is no text that fits; gives warnings too."""
    if not words:
        return recognise(heard, progress), []
    placed = align(heard, words, progress, windows)
    if placed is None:
        return recognise(heard), [NO_FIT]
    missing = [words[place].text for place in placed.missing]
    if not missing:
        return placed.phones, []
    count = f"{len(missing)} word{'s' if len(missing) > 1 else ''} of the transcript"
    listed = ", ".join(missing[:NAMED]) + (", …" if len(missing) > NAMED else "")
    return placed.phones, [f"{count} {'were' if len(missing) > 1 else 'was'} not heard: {listed}"]


def _cut(phones: Phones, duration: float) -> tuple[Phones, list[str]]:
    """End phones where the sound ends, and say so where some are said after it."""
    inside = phones.start < duration
    if inside.all() and (phones.end <= duration).all():
        return phones, []
    late = sum(label != SILENCE for label, kept in zip(phones.label, inside, strict=True) if not kept)
    label = tuple(label for label, kept in zip(phones.label, inside, strict=True) if kept)
    words = tuple(replace(word, end=min(word.end, duration)) for word in phones.words if word.start < duration)
    kept = Phones(
        label, phones.start[inside], np.minimum(phones.end[inside], duration), phones.confidence[inside], words
    )
    return kept, [TOO_LATE] * (late > 0)


def solve(phones: Phones, heard: Heard, options: LipsyncOptions, progress: Progress = silent) -> Performance:
    """Move the mouth to phones, the recogniser's or an artist's, said in the sound that was `heard`.

    The channels are ARKit's and the tongue's, or the visemes that the options name.
    """
    kind = visemes.set_of(options.visemes)
    if kind is not None:
        return visemes.solve(phones, heard.loudness, kind, options, progress)
    moved = lips.move(phones, heard, progress, articulation(options))
    return at_rate(amplify(lead(smooth(moved, options.smoothing, phones), options.lead), options), options.fps)


def smooth(performance: Performance, seconds: float, phones: Phones) -> Performance:
    """Blur every channel with a Gaussian of this width, but let the lips touch as before."""
    if seconds * performance.fps < 0.25:
        return performance
    from scipy.ndimage import gaussian_filter1d

    blurred = gaussian_filter1d(performance.values, seconds * performance.fps, axis=0, mode="nearest")
    time = np.arange(performance.frame_count) / performance.fps
    contact = contacts.amounts(contacts.find(phones, contacts.EARLY), time).sum(axis=1, keepdims=True)
    moving = (performance.values > 1e-7).any(axis=1, keepdims=True)  # no rounding of the rest gate decides it
    values = np.where(moving, blurred * (1 - contact) + performance.values * contact, 0)
    return replace(performance, values=_corrective(values.astype(np.float32), performance.channels))


def lead(performance: Performance, seconds: float) -> Performance:
    """Move everything this much earlier (later when negative), to the nearest sixtieth; rest fills the gap."""
    frames = round(seconds * performance.fps)
    if frames == 0:
        return performance
    values = np.zeros_like(performance.values)
    if frames > 0:
        values[: len(values) - frames] = performance.values[frames:]
    else:
        values[-frames:] = performance.values[:frames]
    return replace(performance, values=values)


def amplify(performance: Performance, options: LipsyncOptions) -> Performance:
    """Scale jaw, lips and tongue; values stay within 0..1 and the lips go on closing."""
    factor = np.array(
        [
            axis(options, "jaw" if name in JAW else "tongue" if name.startswith("tongue") else "lips")
            for name in performance.channels
        ],
        dtype=np.float32,
    )
    values = np.clip(performance.values * factor, 0, 1)
    return replace(performance, values=_corrective(values, performance.channels))


def _corrective(values: np.ndarray, channels: tuple[str, ...]) -> np.ndarray:
    """Keep mouthClose at or below jawOpen."""
    close, jaw = channels.index("mouthClose"), channels.index("jawOpen")
    values[:, close] = np.minimum(values[:, close], values[:, jaw])
    return values
