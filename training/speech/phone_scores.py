"""Compare phones with the truth: how many are wrong, and how far off in time the right ones are."""

from __future__ import annotations

import numpy as np

from headroom.core.speech.phones import SILENCE, Phones

FAR = 0.5  # seconds between two phones that are as bad to match as a wrong label is


def spoken(phones: Phones) -> tuple[list[str], np.ndarray]:
    """Give labels (P,) and starts (P,) in seconds without silence."""
    places = [place for place, label in enumerate(phones.label) if label != SILENCE]
    return [phones.label[place] for place in places], phones.start[places]


def matched(truth: Phones, found: Phones) -> tuple[np.ndarray, int]:
    """Pair the phones of both in order: starts of found minus true ones of equal labels (M,) s, and how many are wrong.

    Wrong are insertions, deletions and substitutions, as few as possible (Levenshtein); of equally few, the pairs that
    lie nearest to one another in time.
    """
    true_label, true_start = spoken(truth)
    label, start = spoken(found)
    rows, columns = len(true_label), len(label)
    if not rows or not columns:
        return np.zeros(0), max(rows, columns)
    same = np.array(true_label)[:, None] == np.array(label)[None]
    # times weigh so little that they never outvote a label
    away = np.minimum(np.abs(true_start[:, None] - start[None]) / FAR, 1) / (4 * (rows + columns))
    pairing = np.where(same, 0.0, 1.0) + away
    cost = np.zeros((rows + 1, columns + 1))
    cost[0] = np.arange(columns + 1)
    steps = np.arange(columns + 1)
    for row in range(rows):
        best = cost[row] + 1
        best[1:] = np.minimum(best[1:], cost[row, :-1] + pairing[row])
        cost[row + 1] = np.minimum.accumulate(best - steps) + steps
    offsets, wrong = [], 0
    row, column = rows, columns
    while row or column:
        here = cost[row, column]
        paired = cost[row - 1, column - 1] + pairing[row - 1, column - 1] if row and column else np.inf
        if abs(here - paired) < 1e-9:
            row, column = row - 1, column - 1
            if same[row, column]:
                offsets.append(start[column] - true_start[row])
            else:
                wrong += 1
        elif row and abs(here - cost[row - 1, column] - 1) < 1e-9:
            row, wrong = row - 1, wrong + 1
        else:
            column, wrong = column - 1, wrong + 1
    return np.array(offsets[::-1]), wrong
