"""An articulatory teacher for lips and tongue: targets per phone, blended by dominance functions.

After Cohen and Massaro, "Modeling coarticulation in synthetic visual speech" (1993): every phone pulls each channel
to its target with a strength that fades with distance in time. The targets are ours, after the place, height and
rounding of the IPA chart. It teaches what video cannot show (the tongue) and says where the lips must touch;
amplitude and timing are then learnt from tracked lips.
"""

from __future__ import annotations

import numpy as np

from headroom.core.speech.lips import CONTROLS
from headroom.core.speech.phones import NUMBER, Phones

COLUMN = {name: place for place, name in enumerate(CONTROLS)}
CLOSURE = {"mouthClose": 0.06, "jawOpen": 0.06, "mouthPress": 0.35, "mouthRollLower": 0.25, "mouthRollUpper": 0.12}
ALVEOLAR = {"jawOpen": 0.09, "mouthLowerDown": 0.14, "mouthUpperUp": 0.06, "mouthStretch": 0.05, "tongueTipUp": 1.0}
HISS = {"jawOpen": 0.05, "mouthLowerDown": 0.25, "mouthUpperUp": 0.12, "mouthStretch": 0.12, "tongueTipUp": 0.45}
HUSH = {"jawOpen": 0.06, "mouthFunnel": 0.32, "mouthPucker": 0.2, "mouthLowerDown": 0.15, "mouthUpperUp": 0.08,
        "jawForward": 0.1, "tongueTipUp": 0.5, "tongueNarrow": 0.2}  # fmt: skip
VELAR = {"jawOpen": 0.11, "mouthLowerDown": 0.12, "mouthUpperUp": 0.04, "tongueBackUp": 1.0}
TEETH = {"jawOpen": 0.06, "mouthRollLower": 0.5, "mouthUpperUp": 0.22}
DENTAL = {"jawOpen": 0.11, "mouthLowerDown": 0.16, "mouthUpperUp": 0.06, "tongueTipTeeth": 1.0}

TARGETS: dict[str, dict[str, float]] = {
    "SIL": {},
    "AA": {"jawOpen": 0.36, "mouthLowerDown": 0.14, "mouthUpperUp": 0.08},
    "AE": {"jawOpen": 0.30, "mouthLowerDown": 0.2, "mouthUpperUp": 0.12, "mouthStretch": 0.15, "mouthSmile": 0.1},
    "AH": {"jawOpen": 0.20, "mouthLowerDown": 0.12, "mouthUpperUp": 0.06},
    "AO": {"jawOpen": 0.28, "mouthFunnel": 0.28, "mouthPucker": 0.15, "tongueBackUp": 0.2},
    "EH": {"jawOpen": 0.22, "mouthLowerDown": 0.16, "mouthUpperUp": 0.08, "mouthStretch": 0.15, "mouthSmile": 0.08,
           "tongueWide": 0.3},
    "ER": {"jawOpen": 0.14, "mouthFunnel": 0.22, "mouthPucker": 0.15, "tongueNarrow": 0.5},
    "IH": {"jawOpen": 0.14, "mouthLowerDown": 0.14, "mouthUpperUp": 0.06, "mouthStretch": 0.15, "mouthSmile": 0.08,
           "tongueWide": 0.5},
    "IY": {"jawOpen": 0.10, "mouthLowerDown": 0.14, "mouthUpperUp": 0.06, "mouthStretch": 0.25, "mouthSmile": 0.18,
           "tongueWide": 0.9},
    "UH": {"jawOpen": 0.14, "mouthFunnel": 0.22, "mouthPucker": 0.28, "tongueBackUp": 0.3},
    "UW": {"jawOpen": 0.09, "mouthFunnel": 0.2, "mouthPucker": 0.55, "tongueBackUp": 0.4, "tongueNarrow": 0.3},
    "UE": {"jawOpen": 0.09, "mouthFunnel": 0.2, "mouthPucker": 0.5, "tongueWide": 0.6},
    "OE": {"jawOpen": 0.17, "mouthFunnel": 0.32, "mouthPucker": 0.3, "tongueWide": 0.3},
    "P": {**CLOSURE, "cheekPuff": 0.06}, "B": {**CLOSURE, "cheekPuff": 0.03}, "M": CLOSURE, "F": TEETH, "V": TEETH,
    "T": ALVEOLAR, "D": ALVEOLAR, "N": ALVEOLAR,
    "L": {"jawOpen": 0.13, "mouthLowerDown": 0.12, "mouthUpperUp": 0.05, "tongueTipUp": 0.95},
    "RR": {"jawOpen": 0.12, "mouthLowerDown": 0.1, "mouthUpperUp": 0.04, "tongueTipUp": 0.9},
    "S": HISS, "Z": HISS, "SH": HUSH, "ZH": HUSH, "CH": {**HUSH, "tongueTipUp": 0.8},
    "JH": {**HUSH, "tongueTipUp": 0.8}, "TH": DENTAL, "DH": DENTAL, "K": VELAR, "G": VELAR, "NG": VELAR,
    "X": {**VELAR, "jawOpen": 0.13, "tongueBackUp": 0.8},
    "HH": {"jawOpen": 0.15, "mouthLowerDown": 0.1},
    "R": {"jawOpen": 0.10, "mouthFunnel": 0.2, "mouthPucker": 0.22, "tongueNarrow": 0.6, "tongueTipUp": 0.3},
    "W": {"jawOpen": 0.06, "mouthFunnel": 0.18, "mouthPucker": 0.65, "tongueBackUp": 0.4, "tongueNarrow": 0.4},
    "Y": {"jawOpen": 0.09, "mouthStretch": 0.2, "mouthSmile": 0.1, "mouthLowerDown": 0.12, "tongueWide": 0.9},
}  # fmt: skip
DIPHTHONGS = {"AW": ("AA", "UH"), "AY": ("AA", "IH"), "EY": ("EH", "IY"), "OW": ("AO", "UW"), "OY": ("AO", "IH")}

# How far a phone reaches, in seconds, before and after its edges: rounding starts early, the tongue is quick.
REACH = {"jaw": (0.055, 0.065), "round": (0.110, 0.080), "lips": (0.050, 0.050), "tongue": (0.035, 0.040)}
CONTACT_REACH = 0.55  # lips that touch come and go faster
ROUND = {"mouthFunnel", "mouthPucker"}
VOWELS = {"AA", "AE", "AH", "AO", "EH", "ER", "IH", "IY", "UH", "UW", "UE", "OE"}
TIGHT = {"P", "B", "M", "F", "V"}


def strength(label: str, name: str) -> float:
    """Say how strongly a phone holds a channel."""
    told = name in TARGETS[label]
    if label == "SIL":
        return 0.9
    if name.startswith("tongue"):
        return 3.0 if told and label not in VOWELS else 1.0 if told else 0.4
    if label in TIGHT:
        return 3.0 if name == "jawOpen" else 6.0 if name not in ROUND else 0.4
    if name in ROUND:
        return 2.0 if told else 0.8 if label in VOWELS else 0.25
    if label in VOWELS:
        return 1.0
    return 1.2 if label in ("S", "Z", "SH", "ZH", "CH", "JH", "W") else 0.25 if label == "HH" else 0.7


def kind(name: str) -> str:
    """Give a channel's place in `REACH`."""
    if name in ROUND:
        return "round"
    return "tongue" if name.startswith("tongue") else "jaw" if name == "jawOpen" else "lips"


def table() -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Give (labels, targets (L, C), strengths (L, C), reach (2, C))."""
    labels = list(TARGETS)
    target, weight = np.zeros((len(labels), len(CONTROLS))), np.zeros((len(labels), len(CONTROLS)))
    for row, label in enumerate(labels):
        for name, column in COLUMN.items():
            target[row, column] = TARGETS[label].get(name, 0.0)
            weight[row, column] = strength(label, name)
    return labels, target, weight, np.array([REACH[kind(name)] for name in CONTROLS]).T


LABELS, TARGET, WEIGHT, REACHES = table()
FAST = np.array([kind(name) == "lips" for name in CONTROLS])


def articulate(phones: Phones, count: int, fps: float) -> np.ndarray:
    """Turn phones into control curves, (count, C) float32 at `fps`."""
    time = (np.arange(count) / fps)[:, None]
    above, below = np.zeros((count, len(CONTROLS))), np.full((count, len(CONTROLS)), 1e-6)
    for label, start, end in pieces(phones):
        row = LABELS.index(label)
        if label == "SIL" and end - start > 0.25:  # lips get ready before, and come to rest after speech
            start, end = start + (0.10 if start > 0 else 0), end - 0.08
        low, high = max(0, int((start - 0.5) * fps)), min(count, int((end + 0.5) * fps) + 1)
        away = np.maximum(start - time[low:high], 0) / REACHES[0] + np.maximum(time[low:high] - end, 0) / REACHES[1]
        if label in TIGHT:
            away = np.where(FAST, away / CONTACT_REACH, away)
        pull = WEIGHT[row] * np.exp(-(away**1.5)) * min(1.0, 0.35 + (end - start) / 0.1)
        above[low:high] += pull * TARGET[row]
        below[low:high] += pull
    curves = above / below
    curves[:, COLUMN["mouthClose"]] = np.minimum(curves[:, COLUMN["mouthClose"]], curves[:, COLUMN["jawOpen"]])
    return curves.astype(np.float32)


def pieces(phones: Phones) -> list[tuple[str, float, float]]:
    """List phones with diphthongs cut in two."""
    found = []
    for label, start, end in zip(phones.label, phones.start, phones.end, strict=True):
        if label in DIPHTHONGS:
            middle = start + 0.55 * (end - start)
            found += [(DIPHTHONGS[label][0], start, middle), (DIPHTHONGS[label][1], middle, end)]
        else:
            found.append((label, start, end))
    return found


assert set(TARGETS) | set(DIPHTHONGS) == set(NUMBER)
