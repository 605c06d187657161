"""Asks the network for the skull's motion in what was read of a capture, a batch of frames at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from .. import weights
from .look import Seen, middle

BATCH = 512


@dataclass(frozen=True)
class Aligned:
    """What is known of B frames: `vertices @ rotation.T + translation` holds the skull still, in the unit of the mesh;
    residual and expected error (B,) in millimetres; activity (B,): how much more expression than in the reference."""

    rotation: np.ndarray
    translation: np.ndarray
    residual: np.ndarray
    error: np.ndarray
    activity: np.ndarray


def align(seen: Seen) -> Iterator[Aligned]:
    """Find the motion of each frame's skull onto that of the reference, batch by batch."""
    import torch

    from .rigid import procrustes

    place, known = seen.place, torch.from_numpy(seen.known)
    true = place.metres / place.scale  # to the network all faces are of one size
    inverse, axes = np.linalg.inv(place.matrix), place.matrix / place.scale
    still = torch.from_numpy((place(seen.anchors[seen.reference]) - middle()) * 1000)
    noise = torch.from_numpy(seen.noise).float()
    with torch.inference_mode():
        for start in range(0, len(known), BATCH):
            covered = known[start : start + BATCH].double()
            posed = torch.from_numpy((place(seen.anchors[start : start + BATCH]) - middle()) * 1000)
            base = still * covered[..., None]
            turn, shift = procrustes(posed, base, covered)
            near = (posed @ turn.transpose(1, 2) + shift[:, None]) * covered[..., None]
            said = network()(base.float(), near.float(), covered.float(), noise.expand(len(base), -1))[-1]
            turn, shift = procrustes(posed, said["placed"].double(), covered)
            left = (said["change"] + base - said["placed"]).norm(dim=-1) * said["trust"]
            residual = left.sum(dim=1) / said["trust"].sum(dim=1)
            turned = turn.numpy()
            moved = shift.numpy() / 1000 + middle() - turned @ middle()
            yield Aligned(
                axes.T @ turned @ axes,
                (turned @ place.shift + moved - place.shift) @ inverse.T,
                residual.double().numpy() * true,
                said["error"].double().numpy() * true,
                said["activity"].numpy(),
            )


@cache
def network() -> Any:
    """Load the network once. Raises `WeightsError`."""
    from .net import Aligner

    stored = weights.load("skull")
    return stored.fill(Aligner(stored.config))
