"""What the command line shows while it works, and how it keeps Blender from talking in between."""

from __future__ import annotations

import ctypes
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

WIDTH = 28


class Bar:
    """A progress bar on standard error, only when that is a terminal; called like any `Progress`."""

    def __init__(self, title: str = "") -> None:
        self.title, self._last, self._shown = title, 0.0, sys.stderr.isatty()
        self._drawn = False

    def __call__(self, done: float, stage: str) -> None:
        """Draw the bar again, ten times a second at most."""
        now = time.monotonic()
        if not self._shown or now - self._last < 0.1:
            return
        self._last, self._drawn = now, True
        full = round(max(0.0, min(1.0, done)) * WIDTH)
        line = f"{self.title}{' ' if self.title else ''}[{'#' * full}{'.' * (WIDTH - full)}] {done:4.0%} {stage}"
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Take the bar away."""
        if self._drawn:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._drawn = False


@contextmanager
def quiet() -> Iterator[None]:
    """Send what Blender prints from C to nowhere: standard output belongs to the summary.

    File descriptor 1 is turned away with `sys.stdout`: Blender writes to both. EGL's complaints about
    missing displays come on descriptor 2; that one is turned away too, unless it shows the progress bar, which is
    handed a descriptor of its own.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    kept_out, kept_err = os.dup(1), os.dup(2)
    stdout, stderr = sys.stdout, sys.stderr
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    _flush_c()
    try:
        with os.fdopen(os.dup(kept_err), "w", buffering=1) as direct, os.fdopen(os.dup(nowhere), "w") as silence:
            sys.stdout, sys.stderr = silence, direct
            try:
                yield
            finally:
                _forget(direct, silence)
    finally:
        sys.stdout, sys.stderr = stdout, stderr
        _flush_c()  # what Blender printed waits in C's buffer, and would come out later
        os.dup2(kept_out, 1)
        os.dup2(kept_err, 2)
        for descriptor in (nowhere, kept_out, kept_err):
            os.close(descriptor)


def _forget(*streams: TextIO) -> None:
    """Take these streams, which are about to be closed, out of every log: an importer that broke off leaves its own."""
    for logger in (logging.getLogger(), *logging.Logger.manager.loggerDict.values()):
        for handler in list(getattr(logger, "handlers", ())):
            if getattr(handler, "stream", None) in streams:
                logger.removeHandler(handler)  # type: ignore[union-attr]


def _flush_c() -> None:
    library = ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)
    library.fflush(None)
