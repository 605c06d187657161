"""What may keep a head from moving: findings, how likely each is, and the array work behind some of them.

What Blender knows is looked up by `addon.bridge.doctor`; here is what can be said without it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from . import viseme_names

PLAYBACK, EXPORT = "playback", "export"
"""Where a finding is in the way: of what plays, or only of what is written to a file."""

LIKELY = (
    "no_keys", "hidden", "edit_mode", "pinned",
    "wrong_owner", "unassigned", "unslotted", "wrong_slot", "all_lost", "linked", "elsewhere", "no_animation",
    "nla_off", "solo", "tweak_mode", "muted_tracks", "muted_strips", "muted_curves", "muted_keys", "range",
    "absolute", "driven", "covered", "clipped", "weak_strips", "weak_action", "cut_strips", "flat",
    "rest_position", "armature_missing", "armature_wrong", "armature_off", "deformer_off", "overwritten",
    "broken_drivers", "muted_drivers", "relative_to", "masked", "empty_keys", "edited_basis", "some_lost",
    "fps", "remapped", "stretched", "offset", "missing_sound", "muted_strip", "muted_channel", "muted_speaker",
    "silent_speaker", "muted_scene", "sync", "drops_on_export",
)  # fmt: skip
"""Every problem that is looked for, the likeliest first: an artist reads from the top."""

SMALL = 1e-4
"""Share of a mesh's size below which a key moves nothing that can be seen."""
EXACT = 1e-5
"""Share of a mesh's size within which two displacements are one and the same."""
AGREEING = 0.6
"""Share of neighbouring keys that must pull a vertex back alike before its basis is taken as edited alone."""
FEWEST = 6
"""Keys below which nothing is said about an edited basis: a few may move one place alike."""


@dataclass(frozen=True)
class Finding:
    """One thing that is in the way.

    what    which problem, of `LIKELY`
    thing   name of the object, or of the scene, that has it
    why     one line for the artist
    fix     what the button that ends it says; nothing where only the artist can
    ask     the fix silences or changes what an artist may have meant: never done along with others
    detail  tells several of one kind on one thing apart
    where   `PLAYBACK` or `EXPORT`
    """

    what: str
    thing: str
    why: str
    fix: str = ""
    ask: bool = False
    detail: str = ""
    where: str = PLAYBACK

    @property
    def ident(self) -> str:
        """Name the finding so that it can be found again by another look."""
        return "|".join((self.what, self.thing, self.detail))


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Give each finding once, the likeliest first."""
    once = {finding.ident: finding for finding in findings}
    return sorted(once.values(), key=lambda finding: LIKELY.index(finding.what))


def few(names: Iterable[str], most: int = 2) -> str:
    """Spell a list in a few words: "a", "a and b", "a, b and 3 more"."""
    names = list(dict.fromkeys(names))
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def are(names: Iterable[str]) -> str:
    """Give the verb that goes with a list of names."""
    return "is" if len(set(names)) == 1 else "are"


def respelled(lost: Iterable[str], keys: Iterable[str]) -> dict[str, str]:
    """Give for names that no key has the key that they mean: the same shape in another spelling.

    Case, signs, words before a name and the spellings of sides and visemes do not count; a key is given once.
    """
    keys = list(keys)
    there = viseme_names.key_of(keys)
    bare = {viseme_names.bare_of(key): key for key in reversed(keys)}
    found: dict[str, str] = {}
    for channel, name in viseme_names.key_of(lost).items():
        key = there.get(channel) or bare.get(viseme_names.bare_of(name))
        if key is not None and key not in found.values():
            found[name] = key
    return found


def size_of(points: np.ndarray) -> float:
    """Give the diagonal of the box around points (V, 3), in their own unit; 0 when there are none."""
    return float(np.linalg.norm(np.ptp(points, axis=0))) if len(points) else 0.0


def is_still(shape: np.ndarray, rest: np.ndarray) -> bool:
    """Tell whether a key's points (V, 3) are those it is relative to."""
    return not len(rest) or bool(np.abs(shape - rest).max() <= SMALL * 0.1 * size_of(rest))


def pulled_back(shapes: Iterable[np.ndarray], basis: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find where a basis (V, 3) was edited and its keys were not: there all of them move back by one displacement.

    `shapes` gives the points (V, 3) of keys once, of all or of some. Gives the vertices (N,) and what the keys add
    there (N, 3), the opposite of the edit; none when the keys are fine, or fewer than `FEWEST`.
    """
    size, before = size_of(basis), None
    alike = np.zeros(len(basis), dtype=np.int32)
    sample: list[np.ndarray] = []
    count = 0
    for shape in shapes:
        delta = shape - basis
        if before is not None:
            same = np.abs(delta - before).max(axis=1) <= EXACT * size
            alike += same & (np.abs(delta).max(axis=1) > SMALL * size)
        before, count = delta, count + 1
        if len(sample) < FEWEST + 1:
            sample.append(delta)
    if count < FEWEST:
        return np.zeros(0, dtype=np.int64), np.zeros((0, 3), dtype=np.float32)
    found = np.flatnonzero(alike >= AGREEING * (count - 1))
    return found, np.median([delta[found] for delta in sample], axis=0).astype(np.float32).reshape(-1, 3)


def is_pulled_back(delta: np.ndarray, back: np.ndarray, size: float) -> bool:
    """Tell whether a key that adds `delta` (N, 3) where a basis was edited does no more there than pull back by `back`
    (N, 3), at most places."""
    return bool(np.mean(np.abs(delta - back).max(axis=1) <= EXACT * size) > 0.5) if len(back) else False
