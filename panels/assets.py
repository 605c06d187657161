"""The sidebar's panel that makes the asset library, the viewport's shelf of expressions, and entries for assets."""

from typing import Any

import bpy

from ..addon import active
from .layout import Tab, button

TAG = "headroom"
"""Tag of what the shelf shows; an artist's own expression is shown with it too."""


class HEADROOM_PT_assets(Tab, bpy.types.Panel):  # noqa: N801
    """Sample heads, expressions and visemes for the Asset Browser."""

    bl_label = "Assets"
    bl_parent_id = "HEADROOM_PT_head"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        """The button, and the switch of the shelf."""
        layout = self.layout
        button(layout, context, "headroom.make_asset_library", "ASSET_MANAGER", scale=1.2)
        layout.prop(context.space_data, "show_region_asset_shelf", text="Expressions in the Viewport", toggle=True)


def is_ours(asset: Any, kind: str) -> bool:
    """Tell whether an asset is one of ours, of this kind of data-block."""
    return asset is not None and asset.id_type == kind and any(tag.name == TAG for tag in asset.metadata.tags)


class HEADROOM_AST_expressions(bpy.types.AssetShelf):  # noqa: N801
    """Expressions below the viewport, one click each."""

    bl_space_type = "VIEW_3D"
    bl_idname = "HEADROOM_AST_expressions"
    bl_options = {"NO_ASSET_DRAG"}  # noqa: RUF012
    bl_activate_operator = "HEADROOM_OT_apply_expression"
    bl_default_preview_size = 96

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """In Object Mode, for heads."""
        return context.mode == "OBJECT" and not active.why_not_speak(context)

    @classmethod
    def asset_poll(cls, asset: Any) -> bool:
        """Actions with our tag."""
        return is_ours(asset, "ACTION")

    @classmethod
    def draw_context_menu(cls, context: bpy.types.Context, asset: Any, layout: bpy.types.UILayout) -> None:
        """The same as a click."""
        layout.operator("headroom.apply_expression")


def draw_asset(self: Any, context: bpy.types.Context) -> None:
    """Add to the Asset Browser's menu what can be done with one of our assets."""
    asset = getattr(context, "asset", None)
    for kind, operator in (("ACTION", "headroom.apply_expression"), ("COLLECTION", "headroom.add_asset_head")):
        if is_ours(asset, kind):
            self.layout.separator()
            self.layout.operator(operator)
