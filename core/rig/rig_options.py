"""Options of rigging a head, apart from what it takes to do it: the command line reads them at every start."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import check, option

SETS = ("all", "arkit")


@dataclass(frozen=True)
class RigOptions:
    """What to give a head that has no shapes."""

    shapes: str = option("all", "Which shapes: all, or ARKit's 52 alone", choices=SETS)
    bones: bool = option(True, "Add bones for neck, jaw and eyes, with weights")
    correctives: bool = option(True, "Add shapes that mend others where they meet; they follow by drivers")

    def __post_init__(self) -> None:
        check(self)
