"""The export gate's report: what a file kept of a head, what it lost, and what its format cannot hold."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..options import check, option

LOST, NOTE = "lost", "note"
"""Whether a line fails the gate, or only tells what the format or the scene is like."""

FAIL, TELL = "fail", "tell"
"""What is done about motion that is seen and that a format cannot hold."""

BY_NATURE = ("not_held", "no_column")
"""Kinds of lines about motion that a format cannot hold, whoever writes it."""

WORST = (
    "object_lost", "clip_lost", "key_lost", "clip_bleed", "vertex_error", "value_error", "not_held", "vertices_lost",
    "key_renamed", "key_order", "vertex_order", "time", "sound_lost", "scripts", "no_column", "out_of_range", "no_keys",
    "modifier", "skinning", "edited_basis", "muted", "mended", "driven", "units", "sound",
)  # fmt: skip
"""Every kind of line, the worst first."""


@dataclass(frozen=True)
class ExportOptions:
    """How a head is exported and checked."""

    check: bool = option(True, "Read the file back and compare it with what moves here")
    clips: str = option(
        "scene",
        "What becomes a clip: all that the scene plays in its frame range, or every action by itself",
        choices=("scene", "actions"),
    )
    tolerance: float = option(
        0.1, "How far a vertex of the file may be from where it is here", low=0.0, high=100.0, unit="millimetres"
    )
    samples: int = option(24, "How many frames of every clip are compared", low=2, high=10_000, unit="frames")
    limits: str = option(
        FAIL,
        "What to do about motion that is seen and that the format cannot hold: fail, or only tell",
        choices=(FAIL, TELL),
    )
    sound: bool = option(True, "Write the scene's sound as a .wav beside the file, which cannot hold it")

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class Line:
    """One thing to know about a file.

    what    which kind, of `WORST`
    thing   the object, clip or file that it is about
    why     one line for people
    level   `LOST` or `NOTE`
    amount  how much, to sort by: keys, millimetres, vertices
    """

    what: str
    thing: str
    why: str
    level: str = LOST
    amount: float = 0.0


@dataclass(frozen=True)
class Report:
    """What was written and what is in it.

    files      what was written, names as they were asked for
    format     ending without its dot
    fps        frames per second of the scene
    clips      their names
    frames     frames of all clips together
    keys       shape keys that the head has, over all of its objects
    kept       how many of these were found again under their own names; None when nothing was read back
    error_mm   largest distance of a vertex from where it is here, over the compared frames; None likewise
    worst      where that is
    lacks_mm   largest distance by what the format cannot hold alone
    way_mm     largest distance by all else: what went wrong on the way
    lines      the worst first
    """

    files: tuple[str, ...]
    format: str
    fps: float
    clips: tuple[str, ...]
    frames: int
    keys: int
    kept: int | None = None
    error_mm: float | None = None
    worst: str = ""
    lacks_mm: float | None = None
    way_mm: float | None = None
    lines: tuple[Line, ...] = ()

    @property
    def losses(self) -> tuple[Line, ...]:
        """The lines that fail the gate."""
        return tuple(line for line in self.lines if line.level == LOST)

    @property
    def passed(self) -> bool:
        """Tell whether nothing that can be seen is lost, or nothing but what was only to be told; also when nothing was
        read back."""
        return not self.losses

    @property
    def limited(self) -> bool:
        """Tell whether something moves that the format cannot hold, however little that is."""
        return any(line.what in BY_NATURE for line in self.lines)

    def as_json(self) -> dict[str, Any]:
        """Give the report as plain values, with its verdict."""
        return {**dataclasses.asdict(self), "passed": self.passed}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Report:
        """Make a report of what `as_json` gave, among other things."""
        values = {field.name: told[field.name] for field in dataclasses.fields(cls)}
        lines = tuple(Line(**line) for line in values.pop("lines"))
        files, clips = tuple(values.pop("files")), tuple(values.pop("clips"))
        return cls(files=files, clips=clips, lines=lines, **values)


def ordered(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Give each line once, losses before notes, the worst first."""
    once = dict.fromkeys(lines)
    return tuple(sorted(once, key=lambda line: (line.level != LOST, WORST.index(line.what), -line.amount)))


def summary(report: Report) -> str:
    """Say in one line how it went. Only what moves in the file as it does here is called whole."""
    if report.kept is None:
        return f"{len(report.files)} file{'s' * (len(report.files) != 1)} written, not read back"
    found = [f"{report.kept} of {report.keys} keys"] if report.format not in ("abc", "csv") else []
    if report.error_mm is not None:
        error = f"largest vertex error {report.error_mm:.3f} mm"
        if report.limited:
            error += f", {report.way_mm or 0.0:.3f} mm without what the format cannot hold"
        found.append(error)
    count = len(report.losses)
    whole = "all that the format can hold is there" if report.limited else "nothing is lost"
    verdict = f"{count} loss{'es' * (count != 1)}" if count else whole
    return f"{', '.join(found)}; {verdict}" if found else verdict
