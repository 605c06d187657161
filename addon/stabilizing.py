"""`headroom stabilize`: a mesh sequence out of a file, the skull's motion out of it, and back into a file."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.errors import InputError
from ..core.formats import folders, pc2, sequences
from ..core.formats.frames import Moved
from ..core.progress import part
from . import session, solving
from .arguments import options_from
from .outputs import Staging, destination
from .terminal import Bar, quiet

if TYPE_CHECKING:
    from ..core.progress import Progress
    from ..core.sequence import MeshSequence
    from ..core.stabilize.solve import SolveOptions
    from ..core.stabilize.stabilize import StabilizeOptions, StabilizeResult

FPS = 24.0
"""Frame rate of a scene that holds expressions in no order."""
BLENDER = (".abc", ".glb", ".blend")
"""Endings that Blender reads and writes."""
ENDINGS = (".npz", *BLENDER, ".pc2", ".mdd", *sequences.FOLDERS)
FACED = (".abc", ".glb")
"""Endings of files that hold no mesh without faces."""
MOST_FPS = 10_000.0


def stabilize(given: argparse.Namespace) -> int:
    """Take the skull's motion out of a sequence."""
    from ..core.stabilize.solve import SolveOptions
    from ..core.stabilize.stabilize import StabilizeOptions
    from .cli import finish

    options, how = options_from(StabilizeOptions, given), options_from(SolveOptions, given)
    if given.fps is not None and not 0 < given.fps <= MOST_FPS:
        raise InputError(f"--fps {given.fps:g}: must lie between 0 and {MOST_FPS:g} frames per second")
    target = _target(given)
    summary = _run(given, target, options, how)
    for warning in summary["warnings"]:
        print(f"headroom: warning: {given.sequence}: {warning}", file=sys.stderr)
    finish({"verb": "stabilize", **summary}, _lines(summary), given.json)
    return 0


def _target(given: argparse.Namespace) -> Path:
    """Decide where the result goes; frames of one file each are named after it, in its folder."""
    source, form = given.sequence, given.format
    if not source.exists():
        raise InputError(f"{source}: no such file")
    if form is None and given.output is not None and source.is_dir() and not given.output.suffix:
        form = _kind_of(source)
    endings = solving.ENDINGS if given.solve else ENDINGS
    target = destination(given.output, form, endings, source.name if source.is_dir() else source.stem)
    in_folder = target.suffix.lower() in sequences.FOLDERS
    if in_folder and form is None:
        raise InputError(
            f"{target}: a sequence of {target.suffix} needs a folder: -o FOLDER --format {target.suffix[1:]}"
        )
    places = [target.parent] if in_folder else [target, pc2.beside(target)] if target.suffix == ".blend" else [target]
    if source.resolve() in [place.resolve() for place in places]:
        raise InputError(f"-o {given.output}: would replace the capture itself; choose another name")
    return target


def _kind_of(folder: Path) -> str | None:
    """Give the ending of the frames in a folder, without its dot."""
    files = folders.frames_in(folder)
    return files[0].suffix[1:].lower() if files else None


def _run(given: argparse.Namespace, target: Path, options: StabilizeOptions, how: SolveOptions) -> dict[str, Any]:
    from ..core.stabilize.stabilize import stabilize as core_stabilize

    source = given.sequence
    begun, bar = time.perf_counter(), Bar("stabilize")
    in_blender = any(path.suffix.lower() in BLENDER for path in (source, target, given.solve) if path)
    solved = None
    try:
        with Staging(target.parent) as stage, sequences.about(source), quiet() if in_blender else nullcontext():
            bar(0.0, "Opening")
            head = solving.read(given.solve) if given.solve else None
            sequence = read(source, given.fps, given.object or "")
            if options.smoothing and sequence.fps is None:
                raise InputError(f"--smoothing: {source} has frames in no order; say how many a second with --fps")
            if sequence.faces is None and target.suffix.lower() in FACED:
                raise InputError(f"has no faces, which {target.suffix} needs; write .npz, .pc2, .mdd or .blend")
            if target.suffix.lower() in sequences.FOLDERS:
                folders.check_free(target.parent, target.suffix.lower(), folders.file_names(sequence, target.stem))
            result = core_stabilize(sequence, options, part(bar, 0.0, 0.8))
            if head is not None:
                solved = solving.solve(sequence, result, head, how, part(bar, 0.8, 1.0))
                solving.write(stage / target.name, solved.performance)
            else:
                write(stage / target.name, given, sequence, result, target.parent, part(bar, 0.8, 1.0))
    finally:
        bar.clear()
    summary = _summary(source, target, sequence, result)
    if solved is not None:
        summary["channels"] = len(solved.performance.channels)
        summary["solve_error_mm"] = {"mean": _round(solved.error_mm.mean()), "max": _round(solved.error_mm.max())}
    return summary | {"seconds": round(time.perf_counter() - begun, 3)}


def read(source: Path, fps: float | None, name: str) -> MeshSequence:
    """Open a sequence; Blender is fetched only for what needs it."""
    if source.suffix.lower() not in BLENDER or source.is_dir():
        sequence = sequences.read(source)
    else:
        session.fresh_scene(fps or FPS)
        from .bridge import sequences as in_blender

        sequence = in_blender.read(source, fps, name)
    return sequence if fps is None else dataclasses.replace(sequence, fps=fps)


def write(
    path: Path,
    given: argparse.Namespace,
    sequence: MeshSequence,
    result: StabilizeResult,
    home: Path,
    progress: Progress,
) -> None:
    """Write a sequence without the skull's motion, in its own unit or in metres, to a `path` that then moves to the
    folder `home`."""
    from ..core.stabilize.upright import in_metres, stand

    source, ending = given.sequence, path.suffix.lower()
    originals = folders.frames_in(source) if source.is_dir() and ending in sequences.FOLDERS else []
    if ending in BLENDER and source.suffix.lower() not in BLENDER:  # which tells neither axes nor unit
        sequence, result = stand(sequence, result)
    elif given.metres:
        sequence, result = in_metres(sequence, result)
    moved = dataclasses.replace(sequence, vertices=Moved(sequence.vertices, result.track))
    if originals and originals[0].suffix.lower() == ending:
        folders.write_like(path.parent, originals, moved, result.track.rotation, home, progress)
        return
    if ending not in BLENDER:
        sequences.write(path, moved, arrays_of(result), progress)
        return
    with tempfile.TemporaryDirectory(prefix=".headroom-", dir=path.parent) as folder:
        kept = Path(folder) / "frames.pc2"  # the next line may empty the scene that the frames come from
        pc2.write(kept, moved, part(progress, 0.0, 0.4))
        session.fresh_scene(sequence.fps or FPS)
        from .bridge import sequence_files

        again = dataclasses.replace(moved, vertices=pc2.read(kept).vertices)
        sequence_files.write(path, again, result, part(progress, 0.4, 1.0))


def arrays_of(result: StabilizeResult) -> dict[str, np.ndarray]:
    """Give what an .npz says about a stabilization beside the stabilized frames."""
    track = result.track
    return {
        "rotation": track.rotation, "translation": track.translation, "residual_mm": track.residual_mm,
        "error_mm": track.error_mm, "confidence": track.confidence, "reference": np.array(result.reference),
        "metres_per_unit": np.array(result.metres),
    }  # fmt: skip


def _summary(source: Path, target: Path, sequence: MeshSequence, result: StabilizeResult) -> dict[str, Any]:
    from ..core.stabilize.place import KNOWN

    track, unsure = result.track, result.track.unsure
    warnings = []
    if len(unsure):
        few = ", ".join(sequence.name(int(frame)) for frame in unsure[:3])
        warnings.append(
            f"unsure of {len(unsure)} of {sequence.frame_count} frames ({few}{', …' if len(unsure) > 3 else ''})"
        )
    known = {metres: name for name, metres in KNOWN.items()}
    return {
        "input": str(source), "output": str(target.parent if target.suffix.lower() in sequences.FOLDERS else target),
        "frames": sequence.frame_count, "vertices": sequence.vertex_count, "fps": sequence.fps,
        "unit": known.get(result.metres, f"{result.metres:.4g} m"), "metres_per_unit": result.metres,
        "reference": result.reference,
        "reference_name": sequence.name(result.reference),
        "residual_mm": {"mean": _round(track.residual_mm.mean()), "max": _round(track.residual_mm.max())},
        "error_mm": {"mean": _round(track.error_mm.mean()), "max": _round(track.error_mm.max())},
        "unsure": unsure.tolist(), "warnings": warnings,
    }  # fmt: skip


def _round(number: float) -> float:
    return round(float(number), 4)


def _lines(summary: dict[str, Any]) -> list[str]:
    residual = summary["residual_mm"]
    solved = summary.get("solve_error_mm")
    curves = f"; {summary['channels']} curves, {solved['mean']:.2f} mm off" if solved else ""
    return [
        f"{summary['output']}: {summary['frames']} frames of {summary['vertices']} vertices in {summary['unit']}, "
        f"held to {summary['reference_name']}; residual {residual['mean']:.2f} mm, at most {residual['max']:.2f} mm"
        f"{curves} ({summary['seconds']:.1f} s)"
    ]
