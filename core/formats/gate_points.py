"""Where vertices of a file are against where they are here: what its format cannot hold is told from what went wrong.

A file is off for two reasons. What its format has no room for is lost whoever writes it: that is said by name, with
what it does. All else is a fault of the way there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..rig.doctor import few
from .gate import FAIL, LOST, NOTE, ExportOptions, Line

NEAREST = 8
"""Vertices that are looked at for the one that another came from: as many may lie in one place, as closed lips do."""
SAME = 1e-6
"""Metres within which two matches of points are equally good."""
ENDLESS = 1e9
"""Millimetres that stand for a vertex which is nowhere."""
NAMED = 4
"""Names of what a format cannot hold that are spelled out, those that do the most."""


@dataclass(frozen=True)
class Off:
    """The largest distance of a vertex, in mm, and where that is."""

    error: float = 0.0
    where: str = ""
    count: int = 0


@dataclass(frozen=True)
class Apart:
    """How far a file is off: `total`, by what its format `lacks` alone, and by what happened on the `way` alone."""

    total: Off
    lacks: Off
    way: Off


def match(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Find which vertex (V) each vertex that was read back (W) came from: points (S, V, 3) and (S, W, 3) over frames.

    Formats split vertices at seams. Vertices in one place are told apart by how they move. In order, when that
    fits as well. Gives indices (W,).
    """
    from scipy.spatial import cKDTree

    if not before.shape[1] or not after.shape[1]:
        return np.zeros(after.shape[1], dtype=np.int64)
    near = np.asarray(cKDTree(before[0]).query(after[0], k=min(NEAREST, before.shape[1]))[1])
    near = near.reshape(after.shape[1], -1)
    off = np.zeros(near.shape)
    for first, second in zip(before, after, strict=True):
        off = np.maximum(off, np.linalg.norm(first[near] - second[:, None], axis=2))
    best = near[np.arange(len(near)), off.argmin(axis=1)]
    if before.shape[1] == after.shape[1]:
        straight = np.linalg.norm(before - after, axis=2).max(axis=0)
        best = np.where(straight <= off.min(axis=1) + SAME, np.arange(len(best)), best)
    return best


def apart(
    thing: str, clip: str, frames: Sequence[float], tolerance: float, scale: float, index: np.ndarray,
    before: np.ndarray, held: np.ndarray, after: np.ndarray,
) -> Apart:  # fmt: skip
    """Measure points (S, W, 3) that came back against those here (S, V, 3), by way of what the format can hold of them.

    held    the points here once everything that the format has no room for is gone, and nothing else, (S, V, 3)
    index   which vertex here each one that came back is, (W,)
    scale   metres of a unit; `tolerance` is in mm, and says which vertices count as off
    """

    def measure(first: np.ndarray, second: np.ndarray) -> Off:
        off = np.linalg.norm(first - second, axis=2) * scale * 1000.0
        off = np.where(np.isfinite(off), off, ENDLESS)
        if not off.size:
            return Off()
        row, vertex = np.unravel_index(int(off.argmax()), off.shape)
        where = f"vertex {index[vertex]} of {thing} at frame {frames[int(row)]:g} of {clip}"
        return Off(float(off[row, vertex]), where, int((off.max(axis=0) > tolerance).sum()))

    here, room = before[:, index], held[:, index]
    return Apart(measure(here, after), measure(here, room), measure(room, after))


def points(
    thing: str, clip: str, before: np.ndarray, after: np.ndarray, frames: Sequence[float], options: ExportOptions,
    ordered: bool, scale: float = 1.0, held: np.ndarray | None = None, causes: Sequence[str] = (),
    format_: str = "the format",
) -> tuple[Apart, list[Line]]:  # fmt: skip
    """Compare points over frames, (S, V, 3) and (S, W, 3): gives the errors and lines.

    `ordered` says that the format keeps the order of vertices, so that another one is worth a line. `held` (S, V, 3) is
    what was to be in the file, where that could not be `before` itself: vertices are found again by it. It is excused
    only by `causes`, names of what the format cannot hold.
    """
    meant = before if held is None else held
    index = match(meant, after)
    tolerance = options.tolerance
    made = apart(thing, clip, frames, tolerance, scale, index, before, meant if causes else before, after)
    lines = [*not_held(thing, f"{format_} cannot hold {few(causes, NAMED)}", clip, made.lacks, options)]
    lines += wrong(thing, clip, made, after.shape[1], tolerance)
    found = np.linalg.norm(meant[:, index] - after, axis=2).max(axis=0) * scale * 1000.0
    missing = before.shape[1] - len(np.unique(index))
    if len(found) and np.median(found) > tolerance:  # nothing is where it was meant to be: which is which is a guess
        missing = max(0, before.shape[1] - after.shape[1])
    if missing:
        why = f"{missing} of {before.shape[1]} vertices of {thing} are gone"
        lines.append(Line("vertices_lost", thing, why, LOST, missing))
    moved = int((index != np.arange(len(index))).sum()) if before.shape[1] == after.shape[1] and not missing else 0
    if ordered and moved:
        lines.append(Line("vertex_order", thing, f"{moved} vertices of {thing} are in another order", NOTE, moved))
    return made, lines


def not_held(thing: str, lead: str, clip: str, off: Off, options: ExportOptions, what: str = "not_held") -> list[Line]:
    """Tell what a format cannot hold with what that does: a loss when it is seen, unless that was only to be told.

    `lead` says what it is. Gives no line for what moves nothing that can be seen, but for tables (`no_column`), of
    which an artist wants to know what they leave out.
    """
    seen = off.error > options.tolerance
    if not seen and what == "not_held":
        return []
    does = (
        f"{thing} is up to {off.error:.3g} mm off for that, at worst {off.where}" if off.error else "nothing shows it"
    )
    level = LOST if seen and options.limits == FAIL else NOTE
    return [Line(what, thing, f"{lead}: {does}", level, off.error)]


def wrong(thing: str, clip: str, made: Apart, count: int, tolerance: float) -> list[Line]:
    """Tell what went wrong on the way: of `count` vertices, beyond what the format's own limits explain."""
    off = made.way
    if off.error <= tolerance:
        if made.total.error <= tolerance or made.lacks.error > tolerance:
            return []
        off = made.total  # each alone may pass, both together may not
    why = f"{thing} is up to {off.error:.3g} mm off in {clip}, {off.count} of {count} vertices, at worst {off.where}"
    return [Line("vertex_error", thing, why, LOST, off.error)]
