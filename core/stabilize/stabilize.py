"""Stabilizing: one function from a capture, face and head moving together, to the skull's motion in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from .. import weights
from ..errors import InputError
from ..options import check, option
from ..progress import Progress, part, silent
from ..sequence import MeshSequence, RigidTrack
from .anchors import Readout, readout
from .checks import check_finite, check_motion, check_size
from .place import Place, place
from .smoothing import smooth

CHUNK = 3_000_000
"""Coordinates that are read at a time."""
BATCH = 512
SURE = 0.5
"""Millimetres of expected error at which confidence is one half."""
FEWEST_ANCHORS = 20
ARM = 0.08
"""Metres from the middle of the face at which smoothing watches the head."""


@dataclass(frozen=True)
class StabilizeOptions:
    """How to stabilize a mesh sequence."""

    reference: int = option(
        -1, "Frame that the skull is held to; -1 finds the most neutral one", low=-1, high=10_000_000, unit="frames"
    )
    smoothing: float = option(
        0.0, "Takes jitter of up to this much out of the skull's motion, without lag", low=0, high=5, unit="millimetres"
    )

    def __post_init__(self) -> None:
        """Refuse what is out of range."""
        check(self)


@dataclass(frozen=True)
class StabilizeResult:
    """The skull's motion; the frame it is held to; where the face stands there; metres per unit of the mesh."""

    track: RigidTrack
    reference: int
    place: Place
    metres: float


def stabilize(sequence: MeshSequence, options: StabilizeOptions, progress: Progress = silent) -> StabilizeResult:
    """Find the skull's motion in a sequence; `result.track.apply` takes it out of frames.

    Frames are read once or twice, some at a time, and only a few hundred numbers of each are kept. Raises `InputError`
    for meshes that are broken, all alike or not in correspondence, `WeightsError` for damaged models, and lets pass
    what `progress` raises.
    """
    check_size(sequence)
    reference = options.reference
    if reference >= sequence.frame_count:
        last = sequence.frame_count - 1
        raise InputError(f"--reference {reference}: the frames are numbered 0 to {last}; choose one of them")
    found, read, frames = _look(sequence, max(reference, 0), part(progress, 0.0, 0.4))
    if reference < 0:
        reference = most_neutral(found, read, frames)
        if reference:
            found, read, frames = _look(sequence, reference, part(progress, 0.4, 0.8))
    rotation, translation, residual, error = _solve(found, read, frames, reference, part(progress, 0.8, 1.0))
    if sequence.fps is not None:
        middle = (anchors()[read.covered].mean(axis=0) - found.shift) @ np.linalg.inv(found.matrix).T
        arm, most = ARM / found.metres, options.smoothing / 1000 / found.metres
        rotation, translation = smooth(rotation, translation, middle, arm, most)
    track = RigidTrack(rotation, translation, residual, error, 1 / (1 + (error / SURE) ** 2))
    progress(1.0, "Stabilized")
    return StabilizeResult(track, reference, found, found.metres)


def _look(sequence: MeshSequence, reference: int, progress: Progress) -> tuple[Place, Readout, np.ndarray]:
    """Find the face in a frame and read all frames at the anchors, (F, K, 3) in the unit of the mesh."""
    progress(0.0, "Finding the face")
    still = np.asarray(sequence.vertices[reference : reference + 1][0], np.float64)
    check_finite(sequence, still[None], reference)
    found = place(still)
    read = readout(anchors(), found(still))
    if read.covered.sum() < FEWEST_ANCHORS:
        raise InputError(f"{sequence.name(reference)}: no face found; give a mesh that shows most of one")
    rows = []
    for first, frames in chunks(sequence):
        progress(first / sequence.frame_count, "Reading frames")
        check_finite(sequence, frames, first)
        rows.append(read.of(frames))
    made = np.concatenate(rows)
    check_motion(sequence, made[:, read.covered].astype(np.float64), anchors()[read.covered, 2], reference)
    return found, read, made


def chunks(sequence: MeshSequence) -> Iterator[tuple[int, np.ndarray]]:
    """Read a sequence some frames at a time: the number of the first, and the frames (N, V, 3)."""
    step = max(1, CHUNK // (3 * sequence.vertex_count))
    for first in range(0, sequence.frame_count, step):
        yield first, np.asarray(sequence.vertices[first : first + step])


def most_neutral(found: Place, read: Readout, frames: np.ndarray) -> int:
    """Choose the frame with the least expression among frames read at the anchors (F, K, 3)."""
    activity = np.concatenate([turn["activity"] for turn, _ in _align(found, read, frames, 0)])
    return int(activity.argmin())


def _solve(
    found: Place, read: Readout, frames: np.ndarray, reference: int, progress: Progress
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rotation (F, 3, 3) and translation (F, 3) in the unit of the mesh, residual and expected error (F,) in mm."""
    parts, true = [], found.metres / found.scale  # canonical faces are all of one size
    size, inverse = found.scale, np.linalg.inv(found.matrix)
    axes = found.matrix / size
    for count, (turn, motion) in enumerate(_align(found, read, frames, reference)):
        progress(count * BATCH / len(frames), "Finding the skull")
        turned, moved = motion
        rotation = axes.T @ turned @ axes
        translation = (turned @ found.shift + moved - found.shift) @ inverse.T
        parts.append((rotation, translation, turn["residual"] * true, turn["error"] * true))
    rotation, translation, residual, error = (np.concatenate(one) for one in zip(*parts, strict=True))
    rotation[reference], translation[reference] = np.eye(3), 0
    return rotation, translation, residual, error


def _align(
    found: Place, read: Readout, frames: np.ndarray, reference: int
) -> Iterator[tuple[dict[str, np.ndarray], tuple[np.ndarray, np.ndarray]]]:
    """Ask the network about frames (F, K, 3), a batch at a time: what it says, and the motion of each frame onto the
    skull of the reference, rotation (B, 3, 3) and translation (B, 3) in the canonical frame."""
    import torch

    from .rigid import procrustes

    middle = np.array(weights.load("skull").config["middle"])
    covered = torch.from_numpy(read.covered).float()[None]
    noise = torch.from_numpy(read.averaging).float()[None]
    still = torch.from_numpy((found(frames[reference]) - middle) * 1000).float()[None] * covered[..., None]
    with torch.inference_mode():
        for start in range(0, len(frames), BATCH):
            posed = torch.from_numpy((found(frames[start : start + BATCH].astype(np.float64)) - middle) * 1000)
            count = len(posed)
            base, weight = still.double().expand(count, -1, -1), covered.double().expand(count, -1)
            turn, shift = procrustes(posed, base, weight)
            near = (posed @ turn.transpose(1, 2) + shift[:, None]).float() * covered[..., None]
            said = network()(base.float(), near, covered.expand(count, -1), noise.expand(count, -1))[-1]
            placed = said["placed"].double()
            turn, shift = procrustes(posed, placed, weight)
            shift = (shift - torch.from_numpy(middle) @ turn.transpose(1, 2) * 1000) / 1000 + torch.from_numpy(middle)
            left = (said["change"] + base - placed).norm(dim=-1) * said["trust"]
            out = {"activity": said["activity"], "error": said["error"], "residual": left.sum(1) / said["trust"].sum(1)}
            yield {k: v.double().numpy() for k, v in out.items()}, (turn.numpy(), shift.numpy())


def anchors() -> np.ndarray:
    """Where faces are read (K, 3), metres in the canonical frame."""
    stored = weights.load("skull")
    return stored.arrays["anchors"].astype(np.float64) / 1000 + np.array(stored.config["middle"])


@cache
def network() -> Any:
    """Load the network once. Raises `WeightsError`."""
    from .net import Aligner

    stored = weights.load("skull")
    return stored.fill(Aligner(stored.config))
