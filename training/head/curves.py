"""The features of the face as curves, and the rings of the layout that lie on them."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.csgraph import dijkstra

from .domain import Domain
from .ict import BAG, SKIN, SOCKETS
from .layout import (
    BLOCK,
    EAR_CANAL,
    EAR_RIM,
    LID_EDGE,
    LID_INNER,
    LIP_BORDER,
    LIP_CONTACT,
    LIP_INNER,
    NOSTRIL_RIM,
    Layout,
    edges_of,
)

LIP_BORDER_MARKS = (5518, 6461, 6346, 6213, 6200, 4275, 0)
LIP_CONTACT_MARKS = (5517, 6470, 6207, 6216, 5533)
LID_EDGE_MARKS = (3742, 3732, 3725, 3721, 3756, 3751)
"""Landmarks of the Multi-PIE 68 points on the scanned surface, lower before upper; the lids from the inner corner."""
EAR_BASE = ((.512, .828), (.540, .790), (.575, .785), (.625, .818), (.67, .85), (.705, .885), (.725, .93), (.722, .965),
            (.705, .995), (.675, 1.02), (.645, 1.033), (.61, 1.04), (.57, 1.035), (.535, 1.01), (.515, .985),
            (.505, .955), (.498, .92), (.50, .885), (.505, .85))  # fmt: skip
EAR_CORNERS = (0, 3, 9, 13)
EAR_RIM_LINE = ((.512, .85), (.53, .843), (.555, .85), (.585, .862), (.61, .885), (.628, .915), (.638, .945),
                (.636, .967), (.618, .992), (.59, 1.0), (.562, .982), (.545, .962), (.531, .94), (.528, .915),
                (.52, .885))  # fmt: skip
EAR_RIM_CORNERS = (0, 3, 8, 10)
EAR_CANAL_LINE = ((.543, .912), (.552, .914), (.560, .926), (.558, .938), (.550, .943), (.543, .935),
                  (.540, .922))  # fmt: skip
EAR_CANAL_CORNERS = (0, 1, 3, 5)
NOSTRIL = ((.013, .982), (.023, .977), (.033, .982), (.0365, .993), (.033, 1.006), (.0195, 1.0175), (.0115, 1.010),
           (.0085, .997))  # fmt: skip
NOSTRIL_CORNERS = (0, 2, 4, 6)
"""Where the ear meets the head and the rim of the nostril, read off the flattened surface; corners of their blocks."""


def pins(layout: Layout, domain: Domain) -> dict[int, np.ndarray]:
    """Domain points of the rings that lie on a feature."""
    places: dict[int, np.ndarray] = {}
    mouth = layout.rings["mouth"]
    half = len(mouth[0]) // 2
    for ring, curve in (
        (LIP_BORDER, _trace(domain, LIP_BORDER_MARKS)),
        (LIP_CONTACT, _trace(domain, LIP_CONTACT_MARKS)),
        (LIP_INNER, _seam(domain, SKIN, BAG)),
    ):
        corner = _corner(domain, curve)
        places |= _pin(mouth[ring][: half + 1], domain, curve[: corner + 1])
        places |= _pin(mouth[ring][half:], domain, curve[corner:])
    for ring, curve in (
        (LID_EDGE, _trace(domain, LID_EDGE_MARKS + LID_EDGE_MARKS[:1])),
        (LID_INNER, _seam(domain, SKIN, SOCKETS)),
    ):
        ordered = layout.lids(ring)
        ordered = np.r_[ordered, ordered[0]]
        outer = _corner(domain, curve)
        places |= _pin(ordered[: len(ordered) // 2 + 1], domain, curve[: outer + 1])
        places |= _pin(ordered[len(ordered) // 2 :], domain, curve[outer:])
    for name, ring, outline, corners in (
        ("ear", 0, EAR_BASE, EAR_CORNERS),
        ("ear", EAR_RIM, EAR_RIM_LINE, EAR_RIM_CORNERS),
        ("ear", EAR_CANAL, EAR_CANAL_LINE, EAR_CANAL_CORNERS),
        ("nostril", NOSTRIL_RIM, NOSTRIL, NOSTRIL_CORNERS),
    ):
        width, height = BLOCK[name].width, BLOCK[name].height
        loop = np.r_[layout.rings[name][ring], layout.rings[name][ring][0]]
        closed = np.array([*outline, outline[0]])
        stops = [*corners, len(outline)]
        at = 0
        for side, count in enumerate((width, height, width, height)):
            places |= _pin_flat(loop[at : at + count + 1], domain, closed[stops[side] : stops[side + 1] + 1])
            at += count
    return places


def _pin(ring: np.ndarray, domain: Domain, curve: np.ndarray) -> dict[int, np.ndarray]:
    return _pin_flat(ring, domain, domain.points[curve])


def _pin_flat(ring: np.ndarray, domain: Domain, flat: np.ndarray) -> dict[int, np.ndarray]:
    """Spread a ring's vertices evenly, by length on the surface, along a curve given in the domain."""
    fine = np.stack(
        [np.interp(np.linspace(0, len(flat) - 1, 400), np.arange(len(flat)), flat[:, k]) for k in (0, 1)], 1
    )
    space = domain.lift(*domain.locate(fine))
    length = np.r_[0, np.cumsum(np.linalg.norm(np.diff(space, axis=0), axis=1))]
    where = np.linspace(0, length[-1], len(ring))
    return {
        int(v): np.array([np.interp(s, length, fine[:, 0]), np.interp(s, length, fine[:, 1])])
        for v, s in zip(ring, where, strict=True)
    }


def _corner(domain: Domain, curve: np.ndarray) -> int:
    """The point of a curve farthest to the side: the corner of the mouth or the outer corner of the eye."""
    return int(np.argmax(domain.surface[curve][:, 0]))


def _trace(domain: Domain, marks: tuple[int, ...]) -> np.ndarray:
    """Follow edges of the scan from mark to mark (shortest paths on the surface)."""
    edges = edges_of(domain.triangles)
    length = np.linalg.norm(domain.surface[edges[:, 0]] - domain.surface[edges[:, 1]], axis=1)
    graph = sparse.coo_matrix((length, edges.T), (len(domain.surface),) * 2).tocsr()
    path = [marks[0]]
    for a, b in zip(marks[:-1], marks[1:], strict=True):
        _, back = dijkstra(graph, directed=False, indices=a, return_predecessors=True)
        leg = [b]
        while leg[-1] != a:
            leg.append(int(back[leg[-1]]))
        path += leg[::-1][1:]
    return np.array(path)


def _seam(domain: Domain, one: slice, other: slice) -> np.ndarray:
    """The loop where two regions of the scan meet: lower lip to upper lip, or around the eye from its inner corner."""
    t = domain.origin[domain.triangles]
    inside = (t >= other.start) & (t < other.stop)
    seam = set(np.unique(t[inside.any(axis=1)])) - set(range(other.start, other.stop))
    seam = {v for v in seam if one.start <= v < one.stop}
    links: dict[int, set[int]] = {v: set() for v in seam}
    for triangle in t[inside.any(axis=1)]:
        for a, b in zip(triangle, np.roll(triangle, 1), strict=True):
            if a in seam and b in seam:
                links[a].add(b)
                links[b].add(a)
    ends = [v for v in seam if domain.surface[v, 0] == 0]
    if ends:
        start, goal = min(ends, key=lambda v: domain.surface[v, 2]), max(ends, key=lambda v: domain.surface[v, 2])
        first = next(iter(links[start]))
    else:
        start = goal = min(seam, key=lambda v: domain.surface[v, 0])
        first = min(links[start], key=lambda v: domain.surface[v, 2])
    path = [start, first]
    while path[-1] != goal:
        path.append(next(v for v in links[path[-1]] if v != path[-2] and (v not in path or v == goal)))
    return np.array([int(v) for v in path])
