"""Puts lashes and brows to the rest of the template, as the product ships it."""

from __future__ import annotations

import numpy as np

from headroom.core.head.head import PARTS, REGIONS

from .patches import coarse_corners
from .pieces import Piece
from .template import Template


def complete(template: Template, masks: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Give what the product needs to know about all vertices and faces, hairs included: faces, uv, part and region (as
    indices into PARTS and REGIONS), colors, skin_weights, game (corners), rest (the mean's vertices), mask_NAME, and
    the hairs themselves.

    masks (V,) cover the template's own vertices.
    """
    table = {
        "faces": template.faces, "uv": template.uv, "part": template.part, "region": template.region,
        "colors": template.colors, "skin_weights": template.skin_weights, "game": template.game,
        "rest": template.vertices,
        **{f"mask_{name}": values for name, values in masks.items()},
    }  # fmt: skip
    count = len(template.vertices)
    for one in template.planted:
        hairs = one.hairs
        piece = Piece(hairs.grow(template.vertices), one.patches, np.zeros((0, 4)), one.part)
        each = hairs.offset.shape[1]
        carried = np.einsum("nk,nkj->nj", hairs.weight, template.skin_weights[hairs.root])
        added = {
            "faces": piece.faces + count, "uv": piece.uv, "part": np.full(len(piece.faces), one.part),
            "region": np.full(len(piece.faces), ""),
            "colors": np.tile([0.05, 0.03, 0.02, 1.0], (len(piece.vertices), 1)),
            "skin_weights": np.repeat(carried, each, axis=0),
            "rest": piece.vertices,
            "game": coarse_corners(piece.faces, piece.patches) + 4 * len(table["faces"]),
        }  # fmt: skip
        added |= {f"mask_{name}": np.full(len(piece.vertices), float(name == "lashes")) for name in masks}
        table = {name: np.concatenate([values, added[name]]) for name, values in table.items()}
        count += len(piece.vertices)
    table["part"] = np.array([PARTS.index(p) for p in table["part"]])
    table["region"] = np.array([REGIONS.index(r) for r in table["region"]])
    kept = {f"{one.part}_{key}": getattr(one.hairs, key) for one in template.planted
            for key in ("root", "weight", "frame", "offset")}  # fmt: skip
    return table | kept
