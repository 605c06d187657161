"""Where operators may run, asked in the same way by all that share an answer."""

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


def over_viewport(context: bpy.types.Context) -> bool:
    """Tell whether a file is dropped on a 3D viewport."""
    return context.area is not None and context.area.type == "VIEW_3D"
