"""Rigs that training never sees, to judge on: MakeHuman's expression units, and muscles pulling at a raw scan.

Each has an exact skull: what its shapes leave alone. Live Link takes drive them by a table of names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from headroom.core.head.generate import GenerateOptions, generate

from ..head import ict as model
from ..head import makehuman, scan
from .sources import OWN_NAMES
from .vary import smooth

UNITS = {
    "jawOpen": {"mouth-open": 1.0},
    "eyeBlinkLeft": {"eye-left-closure": 1.0},
    "eyeBlinkRight": {"eye-right-closure": 1.0},
    "eyeSquintLeft": {"eye-left-slit": 1.0},
    "eyeSquintRight": {"eye-right-slit": 1.0},
    "eyeWideLeft": {"eye-left-opened-up": 1.0},
    "eyeWideRight": {"eye-right-opened-up": 1.0},
    "browDownLeft": {"eyebrows-left-down": 1.0},
    "browDownRight": {"eyebrows-right-down": 1.0},
    "browOuterUpLeft": {"eyebrows-left-extern-up": 1.0},
    "browOuterUpRight": {"eyebrows-right-extern-up": 1.0},
    "browInnerUp": {"eyebrows-left-inner-up": 1.0, "eyebrows-right-inner-up": 1.0, "eyebrows-left-up": 0.4},
    "noseSneerLeft": {"nose-left-elevation": 1.0, "nose-left-dilatation": 0.4},
    "noseSneerRight": {"nose-right-elevation": 1.0, "nose-right-dilatation": 0.4},
    "cheekSquintLeft": {"nose-compression": 0.4},
    "mouthPucker": {"mouth-pursing": 1.0},
    "mouthFunnel": {"mouth-protusion": 1.0},
    "mouthSmileLeft": {"mouth-corner-puller": 0.6},
    "mouthSmileRight": {"mouth-corner-puller": 0.6},
    "mouthFrownLeft": {"mouth-depression-retraction": 0.5},
    "mouthFrownRight": {"mouth-depression": 0.5},
    "mouthStretchLeft": {"mouth-retraction": 0.5, "neck-platysma": 0.3},
    "mouthStretchRight": {"mouth-retraction": 0.5, "neck-platysma": 0.3},
    "mouthUpperUpLeft": {"mouth-upward-retraction": 0.5},
    "mouthUpperUpRight": {"mouth-upward-retraction": 0.5},
    "mouthShrugLower": {"mouth-elevation": 1.0},
    "mouthPressLeft": {"mouth-compression": 0.5},
    "mouthPressRight": {"mouth-compression": 0.5},
    "mouthRollLower": {"mouth-compression": 0.5},
    "mouthLowerDownLeft": {"mouth-eversion": 0.5},
    "mouthLowerDownRight": {"mouth-part-later": 0.5},
}  # fmt: skip
"""What an ARKit channel moves on MakeHuman."""


@dataclass(frozen=True)
class Rig:
    """neutral (V, 3) metres in Headroom's frame; shapes by ARKit name (V, 3); face (V,) whether a capture sees it."""

    name: str
    neutral: np.ndarray
    shapes: Mapping[str, np.ndarray]
    face: np.ndarray

    def matrix(self) -> tuple[tuple[str, ...], np.ndarray]:
        """Give names and shapes (S, V, 3) of the face's vertices."""
        return tuple(self.shapes), np.stack([shape[self.face] for shape in self.shapes.values()])


def in_face(points: np.ndarray) -> np.ndarray:
    """Tell which points (V, 3) belong to the face alone: no scalp, no neck, no ears."""
    off = (points - [0, -0.085, 0]) / [0.075, 0.075, 0.1]
    return (off**2).sum(axis=1) < 1


def ict_rig(data: Path, seed: int, own_shapes: float = 0.0) -> Rig:
    """A new person of the ICT model; own_shapes: how far each of its shapes differs from the model's, 0 not at all."""
    ict, rng = model.read(data), np.random.default_rng(900_000 + seed)
    neutral = (ict.neutral + np.tensordot(rng.normal(size=len(ict.identity)), ict.identity, axes=1))[model.SKIN]
    shapes = {}
    for name, delta in ict.expressions.items():
        if name.startswith("PupilDilate"):
            continue
        moved = delta[model.SKIN]
        if own_shapes:
            near = neutral[::40]
            field = 1 + own_shapes * smooth(3, near, rng, 0.04)[..., 0]
            spread = _nearest(neutral, near)
            moved = moved * field.T[spread] * np.exp(0.3 * own_shapes * rng.normal())
        shapes.update(_arkit(name, moved))
    return Rig(f"ict {seed}" + (" own shapes" if own_shapes else ""), neutral, _summed(shapes), ict_face(ict))


def ict_face(ict: model.Ict) -> np.ndarray:
    """Tell which vertices of the ICT model's skin belong to the face, the same ones for everyone."""
    return in_face(ict.neutral[model.SKIN])


def own_rig(seed: int) -> Rig:
    """A new person of Headroom's generator."""
    head = generate(GenerateOptions(seed=800_000 + seed))
    skin = np.unique(head.faces[head.part == "skin"])
    shapes = {name: head.shapes[head.shape_names.index(name)][skin] for name in OWN_NAMES}
    neutral = head.neutral[skin].astype(np.float64)
    return Rig(f"own {seed}", neutral, shapes, in_face(neutral))


def makehuman_rig(data: Path, ancestry: str, corner: str) -> Rig:
    """A MakeHuman person with the expression units of an ancestry (african, asian, caucasian)."""
    read = makehuman.read(data)
    units = makehuman.expression_units(data, ancestry)
    skin = np.unique(read.quads)
    person = read.base + read.moved({f"macro/{corner}": 1.0})
    teeth = person[read.groups["helper-upper-teeth"]].mean(axis=0)
    shapes = {}
    for name, mix in UNITS.items():
        full = np.zeros_like(read.base)
        for unit, amount in mix.items():
            vertices, deltas = units[unit]
            full[vertices] += amount * deltas
        shapes[name] = full[skin]
    neutral = person[skin] - teeth + np.array([0, -0.078, -0.022])  # where the mean head has its upper teeth
    return Rig(f"makehuman {ancestry}", neutral, shapes, in_face(neutral))


def scan_rig(folder: Path) -> Rig:
    """A raw scan moved by muscles: straight ones and rings, and a jaw that turns about its hinge.

    Source of the muscles: Waters, "A muscle model for animating three-dimensional facial expression" (1987).
    """
    points, triangles = scan.read_obj(folder / "face_scan.obj")
    marks = np.load(folder / "face_scan_landmarks.npy", allow_pickle=False)
    _, _, turn, shift = scan.fit(points, triangles, marks)
    back = np.linalg.inv(turn)
    points, marks = (points - shift) @ back.T, (marks - shift) @ back.T
    return Rig("scan with muscles", points, _muscles(points, marks), in_face(points))


def _muscles(points: np.ndarray, marks: np.ndarray) -> dict[str, np.ndarray]:
    """ARKit-like shapes of muscles. marks (51, 3): brows, nose, eyes, lips as iBUG numbers them from 17 on."""
    shapes = {"jawOpen": _jaw(points, marks), "mouthPucker": _ring(points, marks[31:43].mean(axis=0), 0.045, 0.4)}
    shapes["mouthFunnel"] = _ring(points, marks[31:43].mean(axis=0), 0.04, 0.2) + _bump(
        points, marks[31:43].mean(axis=0), [0, -0.006, 0], 0.02
    )
    sides = {"Right": (31, slice(0, 5), slice(19, 25), 16, -1.0), "Left": (37, slice(5, 10), slice(25, 31), 18, 1.0)}
    for side, (corner, brow, eye, wing, x) in sides.items():
        mouth, brows, lid = marks[corner], marks[brow], marks[eye]
        inner, outer = (brows[-1], brows[0]) if side == "Right" else (brows[0], brows[-1])
        middle = lid.mean(axis=0)
        shapes[f"mouthSmile{side}"] = _pull(points, mouth, [x * 0.035, 0.03, 0.045], 0.035, 0.012)
        shapes[f"mouthFrown{side}"] = _pull(points, mouth, [x * 0.008, 0.005, -0.04], 0.03, 0.008)
        shapes[f"mouthStretch{side}"] = _pull(points, mouth, [x * 0.04, 0.03, -0.01], 0.035, 0.01)
        upper = (marks[34] + mouth) / 2
        shapes[f"mouthUpperUp{side}"] = _pull(points, upper, [x * 0.005, 0.0, 0.035], 0.025, 0.007)
        shapes[f"mouthLowerDown{side}"] = _pull(points, upper - [0, 0, 0.015], [0, 0.003, -0.03], 0.02, 0.006)
        shapes[f"noseSneer{side}"] = _pull(points, (marks[wing] + marks[10]) / 2, [0, 0.003, 0.03], 0.025, 0.005)
        shapes[f"browOuterUp{side}"] = _pull(points, outer, [0, 0.01, 0.05], 0.03, 0.008)
        shapes[f"browDown{side}"] = _pull(points, inner, [-x * 0.01, 0, -0.03], 0.03, 0.006)
        shapes[f"eyeSquint{side}"] = _ring(points, middle, 0.03, 0.12)
        shapes[f"eyeBlink{side}"] = _bump(points, middle + [0, 0, 0.008], [0, -0.001, -0.009], 0.008)
        shapes[f"cheekSquint{side}"] = _pull(points, middle - [0, 0, 0.03], [0, 0.005, 0.03], 0.028, 0.006)
    both = [_pull(points, marks[k], [0, 0.01, 0.05], 0.03, 0.008) for k in (4, 5)]
    shapes["browInnerUp"] = both[0] + both[1]
    return shapes


def _pull(points: np.ndarray, skin: np.ndarray, towards: list[float], reach: float, amount: float) -> np.ndarray:
    """A straight muscle: skin near its end, within a cone, moves along it by up to `amount` metres."""
    along = np.asarray(towards) / np.linalg.norm(towards)
    off = points - skin
    near = np.exp(-0.5 * ((off**2).sum(axis=1) / (reach / 1.6) ** 2))
    ahead = np.clip(1 - (off @ along) / np.linalg.norm(towards), 0, 1)  # bone does not move
    return (amount * near * ahead)[:, None] * along


def _ring(points: np.ndarray, middle: np.ndarray, reach: float, part: float) -> np.ndarray:
    """A sphincter: skin within `reach` moves towards the middle by `part` of its distance."""
    off = (points - middle) * [1.0, 0.3, 0.6]
    return -part * np.exp(-0.5 * ((points - middle) ** 2).sum(axis=1) / (reach / 1.8) ** 2)[:, None] * off


def _bump(points: np.ndarray, middle: np.ndarray, move: list[float], reach: float) -> np.ndarray:
    return np.exp(-0.5 * ((points - middle) ** 2).sum(axis=1) / reach**2)[:, None] * np.asarray(move)


def _jaw(points: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """The chin and lower lip turned by 20 degrees about the hinge, fading out over the cheeks."""
    mouth, nose = marks[31:51].mean(axis=0), marks[13]
    hinge = np.array([mouth[0], nose[1] + 0.1, nose[2] + 0.005])
    below = (mouth[2] + 0.001 - points[:, 2]) / 0.012
    share = 1 / (1 + np.exp(-np.clip(3 * below, -30, 30)))
    wide = np.exp(-0.5 * np.clip(np.abs(points[:, 0] - mouth[0]) - 0.03, 0, None) ** 2 / 0.018**2)
    back = 1 / (1 + np.exp(np.clip((points[:, 1] - (nose[1] + 0.07)) / 0.008, -30, 30)))
    angle = np.radians(20)
    turn = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    return (share * wide * back)[:, None] * ((points - hinge) @ turn.T + hinge - points)


def _nearest(points: np.ndarray, places: np.ndarray) -> np.ndarray:
    return cKDTree(places).query(points)[1]


def _arkit(name: str, delta: np.ndarray) -> dict[str, np.ndarray]:
    """The ARKit channel of an ICT shape; those that ICT splits in halves come together."""
    long = name.replace("_L", "Left").replace("_R", "Right")
    whole = long.removesuffix("Left").removesuffix("Right")
    return {(whole if whole in ("browInnerUp", "cheekPuff") else long) + "|" + name: delta}


def _summed(shapes: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    made: dict[str, np.ndarray] = {}
    for key, delta in shapes.items():
        name = key.split("|")[0]
        made[name] = made[name] + delta if name in made else delta
    return made
