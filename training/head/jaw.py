"""Lets the jaw open as people's jaws do: the scan's turns almost on the spot, people's condyles slide as they turn."""

from __future__ import annotations

import numpy as np

from headroom.core.head.anatomy import JAW_OPEN, JAW_SLIDE, JOINTS

from .joints import SCANNED_OPEN, SCANNED_SLIDE
from .skinning import turned
from .template import Template


def opened(template: Template, scanned: np.ndarray) -> np.ndarray:
    """Give `jawOpen` (V, 3) with people's share of turn and slide, for the scan's (V, 3); the incisors drop as far.

    What turns and slides with the jaw bone takes the difference of the two motions, as much of it as skin takes of the
    bone, so that all the scan knows of skin, its wrinkling and stretching, stays.
    """
    hinge = template.joints[JOINTS.index("jaw")]
    share = template.skin_weights[:, [JOINTS.index("jaw")]]
    away = template.vertices - hinge
    people, scan = rigid(away, JAW_OPEN, JAW_SLIDE), rigid(away, SCANNED_OPEN, SCANNED_SLIDE)
    return scanned + share * (people - scan)


def rigid(away: np.ndarray, angle: float, slide: np.ndarray) -> np.ndarray:
    """How points (N, 3) relative to the hinge move when the jaw turns by `angle` and slides by slide (3,) a radian."""
    return turned(away, angle) + slide * angle - away


def back(points: np.ndarray, rest: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Bring points (N, 3) to where they would be if the jaw had not moved; rest, moved (M, 3): its teeth."""
    middle, there = rest.mean(axis=0), moved.mean(axis=0)
    u, _, vt = np.linalg.svd((moved - there).T @ (rest - middle))
    flip = np.diag([1, 1, np.sign(np.linalg.det(u @ vt))])
    return (points - there) @ (u @ flip @ vt) + middle
