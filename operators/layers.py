# mypy: disable-error-code="valid-type,override"
"""Work on the active head's layers: hear one alone, edit its keys, thin them out, delete it."""

from typing import Any

import bpy

from ..addon.keys import KeysProperties, layer_property
from ..addon.properties import options_from
from ..addon.translate import rpt_, tip_
from .sidebar import FromSidebar


class OnLayers:
    """Base of operators on a layer of the active head, which may be active by its rig; they say why they cannot."""

    poll_message_set: Any

    layer: layer_property()

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Wants a head that already moves, and says why when there is none."""
        from ..addon.bridge import stack

        reason = stack.why_not(stack.owner(context.active_object) or context.active_object)
        if reason:
            cls.poll_message_set(tip_(reason))
        return not reason

    def body(self, context: bpy.types.Context) -> bpy.types.Object:
        """Give the head; raises `InputError` when it has no such layer."""
        from ..addon.bridge import layers, stack
        from ..core.errors import InputError

        body: Any = stack.owner(context.active_object)
        if self.layer not in layers.names_on(body):
            there = ", ".join(layers.names_on(body))
            raise InputError(f"{body.name} has no keys on layer {self.layer}; it has {there}: choose one of these")
        return body

    def work(self, context: bpy.types.Context) -> None:
        """Do it; raises `InputError` for bad wishes."""
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> Any:
        """Do it, or report why not."""
        from ..core.errors import HeadroomError

        try:
            self.work(context)
        except HeadroomError as error:
            self.report({"ERROR"}, rpt_(str(error)))  # type: ignore[attr-defined]
            return {"CANCELLED"}
        return {"FINISHED"}


class HEADROOM_OT_solo_layer(OnLayers, bpy.types.Operator):  # noqa: N801
    """See one layer alone."""

    bl_idname = "headroom.solo_layer"
    bl_label = "Solo"
    bl_description = "Let this layer alone move the head; pressed again, all of them"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def work(self, context: bpy.types.Context) -> None:
        """Mute the others, or none."""
        from ..addon.bridge import stack

        alone = stack.solo(self.body(context), self.layer)
        self.report({"INFO"}, rpt_(f"{self.layer} alone" if alone else "all layers"))


class HEADROOM_OT_edit_layer(OnLayers, bpy.types.Operator):  # noqa: N801
    """Open the keys of a layer, or close them again."""

    bl_idname = "headroom.edit_layer"
    bl_label = "Edit Keys"
    bl_description = (
        "Open this layer's keys in Dope Sheet and Graph Editor; what lies above them is off meanwhile. Pressed again, "
        "all layers are played with what was changed"
    )
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def work(self, context: bpy.types.Context) -> None:
        """Enter or leave NLA tweak mode with all that the layer moves."""
        from ..addon.bridge import stack

        body = self.body(context)
        if stack.edited(body) == self.layer:
            stack.leave(body)
        else:
            stack.edit(body, self.layer, context.view_layer)


class HEADROOM_OT_delete_layer(OnLayers, bpy.types.Operator):  # noqa: N801
    """Delete a layer with its keys."""

    bl_idname = "headroom.delete_layer"
    bl_label = "Delete Layer"
    bl_description = "Delete this layer with its keys, on all that it moves; other layers and keys made by hand stay"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask first."""
        return context.window_manager.invoke_confirm(self, event)  # type: ignore[return-value]

    def work(self, context: bpy.types.Context) -> None:
        """Remove its tracks."""
        from ..addon.bridge import stack

        body = self.body(context)
        stack.delete(body, self.layer)
        self.report({"INFO"}, rpt_(f"{body.name}: {self.layer} deleted"))


class HEADROOM_OT_reduce_keys(FromSidebar, KeysProperties, OnLayers, bpy.types.Operator):  # noqa: N801
    """Lay few keys through a layer of the active head."""

    bl_idname = "headroom.reduce_keys"
    bl_label = "Reduce Keys"
    bl_description = "Lay few keys through what is on a layer of the active head now, hand edits included"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def work(self, context: bpy.types.Context) -> None:
        """Read the layer at every frame and write few keys in the place of its own."""
        from ..addon.bridge import actions, takes
        from ..core.curves.reduce import ReduceOptions

        body, options = self.body(context), options_from(ReduceOptions, self)
        before, after = actions.reduce_layer(body, self.layer, options)
        if self.layer == "lips":
            takes.remember_keys(body, options)
        self.report({"INFO"}, rpt_(f"{self.layer}: {after} keys, {before} before"))
