"""Which bones of anybody's rig are a face's head, jaw and eyes, by name, and how its channels turn them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache

import bpy
import numpy as np

from ...core.head import anatomy
from ...core.head.gaze import LOOK_DEGREES
from ...core.rig.names_bones import by_bone_names
from . import kept

LEFT, UP, FRONT = range(3)
"""Axes about which a face turns: to its own left, up, and to where it looks."""

Turns = dict[str, tuple[int, float]]


def _looks(side: str) -> Turns:
    """How one eye turns: up is against `LEFT`, and outward is to its own side."""
    radians = {way: float(np.radians(degrees)) for way, degrees in LOOK_DEGREES.items()}
    outward = 1 if side == "Left" else -1
    return {
        f"eyeLookUp{side}": (LEFT, -radians["Up"]),
        f"eyeLookDown{side}": (LEFT, radians["Down"]),
        f"eyeLookIn{side}": (UP, -outward * radians["In"]),
        f"eyeLookOut{side}": (UP, outward * radians["Out"]),
    }


TURNS: dict[str, Turns] = {
    "head": {"headPitch": (LEFT, -1.0), "headYaw": (UP, 1.0), "headRoll": (FRONT, 1.0)},
    "jaw": {
        "jawOpen": (LEFT, float(anatomy.JAW_OPEN)),
        "jawLeft": (UP, float(anatomy.JAW_LIMITS["side"])),
        "jawRight": (UP, -float(anatomy.JAW_LIMITS["side"])),
    },
    "eye.L": _looks("Left"),
    "eye.R": _looks("Right"),
}
"""Role of a bone -> channel -> the axis and how far it turns, in radians, where the channel is 1."""


def channels(rig: bpy.types.Object | None, answered: Collection[str] = ()) -> tuple[str, ...]:
    """Name the channels that bones of a rig could answer, by their names; cheap."""
    return tuple(name for _, turns in free(rig, answered) for name in turns) if rig is not None else ()


def free(rig: bpy.types.Object, answered: Collection[str]) -> Iterator[tuple[str, Turns]]:
    """Give bones that have a role, each with the channels that are left for it."""
    if kept.is_linked(rig):  # the bones themselves may be: what is animated is their pose, which is of the object
        return
    roles = roles_of(tuple(rig.data.bones.keys()))
    for role, turns in TURNS.items():
        left = {name: turn for name, turn in turns.items() if name not in answered}
        if role in roles and left:
            yield roles[role], left


@lru_cache(maxsize=32)
def roles_of(names: tuple[str, ...]) -> dict[str, str]:
    """Bones by role; of Rigify's eyes those that turn, not those that are looked at."""
    roles = by_bone_names(names)
    for side in "LR":
        if f"master_eye.{side}" in names:
            roles[f"eye.{side}"] = f"master_eye.{side}"
    return roles


def axes_of(rig: bpy.types.Object, roles: dict[str, str]) -> np.ndarray:
    """Where a face's left, up and front lie in the space of its armature, (3, 3) by rows, from where bones rest."""
    bones = rig.data.bones
    place = {role: np.array(bones[name].head_local) for role, name in roles.items() if role in (*TURNS, "neck")}
    up = np.linalg.inv(np.array(rig.matrix_world.to_3x3(), float)) @ (0, 0, 1)
    if "neck" in place and "head" in place:
        up = place["head"] - place["neck"]
    up = np.eye(3)[np.abs(up).argmax()] * np.sign(up[np.abs(up).argmax()])
    left = np.array([1.0, 0, 0]) if abs(up[0]) < 0.5 else np.array([0, 1.0, 0])
    if {"eye.L", "eye.R"} <= place.keys():
        left = place["eye.L"] - place["eye.R"]
    left = left - (left @ up) * up
    left /= np.linalg.norm(left) or 1.0
    if not {"eye.L", "eye.R"} <= place.keys() and "jaw" in place:
        jaw = bones[roles["jaw"]]
        if (np.array(jaw.tail_local) - np.array(jaw.head_local)) @ np.cross(left, up) < 0:
            left = -left
    return np.stack([left, up, np.cross(left, up)])
