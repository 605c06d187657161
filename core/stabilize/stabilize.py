"""Stabilizing: one function from a capture, face and head moving together, to the skull's motion in it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from ..errors import InputError
from ..options import check, option
from ..progress import Progress, part, silent
from ..sequence import MeshSequence, RigidTrack
from .align import Aligned, align
from .look import look, middle
from .place import Place
from .smoothing import smooth

SURE = 0.5
"""Millimetres of expected error at which confidence is one half."""
CALM = 10.0
"""How many times further than its stillest third a face moves, in most frames, where that third is truly still."""
BROKEN = 3.0
"""Times the usual residual from which on more of it is more error: there the mesh itself is wrong."""
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
    reference, start = max(options.reference, 0), 0.5 if options.reference < 0 else 1.0
    place, found = _find(sequence, reference, part(progress, 0.0, start))
    if options.reference < 0:
        reference = int(np.concatenate([one.activity for one in found]).argmin())
        if reference:
            place, found = _find(sequence, reference, part(progress, start, 1.0))
    all_of = {name.name: np.concatenate([getattr(one, name.name) for one in found]) for name in fields(Aligned)}
    rotation, translation, error = all_of["rotation"], all_of["translation"], all_of["error"]
    others = np.arange(len(rotation)) != reference
    if np.median(all_of["calm"][others]) > CALM:
        calm = all_of["calm"] > 0
        rotation[calm], translation[calm] = all_of["calm_rotation"][calm], all_of["calm_translation"][calm]
    residual = all_of["residual"]
    error = np.hypot(error, np.maximum(residual - BROKEN * np.median(residual[others]), 0))
    rotation[reference], translation[reference] = np.eye(3), 0
    if sequence.fps is not None and options.smoothing:
        center = (middle() - place.shift) @ np.linalg.inv(place.matrix).T
        arm, most = ARM / place.metres, options.smoothing / 1000 / place.metres
        rotation, translation = smooth(rotation, translation, center, arm, most)
    track = RigidTrack(rotation, translation, residual, error, 1 / (1 + (error / SURE) ** 2))
    progress(1.0, "Stabilized")
    return StabilizeResult(track, reference, place, place.metres)


def _find(sequence: MeshSequence, reference: int, progress: Progress) -> tuple[Place, list[Aligned]]:
    """Go through all frames: where the face stands in the reference, and what is known of the others."""
    found = []
    for seen in look(sequence, reference, progress):
        found.append(align(seen))
    return seen.place, found
