"""How fast the skull comes out of a capture, and how much memory that takes for more frames."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

VERTICES = 10_000


class Moving:
    """A face that moves, each frame made when it is read: nothing of it lies in memory."""

    def __init__(self, frames: int) -> None:
        from ..core.head.generate import GenerateOptions, generate

        head = generate(GenerateOptions(seed=3))
        skin = np.unique(head.faces[head.part == "skin"])[:VERTICES]
        self.neutral, self.shapes = head.neutral[skin], head.shapes[:40][:, skin].reshape(40, -1)
        self.shape = (frames, len(skin), 3)

    def __getitem__(self, frames: slice) -> np.ndarray:
        chosen = np.arange(*frames.indices(self.shape[0]))[:, None]
        amounts = np.sin(chosen * 0.1 + np.arange(40)).clip(0) ** 4 * (chosen > 0)
        posed = (amounts.astype(np.float32) @ self.shapes).reshape(len(chosen), *self.neutral.shape)
        return self.neutral + posed


def stabilize(frames: str = "1000", held: str = "memory") -> dict[str, Any]:
    """Time finding the skull in frames of 10,000 vertices and taking its motion out; the networks are loaded before.

    held: "memory" for frames that lie there already, "read" for frames that are made while they are read, where
    `seconds` counts making them, too, and the memory is what matters.
    """
    from ..core.sequence import MeshSequence
    from ..core.stabilize.stabilize import StabilizeOptions
    from ..core.stabilize.stabilize import stabilize as find

    moving = Moving(int(frames))
    sequence = MeshSequence(moving[:] if held == "memory" else moving, 60.0)
    options = StabilizeOptions(reference=0)
    find(MeshSequence(moving[:3]), options)
    begun, used = time.perf_counter(), time.process_time()
    result = find(sequence, options)
    found = time.perf_counter() - begun
    for first, some in sequence.chunks():
        result.track.apply(some, first)
    return {
        "seconds": time.perf_counter() - begun,
        "found": found,
        "work_cpu": time.process_time() - used,
        "frames": int(frames),
    }
