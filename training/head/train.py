"""Trains the head decoder and writes the shipped weights.

    python -m training.head.train --cache .cache/head --out core/models

Starts from a closed-form guess (per-vertex frames by least squares, their principal fields) and refines everything
together with Adam. Judged on codes that training never saw, beside the mean's shapes used for everyone.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from headroom.core.head.anatomy import JOINT_MIRROR, JOINTS, PARENTS
from headroom.core.head.net import HeadDecoder
from headroom.core.weights import save

from .dataset import CODE, LEARNED

HELD_OUT = 32


def main() -> None:
    """Train, judge, export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path(".cache/head"))
    parser.add_argument("--out", type=Path, default=Path("core/models"))
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--steps", type=int, default=300)
    args = parser.parse_args()
    torch.manual_seed(0)
    base = dict(np.load(args.cache / "identities.npz"))
    data = np.load(args.cache / "shapes.npz")
    codes = torch.from_numpy(data["codes"].astype(np.float32))
    targets = torch.from_numpy(data["targets"])  # (I, N, 3) float16 millimetres
    vertex = torch.from_numpy(base["vertex"])
    config = {"code": CODE, "hidden": args.hidden, "frames": args.frames, "vertices": len(base["mean"]),
              "joints": len(JOINTS), "entries": len(base["motion"]), "shapes": LEARNED}  # fmt: skip
    net = HeadDecoder(config)
    _start(net, base, codes[:-HELD_OUT], targets[:-HELD_OUT], vertex)
    report("mean's shapes for everyone", torch.from_numpy(base["motion"]).float()[None], targets[-HELD_OUT:])
    with torch.no_grad():
        report("closed form", _batched(net, codes[-HELD_OUT:], vertex), targets[-HELD_OUT:])
    learned = [net.motion, net.fields, *net.trunk.parameters(), *net.blend.parameters(), *net.direct.parameters()]
    rates = [2e-6, 2e-4, *[2e-3] * (len(learned) - 2)]
    optimizer = torch.optim.Adam([{"params": [p], "lr": r} for p, r in zip(learned, rates, strict=True)])
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.steps)
    start = time.time()
    for step in range(args.steps):
        pick = torch.randint(len(codes) - HELD_OUT, (6,))
        error = net.motions(codes[pick], vertex) * 1000 - targets[pick].float()
        loss = torch.sqrt((error**2).sum(-1) + 1e-4).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 50 == 0:
            print(f"step {step} loss {loss.item():.4f} mm, {time.time() - start:.0f} s", flush=True)
    with torch.no_grad():
        report("refined", _batched(net, codes[-HELD_OUT:], vertex), targets[-HELD_OUT:])
    export(net, config, args.cache, base, args.out)


def _start(
    net: HeadDecoder, base: dict[str, np.ndarray], codes: torch.Tensor, targets: torch.Tensor, vertex: torch.Tensor
) -> None:
    motion = torch.from_numpy(base["motion"]).float()
    with torch.no_grad():
        for name, value in (
            ("mean", "mean"),
            ("basis", "basis"),
            ("joint_mean", "joints"),
            ("joint_basis", "joint_basis"),
        ):
            getattr(net, name).copy_(torch.from_numpy(base[value]).float())
        net.motion.copy_(motion)
        mm = motion * 1000
        count = config_vertices = len(base["mean"])
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
        field = torch.linalg.lstsq(blend, stack).solution
        net.fields.copy_(field.reshape(-1, config_vertices, 3, 3))
        linear = torch.linalg.lstsq(torch.cat([codes, torch.ones(len(codes), 1)], 1), blend).solution
        net.direct.weight.copy_(linear[:-1].T)
        net.direct.bias.copy_(linear[-1])
        net.blend.weight.mul_(0.05)
        net.blend.bias.zero_()
        print(f"fields keep {values[-len(top.T) :].sum() / values.sum():.3f} of the variance", flush=True)


def _batched(net: HeadDecoder, codes: torch.Tensor, vertex: torch.Tensor) -> torch.Tensor:
    return torch.cat([net.motions(c[None], vertex) for c in codes])


def report(name: str, motion: torch.Tensor, targets: torch.Tensor) -> None:
    """Print how far shapes are from transferred ones, in mm over moved vertices."""
    error = torch.linalg.norm(motion * 1000 - targets.float(), dim=-1)
    print(
        f"{name}: mean {error.mean():.3f}, 95 % {error.flatten()[::37].quantile(0.95):.3f}, worst {error.max():.2f} mm"
    )


def export(net: HeadDecoder, config: dict, cache: Path, base: dict[str, np.ndarray], out: Path) -> None:
    """Write `head` (decoder) and `template` (what never changes) as shipped weights."""
    exact = {"mean", "joint_mean"}
    arrays = {
        k: v.detach().numpy().astype(np.float32 if k in exact else np.float16) for k, v in net.state_dict().items()
    }
    save("head", arrays, config, out)
    export_template(cache, base, out)


def export_template(cache: Path, base: dict[str, np.ndarray], out: Path) -> None:
    """Write what never changes; `dataset` made it."""
    fixed = dict(np.load(cache / "template.npz"))
    small = {k: _smallest(k, v) for k, v in fixed.items()}
    small |= {"entry_shape": base["shape"].astype(np.uint8), "entry_vertex": base["vertex"].astype(np.uint16)}
    made = time.strftime("%Y-%m-%d")
    save(
        "template",
        small,
        {"code": CODE, "joints": JOINTS, "parents": PARENTS, "joint_mirror": JOINT_MIRROR, "made": made},
        out,
    )


def _smallest(name: str, array: np.ndarray) -> np.ndarray:
    if array.dtype.kind in "iu":
        return array.astype(np.uint8 if array.max() < 256 else np.uint16 if array.min() >= 0 else np.int32)
    return np.ascontiguousarray(array, np.float32 if name in ("uv", "measure", "move") else np.float16)


if __name__ == "__main__":
    main()
