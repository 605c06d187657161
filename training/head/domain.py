"""Flattens half of the scanned surface, so that a layout can be placed in two dimensions.

The half head with its mouth bag and eye socket is a disc. Its border (the lower edge of the neck, then the midline up
the back, over the crown and down the face) goes onto a rectangle, and every other vertex becomes the mean-value
average of its neighbours (Floater 2003; one-to-one by Tutte's theorem because the rectangle is convex). The bag would
shrink to nothing there, so it gets a chart of its own: half a disc, the inner lip along its arc.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import spsolve
from scipy.spatial import cKDTree

from .ict import BAG, Ict, boundary_loops

WIDTH, HEIGHT = 1.3, 1.6
BAG_CHART = 3.0
"""Where the diameter of the bag's half disc stands: x of its midline; the arc reaches to x + 1."""
BACK, CROWN = 0.33, 0.46
BAG_SHARE = 0.15
"""How much of its length the midline inside the mouth keeps, so that the face around it is not pushed apart."""
"""Shares of the midline that run along the right side and end at the left corner of the upper side."""


@dataclass(frozen=True)
class Domain:
    """points (V, 2) in the charts (NaN for the other half), triangles (T, 3), surface (V, 3) in metres, origin (V,):
    the scan's vertex. Inner-lip vertices stand twice, once in each chart."""

    points: np.ndarray
    triangles: np.ndarray
    surface: np.ndarray
    origin: np.ndarray

    def flat(self, triangle: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Give the chart points (P, 2) of located points."""
        return np.einsum("pk,pkd->pd", weights, self.points[self.triangles[triangle]])

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.points[self.triangles].mean(axis=1))

    def locate(self, where: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find the triangle (P,) and barycentric weights (P, 3) of points (P, 2); the nearest one when outside all."""
        corners = self.points[self.triangles]
        best, score = np.zeros(len(where), int), np.full(len(where), -np.inf)
        open_points = np.arange(len(where))
        for reach in (12, 60, 300):  # most points lie in one of the nearest triangles; thin ones need a wider look
            near = self._tree.query(where[open_points], k=reach)[1]
            for candidates in np.moveaxis(near, 1, 0):
                inside = barycentric(where[open_points], corners[candidates]).min(axis=1)
                better = inside > score[open_points]
                best[open_points[better]], score[open_points[better]] = candidates[better], inside[better]
            open_points = np.flatnonzero(score < -1e-9)
            if not len(open_points):
                break
        weights = barycentric(where, corners[best]).clip(0, 1)
        return best, weights / weights.sum(axis=1, keepdims=True)

    def lift(self, triangle: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Give the surface points (P, 3) of located points."""
        return np.einsum("pk,pkd->pd", weights, self.surface[self.triangles[triangle]])


def barycentric(point: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Weights (P, 3) of points (P, 2) in triangles (P, 3, 2); negative outside."""
    a, b, c = np.moveaxis(corners, 1, 0)
    ab, ac, ap = b - a, c - a, point - a
    area = ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]
    v = (ap[:, 0] * ac[:, 1] - ap[:, 1] * ac[:, 0]) / area
    w = (ab[:, 0] * ap[:, 1] - ab[:, 1] * ap[:, 0]) / area
    return np.stack([1 - v - w, v, w], axis=1)


def flatten(ict: Ict) -> Domain:
    """Flatten the left half (+X) of the mean head."""
    surface = ict.neutral[: len(ict.mirror)].copy()
    surface[ict.mirror == np.arange(len(surface)), 0] = 0
    half = ict.triangles[surface[ict.triangles][:, :, 0].min(axis=1) > -1e-9]
    (border,) = [np.array(loop) for loop in boundary_loops(half)]
    on_midline = surface[border, 0] == 0
    start = np.flatnonzero(on_midline & ~np.roll(on_midline, -1))[0]
    border = np.roll(border, -start)
    if surface[border[0], 1] > surface[border, 1].mean():
        raise ValueError("the border should begin at the front of the neck")
    neck_end = np.flatnonzero(surface[border, 0] == 0)[1]
    step = np.linalg.norm(np.diff(surface[np.r_[border, border[0]]], axis=0), axis=1)
    step[(border >= BAG.start) & (border < BAG.stop)] *= BAG_SHARE
    place = np.zeros((len(border), 2))
    along = np.r_[0, np.cumsum(step[:neck_end])]
    place[: neck_end + 1, 0] = WIDTH * along / along[-1]
    along = np.r_[0, np.cumsum(step[neck_end:])]
    along = (along / along[-1])[:-1]
    stops = [0, BACK, CROWN, 1]
    place[neck_end:, 0] = np.interp(along, stops, [WIDTH, WIDTH, 0, 0])
    place[neck_end:, 1] = np.interp(along, stops, [0, HEIGHT, HEIGHT, 0])

    points = _relax(surface, half, border, place)
    in_bag = (half >= BAG.start) & (half < BAG.stop)
    bag = half[in_bag.any(axis=1)]
    seam = np.intersect1d(bag, np.arange(BAG.start))
    chart = _flatten_bag(surface, bag, seam)
    twin = np.arange(len(surface))
    twin[seam] = len(surface) + np.arange(len(seam))
    points[BAG] = chart[BAG]
    return Domain(
        np.concatenate([points, chart[seam]]),
        np.concatenate([half[~in_bag.any(axis=1)], twin[bag]]),
        np.concatenate([surface, surface[seam]]),
        np.concatenate([np.arange(len(surface)), seam]),
    )


def _flatten_bag(surface: np.ndarray, bag: np.ndarray, seam: np.ndarray) -> np.ndarray:
    (border,) = [np.array(loop) for loop in boundary_loops(bag)]
    ends = seam[surface[seam, 0] == 0]
    low, high = ends[np.argsort(surface[ends, 2])]
    border = np.roll(border, -int(np.flatnonzero(border == low)[0]))
    if border[1] not in seam:
        border = np.roll(border[::-1], 1)
    turn = int(np.flatnonzero(border == high)[0])
    step = np.linalg.norm(np.diff(surface[np.r_[border, border[0]]], axis=0), axis=1)
    along = np.r_[0, np.cumsum(step)]
    arc = -np.pi / 2 + np.pi * along[: turn + 1] / along[turn]
    across = 1 - 2 * (along[turn:-1] - along[turn]) / (along[-1] - along[turn])
    place = np.concatenate([np.stack([np.cos(arc), np.sin(arc)], 1), np.stack([np.zeros(len(across)), across], 1)[1:]])
    place[[0, turn], 0] = 0
    return _relax(surface, bag, border, place + [BAG_CHART, 0])


def _relax(surface: np.ndarray, triangles: np.ndarray, border: np.ndarray, place: np.ndarray) -> np.ndarray:
    free = np.setdiff1d(np.unique(triangles), border)
    laplacian = mean_value_laplacian(surface, triangles)
    points = np.full((len(surface), 2), np.nan)
    points[border] = place
    points[free] = spsolve(laplacian[free][:, free].tocsc(), -(laplacian[free][:, border] @ place))
    return points


def mean_value_laplacian(surface: np.ndarray, triangles: np.ndarray) -> sparse.csr_matrix:
    """Give the mean-value Laplacian (V, V) of a mesh: rows of positive weights (Floater 2003), so maps cannot fold."""
    rows, columns, weights = [], [], []
    for k in range(3):
        i, j, o = triangles[:, k], triangles[:, (k + 1) % 3], triangles[:, (k + 2) % 3]
        a, b = surface[j] - surface[i], surface[o] - surface[i]
        length_a, length_b = np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1)
        angle = np.arccos(np.clip((a * b).sum(axis=1) / (length_a * length_b), -1, 1))
        tangent = np.tan(np.minimum(angle, 2.8) / 2)
        rows += [i, i]
        columns += [j, o]
        weights += [tangent / length_a, tangent / length_b]
    size = (len(surface), len(surface))
    table = sparse.coo_matrix((np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))), size).tocsr()
    return (sparse.diags(np.asarray(table.sum(axis=1)).ravel()) - table).tocsr()
