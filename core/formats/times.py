"""When the frames of an animation lie that Blender reads by its own scene frames."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Times:
    """When the first frame is, seconds; how many there are a second; how many."""

    first: float
    fps: float
    count: int

    @property
    def frames(self) -> range:
        """The scene frames that they are in a scene of that rate."""
        first = round(self.first * self.fps)
        return range(first, first + self.count)


def even(fps: float) -> float:
    """Take what is a whole number but for rounding for one."""
    return float(round(fps)) if abs(fps - round(fps)) < 1e-4 * fps and round(fps) else fps


SCENE = "scene frame "
"""What the names of frames begin with that Blender's scene counts."""


def scene_names(frames: range) -> tuple[str, ...]:
    """Call frames by their number in the scene."""
    return tuple(f"{SCENE}{frame}" for frame in frames)


def scene_frame(name: str) -> int | None:
    """Give the number in the scene of a frame that is called by it."""
    number = name.removeprefix(SCENE)
    return int(number) if number != name and number.lstrip("-").isdecimal() and len(number) < 8 else None
