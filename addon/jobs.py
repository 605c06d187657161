# mypy: disable-error-code="override"
"""Long work without a frozen window: a thread that never touches bpy, watched by a modal operator.

An operator says in `prepare` what to do (reading Blender data there, on the main thread), the work runs on arrays in
a thread, and `finish` writes the result, once, on the main thread: one undo step.
"""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import bpy

from ..core.errors import Cancelled, HeadroomError
from ..core.progress import Progress
from . import pace
from .properties import redraw, status_of
from .translate import rpt_

POLL = 0.1
"""Seconds between two looks at the work."""

STOPPED = "Waiting for stopped work to end"
"""Stage of work that waits, so that two of it do not share processor and memory."""

READING = 0.4
"""Share of the progress that `read` has, where there is something to read."""

Work = Callable[[Progress], Any]


class Job:
    """One piece of work in a thread of its own; `done`, `stage` and `finished` may be read at any time."""

    def __init__(self, work: Work) -> None:
        self.done, self.stage = 0.0, "Starting"
        self._cancelled = threading.Event()
        self._result: Any = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(work,), name="headroom", daemon=True)
        self._thread.start()

    @property
    def finished(self) -> bool:
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """Ask the work to stop at its next report; whatever it still gives is dropped."""
        self._cancelled.set()
        _stopped.append(self)

    def result(self) -> Any:
        """Give what the finished work returned, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._result

    def _run(self, work: Work) -> None:
        try:
            self._result = work(self._report)
        except BaseException as error:  # handed on to the main thread by result()
            self._error = error

    def _report(self, done: float, stage: str) -> None:
        if self._cancelled.is_set():
            raise Cancelled("stopped")
        self.done, self.stage = done, stage


_stopped: list[Job] = []


def is_stopping() -> bool:
    """Tell whether work that was stopped has not come to its next report yet."""
    _stopped[:] = [job for job in _stopped if not job.finished]
    return bool(_stopped)


class JobOperator(bpy.types.Operator):
    """Base of operators with long work: `invoke` runs it behind a progress bar, `execute` blocks until it is done.

    Subclasses write `prepare(context) -> Work` and `finish(context, result)`, and `read(context)` when fetching from
    Blender takes long. Errors that a user can act on become one-line reports; anything else keeps its traceback.
    """

    _job: Job | None = None
    _work: Work | None = None
    _reading: Iterator[float] | None = None
    _read = 0.0
    _timer: bpy.types.Timer | None = None
    _pace: pace.Pace | None = None

    def prepare(self, context: bpy.types.Context) -> Work:
        """Read everything the work needs out of Blender; raises `HeadroomError` for bad input."""
        raise NotImplementedError

    def read(self, context: bpy.types.Context) -> Iterator[float]:
        """Fetch what the work needs and only the main thread can: a little between any two shares (0..1) that it gives.

        It leaves the scene as it was each time.
        """
        return iter(())

    def finish(self, context: bpy.types.Context, result: Any) -> None:
        """Write the result into the scene, all at once."""
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Do it all and come back when it is done: what scripts, redo and background mode get."""
        try:
            work = self.prepare(context)
            for _ in self.read(context):
                pass
            self.finish(context, work(lambda done, stage: None))
        except HeadroomError as error:
            self.report({"ERROR"}, rpt_(str(error)))
            return {"CANCELLED"}
        return {"FINISHED"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event | None) -> set[str]:
        """Start the work in a thread and watch it; in background mode there is nothing to watch it with."""
        if bpy.app.background:
            return self.execute(context)
        if status_of(context).running:
            self.report({"ERROR"}, rpt_("Headroom is still at work; wait, or press Esc to stop it"))
            return {"CANCELLED"}
        try:
            self._work = self.prepare(context)
            self._reading = self.read(context)
        except HeadroomError as error:
            self.report({"ERROR"}, rpt_(str(error)))
            return {"CANCELLED"}
        manager = context.window_manager
        status_of(context).start(self.bl_label)
        manager.progress_begin(0, 100)
        self._pace = pace.Pace(time.monotonic())
        self._timer = manager.event_timer_add(POLL, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Show how far the work is; ESC or the panel's Cancel stops it at once."""
        status = status_of(context)
        if status.stop or (event.type == "ESC" and event.value == "PRESS"):
            self.cancel(context)
            self.report({"WARNING"}, rpt_(f"{rpt_(self.bl_label)}: stopped, nothing was changed"))
            return {"CANCELLED"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        try:
            if not self._advanced(context):
                return {"PASS_THROUGH"}  # others wait for timers too
            self._close(context)
            self.finish(context, self._job.result())
            redraw(context)  # panels show other things now
        except HeadroomError as error:
            self.report({"ERROR"}, rpt_(str(error)))
            return {"CANCELLED"}
        return {"FINISHED"}

    def _advanced(self, context: bpy.types.Context) -> bool:
        """Read on, start the work or look at it; tells whether it is done."""
        job = self._job
        if job is None:
            try:
                done = next(self._reading, None)
            except BaseException:
                self._close(context)
                raise
            if done is not None:
                self._read = READING
                self._show(context, READING * done, "Reading frames")
            elif is_stopping():
                self._show(context, self._read, STOPPED)
            else:
                self._job = Job(self._work)
        elif not job.finished:
            self._show(context, self._read + (1 - self._read) * job.done, job.stage)
        return job is not None and job.finished

    def _show(self, context: bpy.types.Context, done: float, stage: str) -> None:
        left = pace.words(self._pace.left(done, time.monotonic())) if self._pace is not None else ""
        status_of(context).show(context, done, stage, left)
        context.window_manager.progress_update(round(done * 100))

    def cancel(self, context: bpy.types.Context) -> None:
        """Let go of the work; Blender calls this too, when a file is loaded or the window closes meanwhile."""
        if self._job is not None:
            self._job.cancel()
        self._close(context)

    def _close(self, context: bpy.types.Context) -> None:
        manager = context.window_manager
        if self._timer is not None:
            manager.event_timer_remove(self._timer)
            self._timer = None
        manager.progress_end()
        status_of(context).finish(context)
