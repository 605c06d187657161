"""Stabilizing: one function from a capture, face and head moving together, to the skull's motion in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..options import check, option
from ..progress import Progress, part, silent
from ..sequence import MeshSequence, RigidTrack
from .align import align
from .look import Seen, look, middle
from .place import Place
from .smoothing import smooth

SURE = 0.5
"""Millimetres of expected error at which confidence is one half."""
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
    if options.reference >= sequence.frame_count:
        last = sequence.frame_count - 1
        raise InputError(f"--reference {options.reference}: the frames are numbered 0 to {last}; choose one of them")
    seen = look(sequence, max(options.reference, 0), part(progress, 0.0, 0.4))
    if options.reference < 0:
        reference = most_neutral(seen)
        if reference:
            seen = look(sequence, reference, part(progress, 0.4, 0.8))
    progress(0.8, "Finding the skull")
    found = list(align(seen))
    rotation, translation, residual, error = (
        np.concatenate([getattr(one, name) for one in found])
        for name in ("rotation", "translation", "residual", "error")
    )
    rotation[seen.reference], translation[seen.reference] = np.eye(3), 0
    place = seen.place
    if sequence.fps is not None and options.smoothing:
        center = (middle() - place.shift) @ np.linalg.inv(place.matrix).T
        arm, most = ARM / place.metres, options.smoothing / 1000 / place.metres
        rotation, translation = smooth(rotation, translation, center, arm, most)
    track = RigidTrack(rotation, translation, residual, error, 1 / (1 + (error / SURE) ** 2))
    progress(1.0, "Stabilized")
    return StabilizeResult(track, seen.reference, place, place.metres)


def most_neutral(seen: Seen) -> int:
    """Choose the frame with the least expression."""
    return int(np.concatenate([one.activity for one in align(seen)]).argmin())
