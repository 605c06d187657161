"""Mends the mean's shapes where the scan's go wrong: folded skin, lips through teeth or each other, lids in eyes."""

from __future__ import annotations

import igl
import numpy as np

from headroom.core.head.clearance import clear_lids
from headroom.core.head.contact import part_lips
from headroom.core.head.solids import Eyeball

from . import seams
from .layout import LIP_INNER
from .skinning import neighbours
from .template import Template

CLEARANCE = 0.0010
"""Metres that lips of single shapes stay off the teeth, so that two together rarely meet them."""
MARGIN = 0.12
"""How far from folding a corner stays, where 1 is a square's; two shapes together then rarely fold it."""
ROUNDS, MENDS = 60, 6


class Cleaner:
    """Knows the mean head (V, 3) and mends shapes (V, 3) made for it."""

    def __init__(self, template: Template, mean: np.ndarray) -> None:
        self.template, self.mean = template, mean
        self.faces = template.faces[(template.faces < template.skin).all(axis=1)]
        self.average = neighbours(self.faces, len(mean), mean)
        self.even = neighbours(self.faces, len(mean))
        self.folded = folds(mean, self.faces)
        self.narrow = folds(mean, self.faces, MARGIN + 0.05)
        mouth, *self.eyes = seams.openings(template)
        self.lips = mouth.seam
        rings = np.concatenate(template.layout.rings["mouth"][1:LIP_INNER])
        self.mouth = np.union1d(rings, template.mirror[rings])
        self.balls = [Eyeball.of(mean[slice(*eye.ball)]) for eye in self.eyes]
        self.teeth = []
        for part in ("teeth_upper", "teeth_lower", "gums_upper", "gums_lower"):
            where = template.piece_slices[part]
            quads = template.faces[template.part == part] - where.start
            self.teeth.append((where, np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])))

    def together(self, first: np.ndarray, second: np.ndarray, sealed: bool = False) -> np.ndarray:
        """Give what must be added to two shapes at full (V, 3) so that they are clean together, or closed as well."""
        pair = self.clean(first + second)
        if sealed:
            pair = self.unfold(pair + self.lips.close(self.mean + pair), keep=np.r_[self.lips.lower, self.lips.upper])
        return pair - first - second

    def clean(self, shape: np.ndarray) -> np.ndarray:
        """Give the shape without folds, lips outside teeth and each other, lids outside the eyes."""
        for turn in range(MENDS):
            if np.abs(shape[self.mouth]).max() > 1e-4:
                shape = self.off_teeth(shape)
            shape = self.unfold(shape)
            gap = shape[self.lips.upper] - shape[self.lips.lower]
            shape[self.lips.vertex] += part_lips(self.mean, gap, self.lips)
            for eye, ball in zip(self.eyes, self.balls, strict=True):
                if np.abs(shape[eye.rings]).max() > 1e-4:
                    posed = self.mean + shape
                    shape[eye.rings] += clear_lids(posed[eye.rings], posed[slice(*eye.ball)], ball)
            if turn > MENDS // 2 and self.wrong(shape):
                shape = 0.95 * shape  # what cannot be mended gets milder
        return self.unfold(shape)

    def wrong(self, shape: np.ndarray) -> bool:
        """Tell whether the shape still folds skin or brings lips into teeth."""
        posed = self.mean + shape
        if (folds(posed, self.faces) & ~self.folded).any():
            return True
        return any(self._distance(posed, posed[self.mouth], k)[0].min() < -0.0001 for k in range(len(self.teeth)))

    def unfold(self, shape: np.ndarray, keep: np.ndarray | None = None) -> np.ndarray:
        """Average a shape over the skin around faces that it folds, until none is left; `keep` vertices stay."""
        shape = shape.copy()
        for turn in range(ROUNDS):
            posed = self.mean + shape
            bad = (folds(posed, self.faces, MARGIN) & ~self.narrow) | (folds(posed, self.faces) & ~self.folded)
            if not bad.any():
                break
            share = np.zeros(len(shape))
            share[np.unique(self.faces[bad])] = 0.7
            for _ in range(1 + turn // 10):  # wider where a fold persists
                share = np.maximum(share, 0.7 * (self.average @ share))
            if keep is not None:
                share[keep] = 0
            if turn < ROUNDS // 2:
                shape += share[:, None] * (self.average @ shape - shape)
            else:  # even out where the skin itself lies
                shape += 0.4 * share[:, None] * (self.even @ posed - posed)
        return shape

    def off_teeth(self, shape: np.ndarray) -> np.ndarray:
        """Bring the lips out of the teeth, which the shape may move too, and let the skin around them follow."""
        posed = self.mean + shape
        push = np.zeros_like(shape)
        for k in range(len(self.teeth)):
            points = posed[self.mouth] + push[self.mouth]
            distance, nearest = self._distance(posed, points, k)
            way = np.sign(distance)[:, None] * (points - nearest)
            way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
            way[:, 1] = -np.abs(way[:, 1]) - 0.5  # out of the mouth, never deeper in
            way /= np.linalg.norm(way, axis=1, keepdims=True)
            push[self.mouth] += way * np.clip(CLEARANCE - distance, 0, None)[:, None]
        spread = push.copy()
        for _ in range(6):
            spread = np.where(np.abs(push) > np.abs(spread), push, self.average @ spread)
        spread[self.template.skin :] = 0
        return shape + np.where(np.abs(push) > 0, push, spread)

    def _distance(self, posed: np.ndarray, points: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """How far points (N, 3) are from the k-th of teeth and gums, negative inside, and where these are nearest."""
        where, triangles = self.teeth[k]
        kind = igl.SIGNED_DISTANCE_TYPE_FAST_WINDING_NUMBER
        points, corners = np.ascontiguousarray(points), np.ascontiguousarray(posed[where])
        distance, _, nearest, _ = igl.signed_distance(points, corners, triangles, sign_type=kind)
        return distance, nearest


def twin(name: str) -> str:
    """Give the name of a shape's mirror image: left for right and right for left."""
    return (
        name.replace("Left", "_").replace("Right", "Left").replace("_", "Right")
        if "_" not in name
        else "_".join(twin(part) for part in name.split("_"))
    )


def mirrored(shapes: dict[str, np.ndarray], mirror: np.ndarray) -> dict[str, np.ndarray]:
    """Make one of each pair of twins the exact mirror image of the other, and shapes without a twin even."""
    flip = {name: shape[mirror] * [-1, 1, 1] for name, shape in shapes.items()}
    even = {}
    for name, shape in shapes.items():
        other = twin(name)
        even[name] = (shape + flip[name]) / 2 if other == name else shape if name < other else flip[other]
    return even


def folds(points: np.ndarray, faces: np.ndarray, margin: float = -0.02) -> np.ndarray:
    """Tell which quads (F, 4) have a corner that turns the wrong way, or less than `margin` the right way, (F,) bool.

    A corner's turn is its cross product along the quad's normal, as a part of the quad's area.
    """
    corners = points[faces]
    normal = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    sides = np.roll(corners, -1, axis=1) - corners
    turn = np.cross(np.roll(sides, 1, axis=1), sides)
    worst = (turn * normal[:, None]).sum(axis=2).min(axis=1)
    return worst < margin * np.maximum((normal**2).sum(axis=1), 1e-16)
