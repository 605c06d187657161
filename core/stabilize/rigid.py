"""Rigid motions between corresponding points, in batches: Procrustes, its robust form, and one weighted step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

ROUNDS = 8
"""Rounds of reweighting; the median residual no longer moves after five."""
SHARP = 0.6
"""How far off, as a part of what the stillest are at most, a point loses half of its say."""
SETTLED = 2e-4
"""Millimetres of motion below which points are settled."""


def procrustes(source: Tensor, target: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """Give rotation (B, 3, 3) and translation (B, 3) that bring source (B, K, 3) onto target, weight (B, K) >= 0.

    Source: Kabsch, "A solution for the best rotation to relate two sets of vectors" (1976); no reflections.
    """
    import torch

    weight = weight / weight.sum(dim=1, keepdim=True)
    from_, to = ((weight[..., None] * points).sum(dim=1, keepdim=True) for points in (source, target))
    moment = ((target - to) * weight[..., None]).transpose(1, 2) @ (source - from_)
    left, _, right = torch.linalg.svd(moment)
    handed = torch.ones_like(source[:, 0])
    handed[:, 2] = torch.linalg.det(left @ right)
    rotation = (left * handed[:, None]) @ right
    return rotation, (to - from_ @ rotation.transpose(1, 2))[:, 0]


def motion_onto(source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give what `procrustes` gives for arrays (B, K, 3), or one (K, 3) for all, whose points count alike."""
    import torch

    both = np.broadcast_arrays(np.asarray(source, np.float64), np.asarray(target, np.float64))
    from_, to = (torch.from_numpy(np.ascontiguousarray(one)) for one in both)
    rotation, translation = procrustes(from_, to, torch.ones(from_.shape[:2], dtype=from_.dtype))
    return rotation.numpy(), translation.numpy()


def step(points: Tensor, towards: Tensor, weight: Tensor) -> Tensor:
    """Give the small motion (B, 6: turn vector, shift) that moves points (B, K, 3) by `towards`, weighted (B, K).

    Linear in the turn: right to a thousandth of it for the degree or two that are left after `procrustes`.
    """
    import torch

    total = weight.sum(dim=1)
    weighted = points * weight[..., None]
    second = weighted.transpose(1, 2) @ points
    unit = torch.eye(3, dtype=points.dtype, device=points.device)
    turned = second.diagonal(dim1=1, dim2=2).sum(dim=1)[:, None, None] * unit - second
    across = _cross(weighted.sum(dim=1))
    normal = torch.cat(
        [torch.cat([turned, across], dim=2), torch.cat([-across, total[:, None, None] * unit], dim=2)], dim=1
    )
    pull = weight[..., None] * towards
    right = torch.cat([torch.linalg.cross(points, pull).sum(dim=1), pull.sum(dim=1)], dim=1)
    normal = normal + torch.diag_embed(1e-6 * normal.diagonal(dim1=1, dim2=2) + 1e-9)
    return torch.linalg.solve(normal, right)


def _cross(vectors: Tensor) -> Tensor:
    """The matrices (B, 3, 3) that take the cross product with vectors (B, 3)."""
    import torch

    x, y, z = vectors.unbind(dim=1)
    zero = torch.zeros_like(x)
    return torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], dim=1).view(-1, 3, 3)


def rotation_of(turn: Tensor) -> Tensor:
    """Give the rotations (B, 3, 3) of turn vectors (B, 3), radians (Rodrigues' formula)."""
    import torch

    angle = torch.sqrt((turn**2).sum(dim=1) + 1e-20)[:, None, None]
    cross = _cross(turn)
    unit = torch.eye(3, dtype=turn.dtype, device=turn.device)
    return unit + torch.sin(angle) / angle * cross + (1 - torch.cos(angle)) / angle**2 * (cross @ cross)


def move(points: Tensor, motion: Tensor) -> Tensor:
    """Move points (B, K, 3) by motions (B, 6) as `step` gives them."""
    return points @ rotation_of(motion[:, :3]).transpose(1, 2) + motion[:, None, 3:]


def robust(still: Tensor, posed: Tensor, covered: Tensor) -> Tensor:
    """Bring posed points (B, K, 3) near the still ones by what moves least: median-scaled Cauchy weights.

    covered (B, K): 1 for points that count. Gives the moved points; the motion is `procrustes` of them and the posed.
    """
    import torch

    placed = posed
    for _ in range(ROUNDS):
        away = still - placed
        size = away.norm(dim=-1)
        middle = torch.where(covered > 0, size, torch.nan).nanmedian(dim=1, keepdim=True).values
        weight = covered / (1 + (size / (0.7 * middle + 1e-3)) ** 2)
        placed = move(placed, step(placed, away, weight))
    return placed


def stillest(still: Tensor, placed: Tensor, calm: float, most: float) -> tuple[Tensor, Tensor, Tensor]:
    """Bring placed points (B, K, 3) onto the still ones by those that move least, from a place that is nearly right.

    calm, most: parts of the points. Gives the moved points, and how far (B,) those parts of them then are off at most.
    """
    count = placed.shape[1]
    first, last = (max(1, round(part * count)) for part in (calm, most))
    for _ in range(4 * ROUNDS):
        away = still - placed
        square = (away**2).sum(dim=-1)
        limit = SHARP**2 * square.kthvalue(first, dim=1, keepdim=True).values + 1e-10
        motion = step(placed, away, 1 / (1 + square / limit) ** 2)
        placed = move(placed, motion)
        if motion[:, 3:].abs().max() < SETTLED:
            break
    size = (still - placed).norm(dim=-1)
    return placed, size.kthvalue(first, dim=1).values, size.kthvalue(last, dim=1).values
