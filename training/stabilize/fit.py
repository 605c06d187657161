"""The loop that both networks of the stabilizer are trained by."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .tables import CACHE

EVERY = 60.0
"""Seconds between checkpoints."""


def arguments(text: str | None, out: str, **defaults: float) -> argparse.Namespace:
    """Read what every training run may be told; defaults: minutes, batch, width, rate and more of the network's own."""
    parser = argparse.ArgumentParser(description=text)
    parser.add_argument("--tables", type=Path, default=CACHE / "captures.npz")
    parser.add_argument("--out", type=Path, default=CACHE / out)
    parser.add_argument("--start", type=Path, default=None, help="checkpoint to go on from")
    for name, value in defaults.items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    return parser.parse_args()


def split(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Keep every tenth of `count` captures for watching: those, and the others."""
    every = np.arange(count)
    return every[every % 10 == 0], every[every % 10 != 0]


def start_from(network: torch.nn.Module, path: Path | None) -> None:
    """Go on from a checkpoint, if there is one."""
    if path:
        network.load_state_dict(torch.load(path, weights_only=True)["state"])


def fit(
    network: torch.nn.Module,
    config: dict[str, Any],
    given: argparse.Namespace,
    loss: Callable[[], torch.Tensor],
    watch: Callable[[torch.nn.Module], str],
    memory: float,
    decay: float,
) -> None:
    """Train for so many minutes, and keep the running average of the weights as a checkpoint.

    loss draws a batch and gives what is to be made small; watch says how good the average is; memory: how much of the
    average stays at each step; decay: of weights. The rate rises over 300 steps and falls as a cosine of the time.
    """
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(memory)
    )
    optimizer = torch.optim.AdamW(network.parameters(), given.rate, weight_decay=decay)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    start, done, last, taken = time.monotonic(), 0.0, -EVERY, 0
    while done < 1:
        now = time.monotonic() - start
        done = min(1.0, now / (60 * given.minutes))
        for group in optimizer.param_groups:
            group["lr"] = given.rate * min(1, taken / 300 + 0.01) * (0.5 + 0.5 * np.cos(np.pi * done) + 0.002)
        total = loss()
        optimizer.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        average.update_parameters(network)
        taken += 1
        if now - last > EVERY or done == 1:
            last = now
            with torch.no_grad():
                print(f"{now / 60:5.1f} min  {taken:6d} steps  {watch(average.module)}", flush=True)
            torch.save({"config": config, "state": average.module.state_dict()}, given.out)
