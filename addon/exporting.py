"""`headroom export`: what a .blend's head does, baked into a file for another program, and checked there."""

from __future__ import annotations

import argparse
import time

from ..core.errors import InputError
from . import session
from .arguments import options_from
from .outputs import Staging, destination
from .terminal import Bar, quiet

ENDINGS = (".glb", ".fbx", ".usdc", ".abc", ".csv")
LOSSES = 3
"""Exit code when a file was written and something in it is lost."""


def export(given: argparse.Namespace) -> int:
    """Export a head and say what the file kept; files stay when something is lost."""
    from ..core.formats.gate import ExportOptions, summary
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
    try:
        with Staging(target.parent) as stage, quiet():
            session.open_file(given.file)
            import bpy

            from .bridge import gate, gate_choose

            try:
                bodies = gate_choose.in_file(given.object)
            except InputError as error:
                raise InputError(f"{given.file}: {error}") from error
            report = gate.export(stage / target.name, bodies, bpy.context.scene, options, bar)
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
