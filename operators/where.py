"""Where operators may run, asked in the same way by all that share an answer."""

from typing import Any

import bpy

from ..addon.translate import tip_


class InObjectMode:
    """Base of operators that add objects, which needs Object Mode, and say so."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Objects are added in Object Mode."""
        if context.mode != "OBJECT":
            cls.poll_message_set(tip_("Switch to Object Mode first"))  # type: ignore[attr-defined]
            return False
        return True


class OnSpeaker:
    """Base of operators that want a head that can speak, itself or through its rig, and say so."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Wants a mesh that can speak, and says why when there is none; cheap."""
        from ..addon.bridge import takes

        reason = takes.why_not(context.active_object)
        if reason:
            cls.poll_message_set(tip_(reason))  # type: ignore[attr-defined]
        return not reason


def speaker_of(context: bpy.types.Context) -> bpy.types.Object:
    """Give the head that is to speak or play. Raises `InputError` when there is none: a drop is not polled."""
    from ..addon.bridge import takes
    from ..core.errors import InputError

    if reason := takes.why_not(context.active_object):
        raise InputError(reason)
    body: Any = takes.speaker(context.active_object)
    return body


def still_there(name: str) -> bpy.types.Object:
    """Give the head that work was begun for. Raises `InputError` when it can speak no more."""
    from ..addon.bridge.heads import why_not
    from ..core.errors import InputError

    body: bpy.types.Object | None = bpy.data.objects.get(name)
    if body is None or why_not(body):
        raise InputError(f"{name} has gone or lost its shape keys meanwhile; select a head and try again")
    return body


def over_viewport(context: bpy.types.Context) -> bool:
    """Tell whether a file is dropped on a 3D viewport."""
    return context.area is not None and context.area.type == "VIEW_3D"
