"""Operators that work with the sidebar's settings, wherever they are called from."""

from typing import Any

import bpy

from ..addon.properties import hand_over, settings_of


class FromSidebar:
    """Base of operators that take the sidebar's settings when they are called with none of their own: by its button, a
    shortcut, a favorite or the search. Called from a script they take their defaults, as all operators do.

    Comes before `JobOperator` among the bases; subclasses whose panel has settings of its own say which.
    """

    properties: Any
    execute: Any

    def settings(self, context: bpy.types.Context) -> Any:
        """Give what holds the settings: properties of the same names count."""
        return settings_of(context.scene)

    def take_over(self, context: bpy.types.Context) -> None:
        """Copy the settings."""
        hand_over(self.settings(context), self.properties)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event | None) -> Any:
        """Take the settings over and go on as usual."""
        names = self.properties.bl_rna.properties.keys()
        if not any(self.properties.is_property_set(name) for name in names if name != "rna_type"):
            self.take_over(context)
        usual = getattr(super(), "invoke", None)
        return usual(context, event) if usual is not None else self.execute(context)
