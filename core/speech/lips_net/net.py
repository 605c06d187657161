"""The lips network: phones and loudness at 60 frames a second to mouth controls."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from ..phones_net.net import Block, one_thread


class LipsNet(nn.Module):
    """Convolutions that see 0.4 s to either side, so that lips round early and jaws blend.

    `reach` frames on either side decide about a frame; with that much context, pieces give what the whole gives.
    """

    def __init__(
        self,
        inputs: int = 46,
        controls: int = 20,
        width: int = 96,
        hidden: int = 192,
        kernel: int = 7,
        dilations: tuple[int, ...] = (1, 2, 3, 2),
        dropout: float = 0.0,
    ) -> None:
        """Build it."""
        super().__init__()
        self.stem = nn.Linear(inputs, width)
        self.blocks = nn.ModuleList(Block(width, hidden, kernel, dilation, dropout) for dilation in dilations)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, controls)
        self.reach = sum(dilation * (kernel - 1) // 2 for dilation in dilations)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, F, inputs) to controls within 0..1, (B, F, controls)."""
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return torch.sigmoid(self.head(self.norm(x)) - 2.0)


def infer(network: LipsNet, inputs: np.ndarray) -> Tensor:
    """Run the network over one (F, inputs) array without gradients: (F, controls)."""
    with one_thread(), torch.inference_mode():
        return network(torch.from_numpy(inputs)[None])[0]
