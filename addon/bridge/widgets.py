"""Small wire shapes that stand for control bones, so that an animator sees what to grab."""

from __future__ import annotations

import bpy
import numpy as np

COLLECTION = "Headroom Widgets"
"""Hidden; every rig in a file shares what is in it."""

Wire = tuple[np.ndarray, list[tuple[int, int]]]


def shape(kind: str, scene: bpy.types.Scene) -> bpy.types.Object:
    """Give the widget object called `kind` (one of WIRES), made on first use."""
    name = f"WGT-headroom_{kind}"
    holder: bpy.types.Collection | None = bpy.data.collections.get(COLLECTION)
    if holder is None:
        holder = bpy.data.collections.new(COLLECTION)
        holder.hide_viewport = holder.hide_render = True
        scene.collection.children.link(holder)
    known: bpy.types.Object | None = holder.objects.get(name)
    if known is not None:
        return known
    points, edges = WIRES[kind]
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(points.tolist(), edges, [])
    widget = bpy.data.objects.new(name, mesh)
    holder.objects.link(widget)
    return widget


def _ring(radius: float = 1.0, count: int = 32) -> Wire:
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    points = radius * np.stack([np.cos(turn), np.zeros(count), np.sin(turn)], axis=1)
    return points, [(k, (k + 1) % count) for k in range(count)]


def _joined(*wires: Wire) -> Wire:
    points, edges, offset = [], [], 0
    for some_points, some_edges in wires:
        points.append(some_points)
        edges += [(a + offset, b + offset) for a, b in some_edges]
        offset += len(some_points)
    return np.concatenate(points), edges


def _line(*points: tuple[float, float, float], closed: bool = True) -> Wire:
    count = len(points)
    return np.array(points), [(k, (k + 1) % count) for k in range(count if closed else count - 1)]


def _root() -> Wire:
    """A ring on the floor with an arrow to the front; the root bone points to the back."""
    turn = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    flat = np.stack([np.cos(turn), np.sin(turn), np.zeros(32)], axis=1)
    arrow = _line((-0.2, -1.05, 0), (0.2, -1.05, 0), (0, -1.4, 0))
    return _joined((flat, [(k, (k + 1) % 32) for k in range(32)]), arrow)


def _jaw() -> Wire:
    """An arc under the chin."""
    turn = np.linspace(-0.45 * np.pi, 0.45 * np.pi, 13)
    points = np.stack([np.sin(turn), np.cos(turn) - 1.0, np.zeros(13)], axis=1)
    lower = points * [0.86, 0.86, 1]
    return _joined(
        (points, [(k, k + 1) for k in range(12)]), (lower, [(k, k + 1) for k in range(12)]),
        *(_line(tuple(points[end]), tuple(lower[end]), closed=False) for end in (0, -1)),
    )  # fmt: skip


def _capsule() -> Wire:
    """A long ring around both eye targets."""
    turn = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    points = np.stack([np.cos(turn) + np.sign(np.cos(turn)) * 1.2, np.zeros(32), np.sin(turn)], axis=1)
    return points, [(k, (k + 1) % 32) for k in range(32)]


WIRES: dict[str, Wire] = {
    "root": _root(),
    "ring": _ring(),
    "head": _joined(_ring(), _ring(0.94)),
    "eye": _joined(_ring(), _line((-0.3, 0, 0), (0.3, 0, 0)), _line((0, 0, -0.3), (0, 0, 0.3))),
    "eyes": _capsule(),
    "jaw": _jaw(),
    "diamond": _line((-1, 0, 0), (0, 0, 1), (1, 0, 0), (0, 0, -1)),
}  # fmt: skip
"""Widgets by kind: points (N, 3) in the bone's own axes (Y along it) about one unit in size, and edges."""
