"""Poses held for some frames each: how 2D mouths move."""

from __future__ import annotations

import numpy as np


def hold(
    values: np.ndarray, turning: np.ndarray, touch: np.ndarray, step: int, noise: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Choose a pose for every `step` frames; gives keyed (C, F) bool and what each column holds (C, F).

    values (C, F); turning (C, F) bool marks each column's turning points; touch (F,) bool the frames in which lips
    touch; noise (C,) is too little to change a pose for. Poses begin at every `step`-th frame. A pose with a contact in
    it is that contact, with all columns; in others each column takes its turning point, when it has one, so that no
    extreme is lost, or what it is as the pose begins. 0 and 1 are held exactly.
    """
    count, frames = values.shape
    begins = np.arange(0, frames, step)
    held = np.empty((count, len(begins)))
    for pose, begin in enumerate(begins):
        part = slice(begin, min(begin + step, frames))
        chosen = np.full(count, begin)
        if touch[part].any():
            chosen[:] = begin + int(touch[part].argmax())
        else:
            turns = turning[:, part]
            chosen += np.where(turns.any(axis=1), turns.argmax(axis=1), 0)
        held[:, pose] = values[np.arange(count), chosen]
    keyed = np.zeros((count, frames), bool)
    keyed[:, 0] = True
    now = held[:, 0].copy()
    for pose, begin in enumerate(begins):
        new = held[:, pose]
        exact = (new == 0) | (new == 1) | touch[begin : begin + step].any()
        change = (new != now) & (exact | (np.abs(new - now) >= noise))
        keyed[change, begin] = True
        now = np.where(change, new, now)
        held[:, pose] = now
    return keyed, np.repeat(held, step, axis=1)[:, :frames]
