"""Places the layout on the scanned surface: features are pinned to their curves, everything else relaxes evenly.

Placement starts as a Tutte embedding in the flattened domain and is then relaxed on the surface itself: each free
vertex moves towards the mean of its neighbours in space, the move being carried back into the domain through the
triangle that it stands on, so that no vertex ever leaves the surface, ears and nostrils included.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.csgraph import dijkstra
from scipy.sparse.linalg import spsolve

from .domain import BAG_CHART, HEIGHT, WIDTH, Domain
from .ict import BAG, SKIN, SOCKETS
from .layout import (
    EAR_CANAL,
    EAR_RIM,
    LID_EDGE,
    LID_INNER,
    LIP_BORDER,
    LIP_CONTACT,
    LIP_INNER,
    NOSTRIL_RIM,
    ROWS,
    Layout,
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
EAR_CANAL_LINE = (
    (0.543, 0.912),
    (0.552, 0.914),
    (0.560, 0.926),
    (0.558, 0.938),
    (0.550, 0.943),
    (0.543, 0.935),
    (0.540, 0.922),
)
EAR_CANAL_CORNERS = (0, 1, 3, 5)
NOSTRIL = ((.013, .982), (.023, .977), (.033, .982), (.0365, .993), (.033, 1.006), (.0195, 1.0175), (.0115, 1.010),
           (.0085, .997))  # fmt: skip
NOSTRIL_CORNERS = (0, 2, 4, 6)
"""Where the ear meets the head and the rim of the nostril, read off the flattened surface; corners of their blocks."""
FRONT_ROWS = {0: 0.0, 11: 0.47, 15: 0.612, 25: 0.945, 27: 0.973, 32: 1.032, 34: 1.056, 37: 1.09, 41: 1.15, 45: 1.215,
              ROWS: 1.50}  # fmt: skip
BACK_TOP = WIDTH + HEIGHT + 0.15
PINNED_ROWS = (27, 34)
"""Rows fixed on the front midline: under the nose, the tip of the nose."""


@dataclass(frozen=True)
class Placement:
    """Where each half-head vertex stands: indices (V, 3) into the scanned surface and weights (V, 3)."""

    indices: np.ndarray
    weights: np.ndarray


def place(layout: Layout, domain: Domain, rounds: int = 250) -> Placement:
    """Pin, embed and relax the half layout; give each vertex as a barycentric point of the scan."""
    border, border_s = _midline(domain)
    pins = _pins(layout, domain)
    along = _start_on_midline(layout, domain, border, border_s, pins)
    neck = _neck(layout)
    midline = {v: _at(domain, border, border_s, s) for v, s in along.items()}
    points = _tutte(layout, pins | {v: p for v, p in midline.items() if p[0] < WIDTH + 1} | neck)
    bag = _bag(layout, domain)
    points[list(bag)] = list(bag.values())
    fixed = np.zeros(layout.count, bool)
    fixed[list(pins)] = True
    fixed[layout.neck] = True
    fixed[list(bag)] = True
    for row in PINNED_ROWS:
        fixed[layout.grid[0, row]] = True
    graph = _neighbours(layout)
    on_midline = np.zeros(layout.count, bool)
    on_midline[layout.midline] = True
    sliding = [v for v in layout.midline if not fixed[v]]
    position_s = np.zeros(layout.count)
    for v, s in along.items():
        position_s[v] = s
    free = ~fixed & ~on_midline
    mean = sparse.diags(1 / np.asarray(graph.sum(axis=1)).ravel()) @ graph
    for _ in range(rounds):
        triangle, weights = domain.locate(points)
        space = domain.lift(triangle, weights)
        move = mean @ space - space
        corners2, corners3 = domain.points[domain.triangles[triangle]], domain.surface[domain.triangles[triangle]]
        flat = np.stack([corners2[:, 1] - corners2[:, 0], corners2[:, 2] - corners2[:, 0]], axis=2)
        lifted = np.stack([corners3[:, 1] - corners3[:, 0], corners3[:, 2] - corners3[:, 0]], axis=2)
        jacobian = lifted @ np.linalg.inv(flat)
        step = np.einsum("pij,pj->pi", np.linalg.pinv(jacobian), move)
        # a move longer than the triangle it starts from would leave the map that carries it
        size = np.sqrt(np.linalg.norm(np.cross(lifted[:, :, 0], lifted[:, :, 1]), axis=1))
        reach = np.minimum(0.5, 0.35 * size / np.maximum(np.linalg.norm(move, axis=1), 1e-12))
        points[free] += (reach[:, None] * step)[free]
        points = domain.flat(*domain.locate(points))  # back inside, where a step left a chart
        line = domain.surface[border]
        for v in sliding:
            k = min(max(np.searchsorted(border_s, position_s[v]) - 1, 0), len(border) - 2)
            tangent = line[k + 1] - line[k]
            position_s[v] += 0.5 * (mean[[v]] @ space - space[v]).ravel() @ tangent / np.linalg.norm(tangent)
            points[v] = _at(domain, border, border_s, position_s[v])
        for v in layout.midline:
            points[v] = points[v] if v in pins or v in bag else _at(domain, border, border_s, position_s[v])
        points[layout.neck] = [neck[v] for v in layout.neck]
    triangle, weights = domain.locate(points)
    return Placement(domain.triangles[triangle], weights)


def _neighbours(layout: Layout) -> sparse.csr_matrix:
    """Adjacency of the half mesh; across the midline a neighbour counts twice, as its mirror image does too."""
    f = layout.faces
    edges = np.unique(np.sort(np.concatenate([f[:, [0, 1]], f[:, [1, 2]], f[:, [2, 3]], f[:, [3, 0]]]), axis=1), axis=0)
    on = np.isin(np.arange(layout.count), layout.midline)
    graph = sparse.coo_matrix((np.ones(len(edges)), edges.T), (layout.count, layout.count)).tolil()
    graph = (graph + graph.T).tocoo()
    data = np.where(on[graph.row] & ~on[graph.col], 2.0, 1.0)
    return sparse.coo_matrix((data, (graph.row, graph.col)), graph.shape).tocsr()


def _tutte(layout: Layout, known: dict[int, np.ndarray]) -> np.ndarray:
    f = layout.faces
    edges = np.unique(np.sort(np.concatenate([f[:, [0, 1]], f[:, [1, 2]], f[:, [2, 3]], f[:, [3, 0]]]), axis=1), axis=0)
    graph = sparse.coo_matrix((np.ones(len(edges)), edges.T), (layout.count, layout.count)).tocsr()
    graph = graph + graph.T
    laplacian = (sparse.diags(np.asarray(graph.sum(axis=1)).ravel()) - graph).tocsr()
    fixed = np.array(sorted(known))
    free = np.setdiff1d(np.arange(layout.count), fixed)
    points = np.zeros((layout.count, 2))
    points[fixed] = [known[v] for v in fixed]
    points[free] = spsolve(laplacian[free][:, free].tocsc(), -(laplacian[free][:, fixed] @ points[fixed]))
    return points


def _pins(layout: Layout, domain: Domain) -> dict[int, np.ndarray]:
    """Domain points of the rings that lie on a feature."""
    pins: dict[int, np.ndarray] = {}
    mouth, eye = layout.rings["mouth"], layout.rings["eye"]
    half = len(mouth[0]) // 2
    for ring, curve in (
        (LIP_BORDER, _trace(domain, LIP_BORDER_MARKS)),
        (LIP_CONTACT, _trace(domain, LIP_CONTACT_MARKS)),
        (LIP_INNER, _seam(domain, SKIN, BAG)),
    ):
        corner = _corner(domain, curve)
        pins |= _pin(mouth[ring][: half + 1], domain, curve[: corner + 1])
        pins |= _pin(mouth[ring][half:], domain, curve[corner:])
    turn = 4  # the inner corner of the eye is halfway up the inner side of the block
    for ring, curve in (
        (LID_EDGE, _trace(domain, LID_EDGE_MARKS + LID_EDGE_MARKS[:1])),
        (LID_INNER, _seam(domain, SKIN, SOCKETS)),
    ):
        ordered = np.roll(eye[ring], turn)
        ordered = np.r_[ordered, ordered[0]]
        outer = _corner(domain, curve)
        pins |= _pin(ordered[: len(ordered) // 2 + 1], domain, curve[: outer + 1])
        pins |= _pin(ordered[len(ordered) // 2 :], domain, curve[outer:])
    for name, ring, outline, corners, (width, height) in (
        ("ear", 0, EAR_BASE, EAR_CORNERS, (8, 14)),
        ("ear", EAR_RIM, EAR_RIM_LINE, EAR_RIM_CORNERS, (8, 14)),
        ("ear", EAR_CANAL, EAR_CANAL_LINE, EAR_CANAL_CORNERS, (8, 14)),
        ("nostril", NOSTRIL_RIM, NOSTRIL, NOSTRIL_CORNERS, (4, 5)),
    ):
        loop = np.r_[layout.rings[name][ring], layout.rings[name][ring][0]]
        closed = np.array([*outline, outline[0]])
        stops = [*corners, len(outline)]
        at = 0
        for side, count in enumerate((width, height, width, height)):
            pins |= _pin_flat(loop[at : at + count + 1], domain, closed[stops[side] : stops[side + 1] + 1])
            at += count
    return pins


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
    t = domain.triangles
    edges = np.unique(np.sort(np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]]), axis=1), axis=0)
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


def _midline(domain: Domain) -> tuple[np.ndarray, np.ndarray]:
    """The scan's midline vertices from the front of the neck to its back, and their running length."""
    on = np.flatnonzero(~np.isnan(domain.points[:, 0]) & (domain.surface[:, 0] == 0))
    in_bag = domain.points[on, 0] > WIDTH + 1
    bag = on[in_bag][np.argsort(domain.points[on[in_bag], 1])]
    rest = on[~in_bag][np.argsort(_around(domain.points[on[~in_bag]]), kind="stable")]
    split = int(np.flatnonzero(rest == domain.origin[bag[0]])[0]) + 1
    border = np.concatenate([rest[:split], bag, rest[split:]])
    step = np.linalg.norm(np.diff(domain.surface[border], axis=0), axis=1)
    return border, np.r_[0, np.cumsum(step)]


def _at(domain: Domain, border: np.ndarray, border_s: np.ndarray, s: float) -> np.ndarray:
    flat = domain.points[border]
    return np.array([np.interp(s, border_s, flat[:, 0]), np.interp(s, border_s, flat[:, 1])])


def _around(flat: np.ndarray) -> np.ndarray:
    x, y = np.atleast_2d(flat).T
    return np.where(x < 1e-9, y, np.where(y > HEIGHT - 1e-9, HEIGHT + x, 2 * HEIGHT + WIDTH - y))


def _start_on_midline(
    layout: Layout, domain: Domain, border: np.ndarray, border_s: np.ndarray, pins: dict
) -> dict[int, float]:
    """First places (length along the scan's midline) of the midline's vertices."""
    known = {int(layout.grid[0, row]): height for row, height in FRONT_ROWS.items()}
    known |= {v: float(_around(pins[v])[0]) for v in layout.midline if v in pins}
    known[int(layout.grid[-1, ROWS])] = BACK_TOP
    known[int(layout.grid[-1, 0])] = 2 * HEIGHT + WIDTH
    outside = domain.points[border, 0] < WIDTH + 1
    order = _around(domain.points[border[outside]])
    stops = [k for k, v in enumerate(layout.midline) if v in known]
    lengths = np.interp([known[layout.midline[k]] for k in stops], order, border_s[outside])
    return dict(zip(layout.midline, np.interp(np.arange(len(layout.midline)), stops, lengths).tolist(), strict=True))


def _bag(layout: Layout, domain: Domain) -> dict[int, np.ndarray]:
    """Places inside the bag, evenly deep along rays of its chart.

    Relaxing would fail here: a pocket is deeper than its mouth is wide, and an even mesh would slip off its back.
    """
    rings = layout.rings["mouth"][LIP_INNER:]
    fill = layout.fills["mouth"]
    width, height = fill.shape[0] - 1, fill.shape[1] - 1
    depth = len(rings) - 1 + height // 2
    spots: dict[int, tuple[float, float]] = {}  # share of the way in, angle
    for k, ring in enumerate(rings[1:], 1):
        for v, angle in zip(ring, np.linspace(-np.pi / 2, np.pi / 2, len(ring)), strict=True):
            spots[int(v)] = (k / depth, angle)
    for i in range(width):
        for j in range(1, height):
            x, y = i / width, 2 * j / height - 1
            size = max(x, abs(y))
            spots[int(fill[i, j])] = ((len(rings) - 1 + (1 - size) * height / 2) / depth, _turn(x, y, size))
    places = {}
    for v, (share, angle) in spots.items():
        ray = np.outer(np.linspace(1, 0, 300), [np.cos(angle), np.sin(angle)]) * 0.9999 + [BAG_CHART + 1e-9, 0]
        space = domain.lift(*domain.locate(ray))
        length = np.r_[0, np.cumsum(np.linalg.norm(np.diff(space, axis=0), axis=1))]
        at = np.interp(share * length[-1], length, np.arange(300))
        places[v] = ray[0] + (ray[-1] - ray[0]) * at / 299
    return places


def _turn(x: float, y: float, size: float) -> float:
    """Angle of a point of the half grid, spread along its square as vertices are along a ring: bottom, side, top."""
    if size == 0:
        return 0.0
    x, y = x / size, y / size
    share = x if y == -1 else 1 + (y + 1) / 2 if x == 1 else 3 - x
    return np.pi * (share / 3 - 0.5)


def _neck(layout: Layout) -> dict[int, np.ndarray]:
    return {v: np.array([x, 0.0]) for v, x in zip(layout.neck, np.linspace(0, WIDTH, len(layout.neck)), strict=True)}
