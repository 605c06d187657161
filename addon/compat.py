"""Every difference between the Blender versions that Headroom supports (4.2 to 5.2), and nothing else.

The rest of the package asks here instead of comparing versions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bpy


def fcurve(action: bpy.types.Action, id_type: Any, data_path: str, index: int = 0) -> bpy.types.FCurve:
    """Make a new F-curve in `action` for the kind of data-block that `id_type` names ('KEY', 'OBJECT').

    Blender 4.4 gave actions slots and layers; 5.0 took `Action.fcurves` away.
    """
    if hasattr(action, "slots"):
        return _channelbag(action, id_type).fcurves.new(data_path, index=index)
    action.id_root = id_type
    return action.fcurves.new(data_path, index=index)


def fcurves(action: bpy.types.Action) -> list[bpy.types.FCurve]:
    """Give every F-curve of an action, whatever slot or layer it is on."""
    if not hasattr(action, "layers"):
        return list(action.fcurves)
    bags = (bag for layer in action.layers for strip in layer.strips for bag in strip.channelbags)
    return [curve for bag in bags for curve in bag.fcurves]


def _channelbag(action: bpy.types.Action, id_type: Any) -> Any:
    slot = next((slot for slot in action.slots if slot.target_id_type == id_type), None)
    if slot is None:
        slot = action.slots.new(id_type=id_type, name=action.name)
    layer = action.layers[0] if action.layers else action.layers.new("Layer")
    strip = layer.strips[0] if layer.strips else layer.strips.new(type="KEYFRAME")
    return strip.channelbag(slot, ensure=True)


def play(data: bpy.types.AnimData, action: bpy.types.Action) -> None:
    """Make an action the active one, with its first slot where there are slots."""
    data.action = action
    if hasattr(data, "action_slot") and data.action_slot is None and action.slots:
        data.action_slot = action.slots[0]


def slots(action: bpy.types.Action) -> list[Any]:
    """Give an action's slots; before 4.4 there are none, and an action is all of one piece."""
    return list(getattr(action, "slots", ()))


def slot_of(holder: Any) -> Any:
    """Give the slot that an `AnimData` or a strip plays of its action, None where it plays none."""
    return getattr(holder, "action_slot", None)


def choose_slot(holder: Any, slot: Any) -> None:
    """Let an `AnimData` or a strip play a slot of its action."""
    if slot is not None:
        holder.action_slot = slot


def fcurves_in(action: bpy.types.Action, slot: Any) -> list[bpy.types.FCurve]:
    """Give the F-curves of one slot of an action; all of them where there are no slots, none for no slot."""
    if not hasattr(action, "slots"):
        return list(action.fcurves)
    bags = (bag for layer in action.layers for strip in layer.strips for bag in strip.channelbags)
    return [curve for bag in bags if slot is not None and bag.slot_handle == slot.handle for curve in bag.fcurves]


def nla_strip(track: bpy.types.NlaTrack, name: str, frame: int, action: bpy.types.Action) -> bpy.types.NlaStrip:
    """Put an action on a track with its first slot chosen, so that it moves something in every version."""
    strip = track.strips.new(name, frame, action)
    if hasattr(strip, "action_slot") and strip.action_slot is None and action.slots:
        strip.action_slot = action.slots[0]
    return strip


def sequence_strips(scene: bpy.types.Scene, create: bool = False) -> Any:
    """Give the video sequencer's strips: `sequences` until 4.3, `strips` from 4.4.

    None when the scene has no sequencer and `create` is not set.
    """
    editor = scene.sequence_editor
    if editor is None:
        if not create:
            return None
        editor = scene.sequence_editor_create()
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def sequence_strips_all(scene: bpy.types.Scene) -> list[Any]:
    """Give the strips with those inside meta strips; an empty list when there is no sequencer."""
    editor = scene.sequence_editor
    if editor is None:
        return []
    return list(editor.strips_all if hasattr(editor, "strips_all") else editor.sequences_all)


def marker_menus() -> list[Any]:
    """Give the Marker menus of all editors with a timeline; which editors have one of their own changes."""
    names = ("DOPESHEET_MT_marker", "TIME_MT_marker", "GRAPH_MT_marker", "NLA_MT_marker", "SEQUENCER_MT_marker")
    return [getattr(bpy.types, name) for name in names if hasattr(bpy.types, name)]


def show_in_sequencer(scene: bpy.types.Scene) -> None:
    """Let the open workspace's sequencer show this scene; from 5.0 it shows none until it is told."""
    workspace = getattr(bpy.context, "workspace", None)
    if workspace is not None and hasattr(workspace, "sequencer_scene") and workspace.sequencer_scene is None:
        workspace.sequencer_scene = scene


def film_as_video(render: bpy.types.RenderSettings) -> None:
    """Render to one video file; from 5.0 the kind of medium comes before the file format."""
    if hasattr(render.image_settings, "media_type"):
        render.image_settings.media_type = "VIDEO"
    render.image_settings.file_format = "FFMPEG"


def film_as_picture(render: bpy.types.RenderSettings) -> None:
    """Render to one PNG file."""
    if hasattr(render.image_settings, "media_type"):
        render.image_settings.media_type = "IMAGE"
    render.image_settings.file_format = "PNG"


@contextmanager
def rate_for_gltf() -> Iterator[None]:
    """Let glTF files come and go at the scene's frame rate: Blender's exporter and importer (4.2 to 5.2) multiply
    `fps` by `fps_base`, where the scene's rate is their ratio."""
    render = bpy.context.scene.render
    kept = render.fps_base
    render.fps_base = 1 / kept
    try:
        yield
    finally:
        render.fps_base = kept


def stretch_of_fbx(scene: bpy.types.Scene) -> float:
    """Give how much longer an FBX lasts in frames after import: Blender's importer (4.2 to 5.2) lays keys out by `fps`
    alone, where the scene's rate is `fps / fps_base`."""
    return scene.render.fps_base


def select_bone(bone: bpy.types.PoseBone) -> None:
    """Select a bone of a pose; from 5.0 its selection is the pose's."""
    holder: Any = bone if hasattr(bone, "select") else bone.bone
    holder.select = True


def blend_relative() -> set[Any]:
    """Give the options of paths that may begin with //; before 4.5 all may, and the option is unknown."""
    return {"PATH_SUPPORTS_BLEND_RELATIVE"} if bpy.app.version >= (4, 5) else set()


def denoises() -> bool:
    """Tell whether Cycles denoises: builds of Linux distributions often have no Open Image Denoise."""
    import _cycles  # type: ignore[import-not-found]

    return bool(getattr(_cycles, "with_openimagedenoise", False))


def eevee() -> str:
    """Give the id of the EEVEE engine: it was called "next" from 4.2 to 4.5."""
    return "BLENDER_EEVEE" if bpy.app.version >= (5, 0) else "BLENDER_EEVEE_NEXT"


def node_material(name: str) -> bpy.types.Material:
    """Make a material with nodes; from 5.0 every one has them, and asking for it is deprecated."""
    material = bpy.data.materials.new(name)
    if bpy.app.version < (5, 0):
        material.use_nodes = True
    return material


def node_world(name: str) -> bpy.types.World:
    """Make a world with nodes, as `node_material` does."""
    world = bpy.data.worlds.new(name)
    if bpy.app.version < (5, 0):
        world.use_nodes = True
    return world
