"""Pictures of a head: a well lit still, and a quick film with sound."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy

from ...core.errors import OutputError
from ...core.progress import Progress, silent
from .. import compat
from .materials import MADE


def still(path: Path, size: int = 640, samples: int = 16, frame: int | None = None) -> None:
    """Render the scene's camera to a PNG with Cycles: a few samples, denoised; seconds on two cores."""
    scene: Any = bpy.context.scene
    with _kept(scene):
        if frame is not None:
            scene.frame_set(frame)
        render = scene.render
        render.engine = "CYCLES"
        scene.cycles.device = "CPU"
        scene.cycles.samples = samples
        scene.cycles.use_denoising = compat.denoises()  # Blender refuses to render where it cannot
        scene.cycles.denoising_quality = "BALANCED"
        scene.cycles.max_bounces = 4
        _size(render, size)
        compat.film_as_picture(render)
        render.filepath = str(path)
        scene.view_settings.view_transform = "AgX"
        scene.view_settings.look = "AgX - Punchy"  # plain AgX makes skin chalky
        bpy.ops.render.render(write_still=True)
    _there(path)


def film(path: Path, start: int, end: int, size: int = 512, progress: Progress = silent) -> None:
    """Render frames `start`..`end` to an MP4 with the sequencer's sound, with Workbench: no GPU needed.

    `progress` is called after each frame and may raise `Cancelled`. Raises `OutputError` when no film came out.
    """
    scene: Any = bpy.context.scene
    with _kept(scene), _each_frame(lambda: progress((scene.frame_current - start + 1) / (end - start + 1), "Filming")):
        scene.frame_start, scene.frame_end = start, end
        render = scene.render
        render.engine = "BLENDER_WORKBENCH"
        scene.display.render_aa = "FXAA"
        shading = scene.display.shading
        painted = any(
            image.get(MADE) is not None for image in bpy.data.images
        )  # vertex colors would hide the iris under its cornea
        shading.color_type = "TEXTURE" if painted else "VERTEX"
        shading.light, shading.studio_light = "STUDIO", "Default"
        shading.show_specular_highlight = True
        shading.show_cavity = False  # it draws an outline around every tooth
        shading.background_type = "WORLD"
        scene.view_settings.view_transform, scene.view_settings.exposure = "Standard", 0.7
        _size(render, size)
        compat.film_as_video(render)
        render.ffmpeg.format, render.ffmpeg.codec, render.ffmpeg.audio_codec = "MPEG4", "H264", "AAC"
        render.ffmpeg.constant_rate_factor = "HIGH"
        render.use_sequencer = True  # without it the film is silent; sound strips alone do not replace the 3D scene
        render.use_file_extension = False
        render.filepath = str(path)
        bpy.ops.render.render(animation=True)
    _there(path)


def _size(render: bpy.types.RenderSettings, size: int) -> None:
    render.resolution_x = render.resolution_y = size
    render.resolution_percentage = 100


@contextmanager
def _each_frame(call: Callable[[], None]) -> Iterator[None]:
    """Call back after every rendered frame; an exception there is raised when the render returns."""
    raised: list[BaseException] = []

    def written(*_: object) -> None:
        try:
            if not raised:
                call()
        except BaseException as error:  # a handler cannot raise through Blender's render loop
            raised.append(error)

    bpy.app.handlers.render_write.append(written)
    try:
        yield
    finally:
        bpy.app.handlers.render_write.remove(written)
    if raised:
        raise raised[0]


@contextmanager
def _kept(scene: bpy.types.Scene) -> Iterator[None]:
    """Give the scene back as it was: rendering for a demo must not leave its settings behind."""
    places = [
        (scene, ("frame_start", "frame_end")),
        (scene.render, ("engine", "resolution_x", "resolution_y", "resolution_percentage", "filepath",
                        "use_sequencer", "use_file_extension")),
        (scene.view_settings, ("view_transform", "look", "exposure")),
    ]  # fmt: skip
    before = [(holder, name, getattr(holder, name)) for holder, names in places for name in names]
    frame = scene.frame_current
    try:
        yield
    finally:
        compat.film_as_picture(scene.render)
        for holder, name, value in before:
            setattr(holder, name, value)
        scene.frame_set(frame)


def _there(path: Path) -> None:
    if not path.is_file() or not path.stat().st_size:
        raise OutputError(f"{path}: Blender rendered nothing there")
