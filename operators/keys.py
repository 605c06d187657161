# mypy: disable-error-code="valid-type,override"
"""Make few keys of many."""

import bpy

from ..addon.keys import KeysProperties, LayerProperties
from ..addon.properties import options_from


class HEADROOM_OT_reduce_keys(KeysProperties, LayerProperties, bpy.types.Operator):  # noqa: N801
    """Lay few keys through a layer of the active head."""

    bl_idname = "headroom.reduce_keys"
    bl_label = "Reduce Keys"
    bl_description = "Lay few keys through what is on a layer of the active head now, hand edits included"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Wants a head that already moves, and says why when there is none."""
        from ..addon.bridge import heads, layers

        body = heads.head_of(context.active_object) or context.active_object
        reason = heads.why_not(body)
        if not reason and not layers.names_on(body):
            reason = f"{body.name} has no layer of keys yet; let it speak first"
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Read the layer at every frame and write few keys in the place of its own."""
        from ..addon.bridge import actions, heads, takes
        from ..core.curves.reduce import ReduceOptions
        from ..core.errors import HeadroomError

        body = heads.head_of(context.active_object) or context.active_object
        options = options_from(ReduceOptions, self)
        try:
            before, after = actions.reduce_layer(body, self.layer, options)
        except HeadroomError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if self.layer == "lips":
            takes.remember_keys(body, options)
        self.report({"INFO"}, f"{self.layer}: {after} keys, {before} before")
        return {"FINISHED"}
