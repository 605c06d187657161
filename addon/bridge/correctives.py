"""Shape keys that follow from others, or from the eye bones, by drivers that need neither Headroom nor scripts."""

from __future__ import annotations

import bpy

from ...core.head.correctives import CORRECTIVES, FOLLOW
from .controls import turn_in_world
from .drivers import Property, Turn, drive
from .skeleton import DEFORM


def driven(name: str) -> bool:
    """Tell whether a shape key of this name follows from something else."""
    return name in CORRECTIVES or name in FOLLOW


def connect(body: bpy.types.Object, rig: bpy.types.Object | None) -> None:
    """Drive every corrective key of a mesh by the keys it mends, and every following lid by its eye bone."""
    keys = body.data.shape_keys
    for name in keys.key_blocks.keys():
        path = f'key_blocks["{name}"].value'
        if name in CORRECTIVES:
            rule = CORRECTIVES[name]
            if all(channel in keys.key_blocks for channel in rule.channels):
                variables: dict[str, Property | Turn] = {
                    letter: Property(keys, f'key_blocks["{channel}"].value')
                    for letter, channel in zip("abcdef", rule.channels, strict=False)
                }
                drive(keys, path, rule.expression, variables)
        elif name in FOLLOW and rig is not None and DEFORM + FOLLOW[name].joint in rig.data.bones:
            lid = FOLLOW[name]
            kind, sign = turn_in_world(lid.axis)
            turn = Turn(rig, DEFORM + lid.joint, kind)
            drive(keys, path, f"max({sign / lid.angle:.6f}*a,0)", {"a": turn})
