"""`headroom export`: what a .blend's head does, baked into a file for another program, and checked there."""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import InputError, OutputError
from ..core.progress import Progress
from . import session
from .arguments import options_from, words
from .outputs import Staging, destination
from .terminal import Bar, quiet

if TYPE_CHECKING:
    import bpy

    from ..core.formats.gate import ExportOptions, Report

ENDINGS = (".glb", ".fbx", ".usdc", ".abc", ".csv")
LOSSES = 3
"""Exit code when a file was written and something in it is lost."""


def export(given: argparse.Namespace) -> int:
    """Export a head and say what the file kept; files stay when something is lost."""
    from ..core.formats.gate import ExportOptions, summary
    from . import elsewhere
    from .cli import finish

    options = options_from(ExportOptions, given)
    if not given.file.is_file():
        raise InputError(f"{given.file}: no such file")
    if given.file.suffix.lower() != ".blend":
        raise InputError(
            f"{given.file}: unknown ending {given.file.suffix or 'none'!r}; use a .blend with a head in it"
        )
    target = destination(given.output, given.format, ENDINGS, given.file.stem)
    begun, bar = time.perf_counter(), Bar("export")
    progress = elsewhere.tell if given.progress else bar
    try:
        with Staging(target.parent) as stage, quiet():
            session.open_file(given.file, given.scripts)
            import bpy

            from .bridge import gate, gate_choose

            try:
                bodies = gate_choose.in_file(given.object)
            except InputError as error:
                raise InputError(f"{given.file}: {error}") from error
            report = gate.export(stage / target.name, bodies, bpy.context.scene, options, progress)
    finally:
        bar.clear()
    told = {
        "verb": "export", "input": str(given.file), "output": str(target), **report.as_json(),
        "seconds": round(time.perf_counter() - begun, 3),
    }  # fmt: skip
    told["files"] = [str(target.with_name(name)) for name in report.files]
    lines = [f"{target}: {summary(report)} ({told['seconds']:.1f} s)"]
    lines += [f"  {line.level}: {line.why}" for line in report.lines]
    finish(told, lines, given.json)
    return 0 if report.passed else LOSSES


def exporter_elsewhere(
    target: Path, bodies: Iterable[bpy.types.Object], options: ExportOptions
) -> Callable[[Progress], Report]:
    """Copy the open file as it is now, and give what exports meshes from the copy in another Blender.

    Called in the main thread; what it gives may run in any. Raises `OutputError` when the file cannot be copied.
    """
    import bpy

    from . import elsewhere

    home = tempfile.TemporaryDirectory(
        prefix="headroom-export-", dir=bpy.app.tempdir or None, ignore_cleanup_errors=True
    )
    copy = Path(home.name) / "copy.blend"
    try:
        bpy.ops.wm.save_as_mainfile(filepath=str(copy), copy=True, compress=False, check_existing=False)
    except RuntimeError as error:
        home.cleanup()
        raise OutputError(
            f"{home.name}: cannot be written to; free some space or set another temporary folder"
        ) from error
    asked = [*elsewhere.command(), "export", str(copy), "--json", "--progress", *words(options)]
    asked += [f"--object={body.name_full}" for body in bodies]
    if _runs_scripts():
        asked.append("--scripts")

    def export(progress: Progress) -> Report:
        from ..core.formats.gate import Report

        with home, Staging(target.parent) as stage:
            printed = elsewhere.run([*asked, "--output", str(stage / target.name)], progress, (0, LOSSES))
        told = json.loads(next(line for line in reversed(printed.splitlines()) if line.startswith("{")))
        return Report.from_json({**told, "files": [Path(name).name for name in told["files"]]})

    return export


def _runs_scripts() -> bool:
    """Tell whether the copy may run its Python: what has run here may, and nothing that waits for the next opening."""
    import bpy

    waiting = any(text.use_module for text in bpy.data.texts)
    always = bpy.context.preferences.filepaths.use_scripts_auto_execute
    return not bpy.app.autoexec_fail and (always or not waiting)
