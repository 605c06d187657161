"""Forced alignment: when each phone of a known text is said, by Viterbi over the network's scores."""

from __future__ import annotations

import numpy as np

from ..progress import Progress, silent
from .features import FRAME_RATE
from .phones import NUMBER, SILENCE, Phones, Word, from_segments
from .recognise import Heard, best_path
from .transcript import Spelled

FLOOR = -7.0  # nats; one misread phone must not outweigh all others
CELLS = 96_000_000  # the most steps remembered: frames times states
FIT = 1.5
"""Nats a frame that a text may score below what is heard freely; tuned so that other people's lines are refused."""

STAY, NEXT, SKIP = 0, 1, 2


def align(heard: Heard, words: list[Spelled], progress: Progress = silent) -> tuple[Phones, float] | None:
    """Place the phones of `words` in time, with silence between words wherever there is some.

    Gives the phones and how well the text fits: nats per spoken frame below free recognition (0 is perfect, beyond
    `FIT` the text is probably another one). Gives None when the sound is too short for the text.
    """
    labels, word_of = _states(words)
    total = len(heard.scores)
    spoken = labels != NUMBER[SILENCE]
    if not spoken.any() or spoken.sum() > total:
        return None
    path = _viterbi(heard.scores, labels, ~spoken, progress)
    if path is None:
        return None
    starts = np.flatnonzero(np.r_[True, path[1:] != path[:-1]])
    states = path[starts]
    scores = heard.scores[np.arange(total), labels[path]].astype(np.float32)
    phones = from_segments(
        labels[states], starts, total, FRAME_RATE, np.exp(scores), _words(words, word_of, states, starts, total)
    )
    free = best_path(heard.scores)
    best = heard.scores[np.arange(total), free].astype(np.float32)
    talked = (labels[path] != NUMBER[SILENCE]) | (free != NUMBER[SILENCE])
    lost = np.maximum(best, FLOOR) - np.maximum(scores, FLOOR)
    return phones, float(lost[talked].mean()) if talked.any() else 0.0


def _states(words: list[Spelled]) -> tuple[np.ndarray, np.ndarray]:
    """Line up the phones of all words with a silence before, between and after: labels (S,), word places (S,)."""
    labels, word_of = [NUMBER[SILENCE]], [-1]
    for place, word in enumerate(words):
        labels += [NUMBER[phone] for phone in word.phones] + [NUMBER[SILENCE]]
        word_of += [place] * len(word.phones) + [-1]
    return np.array(labels), np.array(word_of)


def _viterbi(scores: np.ndarray, labels: np.ndarray, optional: np.ndarray, progress: Progress) -> np.ndarray | None:
    """Find the best state of every frame, (T,), from the first states to the last; optional states may be skipped.

    Only a band of states around the best so far is looked at where frames times states would not fit in memory.
    """
    total, states = len(scores), len(labels)
    width = min(states, max(64, CELLS // total))
    moves = np.zeros((total, width), np.uint8)
    lows = np.zeros(total, np.int64)
    skippable = np.zeros(states, bool)  # may be entered from two states back
    skippable[2:] = optional[1:-1]
    value = np.full(width, -np.inf, np.float32)
    value[0] = 0.0
    if optional[0] and width > 1:
        value[1] = 0.0
    low = 0
    for t in range(total):
        if t % 1024 == 0:
            progress(t / total, "Aligning the transcript")
        if t:
            if width < states:
                target = int(np.clip(low + int(value.argmax()) - width // 2, low, states - width))
                if target > low:
                    value = np.concatenate([value[target - low :], np.full(target - low, -np.inf, np.float32)])
                    low = target
            from_one = np.r_[np.float32(-np.inf), value[:-1]]
            from_two = np.where(
                skippable[low : low + width], np.r_[np.full(2, -np.inf, np.float32), value[:-2]], -np.inf
            )
            move = np.where(from_one > value, NEXT, STAY).astype(np.uint8)
            value = np.maximum(value, from_one)
            move[from_two > value] = SKIP
            value = np.maximum(value, from_two[: len(value)])
            moves[t] = move
        lows[t] = low
        value = value + np.maximum(scores[t, labels[low : low + width]].astype(np.float32), FLOOR)
    if low + width < states:
        return None
    ends = [width - 1] + ([width - 2] if optional[-1] and width > 1 else [])
    state = low + max(ends, key=lambda place: value[place])
    if not np.isfinite(value[state - low]):
        return None
    path = np.zeros(total, np.int64)
    for t in range(total - 1, -1, -1):
        path[t] = state
        if t:
            state -= int(moves[t, state - lows[t]])
    return path


def _words(
    words: list[Spelled], word_of: np.ndarray, states: np.ndarray, starts: np.ndarray, total: int
) -> tuple[Word, ...]:
    """Give each word its time from its first phone's start to its last phone's end."""
    edges = np.r_[starts, total] / FRAME_RATE
    said: dict[int, tuple[float, float]] = {}
    for place, state in enumerate(states):
        word = int(word_of[state])
        if word >= 0:
            start = said.get(word, (float(edges[place]), 0.0))[0]
            said[word] = (start, float(edges[place + 1]))
    return tuple(Word(words[word].text, start, end) for word, (start, end) in said.items())
