"""How the doctor puts animation in its place: assigned, copied, followed, respelled, overridden; nothing is deleted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bpy

from .. import compat
from . import actions, heads, keyframes, layers
from .doctor_case import Case, Source, is_ours, layer_of, named_key, sources_of


def mute(source: Source, curves: Iterable[Any]) -> None:
    """Let F-curves of a source not be heard."""
    for curve in curves:
        curve.mute = True
    source.thing.update_tag()


def unmute(source: Source, curves: Iterable[Any]) -> None:
    """Let muted F-curves of a source be heard."""
    for curve in curves:
        curve.mute = False
    source.thing.update_tag()


def respell(source: Source, names: dict[str, str]) -> None:
    """Let curves of shape keys move the keys that they mean; an action that others use too is copied before."""
    holder = source.holder
    if source.action.users - source.action.use_fake_user > 1:
        slot = compat.slot_of(holder)
        holder.action = source.action.copy()
        compat.choose_slot(holder, slot and next(one for one in holder.action.slots if one.handle == slot.handle))
    taken = {curve.data_path for curve in compat.fcurves(holder.action)}
    for curve in compat.fcurves_in(holder.action, compat.slot_of(holder)):
        key = names.get(named_key(curve))
        path = f'key_blocks["{bpy.utils.escape_identifier(key)}"].value' if key else ""
        if path and path not in taken:
            curve.data_path = path
    source.thing.update_tag()


def give_curves(keys: Any, action: bpy.types.Action, curves: Iterable[Any], holder: Any) -> bpy.types.Action:
    """Copy curves of shape keys into an action for shape keys, and play it: in the place of `holder`'s (an `AnimData`
    or a strip), or as the active action, or on a track of its own where there is one already."""
    made = bpy.data.actions.new(f"{action.name} Shape Keys")
    for curve in curves:
        path = f'key_blocks["{bpy.utils.escape_identifier(named_key(curve))}"].value'
        keyframes.fill(compat.fcurve(made, "KEY", path), keyframes.read(curve))
    data = keys.animation_data_create()
    if holder is not None:
        keep(action)
        holder.action = made
        compat.choose_slot(holder, next(iter(compat.slots(made)), None))
    elif data.action is None:
        compat.play(data, made)
    else:
        compat.nla_strip(data.nla_tracks.new(), made.name, int(made.frame_range[0]), made)
    return made


def assign(case: Case, action: bpy.types.Action) -> None:
    """Play an action that nobody plays: on its layer when Headroom wrote it, else as the active one."""
    data = case.keys.animation_data_create()
    if not is_ours(action):
        if data.action is not None:
            keep(data.action)
        compat.play(data, action)
        _fitting_slot(case, data, action)
        return
    layer = layer_of(action)
    if layer != layers.REST:
        moved = {named_key(curve) for curve in compat.fcurves(action)}
        target = actions.targets_of(case.body)[0]
        held = {name for name, (path, _, _) in target.paths.items() if path in {path_of(key) for key in moved}}
        layers.ensure_rest(target, held, float(action.frame_range[0]))
    layers.replace_track(data, layer, action, "REPLACE" if layer == layers.REST else "ADD")
    strip = layers.strip_of(case.keys, layer)
    if strip is not None:
        _fitting_slot(case, strip, action)


def _fitting_slot(case: Case, holder: Any, action: bpy.types.Action) -> None:
    slots = [slot for slot in compat.slots(action) if slot.target_id_type in ("KEY", "UNSPECIFIED")]
    if slots:
        known = set(case.keys.key_blocks.keys())
        best = max(slots, key=lambda slot: sum(named_key(one) in known for one in compat.fcurves_in(action, slot)))
        compat.choose_slot(holder, best)


def path_of(key: str) -> str:
    """Give the data path of a shape key's value."""
    return f'key_blocks["{bpy.utils.escape_identifier(key)}"].value'


def copy_animation(case: Case, other: bpy.types.Object) -> None:
    """Give a mesh copies of the actions on another one's shape keys, on tracks of the same names."""
    data = case.keys.animation_data_create()
    for source in sources_of(other.data.shape_keys):
        slot = compat.slot_of(source.holder)
        made = source.action.copy()
        made.name = f"{case.body.name} {layer_of(made)}" if is_ours(made) else f"{case.body.name} {source.action.name}"
        if source.track is None:
            compat.play(data, made)
            holder: Any = data
        else:
            track = data.nla_tracks.new()
            track.name, track.mute = source.track.name, source.track.mute
            holder = compat.nla_strip(track, source.holder.name, int(source.holder.frame_start), made)
            for name in ("action_frame_start", "action_frame_end", "scale", "repeat", "blend_type", "extrapolation"):
                setattr(holder, name, getattr(source.holder, name))
            holder.frame_start = source.holder.frame_start
            holder.mute = source.holder.mute
        if slot is not None:
            compat.choose_slot(holder, next(one for one in compat.slots(made) if one.handle == slot.handle))


def override(case: Case) -> None:
    """Put a library override of a linked head in its place, with its mesh, so that its keys can be animated."""
    made = case.body
    if made.library is not None:
        made = _of_collection(case) or _of_object(case)
    if made.data.library is not None:  # Blender's own button leaves meshes out
        made.data.override_create(remap_local_usages=True)
    for block in (made, made.data, heads.rig_of(made), made.parent):
        if block is not None and block.override_library is not None:
            block.override_library.is_system_override = False  # else Blender forgets what is done to it
    if case.layer.objects.get(made.name) == made:
        case.layer.objects.active = made
        made.select_set(True)


def _of_object(case: Case) -> Any:
    body = case.body
    homes = [home for home in body.users_collection if home.library is None]
    made = body.override_hierarchy_create(case.scene, case.layer, do_fully_editable=True)
    for home in homes:
        if not any(thing == made for thing in home.objects):
            home.objects.link(made)
        home.objects.unlink(body)
    return made


def _of_collection(case: Case) -> Any:
    """Override the whole linked collection that a head lies in, where the scene shows that; None where it does not."""
    holders = [case.scene.collection, *case.scene.collection.children_recursive]
    for holder in holders:
        for child in holder.children if holder.library is None else ():
            if child.library is None or case.body not in list(child.all_objects):
                continue
            made = child.override_hierarchy_create(case.scene, case.layer, do_fully_editable=True)
            if made not in list(holder.children):
                holder.children.link(made)
            if child in list(holder.children):
                holder.children.unlink(child)
            same = (one for one in made.all_objects if one.override_library is not None)
            return next((one for one in same if one.override_library.reference == case.body), None)
    return None


def keep(action: bpy.types.Action) -> None:
    """See that an action that is taken out of play is saved with the file all the same."""
    if action.users <= 1:
        action.use_fake_user = True
