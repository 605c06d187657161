"""Generate: a seed and a few wishes become a rigged head."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from ..options import check, option
from ..progress import Progress, silent
from . import attributes
from .carry import carry
from .decode import decode, neutral, sketch
from .draw import draw, vary
from .head import LEVELS, Head
from .identity import Identity

__all__ = ["LEVELS", "GenerateOptions", "carry", "decode", "generate", "identify", "neutral", "sketch", "vary"]


@dataclass(frozen=True)
class GenerateOptions:
    """What to generate; the same options always give the same head."""

    seed: int = option(0, "Number that picks the person; the same number gives the same head", low=0, high=2**31 - 1)
    variety: float = option(0.8, "How far from the average face a person may be", low=0.0, high=1.5)
    set: dict[str, float] = option({}, "Attributes to fix, such as nose_width=1.5")
    level: str = option("standard", "How fine the mesh is", choices=LEVELS)

    def __post_init__(self) -> None:
        check(self)
        attributes.check(self.set)


def identify(options: GenerateOptions) -> Identity:
    """Draw the person that options describe; raises `InputError` on unknown attributes."""
    return draw(options.seed, options.variety, options.set)


def generate(options: GenerateOptions, progress: Progress = silent) -> Head:
    """Make a head from options; raises `InputError` on unknown attributes, `WeightsError` on damaged weights."""
    progress(0.0, "Loading the head model")
    return decode(identify(options), options.level, progress, asdict(options))
