"""A head that is previewed saying "bob … may … too", and all that a file holds a preview might leave something in."""

import bpy
import numpy as np
import talking

FRAMES = (1, 13, 15, 17, 20, 40, 44, 47, 83, 90, 93, 119, 130)


def said(part, monkeypatch, wave):
    """Choose a sound in which "bob … may … too" is heard; gives the names of the sounds that were listened to."""
    lipsync, heard = part("core.speech.lipsync"), []
    phones, scores = talking.said(part)

    def listen(sound, options, progress=None, given=None):
        heard.append(sound.name)
        return lipsync.LipsyncResult(lipsync.solve(phones, scores, options), phones, (), scores)

    monkeypatch.setattr(lipsync, "lipsync", listen)
    settings().filepath = str(wave(5.0))
    settings().keys_error = 0.0  # a key at every frame: what is baked can be compared at any
    yield heard
    part("addon.preview").stop_all()


def settings():
    return bpy.context.scene.headroom


def preview(body=None) -> set[str]:
    if body is not None:
        activate(body)
    return bpy.ops.headroom.preview()


def activate(body) -> None:
    bpy.context.view_layer.objects.active = body


def values(body, frames=FRAMES) -> np.ndarray:
    """Give what all keys of a head are at frames, (F, K)."""
    found = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        found.append(now(body))
    return np.array(found)


def now(body) -> np.ndarray:
    """Give what a head's keys are now, but those that drivers move."""
    data = body.data.shape_keys.animation_data
    driven = {curve.data_path for curve in data.drivers} if data is not None else ()
    keys = body.data.shape_keys.key_blocks
    return np.array([0.0 if key.path_from_id("value") in driven else key.value for key in keys])


def seen(body) -> np.ndarray:
    """Give where the vertices are seen."""
    evaluated = body.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    points = np.empty(len(evaluated.vertices) * 3, np.float32)
    evaluated.vertices.foreach_get("co", points)
    return points


def _has_keys(thing) -> bool:
    return thing.type == "MESH" and thing.data.shape_keys is not None


def everything() -> dict[str, object]:
    """Give what a file holds that a preview might leave something in."""
    scene = bpy.context.scene
    kinds = ("actions", "sounds", "objects", "meshes", "shape_keys", "texts", "collections", "scenes")
    animated = [thing for thing in (*bpy.data.shape_keys, *bpy.data.objects) if thing.animation_data is not None]
    return {
        "data": {kind: sorted(thing.name for thing in getattr(bpy.data, kind)) for kind in kinds},
        "tracks": sorted((one.name, len(one.animation_data.nla_tracks)) for one in animated),
        "range": (scene.frame_start, scene.frame_end, scene.sync_mode),
        "keys": {one.name: now(one).round(6).tolist() for one in bpy.data.objects if _has_keys(one)},
        "turns": [
            (bone.rotation_mode, *np.round(bone.rotation_euler, 5), *np.round(bone.rotation_quaternion, 5))
            for thing in bpy.data.objects if thing.type == "ARMATURE" for bone in thing.pose.bones
        ],
        "marks": [thing.name for thing in (*bpy.data.shape_keys, *bpy.data.objects, *bpy.data.scenes)
                  if thing.get("headroom_preview") is not None],
        "strips": len(bpy.context.scene.sequence_editor.strips) if bpy.context.scene.sequence_editor else 0,
    }  # fmt: skip
