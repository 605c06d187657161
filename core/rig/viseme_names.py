"""What the shape keys of a head are called: ARKit's shapes and sets of visemes in the spellings that people use.

Names are compared without case and signs: `jawOpen`, `JawOpen`, `jaw_open` and `Jaw Open` are one name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from ..performance import SHAPES
from ..speech.viseme_tables import MICROSOFT, OCULUS, PRESTON_BLAIR, RHUBARB, VRM

ARKIT = "arkit"

SIDES = {"Left": "L", "Right": "R"}
"""How else a side is spelled at a name's end: `eyeBlink_L` in ICT FaceKit, Face Cap, MeFaMo and Reallusion's names."""

SPELLINGS: dict[str, tuple[dict[str, str], ...]] = {
    OCULUS.name: (
        {name: name for name in OCULUS.visemes},
        {**{name: name for name in OCULUS.visemes}, "ih": "I", "oh": "O", "ou": "U"},
        {**{name: name for name in OCULUS.visemes}, "E": "ee"},
    ),
    VRM.name: (
        {name: name for name in VRM.visemes},
        {"aa": "A", "ih": "I", "ou": "U", "ee": "E", "oh": "O"},
        {"aa": "あ", "ih": "い", "ou": "う", "ee": "え", "oh": "お"},
    ),
    RHUBARB.name: ({name: name for name in RHUBARB.visemes},),
    PRESTON_BLAIR.name: ({name: name for name in PRESTON_BLAIR.visemes},),
    MICROSOFT.name: ({name: name.removeprefix("viseme_") for name in MICROSOFT.visemes},),
}
"""How the visemes of a set are called. Oculus: Meta's viseme reference writes I O U, its code ih oh ou, some rigs ee.
VRM: presets of VRM 1.0, of VRM 0 (vrm-c/vrm-specification), and the vowels of MikuMikuDance's models."""

BEGINNINGS: dict[str, tuple[str, ...]] = {
    OCULUS.name: ("viseme_", "vrc.v_", "v_", "vis_", ""),
    VRM.name: ("", "Fcl_MTH_", "MTH_", "mouth_", "lip_", "viseme_", "vrc.v_", "v_"),
    RHUBARB.name: ("", "mouth_", "lip_", "rhubarb_", "viseme_", "shape_"),
    PRESTON_BLAIR.name: ("", "mouth_", "lip_", "phoneme_", "viseme_"),
    MICROSOFT.name: ("viseme_", "SP_VISEME_", "v_", "viseme_id_"),
}
"""What stands before: `viseme_` in Ready Player Me's avatars, `vrc.v_` in VRChat's (Cats, VRCSDK), `Fcl_MTH_` in
VRoid Studio's, `MTH_` in Unity-chan's, `SP_VISEME_` in SAPI's header."""

ENOUGH = {OCULUS.name: 8, VRM.name: 5, RHUBARB.name: 6, PRESTON_BLAIR.name: 7, MICROSOFT.name: 12}
"""How many visemes of one spelling must be there, since a key "A" may be anything: Rhubarb's six basic mouths, all
vowels of VRM, half of the others."""

LONG, LONG_PART = 5, 3
"""Letters of a name that may have other words before it: `Face_M_F00_000_00_Fcl_MTH_A`; fewer are needed after a sign
that names parts: `blendShape1.MTH_A`."""

_WORD = re.compile(r"[^.:|_\s\-]+")
_ENDING = re.compile(r"(_div2|\s*\(fin\)|\.\d{3})+$")
"""What is no part of a name: Daz's half strength and finals, the number of a copy in Blender."""


def answers(keys: Iterable[str]) -> dict[str, dict[str, str]]:
    """Give which sets a head's keys answer, best first: set name -> channel -> name of the key.

    Sets are "arkit" and those of `viseme_tables.SETS`. "arkit" is there when it has one shape at least, others when
    they are nearly whole. A key in exact spelling wins over another.
    """
    return {name: dict(found) for name, found in _answers(tuple(keys)).items()}


def speaks(keys: Iterable[str]) -> str:
    """Give the set in which a head with these keys speaks: "arkit" before visemes, nothing when it cannot.

    Without a jaw ARKit's shapes say nothing: such a head uses its visemes, when it has any.
    """
    found = _answers(tuple(keys))
    if "jawOpen" in found.get(ARKIT, {}):
        return ARKIT
    return next((name for name in found if name != ARKIT), ARKIT if ARKIT in found else "")


def chosen(target: str, keys: Iterable[str]) -> str:
    """Give what moves on a head with these keys: `target`, or what the head speaks in when that is "auto"."""
    return speaks(keys) or ARKIT if target == "auto" else target


def key_of(keys: Iterable[str]) -> dict[str, str]:
    """Give which key each channel moves, for all sets that a head answers; other keys answer to their own names.

    A channel of several sets, such as "aa", moves the key of the better one.
    """
    names = tuple(keys)
    found: dict[str, str] = {}
    for channels in _answers(names).values():
        for channel, key in channels.items():
            found.setdefault(channel, key)
    taken = set(found.values())
    return found | {name: name for name in names if name not in taken}


@lru_cache(maxsize=64)
def _answers(keys: tuple[str, ...]) -> dict[str, dict[str, str]]:
    there = read(keys)
    arkit: dict[str, str] = {}
    for channel, bare in _arkit():
        if bare in there:
            arkit.setdefault(channel, there[bare])
    arkit |= {channel: channel for channel in SHAPES if channel in keys}
    found = {ARKIT: {channel: arkit[channel] for channel in SHAPES if channel in arkit}}
    for kind, spellings in SPELLINGS.items():
        readings = [
            {channel: there[bare] for channel, word in spelling.items() if (bare := bare_of(start + word)) in there}
            for start in BEGINNINGS[kind]
            for spelling in spellings
        ]
        best = max(readings, key=len)
        found[kind] = best if len(best) >= ENOUGH[kind] else {}
    return {kind: channels for kind, channels in found.items() if channels}


def read(keys: tuple[str, ...]) -> dict[str, str]:
    """Give the key that each bare name means: the one with the fewest other words before it, then the first.

    Other words are no shape's name: `jawOpen_mouthClose` corrects two shapes and is neither.
    """
    there: dict[str, tuple[int, str]] = {}
    shapes = {bare for _, bare in _arkit()}
    for key in keys:
        name = _ENDING.sub("", key)
        starts = [word.start() for word in _WORD.finditer(name)]
        for left_out, start in enumerate(starts):
            bare = bare_of(name[start:])
            if left_out and len(bare) < (LONG_PART if name[start - 1] in ".:|" else LONG):
                continue
            if any(bare_of(name[other:start]) in shapes for other in starts[:left_out]):
                break
            if bare not in there or there[bare][0] > left_out:
                there[bare] = (left_out, key)
    return {bare: key for bare, (_, key) in there.items()}


@lru_cache(maxsize=1)
def _arkit() -> tuple[tuple[str, str], ...]:
    """List every channel with each bare name that it goes by."""
    pairs = [(channel, bare_of(channel)) for channel in SHAPES]
    for side, short in SIDES.items():
        pairs += [(name, bare_of(name.removesuffix(side) + short)) for name in SHAPES if name.endswith(side)]
    return tuple(pairs)


def bare_of(name: str) -> str:
    """Leave only letters and digits, small."""
    return "".join(sign for sign in name.lower() if sign.isalnum())
