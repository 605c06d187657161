"""The keys of F-curves as arrays, in bulk: read, made, put in the place of others, written."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from ...core.curves.keys import Curve
from ...core.curves.reduce import ReduceOptions, reduce
from ...core.performance import Performance

CONSTANT, LINEAR, BEZIER = 0, 1, 2  # interpolations; foreach_set takes numbers
FREE, ALIGNED = 0, 3  # kinds of handles; neither is moved by Blender, as automatic ones are

FIELDS: dict[str, tuple[int, Any]] = {
    "co": (2, np.float32), "handle_left": (2, np.float32), "handle_right": (2, np.float32),
    "interpolation": (1, np.int32), "handle_left_type": (1, np.int32), "handle_right_type": (1, np.int32),
    "easing": (1, np.int32), "type": (1, np.int32), "amplitude": (1, np.float32), "period": (1, np.float32),
    "back": (1, np.float32),
}  # fmt: skip
"""All that a key is: name -> numbers per key, and their kind."""

NEAR = 1e-3
"""Frames; two keys that lie closer are one."""

STRAIGHT = 2e-3
"""Change per frame; two slopes that differ by less are one."""

Points = dict[str, np.ndarray]
"""Keys as arrays (K,) or (K, 2), of FIELDS or some of them; times are frames."""


def read(curve: bpy.types.FCurve) -> Points:
    """Read every key of an F-curve, with all of FIELDS."""
    points, count = {}, len(curve.keyframe_points)
    for name, (width, kind) in FIELDS.items():
        array = np.empty(count * width, kind)
        curve.keyframe_points.foreach_get(name, array)
        points[name] = array.reshape(count, width) if width > 1 else array
    return points


def fill(curve: bpy.types.FCurve, points: Points) -> None:
    """Write keys into an F-curve, in place of those that it has."""
    keys = curve.keyframe_points
    if len(keys):
        keys.clear()
    keys.add(len(points["co"]))
    for name, array in points.items():
        keys.foreach_set(name, np.ascontiguousarray(array, FIELDS[name][1]).ravel())
    curve.update()


def linear(frames: np.ndarray, values: np.ndarray) -> Points:
    """Make a straight-lined key at every frame."""
    co = np.stack([frames, values], axis=1)
    return {"co": co, "interpolation": np.full(len(co), LINEAR)}


def smooth(curve: Curve, start: float, fps: float) -> Points:
    """Make the keys of a reduced curve that begins at frame `start`."""
    by, origin = np.array([fps, 1.0]), np.array([start, 0.0])
    left, right = curve.handles()
    count = len(curve.time)
    return {
        "co": np.stack([curve.time, curve.value], axis=1) * by + origin,
        "handle_left": left * by + origin,
        "handle_right": right * by + origin,
        "interpolation": np.full(count, CONSTANT if curve.stepped else BEZIER),
        "handle_left_type": np.full(count, ALIGNED),
        "handle_right_type": np.full(count, ALIGNED),
    }


def points_of(
    performance: Performance, start: float, reduction: ReduceOptions | None, ends: np.ndarray | None = None
) -> list[Points]:
    """Make the keys of every column, frame 0 at frame `start`; None keys every frame, `ends` is as in `reduce`."""
    if reduction is None or (reduction.keys_error == 0 and not reduction.stepped):
        frames = start + np.arange(performance.frame_count)
        return [linear(frames, column) for column in performance.values.T]
    reduced = reduce(performance, reduction, ends=ends)
    return [smooth(curve, start, performance.fps) for curve in reduced.curves]


def scaled(points: Points, factor: float) -> Points:
    """Give keys whose values are `factor` times as large."""
    by = np.array([1.0, factor])
    return {name: array * by if array.ndim == 2 else array for name, array in points.items()}


def whole(points: Points) -> Points:
    """Give keys all of FIELDS, as Blender's own are (amplitude 0.8, period 4.1, back 1.70158) where they lack some."""
    count = len(points["co"])
    usual: Points = {
        "handle_left": points["co"] - np.array([1 / 3, 0]), "handle_right": points["co"] + np.array([1 / 3, 0]),
        "interpolation": np.full(count, BEZIER), "handle_left_type": np.full(count, FREE),
        "handle_right_type": np.full(count, FREE), "easing": np.zeros(count), "type": np.zeros(count),
        "amplitude": np.full(count, 0.8), "period": np.full(count, 4.1), "back": np.full(count, 1.70158),
    }  # fmt: skip
    return usual | points


def splice(old: Points, new: Points, first: float, last: float) -> Points:
    """Put new keys in the place of the old ones from frame `first` to `last`; outside the old curve stays what it is.

    Old Bezier pieces that reach over an edge are split there, so only the handle that points at the edge changes on
    the keys beside it. Where the new keys do not reach `last`, a key holds the old value there. `old` has all FIELDS.
    """
    new = whole(new)
    if not len(old["co"]):
        return new
    at, to = _split(old, first), _split(old, last)
    if new["co"][-1, 0] < last - NEAR:
        closing = {name: array[-1:].copy() for name, array in new.items()}
        closing["co"] = to["point"][None]
        closing["handle_left"] = to["left"][None]
        new = {name: np.concatenate([array, closing[name]]) for name, array in new.items()}
    new = {name: np.array(array) for name, array in new.items()}
    new["handle_left"][0], new["handle_right"][-1] = at["left"], to["right"]
    new["interpolation"][-1] = to["interpolation"]
    for end, outer, inner in ((0, "handle_left", "handle_right"), (-1, "handle_right", "handle_left")):
        aligned = _aligned(new["co"][end], new[outer][end], new[inner][end])
        if aligned is not None:
            new[inner][end] = aligned
        new["handle_left_type"][end] = new["handle_right_type"][end] = FREE if aligned is None else ALIGNED
    kept = {name: array.copy() for name, array in old.items()}
    if at["before"] is not None:
        kept["handle_right"][at["before"]] = at["before_right"]
    if to["after"] is not None:
        kept["handle_left"][to["after"]] = to["after_left"]
    frames = old["co"][:, 0]
    parts = [
        {name: array[rows] for name, array in kept.items()} for rows in (frames < first - NEAR, frames > last + NEAR)
    ]
    return {name: np.concatenate([parts[0][name], new[name], parts[1][name]]) for name in FIELDS}


def _split(points: Points, frame: float) -> dict[str, Any]:
    """Find what a curve is at a frame, as a key would have it: point, left, right (2,), and its interpolation.

    `before` and `after` are the rows of the keys beside it when their handles change by that (`before_right`,
    `after_left`), else None.
    """
    co = points["co"].astype(float)
    row = int(np.searchsorted(co[:, 0], frame + NEAR)) - 1
    found: dict[str, Any] = {"before": None, "after": None, "interpolation": BEZIER}
    if row >= 0:
        found["interpolation"] = points["interpolation"][row]
        if co[row, 0] > frame - NEAR:
            left, right = points["handle_left"][row], points["handle_right"][row]
            return found | {"point": co[row], "left": left, "right": right}
    if row < 0 or row == len(co) - 1:  # outside the keys the curve holds
        point = np.array([frame, co[max(row, 0), 1]])
        return found | {"point": point, "left": point - [1 / 3, 0], "right": point + [1 / 3, 0]}
    begin, end = co[row], co[row + 1]
    if points["interpolation"][row] != BEZIER:
        slope = 0.0 if points["interpolation"][row] == CONSTANT else (end[1] - begin[1]) / (end[0] - begin[0])
        point = np.array([frame, begin[1] + slope * (frame - begin[0])])
        third = np.array([1 / 3, slope / 3])
        return found | {"point": point, "left": point - third, "right": point + third}
    out, back = points["handle_right"][row] - begin, points["handle_left"][row + 1] - end
    reach, span = abs(out[0]) + abs(back[0]), end[0] - begin[0]
    if reach > span:  # Blender shortens handles that would let the curve turn back in time
        out, back = out * (span / reach), back * (span / reach)
    corners = np.stack([begin, begin + out, end + back, end])
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if _levels(corners, middle)[3][0, 0] < frame else (low, middle)
    levels = _levels(corners, (low + high) / 2)
    return found | {
        "point": levels[3][0], "left": levels[2][0], "right": levels[2][1], "before": row, "after": row + 1,
        "before_right": levels[1][0], "after_left": levels[1][2],
    }  # fmt: skip


def _levels(corners: np.ndarray, t: float) -> list[np.ndarray]:
    """Give de Casteljau's points of a Bezier (4, 2) at t, level by level."""
    levels = [corners]
    while len(levels[-1]) > 1:
        levels.append(levels[-1][:-1] * (1 - t) + levels[-1][1:] * t)
    return levels


def _aligned(point: np.ndarray, outer: np.ndarray, inner: np.ndarray) -> np.ndarray | None:
    """Turn the inner handle of a key into line with the outer one; None when they meet at a corner."""
    before, after = outer - point, inner - point
    if not before[0] * after[0] < 0:
        return None
    slope = before[1] / before[0]
    return point + after[0] * np.array([1, slope]) if abs(after[1] / after[0] - slope) < STRAIGHT else None
