# mypy: disable-error-code="valid-type,override"
"""Export a head and check what arrived."""

from pathlib import Path
from typing import Any

import bpy

from ..addon import gate as shown
from ..addon.gate import ExportProperties
from ..addon.properties import options_from
from ..addon.translate import rpt_, tip_
from .sidebar import FromSidebar


class HEADROOM_OT_export_check(FromSidebar, ExportProperties, bpy.types.Operator):  # noqa: N801
    """Write the active head into a file for another program, read it back and say what is lost."""

    bl_idname = "headroom.export_check"
    bl_label = "Export & Check"
    bl_description = (
        "Bake the active head with all that hangs on it, write it, read the file back and say what is lost; "
        "the scene stays as it is"
    )
    bl_options = {"REGISTER"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Wants a mesh or a rig in Object Mode, and says so; cheap."""
        why = shown.why_not(context)
        if why:
            cls.poll_message_set(tip_(why))
        return not why

    def settings(self, context: bpy.types.Context) -> Any:
        """Those of the panel Export."""
        return shown.settings_of(context.scene)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Write the file, called after the head, and list what it lost."""
        from ..addon.bridge import gate, gate_choose
        from ..addon.outputs import Staging
        from ..core.errors import HeadroomError, InputError
        from ..core.formats.gate import ExportOptions, summary

        manager = context.window_manager
        manager.progress_begin(0, 100)
        try:
            if self.folder.startswith("//") and not bpy.data.filepath:
                raise InputError("Save the .blend first, or choose another folder")
            bodies = gate_choose.selected(context)
            if not bodies:
                raise InputError(f"{context.active_object.name} carries no mesh; select a head")
            options = options_from(ExportOptions, self)
            name = bpy.path.clean_name(bodies[0].name) or "head"
            path = Path(bpy.path.abspath(self.folder)) / f"{name}.{self.format}"
            with Staging(path.parent) as stage:
                report = gate.export(
                    stage / path.name, bodies, context.scene, options,
                    lambda done, _: manager.progress_update(100 * done),
                )  # fmt: skip
        except HeadroomError as error:
            self.report({"ERROR"}, rpt_(str(error)))
            return {"CANCELLED"}
        finally:
            manager.progress_end()
        shown.keep(context, path, report)
        self.report({"INFO"} if report.passed else {"WARNING"}, rpt_(f"{path.name}: {summary(report)}"))
        return {"FINISHED"}
