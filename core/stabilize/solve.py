"""Solves a stabilized face for the values of its shapes: a capture becomes a performance that any head can play."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..head.correctives import CORRECTIVES
from ..options import check, option
from ..performance import SHAPES, Performance
from ..progress import Progress, silent
from ..sequence import MeshSequence, RigidTrack

ROUNDS = 600
CORRECTED = 3
"""How often correctives, which follow from the values, are taken out anew."""
STEADY = 1e-5
"""Change of a value below which a solve is done."""
SLIGHT = 1e-9
"""Metres (mean square) below which a shape moves nothing of this mesh."""


@dataclass(frozen=True)
class SolveOptions:
    """How to solve a capture to shapes."""

    sparsity: float = option(
        0.002, "Prefers few shapes that explain much to many that explain little", low=0, high=1, unit="millimetres"
    )
    steadiness: float = option(0.1, "Holds values on a steady course from frame to frame", low=0, high=10)

    def __post_init__(self) -> None:
        """Refuse what is out of range."""
        check(self)


@dataclass(frozen=True)
class SolveResult:
    """The values as a performance, and how far (F,) the shapes stay from the capture, root mean square millimetres."""

    performance: Performance
    error_mm: np.ndarray


def solve(
    sequence: MeshSequence, track: RigidTrack, metres: float, neutral: np.ndarray, shapes: np.ndarray,
    names: Sequence[str], options: SolveOptions, progress: Progress = silent,
) -> SolveResult:  # fmt: skip
    """Find the values within 0..1 of shapes (S, V, 3) over a neutral (V, 3) that explain a sequence best.

    The skull's motion is taken out by `track`; neutral and shapes are in the sequence's unit, of `metres` each, and
    stand where its reference frame does. Least squares, with a price on values that are not needed and on values that
    leave their course (second differences: nothing lags). `mouthClose` never exceeds `jawOpen`; correctives among the
    shapes follow from the values as they do on a head. Frames are read once, some at a time. Raises `InputError` when
    meshes do not match or no shape is known.
    """
    if shapes.shape[1:] != neutral.shape or sequence.vertex_count != len(neutral):
        counts = f"{sequence.vertex_count} vertices and the shapes {shapes.shape[1]}"
        raise InputError(f"the capture has {counts}; give shapes of the same mesh")
    size = 1000 * metres / np.sqrt(len(neutral))  # root mean square millimetres
    flat = (shapes.reshape(len(shapes), -1) * size).astype(np.float32)
    power = (flat.astype(np.float64) ** 2).sum(axis=1)
    used = [k for k, name in enumerate(names) if name in SHAPES and power[k] > (1000**2) * SLIGHT**2]
    if not used:
        raise InputError("the mesh has no shape key with a name of ARKit's that moves it; add them first")
    helpers = [k for k, name in enumerate(names) if name in CORRECTIVES and power[k] > (1000**2) * SLIGHT**2]
    projected, square = [], []
    for first, frames in sequence.chunks():
        progress(0.6 * first / sequence.frame_count, "Comparing with the shapes")
        moved = ((track.apply(frames, first) - neutral) * size).reshape(len(frames), -1)
        projected.append(moved.astype(np.float32) @ flat.T)
        square.append((moved**2).sum(axis=1))
    goal, gram = np.concatenate(projected).astype(np.float64), (flat @ flat.T).astype(np.float64)
    values = np.zeros((len(goal), len(used)))
    known = [names[k] for k in used]
    both, extra = np.zeros((len(goal), len(names))), np.zeros((len(goal), len(helpers)))
    for turn in range(CORRECTED if helpers else 1):
        progress(0.6 + 0.4 * turn / CORRECTED, "Solving")
        wanted = goal[:, used] - extra @ gram[np.ix_(helpers, used)]
        values = _bounded(gram[np.ix_(used, used)], wanted, known, sequence.fps is not None, options, values)
        extra = _corrected(known, [names[k] for k in helpers], values)
    both[:, used], both[:, helpers] = values, extra
    left = np.concatenate(square) - 2 * (both * goal).sum(axis=1) + np.einsum("fi,ij,fj->f", both, gram, both)
    performance = Performance(sequence.fps or 30.0, tuple(known), ("capture",) * len(known), values.astype(np.float32))
    progress(1.0, "Solved")
    return SolveResult(performance, np.sqrt(np.maximum(left, 0)))


def _corrected(names: list[str], helpers: list[str], values: np.ndarray) -> np.ndarray:
    """The values (F, H) of correctives that follow from values (F, S)."""
    rows = [dict(zip(names, row, strict=True)) for row in values.tolist()]
    return np.array([[CORRECTIVES[name].value(row) for name in helpers] for row in rows]).reshape(len(rows), -1)


def _bounded(
    gram: np.ndarray, goal: np.ndarray, names: list[str], ordered: bool, options: SolveOptions, start: np.ndarray
) -> np.ndarray:
    """Values (F, S) within 0..1 that minimize the distance plus both prices, by accelerated projected gradients.

    Source: Beck and Teboulle, "A fast iterative shrinkage-thresholding algorithm" (2009), with restarts. Each shape is
    measured by how far it moves the mesh, so that small ones are not drowned by the jaw.
    """
    scale = np.sqrt(np.diag(gram))
    gram, goal, high = gram / np.outer(scale, scale), goal / scale, scale
    steady = options.steadiness if ordered and len(goal) > 2 else 0.0
    rate = 1 / (np.linalg.eigvalsh(gram)[-1] + 16 * steady)
    held = [(names.index("mouthClose"), names.index("jawOpen"))] if {"mouthClose", "jawOpen"} <= set(names) else []
    value = ahead = start * scale
    momentum = 1.0
    for _ in range(ROUNDS):
        slope = ahead @ gram - goal + options.sparsity + steady * _bend(ahead)
        new = np.clip(ahead - rate * slope, 0, high)
        for close, jaw in held:
            new[:, close] = np.minimum(new[:, close], new[:, jaw] / scale[jaw] * scale[close])
        if ((new - value) * (ahead - new)).sum() > 0:
            momentum = 1.0
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead, change = new + (momentum - 1) / following * (new - value), np.abs(new - value).max()
        value, momentum = new, following
        if change < STEADY * scale.min():
            break
    return value / scale


def _bend(values: np.ndarray) -> np.ndarray:
    """The gradient of half the squared second differences over frames (F, S)."""
    if len(values) < 3:
        return np.zeros_like(values)
    second = np.diff(values, 2, axis=0)
    out = np.zeros_like(values)
    out[:-2] += second
    out[1:-1] -= 2 * second
    out[2:] += second
    return out
