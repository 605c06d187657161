"""Where a head turns and how far: joints of neck, jaw, larynx and eyes, with the ranges that people were measured at.

The chain follows HACK (Zhang et al. 2023, "HACK: Learning a Parametric Head and Neck Model"): seven cervical vertebrae
that each turn on the one below, the skull on top, and a larynx that slides under the skin.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

SPINE = ("C7", "C6", "C5", "C4", "C3", "C2", "C1", "skull")
"""What bends the neck, bottom up; each turns on what lies below it: C7 on the first thoracic vertebra, skull on C1."""

JOINTS = ("chest", *SPINE, "jaw", "larynx", "eye.L", "eye.R")
"""Every joint of a head, parents before children."""

PARENT = {
    **dict(zip(SPINE, ("chest", *SPINE[:-1]), strict=True)),
    "jaw": "skull",
    "larynx": "C5",
    "eye.L": "skull",
    "eye.R": "skull",
}
PARENTS = tuple(JOINTS.index(PARENT[name]) if name in PARENT else -1 for name in JOINTS)
"""Index of each joint's parent, -1 for the root. The larynx hangs before the fourth to sixth vertebra."""

JOINT_MIRROR = tuple(
    JOINTS.index(name.translate(str.maketrans("LR", "RL")) if name[:4] == "eye." else name) for name in JOINTS
)
"""Index of each joint's partner on the other side; its own on the midline."""


@dataclass(frozen=True)
class Range:
    """How far one vertebra turns on the one below, in radians, from upright to each side.

    flexion brings the chin down (+X), extension up (-X), lateral brings an ear to the shoulder (Y, either way), axial
    looks aside (Z, either way).
    """

    flexion: float
    extension: float
    lateral: float
    axial: float


_DEGREES = {
    "C7": (4.5, 4.5, 4, 2),
    "C6": (8.5, 8.5, 7, 6),
    "C5": (10, 10, 8, 7),
    "C4": (10, 10, 11, 7),
    "C3": (7.5, 7.5, 11, 7),
    "C2": (5, 5, 10, 3),
    "C1": (10, 10, 5, 40),
    "skull": (4, 21, 5, 5),
}
LIMITS = {name: Range(*np.radians(row).tolist()) for name, row in _DEGREES.items()}
"""Ranges per segment: White and Panjabi, Clinical Biomechanics of the Spine (2nd ed. 1990), chapter 2, representative
angles of C0-C1 (here skull) to C7-T1 (here C7): 25 20 10 15 20 20 17 9 degrees of flexion and extension together,
5 5 10 11 11 8 7 4 of lateral bending and 5 40 3 7 7 7 6 2 of axial rotation to one side.

The book gives flexion and extension together. The upper two are parted as Panjabi et al. 1989 (Proc. SPIE 1030)
measured them: 3.5 and 21.0 degrees in C0-C1, 11.5 and 10.9 in C1-C2 (aside 5.5 and 6.7, axial rotation 7.2 and 38.9).
Panjabi et al. 2001 (Spine 26:2692) found 20.2 of extension in C0-C1 and 12.3 of flexion in C1-C2. The others: evenly.

Checked against the abstracts of both studies, and against a table by others that quotes the book and agrees in flexion,
extension and lateral bending from C2-C3 down and in all of C7-T1. Not confirmed: axial rotation of C2-C3 to C6-C7,
where that table has 9 11 12 10 9; the book itself was not at hand."""

MOTIONS = ("flexion", "extension", "lateral", "axial")


def limit(motion: str, joints: Iterable[str] = SPINE) -> float:
    """Give how far `joints` turn together in one of MOTIONS, in radians."""
    return sum(getattr(LIMITS[name], motion) for name in joints)


def share(motion: str, joints: Iterable[str] = SPINE) -> dict[str, float]:
    """Give what part of a turn in one of MOTIONS each of `joints` takes; the parts add up to 1.

    Each takes as much as its range allows, so that all come to their limits at the same moment. Looking aside, half
    of the turn then happens between the first two vertebrae, as it does in people.
    """
    joints = tuple(joints)
    whole = limit(motion, joints)
    return {name: getattr(LIMITS[name], motion) / whole for name in joints}


def spread(turn: np.ndarray, joints: Iterable[str] = SPINE) -> dict[str, np.ndarray]:
    """Part a turn (3,) about X, Y and Z, in radians, into turns (3,) of the single vertebrae."""
    joints = tuple(joints)
    parts = [share(m, joints) for m in ("flexion" if turn[0] > 0 else "extension", "lateral", "axial")]
    return {name: np.array([part[name] for part in parts]) * turn for name in joints}


JAW_OPEN = np.radians(21.4)
"""How far the jaw turns in `jawOpen` at 1: with the slide below, the incisors then part as far as the scan's do, 35 mm,
three quarters of what people reach (44.3 mm: Kordass et al. 2014; 46.6 mm: Travers et al. 2000, Arch Oral Biol)."""

JAW_LIMITS = {"open": np.radians(38.0), "side": np.radians(8.0), "forward": 0.009}
"""Largest opening and turn aside in radians, largest thrust in metres.

Open: Muto and Kanazawa 1996 (J Oral Maxillofac Surg 54:970), 39.1 degrees in men, 36.3 in women; others find less, 32.2
with a 95th percentile of 41.8 (Kordass et al. 2014, Int J Comput Dent 17:9). Side: the incisors' 13 mm, the 95th
percentile of the latter (mean 8.9), 90 mm before the hinge. Forward: 9.3 mm (Buschang, Throckmorton, Travers and
Hayasaki on young women); 8.0 mm (Woelfel, Igarashi and Dong 2014, J Adv Prosthodont 6:483). All as in the abstracts."""

JAW_SLIDE = np.array([0.0, -0.0203, -0.0178])
"""How the hinge slides forward and down the joint's slope, metres per radian of opening: 27 mm in all.

Condyles slide 20.5 mm for 39.1 degrees in men and 18.1 for 36.3 in women (Muto and Kanazawa 1996: 30.0 and 28.6 mm per
radian, 60 people), 14.8 mm for 32.2 degrees (Kordass et al. 2014: 26.4, 259 people); others 12 to 13 mm at the largest
opening (Travers et al. 2000). The slope, 41 degrees below the horizontal, is that of the scan, whose hinge slides a
third as far."""

EYE_LIMITS = {"Up": np.radians(27.9), "Down": np.radians(47.1), "In": np.radians(44.9), "Out": np.radians(44.2)}
"""How far eyes turn, in radians: Lee et al. 2019 (Eye 33:1145), means of 261 people; checked in its abstract."""

LARYNX_LIMITS = {"Up": 0.022, "Down": 0.012}
"""How far the larynx slides along the neck, metres: two centimetres up in a swallow, half of that down in a yawn."""
