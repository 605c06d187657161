"""The networks of the stabilizer: one finds where a face stands, one finds its skull's motion between two frames."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from .rigid import move, robust, step

TURNS = 2
"""How often the skull's motion is estimated anew from where the last estimate left the face."""


FRAME = 4
"""Numbers that are said about a frame as a whole: expected error, activity, belief in the guess, size of stillness."""


class Block(nn.Module):
    """A residual layer: normalize, widen, come back."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.normalize, self.out, self.back = nn.LayerNorm(width), nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.back(torch.nn.functional.gelu(self.out(self.normalize(x))))


class Aligner(nn.Module):
    """From a face read at the anchors, twice, to the motion of its skull between.

    It guesses what expression does to each anchor and how far that guess can be trusted; a weighted rigid fit of the
    rest gives the skull. So it can be wrong about the expression, but a moving head alone never looks like one. Where
    much of a face lies still it may also say so: then what moves least counts, as in a robust Procrustes.
    """

    anchors: torch.Tensor

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        anchors, width = config["anchors"], config["width"]
        self.register_buffer("anchors", torch.zeros(anchors, 3))
        self.enter = nn.Linear(anchors * 12 + 1, width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(config["depth"]))
        self.normalize = nn.LayerNorm(width)
        self.leave = nn.Linear(width, anchors * 4 + FRAME)

    def forward(
        self, still: torch.Tensor, posed: torch.Tensor, covered: torch.Tensor, noise: torch.Tensor
    ) -> list[dict[str, torch.Tensor]]:
        """Estimate, turn by turn, from still and posed anchors (B, K, 3) in millimetres about the middle of the face.

        covered (B, K) 0 or 1, noise (B, K) what averaging leaves of it. Each turn gives `placed` (B, K, 3), where the
        posed anchors are on the skull of the still ones, `change` (B, K, 3), what expression does to them, `trust`
        (B, K), `error` (B,), the expected error in millimetres, and `activity` (B,): how much more expression, in
        millimetres a vertex, the posed face has than the still one.
        """
        placed, turns = robust(still, posed, covered), []
        offset = (still - self.anchors) * covered[..., None] / 5
        fixed = torch.cat([offset.flatten(1), covered, noise * covered], dim=1)
        for _ in range(TURNS):
            away = (placed - still) * covered[..., None]
            size = torch.sqrt((away**2).sum(dim=(1, 2)) / covered.sum(dim=1) / 3 + 1e-4)[:, None]
            scaled = away / size[..., None]
            inputs = (scaled.flatten(1), torch.asinh(away * 4).flatten(1) / 4, torch.log(size), fixed)
            still_by = torch.log(away.norm(dim=-1) + 0.02) * covered
            x = self.enter(torch.cat([*inputs, still_by], dim=1))
            for block in self.blocks:
                x = block(x)
            made = self.leave(self.normalize(x))
            by_anchor, frame = made[:, :-FRAME].view(len(x), -1, 4), made[:, -FRAME:]
            belief = torch.sigmoid(frame[:, 2:3] + 3)
            change = by_anchor[..., :3] * (size * belief)[..., None]
            calm = torch.log1p((away.norm(dim=-1) / (0.05 * torch.exp(frame[:, 3:4]))) ** 2)
            trust = torch.log(torch.nn.functional.softplus(by_anchor[..., 3] + 0.5) + 1e-5) - (1 - belief) * calm
            trust = torch.exp(trust - trust.amax(dim=1, keepdim=True)) * covered + 1e-6 * covered
            placed = move(placed, step(placed, still + change - placed, trust))
            error = torch.nn.functional.softplus(frame[:, 0]) * 0.1 + 0.01
            said = {
                "placed": placed,
                "change": change,
                "trust": trust,
                "error": error,
                "activity": frame[:, 1] * size[:, 0],
            }
            turns.append(said)
        return turns


class Placer(nn.Module):
    """From points of a face to where the canonical frame has them.

    A set network (Qi et al., "PointNet", 2017), asked again from where its last answer put the points. It knows the way
    from up to 70 degrees off, and when it does not know it; so it is started from several sides.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        width = config["width"]
        sizes = (3, width // 3, width // 2, width)
        self.points = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:], strict=False))
        self.face = nn.Linear(2 * width, width)
        self.block = Block(width)
        self.leave = nn.Linear(width, 11)

    def forward(self, points: torch.Tensor, rounds: int = 3) -> list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
        """Place points (B, N, 3), centered and of unit root mean square size.

        Gives for each round the matrix (B, 3, 3) and shift (B, 3) that bring the points given into the canonical
        frame, in decimetres about the middle of the face, and the distance (B,) by which that is expected to be wrong.
        """
        matrix = torch.eye(3, device=points.device).expand(len(points), 3, 3)
        shift, answers = torch.zeros_like(points[:, 0]), []
        for _ in range(rounds):
            turn, size, by, error = self._once(points @ matrix.transpose(1, 2) + shift[:, None])
            grown = turn * size[:, None, None]
            matrix = grown @ matrix
            shift = (grown @ shift[..., None])[..., 0] + by
            answers.append((matrix, shift, error))
        return answers

    def _once(self, points: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """A set of points (B, N, 3) to a turn (B, 3, 3), size (B,), shift (B, 3) and expected error (B,)."""
        x = points
        for layer in self.points:
            x = torch.relu(layer(x))
        x = torch.cat([x.amax(dim=1), x.mean(dim=1)], dim=1)
        made = self.leave(self.block(self.face(x)))
        first = torch.nn.functional.normalize(made[:, :3] + torch.tensor([1.0, 0, 0], device=made.device), dim=1)
        second = made[:, 3:6] + torch.tensor([0, 1.0, 0], device=made.device)
        second = torch.nn.functional.normalize(second - (first * second).sum(dim=1, keepdim=True) * first, dim=1)
        turn = torch.stack([first, second, torch.linalg.cross(first, second)], dim=2)
        return turn, torch.exp(made[:, 6]), made[:, 7:10], torch.nn.functional.softplus(made[:, 10]) * 0.1 + 0.005
