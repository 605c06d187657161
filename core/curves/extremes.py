"""What few keys must not lose: turning points above noise, values that rest at 0 or 1, lips that touch."""

from __future__ import annotations

import numpy as np

TOUCH = 0.95
"""Where lips touch, `mouthClose` takes back at least so much of `jawOpen`."""
AJAR = 0.02
"""Below this the jaw is shut, and nothing has to be taken back."""


def turning_points(values: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Mark where curves (C, F) turn by at least `noise` (C,), and the ends of each; gives (C, F) bool.

    Of a plateau the first and the last frame are marked. Neighboring highs and lows that differ by less than the noise
    go in pairs, the closest first, so that what stays alternates.
    """
    count, frames = values.shape
    column, before = np.nonzero(np.diff(values, axis=1))
    rises = values[column, before + 1] > values[column, before]
    turns = np.flatnonzero((column[1:] == column[:-1]) & (rises[1:] != rises[:-1]))
    starts, stops = np.zeros(count, int), np.full(count, frames - 1)
    column = np.concatenate([column[turns], np.arange(count), np.arange(count)])
    first = np.concatenate([before[turns] + 1, starts, stops])
    last = np.concatenate([before[turns + 1], starts, stops])
    order = np.lexsort((first, column))
    column, first, last = column[order], first[order], last[order]
    while True:
        inner = (first > 0) & (last < frames - 1)
        step = np.abs(np.diff(values[column, first]))
        step[(column[1:] != column[:-1]) | ~(inner[1:] | inner[:-1])] = np.inf
        around = np.concatenate([[np.inf], step, [np.inf]])
        small = (step < noise[column[1:]]) & (step <= around[2:]) & (step < around[:-2])
        if not small.any():
            break
        gone = np.append(small, False) | np.append(False, small)
        kept = ~(gone & inner)
        column, first, last = column[kept], first[kept], last[kept]
    marked = np.zeros((count, frames), bool)
    marked[column, first] = marked[column, last] = True
    return marked


def rests(values: np.ndarray, noise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mark where rests at exactly 0 or 1, two frames or longer, begin and end; values (C, F), gives (C, F) bool.

    Rests of one level with nothing between them but less than half the noise (C,) are one, as long as no key lies
    between: of each such pair the second result (G, 2) has the flat positions where the one ends and the other begins.
    """
    count, frames = values.shape
    marked = np.zeros((count, frames + 2), bool)
    joints = np.zeros((0, 2), int)
    for level in (0.0, 1.0):
        away = np.pad(np.abs(values - level), ((0, 0), (1, 1)), constant_values=np.inf)
        edge = np.diff((away == 0).ravel().astype(np.int8))
        begin, end = np.flatnonzero(edge == 1) + 1, np.flatnonzero(edge == -1)
        begin, end = begin[end > begin], end[end > begin]
        if not len(begin):
            continue
        gaps = np.stack([end[:-1] + 1, begin[1:]], axis=1).ravel()
        between = np.maximum.reduceat(away.ravel(), gaps)[::2] if len(gaps) else np.zeros(0)
        apart = between >= noise[begin[1:] // (frames + 2)] / 2
        marked.ravel()[begin[np.append(True, apart)]] = True
        marked.ravel()[end[np.append(apart, True)]] = True
        joints = np.concatenate([joints, np.stack([end[:-1], begin[1:]], axis=1)[~apart]])
    column, place = np.divmod(joints, frames + 2)
    return marked[:, 1:-1].copy(), column * frames + place - 1


def touching(jaw: np.ndarray, close: np.ndarray) -> np.ndarray:
    """Tell in which frames the lips touch although the jaw is open, (F,) bool."""
    return (jaw > AJAR) & (close >= TOUCH * jaw)


def run_ends(mask: np.ndarray) -> np.ndarray:
    """Keep of every run of True (F,) only its first and its last."""
    inside = np.pad(mask, 1)
    return mask & ~(inside[:-2] & inside[2:])
