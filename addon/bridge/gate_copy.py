"""Doubles of a head in a scene of their own: what is exported is baked there, and the artist's scene never moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import bpy

from .doctor_scene import RESHAPING
from .gate_keep import unkeyed


@dataclass
class Doubles:
    """A scene with a copy of each object; `of` maps originals to copies, rigs before the meshes that they move."""

    scene: bpy.types.Scene
    of: dict[bpy.types.Object, bpy.types.Object] = field(default_factory=dict)

    @property
    def meshes(self) -> dict[bpy.types.Object, bpy.types.Object]:
        return {one: copy for one, copy in self.of.items() if one.type == "MESH"}

    @property
    def rigs(self) -> dict[bpy.types.Object, bpy.types.Object]:
        return {one: copy for one, copy in self.of.items() if one.type == "ARMATURE"}

    def graph(self, frame: int) -> bpy.types.Depsgraph:
        """Show a frame and give what is evaluated there.

        Nothing flows back into the file: only the graph of the scene that a window shows does that.
        """
        self.scene.frame_set(frame)
        return self.scene.view_layers[0].depsgraph


def family(bodies: Iterable[bpy.types.Object]) -> list[bpy.types.Object]:
    """Give meshes with the armatures that move them, armatures first."""
    bodies = list(bodies)
    rigs = [rig for body in bodies for rig in rigs_of(body)]
    return [*dict.fromkeys(rigs), *dict.fromkeys(bodies)]


def rigs_of(body: bpy.types.Object) -> list[bpy.types.Object]:
    """Give the armatures that move a mesh, by modifiers that are on or as its parent."""
    modifiers: Any = body.modifiers
    found = [one.object for one in modifiers if one.type == "ARMATURE" and one.object and one.show_viewport]
    if body.parent is not None and body.parent.type == "ARMATURE":
        found.append(body.parent)
    return found


def new_scene(like: bpy.types.Scene, name: str = "Headroom Export") -> bpy.types.Scene:
    """Make an empty scene with the frame rate, range and units of another."""
    scene = bpy.data.scenes.new(name)
    scene.render.fps, scene.render.fps_base = like.render.fps, like.render.fps_base
    scene.frame_start, scene.frame_end = like.frame_start, like.frame_end
    scene.unit_settings.system = like.unit_settings.system
    scene.unit_settings.scale_length = like.unit_settings.scale_length
    return scene


@contextmanager
def doubles(bodies: Iterable[bpy.types.Object], scene: bpy.types.Scene, name: str) -> Iterator[Doubles]:
    """Copy meshes and their armatures into a scene of their own, and take all of it away at the end.

    Copies follow each other as the originals do, in parents, modifiers, constraints and drivers; what else they
    follow are the artist's own objects.
    """
    with cleared():
        made = Doubles(new_scene(scene, name))
        twins: dict[bpy.types.ID, bpy.types.ID] = {}
        for thing in family(bodies):
            copy = thing.copy()
            copy.data = data = thing.data.copy()
            made.of[thing], twins[thing], twins[thing.data] = copy, copy, data
            made.scene.collection.objects.link(copy)
            copy.hide_viewport = False
            if thing.type == "MESH":
                copy.show_only_shape_key = False
                if data.shape_keys is not None:
                    twins[thing.data.shape_keys] = data.shape_keys
        for copy in made.of.values():
            _follow(copy, twins)
        yield made


def drop_reshaping(made: Doubles) -> dict[bpy.types.Object, list[str]]:
    """Take modifiers off the copies that make vertices or leave some out: keys go with the mesh below them.

    Gives their names by original. What keeps the number of vertices stays.
    """
    graph, dropped = made.graph(made.scene.frame_start), {}
    counts = {thing: len(copy.evaluated_get(graph).data.vertices) for thing, copy in made.meshes.items()}
    for thing, copy in made.meshes.items():
        there = [one for one in copy.modifiers if one.type in RESHAPING and one.show_viewport]
        if counts[thing] != len(copy.data.vertices) and there:
            dropped[thing] = [one.name for one in there]
            for one in there:
                copy.modifiers.remove(one)
    return dropped


def _follow(copy: bpy.types.Object, twins: dict[bpy.types.ID, bpy.types.ID]) -> None:
    """Let a copy depend on other copies where its original depends on their originals."""
    if copy.parent in twins:
        inverse, basis = copy.matrix_parent_inverse.copy(), copy.matrix_basis.copy()
        copy.parent = twins[copy.parent]  # type: ignore[assignment]
        copy.matrix_parent_inverse, copy.matrix_basis = inverse, basis
    bones = copy.pose.bones if copy.pose is not None else ()
    holders: list[Any] = [*copy.modifiers, *copy.constraints, *(one for bone in bones for one in bone.constraints)]
    for holder in holders:
        _point(holder, twins)
        for target in getattr(holder, "targets", ()):
            _point(target, twins)
    for driver in drivers_of(copy):
        for variable in driver.variables:
            for target in variable.targets:
                if target.id in twins:
                    target.id = twins[target.id]


def drivers_of(thing: bpy.types.Object) -> Iterator[bpy.types.Driver]:
    """Give the drivers of an object, of its data and of its shape keys."""
    for owner in (thing, thing.data, getattr(thing.data, "shape_keys", None)):
        data = owner.animation_data if owner is not None else None
        for curve in data.drivers if data is not None else ():
            yield curve.driver


def _point(holder: Any, twins: dict[bpy.types.ID, bpy.types.ID]) -> None:
    for rule in holder.bl_rna.properties:
        if rule.type == "POINTER" and not rule.is_readonly and getattr(holder, rule.identifier) in twins:
            setattr(holder, rule.identifier, twins[getattr(holder, rule.identifier)])


@contextmanager
def called_alike(made: Doubles) -> Iterator[None]:
    """Give the copies the names of the originals while they are written, and these theirs back."""
    pairs: dict[Any, Any] = {}
    for thing, copy in made.of.items():
        pairs[thing] = copy
        pairs.setdefault(thing.data, copy.data)
    names = {thing: (thing.name, copy.name) for thing, copy in pairs.items()}
    try:
        for number, (thing, copy) in enumerate(pairs.items()):
            if thing.library is None:  # names of other files are no obstacle
                thing.name = f"headroom {number} export"
            copy.name = names[thing][0]
        yield
    finally:
        for thing, copy in pairs.items():
            copy.name = names[thing][1]
        for thing in pairs:
            if thing.library is None:
                thing.name = names[thing][0]


@contextmanager
def shown(scene: bpy.types.Scene) -> Iterator[None]:
    """Let exporters and importers work in a scene: they take the one that the window shows."""
    window = bpy.context.window or bpy.context.window_manager.windows[0]
    before, layer = window.scene, window.view_layer
    with unkeyed(before):  # also where it stays: mixing sound evaluates it too
        if scene != before:
            window.scene = scene
        try:
            with bpy.context.temp_override(window=window):
                yield
        finally:
            if window.scene != before:
                window.scene = before
            if window.view_layer != layer:
                window.view_layer = layer


HELD = ("screens", "window_managers", "workspaces", "brushes", "palettes", "paint_curves", "shape_keys")
"""Kinds of data-blocks that no importer makes, or that go with others."""


@contextmanager
def cleared() -> Iterator[None]:
    """Take away every data-block that comes to be meanwhile."""
    before = _everything()
    try:
        yield
    finally:
        fresh = _everything() - before
        scenes = [one for one in fresh if isinstance(one, bpy.types.Scene)]
        for scene in scenes:
            bpy.data.scenes.remove(scene)
        bpy.data.batch_remove([one for one in fresh if one not in scenes])


def _everything() -> set[bpy.types.ID]:
    names = [rule.identifier for rule in bpy.types.BlendData.bl_rna.properties if rule.type == "COLLECTION"]
    return {thing for name in names if name not in HELD for thing in getattr(bpy.data, name)}
