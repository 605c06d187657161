"""What the asset library holds: sample heads, and catalogs; its expressions are in `rig.expressions`."""

from __future__ import annotations

from dataclasses import dataclass

from .head.generate import GenerateOptions
from .head.head import LEVELS
from .head.presets import PRESETS
from .options import check, option

LICENSE = "GPL-3.0-or-later"
TAG = "headroom"
"""Tag of every asset; actions that have it are in the viewport's shelf."""

HEADS, FACES, PARTS, VISEMES = "Heads", "Expressions", "Expressions/Eyes and Mouth", "Visemes"

CATALOGS = {
    "f0fe92f4-5778-4414-81ca-5f699381cc88": "Headroom",
    "0d71f79f-8a08-4c34-a92a-96548168ff98": f"Headroom/{HEADS}",
    "0f1ba2f5-42ae-4edd-84ef-91a17e9772c4": f"Headroom/{FACES}",
    "e4110dd2-9789-4ba2-9b06-fff4955490bc": f"Headroom/{PARTS}",
    "e5f0e5f1-5153-4f05-a234-1b235238a0c2": f"Headroom/{VISEMES}",
}
"""UUID -> path; they never change, or assets would lose their place in libraries that are there."""


@dataclass(frozen=True)
class AssetOptions:
    """What to make of the library."""

    level: str = option("standard", "How fine the meshes of the heads are", choices=LEVELS)
    heads: int = option(10, "How many sample heads", low=0, high=10)
    size: int = option(256, "Width and height of previews", low=32, high=512, unit="pixels")

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class Sample:
    """A person of the library: a kind of `head.presets`, and the seed that picks this one."""

    title: str
    preset: str
    seed: int

    def options(self, level: str) -> GenerateOptions:
        """Say how to generate the head."""
        return GenerateOptions(seed=self.seed, variety=0.75, set=PRESETS[self.preset][1], level=level)

    @property
    def words(self) -> str:
        """Describe the person."""
        known = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in PRESETS[self.preset][1].items())
        return f"{PRESETS[self.preset][0]}: {known}; seed {self.seed}"


def catalog(path: str) -> str:
    """Give the UUID of a catalog below "Headroom"."""
    return next(one for one, known in CATALOGS.items() if known == f"Headroom/{path}")


SAMPLES = tuple(
    Sample(PRESETS[preset][0], preset, seed)
    for preset, seed in {
        "young_woman": 204, "young_man": 211, "woman": 226, "man": 233, "old_woman": 241, "old_man": 253, "child": 265,
        "teenager": 272, "heavy_man": 285, "athlete": 293,
    }.items()
)  # fmt: skip
"""One of each kind, chosen by looking at seventy."""
