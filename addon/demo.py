"""`make demo`: one head that speaks one recording, as a .blend, a .glb, a film and a picture."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.progress import Progress, part
from . import session, verbs
from .arguments import options_from
from .outputs import Staging
from .terminal import Bar, quiet

if TYPE_CHECKING:
    from ..core.head.head import Head
    from ..core.speech.lipsync import LipsyncOptions, LipsyncResult

FPS = 30.0
SIZE = 512
STAGES = {"Head": 0.05, "Speech": 0.1, "Scene": 0.05, "Files": 0.1, "Picture": 0.15, "Film": 0.55}
"""Every stage and its rough share of the time, for the progress bar."""


class Stopwatch:
    """Times stages and gives each its share of one progress bar."""

    def __init__(self, bar: Progress) -> None:
        self.seconds: dict[str, float] = {}
        self._bar, self._begun = bar, 0.0

    @contextmanager
    def stage(self, name: str) -> Iterator[Progress]:
        """Time one of `STAGES`; gives the progress that the stage reports to."""
        share, begun = STAGES[name], time.perf_counter()
        self._bar(self._begun, name)
        yield part(self._bar, self._begun, self._begun + share)
        self._begun += share
        self.seconds[name] = round(time.perf_counter() - begun, 2)


def run(given: argparse.Namespace) -> int:
    """Generate, lip-sync, write and film; print what each stage took."""
    from ..core.head.generate import GenerateOptions, generate
    from ..core.speech.lipsync import LipsyncOptions, lipsync
    from .cli import finish

    given.transcript, given.fps = verbs.text_of(given.text), FPS
    options, head_options = options_from(LipsyncOptions, given), GenerateOptions(seed=given.seed)
    bar = Bar("demo")
    watch = Stopwatch(bar)
    try:
        with Staging(given.output) as folder:
            with watch.stage("Head") as progress:
                head = generate(head_options, progress)
            with watch.stage("Speech") as progress:
                result = lipsync(verbs.open_audio(given.audio), options, progress)
            with quiet():
                names = _write(folder, head, result, given.audio, options, watch)
    finally:
        bar.clear()
    lines = [f"{name.lower():10}{seconds:7.1f} s" for name, seconds in watch.seconds.items()]
    lines += [f"warning: {warning}" for warning in result.warnings]
    lines += [f"{given.output / name}" for name in names]
    summary = {
        "verb": "demo", "outputs": [str(given.output / name) for name in names], "seconds": watch.seconds,
        "duration": round(result.performance.duration, 3), "warnings": list(result.warnings),
    }  # fmt: skip
    finish(summary, lines, given.json)
    return 0


def _write(
    folder: Path, head: Head, result: LipsyncResult, audio: Path, options: LipsyncOptions, watch: Stopwatch
) -> list[str]:
    """Build the scene and write all four files into `folder`; gives their names."""
    with watch.stage("Scene"):
        session.fresh_scene(FPS)
        import bpy

        from .bridge import exports, heads, render, studio

        body = heads.add_head(head)
        verbs.speak(body, result, audio, FPS, pack=True, options=options)
        studio.set_up(body)
    with watch.stage("Files"):
        exports.export(folder / "demo.glb", body)
        exports.export(folder / "demo.blend", body)
    with watch.stage("Picture"):
        scene = bpy.context.scene
        jaw = result.performance.channel("jawOpen")
        speaking = int(abs(jaw - 0.6 * jaw.max()).argmin())  # wide open is nobody's best picture
        render.still(folder / "demo.png", SIZE, frame=scene.frame_start + speaking)
    with watch.stage("Film") as progress, _stoppable(folder):
        render.film(folder / "demo.mp4", scene.frame_start, scene.frame_end, SIZE, progress)
    return ["demo.blend", "demo.glb", "demo.mp4", "demo.png"]


@contextmanager
def _stoppable(folder: Path) -> Iterator[None]:
    """Let Ctrl-C end a film at its next frame: Blender's render loop cannot be left, so the whole process is."""

    def stop(*_: object) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        print("\r\x1b[Kheadroom: stopped, nothing was written", file=sys.stderr)
        session.leave(130)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
