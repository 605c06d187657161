"""Turns the eyeballs of the look shapes: rigidly, so that an eye stays round for every identity."""

from __future__ import annotations

import numpy as np

LOOK_DEGREES = {"Up": 22.0, "Down": 26.0, "In": 30.0, "Out": 30.0}
"""How far an eyeball turns at full value; about what lids and muscles allow without turning the head."""


def look(name: str, eyeball: np.ndarray, center: np.ndarray) -> np.ndarray:
    """Give what shape `name` (such as eyeLookUpLeft) adds to eyeball vertices (N, 3) that turn about `center` (3,)."""
    left = name.endswith("Left")
    way = name.removeprefix("eyeLook").removesuffix("Left").removesuffix("Right")
    angle = np.radians(LOOK_DEGREES[way])
    outward = angle if left else -angle
    pitch = {"Up": -angle, "Down": angle}.get(way, 0.0)
    yaw = {"In": -outward, "Out": outward}.get(way, 0.0)
    local = eyeball - center
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    about_z = np.array([[np.cos(yaw), -np.sin(yaw), 0], [np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
    return local @ (about_z @ about_x).T - local
