"""Turns the eyeballs of the look shapes: rigidly, so that an eye stays round for every identity."""

from __future__ import annotations

import numpy as np

LOOK_DEGREES = {"Up": 22.0, "Down": 26.0, "In": 30.0, "Out": 30.0}
"""How far an eyeball turns at full value; about what lids and muscles allow without turning the head."""


def look(name: str, eyeball: np.ndarray, center: np.ndarray) -> np.ndarray:
    """Give what a shape adds to eyeball vertices (N, 3) that turn about `center` (3,): that called `name`, such as
    eyeLookUpLeft, or two of one eye at once, such as eyeLookUpLeft_eyeLookInLeft."""
    pitch = yaw = 0.0
    for one in name.split("_"):
        way = one.removeprefix("eyeLook").removesuffix("Left").removesuffix("Right")
        angle = np.radians(LOOK_DEGREES[way])
        outward = angle if one.endswith("Left") else -angle
        pitch += {"Up": -angle, "Down": angle}.get(way, 0.0)
        yaw += {"In": -outward, "Out": outward}.get(way, 0.0)
    local = eyeball - center
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    about_z = np.array([[np.cos(yaw), -np.sin(yaw), 0], [np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
    return local @ (about_z @ about_x).T - local
