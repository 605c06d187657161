"""The head decoder: one code in, one person's neutral, joints and shapes out."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class HeadDecoder(nn.Module):
    """Decodes an identity code into geometry; the tables are parameters like any other and are trained together.

    The neutral and the joints are linear in the code. Shapes are factored: every vertex has a 3x3 frame that tells
    how this identity turns and stretches motion there, and all shapes of the mean pass through it. A small network
    sets the frames (K numbers blend K learned frame fields), so an identity costs one matrix product, not 57.

    config: code, hidden, frames (K), vertices (V), joints (J), entries (N): moved (shape, vertex) pairs.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        code, hidden, frames = config["code"], config["hidden"], config["frames"]
        vertices, joints, entries = config["vertices"], config["joints"], config["entries"]
        self.mean = nn.Parameter(torch.zeros(vertices, 3))
        self.basis = nn.Parameter(torch.zeros(code, vertices, 3))
        self.joint_mean = nn.Parameter(torch.zeros(2 * joints, 3))
        self.joint_basis = nn.Parameter(torch.zeros(code, 2 * joints, 3))
        self.motion = nn.Parameter(torch.zeros(entries, 3))
        self.fields = nn.Parameter(torch.zeros(frames, vertices, 3, 3))
        self.trunk = nn.Sequential(nn.Linear(code, hidden), nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU())
        self.blend = nn.Linear(hidden, frames)
        self.direct = nn.Linear(code, frames)

    def neutral(self, code: Tensor) -> tuple[Tensor, Tensor]:
        """Codes (B, C) to vertices (B, V, 3) and joint heads then tails (B, 2J, 3), metres."""
        vertices = self.mean + torch.einsum("bc,cvd->bvd", code, self.basis)
        joints = self.joint_mean + torch.einsum("bc,cjd->bjd", code, self.joint_basis)
        return vertices, joints

    def motions(self, code: Tensor, entry_vertex: Tensor) -> Tensor:
        """Codes (B, C) to what each moved (shape, vertex) pair adds at value 1: (B, N, 3), metres.

        entry_vertex (N,) long: the vertex of each pair.
        """
        weights = self.direct(code) + self.blend(self.trunk(code))  # (B, K)
        frames = torch.einsum("bk,kvij->bvij", weights, self.fields)  # (B, V, 3, 3), what differs from the mean's
        picked = frames[:, entry_vertex]
        return self.motion + torch.einsum("bnij,nj->bni", picked, self.motion)
