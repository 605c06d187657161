"""Trains the network that tells the skull's motion from the face's.

    python -m training.stabilize.train --minutes 40

Every tenth capture is kept for watching; judging on rigs and people never seen is `judge`.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from headroom.core.stabilize.net import Aligner

from .pairs import Pairs, Table
from .tables import CACHE


def main() -> None:
    """Train, and keep the running average of the weights as a checkpoint; `export` ships it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--tables", type=Path, default=CACHE / "captures.npz")
    parser.add_argument("--out", type=Path, default=CACHE / "aligner.pt")
    parser.add_argument("--start", type=Path, default=None, help="checkpoint to go on from")
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--depth", type=int, default=3)
    parser.add_argument("--rate", type=float, default=1e-3)
    given = parser.parse_args()
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    table = Table(given.tables)
    every = np.arange(len(table.still))
    watched, rows = every[every % 10 == 0], every[every % 10 != 0]
    config = {"anchors": len(table.anchors), "width": given.width, "depth": given.depth}
    network: Aligner = Aligner(config)
    if given.start:
        network.load_state_dict(torch.load(given.start, weights_only=True)["state"])
    network.anchors.copy_(table.anchors)
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.999)
    )
    optimizer = torch.optim.AdamW(network.parameters(), given.rate, weight_decay=1e-2)
    fixed = [table.draw(1024, np.random.default_rng(7 + k), watched) for k in range(2)]
    start, done, last = time.monotonic(), 0.0, -60.0
    taken = 0
    while done < 1:
        now = time.monotonic() - start
        done = min(1.0, now / (60 * given.minutes))
        for group in optimizer.param_groups:
            group["lr"] = given.rate * min(1, taken / 300 + 0.01) * (0.5 + 0.5 * np.cos(np.pi * done) + 0.002)
        loss = losses(network, table.draw(given.batch, rng, rows))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        average.update_parameters(network)
        taken += 1
        if now - last > 60 or done == 1:
            last = now
            with torch.no_grad():
                found = torch.cat([distance(average.module, pairs) for pairs in fixed])
            spread = f"{found.mean():.3f} median {found.median():.3f} p95 {found.quantile(0.95):.3f} mm"
            print(f"{now / 60:5.1f} min  {taken:6d} steps  watched {spread}", flush=True)
            given.out.parent.mkdir(parents=True, exist_ok=True)
            torch.save({"config": config, "state": average.module.state_dict()}, given.out)


def losses(network: Aligner, pairs: Pairs) -> torch.Tensor:
    """What training makes small: how far each turn leaves the skull from its place, and what was guessed on the way."""
    total = torch.zeros(())
    turns = network(pairs.still, pairs.posed, pairs.covered, pairs.noise)
    count = pairs.covered.sum(dim=1)
    for k, turn in enumerate(turns):
        off = ((turn["placed"] - pairs.posed).norm(dim=-1) * pairs.covered).sum(dim=1) / count
        guess = ((turn["change"] - pairs.change).abs().sum(dim=-1) * pairs.covered).sum(dim=1) / count
        sure = off.detach() / turn["error"] + torch.log(turn["error"])
        active = (turn["activity"] - pairs.activity).abs()
        close = torch.log(off + 0.03).mean()  # or frames that are easy would not count
        total = (
            total
            + (0.5 + 0.5 * k) * (off.mean() + 0.03 * close)
            + 0.1 * guess.mean()
            + 0.02 * sure.mean()
            + 0.02 * active.mean()
        )
    return total


def distance(network: Aligner, pairs: Pairs) -> torch.Tensor:
    """Mean distance (B,) in millimetres, over what is covered, between skulls as found and as they are."""
    placed = network(pairs.still, pairs.posed, pairs.covered, pairs.noise)[-1]["placed"]
    return ((placed - pairs.posed).norm(dim=-1) * pairs.covered).sum(dim=1) / pairs.covered.sum(dim=1)


if __name__ == "__main__":
    main()
