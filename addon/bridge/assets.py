"""Data-blocks as assets in files: named, described, tagged, in a catalog, with a rendered preview."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Vector

from ...core import assets
from ...core.errors import InputError
from .. import compat
from . import render, studio
from .heads import is_head, rig_of, select_only

SAMPLES, NOISY_SAMPLES = 6, 40
"""Of a preview's pixels; denoised, small pictures need few."""

PORTRAIT = 85.0  # millimetres, the lens of `studio`
VIEWS = {"face": (0.35, 1.55), "mouth": (0.72, 3.2)}
"""What previews show: where they aim, from the eyes (0) to the chin (1), and how much nearer than a portrait."""


def mark(thing: bpy.types.ID, words: str, tags: Iterable[str], catalog: str) -> None:
    """Make a data-block an asset."""
    thing.asset_mark()
    data: Any = thing.asset_data
    data.description, data.catalog_id = words[:1].upper() + words[1:], assets.catalog(catalog)
    data.author, data.license = "Headroom", assets.LICENSE
    for tag in (assets.TAG, *tags):
        data.tags.new(tag, skip_if_exists=True)


def light(body: bpy.types.Object) -> None:
    """Light a head for previews, before nothing, with a camera that sees its whole head."""
    studio.set_up(body)
    bpy.context.scene.render.film_transparent = True


def aim(body: bpy.types.Object, view: str) -> None:
    """Let the camera see a part of a head's face from the front, "face" or "mouth" of VIEWS."""
    camera: Any = bpy.context.scene.camera
    rig: Any = rig_of(body)
    share, near = VIEWS[view]
    eyes = [rig.matrix_world @ rig.pose.bones[f"DEF-eye.{side}"].head for side in "LR"]
    chin, middle = rig.matrix_world @ rig.pose.bones["DEF-jaw"].tail, (eyes[0] + eyes[1]) / 2
    target = Vector((middle.x, middle.y, middle.z + share * (chin.z - middle.z)))
    camera.location = target + (camera.location - target).length * Vector((0.16, -0.98, 0.06)).normalized()
    camera.rotation_euler = (target - camera.location).to_track_quat("-Z", "Y").to_euler()
    camera.data.lens = PORTRAIT * near


def preview(thing: bpy.types.ID, size: int) -> None:
    """Render what the scene's camera sees and make it a data-block's preview; `size` pixels each way."""
    with tempfile.TemporaryDirectory(prefix="headroom-preview-") as scratch:
        path = Path(scratch) / "preview.png"
        render.still(path, size, SAMPLES if compat.denoises() else NOISY_SAMPLES)
        image = bpy.data.images.load(str(path))
        pixels = np.empty(size * size * 4, np.float32)
        shown: Any = image.pixels  # read when they are asked for, so while the file is there
        shown.foreach_get(pixels)
    bpy.data.images.remove(image)
    made: Any = thing.preview_ensure()
    made.image_size = (size, size)
    made.image_pixels_float.foreach_set(pixels)


def write(path: Path, things: Iterable[bpy.types.ID]) -> None:
    """Write data-blocks, with what they need, into a .blend of their own."""
    path.parent.mkdir(exist_ok=True)
    bpy.data.libraries.write(str(path), set(things), fake_user=True, compress=True)


def save(path: Path) -> None:
    """Write the open file without what `light` put there: Blender 5.0 loses the previews of collections that `write`
    writes."""
    collection = bpy.data.collections[studio.NAME]
    for thing in list(collection.objects):
        bpy.data.objects.remove(thing)
    bpy.data.collections.remove(collection)
    path.parent.mkdir(exist_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True, compress=True)


def append_head(path: str, name: str, scene: bpy.types.Scene) -> bpy.types.Object:
    """Append the collection of a head, with all that belongs to it, select the head and give it; a collection of the
    open file, when `path` is empty, is copied by Blender's own tools, not here.

    Raises `InputError` when there is no such head.
    """
    if not path or not Path(path).is_file():
        raise InputError(f"{path or name}: no such file; refresh the Asset Browser")
    libraries: Any = bpy.data.libraries
    with libraries.load(path) as (there, wanted):
        wanted.collections = [one for one in there.collections if one == name]
    collection = next(iter(wanted.collections), None)
    body = next((one for one in collection.all_objects if is_head(one)), None) if collection is not None else None
    if collection is None or body is None:
        raise InputError(f"{path}: has no head {name}; refresh the Asset Browser")
    collection.asset_clear()
    scene.collection.children.link(collection)
    select_only(body)
    return body
