"""What was read back from a file against what was meant: names, order, values, and clips that bleed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ..rig.doctor import few
from .gate import LOST, Line

MOVES = 1e-4
"""Change of a key's value from which on it moves."""
VALUE = 2e-3
"""Difference of a key's value that nobody sees."""


def sample(values: np.ndarray, count: int) -> np.ndarray:
    """Choose frames to compare out of curves (F, K): the ends, where each key is strongest, the rest evenly spread.

    Gives at most `count` indices, sorted.
    """
    frames = len(values)
    if frames <= count:
        return np.arange(frames)
    strength = np.abs(values - values.mean(axis=0)) if values.shape[1] else np.zeros((frames, 0))
    strongest = np.argsort(-strength.max(axis=0, initial=0.0))
    peaks = [int(strength[:, key].argmax()) for key in strongest if strength[:, key].max() > MOVES]
    chosen = list(dict.fromkeys([0, frames - 1, *peaks]))[: max(2, (count + 1) // 2)]
    for extra in np.linspace(0, frames - 1, count).round().astype(int).tolist():
        if len(chosen) < count and extra not in chosen:
            chosen.append(extra)
    return np.array(sorted(chosen))


def plain(name: str) -> str:
    """Spell a name as formats do that allow only letters, digits and underscores."""
    return re.sub(r"[^0-9A-Za-z_]", "_", name)


def legal(names: Sequence[str]) -> list[str]:
    """Spell names so that each is a word of letters, digits and underscores, and none is another one's.

    USD takes no others; of two that come out alike Blender's writer makes a file in which no key is found.
    """
    made: list[str] = []
    for name in names:
        word = plain(name)
        word = f"_{word}" if word[:1].isdigit() or not word else word
        number, free = 2, word
        while free in made or (free != name and free in names):
            free, number = f"{word}_{number}", number + 1
        made.append(free)
    return made


def pair(before: Sequence[str], after: Sequence[str]) -> dict[str, str]:
    """Find each name again: the same one, the same without its signs, or what stands in its place when that is all."""
    found = {name: name for name in before if name in after}
    free = [name for name in after if name not in found]
    for name in before:
        if name in found:
            continue
        alike = next((other for other in free if plain(other).strip("_") == plain(name).strip("_")), None)
        alike = alike or next((other for other in free if plain(other).startswith(plain(name))), None)
        if alike is not None:
            found[name] = alike
            free.remove(alike)
    left = [name for name in before if name not in found]
    if len(left) == len(free) and len(before) == len(after):
        found |= {name: after[before.index(name)] for name in left if after[before.index(name)] in free}
    return found


def keys(thing: str, before: Sequence[str], after: Sequence[str], moving: Iterable[str] = ()) -> list[Line]:
    """Tell which keys of a thing are lost, renamed or in another order; those of `moving` are named first."""
    found, moving = pair(before, after), set(moving)
    lines = []
    lost = sorted((name for name in before if name not in found), key=lambda name: name not in moving)
    if lost:
        lines.append(Line("key_lost", thing, f"{thing} lost {_keys(len(lost))}: {few(lost, 4)}", LOST, len(lost)))
    renamed = [f"{name} to {found[name]}" for name in before if found.get(name, name) != name]
    if renamed:
        why = f"{_keys(len(renamed))} of {thing} {_were(renamed)} renamed: {few(renamed, 3)}"
        lines.append(Line("key_renamed", thing, why, LOST, len(renamed)))
    wanted = [found[name] for name in before if name in found]
    order = [name for name in after if name in wanted]
    moved = [name for name, other in zip(wanted, order, strict=True) if name != other]
    if moved:
        why = f"{_keys(len(moved))} of {thing} {_were(moved)} put in another order, from {moved[0]} on"
        lines.append(Line("key_order", thing, why, LOST, len(moved)))
    return lines


def _keys(count: int) -> str:
    return f"{count} key{'s' * (count != 1)}"


def _were(things: Sequence[str]) -> str:
    return "was" if len(things) == 1 else "were"


def values(thing: str, clip: str, names: Sequence[str], before: np.ndarray, after: np.ndarray) -> list[Line]:
    """Tell which key's values (S, K) came back most wrongly, when any did so that it shows."""
    if not before.size:
        return []
    off = np.abs(before - after).max(axis=0)
    wrong = np.flatnonzero(off > VALUE)
    if not len(wrong):
        return []
    worst = int(off.argmax())
    why = f"{_keys(len(wrong))} of {thing} came back with other values in {clip}, {names[worst]} by {off[worst]:.3f}"
    return [Line("value_error", thing, why, LOST, float(off[worst]))]


Named = Mapping[str, Mapping[str, set[str]]]
"""Clip -> thing -> names of keys or bones."""


def bleed(moving: Named, keyed: Named) -> list[Line]:
    """Tell which clips say nothing of keys and bones that another clip moves: these keep what was played before.

    `moving` holds what moves in each clip, `keyed` what each clip of the file has curves for.
    """
    things = dict.fromkeys(thing for by in moving.values() for thing in by)
    lines = []
    for clip in moving:
        for thing in things:
            moved = set().union(*(by.get(thing, set()) for by in moving.values()))
            open_ = sorted(moved - keyed.get(clip, {}).get(thing, set()))
            if open_:
                others = sorted(other for other, by in moving.items() if by.get(thing, set()) & set(open_))
                why = f"clip {clip} says nothing of {few(open_, 3)} of {thing}, which {few(others)} moves"
                lines.append(Line("clip_bleed", clip, why, LOST, len(open_)))
    return lines


def moved(names: Sequence[str], curves: np.ndarray) -> set[str]:
    """Name the keys whose values (F, K) change."""
    return {name for name, width in zip(names, np.ptp(curves, axis=0), strict=True) if width > MOVES}
