"""Phone labels as other programs write them: ARPAbet, IPA and X-SAMPA, read into the inventory."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from .ipa import TABLE, plain, to_phones
from .phones import INVENTORY, SILENCE

SILENT = {
    "", "sil", "sp", "spn", "silence", "pau", "pause", "h#", "epi", "#", "##", "_", "...", "-", "<p:>", "<p>", "<sil>",
    "<s>", "</s>", "<eps>", "<unk>", "<usb>", "<nib>", "xxx", "br", "breath", "{sl}", "{br}", "{ls}", "+breath+", "x_x",
}  # fmt: skip
"""What aligners write where nothing is said or nothing is known (MFA, WebMAUS, TIMIT, Kaldi, CMU Sphinx)."""

ARPABET = {label: (label,) for label in INVENTORY if label != SILENCE} | {
    "AX": ("AH",), "AXR": ("ER",), "IX": ("IH",), "UX": ("UW",), "DX": ("D",), "NX": ("N",), "EL": ("L",),
    "EM": ("M",), "EN": ("N",), "ENG": ("NG",), "HV": ("HH",), "WH": ("W",), "Q": (), "BCL": ("B",), "DCL": ("D",),
    "GCL": ("G",), "PCL": ("P",), "TCL": ("T",), "KCL": ("K",), "AX-H": ("AH",),
}  # fmt: skip
"""ARPAbet as CMUdict and TIMIT have it, and our own four; TIMIT's closures count as the stop that they begin."""

SAMPA = {
    "@`": "ɚ", "3`": "ɝ", "r\\`": "ɻ", "h\\": "ɦ", "j\\": "ʝ", "s\\": "ɕ", "z\\": "ʑ", "x\\": "ɧ", "r\\": "ɹ",
    "R\\": "ʀ", "l\\": "ɺ", "p\\": "ɸ", "v\\": "ʋ", "G\\": "ɢ", "B\\": "ʙ", "N\\": "ɴ", "H\\": "ʜ", "X\\": "ħ",
    "J\\": "ɟ", "K\\": "ɮ", "L\\": "ʟ", "M\\": "ɰ", "I\\": "ɪ", "U\\": "ʊ", "@\\": "ɘ", "3\\": "ɞ", "?\\": "ʕ",
    "s`": "ʂ", "z`": "ʐ", "t`": "ʈ", "d`": "ɖ", "n`": "ɳ", "l`": "ɭ", "r`": "ɽ", "b_<": "ɓ", "d_<": "ɗ", "g_<": "ɠ",
    "A": "ɑ", "B": "β", "C": "ç", "D": "ð", "E": "ɛ", "F": "ɱ", "G": "ɣ", "H": "ɥ", "I": "ɪ", "J": "ɲ", "K": "ɬ",
    "L": "ʎ", "M": "ɯ", "N": "ŋ", "O": "ɔ", "P": "ʋ", "Q": "ɒ", "R": "ʁ", "S": "ʃ", "T": "θ", "U": "ʊ", "V": "ʌ",
    "W": "ʍ", "X": "χ", "Y": "ʏ", "Z": "ʒ", "@": "ə", "{": "æ", "}": "ʉ", "1": "ɨ", "2": "ø", "3": "ɜ", "4": "ɾ",
    "5": "ɫ", "6": "ɐ", "7": "ɤ", "8": "ɵ", "9": "œ", "&": "ɶ", "?": "ʔ",
}  # fmt: skip
"""X-SAMPA's signs that are not IPA's (Wells 1995); its small letters are."""

SAMPA_SIGN = re.compile("|".join(map(re.escape, sorted(SAMPA, key=len, reverse=True))))
SAMPA_MARK = re.compile(r"_[<>]?(?:\\|[A-Za-z0-9^\"=?~/}+-]\\?)|[:~=%\"'`|.]|-")
RARE = {"ɺ": "L", "ʟ": "L", "ʜ": "HH", "ɜ": "ER"}
"""Letters that no language of espeak-ng needs, and the long vowel of "bird"."""


def arpabet(label: str) -> tuple[str, ...] | None:
    """Read "AH0", "ah" or "T": labels of the inventory; None for what is not ARPAbet."""
    return ARPABET.get(label.strip().upper().rstrip("012"))


def from_ipa(label: str) -> tuple[str, ...] | None:
    """Read IPA ("tʃ", "aɪ", "ɪː"); None where a letter is not known."""
    bare = plain(label)
    if any(unicodedata.category(sign) == "Lu" or sign in "@{}&\\`" for sign in label):
        return None
    if not bare or any(sign not in TABLE and sign not in RARE for sign in bare):
        return None
    rare = "".join(RARE)
    pieces = re.split(f"([{rare}])", bare)
    return tuple(phone for piece in pieces for phone in ([RARE[piece]] if piece in RARE else to_phones(piece)))


def sampa(label: str) -> tuple[str, ...] | None:
    """Read X-SAMPA ("tS", "aI", "E6", "3`"); None where a sign is not known."""
    signs, place = [], 0
    while place < len(label):
        mark, sign = SAMPA_MARK.match(label, place), SAMPA_SIGN.match(label, place)
        if sign:
            signs.append(SAMPA[sign.group()])
        elif not mark:
            signs.append(label[place])
        place = (sign or mark).end() if sign or mark else place + 1  # type: ignore[union-attr]
    return from_ipa("".join(signs))


def silent(label: str) -> bool:
    """Tell whether a label stands for nothing said."""
    return label.strip().lower() in SILENT


def alphabet(labels: set[str]) -> Callable[[str], tuple[str, ...] | None]:
    """Choose how to read labels that stand together.

    ARPAbet where most are of it and a vowel is among them, since its two letters would be two sounds to the others;
    else IPA or X-SAMPA, whichever knows more.
    """
    spoken = [label for label in labels if not silent(label)]
    known = {read: sum(read(label) is not None for label in spoken) for read in (arpabet, from_ipa, sampa)}
    vowels = any(label.strip().upper()[:2] in ARPABET and label.strip()[:1].upper() in "AEIOU" for label in spoken)
    if known[arpabet] == len(spoken) or (vowels and known[arpabet] >= 0.6 * len(spoken)):
        return arpabet
    return from_ipa if known[from_ipa] >= known[sampa] else sampa
