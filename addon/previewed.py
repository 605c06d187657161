"""What a preview takes its frames from, and bakes: lips that speak a sound, or a take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import bpy

from .bridge import actions, played, sound, spoken
from .properties import options_from, settings_of
from .speaking import TEXT, options_of

if TYPE_CHECKING:
    from ..core.amounts import Frames
    from ..core.curves.reduce import ReduceOptions
    from ..core.performance import Performance
    from ..core.progress import Progress
    from ..core.speech.scrub import Scrub
    from .bridge.sound import Cue
    from .jobs import Work


class Source(Protocol):
    """What moves a previewed head."""

    layer: str
    """The layer that it is baked on."""

    @property
    def frame_count(self) -> int:
        """Frames at the scene's rate."""

    def turn(self, scene: bpy.types.Scene, body: bpy.types.Object) -> None:
        """Follow the sliders and the rate of a scene."""

    def at(self, frame: float) -> Performance:
        """Give one frame (1, C), counted from the first."""

    def unseen(self, body: bpy.types.Object) -> list[str]:
        """Say, a line each, what is wrong with it or will not be seen on a head."""

    def bake(self, start: float, keys: ReduceOptions) -> Work:
        """Give the work of making keys of what it moves now; for a worker."""

    def write(
        self, scene: bpy.types.Scene, body: bpy.types.Object, cue: Cue, keys: ReduceOptions, result: Any
    ) -> tuple[str, list[str]]:
        """Write what the work gave; gives what was done, and what the artist should know of it."""


@dataclass
class Lips:
    """Lips that speak what was heard in a sound; `place` says that it is to be laid into the sequencer."""

    scrub: Scrub
    warnings: tuple[str, ...] = ()
    place: bool = True
    layer = "lips"

    @property
    def frame_count(self) -> int:
        """Frames at the scene's rate."""
        return self.scrub.frame_count

    def turn(self, scene: bpy.types.Scene, body: bpy.types.Object) -> None:
        """Take what the sliders say now; what is said stays what was heard."""
        heard = self.scrub.options
        said = {name: getattr(heard, name) for name in TEXT}
        self.scrub.turn(replace(options_of(settings_of(scene), scene, body), **said))

    def at(self, frame: float) -> Performance:
        """Give one frame."""
        return self.scrub.at(frame)

    def unseen(self, body: bpy.types.Object) -> list[str]:
        """Say what was doubtful in listening, and what of lips a head does not have."""
        return [*self.warnings, *spoken.left_out(self.scrub.at(-1), body)]

    def bake(self, start: float, keys: ReduceOptions) -> Work:
        """All of the mouth is moved in the worker."""
        from ..core.progress import part
        from ..core.speech.lipsync import LipsyncOptions, LipsyncResult, solve

        scrub, options, warnings = self.scrub, self.scrub.options, self.warnings

        def work(progress: Progress) -> tuple[LipsyncResult, LipsyncOptions, actions.Ready]:
            performance = solve(scrub.phones, scrub.heard, options, part(progress, 0.0, 0.5))
            progress(0.5, "Choosing keys")
            said = LipsyncResult(performance, scrub.phones, warnings, scrub.heard)
            return said, options, actions.keys_of(performance, start, options.fps, keys)

        return work

    def write(
        self, scene: bpy.types.Scene, body: bpy.types.Object, cue: Cue, keys: ReduceOptions, result: Any
    ) -> tuple[str, list[str]]:
        """Write the keys and lay the sound, as Lip Sync does."""
        said, options, ready = result
        warnings = spoken.write(scene, body, said, options, cue, keys, self.place, ready)
        return f"{body.name} speaks {said.performance.duration:.1f} s from frame {cue.start:g}", warnings


@dataclass
class Played:
    """A take, on one layer."""

    frames: Frames
    layer = "capture"

    @property
    def frame_count(self) -> int:
        """Frames at the scene's rate."""
        return self.frames.frame_count

    def turn(self, scene: bpy.types.Scene, body: bpy.types.Object) -> None:
        """Take what the sliders say now."""
        from ..core.amounts import Amounts

        self.frames.amounts, self.frames.fps = options_from(Amounts, settings_of(scene)), sound.frames_per_second(scene)

    def at(self, frame: float) -> Performance:
        """Give one frame."""
        return self.frames.at(frame)

    def unseen(self, body: bpy.types.Object) -> list[str]:
        """Say what of the take a head does not show. Raises `InputError` when that is all of it."""
        played.channels_on(body, self.frames.performance)
        return played.unseen(self.frames.performance, body)

    def bake(self, start: float, keys: ReduceOptions) -> Work:
        """As far as the sliders say."""
        take, amounts, fps = self.frames.performance, self.frames.amounts, self.frames.fps
        return lambda progress: played.ready(take, amounts, start, fps, keys, progress)

    def write(
        self, scene: bpy.types.Scene, body: bpy.types.Object, cue: Cue, keys: ReduceOptions, result: Any
    ) -> tuple[str, list[str]]:
        """Write the keys, as Import Live Link does."""
        moved, made = result
        return played.play(moved, made, body, cue.start, scene, keys)
