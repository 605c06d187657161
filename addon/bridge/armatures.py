"""A head's joints as an armature that an animator can work with: deform bones, controls, colors, widgets."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from mathutils import Vector

from ...core.head.head import Head
from . import controls, widgets
from .skeleton import DEFORM, MECHANISM, Bone, layout

LOOKS = {
    "root": ("root", "THEME09", 0.0), "chest": ("ring", "THEME09", 0.5), "neck": ("ring", "THEME09", 0.5),
    "head": ("head", "THEME09", 0.62), "jaw_master": ("jaw", "THEME04", 1.12), "larynx": ("diamond", "THEME04", 0.0),
    "eyes": ("eyes", "THEME01", 0.0), "eye.L": ("ring", "THEME01", 0.0), "eye.R": ("ring", "THEME01", 0.0),
    "master_eye.L": ("eye", "THEME01", 0.0), "master_eye.R": ("eye", "THEME01", 0.0),
}  # fmt: skip
"""Control -> its widget, its color, and how far along the bone the widget stands."""


def new_armature(
    name: str, head: Head, collection: bpy.types.Collection, scene: bpy.types.Scene | None = None
) -> bpy.types.Object:
    """Make the rig of a head in `collection`, at the origin.

    Bones can only be made in Edit Mode, so this switches to it and back to Object Mode; the active object changes.
    """
    armature = bpy.data.armatures.new(name)
    rig = bpy.data.objects.new(name, armature)
    collection.objects.link(rig)
    bones = layout(head)
    _in_edit_mode(rig, lambda: _make_bones(armature, bones))
    controls.connect(rig, head)
    sort_bones(armature)
    dress(rig, head, scene or bpy.context.scene)
    armature.display_type = "STICK"
    return rig


def refit(rig: bpy.types.Object, head: Head) -> None:
    """Move the bones of an existing rig to where another person has them; poses, keys and constraints stay."""
    bones = {name: bone for name, bone in layout(head).items() if name in rig.data.bones}
    if not all(_rests_at(rig.data.bones[name], bone) for name, bone in bones.items()):
        _in_edit_mode(rig, lambda: _move_bones(rig.data, bones))
        controls.aim_slide(rig)
        dress(rig, head, bpy.context.scene)


def _in_edit_mode(rig: bpy.types.Object, work: Any) -> None:
    """Do something with a rig's edit bones; the active object, what is hidden and the mode come back."""
    layer = bpy.context.view_layer
    before, mode = layer.objects.active, bpy.context.mode
    if before is not None and mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    hidden, rig.hide_viewport = rig.hide_viewport, False
    away = rig.hide_get()
    rig.hide_set(False)
    layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    try:
        work()
    finally:
        bpy.ops.object.mode_set(mode="OBJECT")
        rig.hide_set(away)
        rig.hide_viewport = hidden
        if before is not None:
            layer.objects.active = before
            if mode == "POSE":
                bpy.ops.object.mode_set(mode="POSE")


def _make_bones(armature: bpy.types.Armature, bones: dict[str, Bone]) -> None:
    for name, bone in bones.items():
        made = armature.edit_bones.new(name)
        _place(made, bone)
        made.use_deform = name.startswith(DEFORM)
        if bone.parent:
            made.parent = armature.edit_bones[bone.parent]


def _move_bones(armature: Any, bones: dict[str, Bone]) -> None:
    for name, bone in bones.items():
        _place(armature.edit_bones[name], bone)


def _place(made: bpy.types.EditBone, bone: Bone) -> None:
    made.head, made.tail = Vector(bone.head.tolist()), Vector(bone.tail.tolist())
    made.align_roll(Vector(bone.z.tolist()))


def _rests_at(there: bpy.types.Bone, bone: Bone) -> bool:
    places = np.array([there.head_local, there.tail_local])
    return np.allclose(places, [bone.head, bone.tail], atol=1e-6)


def sort_bones(armature: bpy.types.Armature) -> None:
    """Put the bones into collections; only the controls are shown."""
    made = {title: armature.collections.new(title) for title in ("Controls", "Deform", "Mechanism")}
    for bone in armature.bones:
        kind = "Deform" if bone.name.startswith(DEFORM) else "Controls"
        made["Mechanism" if bone.name.startswith(MECHANISM) else kind].assign(bone)
    made["Deform"].is_visible = made["Mechanism"].is_visible = False


def dress(rig: bpy.types.Object, head: Head, scene: bpy.types.Scene) -> None:
    """Give the controls widgets, sized after the head, and colors."""
    width = float(np.ptp(head.neutral[:, 0]))
    if "head" in rig.data.bones:
        above = head.neutral[head.neutral[:, 2] > rig.data.bones["head"].head_local.z]
        width = float(np.ptp(above[:, 0])) if len(above) else width
    sizes = {
        "root": 0.95 * width, "chest": 0.75 * width, "neck": 0.52 * width, "head": 0.76 * width,
        "jaw_master": 0.22 * width, "larynx": 0.1 * width, "eyes": 0.16 * width,
    }  # fmt: skip
    for name, (kind, color, along) in LOOKS.items():
        if name not in rig.pose.bones:
            continue
        bone: Any = rig.pose.bones[name]
        bone.custom_shape = widgets.shape(kind, scene)
        bone.use_custom_shape_bone_size = False
        bone.custom_shape_scale_xyz = (sizes.get(name, 0.09 * width),) * 3
        forward = 0.0
        if name == "larynx":
            forward = 0.16 * width
        bone.custom_shape_translation = (0.0, along * bone.bone.length, forward)
        if name.startswith("master_eye"):
            bone.custom_shape_translation = (0.0, 0.16 * width, 0.0)
        bone.bone.color.palette = color
        if hasattr(bone, "custom_shape_wire_width"):
            bone.custom_shape_wire_width = 1.5
    if "head" in rig.pose.bones and "DEF-skull" in rig.pose.bones:
        rig.pose.bones["head"].custom_shape_transform = rig.pose.bones["DEF-skull"]
