"""How long work reports back: one callable, handed down from the command line or from an operator."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""Called as `progress(done, stage)` with `done` in 0..1 and a stage an artist understands ("Listening").

It may raise `errors.Cancelled`; core lets that pass, so work must call it often (several times a second) and
must not write anything before it is finished.
"""


def silent(done: float, stage: str) -> None:
    """Report nothing: what scripts and tests use."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """Give a step its share of a longer job: the step's 0..1 is shown as `start`..`end`."""

    def scaled(done: float, stage: str) -> None:
        progress(start + (end - start) * done, stage)

    return scaled
