"""The network that gives each person shapes of their own."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class ShapeDecoder(nn.Module):
    """Decodes what a head is made of into how it moves; the tables are parameters like any other.

    Shapes are factored: every vertex has a 3x3 frame that tells how this identity turns and stretches motion there,
    and all shapes of the mean pass through it. A small network sets the frames (F numbers blend F learned frame
    fields), so an identity costs one matrix product, not one per shape. It sees the head through `view`, a few
    coordinates of the mixture that makes its neutral, so whatever changes the face changes its shapes too.

    config: parts (K), view (Z), hidden, frames (F), vertices (V), entries (N): moved (shape, vertex) pairs.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        seen, hidden, frames = config["view"], config["hidden"], config["frames"]
        self.view = nn.Linear(config["parts"], seen)
        self.motion = nn.Parameter(torch.zeros(config["entries"], 3))
        self.fields = nn.Parameter(torch.zeros(frames, config["vertices"], 3, 3))
        self.trunk = nn.Sequential(nn.Linear(seen, hidden), nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU())
        self.blend = nn.Linear(hidden, frames)
        self.direct = nn.Linear(seen, frames)

    def forward(self, mixture: Tensor, entry_vertex: Tensor) -> Tensor:
        """Coefficients (B, K) to what each moved (shape, vertex) pair adds at value 1: (B, N, 3), metres.

        entry_vertex (N,) long: the vertex of each pair.
        """
        seen = self.view(mixture)
        weights = self.direct(seen) + self.blend(self.trunk(seen))  # (B, F)
        frames = torch.einsum("bf,fvij->bvij", weights, self.fields)  # (B, V, 3, 3), what differs from the mean's
        return self.motion + torch.einsum("bnij,nj->bni", frames[:, entry_vertex], self.motion)
