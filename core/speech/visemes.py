"""From phones and loudness to visemes: solved from the same phones as ARKit's shapes, not out of those.

After Cohen and Massaro, "Modeling coarticulation in synthetic visual speech" (1993): every phone has, for each viseme,
a dominance that falls with the distance in time, before it and after it; at any moment the phones share the mouth by
their dominance. Theirs falls exponentially; ours, (1 - d^2)^2, ends, so that an edit reaches only so far. On top come,
as in `lips`, contacts that nothing takes away and rest in silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..performance import Performance
from ..progress import Progress, silent
from . import contacts
from .features import FRAME_RATE
from .lips import FPS, rest_gate
from .phones import BILABIAL, LABIODENTAL, SILENCE, Phones
from .rate import convert, rate_of
from .recognise import LEVEL
from .shaping import CLASSES, Articulation, articulation, axis
from .viseme_tables import SETS, VOWELS, VisemeSet

if TYPE_CHECKING:
    from .lipsync import LipsyncOptions

REACH = 0.5
"""Seconds: a frame depends on phones and loudness within this of its time, and on nothing else; smoothing adds four
times its width. (Dominances reach 0.18, contacts 0.09; two phones closer than 0.5 have no rest between them.)"""

CORE = 0.05  # seconds from its edge until a phone rules alone, as far as it is that long
BEFORE, AFTER = 0.07, 0.07  # seconds that a phone reaches beyond its edges
ROUND_BEFORE, ROUND_AFTER = 0.18, 0.09  # lips round early, through consonants that do not care
STRENGTH = {
    **dict.fromkeys((*BILABIAL, *LABIODENTAL), 0.3),
    **dict.fromkeys(("T", "D", "N", "L", "K", "G", "NG", "RR", "X"), 0.7),
    **dict.fromkeys(("CH", "JH", "SH", "ZH", "W"), 1.3),
    "HH": 0.15,
}
"""How strongly phones hold what they show, where that is not 1: an h takes its neighbours' mouth, and contacts are made
anyway."""

FASTEST, UNHURRIED = 0.04, 0.10  # seconds that vowels last
LEAST_FAST = 0.75  # how far the fastest vowels open
LEAST_QUIET = 0.6  # how far quiet vowels open
QUIET = -25.0  # decibels below loud speech
SPAN = 15  # frames of loudness (10 ms each) that are averaged, about a vowel
SHOWN = 0.15  # seconds after its start at which a long contact is shown by slow frames
GLIDE = 0.3  # seconds that the second half of a diphthong lasts at the most, however long it is held
CHUNK = 3600


def solve(
    phones: Phones, loudness: np.ndarray, kind: VisemeSet, options: LipsyncOptions, progress: Progress = silent
) -> Performance:
    """Move the mouth to phones, on layer "lips", one channel for each viseme of `kind`, at `options.fps`.

    `loudness` is (T,) per 10 ms as `Heard` has it, which is how long the result lasts. A frame's weights lie in 0..1
    and add up to 1 with the viseme at rest, to 1 at the most where the set has none. The contact of every p b m and
    f v is reached fully while other visemes are 0, and in silence only the viseme at rest is there. All sliders of
    the options act but the tongue's; a closure of less than 1 is as much of its viseme.
    """
    count = max(1, round(len(loudness) / FRAME_RATE * FPS))
    parts = []
    for first in range(0, count, CHUNK):
        parts.append(weights(phones, loudness, kind, options, first, min(CHUNK, count - first)))
        progress(min(1.0, (first + CHUNK) / count), "Moving lips")
    values = np.concatenate(parts).astype(np.float32)
    moved = Performance(FPS, kind.visemes, ("lips",) * len(kind.visemes), values)
    return at_rate(moved, phones, options)


def set_of(name: str) -> VisemeSet | None:
    """Give the set that an option names; None for ARKit's shapes, which MetaHuman and Live Link have too."""
    return SETS.get(name)


def weights(
    phones: Phones,
    loudness: np.ndarray | None,
    kind: VisemeSet,
    options: LipsyncOptions,
    first: int,
    count: int,
) -> np.ndarray:
    """Give `count` frames at 60 a second from frame `first` on, (count, V) in the order of `kind.visemes`.

    Any cut of the time into pieces gives the same. Without `loudness` every phone shows all of what it shows,
    whatever the sliders say, and contacts have no more than their share: for `holds`, which shows them anyway.
    """
    from scipy.ndimage import gaussian_filter1d

    blur = options.smoothing * FPS
    pad = int(np.ceil(4 * blur)) + 1 if blur >= 0.25 else 0  # where scipy cuts a Gaussian off
    shift = round(options.lead * FPS)
    wide = (np.arange(first - pad, first + count + pad) + shift) / FPS
    time = wide[pad : pad + count]
    phones = _near(phones, wide)
    how = articulation(options) if loudness is not None else Articulation()
    shared = _share(phones, wide, kind, _opening(loudness, wide, how.dynamics), how)
    if pad:
        shared = gaussian_filter1d(shared, blur, axis=0, mode="nearest")[pad : pad + count]
    if loudness is not None:
        shared *= _sliders(kind, options)
        shared /= np.maximum(shared.sum(axis=1, keepdims=True), 1)
        made = contacts.amounts(contacts.find(phones), time)
        target = np.stack([kind.mixture(kind.parts[labels[0]][0]) for labels in contacts.GROUPS])
        target *= np.minimum(np.array([how.closure, how.teeth]) * options.strength, 1)[:, None]
        shared = shared * (1 - made.sum(axis=1, keepdims=True)) + made @ target
    return _with_rest(shared * rest_gate(phones, time)[:, None], kind)


def at_rate(performance: Performance, phones: Phones, options: LipsyncOptions) -> Performance:
    """Give the frame rate that is asked for. At slow ones the frame nearest to a contact shows it, or else a frame
    would pass it by."""
    shown = rate_of(performance.channels, performance.fps, options.fps)
    return convert(performance, shown, moments(phones, options))


def moments(phones: Phones, options: LipsyncOptions) -> list[float]:
    """Give when contacts show best, in seconds of the result and in order: in their middle, or early in long ones."""
    shift = round(options.lead * FPS) / FPS
    return [min(one.middle, one.low + SHOWN) - shift for one in contacts.find(phones)]


def _share(
    phones: Phones, time: np.ndarray, kind: VisemeSet, opening: np.ndarray | None, how: Articulation
) -> np.ndarray:
    """Let phones share the mouth by their dominance, (F, V) over `kind.moving`; the rest to 1 is the mouth at rest.

    `opening` (F,) is how far vowels open for their loudness, `how` scales classes of phones.
    """
    moving = kind.moving
    early = np.array([name in kind.rounded for name in moving] + [False])
    before, after = np.where(early, ROUND_BEFORE, BEFORE), np.where(early, ROUND_AFTER, AFTER)
    mass = np.zeros((len(time), len(moving) + 1))
    for label, mixture, start, end, lasts in _parts(phones, kind):
        ease = min((end - start) / 2, CORE)
        first, last = np.searchsorted(time, (start - before.max(), end + after.max()))
        part = time[first:last, None]
        away = np.maximum(start + ease - part, 0) / (ease + before) + np.maximum(part - end + ease, 0) / (ease + after)
        pull = STRENGTH.get(label, 1.0) * (1 - np.minimum(away, 1) ** 2) ** 2
        mixture = mixture * _factors(label, early[:-1], how)
        mixture = mixture / max(1.0, mixture.sum())
        shown = np.broadcast_to(mixture, (last - first, len(moving)))
        if opening is None:
            shown = shown / max(mixture.sum(), 1e-9)
        elif label in VOWELS:
            rate = np.interp(lasts, (FASTEST, UNHURRIED), (LEAST_FAST, 1.0))
            shown = shown * (rate * opening[first:last, None])
        mass[first:last] += pull * np.column_stack([shown, 1 - shown.sum(axis=1)])
    return mass[:, :-1] / np.maximum(mass.sum(axis=1, keepdims=True), 1e-12)


def _parts(phones: Phones, kind: VisemeSet) -> list[tuple[str, np.ndarray, float, float, float]]:
    """List what is shown when: label, mixture (V,), start, end, and how long its phone lasts, in seconds.

    Diphthongs have two parts. Gaps, and all the time before and after, are silence.
    """
    found = []
    at = -np.inf
    for label, start, end in zip(phones.label, phones.start.tolist(), phones.end.tolist(), strict=True):
        if start > at + 1e-6:
            found.append((SILENCE, np.zeros(len(kind.moving)), at, start, np.inf))
        begin = start
        for part in kind.parts[label]:
            until = max(start + part[0] * (end - start), end - GLIDE if part[0] < 1 else end)
            found.append((label, kind.mixture(part), begin, until, end - start))
            begin = until
        at = end
    found.append((SILENCE, np.zeros(len(kind.moving)), at, np.inf, np.inf))
    return found


def _near(phones: Phones, time: np.ndarray) -> Phones:
    """Leave out phones that are further than `REACH` from any time, but for the nearest of them on either side."""
    first = max(0, int(np.searchsorted(phones.end, time[0] - REACH)) - 1)
    kept = slice(first, int(np.searchsorted(phones.start, time[-1] + REACH)) + 1)
    return Phones(phones.label[kept], phones.start[kept], phones.end[kept], phones.confidence[kept])


def _factors(label: str, rounded: np.ndarray, how: Articulation) -> np.ndarray:
    """Give what the sliders of classes of phones do to the visemes of one, (V,); `rounded` (V,) says which are."""
    factors = np.ones(len(rounded))
    for name, (labels, _) in CLASSES.items():
        if label in labels:
            factors[rounded == (name == "rounding")] *= getattr(how, name)
    return factors


def _opening(loudness: np.ndarray | None, time: np.ndarray, dynamics: float) -> np.ndarray | None:
    """Give how far vowels open for their loudness at every time, (F,): from `LEAST_QUIET`, or as much lower as
    `dynamics` is larger, to 1."""
    if loudness is None:
        return None
    if len(loudness) == 0:
        return np.ones(len(time))
    decibel = 20 * np.log10(np.maximum(loudness, 1e-6) / LEVEL)
    open_by = np.maximum(1 - dynamics * np.interp(decibel, (QUIET, 0.0), (1 - LEAST_QUIET, 0.0)), 0.1)
    kernel = np.hanning(SPAN + 2)[1:-1]
    smooth = np.convolve(np.pad(open_by, SPAN // 2, mode="edge"), kernel / kernel.sum(), mode="valid")
    return np.interp(time * FRAME_RATE - 0.5, np.arange(len(smooth)), smooth)


def _sliders(kind: VisemeSet, options: LipsyncOptions) -> np.ndarray:
    """Give the factor of every viseme of `kind.moving`, (V,): as much of the jaw's slider as it is the jaw's doing."""
    jaw = np.array([kind.jaw.get(name, 0.0) for name in kind.moving])
    return jaw * axis(options, "jaw") + (1 - jaw) * axis(options, "lips")


def _with_rest(moving: np.ndarray, kind: VisemeSet) -> np.ndarray:
    """Put the viseme at rest in its place: what is missing to 1."""
    if not kind.rest:
        return moving
    return np.insert(moving, kind.visemes.index(kind.rest), np.maximum(1 - moving.sum(axis=1), 0), axis=1)
