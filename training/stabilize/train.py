"""Trains the network that tells the skull's motion from the face's.

    python -m training.stabilize.train --minutes 40

Every tenth capture is kept for watching; judging on rigs and people never seen is `judge`.
"""

from __future__ import annotations

import numpy as np
import torch

from headroom.core.stabilize.net import Aligner

from .fit import arguments, fit, split, start_from
from .pairs import Pairs, Table


def main() -> None:
    """Train, and keep the running average of the weights as a checkpoint; `export` ships it."""
    given = arguments(main.__doc__, "aligner.pt", minutes=40.0, batch=256, width=512, depth=3, rate=1e-3)
    torch.manual_seed(0)
    rng, table = np.random.default_rng(0), Table(given.tables)
    watched, rows = split(len(table.still))
    config = {"anchors": len(table.anchors), "width": given.width, "depth": given.depth}
    network: Aligner = Aligner(config)
    start_from(network, given.start)
    network.anchors.copy_(table.anchors)
    fixed = [table.draw(1024, np.random.default_rng(7 + k), watched) for k in range(2)]

    def loss() -> torch.Tensor:
        return losses(network, table.draw(given.batch, rng, rows))

    def watch(average: Aligner) -> str:
        found = torch.cat([distance(average, pairs) for pairs in fixed])
        return f"watched {found.mean():.3f} median {found.median():.3f} p95 {found.quantile(0.95):.3f} mm"

    fit(network, config, given, loss, watch, memory=0.999, decay=1e-2)


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
