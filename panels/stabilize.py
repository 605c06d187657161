"""The sidebar's panels for stabilizing captures."""

import bpy

from ..addon import active
from ..addon.properties import settings_of
from ..addon.translate import iface_
from .layout import Tab, button, columns, hint
from .presets import HEADROOM_PT_stabilize_presets


class HEADROOM_PT_stabilize(Tab, bpy.types.Panel):  # noqa: N801
    """Taking the head's motion out of captures."""

    bl_label = "Stabilize"
    bl_idname = "HEADROOM_PT_stabilize"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        """Presets, at the right of the header."""
        HEADROOM_PT_stabilize_presets.draw_panel_header(self.layout)

    def draw(self, context: bpy.types.Context) -> None:
        """What to stabilize, where it goes, and the button."""
        settings = settings_of(context.scene).stabilize
        self.layout.row(align=True).prop(settings, "source", expand=True)
        folder = settings.source == "FOLDER"
        if not folder:
            hint(self.layout, context, active.why_not_stabilize(context))
        layout = columns(self.layout)
        if folder:
            layout.prop(settings, "folder")
            layout.prop(settings, "ordered")
        layout.prop(settings, "neutral")
        row = layout.row()
        row.active = not settings.neutral
        row.prop(settings, "frame")
        layout.prop(settings, "smoothing")
        layout.prop(settings, "motion")
        if settings.motion == "BONE":
            layout.prop(settings, "rig")
            if settings.rig is not None:
                layout.prop_search(settings, "bone", settings.rig.data, "bones")
        layout.prop(settings, "face")
        name = "headroom.stabilize_folder" if folder else "headroom.stabilize"
        button(layout, context, name, "CON_CAMERASOLVER")


class HEADROOM_PT_capture(Tab, bpy.types.Panel):  # noqa: N801
    """What was found in a capture."""

    bl_label = "Result"
    bl_parent_id = "HEADROOM_PT_stabilize"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only for a stabilized face."""
        return bool(active.capture(context))

    def draw(self, context: bpy.types.Context) -> None:
        """Numbers, small graphs, and what can be done next."""
        found, layout = active.capture(context), self.layout
        column = layout.column(align=True)
        column.label(text=iface_(f"{found['frames']} frames, held to {found['reference_name']}"))
        for title, name, text in (
            (iface_("Residual"), "residual_mm", "{:.2f} mm, at most {:.2f} mm".format(*found["residual"])),
            (iface_("Confidence"), "confidence", "{:.0%}, at least {:.0%}".format(*found["confidence"])),
        ):
            column.separator()
            column.label(text=f"{title} {iface_(text)}")
            column.label(text=found["bars"][name])
        column.separator()
        column.label(text=iface_("Expected error {:.2f} mm, at most {:.2f} mm".format(*found["error"])))
        unsure = found["unsure"]
        if unsure:
            few = ", ".join(unsure[:3]) + (", …" if len(unsure) > 3 else "")
            column.label(text=iface_(f"Unsure of {len(unsure)}: {few}"), icon="ERROR")
        layout.operator("headroom.clear_marks", icon="MARKER")
        if found["fps"]:
            settings = settings_of(context.scene).stabilize
            part = columns(layout)
            part.prop(settings, "head")
            part.prop(settings, "sparsity")
            part.prop(settings, "steadiness")
            button(part, context, "headroom.solve_capture", "SHAPEKEY_DATA")
