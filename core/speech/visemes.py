"""From phones and loudness to visemes: solved from the same phones as ARKit's shapes, not out of those.

After Cohen and Massaro, "Modeling coarticulation in synthetic visual speech" (1993): every phone has, for each viseme,
a dominance that falls with the distance in time, before it and after it; at any moment the phones share the mouth by
their dominance. Theirs falls exponentially; ours, (1 - d^2)^2, ends, so that an edit reaches only so far. On top come,
as in `lips`, contacts that nothing takes away and rest in silence.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..performance import Performance
from ..progress import Progress, silent
from . import contacts
from .features import FRAME_RATE
from .lips import FPS, rest_gate
from .phones import BILABIAL, LABIODENTAL, SILENCE, Phones
from .recognise import LEVEL
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
    **dict.fromkeys((*BILABIAL, *LABIODENTAL), 0.5),
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
GROUPS = (BILABIAL, LABIODENTAL)
CHUNK = 3600


def solve(
    phones: Phones, loudness: np.ndarray, kind: VisemeSet, options: LipsyncOptions, progress: Progress = silent
) -> Performance:
    """Move the mouth to phones, on layer "lips", one channel for each viseme of `kind`, at `options.fps`.

    `loudness` is (T,) per 10 ms as `Heard` has it, which is how long the result lasts. A frame's weights lie in 0..1
    and add up to 1 with the viseme at rest, to 1 at the most where the set has none. The contact of every p b m and
    f v is reached fully while other visemes are 0, and in silence only the viseme at rest is there. Of the options
    strength, jaw, lips, smoothing and lead act.
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
    shared = _share(phones, wide, kind, _opening(loudness, wide))
    if pad:
        shared = gaussian_filter1d(shared, blur, axis=0, mode="nearest")[pad : pad + count]
    if loudness is not None:
        shared *= _sliders(kind, options)
        shared /= np.maximum(shared.sum(axis=1, keepdims=True), 1)
        made = contacts.amounts(contacts.find(phones, GROUPS), time, len(GROUPS))
        target = np.stack([kind.mixture(kind.parts[labels[0]][0]) for labels in GROUPS])
        shared = shared * (1 - made.sum(axis=1, keepdims=True)) + made @ target * min(1.0, options.strength)
    return _with_rest(shared * rest_gate(phones, time)[:, None], kind)


def at_rate(performance: Performance, phones: Phones, options: LipsyncOptions) -> Performance:
    """Give the frame rate that is asked for. At slow ones the frame nearest to a contact shows it, or else a frame
    would pass it by."""
    sampled = performance.resample(options.fps)
    if options.fps >= performance.fps:
        return sampled
    values, taken = sampled.values.copy(), -1
    shift = round(options.lead * FPS) / FPS
    for one in contacts.find(phones, GROUPS):
        moment = one.middle - shift
        frame = max(round(moment * options.fps), taken + 1)
        if moment >= 0 and frame < sampled.frame_count:
            taken = frame
            values[frame] = performance.values[min(round(moment * performance.fps), performance.frame_count - 1)]
    return replace(sampled, values=values)


def _share(phones: Phones, time: np.ndarray, kind: VisemeSet, opening: np.ndarray | None) -> np.ndarray:
    """Let phones share the mouth by their dominance, (F, V) over `kind.moving`; the rest to 1 is the mouth at rest.

    `opening` (F,) is how far vowels open for their loudness.
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
            until = start + part[0] * (end - start)
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


def _opening(loudness: np.ndarray | None, time: np.ndarray) -> np.ndarray | None:
    """Give how far vowels open for their loudness at every time, (F,) from `LEAST_QUIET` to 1."""
    if loudness is None:
        return None
    if len(loudness) == 0:
        return np.ones(len(time))
    decibel = 20 * np.log10(np.maximum(loudness, 1e-6) / LEVEL)
    open_by = np.interp(decibel, (QUIET, 0.0), (LEAST_QUIET, 1.0))
    kernel = np.hanning(SPAN + 2)[1:-1]
    smooth = np.convolve(np.pad(open_by, SPAN // 2, mode="edge"), kernel / kernel.sum(), mode="valid")
    return np.interp(time * FRAME_RATE - 0.5, np.arange(len(smooth)), smooth)


def _sliders(kind: VisemeSet, options: LipsyncOptions) -> np.ndarray:
    """Give the factor of every viseme of `kind.moving`, (V,): as much of the jaw's slider as it is the jaw's doing."""
    jaw = np.array([kind.jaw.get(name, 0.0) for name in kind.moving])
    return options.strength * (jaw * options.jaw + (1 - jaw) * options.lips)


def _with_rest(moving: np.ndarray, kind: VisemeSet) -> np.ndarray:
    """Put the viseme at rest in its place: what is missing to 1."""
    if not kind.rest:
        return moving
    return np.insert(moving, kind.visemes.index(kind.rest), np.maximum(1 - moving.sum(axis=1), 0), axis=1)
