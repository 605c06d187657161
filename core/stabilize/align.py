"""Finds the skull's motion in what was read of a capture: the network's answer, or plain stillness."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import device, weights
from .look import Seen, middle

if TYPE_CHECKING:
    from torch import Tensor

STILL, MOST = 0.35, 0.95
"""Parts of a face that may be taken for still, and beyond which vertices may be outliers."""
WORTH = 5.0
"""How many times further than the stillest part the rest must move for the vertices to be worth a look."""


@dataclass(frozen=True)
class Aligned:
    """What is known of N frames: `vertices @ rotation.T + translation` holds the skull still, in the unit of the mesh.

    rotation, translation as the network has them; calm_rotation, calm_translation as what lies stillest has them, and
    calm (N,): how many times further the rest moves. residual and expected error (N,) in millimetres; activity (N,):
    how much more expression than in the reference.
    """

    rotation: np.ndarray
    translation: np.ndarray
    calm_rotation: np.ndarray
    calm_translation: np.ndarray
    calm: np.ndarray
    residual: np.ndarray
    error: np.ndarray
    activity: np.ndarray


def align(seen: Seen) -> Aligned:
    """Find the motion of each frame's skull onto that of the reference.

    The network tells it from the anchors. Where much of a face lies exactly still beside a part that moves, as on rigs
    made by hand, the vertices themselves tell it better: starting from the network's answer they are fitted once more.
    Which of both is right is a question to the whole capture.
    """
    import torch

    from .rigid import procrustes, stillest

    place = seen.place
    true = place.metres / place.scale  # to the network all faces are of one size
    inverse, axes = np.linalg.inv(place.matrix), place.matrix / place.scale
    posed, still, points, rest = (
        torch.from_numpy((place(one) - middle()) * 1000)
        for one in (seen.anchors, seen.still_anchors, seen.points, seen.still)
    )
    noise, covered = torch.from_numpy(seen.noise).float(), torch.from_numpy(seen.known).double()
    with torch.inference_mode():
        base = still * covered[..., None]
        turn, shift = procrustes(posed, base, covered)
        near = (posed @ turn.transpose(1, 2) + shift[:, None]) * covered[..., None]
        said = device.run(network(), base.float(), near.float(), covered.float(), noise.expand(len(base), -1))[-1]
        turn, shift = procrustes(posed, said["placed"].double(), covered)
        calm_turn, calm_shift, calm = turn.clone(), shift.clone(), torch.zeros(len(base)).double()
        few = _worth(said["placed"].double(), base, covered)
        if len(few):
            placed = points[few] @ turn[few].transpose(1, 2) + shift[few, None]
            again, near_by, far = stillest(rest.float().expand_as(placed), placed.float(), STILL, MOST)
            calm[few] = (far / (near_by + 1e-4)).double()
            calm_turn[few], calm_shift[few] = procrustes(
                points[few], again.double(), torch.ones(placed.shape[:2]).double()
            )
        left = (said["change"] + base - said["placed"]).norm(dim=-1) * said["trust"]
        residual = left.sum(dim=1) / said["trust"].sum(dim=1)

    def in_unit(turn: Tensor, shift: Tensor) -> tuple[np.ndarray, np.ndarray]:
        turned = turn.numpy()
        moved = shift.numpy() / 1000 + middle() - turned @ middle()
        return axes.T @ turned @ axes, (turned @ place.shift + moved - place.shift) @ inverse.T

    return Aligned(
        *in_unit(turn, shift),
        *in_unit(calm_turn, calm_shift),
        calm.numpy(),
        residual.double().numpy() * true,
        said["error"].double().numpy() * true,
        said["activity"].numpy(),
    )


def _worth(placed: Tensor, still: Tensor, covered: Tensor) -> Tensor:
    """Tell in which frames (M,) much lies stiller than the rest once the skull is about right."""
    size = (placed - still).norm(dim=-1) + 1e6 * (1 - covered)
    size, count = size.sort(dim=1).values, covered.sum(dim=1, keepdim=True)
    calm, far = (size.gather(1, (part * (count - 1)).long())[:, 0] for part in (STILL, MOST))
    return (far > WORTH * calm).nonzero()[:, 0]


@cache
def network() -> Any:
    """Load the network once. Raises `WeightsError`."""
    from .net import Aligner

    stored = weights.load("skull")
    return stored.fill(Aligner(stored.config))
