# mypy: disable-error-code="valid-type,override"
"""Operators that read a file: one that was given or dropped is read at once, else the file browser asks for one."""

from pathlib import Path
from typing import Any

import bpy
from bpy.props import StringProperty

from ..addon.jobs import JobOperator
from ..core.errors import InputError


class AsksForFile(JobOperator):
    """Base of operators with long work on a file; `filepath` is theirs."""

    _asked = False

    def lacks_file(self) -> bool:
        """Tell whether there is a file to be asked for."""
        return not self.filepath  # type: ignore[attr-defined]

    def suggest(self) -> None:
        """Fill in what the file browser begins with; nothing where it begins in the folder of before."""

    def invoke(self, context: bpy.types.Context, event: "bpy.types.Event | None") -> set[str]:
        """Work behind a progress bar, or ask for the file first."""
        if bpy.app.background or not self.lacks_file():
            return super().invoke(context, event)
        self._asked = True
        self.suggest()
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Work until all is done; from the file browser, which knows no progress, start anew with what it gave."""
        if not self._asked:
            return super().execute(context)
        category, name = self.bl_idname.split("_OT_")
        start = getattr(getattr(bpy.ops, category.lower()), name)
        given: Any = self.as_keywords(ignore=("filter_glob",))  # type: ignore[func-returns-value]
        start("INVOKE_DEFAULT", **given)
        return {"CANCELLED"}  # nothing was done here: no undo step


class FromFile(AsksForFile):
    """Base of those that a file is all they want."""

    filepath: StringProperty(name="File", description="The file", subtype="FILE_PATH", options={"SKIP_SAVE"})

    def chosen(self) -> Path:
        """Give the file; raises `InputError` when there is none yet."""
        if not self.filepath:
            raise InputError("Choose a file first")
        return Path(bpy.path.abspath(self.filepath))
