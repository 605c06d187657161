"""Which place on the laid template each vertex of a head follows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import scipy.sparse as sparse

from .. import weights
from ..head.clearance import LID_FRONT, LID_INNER, LIP_INNER, Eye
from ..head.decode import openings
from ..head.head import PARTS
from ..head.levels import subdivision
from .fit import skin_size, surface
from .shapes import Fitted
from .surface import Mesh, Nearest, triangles_of

FACING = 0.006
BELIEVED = 0.02
"""Metres beyond which a vertex takes what its neighbors do."""
DIMPLE = 0.03
"""Metres before and behind the lips that a mouth without an opening may reach."""
AGREE = 0.1
SMOOTHED = 40
"""How often what is not believed is averaged with what lies beside it."""


@dataclass(frozen=True)
class Skin:
    """The template's skin cut finer, so that what follows it does not see its facets: `rows` (N', N) mixes the new
    vertices, `triangles` (T, 3)."""

    rows: sparse.csr_matrix
    triangles: np.ndarray

    def points(self, template: np.ndarray) -> np.ndarray:
        """Give the finer skin's vertices (N', 3) for the template's (V, 3)."""
        return self.rows @ template[: self.rows.shape[1]]


@cache
def fine_skin() -> Skin:
    """Cut the template's skin; takes half a second once."""
    fixed = weights.load("template").arrays
    soft = np.isin(np.array(PARTS)[fixed["part"]], ("skin", "mouth"))
    smooth, _, faces = subdivision(fixed["faces"].astype(np.int64)[soft])
    return Skin(smooth.tocsr().astype(np.float64), triangles_of(faces))


@cache
def behind(opening: str) -> np.ndarray:
    """Which vertices of the template's skin (N,) lie inside "mouth", "Left" or "Right": behind the lips or lids."""
    mouth, *eyes = openings()
    rings, first = mouth.rings, LIP_INNER
    for eye in eyes:
        if eye.side == opening:
            rings, first = eye.rings, LID_INNER + 1
    beside = Mesh(np.zeros((skin_size(), 3)), surface()).plain
    barred = np.zeros(skin_size(), bool)
    barred[rings[: first + 1]] = True
    inside = np.zeros(skin_size(), bool)
    last = rings[first + 1]
    while len(last):
        inside[last] = True
        last = np.flatnonzero((np.asarray(beside[last].sum(axis=0)).ravel() > 0) & ~inside & ~barred)
    return inside


def bind(
    target: Mesh, which: np.ndarray, fitted: Fitted, fused: tuple[str, ...]
) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Give how the vertices `which` (M,) of a target in the template's frame mix (M, V) what the template's vertices
    do, and how far each is believed, (M,) 0..1.

    `fused`: what has no opening, "mouth" or the side of an eye, as scans have it; the surface between such lids is
    drawn together when they close.
    """
    skin = fine_skin()
    shut = np.zeros(skin_size(), bool)
    for name in fused:
        shut |= behind(name)
    usable = ~(skin.rows @ shut > 0.5)[skin.triangles].all(axis=1)
    whole = Mesh(skin.points(fitted.laid), skin.triangles)
    points, normals = target.vertices[which], target.normals[which]
    index, mix, _, distance = Nearest(whole, FACING, 0.0015, usable)(points, normals)
    agree = (whole.facing[index] * normals).sum(axis=1)
    rows = np.repeat(np.arange(len(which)), 3)
    table = sparse.csr_matrix((mix.ravel(), (rows, whole.triangles[index].ravel())), (len(which), skin.rows.shape[0]))
    count = len(fitted.vertices)
    bound = (table @ skin.rows).tocsr()
    bound.resize(len(which), count)
    trust = np.clip((agree - AGREE) / 0.3, 0, 1) * np.clip(2 - distance / BELIEVED, 0, 1)
    trust[(normals == 0).all(axis=1)] = 1.0
    for eye in openings()[1:]:
        if eye.side in fused:
            some, own = between(points, fitted, eye)
            keep = sparse.diags(~some * 1.0)
            bound = (keep @ bound + own).tocsr()
            trust[some] = 1.0
    if "mouth" in fused:
        trust[dimple(points, fitted)] = 0.0
    return bound, trust


def dimple(points: np.ndarray, fitted: Fitted) -> np.ndarray:
    """Tell which points (M,) lie between lips that are apart and have no opening: a mouth only hinted at."""
    seam = openings()[0].seam
    lower, upper = fitted.laid[seam.lower], fitted.laid[seam.upper]
    order = np.argsort(lower[:, 0] + upper[:, 0])
    x = (lower[order, 0] + upper[order, 0]) / 2
    low, high = (np.interp(points[:, 0], x, side[order, 2]) for side in (lower, upper))
    near = np.abs(points[:, 1] - lower[:, 1].mean()) < DIMPLE
    return near & (points[:, 0] > x[0]) & (points[:, 0] < x[-1]) & (points[:, 2] > low) & (points[:, 2] < high)


def between(points: np.ndarray, fitted: Fitted, eye: Eye, off: float = 0.5) -> tuple[np.ndarray, sparse.csr_matrix]:
    """Which points (M,) lie on an eye between its lids, up to `off` radii off it, and how they mix (M, V) what the
    edges of the lids do."""
    vertices, ball = fitted.vertices, fitted.balls[eye.side]
    lower, upper = vertices[eye.seam.lower], vertices[eye.seam.upper]
    ring = vertices[eye.rings[LID_FRONT]]
    size = float(np.ptp(ring[:, 0]))
    near = np.flatnonzero(np.linalg.norm(points - ring.mean(axis=0), axis=1) < 0.8 * size)
    middle = (lower + upper) / 2
    order = np.argsort(middle[:, 0])
    x, at = points[near, 0], middle[order, 0]
    right = np.searchsorted(at, x).clip(1, len(at) - 1)
    share = np.clip((x - at[right - 1]) / np.maximum(at[right] - at[right - 1], 1e-9), 0, 1)
    ends = np.stack([order[right - 1], order[right]], axis=1)
    part = np.stack([1 - share, share], axis=1)
    low, high = ((side[ends] * part[:, :, None]).sum(axis=1) for side in (lower, upper))
    up = (points[near, 2] - low[:, 2]) / np.maximum(high[:, 2] - low[:, 2], 1e-9)
    corners = ring[:, 0].min(), ring[:, 0].max()
    away = np.abs(np.linalg.norm(points[near] - ball.center, axis=1) - ball.radius)
    inside = (up > 0) & (up < 1) & (x > corners[0]) & (x < corners[1]) & (away < off * ball.radius)
    inside &= points[near, 1] < ball.center[1]
    chosen, up = near[inside], up[inside, None]
    part, ends = part[inside], ends[inside]
    some = np.zeros(len(points), bool)
    some[chosen] = True
    mix = np.hstack([(1 - up) * part, up * part])
    columns = np.hstack([eye.seam.lower[ends], eye.seam.upper[ends]])
    table = sparse.csr_matrix(
        (mix.ravel(), (np.repeat(chosen, 4), columns.ravel().astype(np.int64))), (len(points), len(vertices))
    )
    return some, table


class Filling:
    """Gives values (M, K) where those that are not trusted (M,) have become the mean of what lies beside (M, M)."""

    def __init__(self, trust: np.ndarray, beside: sparse.csr_matrix) -> None:
        """`trust` (M,) 0..1; a vertex that nothing lies beside keeps what it has."""
        self.some = np.flatnonzero(trust < 0.99)
        count = np.asarray(beside[self.some].sum(axis=1)).ravel()
        mean = (sparse.diags(1 / np.maximum(count, 1)) @ beside[self.some]).tocsr().astype(trust.dtype)
        self._among, outside = mean[:, self.some], np.setdiff1d(np.unique(mean.indices), self.some)
        self._from, self._outside = mean[:, outside], outside
        self._keep = np.where(count == 0, 1, trust[self.some])[:, None].astype(trust.dtype)

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Fill values (M, K), in place."""
        if not len(self.some):
            return values
        own = values[self.some]
        fixed = self._keep * own + (1 - self._keep) * (self._from @ values[self._outside])
        for _ in range(SMOOTHED):
            own = fixed + (1 - self._keep) * (self._among @ own)
        values[self.some] = own
        return values
