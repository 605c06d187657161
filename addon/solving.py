"""`headroom stabilize --solve HEAD`: a capture into curves, for the shapes of a head with the same mesh."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Shapes:
    """What a capture is solved to: a neutral (V, 3), shapes (S, V, 3) as deltas, their names, and where from."""

    path: Path
    neutral: np.ndarray
    shapes: np.ndarray
    names: tuple[str, ...]


@contextmanager
def about(path: Path) -> Iterator[None]:
    """Let complaints about a head say which option and file they are about."""
    try:
        with sequences.about(path):
            yield
    except InputError as error:
        raise InputError(f"--solve {error}") from error


def read(path: Path) -> Shapes:
    """Read a head, from a `.npz` of `headroom generate` or the shape keys of a `.blend` or `.glb`.

    Raises `InputError`.
    """
    ending = path.suffix.lower()
    with about(path):
        if not path.is_file():
            raise InputError("no such file")
        if ending == ".npz":
            head = headfile.load(path)
            return Shapes(path, head.neutral, head.shapes, head.shape_names)
        if ending not in IN_BLENDER:
            raise InputError("unknown ending; use a .npz that generate made, a .blend or a .glb")
        session.fresh_scene(24.0)
        from .bridge.sequences import read_shapes

        made = read_shapes(path)
    frames = made.vertices[:]
    return Shapes(path, frames[0], frames[1:] - frames[0], made.names[1:])


def solve(
    sequence: MeshSequence, result: StabilizeResult, head: Shapes, options: SolveOptions, progress: Progress
) -> SolveResult:
    """Solve a stabilized sequence to a head's shapes."""
    from ..core.stabilize.rest import at_rest
    from ..core.stabilize.solve import solve as core_solve

    with about(head.path):
        progress(0.0, "Comparing with the head")
        neutral, shapes = at_rest(sequence, result, head.neutral, head.shapes)
        rest = part(progress, 0.2, 1.0)
        return core_solve(sequence, result.track, result.metres, neutral, shapes, head.names, options, rest)


def write(path: Path, performance: Performance) -> None:
    """Write curves as a Live Link Face CSV, as JSON, or as NumPy arrays."""
    WRITERS[path.suffix.lower()](path, performance)
