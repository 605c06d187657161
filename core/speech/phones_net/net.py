"""The phone network: log-mel frames to phone scores, by convolutions that see 0.42 s to either side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ...device import run


class Block(nn.Module):
    """A residual block after ConvNeXt: mixing in time channel by channel, then mixing of channels."""

    def __init__(self, width: int, hidden: int, kernel: int, dilation: int, dropout: float) -> None:
        """Build it; `kernel` is odd."""
        super().__init__()
        reach = dilation * (kernel - 1) // 2
        self.time = nn.Conv1d(width, width, kernel, dilation=dilation, padding=reach, groups=width)
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, hidden)
        self.down = nn.Linear(hidden, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, T, width) to the same."""
        y = self.time(x.transpose(1, 2)).transpose(1, 2)
        y = self.down(self.dropout(functional.gelu(self.up(self.norm(y)))))
        return x + self.dropout(y)


class PhoneNet(nn.Module):
    """Scores of every phone per 10 ms frame. Inside it works on pairs of frames, which halves the time.

    `reach` frames on either side decide about a frame; with that much context, pieces give what the whole gives.
    """

    def __init__(
        self,
        bands: int = 64,
        labels: int = 44,
        width: int = 224,
        hidden: int = 512,
        kernel: int = 5,
        dilations: tuple[int, ...] = (1, 1, 2, 2, 4),
        dropout: float = 0.0,
    ) -> None:
        """Build it; `reach` comes out even, so that pieces cut at even frames pair up the same."""
        super().__init__()
        self.labels = labels
        self.stem = nn.Conv1d(bands, width, 6, stride=2, padding=2)
        self.blocks = nn.ModuleList(Block(width, hidden, kernel, dilation, dropout) for dilation in dilations)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, 2 * labels)
        self.reach = 2 * (sum(dilation * (kernel - 1) // 2 for dilation in dilations) + 1)

    def forward(self, mel: Tensor) -> Tensor:
        """Map (B, T, bands), T even, to scores before the softmax, (B, T, labels)."""
        x = self.stem(mel.transpose(1, 2)).transpose(1, 2)  # (B, T / 2, width)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x)).reshape(len(mel), -1, self.labels)


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep torch to one thread: nets this small gain nothing from more, and lose tenfold where cores are busy."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def infer(network: PhoneNet, mel: np.ndarray) -> Tensor:
    """Run the network over one (T, bands) array without gradients: (T, labels) log-probabilities."""
    with one_thread(), torch.inference_mode():
        return functional.log_softmax(run(network, torch.from_numpy(mel)[None], heavy=True)[0], dim=-1)
