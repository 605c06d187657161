"""Makes the decoder's training set: identities of the scan model with shapes of their own.

The scan model moves every face alike, so a network could learn its shapes by heart and know nothing of faces. Here
each identity gets shapes by deformation transfer. A rule made these targets: scores against them measure how well the
rule is learned, not how well people are matched.

    python -m training.head.dataset --data ../shared/data --out .cache/head
"""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path

import numpy as np

from headroom.core.performance import SHAPES

from . import seams
from .complete import complete
from .features import directions
from .ict import Ict, read
from .layout import CHIN_ROW, THROAT_ROW
from .masks import masks
from .shapes import closing_share, mean_shapes, smoothing
from .template import Template, assemble
from .transfer import Transfer

DERIVED = ("mouthClose",)
"""Shapes that the head computes from others and the decoder therefore does not learn."""
LEARNED = tuple(name for name in SHAPES if name not in DERIVED)
LEAST_MOTION = 2e-5
CODE = 64


def main() -> None:
    """Write template.npz, identities.npz and transferred shapes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path(".cache/head"))
    parser.add_argument("--count", type=int, default=288)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    ict = read(args.data)
    template = assemble(ict)
    mean, basis, joints, joint_basis = identities(ict, template)
    shapes = mean_shapes(ict, template, mean + seams.lips(template).close(mean))
    shape, vertex, motion = pack(shapes)
    np.savez(args.out / "identities.npz", mean=mean, basis=basis, joints=joints, joint_basis=joint_basis,
             shape=shape, vertex=vertex, motion=motion)  # fmt: skip
    save_template(args.out / "template.npz", ict, template, basis)
    rng = np.random.default_rng(7)
    codes = rng.standard_normal((args.count, CODE)).clip(-2.5, 2.5)
    own = OwnShapes(template, mean, shapes)
    targets = np.zeros((args.count, len(motion), 3), np.float16)
    for k, code in enumerate(codes):
        target = mean + np.tensordot(code, basis, 1)
        targets[k] = own.of(target)[shape, vertex] * 1000  # millimetres keep float16 exact enough
        if k % 16 == 0:
            print(f"{k}/{args.count}", flush=True)
    np.savez(args.out / "shapes.npz", codes=codes, targets=targets)


def identities(ict: Ict, template: Template) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Give mean (V, 3), basis (CODE, V, 3) of unit-variance codes, joints and tails (2J, 3) and their basis."""
    smooth = smoothing(template)
    mean = smooth @ template.vertices
    modes = np.stack([smooth @ (template.follow @ m) for m in ict.identity])
    flat = modes[:, : template.skin].reshape(len(modes), -1)
    u, _, _ = np.linalg.svd(flat @ flat.T)
    turn = u.T[:CODE]
    basis = np.einsum("cm,mvd->cvd", turn, modes)
    return mean, basis, template.joint_rows @ mean, np.stack([template.joint_rows @ mode for mode in basis])


def pack(shapes: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Keep only what moves: shape index (N,), vertex (N,), delta (N, 3); indices count the shapes not derived."""
    dense = np.stack([shapes[name] for name in LEARNED])
    shape, vertex = np.nonzero(np.linalg.norm(dense, axis=2) > LEAST_MOTION)
    return shape, vertex, dense[shape, vertex]


class OwnShapes:
    """Gives any identity shapes of its own: the skin by deformation transfer, the parts inside by scale."""

    def __init__(self, template: Template, mean: np.ndarray, shapes: dict[str, np.ndarray]) -> None:
        self.template, self.mean, skin = template, mean, template.skin
        self.dense = np.stack([shapes[name] for name in LEARNED])
        faces = template.faces[(template.faces < skin).all(axis=1)]
        triangles = np.concatenate([faces[:, [0, 1, 2]], faces[:, [0, 2, 3]]])
        self.transfer = Transfer(triangles, mean[:skin], self.dense[:, :skin])

    def of(self, target: np.ndarray) -> np.ndarray:
        """Give the LEARNED shapes as deltas (S, V, 3) on an identity's neutral (V, 3)."""
        skin, moved = self.template.skin, np.zeros_like(self.dense)
        moved[:, :skin] = self.transfer.to(target[:skin])
        scale = piece_scale(self.template, self.mean, target, self.dense, moved)
        moved[:, skin:] = self.dense[:, skin:] * scale[:, skin:, None]
        return moved


def piece_scale(
    template: Template, mean: np.ndarray, target: np.ndarray, dense: np.ndarray, moved: np.ndarray
) -> np.ndarray:
    """How much further than the mean's each inner part moves (S, V): as the chin does, or as the eye is larger."""
    scale = np.ones(dense.shape[:2])
    chin = template.layout.grid[0, THROAT_ROW : CHIN_ROW + 3]
    size = np.linalg.norm(dense[:, chin], axis=2).mean(axis=1)
    ratio = np.where(size > 1e-3, np.linalg.norm(moved[:, chin], axis=2).mean(axis=1) / np.maximum(size, 1e-6), 1)
    opening = ratio[LEARNED.index("jawOpen")]
    for part in ("teeth_lower", "gums_lower", "tongue"):
        scale[:, template.piece_slices[part]] = np.where(size > 1e-3, ratio, opening)[:, None]
    for side in ("left", "right"):
        part = template.eye(side)
        scale[:, part] = np.ptp(target[part, 2]) / np.ptp(mean[part, 2])
    return scale


def save_template(path: Path, ict: Ict, template: Template, basis: np.ndarray) -> None:
    """Write the arrays of the template that the product ships."""
    measure, move = directions(ict, template, basis)
    touching = {"lips": seams.lips(template)}
    touching["lid_left"], touching["lid_right"] = seams.lids(template)
    seam = {f"{name}_{f.name}": getattr(one, f.name) for name, one in touching.items() for f in fields(one)}
    eyes = [template.eye(side) for side in ("left", "right")]
    np.savez(
        path, **complete(template, masks(ict, template)), closing=closing_share(ict, template),
        measure=measure, move=move, mirror=template.mirror, **seam,
        eyes=np.array([[eye.start, eye.stop] for eye in eyes]),
    )  # fmt: skip


if __name__ == "__main__":
    main()
