"""Train the networks that find faces and their landmarks, and write them to `core/models`.

python -m headroom.training.rig.train_face marker --work build/rigwork --minutes 40
python -m headroom.training.rig.train_face seeker --work build/rigwork --minutes 15
"""

from __future__ import annotations

import argparse
import copy
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader

from headroom.core import weights
from headroom.core.rig.face.net import Marker, Seeker, peaks
from headroom.training.fitting import follow, set_rate

from .examples import Examples

WIDE = 0.8
"""Cells by which the map that the marker is to make of a landmark spreads."""


def marker_loss(maps: Tensor, place: Tensor) -> Tensor:
    """Compare maps (B, M, H, W) with landmarks (B, M, 2) in 0..1; those outside of the picture do not count."""
    rows, columns = maps.shape[2:]
    x, y = place[..., 0] * columns - 0.5, place[..., 1] * rows - 0.5
    across = -((torch.arange(columns) - x[..., None]) ** 2) / (2 * WIDE**2)
    down = -((torch.arange(rows) - y[..., None]) ** 2) / (2 * WIDE**2)
    goal = (down[..., :, None] + across[..., None, :]).flatten(2).softmax(-1)
    each = -(goal * functional.log_softmax(maps.flatten(2), dim=-1)).sum(-1)
    inside = ((place > 0.01) & (place < 0.99)).all(-1)
    return each[inside].mean()


def seeker_loss(said: Tensor, target: Tensor, counts: Tensor) -> Tensor:
    """Compare guesses with targets, (B, 7, H, W) both; all but the score only where `counts` (B, H, W)."""
    score = functional.binary_cross_entropy_with_logits(said[:, 0], target[:, 0], reduction="none")
    scored = score.sum((1, 2)).mean()
    off = (said[:, 1:] - target[:, 1:]).abs().sum(1)
    return scored + (off * counts).sum() / counts.sum().clamp(min=1)


def errors(network: torch.nn.Module, batches: list) -> dict[str, float]:
    """Measure on figures that training does not see again: the marker's misses in widths, the seeker's loss."""
    network.eval()
    with torch.inference_mode():
        if isinstance(network, Marker):
            off = []
            for picture, place in batches:
                at = peaks(network(picture))[0]
                inside = ((place > 0.02) & (place < 0.98)).all(-1)
                off.append((at - place).norm(dim=-1)[inside])
            away = torch.cat(off)
            found = {"median": float(away.median()), "mean": float(away.mean())}
        else:
            losses, right = [], []
            for picture, target, counts in batches:
                said = network(picture)
                losses.append(float(seeker_loss(said, target, counts)))
                best, there = said[:, 0].flatten(1).max(1).values.sigmoid(), counts.flatten(1).amax(1)
                right.append(((best > 0.4).float() == there).float().mean())
            found = {"loss": float(np.mean(losses)), "right": float(np.mean(right))}
    network.train()
    return found


def main() -> None:
    """Train for some minutes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=("seeker", "marker"))
    parser.add_argument("--work", type=Path, default=Path("build/rigwork"))
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--resume", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = Marker() if options.network == "marker" else Seeker()
    if options.resume:
        network.load_state_dict(torch.load(options.resume))
    print(f"{sum(p.numel() for p in network.parameters()) / 1e6:.2f} M parameters")
    average = copy.deepcopy(network)
    optimizer = torch.optim.AdamW(network.parameters(), lr=options.rate, weight_decay=0.01)
    judged = iter(DataLoader(Examples(options.work, options.network, 32, 999), batch_size=None))
    held = [next(judged) for _ in range(8)]
    batches = iter(DataLoader(Examples(options.work, options.network, 32, 1), batch_size=None, num_workers=1))
    checkpoint = options.work / f"{options.network}.pt"
    begin, losses, step = time.time(), [], 0
    while (done := (time.time() - begin) / (60 * options.minutes)) < 1:
        picture, *target = next(batches)
        set_rate(optimizer, options.rate, step, done)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            said = network(picture)
        loss = (marker_loss if options.network == "marker" else seeker_loss)(said.float(), *target)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimizer.step()
        step += 1
        follow(average, network, step)
        losses.append(loss.item())
        if step % 250 == 0:
            scored = " ".join(f"{key} {value:.4f}" for key, value in errors(average, held).items())
            minutes, loss_now = (time.time() - begin) / 60, np.mean(losses[-250:])
            print(f"{minutes:5.1f} min step {step} loss {loss_now:.3f} {scored}", flush=True)
            torch.save(average.state_dict(), checkpoint)
    torch.save(average.state_dict(), checkpoint)
    arrays = {key: value.float().numpy().astype(np.float16) for key, value in average.state_dict().items()}
    print(weights.save(f"face_{options.network}", arrays, {}), errors(average, held))


if __name__ == "__main__":
    main()
