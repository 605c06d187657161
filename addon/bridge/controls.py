"""What makes a head's control bones move its deform bones: constraints and drivers, stage by stage as in Rigify.

Nothing here needs Headroom or scripts when the file is opened later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy
import numpy as np

from ...core.head import anatomy
from ...core.head.head import Head
from .drivers import Property, Turn, drive
from .skeleton import DEFORM, MECHANISM, UPPER, eyes_of, neck_shares, skull_of, spine_of

LIMITS, EYES_AIM, EYES_FOLLOW = "limits", "eyes_aim", "eyes_follow_head"
SWITCHES = {
    LIMITS: "How strongly joints are held within what people can do",
    EYES_AIM: "Whether the eyes look at their target (1) or are turned by their own controls alone (0)",
    EYES_FOLLOW: "Whether the eyes' target moves with the head (1) or stays in the world (0)",
}
"""Custom properties of the rig, each 0 to 1."""


def connect(rig: bpy.types.Object, head: Head) -> None:
    """Add every constraint and driver of a fresh rig."""
    add_switches(rig)
    bones = rig.pose.bones
    for bone in bones:
        bone.rotation_mode = "XYZ"
    for stage in (_chest, _neck, _jaw, _larynx, _eyes):
        stage(rig, head)


def add_switches(rig: bpy.types.Object) -> None:
    """Give the rig the properties that switch limits and the aim of the eyes."""
    for name, text in SWITCHES.items():
        rig[name] = 1.0
        shown: Any = rig.id_properties_ui(name)  # type: ignore[func-returns-value]
        shown.update(min=0.0, max=1.0, soft_min=0.0, soft_max=1.0, default=1.0, description=text, subtype="FACTOR")
        rig.property_overridable_library_set(f'["{name}"]', True)


def _chest(rig: bpy.types.Object, head: Head) -> None:
    if "chest" in rig.pose.bones:
        _constrain(rig, DEFORM + "chest", "COPY_TRANSFORMS", "chest")
        _lock(rig, "chest", scale=True)
    _lock(rig, "root")


def _neck(rig: bpy.types.Object, head: Head) -> None:
    """Spread the turns of neck and head over the vertebrae; the skull ends up turned exactly as the head control."""
    names, skull = head.joint_names, skull_of(head.joint_names)
    if not skull:
        return
    for axis, motions in enumerate((("flexion", "extension"), ("axial", "axial"), ("lateral", "lateral"))):
        (neck_up, head_up), (neck_down, head_down) = (neck_shares(names, motion) for motion in motions)
        for joint in spine_of(names):
            parts, variables = [], {}
            for letter, control, up, down in (("n", "neck", neck_up, neck_down), ("h", "head", head_up, head_down)):
                if joint not in up:
                    continue
                parts.append(_both_ways(letter, up[joint], down[joint]))
                variables[letter] = Turn(rig, control, f"ROT_{'XYZ'[axis]}")
            if parts:
                path = rig.pose.bones[DEFORM + joint].path_from_id("rotation_euler")
                drive(rig, path, "+".join(parts), variables, axis)
    _constrain(rig, DEFORM + skull, "COPY_ROTATION", MECHANISM + "skull", space="POSE")
    for joint in anatomy.SPINE[:-1]:
        if joint in names:
            _hold_vertebra(rig, DEFORM + joint, (joint,))
    known = tuple(name for name in anatomy.SPINE if name in names)
    if len(known) > 1:
        _hold_vertebra(rig, "neck", tuple(name for name in known if name not in UPPER))
        _hold_vertebra(rig, "head", known)
    for control in ("neck", "head"):
        _lock(rig, control, location=True, scale=True)


def _jaw(rig: bpy.types.Object, head: Head) -> None:
    """Turn the jaw about its hinge, which slides forward and down as the jaw opens."""
    if "jaw_master" not in rig.pose.bones:
        return
    aim_slide(rig)
    _constrain(rig, DEFORM + "jaw", "COPY_ROTATION", "jaw_master")
    limits = anatomy.JAW_LIMITS
    _hold(rig, "jaw_master", (-0.05, limits["open"]), (-limits["side"], limits["side"]), (-0.1, 0.1))
    _hold_place(rig, "jaw_master", [(-limits["forward"], limits["forward"])] * 3)
    _lock(rig, "jaw_master", scale=True)


def aim_slide(rig: bpy.types.Object) -> None:
    """Drive the hinge's slide, which is the same in the head but not in the bone's own axes: again for each person."""
    bone: bpy.types.PoseBone | None = rig.pose.bones.get(DEFORM + "jaw")
    if bone is None or "jaw_master" not in rig.pose.bones:
        return
    slide = np.array(bone.bone.matrix_local.to_3x3()).T @ anatomy.JAW_SLIDE
    for axis, metres in enumerate(slide.tolist()):
        variables: dict[str, Property | Turn] = {
            "a": Turn(rig, "jaw_master", f"LOC_{'XYZ'[axis]}"), "b": Turn(rig, "jaw_master", "ROT_X"),
        }  # fmt: skip
        drive(rig, bone.path_from_id("location"), f"a+{metres:.6f}*max(b,0)", variables, axis)


def _larynx(rig: bpy.types.Object, head: Head) -> None:
    """Let the larynx slide along the neck."""
    if "larynx" not in rig.pose.bones:
        return
    _constrain(rig, DEFORM + "larynx", "COPY_TRANSFORMS", "larynx", space="LOCAL")
    limits, along = anatomy.LARYNX_LIMITS, rig.pose.bones["larynx"].bone.matrix_local.to_3x3().row[2]
    longest = max(range(3), key=lambda axis: abs(along[axis]))  # the bone's axis that runs up the neck
    ranges = [(-0.004, 0.004)] * 3
    ranges[longest] = (-limits["Down"], limits["Up"]) if along[longest] > 0 else (-limits["Up"], limits["Down"])
    _hold_place(rig, "larynx", ranges)
    _lock(rig, "larynx", rotation=True, scale=True)


def _eyes(rig: bpy.types.Object, head: Head) -> None:
    """Aim the eyes at targets, and let each be turned by hand on top of that."""
    if "eyes" not in rig.pose.bones:
        return
    follow = _constrain(rig, MECHANISM + "eyes", "COPY_TRANSFORMS", MECHANISM + "eyes_head", space="POSE")
    _switch(rig, MECHANISM + "eyes", follow, EYES_FOLLOW)
    limits = anatomy.EYE_LIMITS
    for side in eyes_of(head.joint_names):
        aim = _constrain(rig, f"{MECHANISM}eye.{side}", "DAMPED_TRACK", f"eye.{side}")
        aim.track_axis = "TRACK_Y"
        _switch(rig, f"{MECHANISM}eye.{side}", aim, EYES_AIM)
        _constrain(rig, f"{DEFORM}eye.{side}", "COPY_ROTATION", f"master_eye.{side}", space="POSE")
        inward, outward = (-limits["In"], limits["Out"]) if side == "L" else (-limits["Out"], limits["In"])
        _hold(rig, f"{DEFORM}eye.{side}", (-limits["Down"], limits["Up"]), (-0.2, 0.2), (inward, outward))
        _lock(rig, f"master_eye.{side}", location=True, scale=True)
        _lock(rig, f"eye.{side}", rotation=True, scale=True)
    _lock(rig, "eyes", scale=True)


def turn_in_world(bone: bpy.types.Bone, axis: str) -> tuple[str, int]:
    """Tell which local turn of a bone comes next to one about the resting head's X or Z, and its sign."""
    along: Any = bone.matrix_local.to_3x3().row["XYZ".index(axis)]
    nearest = max(range(3), key=lambda k: abs(along[k]))
    return f"ROT_{'XYZ'[nearest]}", 1 if along[nearest] > 0 else -1


def _both_ways(letter: str, up: float, down: float) -> str:
    if abs(up - down) < 1e-6:
        return f"{up:.5f}*{letter}"
    return f"{up:.5f}*max({letter},0)+{down:.5f}*min({letter},0)"


def _constrain(rig: bpy.types.Object, owner: str, kind: Any, target: str, space: Any = "LOCAL") -> Any:
    made: Any = rig.pose.bones[owner].constraints.new(kind)
    made.target, made.subtarget = rig, target
    if kind != "DAMPED_TRACK":
        made.owner_space = made.target_space = space
    return made


def _hold_vertebra(rig: bpy.types.Object, bone: str, joints: tuple[str, ...]) -> None:
    turn: Callable[[str], float] = lambda motion: anatomy.limit(motion, joints)  # noqa: E731
    axial, lateral = turn("axial"), turn("lateral")
    _hold(rig, bone, (-turn("extension"), turn("flexion")), (-axial, axial), (-lateral, lateral))


def _hold(
    rig: bpy.types.Object, bone: str, x: tuple[float, float], y: tuple[float, float], z: tuple[float, float]
) -> None:
    """Limit how far a bone turns about its own axes, radians."""
    limit: Any = rig.pose.bones[bone].constraints.new("LIMIT_ROTATION")
    limit.owner_space = "LOCAL"
    for axis, (low, high) in zip("xyz", (x, y, z), strict=True):
        setattr(limit, f"use_limit_{axis}", True)
        setattr(limit, f"min_{axis}", low)
        setattr(limit, f"max_{axis}", high)
    limit.use_transform_limit = not bone.startswith((DEFORM, MECHANISM))
    _switch(rig, bone, limit, LIMITS)


def _hold_place(rig: bpy.types.Object, bone: str, ranges: list[tuple[float, float]]) -> None:
    """Limit how far a bone moves along its own axes, metres."""
    limit: Any = rig.pose.bones[bone].constraints.new("LIMIT_LOCATION")
    limit.owner_space = "LOCAL"
    for axis, (low, high) in zip("xyz", ranges, strict=True):
        for end, value in (("min", low), ("max", high)):
            setattr(limit, f"use_{end}_{axis}", True)
            setattr(limit, f"{end}_{axis}", value)
    limit.use_transform_limit = True
    _switch(rig, bone, limit, LIMITS)


def _switch(rig: bpy.types.Object, bone: str, constraint: Any, name: str) -> None:
    """Let one of the rig's SWITCHES set how strongly a constraint works."""
    path = f'pose.bones["{bone}"].constraints["{constraint.name}"].influence'
    drive(rig, path, "a", {"a": Property(rig, f'["{name}"]')})


def _lock(
    rig: bpy.types.Object, bone: str, location: bool = False, rotation: bool = False, scale: bool = False
) -> None:
    """Keep an animator from moving what has no effect."""
    posed: Any = rig.pose.bones[bone]
    for name, locked in (("location", location), ("rotation", rotation), ("scale", scale)):
        setattr(posed, f"lock_{name}", (locked,) * 3)
    if rotation:
        posed.lock_rotation_w = posed.lock_rotations_4d = True
