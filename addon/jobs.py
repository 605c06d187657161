# mypy: disable-error-code="override"
"""Long work without a frozen window: a thread that never touches bpy, watched by a modal operator.

An operator says in `prepare` what to do (reading Blender data there, on the main thread), the work runs on arrays in
a thread, and `finish` writes the result, once, on the main thread: one undo step.
"""

import threading
from collections.abc import Callable
from typing import Any

import bpy

from ..core.errors import Cancelled, HeadroomError
from ..core.progress import Progress
from .properties import status_of

POLL = 0.1
"""Seconds between two looks at the work."""

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


class JobOperator(bpy.types.Operator):
    """Base of operators with long work: `invoke` runs it behind a progress bar, `execute` blocks until it is done.

    Subclasses write `prepare(context) -> Work` and `finish(context, result)`. Errors that a user can act on become
    one-line reports; anything else keeps its traceback.
    """

    _job: Job | None = None
    _timer: bpy.types.Timer | None = None

    def prepare(self, context: bpy.types.Context) -> Work:
        """Read everything the work needs out of Blender; raises `HeadroomError` for bad input."""
        raise NotImplementedError

    def finish(self, context: bpy.types.Context, result: Any) -> None:
        """Write the result into the scene, all at once."""
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Do it all and come back when it is done: what scripts, redo and background mode get."""
        try:
            result = self.prepare(context)(lambda done, stage: None)
            self.finish(context, result)
        except HeadroomError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event | None) -> set[str]:
        """Start the work in a thread and watch it; in background mode there is nothing to watch it with."""
        if bpy.app.background:
            return self.execute(context)
        if status_of(context).running:
            self.report({"ERROR"}, "Headroom is still at work; wait, or press Esc to stop it")
            return {"CANCELLED"}
        try:
            self._job = Job(self.prepare(context))
        except HeadroomError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        manager = context.window_manager
        status_of(context).start(self.bl_label)
        manager.progress_begin(0, 100)
        self._timer = manager.event_timer_add(POLL, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Show how far the work is; ESC or the panel's Cancel stops it at once."""
        job, status = self._job, status_of(context)
        if status.stop or (event.type == "ESC" and event.value == "PRESS"):
            self.cancel(context)
            self.report({"WARNING"}, f"{self.bl_label}: stopped, nothing was changed")
            return {"CANCELLED"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        if not job.finished:
            status.show(context, job.done, job.stage)
            context.window_manager.progress_update(round(job.done * 100))
            return {"PASS_THROUGH"}  # others wait for timers too
        self._close(context)
        try:
            self.finish(context, job.result())
        except HeadroomError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}

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
