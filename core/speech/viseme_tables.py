"""Sets of visemes and which phone shows which of them: tables, with where they come from.

A row says what a mouth shows in the middle of a phone: "aa .6 E .4" is a mixture, what is missing to 1 is the mouth at
rest, and "aa > ih" glides from one to the other. Rows of the phones that English lacks (OE, UE, RR, X), shares below 1
and glides are ours, after height, backness and rounding in the chart of the International Phonetic Association (2020).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .phones import INVENTORY

VOWELS = (
    "AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OE", "OW", "OY", "UE", "UH", "UW",
)  # fmt: skip
"""Phones whose opening follows loudness and rate; consonants have a place to reach."""

FIRST = 0.55
"""Share of a diphthong's time that its first half takes."""

Part = tuple[float, dict[str, float]]
"""Where in a phone a mixture of visemes ends (1 is the phone's end), and the mixture."""


@dataclass(frozen=True)
class VisemeSet:
    """Shapes of a mouth that a kind of head has, and the table from phones to them.

    `rest` is the viseme of a still mouth, empty where the set has none (then all others are 0). `rounded` visemes
    begin early. `jaw` says how much of a viseme is the jaw's doing (0..1), the rest is the lips'. `flat` sets are
    drawings, of which one is shown at a time.
    """

    name: str
    visemes: tuple[str, ...]
    rest: str
    rounded: tuple[str, ...]
    jaw: dict[str, float]
    flat: bool
    parts: dict[str, tuple[Part, ...]]

    @property
    def moving(self) -> tuple[str, ...]:
        """Every viseme but the one at rest."""
        return tuple(name for name in self.visemes if name != self.rest)

    def mixture(self, part: Part) -> np.ndarray:
        """Give the weights of `moving` in a part, (V,)."""
        return np.array([part[1].get(name, 0.0) for name in self.moving])


def _read(text: str) -> tuple[Part, ...]:
    """Read one cell of a table."""
    mixtures: list[dict[str, float]] = []
    for half in text.split(">"):
        mixture: dict[str, float] = {}
        name = ""
        for word in half.split():
            if word.startswith("."):
                mixture[name] = float(word)
            else:
                name = word
                mixture[name] = 1.0
        mixtures.append(mixture)
    ends = (1.0,) if len(mixtures) == 1 else (FIRST, 1.0)
    return tuple(zip(ends, mixtures, strict=True))


def _set(name: str, visemes: str, rest: str, rounded: str, jaw: str, flat: bool, rows: dict[str, str]) -> VisemeSet:
    """Build a set out of its table: `rows` are phones, several in one key, and what they show."""
    parts = {phone: _read(cell) for phones, cell in rows.items() for phone in phones.split()}
    parts["SIL"] = ((1.0, {}),)
    jaws = {viseme: share for _, mixture in _read(jaw) for viseme, share in mixture.items()}
    return VisemeSet(name, tuple(visemes.split()), rest, tuple(rounded.split()), jaws, flat, parts)


OCULUS = _set(
    "oculus", "sil PP FF TH DD kk CH SS nn RR aa E ih oh ou", "sil", "oh ou CH",
    "aa .9 E .6 ih .4 oh .6 ou .1 kk .5 DD .4 nn .5 TH .5 SS .2 CH .1 RR .2", False,
    {
        "P B M": "PP", "F V": "FF", "TH DH": "TH", "T D": "DD", "K G": "kk", "NG": "kk .7 nn .2", "CH JH SH ZH": "CH",
        "S Z": "SS", "N L": "nn", "R": "RR", "RR": "nn .5 RR .4", "X": "kk .9", "HH": "aa .3", "W": "ou .95",
        "Y": "ih .8", "AA": "aa", "AE": "aa .55 E .4", "AH": "aa .5 E .2", "AO": "oh .8 aa .2", "EH": "E",
        "ER": "RR .6 E .25", "IH": "ih .9", "IY": "ih", "UH": "ou .7", "UW": "ou", "UE": "ou .85 ih .1",
        "OE": "oh .5 ou .2 E .2", "AW": "aa > ou .8", "AY": "aa > ih .85", "EY": "E > ih .9", "OW": "oh > ou .85",
        "OY": "oh > ih .85",
    },
)  # fmt: skip
"""Oculus Lipsync's 15, after Meta's "Viseme Reference" (developers.meta.com/horizon/documentation/unity/
audio-ovrlipsync-viseme-reference), which takes them from MPEG-4's table of visemes (ISO/IEC 14496-2, annex C):
PP p b m, FF f v, TH th, DD t d, kk k g, CH tS dZ S, SS s z, nn n l, RR r, aa A:, E e, ih, oh, ou. Ready Player Me and
VRChat have the same."""

VRM = _set(
    "vrm", "aa ih ou ee oh", "", "ou oh", "aa .9 ih .4 ou .1 ee .5 oh .6", False,
    {
        "P B M": "", "F V": "ih .1", "TH DH": "ih .15 aa .1", "T D N": "ih .2", "K G NG X": "aa .1 ih .15",
        "CH JH SH ZH": "ou .35", "S Z": "ih .3", "L RR": "aa .15 ih .15", "R": "ou .35", "HH": "aa .25", "W": "ou .9",
        "Y": "ih .7", "AA": "aa", "AE": "aa .5 ee .45", "AH": "aa .55", "AO": "oh .85 aa .1", "EH": "ee .9",
        "ER": "oh .25 ou .2 ee .15", "IH": "ih .8", "IY": "ih", "UH": "ou .75", "UW": "ou", "UE": "ou .8 ih .15",
        "OE": "oh .55 ee .25", "AW": "aa > ou .8", "AY": "aa > ih .85", "EY": "ee > ih .9", "OW": "oh > ou .85",
        "OY": "oh > ih .85",
    },
)  # fmt: skip
"""The five of VRM 1.0's procedural lip sync (vrm-c/vrm-specification, VRMC_vrm-1.0/expressions.md: aa ih ou ee oh),
which VRM 0 calls A I U E O: the vowels of Japanese. There is no viseme for rest, and none for closed lips: those are
all five at 0."""

RHUBARB = _set(
    "rhubarb", "A B C D E F G H X", "X", "E F", "B .2 C .7 D .9 E .5 F .1 H .7", True,
    {
        "P B M": "A", "F V": "G", "T D N S Z K G NG X TH DH RR Y": "B", "CH JH SH ZH": "B .65 F .35", "L": "H",
        "R": "E .55 B .45", "HH": "C .6 B .4", "W": "F", "AA": "D", "AE": "C", "AH": "C .9", "EH": "C",
        "AO": "E .8 D .2", "ER OE": "E", "IH": "B .7 C .3", "IY": "B", "UH": "E .5 F .5", "UW UE": "F",
        "AW": "D > F", "AY": "D > B", "EY": "C > B", "OW": "E > F", "OY": "E > B",
    },
)  # fmt: skip
"""Hanna-Barbera's six mouths A to F with G, H and X, as the manual of Rhubarb Lip Sync describes them
(github.com/DanielSWolf/rhubarb-lip-sync, README, "Mouth shapes"): A closed for p b m, B clenched teeth (most
consonants, ee), C open (eh, ae), D wide open (aa), E slightly rounded (ao, er), F puckered (uw, ow, w), G teeth on the
lower lip, H tongue raised (l), X idle."""

PRESTON_BLAIR = _set(
    "preston_blair", "AI E O U etc L WQ MBP FV rest", "rest", "O U WQ", "AI .9 E .6 O .6 U .1 etc .3 L .6 WQ .1", True,
    {
        "P B M": "MBP", "F V": "FV", "T D N S Z K G NG X TH DH RR CH JH SH ZH": "etc", "L": "L", "R": "etc .7 U .3",
        "HH": "E .5 etc .5", "Y": "E .6 etc .4", "W": "WQ", "AA": "AI", "AE": "AI .8 E .2", "AH": "AI .8", "EH": "E",
        "AO": "O", "ER": "E .6 O .4", "OE": "O .7 E .3", "IH": "E .8 etc .2", "IY": "E", "UH": "U .8", "UW UE": "U",
        "AW": "AI > U", "AY": "AI > E", "EY": "E", "OW": "O > U", "OY": "O > E",
    },
)  # fmt: skip
"""Preston Blair, "Cartoon Animation" (Walter Foster, 1994), p. 186: A and I, E, O, U, one for C D G K N R S Th Y Z
("etc"), L, W and Q, M B P, F and V, and rest, under the names that Papagayo, Moho and OpenToonz use."""

MICROSOFT = _set(
    "microsoft", " ".join(f"viseme_{number}" for number in range(22)), "viseme_0",
    "viseme_3 viseme_7 viseme_8 viseme_10 viseme_16",
    " ".join(f"viseme_{number} {share}" for number, share in (
        (1, ".8"), (2, ".9"), (3, ".6"), (4, ".6"), (5, ".3"), (6, ".4"), (7, ".1"), (8, ".5"), (9, ".8"), (10, ".5"),
        (11, ".9"), (12, ".6"), (13, ".2"), (14, ".5"), (15, ".2"), (16, ".1"), (17, ".5"), (19, ".4"), (20, ".5"),
    )), True,
    {
        "AE AH": "viseme_1", "AA": "viseme_2", "AO": "viseme_3", "EH UH": "viseme_4", "ER OE": "viseme_5",
        "Y IY IH": "viseme_6", "W UW UE": "viseme_7", "EY": "viseme_4 > viseme_6", "OW": "viseme_8 > viseme_7",
        "AW": "viseme_9 > viseme_7", "OY": "viseme_10 > viseme_6", "AY": "viseme_11 > viseme_6", "HH": "viseme_12",
        "R RR": "viseme_13", "L": "viseme_14", "S Z": "viseme_15", "SH CH JH ZH": "viseme_16", "TH DH": "viseme_17",
        "F V": "viseme_18", "D T N": "viseme_19", "K G NG X": "viseme_20", "P B M": "viseme_21",
    },
)  # fmt: skip
"""SAPI's and Azure's 22, after SPVISEMES (learn.microsoft.com, SAPI 5.4 "SPVISEMES"; the same numbers in Azure's "Map
phonemes to visemes"), which come from Disney's 13."""

SETS = {kind.name: kind for kind in (OCULUS, VRM, RHUBARB, PRESTON_BLAIR, MICROSOFT)}
"""Every set by its name."""

RESTS = frozenset(kind.rest for kind in SETS.values() if kind.rest)
"""Visemes of a still mouth, which a head may lack: it is still without them."""

assert all(set(kind.parts) == set(INVENTORY) for kind in SETS.values())
