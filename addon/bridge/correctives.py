"""Shape keys that follow from others, or from bones, by drivers that need neither Headroom nor scripts."""

from __future__ import annotations

from collections.abc import Iterable

import bpy

from ...core.head.correctives import CORRECTIVES, FOLLOW
from ...core.performance import SHAPES
from .controls import turn_in_world
from .drivers import Property, Turn, drive
from .skeleton import DEFORM

OURS = frozenset((*SHAPES, *CORRECTIVES, *FOLLOW))
"""Names of every shape key that the model makes; others on a head are an artist's."""


def connect(body: bpy.types.Object, rig: bpy.types.Object | None, names: Iterable[str]) -> None:
    """Drive those of the named keys that are correctives by what they mend, the others by the bones they follow."""
    keys = body.data.shape_keys
    for name in names:
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
            followed = FOLLOW[name]
            kind, sign = turn_in_world(rig.data.bones[DEFORM + followed.joint], followed.axis)
            turn = Turn(rig, DEFORM + followed.joint, kind)
            drive(keys, path, f"max({sign / followed.angle:.6f}*a,0)", {"a": turn})
