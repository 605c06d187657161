"""What training runs against the clock share: a rate that falls with the time, and the running average of weights."""

from __future__ import annotations

import math

import torch


def set_rate(optimizer: torch.optim.Optimizer, rate: float, step: int, done: float) -> None:
    """Set the rate of a step: it rises over 200 and falls as a cosine of `done`, the share of the time that is over."""
    for group in optimizer.param_groups:
        group["lr"] = rate * min(1, (step + 1) / 200) * (0.5 + 0.5 * math.cos(math.pi * done)) + 1e-5


def follow(average: torch.nn.Module, network: torch.nn.Module, step: int) -> None:
    """Bring the running average closer to the network after step `step`, from 1; sooner at first."""
    decay = min(0.998, step / (step + 20))
    with torch.no_grad():
        for kept, now in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
            if kept.dtype.is_floating_point:
                kept.lerp_(now, 1 - decay)
