"""Judges the shipped decoder on people it never saw.

    python -m training.head.evaluate --data ../shared/data

Neutrals: random faces of the scan model with all its 100 modes, fitted by least squares with the shipped code.
Shapes: deformation transfer for those faces (a rule: this measures how well the rule is learned) beside the shapes of
the mean used for everyone.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from headroom.core import weights
from headroom.core.head.net import HeadDecoder

from . import seams
from .dataset import OwnShapes
from .ict import read
from .shapes import mean_shapes, smoothing
from .template import assemble


def main() -> None:
    """Print median and 95 % errors in mm."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--people", type=int, default=20)
    args = parser.parse_args()
    ict = read(args.data)
    template = assemble(ict)
    stored = weights.load("head")
    net = stored.fill(HeadDecoder(stored.config))
    vertex = torch.from_numpy(weights.load("template").arrays["entry_vertex"].astype(np.int64))
    shape = weights.load("template").arrays["entry_shape"]
    smooth, skin = smoothing(template), template.skin
    basis = net.basis.numpy()[:, :skin].reshape(len(net.basis), -1).astype(np.float64)
    mean = net.mean.numpy().astype(np.float64)
    own = OwnShapes(template, mean, mean_shapes(ict, template, mean + seams.lips(template).close(mean)))
    rng = np.random.default_rng(2026)
    neutral_errors, shape_errors, mean_errors = [], [], []
    for _ in range(args.people):
        identity = np.tensordot(rng.standard_normal(len(ict.identity)).clip(-2.5, 2.5), ict.identity, 1)
        target = mean + smooth @ (template.follow @ identity)
        code = np.linalg.lstsq(basis.T, (target - mean)[:skin].ravel(), rcond=None)[0]
        batch = torch.from_numpy(code.astype(np.float32))[None]
        with torch.inference_mode():
            fitted, _ = net.neutral(batch)
            motion = net.motions(batch, vertex)[0].numpy()
        neutral_errors.append(np.linalg.norm(fitted[0].numpy()[:skin] - target[:skin], axis=1))
        wish = own.of(target)[shape, vertex.numpy()]
        shape_errors.append(np.linalg.norm(motion - wish, axis=1))
        mean_errors.append(np.linalg.norm(own.dense[shape, vertex.numpy()] - wish, axis=1))
    for name, errors in (("neutral", neutral_errors), ("shapes", shape_errors), ("mean's shapes", mean_errors)):
        mm = np.concatenate(errors) * 1000
        print(f"{name}: mean {mm.mean():.3f}, median {np.median(mm):.3f}, 95 % {np.percentile(mm, 95):.3f} mm")


if __name__ == "__main__":
    main()
