"""What an artist selects to be stabilized, and the frames of it, without holding Blender up."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy

from ...core.errors import InputError, OutputError
from ...core.formats import pc2
from ...core.formats.atomic import HIDDEN, sweep
from ...core.progress import Progress
from ...core.sequence import MeshSequence
from .heads import instanced
from .sequences import has_shapes, moves

SLICE = 0.15
"""Seconds of reading between two looks at the user."""


def why_not(body: bpy.types.Object | None) -> str:
    """Say in one line why an object cannot be stabilized, or nothing when it can."""
    if body is None or body.type != "MESH":
        return instanced(body) or "Select a captured face: a mesh with a cache, with animation or with shape keys"
    if body.mode != "OBJECT":
        return "Switch to Object Mode first"
    if not body.visible_get():
        return f"{body.name} is hidden; show it first"
    if not moves(body) and not has_shapes(body):
        return f"{body.name} does not move: it has no animation, no cache and no shape keys"
    return ""


@contextmanager
def same_frame(scene: bpy.types.Scene) -> Iterator[None]:
    """Look at other frames of a scene and come back."""
    frame, part = scene.frame_current, scene.frame_subframe
    try:
        yield
    finally:
        scene.frame_set(frame, subframe=part)


def fetch(sequence: MeshSequence, scene: str) -> Iterator[float]:
    """Have all frames of a sequence out of a scene read and kept; after each share (0..1) the scene is as it was.

    Raises `InputError` for a mesh that changes or goes.
    """
    frame = 0
    while frame < sequence.frame_count:
        until = time.perf_counter() + SLICE
        try:
            with same_frame(bpy.data.scenes[scene]):
                while frame < sequence.frame_count and time.perf_counter() < until:
                    _ = sequence.vertices[frame : frame + 1]
                    frame += 1
        except KeyError as error:  # undone or deleted between two looks
            raise InputError("has gone meanwhile; select the capture and try again") from error
        yield frame / sequence.frame_count


class PendingCache:
    """A point cache that nobody knows yet: it goes by itself when it is not kept, as when work is stopped."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            sweep(folder)
            self._scratch = tempfile.TemporaryDirectory(prefix=HIDDEN, dir=folder, ignore_cleanup_errors=True)
        except OSError as error:
            raise OutputError(
                f"{folder}: cannot be written ({error.strerror or error}); save the .blend elsewhere first"
            ) from error
        self.folder, self.path = folder, Path(self._scratch.name) / "frames.pc2"

    def write(self, sequence: MeshSequence, progress: Progress) -> None:
        """Write a sequence there; any thread may. Raises `OutputError`, and leaves nothing when it is stopped."""
        try:
            pc2.write(self.path, sequence, progress)
        except BaseException:
            self._scratch.cleanup()
            raise

    def keep(self, name: str) -> Path:
        """Give the cache its place under a name that is free there. Raises `OutputError`."""
        stem = bpy.path.clean_name(name)
        number, kept = 1, self.folder / f"{stem}.pc2"
        while kept.exists():  # an undone step may still want it
            kept, number = self.folder / f"{stem}_{number:03d}.pc2", number + 1
        try:
            shutil.move(self.path, kept)
        except OSError as error:
            raise OutputError(
                f"{kept}: cannot be written ({error.strerror or error}); save the .blend elsewhere first"
            ) from error
        self._scratch.cleanup()
        return kept


def cache_folder() -> Path:
    """Say where caches lie: beside the .blend, or in the extension's own folder until that is saved."""
    if bpy.data.filepath:
        return Path(bpy.data.filepath).parent
    try:
        return Path(bpy.utils.extension_path_user(str(__package__).rsplit(".", 2)[0], path="caches", create=True))
    except ValueError:  # not run as an extension: a script that imports Headroom
        return Path(bpy.app.tempdir or tempfile.gettempdir())
