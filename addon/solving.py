"""`headroom stabilize --solve HEAD`: a capture into curves, for the shapes of a head with the same mesh."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.errors import InputError
from ..core.formats import livelink, sequences, table
from ..core.progress import part
from . import headfile, session

if TYPE_CHECKING:
    from ..core.performance import Performance
    from ..core.progress import Progress
    from ..core.sequence import MeshSequence
    from ..core.stabilize.solve import SolveOptions, SolveResult
    from ..core.stabilize.stabilize import StabilizeResult

WRITERS: dict[str, Any] = {".csv": livelink.write, ".json": table.write_json, ".npz": table.write_npz}
ENDINGS = tuple(WRITERS)
IN_BLENDER = (".blend", ".glb")


def read_shapes(path: Path) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Read a head's neutral (V, 3), its shapes (S, V, 3) as deltas, and their names.

    From a `.npz` of `headroom generate`, or from the shape keys of a `.blend` or `.glb`. Raises `InputError`.
    """
    ending = path.suffix.lower()
    if not path.is_file():
        raise InputError("no such file")
    if ending == ".npz":
        head = headfile.load(path)
        return head.neutral, head.shapes, head.shape_names
    if ending not in IN_BLENDER:
        raise InputError("unknown ending; use a .npz that generate made, a .blend or a .glb")
    session.fresh_scene(24.0)
    from .bridge.sequences import read_shapes as in_blender

    made = in_blender(path)
    frames = made.vertices[:]
    return frames[0], frames[1:] - frames[0], made.names[1:]


def solve(
    sequence: MeshSequence, result: StabilizeResult, head: Path, options: SolveOptions, progress: Progress
) -> SolveResult:
    """Solve a stabilized sequence to a head's shapes."""
    from ..core.stabilize.rest import at_rest
    from ..core.stabilize.solve import solve as core_solve

    try:
        with sequences.about(head):
            neutral, shapes, names = read_shapes(head)
            progress(0.0, "Comparing with the head")
            neutral, shapes = at_rest(sequence, result, neutral, shapes)
            rest = part(progress, 0.2, 1.0)
            return core_solve(sequence, result.track, result.metres, neutral, shapes, names, options, rest)
    except InputError as error:
        raise InputError(f"--solve {error}") from error


def write(path: Path, performance: Performance) -> None:
    """Write curves as a Live Link Face CSV, as JSON, or as NumPy arrays."""
    WRITERS[path.suffix.lower()](path, performance)
