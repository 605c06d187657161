"""The lips network: likely phones and loudness at 60 frames a second to mouth controls."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from ...device import run
from ..phones_net.net import Block, one_thread


class LipsNet(nn.Module):
    """Convolutions that see 0.4 s to either side, so that lips round early and jaws blend.

    `reach` frames on either side decide about a frame; with that much context, pieces give what the whole gives.
    """

    def __init__(
        self,
        phones: int = 44,
        levels: int = 2,
        controls: int = 20,
        width: int = 96,
        hidden: int = 192,
        kernel: int = 7,
        dilations: tuple[int, ...] = (1, 2, 3, 2),
        dropout: float = 0.0,
    ) -> None:
        """Build it."""
        super().__init__()
        self.phones = phones
        self.stem = nn.Linear(2 * phones + levels, width)
        self.blocks = nn.ModuleList(Block(width, hidden, kernel, dilation, dropout) for dilation in dilations)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, controls)
        self.reach = sum(dilation * (kernel - 1) // 2 for dilation in dilations)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, F, phones + levels) to controls within 0..1, (B, F, controls).

        Phones come twice, as likelihoods and as their logarithms: what was barely possible shows on lips too.
        """
        doubt = (torch.log(x[..., : self.phones].clamp(min=0) + 0.02) + 2) / 2
        x = self.stem(torch.cat([x, doubt], dim=-1))
        for block in self.blocks:
            x = block(x)
        return torch.sigmoid(self.head(self.norm(x)) - 2.0)


def infer(network: LipsNet, inputs: np.ndarray) -> Tensor:
    """Run the network over one (F, inputs) array without gradients: (F, controls)."""
    with one_thread(), torch.inference_mode():
        return run(network, torch.from_numpy(inputs)[None])[0]
