# mypy: disable-error-code="valid-type,override"
"""Keep people for later: save the active head's person, make a head that person again, forget it."""

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import EnumProperty, StringProperty

from ..addon.translate import rpt_, tip_
from .person import ChangeOperator, OnHead, head_or_reason

if TYPE_CHECKING:
    from ..core.head.identity import Identity

_items: list[tuple[str, str, str]] = []


def _people(self: object, context: bpy.types.Context | None) -> list[tuple[str, str, str]]:
    """List who is saved; kept alive here, since Blender does not copy the words."""
    from ..addon import people

    _items[:] = [(name, name, "") for name in people.names()]
    return _items


def person_property() -> Any:
    """Declare the choice of a saved person."""
    return EnumProperty(name="Person", description="Which of the people that were saved", items=_people)


def _nobody(cls: Any) -> bool:
    from ..addon import people

    if not people.names():
        cls.poll_message_set(tip_("Nobody is saved yet"))
        return True
    return False


class HEADROOM_OT_save_person(OnHead, bpy.types.Operator):  # noqa: N801
    """Save who the active head is."""

    bl_idname = "headroom.save_person"
    bl_label = "Save Person"
    bl_description = "Save who this head is, so that any head in any file can become this person"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    name: StringProperty(name="Name", description="What the person is called")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask for a name."""
        return context.window_manager.invoke_props_dialog(self)  # type: ignore[return-value]

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Write it into Blender's folder of user presets."""
        from ..addon import people
        from ..addon.bridge import heads
        from ..core.errors import HeadroomError

        body, _ = head_or_reason(context)
        try:
            name = people.save(self.name, heads.drawn_of(body))
        except HeadroomError as error:
            self.report({"ERROR"}, rpt_(str(error)))
            return {"CANCELLED"}
        self.report({"INFO"}, rpt_(f"{name} is saved"))
        return {"FINISHED"}


class HEADROOM_OT_apply_person(ChangeOperator):  # noqa: N801
    """Make the active head a person that was saved."""

    bl_idname = "headroom.apply_person"
    bl_label = "Saved People"
    bl_description = "Make the active head a person that was saved; its animation and its materials stay"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    name: person_property()

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Wants one of our heads, and somebody saved."""
        return super().poll(context) and not _nobody(cls)

    def change(self, body: bpy.types.Object, identity: "Identity") -> "tuple[Identity, str]":
        """Whoever was saved, at the level that the head has."""
        from ..addon import people
        from ..addon.bridge.heads import level_of

        return people.load(self.name), level_of(body)


class HEADROOM_OT_remove_person(bpy.types.Operator):  # noqa: N801
    """Forget a person that was saved."""

    bl_idname = "headroom.remove_person"
    bl_label = "Remove Person"
    bl_description = "Delete a person that was saved; heads in files stay as they are"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    name: person_property()

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Wants somebody saved."""
        return not _nobody(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Delete the file."""
        from ..addon import people
        from ..core.errors import HeadroomError

        try:
            people.remove(self.name)
        except HeadroomError as error:
            self.report({"ERROR"}, rpt_(str(error)))
            return {"CANCELLED"}
        return {"FINISHED"}
