"""A new motion for a part of a layer: keys outside it stay, and the new grows out of the old at both ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import bpy
import numpy as np

from ...core.curves.reduce import ReduceOptions
from ...core.performance import Performance
from .. import compat
from . import keyframes, layers
from .layers import Target

SEAM = 0.05
"""Seconds at either end of a span in which the old motion gives way to the new."""
NUDGE = 0.05
"""Frames over which the old motion's slope at an end is taken."""


def write(
    performance: Performance,
    targets: list[Target],
    start: float,
    reduction: ReduceOptions | None,
    span: tuple[float, float],
) -> tuple[list[bpy.types.Action], Performance]:
    """Replace keys within `span` (scene frames) on the layers that are there, frame 0 at scene frame `start`.
    Gives the actions that changed, and of the performance what has no layer yet.
    """
    columns = zip(performance.channels, performance.layers, strict=True)
    found = [_spot(targets, channel, layer) for channel, layer in columns]
    spots = [spot for spot in found if spot is not None]
    there = [i for i, spot in enumerate(found) if spot is not None]
    missing = columns_of(performance, [i for i, spot in enumerate(found) if spot is None])
    frames = start + np.arange(performance.frame_count)
    inside = np.flatnonzero((frames >= span[0] - keyframes.NEAR) & (frames <= span[1] + keyframes.NEAR))
    if len(inside) < 2 or not there:
        return [], missing
    part = columns_of(performance, there)
    part = replace(part, values=part.values[inside])
    frames = frames[inside]
    old = np.stack([spot.values(frames) for spot in spots], axis=1)
    give = _give_way(len(frames), max(1.0, SEAM * performance.fps))[:, None]
    part = replace(part, values=(old + give * (part.values - old)).astype(np.float32))
    ends = np.stack([[spot.slope(frames[0], -1), spot.slope(frames[-1], 1)] for spot in spots], axis=1)
    new = keyframes.points_of(part, frames[0], reduction, ends * performance.fps)
    for spot, points in zip(spots, new, strict=True):
        spot.put(points, frames[0], frames[-1])
    for target in targets:
        moved = {spot.channel for spot in spots if spot.target is target}
        if moved:
            layers.ensure_rest(target, moved, frames[0])
    strips = {spot.strip.action.name: spot.strip for spot in spots}
    for strip in strips.values():
        strip.action_frame_end = max(strip.action_frame_end, strip.action.frame_range[1])
    return [strip.action for strip in strips.values()], missing


@dataclass(frozen=True)
class _Spot:
    """One channel on one layer: where its curve is, or will be."""

    target: Target
    strip: Any
    channel: str
    curve: bpy.types.FCurve | None

    def times(self, frames: np.ndarray) -> np.ndarray:
        """Turn scene frames into the action's own, for a strip that was moved or stretched."""
        return self.strip.action_frame_start + (frames - self.strip.frame_start) / self.strip.scale

    def values(self, frames: np.ndarray) -> np.ndarray:
        """Give what the channel is at scene frames."""
        if self.curve is None:
            return np.zeros(len(frames))
        factor = self.target.paths[self.channel][2]
        return np.array([self.curve.evaluate(frame) for frame in self.times(frames)]) / factor

    def slope(self, frame: float, side: int) -> float:
        """Give how the channel changes per frame just before (-1) or after (1) a scene frame."""
        here, beside = self.values(np.array([frame, frame + side * NUDGE]))
        return (beside - here) / (side * NUDGE)

    def put(self, points: keyframes.Points, first: float, last: float) -> None:
        """Replace the keys from scene frame `first` to `last`."""
        path, index, factor = self.target.paths[self.channel]
        curve = self.curve or compat.fcurve(self.strip.action, self.target.id_type, path, index)
        points = keyframes.scaled(points, factor)
        for name in ("co", "handle_left", "handle_right"):
            if name in points:
                points[name] = np.stack([self.times(points[name][:, 0]), points[name][:, 1]], axis=1)
        edges = self.times(np.array([first, last]))
        keyframes.fill(curve, keyframes.splice(keyframes.read(curve), points, *edges))


def _spot(targets: list[Target], channel: str, layer: str) -> _Spot | None:
    for target in targets:
        strip = layers.own_strip(target.thing, layer) if channel in target.paths else None
        if strip is not None:
            curves = {name: curve for curve, name in layers.curves_of(target, layer).items()}
            return _Spot(target, strip, channel, curves.get(channel))
    return None


def columns_of(performance: Performance, columns: list[int]) -> Performance:
    """Give some columns of a performance."""
    return Performance(
        performance.fps,
        tuple(performance.channels[i] for i in columns),
        tuple(performance.layers[i] for i in columns),
        performance.values[:, columns],
    )


def _give_way(count: int, seam: float) -> np.ndarray:
    """Give how far the new motion is there at each frame of a span, (count,): 0 at its ends, 1 within."""
    edge = np.minimum(np.arange(count), np.arange(count)[::-1])
    away = np.clip(edge / max(1.0, min(seam, (count - 1) / 2)), 0, 1)
    return away * away * (3 - 2 * away)
