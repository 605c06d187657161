"""Forced alignment: when each phone of a known text is said, where the text may be partly wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..progress import Progress, part, silent
from .features import FRAME_RATE
from .lattice import OTHER, SIL, Costs, Lattice
from .phones import NUMBER, SILENCE, Phones, Word, from_segments
from .recognise import Heard, hear_frames
from .transcript import Spelled

FLOOR = -7.0  # nats; one misread phone must not outweigh all others
OTHER_ENTER, OTHER_STAY = 6.0, 2.0
"""Nats that speech outside of the text costs below free recognition: once, and for every frame."""

SKIP_WORD, SKIP_PHONE = 2.0, 2.5
"""Nats that it costs not to say a word, and each of its phones; less than to squeeze it in where it is not said."""

POOR = (1.5, 3.0)
"""Nats a frame below free recognition, mean over its phones, at which a word counts as not said: where nothing else
of the text is heard, and where all is. The more of a text is heard, the more is believed of the rest."""

DOUBT = 4.0  # nats a frame at which a word explains nothing

FIT = 0.4
"""How much of the text, or of the sound, must be explained by the words that were heard. All four numbers were tuned
on transcripts with a fifth of the words dropped, added or replaced and on other people's: 0.46 to 1 for the
former, up to 0.34 for the latter, on real speech (see the tests for the same on synthesized speech)."""


@dataclass(frozen=True)
class Aligned:
    """A text placed in time: `phones` with the words that were heard over them; between those words, they are what
    was recognised. `missing` are the places in the text of the words that were not heard, `fit` is how much of the
    text (or of the sound, whichever is more) those words explain, 0..1."""

    phones: Phones
    missing: tuple[int, ...]
    fit: float


def align(
    heard: Heard, words: list[Spelled], progress: Progress = silent, windows: np.ndarray | None = None
) -> Aligned | None:
    """Place the phones of `words` in time, with silence or other speech between words wherever there is some.

    Words that are not said are left out, of several pronunciations the best is taken. `windows` (W, 2) are seconds
    from which and before which each word may be said; neither may fall from word to word. Gives None when the text
    is another one.
    """
    total = len(heard.scores)
    if not words or not total:
        return None
    free = hear_frames(heard, part(progress, 0.0, 0.3))
    base = np.maximum(heard.scores[np.arange(total), free].astype(np.float32), FLOOR)

    def scores(start: int, end: int) -> np.ndarray:
        return np.maximum(heard.scores[start:end].astype(np.float32), FLOOR) - base[start:end, None]

    ways = [word.ways for word in words]
    lengths = np.array([min(map(len, spellings)) for spellings in ways])
    lattice = Lattice(ways)
    costs = Costs(SKIP_WORD + SKIP_PHONE * lengths, OTHER_ENTER, OTHER_STAY)
    frames = None if windows is None else np.round(windows * FRAME_RATE).astype(np.int64)
    path = lattice.follow(scores, total, costs, frames, part(progress, 0.3, 1.0))
    found = _Found(lattice, heard, path, free, base)
    share = found.explained(found.loss < sum(POOR) / 2, lengths)
    kept = found.loss < POOR[0] + share * (POOR[1] - POOR[0])
    fit = found.explained(kept, lengths)
    if fit < FIT:
        return None
    return Aligned(found.phones(words, kept), tuple(np.flatnonzero(~kept).tolist()), fit)


class _Found:
    """A path through the lattice, and how far each word on it is from what is heard freely."""

    def __init__(self, lattice: Lattice, heard: Heard, path: np.ndarray, free: np.ndarray, base: np.ndarray) -> None:
        """`path` (T,) has a state for each frame, `free` (T,) what is heard freely and `base` (T,) its scores."""
        self.heard, self.path, self.free = heard, path, free
        inside = np.flatnonzero(path >= 0)
        self.word = np.full(len(path), -1)
        self.word[inside] = lattice.word[path[inside]]
        self.labels = np.full(len(path), NUMBER[SILENCE])
        self.labels[inside] = lattice.labels[path[inside]]
        lost = base - np.maximum(heard.scores[np.arange(len(path)), self.labels].astype(np.float32), FLOOR)
        starts = np.flatnonzero(np.r_[True, path[1:] != path[:-1]])
        mean = np.add.reduceat(lost, starts) / np.diff(np.r_[starts, len(path)])
        spoken = path[starts] >= 0
        places = self.word[starts][spoken]
        phones = np.bincount(places, minlength=lattice.words)
        losses = np.bincount(places, mean[spoken], minlength=lattice.words)
        self.loss = np.where(phones > 0, losses / np.maximum(phones, 1), np.inf)
        order = self.word[inside]  # never falls
        first, last = (np.searchsorted(order, np.arange(lattice.words), side) for side in ("left", "right"))
        self.frames = last - first
        self.begin, self.end = np.r_[inside, 0][first], np.r_[0, inside][last] + 1

    def explained(self, kept: np.ndarray, lengths: np.ndarray) -> float:
        """Give how much of the text or of what is heard the words of `kept` (W,) explain, poor ones counting less."""
        belief = np.where(kept, np.clip(1 - self.loss / DOUBT, 0, 1), 0)
        heard = max(1, int((self.free != NUMBER[SILENCE]).sum()))
        return float(min(1.0, max((lengths * belief).sum() / lengths.sum(), (self.frames * belief).sum() / heard)))

    def phones(self, words: list[Spelled], kept: np.ndarray) -> Phones:
        """Build the phones: those of the text in the words of `kept` and in silence, elsewhere what is heard."""
        ours = np.where(self.word >= 0, kept[self.word], self.path == SIL)
        labels = np.where(ours, self.labels, self.free)
        state = np.where(ours, self.path, OTHER - self.free)  # a phone lasts until this changes
        starts = np.flatnonzero(np.r_[True, state[1:] != state[:-1]])
        total = len(state)
        confidence = np.exp(self.heard.scores[np.arange(total), labels].astype(np.float32))
        said = tuple(
            Word(words[place].text, float(self.begin[place]) / FRAME_RATE, float(self.end[place]) / FRAME_RATE)
            for place in np.flatnonzero(kept)
        )
        return from_segments(labels[starts], starts, total, FRAME_RATE, confidence, said)
