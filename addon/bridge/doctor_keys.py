"""What may be wrong with shape keys themselves: muted, clipped, masked, relative to the wrong key, without effect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy
import numpy as np

from ...core.rig import doctor
from ...core.rig.doctor import are, few
from . import doctor_names, keymaps, meshes
from .doctor_case import Case, Trouble, setting, trouble, values_of

CLIPPED = 0.05
"""How far a curve must pass a key's range for that to be seen."""
ASKED = 16
"""Keys that are asked whether the basis was edited without them; all others would say the same."""


def check(case: Case) -> Iterator[Trouble]:
    """Look for what keeps the shape keys of a mesh still."""
    if case.keys is None:
        if not keymaps.speaks(case.body):  # some are moved by bones alone
            why = f"{case.body.name} has no shape keys and no jaw bone; press Give Shapes under Rig Any Head"
            yield trouble("no_keys", case.body, why)
        return
    yield from _shown(case)
    yield from _muted(case)
    yield from _absolute(case)
    yield from _clipped(case)
    if case.keys.use_relative:
        yield from _without_effect(case)
        yield from _edited_basis(case)


def _shown(case: Case) -> Iterator[Trouble]:
    body = case.body
    if body.mode == "EDIT" and not body.use_shape_key_edit_mode:
        yield trouble(
            "edit_mode", body, f"{body.name} is in Edit Mode, which shows one shape key alone", "Leave Edit Mode",
            lambda: _leave_edit_mode(body),
        )  # fmt: skip
    if body.show_only_shape_key:
        active = body.active_shape_key
        yield trouble(
            "pinned", body, f"{body.name} shows {active.name if active else 'one key'} alone: its pin is on", "Unpin",
            setting(body, show_only_shape_key=False),
        )  # fmt: skip


def _leave_edit_mode(body: bpy.types.Object) -> None:
    before = bpy.context.view_layer.objects.active
    bpy.context.view_layer.objects.active = body
    bpy.ops.object.mode_set(mode="OBJECT")
    bpy.context.view_layer.objects.active = before


def _muted(case: Case) -> Iterator[Trouble]:
    keys = [case.keys.key_blocks[name] for name in case.asked if case.keys.key_blocks[name].mute]
    names = [key.name for key in keys]
    if names:
        yield trouble(
            "muted_keys", case.body, f"{few(names)} {are(names)} muted on {case.body.name}", "Unmute",
            setting(*keys, mute=False),
        )  # fmt: skip


def _absolute(case: Case) -> Iterator[Trouble]:
    in_time = any(curve.data_path.endswith("eval_time") for source in case.sources for curve in source.moving)
    if not case.keys.use_relative and not in_time:
        yield trouble(
            "absolute", case.body, f"The shape keys of {case.body.name} are not relative: values do nothing",
            "Make Relative", setting(case.keys, use_relative=True),
        )  # fmt: skip


def _clipped(case: Case) -> Iterator[Trouble]:
    """A range that cuts off what animation asks for."""
    wider = {}
    for name, moved in case.wanted.items():
        key = case.keys.key_blocks[name]
        values = np.concatenate([values_of(curve)[:, 1] for _, curve in moved])
        low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
        if low < key.slider_min - CLIPPED or high > key.slider_max + CLIPPED:
            wider[name] = (min(low, key.slider_min), max(high, key.slider_max))
    if wider:
        yield trouble(
            "clipped", case.body, f"The range of {few(wider)} cuts off what its keys ask for", "Widen Range",
            lambda: _widen(case, wider),
        )  # fmt: skip


def _widen(case: Case, wider: dict[str, tuple[float, float]]) -> None:
    for name, (low, high) in wider.items():
        key = case.keys.key_blocks[name]
        key.slider_min, key.slider_max = low, high


def _without_effect(case: Case) -> Iterator[Trouble]:
    """Keys that are relative to themselves or to a copy, hidden by a mask, or empty."""
    blocks, basis = case.keys.key_blocks, case.keys.reference_key
    rest = meshes.points_of(basis)
    wrong: list[Any] = []
    masked: list[Any] = []
    empty: list[Any] = []
    weights: dict[str, np.ndarray] = {}
    for name in case.wanted:
        key = blocks[name]
        shape = meshes.points_of(key)
        to = rest if key.relative_key == basis else meshes.points_of(key.relative_key)
        if doctor.is_still(shape, to):
            if key.relative_key != basis and not doctor.is_still(shape, rest):
                wrong.append(key)
            elif not any(_does_something(case.body, name, other) for other in case.others):
                empty.append(key)
        elif key.vertex_group:
            if key.vertex_group not in weights:
                weights[key.vertex_group] = _weights(case.body, key.vertex_group, len(rest))
            if doctor.is_still(to + weights[key.vertex_group][:, None] * (shape - to), to):
                masked.append(key)
    names = [[key.name for key in keys] for keys in (wrong, masked, empty)]
    if wrong:
        why = f"{few(names[0])} {are(names[0])} relative to a key of the same shape, not to {basis.name}"
        cure = setting(*wrong, relative_key=basis)
        yield trouble("relative_to", case.body, why, f"Relative to {basis.name}", cure)
    if masked:
        why = f"The vertex group of {few(names[1])} leaves nothing of it on {case.body.name}"
        yield trouble("masked", case.body, why, "Take Off Mask", setting(*masked, vertex_group=""), ask=True)
    if empty:
        why = f"{few(names[2])} {are(names[2])} like {basis.name} on {case.body.name}: sculpt or transfer it"
        yield trouble("empty_keys", case.body, why)


def _does_something(body: bpy.types.Object, name: str, other: bpy.types.Object) -> bool:
    """Tell whether another part of a head has a key of this name, or for the same, that moves something."""
    blocks = other.data.shape_keys.key_blocks
    keys = [blocks[one] for one in doctor_names.same(body, name, other) if one in blocks]
    return any(not doctor.is_still(meshes.points_of(key), meshes.points_of(key.relative_key)) for key in keys)


def _weights(body: bpy.types.Object, name: str, count: int) -> np.ndarray:
    """Read a vertex group, (V,); ones where it does not exist, as Blender takes it."""
    group: bpy.types.VertexGroup | None = body.vertex_groups.get(name)
    if group is None or not any(vertex.groups for vertex in body.data.vertices):
        return np.ones(count)
    index, found = group.index, np.zeros(count)
    for number, vertex in enumerate(body.data.vertices):
        found[number] = next((one.weight for one in vertex.groups if one.group == index), 0.0)
    return found


def _edited_basis(case: Case) -> Iterator[Trouble]:
    basis = case.keys.reference_key
    keys = [key for key in case.keys.key_blocks if key != basis and key.relative_key == basis]
    rest = meshes.points_of(basis)
    sample = keys[:: -(-len(keys) // ASKED)] if keys else []
    places, back = doctor.pulled_back((meshes.points_of(key) for key in sample), rest)
    if len(places):
        why = f"{basis.name} of {case.body.name} was edited alone: each key pulls {len(places)} vertices back"
        yield trouble(
            "edited_basis", case.body, why, "Edit Keys Too", lambda: _spread(keys, rest, places, back), ask=True
        )


def _spread(keys: list[bpy.types.ShapeKey], rest: np.ndarray, places: np.ndarray, back: np.ndarray) -> None:
    """Give an edit of the basis to the keys that do not have it."""
    size = doctor.size_of(rest)
    for key in keys:
        points = meshes.points_of(key)
        if doctor.is_pulled_back(points[places] - rest[places], back, size):
            points[places] -= back
            key.points.foreach_set("co", points.ravel())
    keys[0].id_data.update_tag()
