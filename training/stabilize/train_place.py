"""Trains the network that finds how a face lies: any orientation, unit, part of a face.

python -m training.stabilize.train_place --minutes 30
"""

from __future__ import annotations

import numpy as np
import torch
from scipy.spatial.transform import Rotation

from headroom.core.stabilize.net import Placer
from headroom.core.stabilize.place import POINTS

from .crops import FACE
from .fit import arguments, fit, split, start_from

NEAR = np.radians(70)
"""How far from upright and facing front a start may be: every orientation is nearer to one of a cube's."""


def main() -> None:
    """Train, and keep the running average of the weights as a checkpoint; `export` ships it."""
    given = arguments(main.__doc__, "placer.pt", minutes=30.0, batch=96, width=192, rate=2e-3)
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    with np.load(given.tables, allow_pickle=False) as file:
        clouds = ((file["cloud"] - FACE) * 10).astype(np.float32)
    watched, rows = split(len(clouds))
    config = {"width": given.width}
    network = Placer(config)
    start_from(network, given.start)
    fixed = draw(clouds, watched, 1024, np.random.default_rng(3))

    def loss() -> torch.Tensor:
        points, goal, angle = draw(clouds, rows, given.batch, rng)
        total, near = torch.zeros(()), torch.from_numpy(angle < NEAR).float()
        for off, error in distances(network, points, goal):
            sure = off.detach() / error + torch.log(error)
            total = total + (off * near).mean() + 0.02 * sure.mean()
        return total

    def watch(average: Placer) -> str:
        off, error = distances(average, *fixed[:2])[-1]
        found = off[torch.from_numpy(fixed[2] < NEAR)] * 100
        lost = torch.from_numpy(fixed[2] > 2 * NEAR)
        away = f"off {off[lost].median() * 100:.0f}, expected {error[lost].median() * 100:.0f} mm"
        return f"median {found.median():.2f} p90 {found.quantile(0.9):.2f} mm; turned away: {away}"

    fit(network, config, given, loss, watch, memory=0.998, decay=1e-3)


def draw(
    clouds: np.ndarray, rows: np.ndarray, count: int, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor, np.ndarray]:
    """Draw turned faces, centered and of unit size (B, N, 3), where they belong (B, N, 3), decimetres, and by which
    angle (B,) they are turned."""
    picked = rng.integers(0, clouds.shape[1], (count, POINTS))
    goal = clouds[rng.choice(rows, count)[:, None], picked]
    goal = goal * np.where(rng.random((count, 1, 1)) < 0.5, np.array([-1, 1, 1], np.float32), np.float32(1))
    goal = goal + rng.normal(size=goal.shape).astype(np.float32) * 0.004
    wrong = (rng.random((*goal.shape[:2], 1)) < 0.06) & (rng.random((count, 1, 1)) < 0.3)
    goal = goal + (rng.normal(size=goal.shape) * wrong * 0.12).astype(np.float32)
    centered = goal - goal.mean(axis=1, keepdims=True)
    unit = centered / np.sqrt((centered**2).sum(axis=2).mean(axis=1))[:, None, None]
    axis = rng.normal(size=(count, 3))
    angle = np.where(rng.random(count) < 0.25, np.pi, NEAR) * np.maximum(rng.random(count), rng.random(count))
    turn = Rotation.from_rotvec(axis / np.linalg.norm(axis, axis=1)[:, None] * angle[:, None]).as_matrix()
    return torch.from_numpy(unit @ turn).float(), torch.from_numpy(goal).float(), angle


def distances(network: Placer, points: torch.Tensor, goal: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """For each round the mean distance (B,) from where points belong, decimetres, and what the network expects."""
    return [
        ((points @ matrix.transpose(1, 2) + shift[:, None] - goal).norm(dim=-1).mean(dim=1), error)
        for matrix, shift, error in network(points)
    ]


if __name__ == "__main__":
    main()
