"""Trains the decoder's shapes and writes the shipped weights of the head.

    python -m training.head.train --cache .cache/head --out core/models

The neutral (`head`) is ready when `dataset` is: its bases are found in closed form. Shapes start from a closed-form
guess (per-vertex frames by least squares, their principal fields) and are refined together with Adam. Judged on people
that training never saw, beside the mean's shapes used for everyone.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from headroom.core.head.anatomy import JOINT_MIRROR, JOINTS, PARENTS
from headroom.core.head.net import ShapeDecoder
from headroom.core.weights import save

from .dataset import CODE

HELD_OUT = 32
VIEW = 48
"""Coordinates of a head that its shapes depend on."""


def main() -> None:
    """Train, judge, export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path(".cache/head"))
    parser.add_argument("--out", type=Path, default=Path("core/models"))
    parser.add_argument("--frames", type=int, default=14)
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--steps", type=int, default=220)
    args = parser.parse_args()
    torch.manual_seed(0)
    data = np.load(args.cache / "shapes.npz")
    mixtures = torch.from_numpy(data["mixtures"])
    targets = torch.from_numpy(data["targets"])  # (I, N, 3) float16 millimetres
    vertex = torch.from_numpy(data["vertex"].astype(np.int64))
    head, template = (dict(np.load(args.cache / f"{name}.npz")) for name in ("head", "template"))
    config = {"parts": mixtures.shape[1], "view": VIEW, "hidden": args.hidden, "frames": args.frames,
              "vertices": len(head["mean"]), "entries": len(data["motion"]),
              "shapes": [str(name) for name in data["names"]]}  # fmt: skip
    net = ShapeDecoder(config)
    _see(net, mixtures[:-HELD_OUT])
    motion = torch.from_numpy(data["motion"]).float()
    _start(net, motion, mixtures[:-HELD_OUT], targets[:-HELD_OUT], vertex)
    report("mean's shapes for everyone", motion[None], targets[-HELD_OUT:])
    with torch.no_grad():
        report("closed form", _batched(net, mixtures[-HELD_OUT:], vertex), targets[-HELD_OUT:])
    learned = [net.motion, net.fields, *net.trunk.parameters(), *net.blend.parameters(), *net.direct.parameters()]
    rates = [2e-6, 2e-4, *[2e-3] * (len(learned) - 2)]
    optimizer = torch.optim.Adam([{"params": [p], "lr": r} for p, r in zip(learned, rates, strict=True)])
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.steps)
    start = time.time()
    for step in range(args.steps):
        pick = torch.randint(len(mixtures) - HELD_OUT, (4,))
        error = net(mixtures[pick], vertex) * 1000 - targets[pick].float()
        loss = torch.sqrt((error**2).sum(-1) + 1e-4).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 50 == 0:
            print(f"step {step} loss {loss.item():.4f} mm, {time.time() - start:.0f} s", flush=True)
    with torch.no_grad():
        report("refined", _batched(net, mixtures[-HELD_OUT:], vertex), targets[-HELD_OUT:])
    arrays = {key: value.detach().numpy().astype(np.float16) for key, value in net.state_dict().items()}
    arrays |= {key: arrays[key].astype(np.float32) for key in ("view.weight", "view.bias")}
    fields = net.fields.detach().numpy()
    scale = np.abs(fields).max(axis=(1, 2, 3)) / 127
    arrays["fields"] = np.rint(fields / scale[:, None, None, None]).astype(np.int8)
    arrays["fields_scale"] = scale.astype(np.float32)
    save("shapes", arrays, config, args.out)
    save("head", head, {"code": CODE}, args.out)
    save("template", {key: _smallest(key, value) for key, value in template.items()},
         {"joints": JOINTS, "parents": PARENTS, "joint_mirror": JOINT_MIRROR, "made": time.strftime("%Y-%m-%d")},
         args.out)  # fmt: skip


def _see(net: ShapeDecoder, mixtures: torch.Tensor) -> None:
    """Let the view be the principal coordinates of the training mixtures, of unit variance; it is not trained."""
    mean = mixtures.mean(dim=0)
    _, values, vectors = torch.linalg.svd(mixtures - mean, full_matrices=False)
    rows = vectors[: net.view.out_features] / values[: net.view.out_features, None] * len(mixtures) ** 0.5
    with torch.no_grad():
        net.view.weight.copy_(rows)
        net.view.bias.copy_(-rows @ mean)
    net.view.requires_grad_(False)


def _start(
    net: ShapeDecoder, motion: torch.Tensor, mixtures: torch.Tensor, targets: torch.Tensor, vertex: torch.Tensor
) -> None:
    count = net.fields.shape[1]
    with torch.no_grad():
        net.motion.copy_(motion)
        mm = motion * 1000
        outer = torch.zeros(count, 3, 3).index_add_(0, vertex, mm[:, :, None] * mm[:, None, :])
        inverse = torch.linalg.inv(outer + 0.05 * torch.eye(3))
        fields = []
        for target in targets:
            cross = torch.zeros(count, 3, 3).index_add_(0, vertex, (target.float() - mm)[:, :, None] * mm[:, None, :])
            fields.append((cross @ inverse).half())
        stack = torch.stack(fields).reshape(len(fields), -1).float()
        weight = torch.sqrt(torch.diagonal(outer, dim1=1, dim2=2).sum(1)).repeat_interleave(9)
        gram = (stack * weight) @ (stack * weight).T
        values, vectors = torch.linalg.eigh(gram)
        top = vectors[:, -net.fields.shape[0] :]
        blend = top * np.sqrt(len(fields))  # unit variance
        net.fields.copy_(torch.linalg.lstsq(blend, stack).solution.reshape(-1, count, 3, 3))
        seen = net.view(mixtures)
        ridge = torch.cat([seen, torch.ones(len(seen), 1)], 1)
        linear = torch.linalg.solve(ridge.T @ ridge + 3.0 * torch.eye(ridge.shape[1]), ridge.T @ blend)
        net.direct.weight.copy_(linear[:-1].T)
        net.direct.bias.copy_(linear[-1])
        net.blend.weight.mul_(0.05)
        net.blend.bias.zero_()
        print(f"fields keep {values[-len(top.T) :].sum() / values.sum():.3f} of the variance", flush=True)


def _batched(net: ShapeDecoder, mixtures: torch.Tensor, vertex: torch.Tensor) -> torch.Tensor:
    return torch.cat([net(one[None], vertex).half() for one in mixtures])


def report(name: str, motion: torch.Tensor, targets: torch.Tensor) -> None:
    """Print how far shapes are from transferred ones, in mm over moved vertices."""
    errors = [
        torch.linalg.norm(m.float() * 1000 - t.float(), dim=-1)[::7]
        for m, t in zip(motion.expand(len(targets), -1, -1), targets, strict=True)
    ]
    error = torch.cat(errors)
    tail = error[torch.randperm(len(error))[:1_000_000]].quantile(0.95)
    print(f"{name}: mean {error.mean():.3f}, 95 % {tail:.3f}, worst {error.max():.2f} mm", flush=True)


def _smallest(name: str, array: np.ndarray) -> np.ndarray:
    if array.dtype.kind in "iu":
        fits = [kind for kind in (np.uint8, np.uint16) if array.min() >= 0 and array.max() <= np.iinfo(kind).max]
        return array.astype([*fits, np.int32][0])
    return np.ascontiguousarray(array, np.float32 if name in ("uv", "joint_weight") else np.float16)


if __name__ == "__main__":
    main()
