"""The ways through a transcript: words in order, silence or other speech between them, words that are not said.

A lattice has a junction before, between and after its words. From a junction one goes into the next word (one of its
pronunciations), past it (at a cost), into silence, or into speech that is not in the text (at a cost to begin with and
for every frame); words, silence and other speech lead to a junction again. Time runs through it frame by frame.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..progress import Progress, silent
from .phones import NUMBER, SILENCE

SIL, OTHER = -1, -2  # what a frame is in outside of words
BLOCK = 1024  # frames scored at a time
SLIDE = 8  # frames between two looks whether the band has to move on
BITS = 768_000_000  # the most decisions remembered


@dataclass(frozen=True)
class Costs:
    """What it costs, in nats, to leave the text: `skip` (W,) for each word, `enter` and `stay` (per frame) for speech
    that is not in it."""

    skip: np.ndarray
    enter: float
    stay: float


class Lattice:
    """The states of a text. `ways[w]` lists the pronunciations of word w, each a tuple of labels of the inventory."""

    def __init__(self, ways: list[tuple[tuple[str, ...], ...]]) -> None:
        self.words = len(ways)
        self.most = max(map(len, ways))
        labels, word, start = [], [], []
        self.last = np.full((self.most, self.words), -1)  # the last state of each pronunciation
        for place, spellings in enumerate(ways):
            for number, spelling in enumerate(spellings):
                start += [True] + [False] * (len(spelling) - 1)
                labels += [NUMBER[phone] for phone in spelling]
                word += [place] * len(spelling)
                self.last[number, place] = len(labels) - 1
        self.labels, self.word, self.start = np.array(labels), np.array(word), np.array(start)
        self.begin = np.searchsorted(self.word, np.arange(self.words + 1))  # the first state of each word

    def band(self, frames: int) -> int:
        """Give how many words may be looked at in one frame, so that all decisions fit in memory."""
        each = len(self.labels) / self.words + 5 + self.most
        return int(min(self.words, max(32, BITS / frames / each)))

    def follow(
        self,
        scores: Callable[[int, int], np.ndarray],
        frames: int,
        costs: Costs,
        windows: np.ndarray | None = None,
        progress: Progress = silent,
    ) -> np.ndarray:
        """Find the best way: for each frame its state, `SIL` or `OTHER`, (T,) int64, by Viterbi.

        `scores(start, end)` gives the scores of those frames, (end - start, K) float32, 0 for what speech that is not
        in the text would get. `windows` (W, 2) are the frames from which and before which a word may be said, both
        never falling from word to word. Only a band of words around the best so far is looked at where a long text
        would not fit in memory.
        """
        return _Search(self, frames, costs, windows).run(scores, progress)


class _Search:
    """One run through a lattice: values by state now, and all decisions so far as bits."""

    def __init__(self, lattice: Lattice, frames: int, costs: Costs, windows: np.ndarray | None) -> None:
        self.lattice, self.frames, self.costs, self.windows = lattice, frames, costs, windows
        self.width = lattice.band(frames)
        self.paid = np.r_[0.0, np.cumsum(costs.skip)].astype(np.float32)
        self.value = np.full(len(lattice.labels) + 1, -np.inf, np.float32)  # the last one is nobody's
        self.gap = np.full((2, lattice.words + 1), -np.inf, np.float32)  # silence and other speech at each junction
        self.enter = np.array([[0.0], [costs.enter]], np.float32)
        self.low = 0
        spans = lattice.begin[self.width :] - lattice.begin[: lattice.words + 1 - self.width]
        row = int(spans.max()) + (4 + lattice.most) * (self.width + 1)
        self.bits = np.zeros((frames + 1, -(-row // 8)), np.uint8)
        self.lows = np.zeros(frames + 1, np.int64)

    def run(self, scores: Callable[[int, int], np.ndarray], progress: Progress) -> np.ndarray:
        self._aim(0)
        for begin in range(0, self.frames, BLOCK):
            progress(begin / self.frames, "Aligning the transcript")
            part = scores(begin, min(self.frames, begin + BLOCK))
            quiet = np.stack([part[:, NUMBER[SILENCE]], np.full(len(part), -self.costs.stay)], axis=1)
            quiet = quiet.astype(np.float32)[:, :, None]
            for t, row in enumerate(part, begin):
                if t and t % SLIDE == 0 and (self.width < self.lattice.words or self.windows is not None):
                    self._aim(t)
                self._step(t, row, quiet[t - begin])
            top = max(self.value.max(), self.gap.max())  # 32 bits stay exact enough around zero
            self.value -= top
            self.gap -= top
        self._junctions(self.frames)
        return self._trace()

    def _aim(self, t: int) -> None:
        """Move the band on so that the best word so far is in its middle, and close the words whose time is over."""
        lattice, low = self.lattice, self.low
        if t and self.width < lattice.words:
            state = int(self.value.argmax())
            gap = int(self.gap.max(axis=0).argmax())
            best = gap if self.gap[:, gap].max() > self.value[state] else int(lattice.word[state])
            low = int(np.clip(best - self.width // 2, low, lattice.words - self.width))
        if low > self.low:
            self.value[: lattice.begin[low]] = -np.inf
            self.gap[:, :low] = -np.inf
        if low > self.low or t == 0:
            self.low = low
            self._view()
        if self.windows is not None:
            over = np.searchsorted(self.windows[:, 1], t, side="right")
            self.value[: lattice.begin[over]] = -np.inf

    def _view(self) -> None:
        """Cut everything to the band."""
        lattice, low, high = self.lattice, self.low, self.low + self.width
        first, last = lattice.begin[low], lattice.begin[high]
        self.seen, self.labels = self.value[first:last], lattice.labels[first:last]
        self.entered = np.full(last - first, -np.inf, np.float32)
        self.starts = np.flatnonzero(lattice.start[first:last])
        self.leads = lattice.word[first:last][self.starts] - low
        self.ends = lattice.last[:, low:high]
        self.gaps, self.due = self.gap[:, low : high + 1], self.paid[low : high + 1] - self.paid[low]
        states, gaps = last - first, self.width + 1
        self.row = np.zeros(states + (4 + lattice.most) * gaps, bool)
        self.moved, rest = self.row[:states], self.row[states:].reshape(-1, gaps)
        self.moved_gap, self.skipped, self.spoke, self.chosen = rest[:2], rest[2], rest[3], rest[4:]

    def _junctions(self, t: int) -> np.ndarray:
        """Give the best value at each junction of the band as frame `t` begins, (B + 1,)."""
        if t == 0:
            here = np.full(self.width + 1, -np.inf, np.float32)
            here[0] = 0.0
        else:
            sil, other = self.gaps
            np.greater(other, sil, out=self.spoke)
            here = np.maximum(sil, other)
            for number, ends in enumerate(self.ends):
                left = self.value[ends]
                np.greater(left, here[1:], out=self.chosen[number, 1:])
                np.maximum(left, here[1:], out=here[1:])
        here += self.due
        best = np.maximum.accumulate(here)
        np.greater(best, here, out=self.skipped)
        best -= self.due
        if t == self.frames:
            self._store(t)
        return best

    def _store(self, t: int) -> None:
        packed = np.packbits(self.row)
        self.bits[t, : len(packed)] = packed
        self.lows[t] = self.low

    def _step(self, t: int, row: np.ndarray, quiet: np.ndarray) -> None:
        """Let frame `t` pass: everything stays where it is or moves on, whichever is better."""
        here = self._junctions(t)
        self.entered[1:] = self.seen[:-1]
        open_ = here
        if self.windows is not None:
            begun = np.searchsorted(self.windows[:, 0], t, side="right") - self.low
            over = np.searchsorted(self.windows[:, 1], t, side="right") - self.low
            open_ = here.copy()
            open_[max(0, begun) :] = -np.inf
            open_[: max(0, over)] = -np.inf
        self.entered[self.starts] = open_[self.leads]
        np.greater(self.entered, self.seen, out=self.moved)
        np.maximum(self.entered, self.seen, out=self.seen)
        self.seen += row[self.labels]
        into = here - self.enter
        np.greater(into, self.gaps, out=self.moved_gap)
        np.maximum(into, self.gaps, out=self.gaps)
        self.gaps += quiet
        self._store(t)

    def _trace(self) -> np.ndarray:
        """Read the decisions backwards, from the last junction to the first frame."""
        lattice, path = self.lattice, np.zeros(self.frames, np.int64)
        gap, state = int(self.lows[self.frames]) + self.width, SIL
        inside = False
        for t in range(self.frames, -1, -1):
            low = int(self.lows[t])
            first, high = int(lattice.begin[low]), low + self.width
            states = int(lattice.begin[high]) - first
            row = self.bits[t]

            def bit(place: int, row: np.ndarray = row) -> bool:
                return bool(row[place >> 3] >> (7 - (place & 7)) & 1)

            if t < self.frames:
                path[t] = state
                if t == 0:
                    break
                if inside:
                    if not bit(state - first):
                        continue
                    if not lattice.start[state]:
                        state -= 1
                        continue
                    gap = int(lattice.word[state])
                elif not bit(states + (0 if state == SIL else self.width + 1) + gap - low):
                    continue
            across = states + 2 * (self.width + 1) - low  # junction `gap` of `skipped` stands at across + gap
            while bit(across + gap):
                gap -= 1
            beyond = across + self.width + 1
            ways = [n for n in range(lattice.most) if bit(beyond + (n + 1) * (self.width + 1) + gap)]
            inside = bool(ways)  # each pronunciation was compared with the best before it: the last one won
            outside = OTHER if bit(beyond + gap) else SIL
            state = int(lattice.last[ways[-1], gap - 1]) if inside else outside
        return path
