"""Pictures of figures with what the networks are to say about them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation
from torch.utils.data import IterableDataset, get_worker_info

from headroom.core.rig.face.find import CROP, FACE_PIXELS, MARKER_PIXELS
from headroom.core.rig.face.net import Seeker
from headroom.core.rig.face.views import View

from .figures import Figure, Studio, turned

SEEKER_PIXELS = 64
VIEWS = 6
"""Pictures taken of every figure."""


class Examples(IterableDataset):
    """An endless stream of batches for one of the networks, "seeker" or "marker"."""

    def __init__(self, work: Path, network: str, size: int, seed: int) -> None:
        """Remember how to make them."""
        self.work, self.network, self.size, self.seed = work, network, size, seed

    def __iter__(self):
        worker = get_worker_info()
        random = np.random.default_rng(self.seed + (worker.id if worker else 0))
        studio = Studio(self.work, random)
        make = {"seeker": sought, "marker": marked}[self.network]
        while True:
            made = [
                make(figure, random)
                for figure in (studio.figure() for _ in range(self.size // VIEWS))
                for _ in range(VIEWS)
            ]
            yield tuple(np.stack(parts) for parts in zip(*made, strict=True))


def marked(figure: Figure, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Take a picture of a face that looks about towards the viewer, with its landmarks (54, 2) in it."""
    turn = turned(random, np.radians(50))
    span = figure.size * CROP * np.exp(random.normal(0, 0.15))
    center = figure.marks.mean(axis=0) + turn.T @ (random.uniform(-0.1, 0.1, 3) * span)
    view = View(turn, center, span)
    at = view.project(figure.marks)
    place = np.stack([0.5 + at[:, 0], 0.5 - at[:, 2]], axis=1)
    return view.picture(figure.cloud, MARKER_PIXELS), place.astype(np.float32)


def sought(figure: Figure, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Take a picture from any side, with what the seeker says of each cell (7, H, W) and how much it counts (H, W)."""
    near = random.random() < 0.6
    turn = turned(random, np.radians(60)) if near else Rotation.random(random_state=random).as_matrix()
    away = Rotation.from_matrix(turn).as_rotvec()
    pixels = FACE_PIXELS * np.exp(random.uniform(-0.5, 0.5))
    span = figure.size * SEEKER_PIXELS / pixels
    middle = figure.marks.mean(axis=0)
    center = middle + turn.T @ (random.uniform(-0.42, 0.42, 3) * span * (3 if random.random() < 0.1 else 1))
    view = View(turn, center, span)
    at = view.project(middle[None])[0]
    cells = SEEKER_PIXELS // Seeker.STRIDE
    column, row = (0.5 + at[0]) * cells, (0.5 - at[2]) * cells
    c, r = np.meshgrid(np.arange(cells), np.arange(cells))
    target = np.zeros((7, cells, cells), np.float32)
    offset = np.stack([column - c - 0.5, row - r - 0.5])
    close = np.exp(-((offset**2).sum(axis=0)) / (2 * 0.6**2))
    facing = np.clip((np.radians(80) - np.linalg.norm(away)) / np.radians(35), 0, 1)
    target[0] = close * facing
    target[1:3], target[3], target[4:] = offset, np.log(pixels / FACE_PIXELS), away[:, None, None]
    return view.picture(figure.cloud, SEEKER_PIXELS), target, (target[0] > 0.4).astype(np.float32)
