"""Where every bone of a head's rig rests: joints become deform bones, and controls are laid out around them.

No Blender data here, only places, so that a rig can be built from it and later be fitted to another person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.head import anatomy
from ...core.head.head import Head

DEFORM, MECHANISM = "DEF-", "MCH-"
"""Prefixes as Rigify has them: bones that move the skin, and bones that only pass motion on."""

SKULLS = ("skull", "head")
"""What the joint is called that carries the skull; older heads say head."""

UPPER = ("C2", "C1", "skull")
"""What the neck control leaves still: nodding and shaking the head is the head control's."""

UP, FRONT = np.array([0.0, 0.0, 1.0]), np.array([0.0, -1.0, 0.0])
TARGET_DISTANCE = 0.35
"""Metres from the eyes to what they look at, at rest."""


@dataclass(frozen=True)
class Bone:
    """One bone at rest: head and tail (3,) in metres, `z` (3,) where its local Z shall point, and its parent."""

    head: np.ndarray
    tail: np.ndarray
    z: np.ndarray
    parent: str = ""


def skull_of(names: tuple[str, ...]) -> str:
    """Name the joint that carries the skull; empty when there is none."""
    return next((name for name in SKULLS if name in names), "")


def spine_of(names: tuple[str, ...]) -> tuple[str, ...]:
    """Name the joints between chest and skull, bottom up."""
    if not skull_of(names):
        return ()
    return tuple(name for name in names[: names.index(skull_of(names))] if name != "chest")


def eyes_of(names: tuple[str, ...]) -> tuple[str, ...]:
    """Name the sides that have an eye joint: "L", "R"."""
    return tuple(side for side in "LR" if f"eye.{side}" in names)


def layout(head: Head) -> dict[str, Bone]:
    """Place every bone of the rig for a head, parents before children."""
    lowest = np.array([0.0, 0.0, float(head.neutral[:, 2].min())])
    bones = {"root": Bone(lowest, lowest - 0.12 * FRONT, UP)}
    chest = _control(head, "chest", "root")
    if chest is not None:
        bones["chest"] = chest
    bones |= _deforming(head)
    bones |= _neck(head, "chest" if chest is not None else "root")
    bones |= _face(head) | _eyes(head)
    return bones


def _deforming(head: Head) -> dict[str, Bone]:
    """One bone per joint; their tree is free of controls, so that a game engine gets it clean."""
    bones = {}
    for joint, name in enumerate(head.joint_names):
        start, end, above = head.joints[joint].astype(float), head.joint_tails[joint].astype(float), UP
        if np.linalg.norm(end - start) < 1e-4:
            end = start + 0.01 * UP
        if name == "jaw":
            above = -UP  # so that turning about +X opens it, as in Rigify
        elif abs((end - start)[2]) > 0.7 * np.linalg.norm(end - start):
            above = FRONT
        if name in ("eye.L", "eye.R"):
            end = start + FRONT * np.linalg.norm(end - start)
        parent = head.joint_parents[joint]
        bones[DEFORM + name] = Bone(start, end, above, DEFORM + head.joint_names[parent] if parent >= 0 else "")
        if parent < 0 and name != "chest":
            bones[DEFORM + name] = Bone(start, end, above, "root")
    return bones


def _neck(head: Head, parent: str) -> dict[str, Bone]:
    names, bones = head.joint_names, {}
    skull, spine = skull_of(names), spine_of(names)
    if spine:
        base, top = _place(head, spine[0]), _place(head, skull)
        bones["neck"] = Bone(base, top, FRONT, parent)
    if skull:
        start = _place(head, skull)
        length = max(0.08, float(head.neutral[:, 2].max() - start[2]))
        bones["head"] = Bone(start, start + length * UP, FRONT, "neck" if spine else parent)
        rest = _deforming(head)[DEFORM + skull]
        bones[MECHANISM + "skull"] = Bone(rest.head, rest.tail, rest.z, "head")
    return bones


def _face(head: Head) -> dict[str, Bone]:
    bones = {}
    for joint, control in (("jaw", "jaw_master"), ("larynx", "larynx")):
        made = _control(head, joint, "")
        if made is not None:
            bones[control] = made
    return bones


def _eyes(head: Head) -> dict[str, Bone]:
    sides, skull = eyes_of(head.joint_names), skull_of(head.joint_names)
    if not sides or not skull:
        return {}
    places = {side: _place(head, f"eye.{side}") for side in sides}
    middle = np.mean(list(places.values()), axis=0) + TARGET_DISTANCE * FRONT
    bones = {
        MECHANISM + "eyes_head": Bone(middle, middle + 0.02 * FRONT, UP, DEFORM + skull),
        MECHANISM + "eyes": Bone(middle, middle + 0.02 * FRONT, UP, "root"),
        "eyes": Bone(middle, middle + 0.02 * FRONT, UP, MECHANISM + "eyes"),
    }
    for side, place in places.items():
        rest = _deforming(head)[f"{DEFORM}eye.{side}"]
        bones[f"{MECHANISM}eye.{side}"] = Bone(rest.head, rest.tail, rest.z, DEFORM + skull)
        bones[f"master_eye.{side}"] = Bone(rest.head, rest.tail, rest.z, f"{MECHANISM}eye.{side}")
        target = place + TARGET_DISTANCE * FRONT
        bones[f"eye.{side}"] = Bone(target, target + 0.015 * FRONT, UP, "eyes")
    return bones


def _control(head: Head, joint: str, parent: str) -> Bone | None:
    """A control that rests exactly where a joint's deform bone does; by default it hangs where that one hangs."""
    if joint not in head.joint_names:
        return None
    rest = _deforming(head)[DEFORM + joint]
    return Bone(rest.head, rest.tail, rest.z, parent or rest.parent)


def _place(head: Head, joint: str) -> np.ndarray:
    return head.joints[head.joint_names.index(joint)].astype(float)


def neck_shares(names: tuple[str, ...], motion: str) -> tuple[dict[str, float], dict[str, float]]:
    """Tell how the `neck` and the `head` control's turns are spread over a head's joints, for one of anatomy.MOTIONS.

    The neck control bends the lower vertebrae, all of its turn; the head control all of them, the skull taking the
    rest. Joints that anatomy does not know share the neck's turn evenly.
    """
    known = tuple(name for name in anatomy.SPINE if name in names)
    spine = spine_of(names)
    lower = tuple(name for name in known if name not in UPPER)
    neck = anatomy.share(motion, lower) if lower else {name: 1 / len(spine) for name in spine}
    return neck, anatomy.share(motion, known) if len(known) > 1 else {}
