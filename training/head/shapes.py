"""The template's shapes on the mean head: ARKit's 52 from the scan's expressions, tongue and throat by rule."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse

from headroom.core.head.anatomy import JOINTS
from headroom.core.head.clearance import close_lids
from headroom.core.head.contact import close_mouth
from headroom.core.head.correctives import CORRECTIVES, SEALED, SOLVED, TONGUES
from headroom.core.head.gaze import look
from headroom.core.performance import ARKIT_52, SHAPES

from .clean import Cleaner, mirrored
from .ict import Ict
from .jaw import back, opened
from .layout import LIP_BORDER, edges_of
from .neck_shapes import neck_shapes
from .template import Template
from .tongue_contact import Mouth
from .tongue_shapes import tongue_shapes

PAIRED = {"browInnerUp": ("browInnerUp_L", "browInnerUp_R"), "cheekPuff": ("cheekPuff_L", "cheekPuff_R")}
MILDER = 0.85
"""How much of the scan's rolled lips is kept: all of it would bring them through the teeth."""


def mean_shapes(ict: Ict, template: Template, neutral: np.ndarray) -> dict[str, np.ndarray]:
    """Give each channel of SHAPES, and each learned corrective, as a delta (V, 3) on the mean `neutral` (V, 3)."""
    smooth = smoothing(template)
    carried = {name: smooth @ (template.follow @ delta) for name, delta in ict.expressions.items()}
    carried["jawOpen"] = opened(template, carried["jawOpen"])
    shapes: dict[str, np.ndarray] = {}
    for name in ARKIT_52:
        scan_name = (
            name.replace("Left", "_L").replace("Right", "_R")
            if name not in ("jawLeft", "jawRight", "mouthLeft", "mouthRight")
            else name
        )
        if name in PAIRED:
            shapes[name] = sum(carried[one] for one in PAIRED[name])
        elif scan_name in carried:
            shapes[name] = carried[scan_name]
    for name, delta in shapes.items():
        still = np.linalg.norm(delta, axis=1) < 2e-6
        delta[still] = 0
        for teeth in ("teeth_upper", "gums_upper"):
            delta[template.piece_slices[teeth]] = 0
        if name.startswith("mouthRoll"):
            delta *= MILDER
        if name.startswith("eyeLook"):
            side = 0 if name.endswith("Left") else 1
            part = template.eye(("left", "right")[side])
            delta[part] = look(name, template.vertices[part], template.joints[JOINTS.index(("eye.L", "eye.R")[side])])
    cleaner = Cleaner(template, neutral)
    for name in shapes:
        shapes[name] = cleaner.clean(shapes[name])
    shapes = mirrored(shapes, template.mirror)
    shapes["mouthClose"] = close_mouth(shapes["jawOpen"], closing_share(ict, template))
    for eye, ball in zip(cleaner.eyes, cleaner.balls, strict=True):
        name = f"eyeBlink{eye.side}"
        edges = np.union1d(eye.seam.lower, eye.seam.upper)
        for _ in range(4):
            closed = close_lids(neutral, shapes[name], eye, ball)
            shapes[name] = cleaner.unfold(closed, keep=edges)
    tongue, wide = solid(template, neutral, "tongue"), shapes["jawOpen"]
    for name, delta in tongue_shapes(tongue, lambda opening: mouth(template, neutral, opening * wide)).items():
        shapes[name] = np.zeros_like(neutral)
        shapes[name][template.piece_slices["tongue"]] = delta
    shapes |= neck_shapes(template, shapes["tongueBackUp"])
    left = [name for name in CORRECTIVES if name not in (*SOLVED, *TONGUES)]
    pairs = {name: CORRECTIVES[name].channels[:2] for name in left}
    mended = {name: cleaner.together(shapes[a], shapes[b], name in SEALED) for name, (a, b) in pairs.items()}
    mended = mirrored(mended, template.mirror)
    tongues = {name: shapes[name] for name in TONGUES if name in shapes}
    return {name: shapes[name] for name in SHAPES} | mended | tongues


def mouth(template: Template, neutral: np.ndarray, delta: np.ndarray) -> Mouth:
    """Give what the tongue must stay out of when a shape `delta` (V, 3) opens the mouth, seen from the lower jaw."""
    lower = template.piece_slices["teeth_lower"]
    posed = back(neutral + delta, neutral[lower], (neutral + delta)[lower])
    solids = [solid(template, posed, f"{kind}_{jaw}") for jaw in ("upper", "lower") for kind in ("teeth", "gums")]
    upper = solids[0][0]
    incisors = upper[np.abs(upper[:, 0]) < 0.006]
    if not delta.any():
        return Mouth(tuple(solids), np.array([0, incisors[:, 1].min(), incisors[:, 2].min()]))
    lips = posed[: template.skin], template.faces[(template.faces < template.skin).all(axis=1)]
    return Mouth(tuple(solids), None, lips, float(incisors[:, 1].min()))


def solid(template: Template, points: np.ndarray, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Give a part inside the mouth of a pose (V, 3) as a mesh of its own: vertices (N, 3), quads (F, 4)."""
    where = template.piece_slices[part]
    return points[where], template.faces[template.part == part] - where.start


def closing_share(ict: Ict, template: Template) -> np.ndarray:
    """How much of `jawOpen` each vertex takes back in `mouthClose`: 1 at the lips, fading as the scan's own does."""
    jaw, close = (template.follow @ ict.expressions[name] for name in ("jawOpen", "mouthClose"))
    size = (jaw**2).sum(axis=1)
    share = np.clip(-(jaw * close).sum(axis=1) / np.maximum(size, 1e-8), 0, 1) * (size > 1e-7)
    rings = template.layout.rings["mouth"]
    for ring in (rings[LIP_BORDER - 1], rings[LIP_BORDER - 2], rings[LIP_BORDER - 3]):
        share[ring] = np.maximum(share[ring], 0.9)
    red = np.unique(np.concatenate(rings[LIP_BORDER : LIP_BORDER + 8]))
    average = _skin_average(template)
    for _ in range(4):
        share[red] = 1
        share = average @ share
    depth = np.linspace(1, 0, len(rings) - LIP_BORDER - 8)
    for ring in rings[LIP_BORDER : LIP_BORDER + 8]:
        share[ring] = 1
    for ring, value in zip(rings[LIP_BORDER + 8 :], depth, strict=True):
        share[ring] = value
    share[template.layout.fills["mouth"].ravel()] = 0
    share[template.mirror[: template.skin][np.arange(template.layout.count)]] = share[: template.layout.count]
    share[template.skin :] = 0
    return share


def smoothing(template: Template) -> sparse.csr_matrix:
    """A light average (V, V) over the folds of the lids, where the layout is coarser than the scan."""
    rings = template.layout.rings["eye"]
    mask = np.zeros(len(template.vertices))
    for ring, share in zip(rings[1:8], (0.4, 0.7, 0.8, 0.8, 0.7, 0.45, 0.15), strict=True):
        mask[ring] = mask[template.mirror[ring]] = share
    average = _skin_average(template)
    once = sparse.diags(1 - mask) + sparse.diags(mask) @ average
    four = once @ once @ once @ once
    return (four @ four @ four).tocsr()


def _skin_average(template: Template) -> sparse.csr_matrix:
    count = len(template.vertices)
    f = template.faces[(template.faces < template.skin).all(axis=1)]
    edges = edges_of(f)
    graph = sparse.coo_matrix((np.ones(len(edges)), edges.T), (count, count)).tocsr()
    graph = graph + graph.T + sparse.identity(count)
    return (sparse.diags(1 / np.asarray(graph.sum(axis=1)).ravel()) @ graph).tocsr()
