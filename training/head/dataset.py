"""Makes the decoder's training set: people of two populations, with shapes of their own.

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

from headroom.core.head.clearance import at_rest
from headroom.core.head.correctives import SHAPE_NAMES
from headroom.core.head.macros import AVERAGE
from headroom.core.head.population import Population, unpack

from . import dictionary, features, makehuman, seams
from .basis import draw_heads, learn
from .complete import complete
from .ict import Ict, read
from .layout import CHIN_ROW, THROAT_ROW
from .masks import masks
from .people import draw_person, gather
from .shapes import closing_share, mean_shapes, smoothing
from .template import Template, assemble
from .transfer import Transfer

DERIVED = ("mouthClose", "tongueOut_jawOpen")
"""Shapes that the head computes from others and the decoder therefore does not learn."""
LEAST_MOTION = 5e-5
CODE = 128
HEADS = 900
"""Heads of each kind that the bases are learned from."""


def main() -> None:
    """Write template.npz, head.npz and transferred shapes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path(".cache/head"))
    parser.add_argument("--count", type=int, default=160)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    ict = read(args.data)
    template = assemble(ict)
    people = gather(ict, template, makehuman.read(args.data), smoothing(template))
    print(
        f"{len(people.details)} sliders, {len(people.corners)} corners on {len(people.position)} vertices", flush=True
    )
    bases = learn(people, draw_heads(people, HEADS), CODE, template.skin)
    head = dictionary.pack(people, bases) | features.recipes(ict, template) | features.kept(template)
    np.savez(args.out / "head.npz", **head)
    population = unpack(head)
    mean = population.mean.astype(np.float64)
    shapes = mean_shapes(ict, template, at_rest(mean, *seams.openings(template), template.vertices))
    names = [name for name in SHAPE_NAMES if name in shapes and name not in DERIVED]
    dense = np.stack([shapes[name] for name in names])
    shape, vertex = np.nonzero(np.linalg.norm(dense, axis=2) > LEAST_MOTION)
    save_template(args.out / "template.npz", ict, template, shape, vertex)
    own = OwnShapes(template, mean, dense, names.index("jawOpen"))
    mixtures = draw_mixtures(population, args.count)
    targets = np.zeros((args.count, len(shape), 3), np.float16)
    for k, mixture in enumerate(mixtures):
        targets[k] = own.of(population.vertices(mixture).astype(np.float64))[shape, vertex] * 1000
        if k % 16 == 0:
            print(f"{k}/{args.count}", flush=True)
    np.savez(args.out / "shapes.npz", mixtures=mixtures, targets=targets, vertex=vertex, names=names,
             motion=dense[shape, vertex])  # fmt: skip


def draw_mixtures(population: Population, count: int, seed: int = 7) -> np.ndarray:
    """Draw coefficients (count, K) of people of all places, ages and ancestries, as users may make them."""
    rng = np.random.default_rng(seed)
    mixtures = []
    for _ in range(count):
        numbers = rng.standard_normal(population.size - 1).clip(-2.5, 2.5)
        place = rng.choice([-1.0, rng.uniform(-1, -0.6), rng.uniform(-1, 1)], p=[0.2, 0.5, 0.3])
        person = draw_person(rng) if place < 0 else AVERAGE
        mixtures.append(population.coefficients(np.r_[place, numbers], person))
    return np.array(mixtures, np.float32)


class OwnShapes:
    """Gives any identity shapes of its own: the skin by deformation transfer, the parts inside by scale.

    dense (S, V, 3): the mean's shapes; opening: which of them opens the jaw.
    """

    def __init__(self, template: Template, mean: np.ndarray, dense: np.ndarray, opening: int) -> None:
        self.template, self.mean, self.dense, self.opening = template, mean, dense, opening
        skin = template.skin
        faces = template.faces[(template.faces < skin).all(axis=1)]
        triangles = np.concatenate([faces[:, [0, 1, 2]], faces[:, [0, 2, 3]]])
        self.transfer = Transfer(triangles, mean[:skin], dense[:, :skin])

    def of(self, target: np.ndarray) -> np.ndarray:
        """Give the shapes as deltas (S, V, 3) on an identity's neutral (V, 3)."""
        skin, moved = self.template.skin, np.zeros_like(self.dense)
        moved[:, :skin] = self.transfer.to(target[:skin])
        moved[:, skin:] = self.dense[:, skin:] * self._piece_scale(target, moved)[:, skin:, None]
        return moved

    def _piece_scale(self, target: np.ndarray, moved: np.ndarray) -> np.ndarray:
        """How much further than the mean's each inner part moves (S, V): as the chin does, or as the eye is larger."""
        scale = np.ones(self.dense.shape[:2])
        chin = self.template.layout.grid[0, THROAT_ROW : CHIN_ROW + 3]
        size = np.linalg.norm(self.dense[:, chin], axis=2).mean(axis=1)
        now = np.linalg.norm(moved[:, chin], axis=2).mean(axis=1)
        ratio = np.where(size > 1e-3, now / np.maximum(size, 1e-6), 1)
        for part in ("teeth_lower", "gums_lower", "tongue"):
            inside = self.template.piece_slices[part]
            scale[:, inside] = np.where(size > 1e-3, ratio, ratio[self.opening])[:, None]
        for side in ("left", "right"):
            part = self.template.eye(side)
            scale[:, part] = np.ptp(target[part, 2]) / np.ptp(self.mean[part, 2])
        return scale


def save_template(path: Path, ict: Ict, template: Template, shape: np.ndarray, vertex: np.ndarray) -> None:
    """Write the arrays of the template that the product ships."""
    touching = {"lips": seams.lips(template)}
    touching["lid_left"], touching["lid_right"] = seams.lids(template)
    seam = {f"{name}_{f.name}": getattr(one, f.name) for name, one in touching.items() for f in fields(one)}
    eyes = [template.eye(side) for side in ("left", "right")]
    joints = template.joint_rows.tocoo()
    np.savez(
        path, **complete(template, masks(ict, template)), closing=closing_share(ict, template),
        mirror=template.mirror, **seam, eyes=np.array([[eye.start, eye.stop] for eye in eyes]),
        joint_row=joints.row, joint_vertex=joints.col, joint_weight=joints.data,
        entry_shape=shape, entry_vertex=vertex,
    )  # fmt: skip


if __name__ == "__main__":
    main()
