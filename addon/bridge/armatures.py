"""A head's joints as an armature."""

from __future__ import annotations

import bpy
from mathutils import Vector

from ...core.head.head import Head


def new_armature(name: str, head: Head, collection: bpy.types.Collection) -> bpy.types.Object:
    """Make the armature object with one bone per joint, in `collection`, at the origin.

    Bones can only be made in Edit Mode, so this switches to it and back to Object Mode; the active object changes.
    """
    armature = bpy.data.armatures.new(name)
    rig = bpy.data.objects.new(name, armature)
    collection.objects.link(rig)
    layer = bpy.context.view_layer
    layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    try:
        bones: list[bpy.types.EditBone] = []
        for joint, bone_name in enumerate(head.joint_names):
            bone = armature.edit_bones.new(bone_name)
            bone.head, bone.tail = Vector(head.joints[joint].tolist()), Vector(head.joint_tails[joint].tolist())
            bone.align_roll((0.0, 0.0, 1.0) if abs(bone.vector.normalized().z) < 0.7 else (0.0, -1.0, 0.0))
            if head.joint_parents[joint] >= 0:
                bone.parent = bones[head.joint_parents[joint]]
            bones.append(bone)
    finally:
        bpy.ops.object.mode_set(mode="OBJECT")
    for posed in rig.pose.bones:
        posed.rotation_mode = "XYZ"
    armature.display_type = "STICK"
    return rig
