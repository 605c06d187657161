# mypy: disable-error-code="valid-type,override"
"""Export a head and check what arrived."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from ..addon import gate as shown
from ..addon.gate import ExportProperties
from ..addon.jobs import JobOperator, Work
from ..addon.properties import options_from
from ..addon.translate import rpt_, tip_
from .sidebar import FromSidebar

if TYPE_CHECKING:
    from ..core.formats.gate import Report


class HEADROOM_OT_export_check(FromSidebar, ExportProperties, JobOperator):  # noqa: N801
    """Write the active head into a file for another program, read it back and say what is lost."""

    bl_idname = "headroom.export_check"
    bl_label = "Export & Check"
    bl_description = (
        "Bake the active head with all that hangs on it, write it, read the file back and say what is lost; "
        "another Blender does it with a copy, the scene stays as it is"
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

    def prepare(self, context: bpy.types.Context) -> Work:
        """Copy the file; all else happens in another Blender."""
        from ..addon import exporting
        from ..addon.bridge import gate_choose, gate_traps
        from ..core.errors import InputError
        from ..core.formats.gate import ExportOptions

        if self.folder.startswith("//") and not bpy.data.filepath:
            raise InputError("Save the .blend first, or choose another folder")
        bodies = gate_choose.selected(context)
        if not bodies:
            raise InputError(f"{context.active_object.name} carries no mesh; select a head")
        gate_traps.refuse_unsaved(bodies)
        name = bpy.path.clean_name(bodies[0].name) or "head"
        self._path = Path(bpy.path.abspath(self.folder)) / f"{name}.{self.format}"
        return exporting.exporter_elsewhere(self._path, bodies, options_from(ExportOptions, self))

    def finish(self, context: bpy.types.Context, result: "Report") -> None:
        """List what the file lost."""
        from ..core.formats.gate import summary

        shown.keep(context, self._path, result)
        self.report({"INFO"} if result.passed else {"WARNING"}, rpt_(f"{self._path.name}: {summary(result)}"))
